//! What is shown of a request, and what a contract is set to answer.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yspay_simulator::Simulator;
use yspay_simulator::crypto::{Algorithm, Signatory, signed_text};

use super::{Reader, drive, get, set, start, token};
use crate::raw::{Connection, Fields, KEYS, ask, encrypt, good_request, post};

fn asked(simulator: &Simulator, id: &str) -> Value {
    ask(simulator, &good_request(Algorithm::Sm, id)).data()
}

fn shown(simulator: &Simulator, id: u64) -> Value {
    let reply = get(simulator, &format!("/page/request?id={id}&token={}", token(simulator)));
    assert_eq!(reply.status, 200, "{id}");
    reply.json()
}

#[test]
fn a_request_is_shown_whole() {
    let simulator = start();
    let fields = Fields::ask(Algorithm::Rsa, "STS4-1").signed();
    let reply = ask(&simulator, &post(&fields.json()));
    let told = shown(&simulator, 1);
    let request = &told["request"];
    let expected = json!({
        "id": 1, "atMs": request["atMs"], "src": fields.0["src"], "signType": "RSA", "reqFlowId": fields.0["reqFlowId"],
        "sysSignFlowId": "STS4-1", "verdict": "accepted", "message": null, "overLimit": false, "played": "STS4",
        "fault": null,
        "status": "4", "http": 200, "tookMs": request["tookMs"],
    });
    assert_eq!(request, &expected);
    assert!(request["atMs"].is_f64() && request["tookMs"].is_f64());
    assert_eq!((&told["method"], &told["path"]), (&json!("POST"), &json!(yspay_simulator::PATH)));
    assert_eq!(told["headers"][1], json!(["Content-Type", "application/json"]));
    assert_eq!((&told["body"], &told["bodyCut"]), (&json!(fields.json()), &json!(false)));
    assert_eq!(told["answer"]["http"], 200);
    assert_eq!(told["answer"]["headers"][0], json!(["Content-Type", "application/json;charset=UTF-8"]));
    assert_eq!(told["answer"]["body"].as_str().expect("a body").as_bytes(), reply.body);
    let diagnosis = &told["diagnosis"];
    assert_eq!((&diagnosis["kind"], &diagnosis["verdict"]), (&json!("request"), &json!("fits")));
    assert_eq!(diagnosis["data"]["text"], r#"{"sysSignFlowId":"STS4-1"}"#);
    assert_eq!(told["undiagnosed"], Value::Null);
    for id in ["0", "2", "-1", "x", "", "99999999999999999999"] {
        let path = format!("/page/request?id={id}&token={}", token(&simulator));
        assert_eq!(get(&simulator, &path).status, 404, "{id}");
    }
}

#[test]
fn a_refusal_is_shown_with_its_reason() {
    let simulator = start();
    let message = ask(&simulator, &post("nonsense \u{202e}<script>")).refusal();
    let told = shown(&simulator, 1);
    let request = &told["request"];
    assert_eq!((&request["verdict"], &request["message"]), (&json!("json"), &json!(message)));
    assert_eq!(
        (&request["sysSignFlowId"], &request["status"], &request["played"]),
        (&Value::Null, &Value::Null, &Value::Null)
    );
    assert_eq!(told["body"], "nonsense \u{202e}<script>");
    assert_eq!(told["diagnosis"], Value::Null);
    assert!(told["undiagnosed"]["en"].is_string() && told["undiagnosed"]["zh"].is_string(), "{told}");
    // What is no text is shown as far as it is one.
    let mut bytes = post("12");
    let end = bytes.len() - 1;
    bytes[end] = 0xFF;
    ask(&simulator, &bytes).refusal();
    assert_eq!(shown(&simulator, 2)["body"], "1\u{fffd}");
}

#[test]
fn a_wrong_signature_is_explained() {
    let simulator = start();
    let fields = Fields::ask(Algorithm::Rsa, "A");
    let text = signed_text(fields.0.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("text"))));
    let signature = KEYS.sign(Signatory::Merchant, Algorithm::Rsa, &text);
    let fields = fields.with("signValue", Base64::encode_string(&signature));
    let message = ask(&simulator, &post(&fields.json())).refusal();
    assert_eq!(message, "验签失败: reqFlowId was signed, too");
    let told = shown(&simulator, 1);
    assert_eq!((&told["request"]["message"], &told["request"]["verdict"]), (&json!(message), &json!("signature")));
    let diagnosis = &told["diagnosis"];
    assert_eq!(diagnosis["verdict"], "fitsWithMistake");
    let sentence = &diagnosis["findings"][0]["sentence"];
    assert!(sentence["en"].as_str().expect("text").starts_with("reqFlowId was signed, too; "), "{sentence}");
    assert!(sentence["zh"].as_str().expect("text").contains("reqFlowId 也参与了签名"), "{sentence}");
    let field = |name: &str| {
        let fields = diagnosis["fields"].as_array().expect("fields").iter();
        fields.clone().find(|field| field["name"] == name).expect("a field")["signed"].clone()
    };
    assert_eq!((field("reqFlowId"), field("data")), (json!(false), json!(true)));
    assert!(!told.to_string().contains(yspay_simulator::DES_KEY), "a key is shown");
}

#[test]
fn the_last_thousand_are_shown_and_the_beginning_of_what_is_long() {
    let simulator = start();
    let mut connection = Connection::open(simulator.address());
    connection.ask(&post(&"x".repeat(1_000_000)));
    let long = shown(&simulator, 1);
    assert_eq!((&long["bodyBytes"], &long["bodyCut"]), (&json!(1_000_000), &json!(true)));
    assert_eq!(long["body"].as_str().expect("a body").len(), 64 * 1024);
    assert!(long["diagnosis"].is_null() && long["undiagnosed"]["zh"].is_string());
    connection.ask(&good_request(Algorithm::Sm, "HUGE"));
    let answer = &shown(&simulator, 2)["answer"];
    assert!(answer["bodyBytes"].as_u64().expect("a number") > 2 << 20 && answer["bodyCut"] == true);
    for _ in 0..999 {
        connection.ask(&post("{}"));
    }
    let path = format!("/page/request?id=1&token={}", token(&simulator));
    let gone = get(&simulator, &path);
    assert!(gone.status == 404 && gone.json()["error"].as_str().is_some_and(|text| text.contains("1,000")));
    assert_eq!(shown(&simulator, 2)["request"]["sysSignFlowId"], "HUGE");
}

#[test]
fn no_answer_is_shown_as_none() {
    let simulator = start();
    for id in ["HANG", "CLOSE", "RESET"] {
        Connection::open(simulator.address()).send(&good_request(Algorithm::Sm, id));
    }
    let mut reader = Reader::open(&simulator);
    let told = |event: &Value| event["requests"].as_array().expect("a list").len();
    let mut seen = told(&reader.expect("hello"));
    if seen < 3 {
        reader.until(|tick| {
            seen += told(tick);
            seen == 3
        });
    }
    for id in 1..=3 {
        let told = shown(&simulator, id);
        assert_eq!(
            (&told["answer"], &told["request"]["http"], &told["request"]["status"]),
            (&Value::Null, &Value::Null, &Value::Null)
        );
    }
}

#[test]
fn a_contract_answers_what_it_is_set_to() {
    let simulator = start();
    assert_eq!(asked(&simulator, "STS3-1")["signSts"], "3");
    // Whatever its id begins with; another contract is answered as ever.
    let told = set(&simulator, "STS3-1", json!({ "kind": "status", "status": "7" }));
    let expected = json!({
        "id": "STS3-1", "set": { "kind": "status", "status": "7" }, "asked": 1, "lastStatus": "3",
        "lastFault": null, "lastAtMs": told["lastAtMs"],
    });
    assert_eq!(told, expected);
    assert_eq!(
        (&asked(&simulator, "STS3-1")["signSts"], &asked(&simulator, "STS3-2")["signSts"]),
        (&json!("7"), &json!("3"))
    );
    set(&simulator, "STS3-1", json!({ "kind": "life" }));
    assert_eq!([(); 4].map(|()| asked(&simulator, "STS3-1")["signSts"].clone()), ["0", "1", "2", "2"].map(Value::from));
    set(&simulator, "STS3-1", json!({ "kind": "play", "prefix": "C50" }));
    assert_eq!(asked(&simulator, "STS3-1")["code"], "50");
    let told = set(&simulator, "STS3-1", json!({ "kind": "play", "prefix": "C50" }));
    assert_eq!(told["lastFault"], "C50");
    let request = &shown(&simulator, 8)["request"];
    assert_eq!((&request["played"], &request["fault"]), (&json!("set"), &json!("C50")));
    set(&simulator, "STS3-1", json!({ "kind": "play", "prefix": "H500" }));
    assert_eq!(ask(&simulator, &good_request(Algorithm::Rsa, "STS3-1")).status, 500);
    set(&simulator, "STS3-1", Value::Null);
    assert_eq!(asked(&simulator, "STS3-1")["signSts"], "3");
    let played: Vec<_> = (1..=10).map(|id| shown(&simulator, id)["request"]["played"].clone()).collect();
    assert_eq!(played, ["STS3", "set", "STS3", "set", "set", "set", "set", "set", "set", "STS3"]);
    assert_eq!(simulator.stats().behaviours["set"], 7);
}

#[test]
fn what_cannot_be_set_is_refused_with_a_sentence() {
    let simulator = start();
    for body in
        ["", "[]", r#"{"id":"A"}"#, r#"{"id":"","set":null}"#, r#"{"id":"A","set":{"kind":"status","status":"6"}}"#]
    {
        let reply = drive(&simulator, "/page/contracts", body);
        let told = reply.json();
        assert!(reply.status == 400 && told["error"].is_string() && told["errorZh"].is_string(), "{body}: {told}");
    }
}

#[test]
fn a_reset_begins_anew_but_keeps_what_was_set() {
    for path in ["/page/reset", "/reset"] {
        let simulator = start();
        set(&simulator, "A", json!({ "kind": "status", "status": "8" }));
        let mut reader = Reader::open(&simulator);
        reader.expect("hello");
        asked(&simulator, "A");
        asked(&simulator, "B");
        reader.until(|tick| tick["totals"]["accepted"] == 2);
        assert_eq!(drive(&simulator, path, "{}").status, 200);
        while reader.next().expect("an event").0 != "reset" {}
        let hello = reader.expect("hello");
        assert_eq!((&hello["requests"], &hello["totals"]["requests"]), (&json!([]), &json!(0)));
        let counts = hello["arrivals"]["counts"].as_array().expect("counts");
        assert!(counts.iter().all(|count| count == 0));
        assert_eq!(hello["contracts"].as_array().expect("contracts").len(), 1);
        assert_eq!((&hello["contracts"][0]["id"], &hello["contracts"][0]["asked"]), (&json!("A"), &json!(0)));
        assert_eq!(asked(&simulator, "A")["signSts"], "8");
        assert_eq!(reader.until(|tick| tick["requests"][0].is_object())[0]["skipped"], 0);
        assert_eq!(simulator.stats().requests, 1);
    }
}

#[test]
fn a_refused_request_shows_its_contract_if_that_can_be_read() {
    let simulator = start();
    let mut reader = Reader::open(&simulator);
    reader.expect("hello");
    let good = Fields::ask(Algorithm::Sm, "STS1-WRONG");
    for (fields, verdict, id) in [
        (good.clone().signed_but(""), "signature", json!("STS1-WRONG")),
        (good.clone().with("signType", "sm").signed(), "signType", json!("STS1-WRONG")),
        (good.clone().with("src", "NOBODY").signed(), "src", json!("STS1-WRONG")),
        (good.clone().with("data", "AAAAAAAAAAA=").signed(), "data_des", Value::Null),
        (good.without("data"), "missing_field", Value::Null),
    ] {
        ask(&simulator, &post(&fields.json())).refusal();
        let ticks = reader.until(|tick| tick["requests"][0].is_object());
        let row = &ticks.last().expect("a tick")["requests"][0];
        assert_eq!((&row["verdict"], &row["sysSignFlowId"]), (&json!(verdict), &id));
    }
    // Nobody asked about it.
    let mut reader = Reader::open(&simulator);
    assert_eq!(reader.expect("hello")["contracts"], json!([]));
}

#[test]
fn odd_ids_are_told_as_they_are() {
    let simulator = start();
    let id = "</script><img src=x onerror=alert(1)>\u{202e}\"\\";
    let data = encrypt(json!({ "sysSignFlowId": id }).to_string().as_bytes());
    let fields = Fields::ask(Algorithm::Sm, "A").with("data", data).signed();
    ask(&simulator, &post(&fields.json()));
    assert_eq!(shown(&simulator, 1)["request"]["sysSignFlowId"], id);
    set(&simulator, id, json!({ "kind": "life" }));
    let mut reader = Reader::open(&simulator);
    assert_eq!(reader.expect("hello")["contracts"][0]["id"], id);
}
