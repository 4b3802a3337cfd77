//! What the tests of the client share: configurations of the test credentials, answers signed by OpenSSL, plain sockets.

use std::ffi::c_char;
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::time::Duration;

use base64ct::{Base64, Encoding};
use serde_json::{Value, json};
use yspay::{Answer, Client, Error, QueryOptions};
use yspay_simulator::{Options, Simulator};

use crate::files::openssl;
pub(crate) use crate::files::{Scratch, credential};

pub(crate) const SRC: &str = yspay_simulator::SRC;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Rsa,
    Sm,
}

impl Kind {
    pub(crate) fn of(sign_type: &str) -> Self {
        if sign_type == "RSA" { Kind::Rsa } else { Kind::Sm }
    }

    pub(crate) fn sign_type(self) -> &'static str {
        match self {
            Kind::Rsa => "RSA",
            Kind::Sm => "SM",
        }
    }
}

/// The configuration of the test institution for this endpoint.
pub(crate) fn config(kind: Kind, endpoint: &str) -> Value {
    let (key, certificate) = match kind {
        Kind::Rsa => ("merchant-rsa-3des.pfx", "platform-rsa.cer"),
        Kind::Sm => ("merchant.sm2", "platform-sm2.cer"),
    };
    json!({
        "endpoint": endpoint, "src": SRC, "desKey": yspay_simulator::DES_KEY, "proxy": "none",
        "privateKey": {"path": credential(key), "password": "123456"},
        "platformCertificate": {"path": credential(certificate)},
    })
}

/// A simulator on a free port.
pub(crate) fn start() -> Simulator {
    Simulator::start(Options::default()).unwrap()
}

pub(crate) fn client(kind: Kind, sim: &Simulator) -> Client {
    client_with(kind, sim, json!({}))
}

/// A client for this simulator, with other settings; it trusts the simulator's authority if there is one.
pub(crate) fn client_with(kind: Kind, sim: &Simulator, settings: Value) -> Client {
    let scratch = Scratch::new();
    let mut config = config(kind, &sim.endpoint());
    if let Some(ca) = sim.ca_pem() {
        config["caFile"] = json!(scratch.write("ca.pem", ca));
    }
    for (name, value) in settings.as_object().unwrap() {
        config[name] = value.clone();
    }
    Client::from_json(&config.to_string()).unwrap()
}

pub(crate) fn ask(client: &Client, id: &str, timeout_ms: u64) -> Result<Answer, Error> {
    let options = QueryOptions { timeout: Some(Duration::from_millis(timeout_ms)), ..QueryOptions::default() };
    client.query_sign_sts_with(id, &options)
}

pub(crate) fn vectors() -> Value {
    serde_json::from_str(include_str!("../vectors/vectors.json")).unwrap()
}

pub(crate) fn live() -> Value {
    serde_json::from_str(include_str!("../vectors/live/live.json")).unwrap()
}

pub(crate) fn vector_path(name: &str) -> String {
    format!("{}/tests/vectors/{name}", env!("CARGO_MANIFEST_DIR"))
}

pub(crate) fn text(value: &Value) -> &str {
    value.as_str().unwrap()
}

pub(crate) fn base64(value: &Value) -> Vec<u8> {
    Base64::decode_vec(text(value)).unwrap()
}

/// The platform's signature of `message`, made by OpenSSL, in Base64.
pub(crate) fn platform_signature(kind: Kind, message: &str) -> String {
    let scratch = Scratch::new();
    let message = scratch.write("message", message);
    let message = message.to_str().unwrap();
    let signature = match kind {
        Kind::Rsa => openssl(&["dgst", "-sha1", "-sign", &path("platform-rsa.key.pem"), message]),
        Kind::Sm => openssl(&[
            "pkeyutl",
            "-sign",
            "-inkey",
            &path("platform-sm2.key.pem"),
            "-rawin",
            "-digest",
            "sm3",
            "-pkeyopt",
            "distid:1234567812345678",
            "-in",
            message,
        ]),
    };
    Base64::encode_string(&signature.expect("openssl signs"))
}

/// The platform's RSA signature of `message` with this digest of OpenSSL's, in Base64.
pub(crate) fn platform_rsa_signature(digest: &str, message: &str) -> String {
    let scratch = Scratch::new();
    let message = scratch.write("message", message);
    let key = path("platform-rsa.key.pem");
    Base64::encode_string(&openssl(&["dgst", digest, "-sign", &key, message.to_str().unwrap()]).expect("openssl signs"))
}

/// An answer whose `data`, an object of strings with ASCII names, is signed, and then changed.
pub(crate) fn answer(kind: Kind, data: &Value, change: impl FnOnce(&mut Value)) -> Vec<u8> {
    let mut fields: Vec<_> =
        data.as_object().unwrap().iter().map(|(name, value)| format!("{name}={}", text(value))).collect();
    fields.sort();
    let mut answer = json!({"signValue": platform_signature(kind, &fields.join("&")), "data": data});
    change(&mut answer);
    answer.to_string().into_bytes()
}

/// Whether OpenSSL finds the merchant's SM2 signature to fit.
pub(crate) fn openssl_accepts_merchant_sm2(message: &str, signature: &str) -> bool {
    crate::files::openssl_accepts_merchant_sm2(message, &Base64::decode_vec(signature).unwrap())
}

fn path(name: &str) -> String {
    credential(name).to_str().unwrap().to_owned()
}

/// Takes a string of the C ABI over, and frees it as C would.
pub(crate) fn take_c_string(string: *mut c_char) -> String {
    assert!(!string.is_null());
    // SAFETY: the string came from the library and was not freed.
    unsafe {
        let text = std::ffi::CStr::from_ptr(string).to_str().unwrap().to_owned();
        yspay::ffi::capi::ysp_free_string(string);
        text
    }
}

/// Posts a body as a caller with an HTTP stack of his own would, and returns the answer's body.
pub(crate) fn post(address: SocketAddr, body: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(address).unwrap();
    write!(
        stream,
        "POST {} HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        yspay_simulator::PATH,
        body.len()
    )
    .unwrap();
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).unwrap();
    let head = answer.windows(4).position(|window| window == b"\r\n\r\n").unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 200"));
    answer.split_off(head + 4)
}

/// Relays one connection to `target` until either side ends.
pub(crate) fn relay_one(listener: &TcpListener, target: SocketAddr) {
    relay(listener.accept().unwrap().0, target);
}

pub(crate) fn relay(stream: TcpStream, target: SocketAddr) {
    let other = TcpStream::connect(target).unwrap();
    std::thread::scope(|scope| {
        for (mut from, mut to) in [(&stream, &other), (&other, &stream)] {
            scope.spawn(move || {
                let _ = std::io::copy(&mut from, &mut to);
                let _ = to.shutdown(std::net::Shutdown::Both);
            });
        }
    });
}
