//! What is right fits, and what was changed does not: against the vectors that OpenSSL made.

mod support;

use support::{keys, vectors};
use yspay_diagnosis::{Kind, Message, Verdict, diagnose};

#[test]
fn every_request_of_the_vectors_fits_and_has_its_text() {
    let vectors = vectors();
    let requests = vectors["requests"].as_array().unwrap();
    assert!(requests.len() >= 3);
    for request in requests {
        let text = |name: &str| request[name].as_str().unwrap_or_default();
        let body = serde_json::json!({
            "ver": "1.0", "src": text("src"), "msgCode": "Merchant", "method": "querySignSts", "charset": "UTF-8",
            "signType": text("sign_type"), "data": text("data"), "reqFlowId": text("req_flow_id"),
            "signValue": text("sign_value"),
        });
        let message = Message::read(body.to_string().as_bytes()).unwrap();
        assert_eq!(message.kind(), Kind::Request);
        let diagnosis = diagnose(&message, &keys());
        assert_eq!(diagnosis.signed_text, text("canonical"));
        // Signatures with SM2 differ each time, so some vectors have none.
        if !text("sign_value").is_empty() {
            assert_eq!(diagnosis.verdict, Verdict::Fits, "{:?}", diagnosis.explanation);
        }
    }
}

#[test]
fn answers_of_the_vectors_fit_exactly_when_their_signature_does() {
    let vectors = vectors();
    let (mut fitting, mut others) = (0, 0);
    for answer in vectors["responses"].as_array().unwrap() {
        let name = answer["name"].as_str().unwrap();
        let body = support::base64(answer["body_base64"].as_str().unwrap());
        let Ok(message) = Message::read(&body) else { continue };
        let diagnosis = diagnose(&message, &keys());
        let outcome = answer["expect"]["outcome"].as_str().unwrap();
        match diagnosis.verdict {
            Verdict::Fits => {
                fitting += 1;
                assert_ne!(outcome, "SIGNATURE", "{name}");
            }
            _ => {
                others += 1;
                assert!(["SIGNATURE", "MALFORMED_RESPONSE"].contains(&outcome), "{name}: {diagnosis:?}");
            }
        }
    }
    assert!(fitting > 40 && others > 5, "{fitting} {others}");
}
