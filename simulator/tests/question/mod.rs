//! A question as a client sends it, right or changed; made with what the simulator itself signs and encrypts with.

#![allow(dead_code, reason = "each test uses a part of it")]

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU64, Ordering};

use base64ct::{Base64, Encoding};
use ecb::cipher::block_padding::Pkcs7;
use ecb::cipher::{BlockModeEncrypt, KeyInit};
use serde_json::{Map, Value};
use yspay_simulator::crypto::{Algorithm, Keys, Signatory, signed_text};
use yspay_simulator::{DES_KEY, PATH, SRC};

pub static KEYS: LazyLock<Keys> = LazyLock::new(|| Keys::load().expect("credentials"));
static NEXT_ID: AtomicU64 = AtomicU64::new(1);

/// A request id that no other request of this process has.
pub fn next_id() -> String {
    format!("T{}", NEXT_ID.fetch_add(1, Ordering::Relaxed))
}

/// The platform's DES, forwards.
pub fn encrypt(plaintext: &[u8]) -> String {
    let cipher = ecb::Encryptor::<des::Des>::new_from_slice(&DES_KEY.as_bytes()[..8]).expect("key");
    Base64::encode_string(&cipher.encrypt_padded_vec::<Pkcs7>(plaintext))
}

/// A request's fields, to be changed before they are signed, or after.
#[derive(Clone)]
pub struct Fields(pub Map<String, Value>);

impl Fields {
    /// All but the signature.
    pub fn ask(algorithm: Algorithm, flow_id: &str) -> Self {
        let sign_type = if algorithm == Algorithm::Rsa { "RSA" } else { "SM" };
        let data = encrypt(serde_json::json!({ "sysSignFlowId": flow_id }).to_string().as_bytes());
        Self::of(sign_type, data).with("reqFlowId", next_id())
    }

    /// The fields that are signed.
    pub fn of(sign_type: &str, data: impl Into<Value>) -> Self {
        Self(Map::new())
            .with("ver", "1.0")
            .with("src", SRC)
            .with("msgCode", "Merchant")
            .with("method", "querySignSts")
            .with("signType", sign_type)
            .with("charset", "UTF-8")
            .with("data", data)
    }

    pub fn with(mut self, name: &str, value: impl Into<Value>) -> Self {
        self.0.insert(name.to_owned(), value.into());
        self
    }

    pub fn without(mut self, name: &str) -> Self {
        self.0.remove(name);
        self
    }

    pub fn signed(self) -> Self {
        self.signed_but("reqFlowId")
    }

    /// Signed as a whole, but for a field of this name.
    pub fn signed_but(self, left_out: &str) -> Self {
        let algorithm = if self.0["signType"] == "SM" { Algorithm::Sm } else { Algorithm::Rsa };
        let signed = self.0.iter().filter(|(name, _)| *name != left_out);
        let text = signed_text(signed.map(|(name, value)| (name.as_str(), value.as_str().unwrap_or_default())));
        let signature = KEYS.sign(Signatory::Merchant, algorithm, &text);
        self.with("signValue", Base64::encode_string(&signature))
    }

    pub fn json(&self) -> String {
        Value::from(self.0.clone()).to_string()
    }
}

/// The bytes of a well-formed POST to the platform's path.
pub fn post(body: &str) -> Vec<u8> {
    format!(
        "POST {PATH} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}
