//! Plain HTTP to the simulator: requests made by OpenSSL, and some that are signed here.

use serde_json::Value;
use yspay_simulator::crypto::Algorithm;

use crate::question::Fields;

/// The body of a request that OpenSSL signed, for `MAN202109280009848`.
pub(crate) fn vector(sign_type: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/vectors.json")).expect("vectors.json");
    let all = vectors["requests"].as_array().expect("requests");
    let vector = all.iter().find(|vector| vector["sign_type"] == sign_type).expect("a vector");
    let signature = if sign_type == "RSA" { &vector["sign_value"] } else { &vector["example_sign_value"] };
    let body = Fields::of(sign_type, vector["data"].clone()).with("src", vector["src"].clone());
    body.with("reqFlowId", vector["req_flow_id"].clone()).with("signValue", signature.clone()).0.into()
}

/// The body of a question about this contract; `signed_too` is a field that must not be signed.
pub(crate) fn question(id: &str, signed_too: Option<&str>) -> Value {
    let fields = Fields::ask(Algorithm::Sm, id);
    let signed = if signed_too == Some("reqFlowId") { fields.signed_but("") } else { fields.signed() };
    signed.0.into()
}

/// What a plain HTTP client is told.
pub(crate) fn send(url: &str, body: &str) -> String {
    let agent: ureq::Agent = ureq::Agent::config_builder().proxy(None).http_status_as_error(false).build().into();
    let mut response = agent.post(url).content_type("application/json").send(body).expect("an answer");
    response.body_mut().read_to_string().expect("text")
}

/// The status with which a good question about this contract is answered.
pub(crate) fn status(url: &str, id: &str) -> String {
    let text = send(url, &question(id, None).to_string());
    let answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{text}"));
    let data: Value = serde_json::from_str(answer["data"].as_str().unwrap_or_else(|| panic!("{text}"))).expect("data");
    assert_eq!(data["sysSignFlowId"], id);
    data["signSts"].as_str().unwrap_or_else(|| panic!("{text}")).to_owned()
}
