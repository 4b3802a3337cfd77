//! The credentials and vectors of the repository, and the `openssl` command.
#![allow(dead_code, reason = "each test uses a part of it")]

use std::io::Write;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64ct::{Base64, Encoding};
use yspay_diagnosis::{Diagnosis, Keys, KnownKey, Message, PublicKey, Verdict, Whose, diagnose};

pub const DES_KEY: &str = "A81F41DE7406CC1566579A751D93CA7A";

pub fn vectors() -> serde_json::Value {
    serde_json::from_slice(&std::fs::read(root().join("vectors.json")).unwrap()).unwrap()
}

fn root() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/vectors"))
}

pub fn credential(name: &str) -> PathBuf {
    root().join("credentials").join(name)
}

pub fn key(name: &str) -> PublicKey {
    PublicKey::from_certificate_or_key(&std::fs::read(credential(name)).unwrap()).unwrap()
}

/// The keys of both sides and both kinds.
pub fn keys() -> Keys {
    let known = [
        (Whose::Merchant, "merchant-rsa.cer"),
        (Whose::Merchant, "merchant-sm2.cert.pem"),
        (Whose::Platform, "platform-rsa.cert.pem"),
        (Whose::Platform, "platform-sm2.cer"),
    ];
    let known = known.map(|(whose, name)| KnownKey { whose, key: key(name) }).to_vec();
    Keys { known, des_key: Some(DES_KEY.to_owned().into()) }
}

pub fn base64(text: &str) -> Vec<u8> {
    Base64::decode_vec(text).unwrap()
}

pub fn to_base64(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// Runs `openssl` with this on its standard input.
pub fn openssl(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    run("openssl", arguments, input)
}

/// Runs a program of Python with this on its standard input.
pub fn python(program: &str, input: &[u8]) -> Vec<u8> {
    run("python3", &["-c", program], input)
}

fn run(program: &str, arguments: &[&str], input: &[u8]) -> Vec<u8> {
    let mut child = Command::new(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap_or_else(|error| panic!("{program} is needed: {error}"));
    // It may end before it has read everything; what it says then tells why.
    let _ = child.stdin.take().unwrap().write_all(input);
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{program} {arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    output.stdout
}

/// What `openssl` reads from a file, for it does not take everything from its standard input.
fn with_file(arguments: &[&str], input: &[u8]) -> Vec<u8> {
    use std::sync::atomic::{AtomicU32, Ordering};
    static NUMBER: AtomicU32 = AtomicU32::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let file = std::env::temp_dir().join(format!("yspay-diagnosis-{}-{number}", std::process::id()));
    std::fs::write(&file, input).unwrap();
    let output = openssl(&[arguments, &["-in", file.to_str().unwrap()]].concat(), &[]);
    std::fs::remove_file(file).unwrap();
    output
}

/// Which of the two algorithms.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    Rsa,
    Sm,
}

pub const BOTH: [Algorithm; 2] = [Algorithm::Rsa, Algorithm::Sm];

impl Algorithm {
    pub fn sign_type(self) -> &'static str {
        match self {
            Algorithm::Rsa => "RSA",
            Algorithm::Sm => "SM",
        }
    }

    fn key(self, who: &str) -> String {
        let kind = if self == Algorithm::Rsa { "rsa" } else { "sm2" };
        credential(&format!("{who}-{kind}.key.pem")).to_str().unwrap().to_owned()
    }

    /// As it is right.
    pub fn sign(self, who: &str, text: &[u8]) -> Vec<u8> {
        match self {
            Algorithm::Rsa => rsa(who, "sha1", text),
            Algorithm::Sm => sm2(who, "1234567812345678", text),
        }
    }
}

pub fn rsa(who: &str, digest: &str, text: &[u8]) -> Vec<u8> {
    openssl(&["dgst", &format!("-{digest}"), "-sign", &Algorithm::Rsa.key(who)], text)
}

pub fn rsa_pss(who: &str, digest: &str, text: &[u8]) -> Vec<u8> {
    let key = Algorithm::Rsa.key(who);
    openssl(&["dgst", &format!("-{digest}"), "-sigopt", "rsa_padding_mode:pss", "-sign", &key], text)
}

/// PKCS#1 padding around the bytes as they are.
pub fn rsa_bare(who: &str, content: &[u8]) -> Vec<u8> {
    with_file(&["pkeyutl", "-sign", "-inkey", &Algorithm::Rsa.key(who)], content)
}

/// The same for what is longer than a digest.
pub fn rsa_undigested(who: &str, content: &[u8]) -> Vec<u8> {
    openssl(&["rsautl", "-sign", "-inkey", &Algorithm::Rsa.key(who)], content)
}

pub fn sm2(who: &str, user_id: &str, text: &[u8]) -> Vec<u8> {
    let (key, id) = (Algorithm::Sm.key(who), format!("distid:{user_id}"));
    with_file(&["pkeyutl", "-sign", "-inkey", &key, "-rawin", "-digest", "sm3", "-pkeyopt", &id], text)
}

/// As BouncyCastle's `new SM2Signer(new SHA256Digest())`, where Z is made by SHA-256, too, which OpenSSL refuses to do.
pub fn sm2_sha256(who: &str, user_id: &str, text: &[u8]) -> Vec<u8> {
    let public = openssl(&["pkey", "-in", &Algorithm::Sm.key(who), "-pubout", "-outform", "DER"], &[]);
    let length = u16::try_from(8 * user_id.len()).unwrap().to_be_bytes();
    // a, b and the base point, which GB/T 32918.5 names, and the key's point.
    let curve = "fffffffeffffffffffffffffffffffffffffffff00000000fffffffffffffffc\
                 28e9fa9e9d9f5e344d5a9e4bcf6509a7f39789f515ab8f92ddbcbd414d940e93\
                 32c4ae2c1f1981195f9904466a39c9948fe30bbff2660be1715a4589334c74c7\
                 bc3736a2f4f6779c59bdcee36b692153d0a9877cc62a474002df32e52139f0a0";
    let point = &public[public.len() - 64..];
    let z = digest("sha256", &[&length[..], user_id.as_bytes(), &from_hex(curve), point].concat());
    sm2_digest(who, &digest("sha256", &[&z[..], text].concat()))
}

pub fn sm2_hex_id(who: &str, user_id: &str, text: &[u8]) -> Vec<u8> {
    let (key, id) = (Algorithm::Sm.key(who), format!("hexdistid:{user_id}"));
    with_file(&["pkeyutl", "-sign", "-inkey", &key, "-rawin", "-digest", "sm3", "-pkeyopt", &id], text)
}

/// Over a digest that is given, without any user id.
pub fn sm2_digest(who: &str, digest: &[u8]) -> Vec<u8> {
    with_file(&["pkeyutl", "-sign", "-inkey", &Algorithm::Sm.key(who)], digest)
}

pub fn digest(name: &str, text: &[u8]) -> Vec<u8> {
    openssl(&["dgst", &format!("-{name}"), "-binary"], text)
}

pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn from_hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

/// DER `SEQUENCE { r, s }` as `r || s`.
pub fn raw(der: &[u8]) -> Vec<u8> {
    let mut rest = &der[2..];
    let mut out = Vec::new();
    for _ in 0..2 {
        let length = usize::from(rest[1]);
        let number = &rest[2..2 + length];
        let number = number.strip_prefix(&[0]).unwrap_or(number);
        out.extend(std::iter::repeat_n(0, 32 - number.len()));
        out.extend(number);
        rest = &rest[2 + length..];
    }
    out
}

/// `data` encrypted with one of OpenSSL's ciphers.
pub fn encrypted(arguments: &[&str], text: &[u8]) -> Vec<u8> {
    openssl(&[&["enc", "-provider", "legacy", "-provider", "default"], arguments].concat(), text)
}

pub fn right_data(text: &str) -> String {
    to_base64(&encrypted(&["-des-ecb", "-K", &hex(&DES_KEY.as_bytes()[..8])], text.as_bytes()))
}

pub const PLAIN: &str = r#"{"sysSignFlowId":"MAN202109280009848"}"#;
/// Encrypted under the first 8 characters of the key; with `+`, and longer than a line of 76 characters.
pub const LONG_PLAIN: &str = r#"{"sysSignFlowId":"MAN2021092800098481234567890123456789abc"}"#;

/// Fields in the order in which they are sent.
pub type Fields = Vec<(String, serde_json::Value)>;

/// A right request, but for its signature.
pub fn request(algorithm: Algorithm) -> Fields {
    request_with(algorithm, &right_data(LONG_PLAIN))
}

/// The same with this `data`.
pub fn request_with(algorithm: Algorithm, data: &str) -> Fields {
    [
        ("ver", "1.0"),
        ("src", "ORG20210927162704"),
        ("msgCode", "Merchant"),
        ("method", "querySignSts"),
        ("signType", algorithm.sign_type()),
        ("charset", "UTF-8"),
        ("data", data),
        ("reqFlowId", "202110011944011101"),
    ]
    .map(|(name, value)| (name.to_owned(), value.into()))
    .to_vec()
}

pub fn set(fields: &mut Fields, name: &str, value: impl Into<serde_json::Value>) {
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value.into(),
        None => fields.push((name.to_owned(), value.into())),
    }
}

/// The named fields as `name=value`, in this order.
pub fn text(fields: &Fields, names: &[&str]) -> String {
    let of = |name: &&str| {
        let (_, value) = fields.iter().find(|(known, _)| known == name).unwrap();
        format!("{name}={}", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
    };
    names.iter().map(of).collect::<Vec<_>>().join("&")
}

pub const SORTED: [&str; 7] = ["charset", "data", "method", "msgCode", "signType", "src", "ver"];

pub fn right_text(fields: &Fields) -> String {
    text(fields, &SORTED)
}

/// JSON with the fields in their order.
pub fn json(fields: &Fields) -> String {
    let members = fields.iter().map(|(name, value)| format!("{}:{value}", serde_json::Value::from(name.as_str())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

/// The body with this signature.
pub fn signed(fields: &Fields, signature: &[u8]) -> String {
    with_sign_value(fields, &to_base64(signature))
}

pub fn with_sign_value(fields: &Fields, sign_value: &str) -> String {
    let mut fields = fields.clone();
    set(&mut fields, "signValue", sign_value);
    json(&fields)
}

/// An answer of the platform; `data` as the text of an object.
pub fn answer(algorithm: Algorithm, data: &Fields, signature: &[u8]) -> String {
    let mut fields: Fields = request(algorithm).into_iter().filter(|(name, _)| name != "data").collect();
    set(&mut fields, "signValue", to_base64(signature));
    set(&mut fields, "data", json(data));
    json(&fields)
}

pub fn answer_data() -> Fields {
    [("code", "00"), ("note", "成功"), ("signSts", "2"), ("sysSignFlowId", "MAN202109280009848")]
        .map(|(name, value)| (name.to_owned(), value.into()))
        .to_vec()
}

pub fn diagnosed(body: &str) -> Diagnosis {
    diagnose(&Message::read(body.as_bytes()).unwrap(), &keys())
}

/// Asserts that a body fits only with exactly these mistakes, by their stable names.
#[track_caller]
pub fn names(body: &str, mistakes: &[&str]) -> Diagnosis {
    let diagnosis = diagnosed(body);
    let found = diagnosis.findings.first();
    let ids: Vec<_> = found.into_iter().flat_map(|finding| &finding.mistakes).map(|mistake| mistake.id()).collect();
    assert_eq!(diagnosis.verdict, Verdict::FitsWithMistake, "{mistakes:?}: {}", diagnosis.explanation.en);
    assert_eq!(ids, mistakes, "{}", diagnosis.explanation.en);
    assert_shows_no_key(&diagnosis);
    diagnosis
}

#[track_caller]
pub fn assert_shows_no_key(diagnosis: &Diagnosis) {
    let shown = format!("{diagnosis:?}{}", serde_json::to_string(diagnosis).unwrap());
    assert!(!shown.contains(DES_KEY) && !shown.contains(&DES_KEY[..8]), "a key is shown");
}
