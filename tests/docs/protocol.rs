//! The examples of docs/protocol.md, computed.

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yspay::{Client, Code};

use crate::support::credential;
use crate::{blocks, both, prose, read};

fn client(sign_type: &str) -> Client {
    let config = yspay_simulator::client::config("http://127.0.0.1:9/", sign_type);
    Client::from_json(&config.to_string()).unwrap()
}

/// The rule of the page: drop what is blank, sort, join.
fn signed_text(fields: &Value, without: &[&str]) -> String {
    let mut pairs: Vec<(Vec<u16>, String)> = Vec::new();
    for (name, value) in fields.as_object().unwrap() {
        let value = value.as_str().unwrap();
        if !without.contains(&name.as_str()) && !value.trim_matches(|c| c <= ' ').is_empty() {
            pairs.push((name.encode_utf16().collect(), format!("{name}={value}")));
        }
    }
    pairs.sort();
    pairs.into_iter().map(|(_, pair)| pair).collect::<Vec<_>>().join("&")
}

#[test]
fn the_examples_are_what_the_library_makes_and_takes() {
    for name in both("protocol") {
        let document = read(&name);
        let of = |language: &str| -> Vec<&str> {
            blocks(&document).into_iter().filter(|(l, _)| *l == language).map(|(_, code)| code.trim_end()).collect()
        };
        let (json, text) = (of("json"), of("text"));
        let [request, answer] = json[..] else { panic!("{name}: two JSON blocks") };
        let [plain, signed_request, signed_answer] = text[..] else { panic!("{name}: three texts") };

        let made = client("RSA").build_request("MAN202109280009848", Some("202110011944011101")).unwrap();
        let request: Value = serde_json::from_str(request).unwrap();
        assert_eq!(serde_json::from_str::<Value>(&made).unwrap(), request, "{name}");
        assert_eq!(plain, json!({"sysSignFlowId": "MAN202109280009848"}).to_string());
        assert_eq!(signed_request, signed_text(&request, &["reqFlowId", "signValue"]));

        let verified = client("RSA").verify_response("MAN202109280009848", answer.as_bytes()).unwrap();
        assert!(verified.status().is_success());
        let answer: Value = serde_json::from_str(answer).unwrap();
        let data: Value = serde_json::from_str(answer["data"].as_str().unwrap()).unwrap();
        assert_eq!(signed_answer, signed_text(&data, &["sign"]));
    }
}

#[test]
fn the_openssl_command_computes_data() {
    for name in both("protocol") {
        let document = read(&name);
        let command = blocks(&document).into_iter().find(|(language, _)| *language == "sh").unwrap().1;
        let output = std::process::Command::new("sh").args(["-c", command]).output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let data = String::from_utf8(output.stdout).unwrap();
        assert!(document.contains(&format!(r#""data": "{}""#, data.trim())), "{name}: {data}");
    }
}

/// Which certificate verifies the vectors of a sign type.
fn verifier(sign_type: &str) -> Client {
    let mut config = yspay_simulator::client::config("http://127.0.0.1:9/", sign_type);
    let certificate = if sign_type == "SM" { "platform-sm2.cer" } else { "platform-rsa.cer" };
    config["platformCertificate"] = json!({"path": credential(certificate)});
    Client::from_json(&config.to_string()).unwrap()
}

fn answers() -> Vec<Value> {
    let mut vectors: Value = serde_json::from_str(&read("tests/vectors/vectors.json")).unwrap();
    serde_json::from_value(vectors["responses"].take()).unwrap()
}

/// The answers that the page means by a name; `… ` stands for RSA and for SM.
fn examples(name: &str) -> Vec<String> {
    match name.strip_prefix("… ") {
        Some(rest) => vec![format!("RSA {rest}"), format!("SM {rest}")],
        None => vec![name.to_owned()],
    }
}

/// What a client says of the answer of this name.
fn judged(answers: &[Value], name: &str) -> Result<(), Code> {
    let vector = answers.iter().find(|answer| answer["name"] == name);
    let vector = vector.unwrap_or_else(|| panic!("no vector is called {name}"));
    let sign_type = if name.starts_with("SM ") { "SM" } else { "RSA" };
    let body = Base64::decode_vec(vector["body_base64"].as_str().unwrap()).unwrap();
    let asked = vector["asked_flow_id"].as_str().unwrap();
    verifier(sign_type).verify_response(asked, &body).map(drop).map_err(|error| error.code)
}

#[test]
fn what_may_be_in_an_answer_is_taken() {
    let answers = answers();
    let sections = [("## The answer\n", "## The order of checks\n"), ("## 应答\n", "## 检查的顺序\n")];
    for (name, (from, to)) in both("protocol").into_iter().zip(sections) {
        let document = read(&name);
        let section = prose(document.split(from).nth(1).unwrap().split(to).next().unwrap());
        let named = section.split('`').skip(1).step_by(2);
        let named = named.filter(|word| ["… ", "RSA ", "SM "].iter().any(|kind| word.starts_with(kind)));
        let named: Vec<_> = named.flat_map(examples).collect();
        assert!(named.len() >= 16, "{name}: {named:?}");
        for example in named {
            assert_eq!(judged(&answers, &example), Ok(()), "{name}: {example}");
        }
    }
}

#[test]
fn the_checks_come_in_the_order_that_the_page_tells() {
    let answers = answers();
    let mut checked = 0;
    for name in both("protocol") {
        let document = read(&name);
        for row in document.lines().filter(|line| line.starts_with("| ") && line.as_bytes()[2].is_ascii_digit()) {
            let cells: Vec<&str> = row.trim_matches('|').split(" | ").collect();
            let (codes, examples) = (cells[2], cells.get(3).copied().unwrap_or_default());
            for example in examples.split('`').skip(1).step_by(2) {
                for wanted in self::examples(example) {
                    let code = judged(&answers, &wanted).unwrap_err();
                    assert!(Code::ALL.contains(&code) && codes.contains(code.name()), "{name}: {wanted} is {code}");
                    checked += 1;
                }
            }
        }
    }
    assert!(checked >= 60, "{checked} answers");
}
