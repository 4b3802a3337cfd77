//! What the fuzz targets share: clients of the test institution, the answers that OpenSSL signed, and what holds of every
//! refusal.

use std::collections::{BTreeMap, HashMap};
use std::sync::LazyLock;

use base64ct::{Base64, Encoding};
use serde_json::value::RawValue;
use serde_json::{Value, json};
use yspay::keys::{PrivateKey, Source, load_ca_certificates, load_certificate, load_private_key};
use yspay::{Client, Code, Error, Verified};
use zeroize::Zeroizing;

/// The contract that is asked about.
pub const ASKED: &str = "MAN202109280009848";
/// The password of the test credentials.
const PASSWORD: &str = "123456";

macro_rules! vector {
    ($name:literal) => {
        include_str!(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors/", $name))
    };
}

/// The test institution with SM2.
pub static SM: LazyLock<Client> =
    LazyLock::new(|| client(vector!("credentials/merchant-sm2.key.pem"), vector!("credentials/platform-sm2.cert.pem")));
/// The test institution with RSA.
pub static RSA: LazyLock<Client> =
    LazyLock::new(|| client(vector!("credentials/merchant-rsa.key.pem"), vector!("credentials/platform-rsa.cert.pem")));
/// The key that the simulated platform signs with.
pub const PLATFORM_KEY: &str = vector!("credentials/platform-sm2.key.pem");

/// A configuration whose endpoint refuses every connection.
pub fn configuration(key: &str, certificate: &str) -> Value {
    json!({
        "endpoint": "http://127.0.0.1:1/", "src": "ORG20210927162704", "desKey": "A81F41DE7406CC1566579A751D93CA7A",
        "proxy": "none", "maxAttempts": 1,
        "privateKey": {"pem": key}, "platformCertificate": {"pem": certificate},
    })
}

/// The configuration of the test institution with SM2.
pub fn sm_configuration() -> Value {
    configuration(vector!("credentials/merchant-sm2.key.pem"), vector!("credentials/platform-sm2.cert.pem"))
}

fn client(key: &str, certificate: &str) -> Client {
    Client::from_json(&configuration(key, certificate).to_string()).expect("the test credentials")
}

/// What a genuine answer says in the fields that decide.
#[derive(Debug, PartialEq)]
struct Decisive {
    code: Option<String>,
    sign_sts: Option<String>,
    sys_sign_flow_id: Option<String>,
}

/// The answers of the vectors that were signed, by their signed texts; forged ones are among the vectors, too.
static GENUINE: LazyLock<HashMap<String, Decisive>> = LazyLock::new(|| {
    let vectors: Value = serde_json::from_str(vector!("vectors.json")).expect("the vectors");
    let signed = |response: &&Value| {
        let outcome = response["expect"]["outcome"].as_str();
        matches!(outcome, Some("OK" | "BUSINESS" | "GATEWAY_TIMEOUT" | "MISMATCH"))
    };
    let bodies = vectors["responses"].as_array().expect("responses").iter().filter(signed);
    bodies.filter_map(|response| genuine(&Base64::decode_vec(response["body_base64"].as_str()?).ok()?)).collect()
});

fn genuine(body: &[u8]) -> Option<(String, Decisive)> {
    let envelope: HashMap<String, Box<RawValue>> = serde_json::from_slice(body).ok()?;
    let data = envelope.get("data")?.get();
    let data = serde_json::from_str::<String>(data).unwrap_or_else(|_| data.to_owned());
    let data: HashMap<String, Box<RawValue>> = serde_json::from_str(&data).ok()?;
    let fields: Vec<(&str, String)> =
        data.iter().filter_map(|(name, raw)| Some((name.as_str(), written(raw.get())?))).collect();
    let field = |name: &str| fields.iter().find(|(field, _)| *field == name).map(|(_, value)| value.clone());
    let decisive =
        Decisive { code: field("code"), sign_sts: field("signSts"), sys_sign_flow_id: field("sysSignFlowId") };
    Some((signed_text(fields.iter().map(|(name, value)| (*name, value.as_str()))), decisive))
}

/// A value as it is signed: a number stays as it was written.
fn written(raw: &str) -> Option<String> {
    match serde_json::from_str(raw).ok()? {
        Value::Null => None,
        Value::String(text) => Some(text),
        Value::Number(_) => Some(raw.to_owned()),
        other => Some(other.to_string()),
    }
}

/// The signed text, from the protocol's description and not by the library's own code.
pub fn signed_text<'a>(fields: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let sorted: BTreeMap<Vec<u16>, String> = fields
        .filter(|(name, value)| !name.eq_ignore_ascii_case("sign") && value.chars().any(|c| c > ' '))
        .map(|(name, value)| (name.encode_utf16().collect(), format!("{name}={value}")))
        .collect();
    sorted.into_values().collect::<Vec<_>>().join("&")
}

/// An accepted answer is one that was signed, and says in the fields that decide what it said then.
pub fn assert_genuine(verified: &Verified) {
    let fields: HashMap<&str, &str> = verified.fields().collect();
    let text = signed_text(verified.fields());
    let original = GENUINE.get(&text).unwrap_or_else(|| panic!("nobody signed {text:?}"));
    let field = |name: &str| fields.get(name).map(|value| (*value).to_owned());
    let accepted =
        Decisive { code: field("code"), sign_sts: field("signSts"), sys_sign_flow_id: field("sysSignFlowId") };
    assert_eq!(&accepted, original);
    assert_eq!(original.code.as_deref(), Some(verified.code()));
    assert_eq!(original.sign_sts.as_deref(), Some(verified.status().as_text()));
    assert_eq!(original.sys_sign_flow_id.as_deref(), Some(verified.sys_sign_flow_id()));
    assert_eq!(verified.sys_sign_flow_id(), ASKED);
}

/// A code that is told as verified was signed.
pub fn assert_platform_code_is_genuine(error: &Error) {
    if let Some(code) = &error.platform_code {
        let mut codes = GENUINE.values().filter_map(|decisive| decisive.code.as_deref());
        assert!(codes.any(|genuine| genuine == &**code), "nobody signed the code {code:?}");
    }
}

/// A refusal has one of these codes, and says something that a log and a terminal may show.
pub fn assert_refusal(error: &Error, codes: &[Code]) {
    assert!(codes.contains(&error.code), "{error}");
    assert!(!error.message.is_empty() && !error.message.contains(char::is_control), "{error:?}");
}

/// Reads a private key out of whatever these bytes are, by each setting that takes bytes. One that is taken signs.
pub fn read_key(bytes: &[u8]) {
    for source in sources("privateKey", bytes) {
        for (password, alias) in [(Some(PASSWORD), None), (Some(PASSWORD), Some("merchant")), (None, None)] {
            match load_private_key(&source, password, alias) {
                Ok(loaded) => {
                    assert!(!format!("{loaded:?}").is_empty());
                    assert_signs(bytes, password, alias, &loaded.key);
                }
                Err(error) => assert_refusal(&error, &[Code::Credential]),
            }
        }
    }
}

fn assert_signs(bytes: &[u8], password: Option<&str>, alias: Option<&str>, key: &PrivateKey) {
    let certificate = match key {
        PrivateKey::Rsa(_) => vector!("credentials/platform-rsa.cert.pem"),
        PrivateKey::Sm2(_) => vector!("credentials/platform-sm2.cert.pem"),
    };
    let mut settings = configuration("", certificate);
    settings["privateKey"] = json!({"base64": Base64::encode_string(bytes), "password": password, "alias": alias});
    match Client::from_json(&settings.to_string()) {
        Ok(client) => assert!(client.build_request(ASKED, None).is_ok()),
        // The platform's own key is among the seeds.
        Err(error) => assert!(error.message.contains("own certificate"), "{error}"),
    }
}

/// Reads certificates out of whatever these bytes are.
pub fn read_certificates(bytes: &[u8]) {
    for source in sources("platformCertificate", bytes) {
        match load_certificate(&source) {
            Ok(certificate) => {
                assert!(!format!("{certificate:?}").is_empty());
                let mut dates = [&certificate.not_before, &certificate.not_after].into_iter().flatten();
                assert!(dates.all(|date| date.len() == 20 && date.ends_with('Z')));
            }
            Err(error) => assert_refusal(&error, &[Code::Credential]),
        }
        match load_ca_certificates(&source) {
            Ok(roots) => assert!(!roots.is_empty()),
            Err(error) => assert_refusal(&error, &[Code::Credential]),
        }
    }
}

fn sources(field: &'static str, bytes: &[u8]) -> Vec<Source> {
    let mut sources = vec![Source::base64(field, Zeroizing::new(Base64::encode_string(bytes)))];
    if let Ok(text) = std::str::from_utf8(bytes) {
        sources.push(Source::pem(field, Zeroizing::new(text.to_owned())));
        sources.push(Source::hex(field, Zeroizing::new(text.to_owned())));
    }
    sources
}
