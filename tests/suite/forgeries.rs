//! Answers that nobody gave, cut out of messages that the platform signed for another purpose.
//!
//! Whoever has a say in one value of such a message writes `…&signSts=2&…` there, and cuts the signed text into other
//! fields. Each message here is signed once, by OpenSSL, and cut at its ampersands in every way.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};
use yspay::{Client, Code};

use crate::support::{self, Kind, text};

const ASKED: &str = "F1";
const MESSAGES: u32 = 60;

/// A message of the platform, and which of its fields others have a say in.
struct Message {
    fields: BTreeMap<String, String>,
    open: &'static [&'static str],
}

fn message(fields: Value, open: &'static [&'static str]) -> Message {
    let fields = fields.as_object().unwrap().iter().map(|(name, value)| (name.clone(), text(value).to_owned()));
    Message { fields: fields.collect(), open }
}

/// Payment notices, as they are and as the newer gateways send them. None of them has the fields of an answer.
fn notices() -> Vec<Message> {
    let live = support::live()["notices"].as_array().unwrap().clone();
    let mut notices: Vec<_> = live.iter().map(|notice| message(notice["fields"].clone(), &["out_trade_no"])).collect();
    let open = &["account_date", "buyer_logon_id", "extra_common_param", "out_trade_no", "seller_name"];
    notices.push(message(
        json!({"account_date": "20211119", "buyer_logon_id": "x", "extra_common_param": "x", "fee": "0.00",
               "notify_time": "2021-11-19 12:47:56", "notify_type": "directpay.status.sync", "out_trade_no": "JY_1",
               "paygate_no": "900000001", "seller_name": "x", "sign_type": "RSA", "trade_status": "TRADE_SUCCESS"}),
        open,
    ));
    notices.push(message(
        json!({"bizContent": "{\"mercId\":\"826121658120499\",\"note\":\"\",\"amount\":\"0.01\"}", "charset": "UTF-8",
               "reqId": "20241102172625809", "src": "pregate", "timeStamp": "2024-11-02 17:26:25"}),
        &["bizContent"],
    ));
    notices.push(message(
        json!({"bizContent": "https://e.com/?a=1", "charset": "UTF-8", "reqId": "2", "version": "1.0"}),
        &["bizContent"],
    ));
    notices.push(message(
        json!({"bizResponseJson": "{\"requestNo\":\"1\",\"amount\":\"1\"}", "charset": "UTF-8", "requestId": "1",
               "serviceNo": "scanPay", "signType": "RSA", "version": "v2.0.0"}),
        &["bizResponseJson"],
    ));
    notices
}

/// Answers to other calls: with a `code` of their own, and without `signSts`.
fn answers() -> Vec<Message> {
    vec![
        message(json!({"code": "00", "custName": "ACME", "note": "成功", "sysFlowId": "S1"}), &["custName", "note"]),
        message(json!({"code": "00", "custName": "ACME"}), &["custName"]),
        message(
            json!({"businessData": "x", "code": "00000", "subCode": "0", "subMsg": "x"}),
            &["businessData", "subMsg"],
        ),
        message(
            json!({"bizResponseJson": "{}", "code": "SYS000", "msg": "x", "requestId": "1"}),
            &["bizResponseJson", "msg"],
        ),
        message(json!({"code": "99", "note": "x"}), &["note"]),
    ]
}

/// The same choices each time (splitmix64).
struct Choices(u64);

impl Choices {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((mixed ^ (mixed >> 31)) % bound as u64) as usize
    }

    fn of<'a>(&mut self, list: &[&'a str]) -> &'a str {
        list[self.below(list.len())]
    }

    /// What a forger would write into a value that he has a say in.
    fn payload(&mut self, genuine: &str) -> String {
        let before = self.of(&["", "1", genuine, "https://e.com/?a=1", "{\"a\":\"", "x ", "\u{3000}"]);
        let code = self.of(&["&code=00", "&code=00", "", "&code=00&note=x", "& code=00", "&code=00&co=1"]);
        let status = self.of(&["&signSts=2", "&signSts=2", "&signSts=2&sign=x", "＆signSts=2&signSts=2"]);
        let id = self.of(&["&sysSignFlowId=F1", "&sysSignFlowId=F1", "&sysSignFlowId=F1&sysT=1"]);
        let tail = self.of(&[
            "&t=0",
            "",
            "&t=https://e.com/?a=1",
            "&t=https://e.com/?",
            "&t=http://e.com/#",
            "&zz=https://e.com/?a=1 ",
            "&t={\"x\":\"",
            "&z=[",
            "&\u{ff5e}=1",
            "&t=%26",
            "&t=;",
            "&t= \t",
            "&t=https://u@e.com/?b=2;",
        ]);
        match self.below(8) {
            // For a text that goes on in JSON.
            0 => genuine.replacen("\"\"", &format!("\"1{code}{status}{id}{tail}\""), 1),
            1 => format!("{before}{code}{status}{id}{tail}\"}}"),
            _ => format!("{before}{code}{status}{id}{tail}"),
        }
    }
}

fn signed_text(fields: &BTreeMap<String, String>) -> String {
    // Names are of characters that sort alike in UTF-8 and UTF-16.
    let solid = fields.iter().filter(|(_, value)| value.chars().any(|c| c > ' '));
    solid.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// Every object of fields with this signed text.
fn cuts(signed: &str) -> Vec<BTreeMap<String, String>> {
    let places: Vec<usize> = signed.match_indices('&').map(|(at, _)| at).collect();
    assert!(places.len() < 20, "{signed}");
    let cut = |chosen: u32| {
        let mut fields = BTreeMap::new();
        let mut from = 0;
        for (number, at) in places.iter().copied().chain([signed.len()]).enumerate() {
            if at < signed.len() && chosen & (1 << number) == 0 {
                continue;
            }
            let (name, value) = signed[from..at].split_once('=')?;
            if fields.insert(name.to_owned(), value.to_owned()).is_some() {
                return None;
            }
            from = at + 1;
        }
        (signed_text(&fields) == signed).then_some(fields)
    };
    (0..1 << places.len()).filter_map(cut).collect()
}

/// The answer in each form in which its fields have this signed text.
fn bodies(fields: &BTreeMap<String, String>, signature: &str) -> Vec<String> {
    let strings: Map<String, Value> = fields.iter().map(|(name, value)| (name.clone(), json!(value))).collect();
    let mut unsigned = strings.clone();
    unsigned.insert("SIGN".into(), json!("x"));
    unsigned.insert("blank".into(), json!(" "));
    // What is no string is signed by its source text.
    let raw: Vec<_> = fields
        .iter()
        .map(|(name, value)| {
            let as_it_is = serde_json::from_str::<Value>(value).is_ok() && value.trim() == value;
            format!("{}:{}", json!(name), if as_it_is { value.clone() } else { json!(value).to_string() })
        })
        .collect();
    vec![
        json!({"signValue": signature, "data": strings}).to_string(),
        json!({"signValue": signature, "data": Value::from(unsigned).to_string()}).to_string(),
        format!(r#"{{"signValue":"{signature}","data":{{{}}}}}"#, raw.join(",")),
    ]
}

/// How many of the re-cut messages are believed, each of which `expected` must know.
fn believed(
    client: &Client,
    kind: Kind,
    message: &Message,
    expected: impl Fn(&BTreeMap<String, String>) -> bool,
) -> u32 {
    let signed = signed_text(&message.fields);
    let signature = support::platform_signature(kind, &signed);
    let mut believed = 0;
    for fields in cuts(&signed) {
        for body in bodies(&fields, &signature) {
            match client.verify_response(ASKED, body.as_bytes()) {
                Ok(_) => {
                    assert!(expected(&fields), "believed: {fields:?}, cut out of {signed}");
                    believed += 1;
                }
                // So the signature fits: nothing but the cut is refused.
                Err(error) => assert_ne!(error.code, Code::Signature, "{error}: {body}"),
            }
        }
    }
    believed
}

fn clients() -> [(Kind, Client); 2] {
    [Kind::Rsa, Kind::Sm].map(|kind| {
        let config = support::config(kind, "http://127.0.0.1:9/saas/orgSign/querySignSts");
        (kind, Client::from_json(&config.to_string()).unwrap())
    })
}

/// Some message of the list with a forger's text in one or two of its values.
fn forged(choices: &mut Choices, messages: Vec<Message>) -> Message {
    let number = choices.below(messages.len());
    let mut message = messages.into_iter().nth(number).unwrap();
    // Every ampersand doubles the ways.
    let forged = if message.fields.len() > 8 { 1 } else { 1 + choices.below(2) };
    for _ in 0..forged {
        let name = choices.of(message.open);
        let payload = choices.payload(&message.fields[name]);
        message.fields.insert(name.to_owned(), payload);
    }
    message
}

#[test]
fn no_payment_notice_can_be_cut_into_an_answer() {
    for (kind, client) in clients() {
        let mut choices = Choices(kind as u64);
        for _ in 0..MESSAGES {
            let message = forged(&mut choices, notices());
            assert_eq!(believed(&client, kind, &message, |_| false), 0);
        }
    }
}

/// What no client can tell: a text that is cut at every ampersand, in an answer that brings its own `code`. The
/// documentation says so.
#[test]
fn of_another_calls_answers_only_those_can_be_believed_that_are_cut_through_and_through() {
    let mut beyond = 0;
    for (kind, client) in clients() {
        let mut choices = Choices(kind as u64);
        for _ in 0..MESSAGES {
            let message = forged(&mut choices, answers());
            let limit = |fields: &BTreeMap<String, String>| {
                let own_code = message.fields.get("code").is_some_and(|code| code == "00");
                own_code && message.fields.keys().all(|name| fields.contains_key(name))
            };
            beyond += believed(&client, kind, &message, limit);
        }
    }
    assert!(beyond > 0, "the limit that the documentation states is none");
}

/// The very forgery that was believed once.
#[test]
fn the_notice_that_was_believed_as_a_signed_contract_is_refused() {
    for (kind, client) in clients() {
        for mut message in notices().into_iter().take(2) {
            let number = "1&code=00&signSts=2&sysSignFlowId=F1&t=0";
            message.fields.insert("out_trade_no".into(), number.into());
            let signed = signed_text(&message.fields);
            let (account_date, rest) = signed.split_once("&code=").unwrap();
            let (_, tail) = rest.split_once("&t=").unwrap();
            let data = json!({"account_date": account_date.strip_prefix("account_date=").unwrap(), "code": "00",
                              "signSts": "2", "sysSignFlowId": "F1", "t": tail});
            let body = json!({"signValue": support::platform_signature(kind, &signed), "data": data}).to_string();
            let error = client.verify_response(ASKED, body.as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::MalformedResponse, "{error}");
            assert!(error.message.contains("cut out of another message"), "{error}");
        }
    }
}

#[test]
fn an_extension_with_an_ordinary_link_is_taken() {
    for (kind, client) in clients() {
        let genuine = json!({"code": "00", "contractUrl": "https://example.com/c?id=1&token=a%20b&expires=9#p",
                             "signSts": "2", "sysSignFlowId": "F1"});
        let verified = client.verify_response(ASKED, &support::answer(kind, &genuine, |_| {})).unwrap();
        assert_eq!(verified.status().as_text(), "2");
        let hiding = json!({"code": "00", "contractUrl": "https://example.com/?a=1&signSts=2", "sysSignFlowId": "F1"});
        let error = client.verify_response(ASKED, &support::answer(kind, &hiding, |_| {})).unwrap_err();
        assert_eq!(error.code, Code::MalformedResponse, "{error}");
    }
}
