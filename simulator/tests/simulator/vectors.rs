//! The requests that OpenSSL made are accepted, and OpenSSL accepts the answers.

use serde_json::Value;
use yspay_simulator::crypto::{Algorithm, Signatory, decode_base64, signed_text};
use yspay_simulator::{Options, Simulator};

use crate::openssl;
use crate::raw::{Fields, ask, post};

fn vectors() -> Value {
    serde_json::from_str(include_str!("../../../tests/vectors/vectors.json")).expect("vectors.json")
}

#[test]
fn requests_made_by_openssl_are_accepted_and_answered() {
    let vectors = vectors();
    let requests = vectors["requests"].as_array().expect("requests");
    assert_eq!(requests.len(), 6);
    for vector in requests {
        let simulator = Simulator::start(Options::default()).expect("start");
        let text = |name: &str| vector[name].as_str().expect(name).to_owned();
        let (algorithm, signature) = match vector["sign_type"].as_str() {
            Some("RSA") => (Algorithm::Rsa, text("sign_value")),
            _ => (Algorithm::Sm, text("example_sign_value")),
        };
        let fields = Fields::ask(algorithm, "")
            .with("src", text("src"))
            .with("data", text("data"))
            .with("reqFlowId", text("req_flow_id"))
            .with("signValue", signature);
        let reply = ask(&simulator, &post(&fields.json()));

        assert_eq!(reply.status, 200);
        assert!(reply.header("Content-Type").is_some_and(|value| value.starts_with("application/json")));
        let json = reply.json();
        let flow_id = text("sys_sign_flow_id");
        for (name, value) in [
            ("ver", "1.0"),
            ("src", &text("src")),
            ("msgCode", "Merchant"),
            ("method", "querySignSts"),
            ("signType", &text("sign_type")),
            ("charset", "UTF-8"),
            ("reqFlowId", &text("req_flow_id")),
        ] {
            assert_eq!(json[name], value, "{name} of {json}");
        }
        let data = json["data"].as_str().expect("data is a string");
        assert_eq!(data, format!(r#"{{"note":"成功","code":"00","sysSignFlowId":"{flow_id}","signSts":"2"}}"#));
        let signature = json["signValue"].as_str().expect("signValue");
        assert!(signature.lines().all(|line| line.len() <= 76) && signature.contains("\r\n"), "{signature:?}");
        let signature = decode_base64(signature).expect("Base64");
        let signed = format!("code=00&note=成功&signSts=2&sysSignFlowId={flow_id}");
        assert!(openssl::verifies(Signatory::Platform, algorithm, &signed, &signature));
        assert!(!openssl::verifies(Signatory::Platform, algorithm, &(signed + " "), &signature));

        let stats = simulator.stats();
        assert_eq!((stats.requests, stats.accepted, stats.refused.len()), (1, 1, 0));
        let seen = &stats.recent[0];
        assert_eq!((&seen.sys_sign_flow_id, &seen.req_flow_id), (&flow_id, &text("req_flow_id")));
    }
}

#[test]
fn signed_texts_are_those_of_the_vectors() {
    let vectors = vectors();
    let cases = vectors["canonical"].as_array().expect("canonical");
    for case in cases {
        let fields = case["fields"].as_object().expect("fields");
        let pairs = fields.iter().map(|(name, value)| (name.as_str(), value.as_str().expect("value")));
        assert_eq!(signed_text(pairs), case["text"].as_str().expect("text"));
    }
    assert!(!cases.is_empty());
}

#[test]
fn sm2_signatures_are_judged_as_openssl_judges_them() {
    let vectors = vectors();
    let cases = vectors["sm2_verify"].as_array().expect("sm2_verify");
    for case in cases {
        let text = |name: &str| case[name].as_str().expect(name);
        let signature = decode_base64(text("signature")).expect("Base64");
        // Requests are signed in DER; the raw form of two integers is for answers alone.
        let expected = case["valid"].as_bool().expect("valid") && signature.len() != 64;
        let found = crate::raw::KEYS.merchant_signed(Algorithm::Sm, text("message"), &signature);
        assert_eq!(found, expected, "{case}");
    }
    assert!(!cases.is_empty());
}
