//! Opening answers: every one of the vectors, through Rust and through the C ABI, and forgeries.

use std::ffi::CString;
use std::ptr;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yspay::ffi::capi;
use yspay::{Client, Code};

use crate::support::{self, Kind, base64, text};

/// No request is sent in these tests.
const NOWHERE: &str = "http://127.0.0.1:9/saas/orgSign/querySignSts";

fn clients() -> impl Fn(&str) -> Client {
    |sign_type| Client::from_json(&support::config(Kind::of(sign_type), NOWHERE).to_string()).unwrap()
}

#[test]
fn every_vector_has_its_outcome() {
    let vectors = support::vectors();
    let client = clients();
    let (rsa, sm) = (client("RSA"), client("SM"));
    let mut checked = 0;
    for vector in vectors["responses"].as_array().unwrap() {
        let name = text(&vector["name"]);
        let client = if vector["sign_type"] == "RSA" { &rsa } else { &sm };
        let result = client.verify_response(text(&vector["asked_flow_id"]), &base64(&vector["body_base64"]));
        match result {
            Ok(verified) => {
                assert_eq!(vector["expect"]["outcome"], "OK", "{name}");
                assert_eq!(vector["expect"]["sign_sts"], verified.status().as_text(), "{name}");
                assert_eq!(vector["asked_flow_id"], verified.sys_sign_flow_id(), "{name}");
            }
            Err(error) => assert_eq!(vector["expect"]["outcome"], error.code.name(), "{name}: {error}"),
        }
        checked += 1;
    }
    assert!(checked > 60);
}

#[test]
fn every_vector_has_the_same_outcome_through_the_c_abi() {
    let vectors = support::vectors();
    let handle = |kind| {
        let config = CString::new(support::config(kind, NOWHERE).to_string()).unwrap();
        let mut client = ptr::null_mut();
        // SAFETY: valid pointers.
        assert_eq!(unsafe { capi::ysp_client_new(config.as_ptr(), &mut client, ptr::null_mut()) }, 0);
        client
    };
    let (rsa, sm) = (handle(Kind::Rsa), handle(Kind::Sm));
    for vector in vectors["responses"].as_array().unwrap() {
        let name = text(&vector["name"]);
        let client = if vector["sign_type"] == "RSA" { rsa } else { sm };
        let asked = CString::new(text(&vector["asked_flow_id"])).unwrap();
        let body = base64(&vector["body_base64"]);
        let (mut status, mut json) = (77, ptr::null_mut());
        // SAFETY: valid pointers and length.
        let code = unsafe {
            capi::ysp_verify_response(client, asked.as_ptr(), body.as_ptr(), body.len(), &mut status, &mut json)
        };
        let told: Value = serde_json::from_str(&support::take_c_string(json)).unwrap();
        if vector["expect"]["outcome"] == "OK" {
            assert_eq!(code, 0, "{name}: {told}");
            let expected = text(&vector["expect"]["sign_sts"]);
            assert_eq!(status, if expected == "9" { -1 } else { expected.parse().unwrap() }, "{name}");
            assert_eq!((&told["ok"], &told["signSts"]), (&json!(true), &json!(expected)), "{name}");
            assert_eq!((&told["attempts"], &told["reqFlowId"]), (&json!(0), &Value::Null), "{name}");
            assert_eq!(told["isSuccess"], expected == "2", "{name}");
        } else {
            let expected = Code::ALL.into_iter().find(|code| vector["expect"]["outcome"] == code.name()).unwrap();
            assert_eq!((code, status), (expected.number(), capi::YSP_SIGN_STS_NONE), "{name}: {told}");
            assert_eq!(
                (&told["error"]["code"], &told["error"]["number"]),
                (&json!(expected.name()), &json!(code)),
                "{name}"
            );
        }
    }
    capi::ysp_client_free(rsa);
    capi::ysp_client_free(sm);
}

#[test]
fn what_the_caller_gets_is_what_was_signed() {
    let client = clients()("SM");
    let data = json!({"code": "00", "note": "成功", "signSts": "2", "sysSignFlowId": "F1", "zz": "kept"});
    let body = support::answer(Kind::Sm, &data, |answer| {
        // Neither is covered by the signature.
        answer["data"]["blank"] = json!(" ");
        answer["data"]["SIGN"] = json!("forged");
        answer["data"]["none"] = Value::Null;
        answer["traceId"] = json!("top level");
    });
    let verified = client.verify_response("F1", &body).unwrap();
    let names: Vec<_> = verified.fields().map(|(name, _)| name).collect();
    assert_eq!(names, ["code", "note", "signSts", "sysSignFlowId", "zz"]);
    let told: Value = serde_json::from_str(&verified.to_json()).unwrap();
    assert_eq!(told["data"], data);
    assert_eq!(told["note"], "成功");
}

#[test]
fn values_that_are_not_strings_are_signed_by_their_source_text() {
    let client = clients()("SM");
    let signed = r#"amount=10.00&code=00&list=[1, 2]&ok=true&signSts=2&sysSignFlowId=F1"#;
    let data = r#"{"code":"00","signSts":2,"sysSignFlowId":"F1","amount":10.00,"list":[1, 2],"ok":true}"#;
    let body = format!(r#"{{"signValue":"{}","data":{data}}}"#, support::platform_signature(Kind::Sm, signed));
    let verified = client.verify_response("F1", body.as_bytes()).unwrap();
    assert_eq!(verified.status().number(), 2);
    assert!(verified.to_json().contains(r#""amount":10.00,"list":[1, 2],"ok":true"#));
}

/// A value that is cut at `&` gives other fields with the same signed text: none of these may be believed.
#[test]
fn values_cut_into_other_fields_are_refused() {
    let client = clients();
    for kind in [Kind::Rsa, Kind::Sm] {
        let client = client(kind.sign_type());
        let genuine = json!({"code": "00", "note": "ok", "remark": "r", "signSts": "1", "sysA": "s", "sysSignFlowId": "F1", "zz": "z"});
        let forgeries = [
            json!({"code": "00&note=ok", "remark": "r", "signSts": "1", "sysA": "s", "sysSignFlowId": "F1", "zz": "z"}),
            // The genuine status is 1; this one would be read as an unknown status, and is not what was signed either.
            json!({"code": "00", "note": "ok", "remark": "r", "signSts": "1&sysA=s", "sysSignFlowId": "F1", "zz": "z"}),
            json!({"code": "00", "note": "ok", "remark": "r", "signSts": "1", "sysA": "s", "sysSignFlowId": "F1&zz=z"}),
            json!({"code": "00", "note": "ok", "remark": "r&signSts=1", "sysA": "s", "sysSignFlowId": "F1", "zz": "z"}),
            json!({"code": "00", "note": "ok", "remark": "r", "signSts": "1", "sysA": "s&sysSignFlowId=F1", "zz": "z"}),
            json!({"code=00&note": "ok", "remark": "r", "signSts": "1", "sysA": "s", "sysSignFlowId": "F1", "zz": "z"}),
        ];
        assert!(client.verify_response("F1", &support::answer(kind, &genuine, |_| {})).is_ok());
        for forged in forgeries {
            let body = support::answer(kind, &genuine, |answer| answer["data"] = forged.clone());
            let error = client.verify_response("F1", &body).unwrap_err();
            assert_eq!(error.code, Code::MalformedResponse, "{forged}: {error}");
        }
        // Elsewhere, too, for the text may have been signed as another message.
        let recut =
            json!({"code": "00", "note": "ok&remark=r", "signSts": "1", "sysA": "s", "sysSignFlowId": "F1", "zz": "z"});
        let body = support::answer(kind, &genuine, |answer| answer["data"] = recut.clone());
        assert_eq!(client.verify_response("F1", &body).unwrap_err().code, Code::MalformedResponse);
    }
}

#[test]
fn the_three_failures_of_a_signature_have_three_sentences() {
    let client = clients()("RSA");
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    let told = |change: fn(&mut Value)| {
        let error = client.verify_response("F1", &support::answer(Kind::Rsa, &data, change)).unwrap_err();
        assert_eq!(error.code, Code::Signature);
        assert!(error.unverified.is_some_and(|excerpt| excerpt.contains("signSts")));
        (error.message, error.setting)
    };
    let message = |change| told(change).0;
    let (unsigned, src) = told(|answer| answer["signValue"] = Value::Null);
    let (not_base64, none) = told(|answer| answer["signValue"] = json!("!!!"));
    let (other, certificate) = told(|answer| answer["data"]["signSts"] = json!("1"));
    assert_eq!((src, none, certificate), (Some("src"), None, Some("platformCertificate")));
    assert!(unsigned.contains("unsigned") && not_base64.contains("not a Base64") && other.contains("does not fit"));
    assert_eq!(message(|answer| answer["signValue"] = json!(7)), not_base64);
}

#[test]
fn notices_of_the_production_platform_get_past_the_signature() {
    let mut config = support::config(Kind::Rsa, NOWHERE);
    config["platformCertificate"] = json!({"path": support::vector_path("live/platform-production.cer")});
    let client = Client::from_json(&config.to_string()).unwrap();
    let live = support::live();
    for notice in live["notices"].as_array().unwrap() {
        let body = |fields: &Value| json!({"signValue": notice["sign"], "data": fields}).to_string();
        let error = client.verify_response("F1", body(&notice["fields"]).as_bytes()).unwrap_err();
        assert_eq!(error.code, Code::MalformedResponse, "{error}");
        assert!(error.message.contains("no `code`") && error.message.contains("verified"), "{error}");
        let mut changed = notice["fields"].clone();
        changed["trade_status"] = json!("TRADE_SUCCESZ");
        assert_eq!(client.verify_response("F1", body(&changed).as_bytes()).unwrap_err().code, Code::Signature);
    }
}

/// Each answer is wrong in two ways; the earlier check tells.
#[test]
fn the_order_of_the_checks_decides_which_error_is_told() {
    let client = clients()("SM");
    let outcome = |name: &str, body: &[u8], expected: Code| {
        let error = client.verify_response("F1", body).unwrap_err();
        assert_eq!(error.code, expected, "{name}: {error}");
    };
    let signed = |data: Value| support::answer(Kind::Sm, &data, |_| {});
    let success = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});

    outcome("1 before 2", br#"{"a":1,"a":1}"#, Code::MalformedResponse);
    outcome("2 before 3", br#"{"data":{"a&b":"x"}}"#, Code::Signature);
    outcome("2 before 3", br#"{"data":7}"#, Code::Signature);
    outcome("3", br#"{"data":7,"signValue":"AAAA"}"#, Code::MalformedResponse);
    outcome("2 before 3", br#"{"data":{"a&b":"x"},"signValue":"!!!"}"#, Code::Signature);
    let hidden = support::answer(Kind::Sm, &success, |answer| answer["data"]["note"] = json!("x&code=99"));
    outcome("3 before 4", &hidden, Code::MalformedResponse);
    let unfit = support::answer(Kind::Sm, &json!({"note": "x"}), |answer| answer["data"]["note"] = json!("y"));
    outcome("4 before 5", &unfit, Code::Signature);
    outcome("4 before 5", &signed(json!({})), Code::Signature);
    outcome("5 before 6", &signed(json!({"sysSignFlowId": "F2"})), Code::MalformedResponse);
    for code in ["99", "50", "98"] {
        outcome("6 before 7", &signed(json!({"code": code, "sysSignFlowId": "F2"})), Code::Mismatch);
    }
    outcome("6 before 8", &signed(json!({"code": "00"})), Code::Mismatch);
    outcome("6 before 8", &signed(json!({"code": "00", "sysSignFlowId": "F2"})), Code::Mismatch);
    outcome("7 before 8", &signed(json!({"code": "99", "sysSignFlowId": "F1"})), Code::Business);
    outcome("7 before 8", &signed(json!({"code": "50", "sysSignFlowId": "F1"})), Code::GatewayTimeout);
}

/// Well signed, so that nothing but the name can be the reason.
#[test]
fn control_characters_in_names_are_refused() {
    let client = clients()("SM");
    for name in ["a\n", "a\r", "a\0", "a\u{7f}", "a\u{85}"] {
        let mut data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
        data[name] = json!("x");
        let body = String::from_utf8(support::answer(Kind::Sm, &data, |_| {})).unwrap();
        for body in [body.replace('\u{85}', r"\u0085"), body] {
            let error = client.verify_response("F1", body.as_bytes()).unwrap_err();
            assert_eq!(error.code, Code::MalformedResponse, "{name:?}: {error}");
            assert!(error.message.contains("field name"), "{name:?}: {error}");
        }
    }
}

/// What is nearly right is another contract, code or status.
#[test]
fn what_decides_is_compared_to_the_letter() {
    for kind in [Kind::Rsa, Kind::Sm] {
        let client = clients()(kind.sign_type());
        let with = |code: &str, status: &str, id: &str| {
            let body = support::answer(kind, &json!({"code": code, "signSts": status, "sysSignFlowId": id}), |_| {});
            client.verify_response("Flow-1", &body)
        };
        for id in ["flow-1", "FLOW-1", "Flow-1 ", " Flow-1", "Flow-10", "Flow-", "Flow-1\0"] {
            assert_eq!(with("00", "2", id).unwrap_err().code, Code::Mismatch, "{id:?}");
        }
        for code in ["00 ", " 00", "0", "000", "0000", "50 ", "500", "5", "05"] {
            assert_eq!(with(code, "2", "Flow-1").unwrap_err().code, Code::Business, "{code:?}");
        }
        for status in ["2 ", " 2", "02", "2.0", "+2", "２"] {
            let verified = with("00", status, "Flow-1").unwrap();
            assert_eq!((verified.status().number(), verified.status().as_text()), (-1, status), "{status:?}");
        }
    }
}

#[test]
fn a_field_named_sign_is_dropped_in_any_letter_case() {
    let client = clients()("SM");
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    for name in ["sign", "Sign", "siGn", "SIGN"] {
        let body = support::answer(Kind::Sm, &data, |answer| answer["data"][name] = json!("forged"));
        let verified = client.verify_response("F1", &body).unwrap();
        assert!(verified.fields().all(|(field, _)| field != name), "{name}");
    }
    // Others that begin alike are fields like any other.
    let body = support::answer(Kind::Sm, &data, |answer| answer["data"]["signs"] = json!("forged"));
    assert_eq!(client.verify_response("F1", &body).unwrap_err().code, Code::Signature);
}

#[test]
fn a_wrapped_signature_is_taken() {
    let client = clients();
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    for kind in [Kind::Rsa, Kind::Sm] {
        let client = client(kind.sign_type());
        for wrap in ["\r\n", "\n", "\r", " ", " \r\n  "] {
            let body = support::answer(kind, &data, |answer| {
                let signature = text(&answer["signValue"]).as_bytes().chunks(76);
                let lines: Vec<_> = signature.map(|line| std::str::from_utf8(line).unwrap()).collect();
                answer["signValue"] = json!(format!("{wrap}{}{wrap}", lines.join(wrap)));
            });
            client.verify_response("F1", &body).unwrap_or_else(|error| panic!("{wrap:?}: {error}"));
        }
    }
}

/// The platform's newer gateway signs with the same key and SHA-256.
#[test]
fn an_rsa_answer_may_be_signed_with_sha256_and_with_no_other_digest_but_sha1() {
    let client = clients()("RSA");
    let outcome = |digest: &str, status: &str| {
        let signature = support::platform_rsa_signature(digest, "code=00&signSts=2&sysSignFlowId=F1");
        let data = json!({"code": "00", "signSts": status, "sysSignFlowId": "F1"});
        client.verify_response("F1", json!({"signValue": signature, "data": data}).to_string().as_bytes())
    };
    for digest in ["-sha1", "-sha256"] {
        assert_eq!(outcome(digest, "2").unwrap().status().as_text(), "2", "{digest}");
        assert_eq!(outcome(digest, "8").unwrap_err().code, Code::Signature, "{digest}");
    }
    for digest in ["-md5", "-sha224", "-sha384", "-sha512"] {
        assert_eq!(outcome(digest, "2").unwrap_err().code, Code::Signature, "{digest}");
    }
}

/// The sister API pads its signatures so.
#[test]
fn blanks_behind_a_signature_are_taken() {
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    for kind in [Kind::Rsa, Kind::Sm] {
        let body = support::answer(kind, &data, |answer| {
            answer["signValue"] = json!(format!("{:<344}", text(&answer["signValue"])));
        });
        clients()(kind.sign_type()).verify_response("F1", &body).unwrap();
    }
}

/// A signature in another form than the protocol's says nothing about the certificate.
#[test]
fn a_signature_of_another_form_is_named() {
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    let hex = |bytes: &[u8]| bytes.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    let message = "code=00&signSts=2&sysSignFlowId=F1";
    let [rsa, sm] = [Kind::Rsa, Kind::Sm].map(|kind| base64(&json!(support::platform_signature(kind, message))));
    let scratch = support::Scratch::new();
    scratch.write("message", message);
    scratch.write("signature", &sm);
    // OpenSSL takes r and s out of the signature.
    scratch.sh("openssl asn1parse -inform DER -in signature | sed -n 's/.*INTEGER *://p' > numbers");
    let numbers = std::fs::read_to_string(scratch.path("numbers")).unwrap();
    let numbers: Vec<String> = numbers.lines().map(|number| format!("{number:0>64}").to_lowercase()).collect();
    let raw: Vec<u8> = unhex(&numbers.concat());
    scratch.sh(&format!(
        "openssl cms -sign -binary -outform DER -in message -out cms -signer {} -inkey {}",
        support::credential("merchant-rsa.cert.pem").display(),
        support::credential("merchant-rsa.key.pem").display(),
    ));
    let cms = std::fs::read(scratch.path("cms")).unwrap();
    let client = clients();
    let (with_rsa, with_sm) = (client("RSA"), client("SM"));
    let encode = |bytes: &[u8]| Base64::encode_string(bytes);
    let three = [&[0x30, 9][..], &[2, 1, 1].repeat(3)].concat();
    let negative = [&[0x30, 6][..], &[2, 1, 0, 2, 1, 1]].concat();
    let url_safe = |bytes: &[u8]| encode(bytes).replace('+', "-").replace('/', "_");
    let mut awkward = sm.clone();
    awkward.extend([0xff; 3]);
    for (client, sign_value, names) in [
        (&with_rsa, hex(&rsa), "in hexadecimal"),
        (&with_rsa, hex(&rsa).to_uppercase(), "in hexadecimal"),
        (&with_sm, hex(&sm), "in hexadecimal"),
        (&with_sm, hex(&raw), "in hexadecimal"),
        (&with_sm, format!("0x{}", hex(&sm)), "in hexadecimal"),
        // So many digits that they and the 0X could be Base64.
        (&with_sm, format!("0X{}", hex(&[&[0; 7], raw.as_slice()].concat())), "in hexadecimal"),
        (
            &with_sm,
            numbers.concat().as_bytes().chunks(2).map(String::from_utf8_lossy).collect::<Vec<_>>().join(":"),
            "in hexadecimal",
        ),
        (&with_sm, encode(hex(&sm).as_bytes()), "hexadecimal text inside Base64"),
        (&with_rsa, encode(hex(&raw).as_bytes()), "hexadecimal text inside Base64"),
        (
            &with_sm,
            encode(format!("{}\n{}\n", &hex(&raw)[..64], &hex(&raw)[64..]).as_bytes()),
            "hexadecimal text inside Base64",
        ),
        (&with_sm, encode(encode(&sm).as_bytes()), "Base64 twice"),
        (&with_sm, url_safe(&awkward), "another kind of Base64"),
        (&with_rsa, encode(&rsa).trim_end_matches('=').to_owned(), "another kind of Base64"),
        (&with_rsa, encode(&sm), "form of an SM2 signature, while signType is RSA"),
        (&with_rsa, encode(&raw), "form of an SM2 signature, while signType is RSA"),
        (&with_sm, encode(&rsa), "as an RSA signature has, while signType is SM"),
        (&with_rsa, encode(&cms), "PKCS#7"),
        (&with_sm, encode(&cms), "PKCS#7"),
        (&with_rsa, encode(&rsa[1..]), "127 bytes, while the key of platformCertificate makes signatures of 128"),
        (&with_rsa, encode(&[&[0], rsa.as_slice()].concat()), "129 bytes"),
        (&with_sm, encode(&three), "11 bytes that are neither"),
        (&with_sm, encode(&negative), "8 bytes that are neither"),
        (&with_sm, encode(&awkward), "neither"),
        (&with_sm, encode(&raw[1..]), "63 bytes that are neither"),
        (&with_sm, encode(&[0; 64]), "64 bytes that are neither"),
    ] {
        let body = json!({"signValue": sign_value, "data": data}).to_string();
        let error = client.verify_response("F1", body.as_bytes()).unwrap_err();
        assert_eq!(error.code, Code::Signature, "{names}: {error}");
        assert!(error.message.contains(names) && !error.message.contains("not the certificate"), "{names}: {error}");
        // Only a signature of another length may be another certificate's.
        let certificate = names.contains(" bytes") && ptr::eq(client, &with_rsa);
        assert_eq!(error.setting, certificate.then_some("platformCertificate"), "{names}");
        assert!(error.unverified.is_some_and(|excerpt| excerpt.contains("signValue")), "{names}");
    }
    // These have a form that a fitting one has, too: read, or blamed on the certificate.
    let body = |sign_value: String, status: &str| {
        let data = json!({"code": "00", "signSts": status, "sysSignFlowId": "F1"});
        json!({"signValue": sign_value, "data": data}).to_string()
    };
    for (client, signature) in [(&with_rsa, &rsa), (&with_sm, &sm), (&with_sm, &raw)] {
        assert!(client.verify_response("F1", body(encode(signature), "2").as_bytes()).is_ok());
        let error = client.verify_response("F1", body(encode(signature), "8").as_bytes()).unwrap_err();
        assert!(error.code == Code::Signature && error.message.contains("not the certificate"), "{error}");
    }
}

fn unhex(digits: &str) -> Vec<u8> {
    let digit = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).unwrap();
    (0..digits.len()).step_by(2).map(digit).collect()
}

#[test]
fn a_byte_order_mark_in_data_is_named() {
    let client = clients()("SM");
    let body = json!({"signValue": "AAAA", "data": "\u{feff}{\"code\":\"00\"}"}).to_string();
    let error = client.verify_response("F1", body.as_bytes()).unwrap_err();
    assert_eq!(error.code, Code::MalformedResponse);
    assert!(error.message.contains("`data`") && error.message.contains("byte order mark"), "{error}");
}

#[test]
fn an_answer_has_at_most_one_mebibyte_whoever_received_it() {
    let client = clients()("SM");
    let data = json!({"code": "00", "signSts": "2", "sysSignFlowId": "F1"});
    let mut body = support::answer(Kind::Sm, &data, |_| {});
    body.resize(1 << 20, b' ');
    assert!(client.verify_response("F1", &body).is_ok());
    body.push(b' ');
    let error = client.verify_response("F1", &body).unwrap_err();
    assert_eq!(error.code, Code::MalformedResponse);
    assert!(error.message.contains("1048576 bytes") && error.unverified.is_some(), "{error}");
}
