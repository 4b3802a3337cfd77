//! Each form of a capture: right and wrong messages are told apart in every one.

use std::process::Command;

use serde_json::{Value, json};

use crate::made::{Kind, answer, good_request, wrong_request};
use crate::platform::{Platform, Scratch};
use crate::run::{Run, fed_with};

/// The same exchange in every form in which people have it, by the name of the form.
fn captured(request: &str, answer: &str) -> Vec<(&'static str, String)> {
    let escaped = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let entry = |request: &str, answer: &str| {
        json!({
            "request": {"method": "POST", "url": "https://host/x", "postData": {"mimeType": "a/b", "text": request}},
            "response": {"status": 200, "content": {"text": answer}},
        })
    };
    let page =
        json!({"request": {"method": "GET", "url": "https://host/"}, "response": {"content": {"text": "<html>"}}});
    vec![
        ("lines", format!("{request}\n{answer}\n")),
        ("har", json!({"log": {"entries": [page, entry(request, answer)]}}).to_string()),
        ("harEntry", entry(request, answer).to_string()),
        (
            "http",
            format!(
                "POST /saas/orgSign/querySignSts HTTP/1.1\r\nHost: x\r\n\r\n{request}\r\nHTTP/1.1 200 OK\r\n\
                 Content-Type: application/json\r\n\r\n{answer}"
            ),
        ),
        ("log", format!("2026-11-29 10:00:00 request body: {request}\n2026-11-29 10:00:01 got {answer} in 3 ms\n")),
        ("log", format!("LOG body=\"{}\"\nLOG body=\"{}\"\n", escaped(request), escaped(answer))),
        (
            "curl",
            format!(
                "$ curl -v https://host/x -d '{request}'\n* Connected\n> POST /x HTTP/2\n> Host: x\n> \n}} [5 bytes data]\n\
                 < HTTP/2 200 \n< server: x\n< \n{{ [5 bytes data]\n{answer}* Connection #0 left intact\n"
            ),
        ),
    ]
}

fn verdicts(run: &Run) -> Vec<(String, String)> {
    let word = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    run.objects().iter().map(|object| (word(&object["kind"]), word(&object["verdict"]))).collect()
}

#[test]
fn right_and_wrong_are_told_apart_in_every_form() {
    let scratch = Scratch::new();
    for kind in Kind::BOTH {
        let config = kind.config(&scratch);
        let explained = |form: &str, text: &str, fits: bool| {
            let run = fed_with(&config, &["--json"], text);
            let told = verdicts(&run);
            let kinds: Vec<&str> = told.iter().map(|(kind, _)| kind.as_str()).collect();
            assert_eq!(
                (run.status, kinds.as_slice()),
                (if fits { 0 } else { 12 }, &["request", "answer"][..]),
                "{text}"
            );
            assert!(told.iter().all(|(_, verdict)| (verdict == "fits") == fits), "{form}: {text}\n{run:?}");
            assert!(run.objects().iter().all(|object| object["source"]["form"] == form), "{form}: {run:?}");
        };
        for (form, text) in captured(&good_request(kind), &answer(kind, "platform")) {
            explained(form, &text, true);
        }
        let tampered = answer(kind, "platform").replace("\\\"signSts\\\":\\\"2\\\"", "\\\"signSts\\\":\\\"1\\\"");
        for (form, text) in captured(&good_request(kind).replace("\"1.0\"", "\"1.1\""), &tampered) {
            explained(form, &text, false);
        }
    }
}

#[test]
fn where_a_message_was_found_is_said() {
    let scratch = Scratch::new();
    let config = Kind::Sm.config(&scratch);
    let forms = captured(&good_request(Kind::Sm), &answer(Kind::Sm, "platform"));
    let har = &forms.iter().find(|(form, _)| *form == "har").unwrap().1;
    let run = fed_with(&config, &[], har);
    for expected in [
        "Read as a HAR.",
        "request in entry 2 of the HAR: ",
        "response in entry 2 of the HAR: ",
        "✓ The signature fits",
    ] {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
    let run = fed_with(&config, &["--lang", "zh"], har);
    for expected in ["识别为：HAR 文件。", "HAR 第 2 个条目的请求：", "HAR 第 2 个条目的应答：", "✓ 签名正确"]
    {
        assert!(run.out.contains(expected), "{expected}: {}", run.out);
    }
    let too_long = run.out.lines().find(|line| unicode_width::UnicodeWidthStr::width(*line) > 80);
    assert_eq!(too_long, None);
}

#[test]
fn maps_that_programs_print_are_read() {
    let scratch = Scratch::new();
    let config = Kind::Sm.config(&scratch);
    let request: Value = serde_json::from_str(&good_request(Kind::Sm)).unwrap();
    let pairs: Vec<(&str, &str)> =
        request.as_object().unwrap().iter().map(|(name, value)| (name.as_str(), value.as_str().unwrap())).collect();
    let each = |form: &dyn Fn(&str, &str) -> String, between: &str| {
        pairs.iter().map(|(name, value)| form(name, value)).collect::<Vec<_>>().join(between)
    };
    for (id, text) in [
        ("javaMap", format!("params: {{{}}}", each(&|name, value| format!("{name}={value}"), ", "))),
        ("phpArray", format!("Array\n(\n{}\n)\n", each(&|name, value| format!("    [{name}] => {value}"), "\n"))),
        ("pythonDict", format!("{{{}}}", each(&|name, value| format!("'{name}': '{value}'"), ", "))),
    ] {
        let run = fed_with(&config, &["--json"], &text);
        assert_eq!((run.status, run.objects()[0]["losses"][0]["id"].as_str()), (0, Some(id)), "{text}\n{run:?}");
    }
}

#[test]
fn a_body_in_another_encoding_is_read() {
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let file = scratch.write("answer.json", answer(Kind::Rsa, "platform"));
    for encoding in ["GB18030", "UTF-16"] {
        let converted = Command::new("iconv").args(["-f", "UTF-8", "-t", encoding]).arg(&file).output().unwrap();
        let run = fed_with(&config, &["--json"], converted.stdout);
        assert_eq!((run.status, run.objects()[0]["signedText"].as_str().unwrap().contains("note=成功")), (0, true));
    }
}

/// What curl really prints of an exchange with the simulator.
#[test]
fn what_curl_prints_is_read() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    for (request, signed) in [(good_request(Kind::Sm), true), (wrong_request(Kind::Sm), false)] {
        let body = platform.scratch.write("body", &request);
        let trace = platform.scratch.0.join("trace");
        let curl = |arguments: &[&str]| {
            let mut command = Command::new("curl");
            command.args(["--noproxy", "*", "-H", "Content-Type: application/json", "--data-binary"]);
            command.arg(format!("@{}", body.display())).args(arguments).arg(&platform.endpoint);
            let output = command.output().expect("curl is needed");
            assert!(output.status.success(), "{output:?}");
            [output.stderr, output.stdout].concat()
        };
        let verbose = fed_with(&config, &["--json"], curl(&["-v"]));
        let object = &verbose.objects()[0];
        assert_eq!(object["losses"][0]["id"], "noRequestBody", "{verbose:?}");
        assert_eq!((verbose.objects().len(), object["source"]["form"].as_str()), (1, Some("curl")));
        // Which is not signed, and never repeated.
        platform.scratch.write("body", request.replace("202110011944011101", "202110011944011102"));
        curl(&["--trace", trace.to_str().unwrap(), "-s"]);
        let traced = fed_with(&config, &["--json"], std::fs::read(&trace).unwrap());
        let told = verdicts(&traced);
        let objects = traced.objects();
        assert_eq!((objects[0]["source"]["form"].as_str(), told.len()), (Some("curlTrace"), 2), "{traced:?}");
        if signed {
            assert_eq!(object["verdict"], "fits");
            assert_eq!((traced.status, told[0].1.as_str(), told[1].1.as_str()), (0, "fits", "fits"));
        } else {
            // An unsigned refusal, which sends the reader to the request.
            assert_eq!(
                (object["verdict"].as_str(), object["hints"][0]["id"].as_str()),
                (Some("cannotTell"), Some("request"))
            );
            assert_eq!((traced.status, objects[1]["hints"].clone()), (12, json!([])), "{traced:?}");
        }
    }
}

/// A log may hold lines of HTTP beside the messages.
#[test]
fn a_line_of_http_does_not_hide_a_message() {
    let scratch = Scratch::new();
    let config = Kind::Rsa.config(&scratch);
    let request = good_request(Kind::Rsa);
    for text in [
        format!("sent body: {request}\nHTTP/1.1 200 OK\n\n<html></html>"),
        format!("POST /x HTTP/1.1\nHost: x\n{request}"),
    ] {
        let run = fed_with(&config, &["--json"], &text);
        assert_eq!((run.status, verdicts(&run)), (0, vec![("request".to_owned(), "fits".to_owned())]), "{text}");
    }
}
