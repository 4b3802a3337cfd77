//! Messages that OpenSSL signed, rightly or as asked for, and configurations for them.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use serde_json::{Value, json};

use crate::platform::{Scratch, credential};
use crate::run::DES_KEY;

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Kind {
    Rsa,
    Sm,
}

impl Kind {
    pub(crate) const BOTH: [Kind; 2] = [Kind::Rsa, Kind::Sm];

    pub(crate) fn sign_type(self) -> &'static str {
        match self {
            Kind::Rsa => "RSA",
            Kind::Sm => "SM",
        }
    }

    fn word(self) -> &'static str {
        match self {
            Kind::Rsa => "rsa",
            Kind::Sm => "sm2",
        }
    }

    /// `merchant` or `platform`.
    pub(crate) fn certificate(self, whose: &str) -> PathBuf {
        credential(&format!("{whose}-{}.cer", self.word()))
    }

    fn key(self, whose: &str) -> PathBuf {
        credential(&format!("{whose}-{}.key.pem", self.word()))
    }

    /// The protocol's signature of a text, in Base64.
    pub(crate) fn sign(self, whose: &str, text: &str) -> String {
        let key = self.key(whose);
        let key = key.to_str().unwrap();
        let signed = match self {
            Kind::Rsa => openssl(&["dgst", "-sha1", "-sign", key], text.as_bytes()),
            Kind::Sm => {
                // It wants the text in a file.
                let scratch = Scratch::new();
                let file = scratch.write("text", text);
                let file = file.to_str().unwrap();
                let options = ["-pkeyopt", "digest:sm3", "-pkeyopt", "distid:1234567812345678"];
                openssl(&[&["pkeyutl", "-sign", "-inkey", key, "-rawin", "-in", file], &options[..]].concat(), b"")
            }
        };
        base64(&signed)
    }

    /// A configuration of the institution.
    pub(crate) fn config(self, scratch: &Scratch) -> PathBuf {
        let config = json!({
            "environment": "test", "src": "ORG20210927162704", "desKey": DES_KEY,
            "privateKey": {"path": self.key("merchant")},
            "platformCertificate": {"path": self.certificate("platform")},
        });
        scratch.write(&format!("{}.json", self.sign_type()), config.to_string())
    }
}

pub(crate) fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child =
        Command::new("openssl").args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "openssl {arguments:?}");
    output.stdout
}

fn base64(bytes: &[u8]) -> String {
    String::from_utf8(openssl(&["base64", "-A"], bytes)).unwrap()
}

/// The fields of a request but its signature; `data` is what OpenSSL makes of the protocol's example.
pub(crate) fn request_fields(kind: Kind) -> BTreeMap<&'static str, String> {
    let key: String = DES_KEY.bytes().take(8).map(|byte| format!("{byte:02x}")).collect();
    let des = ["enc", "-des-ecb", "-provider", "legacy", "-provider", "default", "-nosalt", "-K", &key];
    let data = base64(&openssl(&des, br#"{"sysSignFlowId":"MAN202109280009848"}"#));
    BTreeMap::from([
        ("ver", "1.0".to_owned()),
        ("src", "ORG20210927162704".to_owned()),
        ("msgCode", "Merchant".to_owned()),
        ("method", "querySignSts".to_owned()),
        ("signType", kind.sign_type().to_owned()),
        ("charset", "UTF-8".to_owned()),
        ("data", data),
        ("reqFlowId", "202110011944011101".to_owned()),
    ])
}

/// `name=value` of these fields, sorted, with `&` between them.
pub(crate) fn joined<'a>(fields: impl IntoIterator<Item = (&'a str, &'a str)>) -> String {
    let fields: BTreeMap<_, _> = fields.into_iter().collect();
    fields.iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
}

/// A request that is signed with this text in the place of the right one, if there is one.
pub(crate) fn request(kind: Kind, sign: impl FnOnce(&BTreeMap<&'static str, String>) -> String) -> String {
    let mut fields = request_fields(kind);
    let value = sign(&fields);
    fields.insert("signValue", value);
    serde_json::to_string(&fields).unwrap()
}

pub(crate) fn good_request(kind: Kind) -> String {
    request(kind, |fields| kind.sign("merchant", &right_text(fields)))
}

/// Also signs `reqFlowId`.
pub(crate) fn wrong_request(kind: Kind) -> String {
    request(kind, |fields| kind.sign("merchant", &joined(fields.iter().map(|(name, value)| (*name, value.as_str())))))
}

pub(crate) fn right_text(fields: &BTreeMap<&'static str, String>) -> String {
    joined(fields.iter().filter(|(name, _)| **name != "reqFlowId").map(|(name, value)| (*name, value.as_str())))
}

/// An answer whose `data` is signed by this key.
pub(crate) fn answer(kind: Kind, whose: &str) -> String {
    let data = [("code", "00"), ("note", "成功"), ("signSts", "2"), ("sysSignFlowId", "MAN202109280009848")];
    let text: Value = data.iter().copied().collect::<BTreeMap<_, _>>().into_iter().collect();
    json!({
        "ver": "1.0", "src": "ORG20210927162704", "msgCode": "Merchant", "method": "querySignSts",
        "signType": kind.sign_type(), "charset": "UTF-8", "reqFlowId": "202110011944011101",
        "signValue": kind.sign(whose, &joined(data)), "data": text.to_string(),
    })
    .to_string()
}
