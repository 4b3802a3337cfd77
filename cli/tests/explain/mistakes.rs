//! What is wrong is named, in both languages and for programs; and what is right is never called wrong.

use serde_json::Value;

use crate::made::{Kind, openssl, request, request_fields, right_text, wrong_request};
use crate::platform::{Scratch, credential};
use crate::run::{DES_KEY, explain, fed_with};
#[cfg(unix)]
use crate::terminal::Terminal;

#[test]
fn the_mistake_is_named() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let request = wrong_request(kind);
        let run = fed_with(&config, &["--json"], &request);
        let object = &run.objects()[0];
        assert_eq!((run.status, object["verdict"].as_str()), (12, Some("fitsWithMistake")), "{run:?}");
        assert_eq!(object["findings"][0]["mistakes"], serde_json::json!(["reqFlowId-signed"]), "{run:?}");
        for (lang, word) in [("en", "reqFlowId was signed"), ("zh", "签")] {
            let run = fed_with(&config, &["--lang", lang], &request);
            let sentence = run.out.lines().find(|line| line.starts_with('✗')).unwrap();
            assert!(run.status == 12 && sentence.contains("reqFlowId") && sentence.contains(word), "{}", run.out);
            assert!(run.out.contains("&reqFlowId=202110011944011101"), "{}", run.out);
        }
    }
}

/// Else a request that the platform refuses would be called good for its signature alone.
#[test]
fn data_under_another_key_is_wrong_though_the_signature_fits() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let mut fields = request_fields(kind);
        let des = "enc -des-ecb -provider legacy -provider default -nosalt -K 0123456789abcdef -base64 -A";
        let data = openssl(&des.split(' ').collect::<Vec<_>>(), br#"{"sysSignFlowId":"MAN202109280009848"}"#);
        fields.insert("data", String::from_utf8(data).unwrap().trim().to_owned());
        fields.insert("signValue", kind.sign("merchant", &right_text(&fields)));
        let request = serde_json::to_string(&fields).unwrap();
        let run = fed_with(&config, &["--json"], &request);
        let object = &run.objects()[0];
        assert_eq!((run.status, object["verdict"].as_str()), (12, Some("fits")), "{run:?}");
        assert_eq!((&object["data"]["verdict"], &object["findings"]), (&"wrong".into(), &serde_json::json!([])));
        for lang in ["en", "zh"] {
            let run = fed_with(&config, &["--lang", lang], &request);
            let told: Vec<&str> = run.out.lines().filter(|line| line.starts_with(['✓', '✗'])).collect();
            assert!(
                run.status == 12 && told[0].starts_with('✓') && told[1].starts_with('✗') && told[1].contains("data"),
                "{}",
                run.out
            );
        }
    }
}

#[cfg(unix)]
#[test]
fn at_a_terminal_the_marks_have_colours() {
    let scratch = Scratch::new();
    let config = Kind::Sm.config(&scratch);
    let request = scratch.write("request.json", wrong_request(Kind::Sm));
    for (no_colour, mark) in [("", "\x1b[31m✗\x1b[0m reqFlowId"), ("1", "✗ reqFlowId")] {
        let mut command = explain(&["--config", config.to_str().unwrap(), "--lang", "en", request.to_str().unwrap()]);
        let mut terminal = Terminal::run(command.env("NO_COLOR", no_colour));
        assert_eq!(terminal.ended(), Some(12), "{}", terminal.all);
        assert!(terminal.all.contains(mark), "{}", terminal.all);
        assert_eq!(terminal.all.contains('\x1b'), no_colour.is_empty());
    }
}

#[test]
fn a_plus_that_became_a_space_is_told_once() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let mut fields = request_fields(kind);
        for number in 0.. {
            let key: String = DES_KEY.bytes().take(8).map(|byte| format!("{byte:02x}")).collect();
            let des = format!("enc -des-ecb -provider legacy -provider default -nosalt -K {key} -base64 -A");
            let plain = format!(r#"{{"sysSignFlowId":"MAN{number}"}}"#);
            let data = openssl(&des.split(' ').collect::<Vec<_>>(), plain.as_bytes());
            let data = String::from_utf8(data).unwrap().trim().to_owned();
            if data.contains('+') {
                fields.insert("data", data);
                break;
            }
        }
        fields.insert("signValue", kind.sign("merchant", &right_text(&fields)));
        let sent = fields["data"].replace('+', " ");
        fields.insert("data", sent);
        let request = serde_json::to_string(&fields).unwrap();
        for (lang, word) in [("en", "each + turned into a space"), ("zh", "+ 变成了空格")] {
            let run = fed_with(&config, &["--lang", lang], &request);
            let told: Vec<&str> = run.out.lines().filter(|line| line.starts_with('✗')).collect();
            assert!(run.status == 12 && told.len() == 1 && told[0].contains(word), "{}", run.out);
        }
        assert_eq!(fed_with(&config, &["--json"], &request).objects()[0]["findings"].as_array().unwrap().len(), 1);
    }
}

/// Each run checks that it shows no key.
#[test]
fn a_key_that_was_signed_is_not_shown() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let text = |fields: &_| format!("{}&key={DES_KEY}", right_text(fields));
        let request = request(kind, |fields| kind.sign("merchant", &text(fields)));
        for arguments in [&["--json"][..], &[], &["--lang", "zh"]] {
            let run = fed_with(&config, arguments, &request);
            assert_eq!(run.status, 12, "{run:?}");
        }
        let found = &fed_with(&config, &["--json"], &request).objects()[0]["findings"][0]["mistakes"];
        assert_eq!(*found, serde_json::json!(["key-appended"]));
    }
}

/// Nor one that was sent along.
#[test]
fn a_key_in_the_message_is_not_shown() {
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let mut fields = request_fields(Kind::Rsa);
    fields.insert("aesKey", DES_KEY.to_owned());
    fields.insert("note", format!("the key is {}", &DES_KEY[..8]));
    fields.insert("signValue", Kind::Rsa.sign("merchant", &right_text(&fields)));
    let request = serde_json::to_string(&fields).unwrap();
    for arguments in [&["--json"][..], &[], &["--lang", "zh"]] {
        let run = fed_with(&config, arguments, &request);
        assert!(run.out.contains("⟨desKey⟩"), "{run:?}");
    }
}

/// Each answer of the vectors, which OpenSSL made.
#[test]
fn the_vectors_are_judged_as_they_should_be() {
    let scratch = Scratch::new();
    let vectors = credential("../vectors.json");
    let vectors: Value = serde_json::from_slice(&std::fs::read(vectors).unwrap()).unwrap();
    let mut seen = 0;
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let responses = vectors["responses"].as_array().unwrap();
        for response in responses.iter().filter(|response| response["sign_type"] == kind.sign_type()) {
            let body = scratch.write("body.b64", response["body_base64"].as_str().unwrap());
            let body = crate::made::openssl(&["base64", "-d", "-A", "-in", body.to_str().unwrap()], b"");
            let run = fed_with(&config, &["--json"], body);
            let fits = match response["expect"]["outcome"].as_str().unwrap() {
                "OK" | "MISMATCH" | "GATEWAY_TIMEOUT" | "BUSINESS" => true,
                "SIGNATURE" => false,
                _ => continue,
            };
            assert_eq!(run.status == 0, fits, "{}: {run:?}", response["name"]);
            seen += 1;
        }
    }
    assert!(seen > 40, "{seen}");
}
