//! The vectors through the library as it is shipped: what OpenSSL signed and encrypted, on every platform.

use std::fmt::Write;

use base64ct::{Base64, Encoding};
use serde_json::Value;
use yspay::{Code, ffi::capi};

use crate::support::openssl_accepts_merchant_sm2;
use crate::tools::{Program, ROOT, SIGN_TYPES, config_at, out, run};

/// One line of what the program tells.
struct Told<'a> {
    code: i32,
    status: i32,
    text: &'a str,
}

impl<'a> Told<'a> {
    fn of(line: &'a str) -> Self {
        let mut parts = line.splitn(3, ' ');
        let mut part = || parts.next().unwrap_or_else(|| panic!("{line}"));
        Told { code: part().parse().unwrap(), status: part().parse().unwrap(), text: part() }
    }

    fn json(&self) -> Value {
        serde_json::from_str(self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }
}

fn config(sign_type: &str) -> Value {
    // Nothing is asked.
    config_at("http://127.0.0.1:9/", sign_type)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

fn of_type<'a>(vectors: &'a Value, list: &str, sign_type: &str) -> Vec<&'a Value> {
    vectors[list].as_array().unwrap().iter().filter(|vector| vector["sign_type"] == sign_type).collect()
}

#[track_caller]
fn is_the_request(vector: &Value, told: &Told) {
    assert_eq!(told.code, 0, "{}", told.text);
    let body = told.json();
    assert_eq!((&body["data"], &body["reqFlowId"]), (&vector["data"], &vector["req_flow_id"]));
    assert_eq!(body["src"], vector["src"]);
    let signature = text(&body["signValue"]);
    if vector["sign_type"] == "RSA" {
        assert_eq!(signature, vector["sign_value"]);
    } else {
        let signature = Base64::decode_vec(signature).unwrap();
        assert!(openssl_accepts_merchant_sm2(text(&vector["canonical"]), &signature));
        // The peer can fail.
        assert!(!openssl_accepts_merchant_sm2("another", &signature));
    }
}

#[track_caller]
fn is_the_outcome(vector: &Value, told: &Told) {
    let (name, json) = (text(&vector["name"]), told.json());
    let outcome = text(&vector["expect"]["outcome"]);
    if outcome == "OK" {
        let expected = text(&vector["expect"]["sign_sts"]);
        let number = if expected == "9" { capi::YSP_SIGN_STS_UNKNOWN } else { expected.parse().unwrap() };
        assert_eq!((told.code, told.status), (0, number), "{name}: {json}");
        assert_eq!(json["signSts"], expected, "{name}");
    } else {
        let expected = Code::ALL.into_iter().find(|code| code.name() == outcome).unwrap();
        assert_eq!((told.code, told.status), (expected.number(), capi::YSP_SIGN_STS_NONE), "{name}: {json}");
        assert_eq!(json["error"]["code"], outcome, "{name}");
    }
}

#[test]
fn every_vector_is_as_openssl_made_it() {
    let vectors = std::fs::read_to_string(format!("{ROOT}/tests/vectors/vectors.json")).unwrap();
    let vectors: Value = serde_json::from_str(&vectors).unwrap();
    let program = Program::build(&["cc", "-std=c99"], "tests/c/vectors.c");
    let mut checked = 0;
    for sign_type in SIGN_TYPES {
        let config = program.folder.write("config.json", config(sign_type).to_string());
        let requests = of_type(&vectors, "requests", sign_type);
        let answers = of_type(&vectors, "responses", sign_type);
        let mut list = String::new();
        for vector in &requests {
            writeln!(list, "request {} {}", text(&vector["sys_sign_flow_id"]), text(&vector["req_flow_id"])).unwrap();
        }
        for (number, vector) in answers.iter().enumerate() {
            let body = Base64::decode_vec(text(&vector["body_base64"])).unwrap();
            let file = program.folder.write(&format!("{sign_type}-{number}"), body);
            writeln!(list, "answer {} {}", text(&vector["asked_flow_id"]), file.display()).unwrap();
        }
        let list = program.folder.write("list", list);
        let output = out(&run(program.command().arg(config).arg(list)));
        let told: Vec<_> = output.lines().map(Told::of).collect();
        assert_eq!(told.len(), requests.len() + answers.len(), "{output}");
        for (vector, told) in requests.iter().zip(&told) {
            is_the_request(vector, told);
        }
        for (vector, told) in answers.iter().zip(&told[requests.len()..]) {
            is_the_outcome(vector, told);
        }
        checked += told.len();
    }
    assert!(checked >= 80, "{checked}");
}
