//! Another text than the right one was signed, by `openssl`: each mistake is named.

mod support;

use support::*;
use yspay_diagnosis::Verdict;

/// A request whose text was made wrongly, signed with both algorithms.
#[track_caller]
fn request_names(mistakes: &[&str], wrong: impl Fn(&mut Fields) -> Vec<u8>) {
    for algorithm in BOTH {
        let mut fields = request(algorithm);
        let text = wrong(&mut fields);
        names(&signed(&fields, &algorithm.sign("merchant", &text)), mistakes);
    }
}

/// The same for an answer.
#[track_caller]
fn answer_names(mistakes: &[&str], wrong: impl Fn(&mut Fields) -> Vec<u8>) {
    for algorithm in BOTH {
        let mut data = answer_data();
        let text = wrong(&mut data);
        names(&answer(algorithm, &data, &algorithm.sign("platform", &text)), mistakes);
    }
}

/// A request that was sent in another form than it was signed in.
fn data_of(fields: &Fields) -> String {
    fields.iter().find(|(name, _)| name == "data").unwrap().1.as_str().unwrap().to_owned()
}

#[test]
fn the_right_text_fits() {
    for algorithm in BOTH {
        let fields = request(algorithm);
        let text = right_text(&fields);
        let diagnosis = diagnosed(&signed(&fields, &algorithm.sign("merchant", text.as_bytes())));
        assert_eq!((diagnosis.verdict, diagnosis.signed_text), (Verdict::Fits, text));
        let data = answer_data();
        let text = text_of_answer(&data);
        let diagnosis = diagnosed(&answer(algorithm, &data, &algorithm.sign("platform", text.as_bytes())));
        assert_eq!((diagnosis.verdict, diagnosis.signed_text), (Verdict::Fits, text));
    }
}

fn text_of_answer(data: &Fields) -> String {
    text(data, &["code", "note", "signSts", "sysSignFlowId"])
}

#[test]
fn fields_that_are_not_signed_were_signed() {
    request_names(&["reqFlowId-signed"], |fields| {
        let names = ["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"];
        text(fields, &names).into_bytes()
    });
    request_names(&["signValue-signed"], |fields| {
        let names = ["charset", "data", "method", "msgCode", "signType", "signValue", "src", "ver"];
        set(fields, "signValue", "");
        text(fields, &names).into_bytes()
    });
    request_names(&["reqFlowId-and-signValue-signed"], |fields| {
        let names = ["charset", "data", "method", "msgCode", "reqFlowId", "signType", "signValue", "src", "ver"];
        set(fields, "signValue", "");
        text(fields, &names).into_bytes()
    });
    request_names(&["unknown-field-signed"], |fields| {
        set(fields, "timeStamp", "20260101");
        let names = ["charset", "data", "method", "msgCode", "signType", "src", "timeStamp", "ver"];
        text(fields, &names).into_bytes()
    });
    answer_names(&["named-sign-signed"], |data| {
        set(data, "Sign", "x");
        text(data, &["Sign", "code", "note", "signSts", "sysSignFlowId"]).into_bytes()
    });
    for algorithm in BOTH {
        let data = answer_data();
        let mut all = request(algorithm);
        all.extend(data.clone());
        let top = ["charset", "code", "method", "msgCode", "note", "reqFlowId", "signSts", "signType", "src"];
        let text = text(&all, &[top.as_slice(), &["sysSignFlowId", "ver"]].concat());
        names(&answer(algorithm, &data, &algorithm.sign("platform", text.as_bytes())), &["top-level-signed"]);
        // With the text of data as one field.
        let mut all = request(algorithm);
        set(&mut all, "data", json(&data));
        let names_of = ["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"];
        let text = support::text(&all, &names_of);
        names(&answer(algorithm, &data, &algorithm.sign("platform", text.as_bytes())), &["top-level-signed"]);
    }
}

#[test]
fn fields_that_are_signed_were_left_out() {
    request_names(&["field-left-out"], |fields| {
        text(fields, &["charset", "data", "method", "msgCode", "src", "ver"]).into_bytes()
    });
    answer_names(&["field-left-out"], |data| text(data, &["code", "signSts", "sysSignFlowId"]).into_bytes());
}

#[test]
fn something_else_than_pairs_was_signed() {
    request_names(&["body-signed"], |fields| json(fields).into_bytes());
    request_names(&["data-text-signed"], |fields| data_of(fields).into_bytes());
    answer_names(&["data-text-signed"], |data| json(data).into_bytes());
    request_names(&["json-signed"], |fields| {
        let sorted = SORTED.map(|name| (name.to_owned(), fields.iter().find(|(n, _)| n == name).unwrap().1.clone()));
        json(&sorted.to_vec()).into_bytes()
    });
    request_names(&["map-signed"], |fields| format!("{{{}}}", right_text(fields).replace('&', ", ")).into_bytes());
    request_names(&["nothing-signed"], |_| Vec::new());
}

#[test]
fn blank_fields_were_kept() {
    request_names(&["blank-kept"], |fields| {
        set(fields, "charset", "");
        right_text(fields).into_bytes()
    });
    request_names(&["spaces-kept"], |fields| {
        set(fields, "charset", " ");
        set(fields, "ver", "");
        text(fields, &["charset", "data", "method", "msgCode", "signType", "src"]).into_bytes()
    });
    answer_names(&["null-kept"], |data| {
        set(data, "note", serde_json::Value::Null);
        text_of_answer(data).into_bytes()
    });
    answer_names(&["unicode-blank-dropped"], |data| {
        set(data, "note", "\u{3000}");
        text(data, &["code", "signSts", "sysSignFlowId"]).into_bytes()
    });
}

#[test]
fn the_order_was_another() {
    let sent = ["ver", "method", "src", "msgCode", "signType", "data", "charset"];
    request_names(&["not-sorted"], |fields| {
        fields.sort_by_key(|(name, _)| sent.iter().position(|known| known == name).unwrap_or(9));
        text(fields, &sent).into_bytes()
    });
    request_names(&["page-order"], |fields| {
        fields.reverse();
        text(fields, &["ver", "src", "msgCode", "method", "signType", "charset", "data"]).into_bytes()
    });
    request_names(&["hash-map-order"], |fields| {
        text(fields, &["charset", "ver", "method", "data", "src", "signType", "msgCode"]).into_bytes()
    });
    request_names(&["reverse-order"], |fields| {
        let mut names = SORTED;
        names.reverse();
        text(fields, &names).into_bytes()
    });
    answer_names(&["case-ignored"], |data| {
        set(data, "Remark", "x");
        text(data, &["code", "note", "Remark", "signSts", "sysSignFlowId"]).into_bytes()
    });
    answer_names(&["code-point-order"], |data| {
        set(data, "\u{1f600}", "1");
        set(data, "\u{ff5e}", "2");
        text(data, &["code", "note", "signSts", "sysSignFlowId", "\u{ff5e}", "\u{1f600}"]).into_bytes()
    });
}

/// Signs a request with another `data` than it is sent with.
#[track_caller]
fn data_names(mistakes: &[&str], signed_data: impl Fn(&str) -> String, sent: impl Fn(&str) -> String) {
    request_names(mistakes, |fields| {
        let data = data_of(fields);
        set(fields, "data", signed_data(&data));
        let text = right_text(fields);
        set(fields, "data", sent(&data));
        text.into_bytes()
    });
}

fn broken(data: &str, width: usize, line_break: &str) -> String {
    let lines: Vec<_> = data.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(line_break)
}

#[test]
fn data_was_signed_in_another_form_than_it_was_sent_in() {
    let plus = right_data(LONG_PLAIN);
    assert!(plus.contains('+') && plus.len() > 76, "the vector lost what it is for: {plus}");
    let same = str::to_owned;
    data_names(&["data-plain-signed"], |_| LONG_PLAIN.to_owned(), same);
    data_names(&["data-breaks-left-out"], same, |data| broken(data, 76, "\r\n"));
    data_names(&["data-breaks-added"], |data| broken(data, 76, "\r\n"), same);
    data_names(&["data-breaks-added"], |data| broken(data, 64, "\n") + "\n", same);
    data_names(&["data-breaks-added"], |data| broken(data, 76, "\n"), |data| broken(data, 76, "\r\n"));
    data_names(&["plus-signed-as-space"], |data| data.replace('+', " "), same);
    data_names(&["plus-sent-as-space"], same, |data| data.replace('+', " "));
    data_names(&["data-sent-encoded"], same, |data| data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D"));
    // Sent as signed, breaks and all: right.
    for algorithm in BOTH {
        let mut fields = request(algorithm);
        let data = data_of(&fields);
        set(&mut fields, "data", broken(&data, 76, "\r\n"));
        let text = right_text(&fields);
        let diagnosis = diagnosed(&signed(&fields, &algorithm.sign("merchant", text.as_bytes())));
        assert_eq!(diagnosis.verdict, Verdict::Fits);
        assert!(diagnosis.visible_text.contains("⟨CR⟩⟨LF⟩"));
    }
}

#[test]
fn values_were_changed() {
    let escaped = |data: &str| data.replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
    data_names(&["values-encoded"], escaped, str::to_owned);
    data_names(
        &["values-encoded"],
        |data| escaped(data).replace("%2B", "%2b").replace("%2F", "%2f").replace("%3D", "%3d"),
        str::to_owned,
    );
    request_names(&["values-trimmed"], |fields| {
        let text = right_text(fields);
        set(fields, "src", " ORG20210927162704 ");
        text.into_bytes()
    });
    request_names(&["values-quoted"], |fields| {
        let quoted: Fields = fields.iter().map(|(name, value)| (name.clone(), value.to_string().into())).collect();
        right_text(&quoted).into_bytes()
    });
    // As PHP's json_encode does.
    data_names(&["values-escaped"], |data| data.replace('/', "\\/"), str::to_owned);
    answer_names(&["values-rewritten"], |data| {
        let number: serde_json::Value = serde_json::from_str("10.0").unwrap();
        set(data, "amount", number);
        let text = text(data, &["amount", "code", "note", "signSts", "sysSignFlowId"]);
        text.replace("10.0", "10").into_bytes()
    });
    // Nested JSON as it came but for its spaces, and as a library writes it that sorts members.
    for written in [r#"{"name":"a b","amount":2.50}"#, r#"{"amount":2.5,"name":"a b"}"#] {
        for algorithm in BOTH {
            let nested = r#"{ "name": "a b", "amount": 2.50 }"#;
            let names_of = ["code", "detail", "note", "signSts", "sysSignFlowId"];
            let mut data = answer_data();
            set(&mut data, "detail", written);
            let signature = algorithm.sign("platform", text(&data, &names_of).as_bytes());
            set(&mut data, "detail", "DETAIL");
            let body = answer(algorithm, &data, &signature).replace(r#"\"DETAIL\""#, &nested.replace('"', "\\\""));
            assert_eq!(names(&body, &["values-rewritten"]).fields.last().unwrap().value, nested);
        }
    }
    request_names(&["other-value"], |fields| right_text(fields).replace("UTF-8", "utf-8").into_bytes());
}

#[test]
fn the_text_was_put_together_otherwise() {
    request_names(&["joined-without-ampersand"], |fields| right_text(fields).replace('&', "").into_bytes());
    request_names(&["joined-otherwise"], |fields| right_text(fields).replace('&', "|").into_bytes());
    let values = |fields: &Fields| {
        SORTED.map(|name| fields.iter().find(|(known, _)| known == name).unwrap().1.as_str().unwrap().to_owned())
    };
    request_names(&["values-only"], |fields| values(fields).concat().into_bytes());
    request_names(&["values-only"], |fields| values(fields).join("&").into_bytes());
    request_names(&["equals-left-out"], |fields| {
        let pairs = SORTED.iter().zip(values(fields)).map(|(name, value)| format!("{name}{value}"));
        pairs.collect::<String>().into_bytes()
    });
    for (before, after) in [("", "\n"), ("", "\r\n"), ("", "&"), ("\u{feff}", ""), ("?", "")] {
        request_names(&["surrounded"], |fields| format!("{before}{}{after}", right_text(fields)).into_bytes());
    }
    request_names(&["case-changed"], |fields| right_text(fields).to_lowercase().into_bytes());
    request_names(&["text-encoded"], |fields| {
        let text = right_text(fields);
        let text = text.replace('%', "%25").replace('+', "%2B").replace('/', "%2F");
        text.replace('=', "%3D").replace('&', "%26").into_bytes()
    });
}

#[test]
fn a_key_was_appended_and_is_not_shown() {
    for after in [format!("&key={DES_KEY}"), DES_KEY.to_owned(), format!("&key={}", &DES_KEY[..8])] {
        for algorithm in BOTH {
            let fields = request(algorithm);
            let text = right_text(&fields) + &after;
            let diagnosis = names(&signed(&fields, &algorithm.sign("merchant", text.as_bytes())), &["key-appended"]);
            assert_eq!(diagnosis.findings[0].signed_instead, None);
        }
    }
}

#[test]
fn the_encoding_was_another() {
    // 机构, as `iconv -t GBK` writes it.
    let gbk = [0xbb, 0xfa, 0xb9, 0xb9];
    let with_src = |fields: &mut Fields, bytes: &[u8]| {
        set(fields, "src", "机构");
        let text = right_text(fields);
        let (before, after) = text.split_once("机构").unwrap();
        [before.as_bytes(), bytes, after.as_bytes()].concat()
    };
    request_names(&["gbk"], |fields| with_src(fields, &gbk));
    request_names(&["question-marks"], |fields| with_src(fields, b"??"));
    request_names(&["utf-8-twice"], |fields| {
        // Each byte of UTF-8 as a character of ISO 8859-1, in UTF-8: E6 9C BA E6 9E 84.
        with_src(fields, b"\xc3\xa6\xc2\x9c\xc2\xba\xc3\xa6\xc2\x9e\xc2\x84")
    });
    request_names(&["utf-16"], |fields| right_text(fields).bytes().flat_map(|byte| [byte, 0]).collect());
}

/// What Python's `urllib.parse.quote` makes of each value, with these arguments.
fn quoted(fields: &Fields, names: &[&str], arguments: &str) -> Vec<u8> {
    let program = format!(
        "import sys, urllib.parse as u\n\
         for line in sys.stdin.buffer.read().decode().splitlines(): print(u.quote(line, {arguments}))"
    );
    let values: Vec<_> = names.iter().map(|name| text(fields, &[name])[name.len() + 1..].to_owned()).collect();
    let encoded = String::from_utf8(python(&program, values.join("\n").as_bytes())).unwrap();
    let pairs: Vec<_> = names.iter().zip(encoded.lines()).map(|(name, value)| format!("{name}={value}")).collect();
    pairs.join("&").into_bytes()
}

#[test]
fn values_were_encoded_for_urls_as_each_language_does() {
    // Python leaves `/` alone, unless it is told otherwise, and `encodeURI` of JavaScript much more.
    request_names(&["values-encoded"], |fields| {
        let data = right_data(r#"{"sysSignFlowId":"MAN-104"}"#);
        assert!(data.contains('/') && data.contains('+'), "the vector lost what it is for: {data}");
        set(fields, "data", data);
        quoted(fields, &SORTED, "safe='/'")
    });
    for arguments in ["safe='/'", "safe='~()*!.\\';/?:@&=+$,#'"] {
        answer_names(&["values-encoded"], |data| {
            set(data, "note", "成功 a+b/c");
            quoted(data, &["code", "note", "signSts", "sysSignFlowId"], arguments)
        });
    }
    // Java: URLEncoder.encode(value, "GBK").
    answer_names(&["values-encoded", "gbk"], |data| {
        quoted(data, &["code", "note", "signSts", "sysSignFlowId"], "encoding='gbk'")
    });
}

#[test]
fn a_plus_became_a_space() {
    answer_names(&["plus-signed-as-space"], |data| {
        set(data, "note", "a+b");
        text_of_answer(data).replace('+', " ").into_bytes()
    });
    answer_names(&["plus-sent-as-space"], |data| {
        set(data, "note", "a b");
        text_of_answer(data).replace(' ', "+").into_bytes()
    });
    // Together with the line breaks of the very same value.
    request_names(&["data-breaks-left-out", "plus-signed-as-space"], |fields| {
        let data = data_of(fields);
        assert!(data.contains('+'), "the vector lost what it is for: {data}");
        let text = right_text(fields).replace('+', " ");
        set(fields, "data", format!("{}\n{}\n", &data[..76], &data[76..]));
        text.into_bytes()
    });
}
