//! A refusal names the mistake. Each one is made with the `openssl` program, and sent.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64Url, Encoding};
use serde_json::Value;
use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{DES_KEY, Options, Simulator};

use crate::openssl::{credential, run};
use crate::raw::{Connection, Fields, post};

const SORTED: [&str; 7] = ["charset", "data", "method", "msgCode", "signType", "src", "ver"];
/// Its Base64 holds a `+` and is longer than a line.
const ID: &str = "MAN2021092800098481234567890123456789abc";

/// A simulator and a connection to it.
struct Platform {
    simulator: Simulator,
    connection: Connection,
}

impl Platform {
    fn start() -> Self {
        let simulator = Simulator::start(Options { page: true, ..Options::default() }).expect("start");
        let connection = Connection::open(simulator.address());
        Self { simulator, connection }
    }

    /// That a request is refused for this reason, with this said.
    #[track_caller]
    fn refuses(&mut self, fields: &Fields, reason: &str, told: &str) {
        let message = self.connection.ask(&post(&fields.json())).refusal();
        assert_eq!(message, told);
        assert_eq!(self.simulator.stats().recent.last().expect("a request").verdict, reason, "{message}");
    }

    /// That a signature is refused and this mistake named.
    #[track_caller]
    fn names(&mut self, fields: &Fields, mistake: &str) {
        self.refuses(fields, "signature", &format!("验签失败: {mistake}"));
    }

    /// The same of a signature by the merchant over a text that is made of the fields.
    #[track_caller]
    fn names_text(&mut self, mistake: &str, text: impl Fn(&Fields) -> String) {
        for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
            let fields = Fields::ask(algorithm, ID);
            let signature = sign(algorithm, text(&fields).as_bytes());
            self.names(&signed(fields, &signature), mistake);
        }
    }
}

fn value(fields: &Fields, name: &str) -> String {
    fields.0[name].as_str().expect("a text").to_owned()
}

fn joined(fields: &Fields, names: &[&str]) -> String {
    names.iter().map(|name| format!("{name}={}", value(fields, name))).collect::<Vec<_>>().join("&")
}

fn right(fields: &Fields) -> String {
    joined(fields, &SORTED)
}

fn signed(fields: Fields, signature: &[u8]) -> Fields {
    fields.with("signValue", Base64::encode_string(signature))
}

fn sign(algorithm: Algorithm, text: &[u8]) -> Vec<u8> {
    match algorithm {
        Algorithm::Rsa => rsa("merchant", "-sha1", text),
        Algorithm::Sm => sm2("merchant", "distid:1234567812345678", text),
    }
}

fn rsa(who: &str, digest: &str, text: &[u8]) -> Vec<u8> {
    run(&["dgst", digest, "-sign", &credential(&format!("{who}-rsa.key.pem"))], text)
}

fn sm2(who: &str, id: &str, text: &[u8]) -> Vec<u8> {
    let key = credential(&format!("{who}-sm2.key.pem"));
    run(&["pkeyutl", "-sign", "-inkey", &key, "-rawin", "-digest", "sm3", "-pkeyopt", id], text)
}

/// Signs a digest as it is.
fn sign_digest(algorithm: Algorithm, digest: &[u8]) -> Vec<u8> {
    let kind = if algorithm == Algorithm::Rsa { "rsa" } else { "sm2" };
    run(&["pkeyutl", "-sign", "-inkey", &credential(&format!("merchant-{kind}.key.pem"))], digest)
}

fn digest(name: &str, text: &[u8]) -> Vec<u8> {
    run(&["dgst", name, "-binary"], text)
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// A request signed in this way over the right text.
fn signed_by(algorithm: Algorithm, sign: impl Fn(&[u8]) -> Vec<u8>) -> Fields {
    let fields = Fields::ask(algorithm, ID);
    let signature = sign(right(&fields).as_bytes());
    signed(fields, &signature)
}

#[test]
fn fields_that_are_not_to_be_signed() {
    let mut platform = Platform::start();
    platform.names_text("reqFlowId was signed, too", |fields| {
        joined(fields, &["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"])
    });
    platform.names_text("signValue itself was signed, too, before it had a value", |fields| {
        right(fields).replace("&src=", "&signValue=&src=")
    });
    platform.names_text("data was left out of the signed text", |fields| {
        joined(fields, &["charset", "method", "msgCode", "signType", "src", "ver"])
    });
    platform.names_text("the key for data was put into the signed text, too", |fields| {
        format!("{}&key={DES_KEY}", right(fields))
    });
}

#[test]
fn another_order_or_another_form() {
    let mut platform = Platform::start();
    platform.names_text("the fields were sorted in descending order", |fields| {
        let mut names = SORTED;
        names.reverse();
        joined(fields, &names)
    });
    platform.names_text("the pairs were joined without &", |fields| right(fields).replace('&', ""));
    platform.names_text("only the values were signed, without their names", |fields| {
        SORTED.map(|name| value(fields, name)).join("&")
    });
    platform.names_text("values were put in quotation marks", |fields| {
        SORTED.map(|name| format!("{name}=\"{}\"", value(fields, name))).join("&")
    });
    platform.names_text("the fields were signed as JSON", |fields| {
        let sorted: BTreeMap<_, _> = SORTED.iter().map(|name| (*name, value(fields, name))).collect();
        serde_json::to_string(&sorted).expect("JSON")
    });
    // As they are sent, in an order of the sender's own.
    for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
        let fields = Fields::ask(algorithm, ID);
        let order = ["src", "ver", "msgCode", "method", "data", "signType", "charset"];
        let signature = sign(algorithm, joined(&fields, &order).as_bytes());
        let fields = signed(fields, &signature);
        let sent = [&order[..], &["reqFlowId", "signValue"]].concat();
        let members: Vec<_> = sent.iter().map(|name| format!("{}:{}", Value::from(*name), fields.0[*name])).collect();
        let message = platform.connection.ask(&post(&format!("{{{}}}", members.join(",")))).refusal();
        assert_eq!(message, "验签失败: the fields were not sorted, but signed in the order in which they were sent");
    }
}

#[test]
fn data_signed_otherwise_than_it_is_sent() {
    let mut platform = Platform::start();
    platform.names_text("data was signed before it was encrypted", |fields| {
        right(fields).replace(&value(fields, "data"), &format!("{{\"sysSignFlowId\":\"{ID}\"}}"))
    });
    platform.names_text("values were URL-encoded in the signed text", |fields| {
        let encoded = value(fields, "data").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        right(fields).replace(&value(fields, "data"), &encoded)
    });
    platform.names_text("data was signed with line breaks with which it was not sent", |fields| {
        let data = value(fields, "data");
        right(fields).replace(&data, &format!("{}\r\n{}", &data[..76], &data[76..]))
    });
    for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
        let fields = Fields::ask(algorithm, ID);
        let data = value(&fields, "data");
        let signature = sign(algorithm, right(&fields).as_bytes());
        let sent = fields.with("data", format!("{}\r\n{}\r\n", &data[..76], &data[76..]));
        platform.names(&signed(sent, &signature), "data was signed without the line breaks with which it was sent");
        let fields = Fields::ask(algorithm, ID);
        let plus = value(&fields, "data").replace(['A', 'B'], "+");
        let fields = fields.with("data", plus.clone());
        let signature = sign(algorithm, right(&fields).replace(&plus, &plus.replace('+', " ")).as_bytes());
        platform.names(&signed(fields, &signature), "data was signed with each + turned into a space");
    }
}

#[test]
fn another_digest_or_another_key() {
    let mut platform = Platform::start();
    let rsa_with = |name: &'static str| signed_by(Algorithm::Rsa, |text| rsa("merchant", name, text));
    platform.names(&rsa_with("-sha256"), "the digest is SHA-256");
    platform.names(&rsa_with("-md5"), "the digest is MD5");
    let without = signed_by(Algorithm::Rsa, |text| sign_digest(Algorithm::Rsa, &digest("-sha1", text)));
    platform.names(&without, "the signature lacks DigestInfo, as with NONEwithRSA or openssl rsautl");
    let hex_signed = signed_by(Algorithm::Rsa, |text| rsa("merchant", "-sha1", hex(&digest("-sha1", text)).as_bytes()));
    platform.names(&hex_signed, "the hex text of the SHA-1 digest was signed in place of the text");
    let twice = signed_by(Algorithm::Rsa, |text| rsa("merchant", "-sha1", &digest("-sha1", text)));
    let message = platform.connection.ask(&post(&twice.json())).refusal();
    assert!(message.starts_with("验签失败: ") && message.contains("digest") && message.contains("SHA-1"), "{message}");

    let no_id = signed_by(Algorithm::Sm, |text| sign_digest(Algorithm::Sm, &digest("-sm3", text)));
    platform.names(&no_id, "SM3 was made of the text alone, without the user id and the key (Z)");
    for (id, told) in [
        ("distid:", "the user id of SM2 was empty"),
        ("distid:ALICE123@YAHOO.COM", "the user id of SM2 was ALICE123@YAHOO.COM"),
        ("distid:ORG20210927162704", "the user id of SM2 was ORG20210927162704"),
        ("hexdistid:1234567812345678", "the user id of SM2 was taken for hex, or written in hex"),
    ] {
        platform.names(&signed_by(Algorithm::Sm, |text| sm2("merchant", id, text)), told);
    }
    for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
        let fields = signed_by(algorithm, |text| match algorithm {
            Algorithm::Rsa => rsa("platform", "-sha1", text),
            Algorithm::Sm => sm2("platform", "distid:1234567812345678", text),
        });
        platform.names(&fields, "it was signed with the platform's key");
    }
    let mut other = signed_by(Algorithm::Rsa, |text| sign(Algorithm::Sm, text));
    let message = platform.connection.ask(&post(&other.json())).refusal();
    assert_eq!(message, "验签失败: signType says RSA, but the key that signed is of SM");
    // Two at once.
    let both = ["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"];
    other = Fields::ask(Algorithm::Rsa, ID);
    let signature = rsa("merchant", "-sha256", joined(&other, &both).as_bytes());
    let message = platform.connection.ask(&post(&signed(other, &signature).json())).refusal();
    assert!(message.contains("reqFlowId was signed, too") && message.contains("SHA-256"), "{message}");
}

#[test]
fn a_signature_written_otherwise() {
    let mut platform = Platform::start();
    for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
        let written = |write: &dyn Fn(&[u8]) -> String| {
            let fields = Fields::ask(algorithm, ID);
            let signature = sign(algorithm, right(&fields).as_bytes());
            fields.with("signValue", write(&signature))
        };
        platform.names(
            &written(&|s| Base64::encode_string(hex(s).as_bytes())),
            "signValue is the Base64 of the signature's hex text",
        );
        platform.names(
            &written(&|s| Base64::encode_string(Base64::encode_string(s).as_bytes())),
            "signValue is encoded in Base64 twice",
        );
        // Hex may happen to be Base64 as well, and what is for URLs may happen to be without - and _.
        let told = "验签失败: signValue is written in hex";
        assert_eq!(platform.connection.ask(&post(&written(&hex).json())).refusal(), told);
        let url = loop {
            let fields = written(&Base64Url::encode_string);
            if value(&fields, "signValue").contains(['-', '_']) {
                break fields;
            }
        };
        platform.refuses(&url, "signValue", "验签失败: signValue is written in Base64 for URLs (- and _)");
    }
    let raw = signed_by(Algorithm::Sm, |text| {
        let der = sign(Algorithm::Sm, text);
        let number = |from: usize| {
            let (length, start) = (usize::from(der[from + 1]), from + 2);
            let bytes = der[start..start + length].iter().copied().skip_while(|byte| *byte == 0).collect::<Vec<_>>();
            ([vec![0; 32 - bytes.len()], bytes].concat(), start + length)
        };
        let (r, next) = number(2);
        [r, number(next).0].concat()
    });
    platform.names(&raw, "the signature is the raw 64 bytes r || s");
}

#[test]
fn data_encrypted_otherwise() {
    let mut platform = Platform::start();
    let plain = format!(r#"{{"sysSignFlowId":"{ID}"}}"#);
    let encrypted = |arguments: &[&str], text: &[u8]| {
        run(&[&["enc", "-provider", "legacy", "-provider", "default"], arguments].concat(), text)
    };
    let key = |count: usize| hex(&DES_KEY.as_bytes()[..count]);
    let zeros = |text: &str| [text.as_bytes(), &vec![0; 8 - text.len() % 8][..]].concat();
    assert_ne!(plain.len() % 8, 0);
    let last = hex(&DES_KEY.as_bytes()[24..]);
    let base64 = |bytes: Vec<u8>| Base64::encode_string(&bytes);
    let text = plain.as_bytes();
    for (data, told) in [
        (base64(encrypted(&["-des-ecb", "-K", &DES_KEY[..16]], text)), "the key for data was hex-decoded"),
        (base64(encrypted(&["-des-ecb", "-K", &last], text)), "the last 8 characters of the key were used for data"),
        (
            base64(encrypted(&["-des-ecb", "-nopad", "-K", &key(8)], &zeros(&plain))),
            "the last block of data was filled with zero bytes",
        ),
        (
            base64(encrypted(&["-des-cbc", "-K", &key(8), "-iv", "00"], text)),
            "data was encrypted in CBC mode with an IV of zeros",
        ),
        (
            base64(encrypted(&["-des-cbc", "-K", &key(8), "-iv", &key(8)], text)),
            "data was encrypted in CBC mode with the key as the IV",
        ),
        (base64(encrypted(&["-des-ede3", "-K", &key(24)], text)), "data was encrypted with triple DES"),
        (base64(encrypted(&["-aes-128-ecb", "-K", DES_KEY], text)), "data was encrypted with AES-128"),
        (base64(encrypted(&["-aes-256-ecb", "-K", &key(32)], text)), "data was encrypted with AES-256"),
        (hex(&encrypted(&["-des-ecb", "-K", &key(8)], text)), "data is written in hex"),
    ] {
        for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
            let fields = Fields::ask(algorithm, ID).with("data", data.as_str());
            let signature = sign(algorithm, right(&fields).as_bytes());
            let message = platform.connection.ask(&post(&signed(fields, &signature).json())).refusal();
            assert_eq!(message, format!("解密失败: {told}"));
        }
    }
    for data in [plain.clone(), Base64::encode_string(text)] {
        let fields = Fields::ask(Algorithm::Sm, ID).with("data", data);
        let signature = sign(Algorithm::Sm, right(&fields).as_bytes());
        let message = platform.connection.ask(&post(&signed(fields, &signature).json())).refusal();
        assert!(message.starts_with("解密失败: ") && message.contains("not encrypted"), "{message}");
    }
}

#[test]
fn what_is_no_known_mistake_is_told_as_far_as_it_shows() {
    let mut platform = Platform::start();
    let other = Fields::ask(Algorithm::Rsa, "another");
    let signature = sign(Algorithm::Rsa, b"another text");
    let message = platform.connection.ask(&post(&signed(other.clone(), &signature).json())).refusal();
    let told = format!("验签失败: the Rsa signature does not fit {:?}. ", right(&other));
    // The key is right, which RSA shows.
    assert!(message.starts_with(&told) && message.contains("key"), "{message}");
    let damaged = signed_by(Algorithm::Sm, |text| {
        let mut signature = sign(Algorithm::Sm, text);
        *signature.last_mut().expect("a byte") ^= 1;
        signature
    });
    let message = platform.connection.ask(&post(&damaged.json())).refusal();
    assert!(
        message.starts_with("验签失败: the Sm signature does not fit ") && message.contains("SM2 does not show"),
        "{message}"
    );
    // Data under an unknown key.
    let unknown =
        run(&["enc", "-provider", "legacy", "-provider", "default", "-des-ecb", "-K", &hex(b"anotherk")], b"{}");
    let fields = Fields::ask(Algorithm::Sm, ID).with("data", Base64::encode_string(&unknown));
    let signature = sign(Algorithm::Sm, right(&fields).as_bytes());
    platform.refuses(
        &signed(fields, &signature),
        "data_des",
        "解密失败: data is not DES/ECB/PKCS5Padding under our key",
    );
}
