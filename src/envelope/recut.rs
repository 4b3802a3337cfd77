//! What keeps one signed text from being read in two ways.
//!
//! Values are not escaped in the signed text, so `&name=` inside a value is the next field for one reader and text for
//! another: a message that the platform signed for another purpose could be cut anew into an answer that it never gave.
//! A field of the genuine message that the forger has no use for must then stand inside one of his values, so no value
//! may hold one.

/// The three fields that decide what the caller is told.
const DECISIVE: [&str; 3] = ["code", "signSts", "sysSignFlowId"];

/// Names of fields in the platform's other messages that are signed with the same key. A link may not have them as
/// parameters, or a forger could hide genuine fields behind a link of his own.
#[rustfmt::skip]
const FIELDS_OF_OTHER_MESSAGES: &[&str] = &[
    // The envelope of this and its sister calls, and the fields of their answers.
    "check", "code", "custId", "custName", "data", "mercId", "method", "msgCode", "note", "reqFlowId", "signSts",
    "signType", "signValue", "src", "sysFlowId", "sysSignFlowId", "ver",
    // Payment, refund and transfer notices.
    "account_date", "amount", "buyer_id", "buyer_logon_id", "buyer_user_id", "card_type", "channel_recv_sn",
    "channel_send_sn", "charset", "extra_common_param", "fee", "notify_time", "notify_type", "openid", "out_request_no",
    "out_trade_no", "partner_fee", "partner_id", "payee_fee", "payer_fee", "paygate_no", "refund_amount", "remark",
    "seller_id", "seller_name", "settlement_amount", "sign", "sign_type", "subject", "total_amount", "trade_no",
    "trade_status",
    // The newer gateways' notices and answers.
    "bizContent", "bizResponseJson", "businessData", "certId", "msg", "norce", "reqId", "requestId", "serviceNo",
    "srcMerchantNo", "subCode", "subMsg", "timeStamp", "version",
];

/// The longest name that a message quotes, in characters.
const QUOTED: usize = 40;

/// Why the signed text of this field could be read as other fields, if it could.
pub(super) fn second_reading(name: &str, value: &str) -> Option<String> {
    if name.contains(|c: char| matches!(c, '&' | '=') || c.is_control()) {
        return Some(format!(
            "`data` of the answer has the field name {:?}: with &, = or a control character in it, its signed text could \
             mean other fields.",
            clipped(name)
        ));
    }
    let query = query(value);
    let ordinary = |at: usize, hidden: &str| {
        query.as_ref().is_some_and(|query| query.contains(&at)) && !FIELDS_OF_OTHER_MESSAGES.contains(&hidden)
    };
    if let Some((_, hidden)) = pairs(value).find(|(at, hidden)| !ordinary(*at, hidden)) {
        return Some(format!(
            "`data` of the answer holds `&{hidden}=` inside the value of {name:?}: its signed text could mean another \
             {hidden}, and may have been cut out of another message.",
            hidden = clipped(hidden),
            name = clipped(name)
        ));
    }
    (DECISIVE.contains(&name) && value.contains('&')).then(|| {
        format!("`data` of the answer has & in the value of {name}: its signed text could mean another {name}.")
    })
}

/// Where each `&name=` of a value stands, and its name: letters, digits and `_`. Takes one pass.
fn pairs(value: &str) -> impl Iterator<Item = (usize, &str)> {
    value.match_indices('&').filter_map(|(at, _)| {
        let rest = &value[at + 1..];
        let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_')?;
        (end > 0 && rest[end..].starts_with('=')).then(|| (at, &rest[..end]))
    })
}

/// The query of a value that is an http or https URL as a whole: of no other characters than RFC 3986 allows, so that
/// neither a blank nor a quote can end the link and go on with something else.
fn query(value: &str) -> Option<std::ops::Range<usize>> {
    let (scheme, rest) = value.split_once("://")?;
    if !["http", "https"].iter().any(|known| scheme.eq_ignore_ascii_case(known)) || rest.starts_with(['/', '?', '#']) {
        return None;
    }
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~:/?#[]@!$&'()*+,;=%".contains(&byte);
    if !value.bytes().all(allowed) {
        return None;
    }
    let end = value.find('#').unwrap_or(value.len());
    Some(value[..end].find('?')?..end)
}

fn clipped(text: &str) -> String {
    text.chars().take(QUOTED).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(value: &str) -> bool {
        second_reading("url", value).is_some()
    }

    #[test]
    fn an_ordinary_value_has_one_reading() {
        for value in [
            "",
            "成功",
            "R&D",
            "a & b = c",
            "a&=b",
            "a=b",
            "x&",
            "&",
            "AT&T",
            "a%26signSts%3D2",
            "a＆signSts=2",
            "https://example.com",
            "https://example.com/?signSts=2",
            "https://example.com/?a=1&b=2",
            "HTTP://[::1]:8080/a%20b?x=%E4%B8%AD&y_1=2&&z=3#part",
            "https://example.com/?a=1;b=2&c=https://example.com/&Signature=x%3D%3D&Expires=1",
        ] {
            assert!(!refused(value), "{value}: {:?}", second_reading("url", value));
        }
    }

    #[test]
    fn a_pair_in_a_value_is_a_second_reading() {
        for value in [
            "x&a=1",
            "&a=",
            "x&&a=1",
            " \t&a=1",
            "x\0&signSts=2",
            "x&中文=1",
            "x&ｓｉｇｎＳｔｓ=2",
            "x&_=1",
            "x&1=1",
            r#"{"a":"1&b=2"}"#,
            r#"["https://example.com/?a=1&b=2"]"#,
            "20170303&notify_time=1",
        ] {
            assert!(refused(value), "{value}");
        }
    }

    #[test]
    fn a_link_lends_its_query_alone_and_only_to_names_of_its_own() {
        for value in [
            "https://example.com/?a=1&signSts=2",
            "https://example.com/?a=1&b=2&out_trade_no=3",
            "https://example.com/&a=1",
            "https://example.com/&a=1?b=2",
            "https://u&a=1@example.com/?b=2",
            "https://example.com/#?a=1&b=2",
            "https://example.com/?a=1#&b=2",
            "https://example.com/?a=1 x&b=2",
            "https://example.com/?a=1\n&b=2",
            "https://example.com/?a=\"&b=2",
            "https://example.com/?a=中&b=2",
            " https://example.com/?a=1&b=2",
            "x https://example.com/?a=1&b=2",
            "x&u=https://example.com/?a=1",
            "ftp://example.com/?a=1&b=2",
            "javascript://example.com/?a=1&b=2",
            "https:///?a=1&b=2",
            "https://?a=1&b=2",
            "https:?a=1&b=2",
            "//example.com/?a=1&b=2",
        ] {
            assert!(refused(value), "{value}");
        }
        for name in FIELDS_OF_OTHER_MESSAGES {
            assert!(refused(&format!("https://example.com/?a=1&{name}=2")), "{name}");
        }
    }

    #[test]
    fn what_decides_holds_no_ampersand_at_all() {
        for name in DECISIVE {
            assert!(second_reading(name, "2&").is_some() && second_reading(name, "https://e.com/?a=1&b=2").is_some());
            assert!(second_reading(name, "2=").is_none());
        }
    }

    #[test]
    fn a_hostile_value_takes_one_pass_and_is_quoted_in_short() {
        assert!(!refused(&"&".repeat(1 << 20)) && !refused(&"&a".repeat(1 << 19)));
        let long = format!("&{}=", "a".repeat(1 << 20));
        assert!(second_reading(&long[1..1 << 20], &long).is_some_and(|reason| reason.len() < 400));
    }
}
