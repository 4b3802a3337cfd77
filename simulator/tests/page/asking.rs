//! Plain HTTP to the simulator: requests made by OpenSSL, and some that are signed here.

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64ct::{Base64, Encoding};
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeEncrypt, KeyInit};
use serde_json::{Value, json};
use yspay_simulator::crypto::{Algorithm, Keys, Signatory, signed_text};
use yspay_simulator::{DES_KEY, SRC};

static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::load().expect("credentials"));
static NEXT: AtomicU64 = AtomicU64::new(1);

/// The body of a request that OpenSSL signed, for `MAN202109280009848`.
pub(crate) fn vector(sign_type: &str) -> Value {
    let vectors: Value =
        serde_json::from_str(include_str!("../../../tests/vectors/vectors.json")).expect("vectors.json");
    let all = vectors["requests"].as_array().expect("requests");
    let vector = all.iter().find(|vector| vector["sign_type"] == sign_type).expect("a vector");
    let signature = if sign_type == "RSA" { &vector["sign_value"] } else { &vector["example_sign_value"] };
    let mut body = fields(sign_type, &vector["data"]);
    body["src"] = vector["src"].clone();
    body["reqFlowId"] = vector["req_flow_id"].clone();
    body["signValue"] = signature.clone();
    body
}

fn fields(sign_type: &str, data: &Value) -> Value {
    json!({
        "ver": "1.0", "src": SRC, "msgCode": "Merchant", "method": "querySignSts", "signType": sign_type,
        "charset": "UTF-8", "data": data, "reqFlowId": format!("P{}", NEXT.fetch_add(1, Ordering::Relaxed)),
    })
}

/// The body of a question about this contract; `signed_too` is a field that must not be signed.
pub(crate) fn question(id: &str, signed_too: Option<&str>) -> Value {
    let cipher = ecb::Encryptor::<des::Des>::new_from_slice(&DES_KEY.as_bytes()[..8]).expect("key");
    let plaintext = json!({ "sysSignFlowId": id }).to_string();
    let data = Base64::encode_string(&cipher.encrypt_padded_vec::<Pkcs7>(plaintext.as_bytes()));
    let mut body = fields("SM", &data.into());
    let all = body.as_object().expect("an object").iter();
    let signed = all.filter(|(name, _)| *name != "reqFlowId" || signed_too == Some(name));
    let text = signed_text(signed.map(|(name, value)| (name.as_str(), value.as_str().expect("a string"))));
    let signature = KEYS.sign(Signatory::Merchant, Algorithm::Sm, &text);
    body["signValue"] = Base64::encode_string(&signature).into();
    body
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
