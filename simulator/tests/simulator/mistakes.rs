//! A refusal names the mistake. Each one is made with the `openssl` program, and sent.

use std::collections::BTreeMap;

use base64ct::{Base64, Base64Url, Encoding};
use serde_json::Value;
use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{DES_KEY, Options, Simulator};

use crate::openssl::{credential, run};
use crate::page::{get, token};
use crate::raw::{Connection, Fields, post};

const BOTH: [Algorithm; 2] = [Algorithm::Rsa, Algorithm::Sm];
const SORTED: [&str; 7] = ["charset", "data", "method", "msgCode", "signType", "src", "ver"];
/// Its Base64 holds a `+` and is longer than a line.
const ID: &str = "MAN2021092800098481234567890123456789abc";

/// A simulator and a connection to it.
struct Platform {
    simulator: Simulator,
    connection: Connection,
    asked: u64,
}

impl Platform {
    fn start() -> Self {
        let simulator = Simulator::start(Options { page: true, ..Options::default() }).expect("start");
        let connection = Connection::open(simulator.address());
        Self { simulator, connection, asked: 0 }
    }

    /// The message by which a body is refused, the check that failed, and what the page says of the request.
    fn refused(&mut self, body: &str) -> (String, &'static str, Value) {
        let message = self.connection.ask(&post(body)).refusal();
        self.asked += 1;
        let path = format!("/page/request?id={}&token={}", self.asked, token(&self.simulator));
        let verdict = self.simulator.stats().recent.last().expect("a request").verdict;
        (message, verdict, get(&self.simulator, &path).json()["diagnosis"].take())
    }

    /// That the refusal says in short which mistakes these are, and the page in a sentence.
    #[track_caller]
    fn names_in(&mut self, body: &str, begins: &str, mistakes: &[&str]) -> &'static str {
        let (message, verdict, diagnosis) = self.refused(body);
        let finding = &diagnosis["findings"][0];
        assert_eq!(finding["mistakes"], Value::from(mistakes), "{message}");
        assert_eq!(message, format!("{begins}: {}", finding["short"]["en"].as_str().expect("in short")));
        assert!(finding["sentence"]["zh"].as_str().is_some_and(|zh| !zh.is_empty()), "{finding}");
        assert!(!message.contains(DES_KEY) && !diagnosis.to_string().contains(DES_KEY), "a key is shown");
        verdict
    }

    /// The same of a signature.
    #[track_caller]
    fn names(&mut self, fields: &Fields, mistakes: &[&str]) {
        let verdict = self.names_in(&fields.json(), "验签失败", mistakes);
        assert!(["signature", "signValue"].contains(&verdict), "{verdict}");
    }

    /// The same of a signature by the merchant, with each algorithm, over a text that is made of the fields.
    #[track_caller]
    fn names_text(&mut self, mistake: &str, text: impl Fn(&Fields) -> Vec<u8>) {
        for algorithm in BOTH {
            let fields = Fields::ask(algorithm, ID);
            let signature = sign(algorithm, &text(&fields));
            self.names(&signed(fields, &signature), &[mistake]);
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
fn what_was_signed_is_known_in_the_words_of_the_refusal() {
    let mut platform = Platform::start();
    let fields = Fields::ask(Algorithm::Rsa, ID);
    let text = joined(&fields, &["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"]);
    let signature = sign(Algorithm::Rsa, text.as_bytes());
    let (message, ..) = platform.refused(&signed(fields, &signature).json());
    assert_eq!(message, "验签失败: reqFlowId was signed, too");
}

#[test]
fn other_fields_were_signed() {
    let mut platform = Platform::start();
    let with_id = |fields: &Fields| {
        joined(fields, &["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"])
    };
    let with_blank = |text: &str| text.replace("&src=", "&signValue=&src=").into_bytes();
    platform.names_text("reqFlowId-signed", |fields| with_id(fields).into_bytes());
    platform.names_text("signValue-signed", |fields| with_blank(&right(fields)));
    platform.names_text("reqFlowId-and-signValue-signed", |fields| with_blank(&with_id(fields)));
    platform.names_text("field-left-out", |fields| {
        joined(fields, &["charset", "method", "msgCode", "signType", "src", "ver"]).into_bytes()
    });
    platform.names_text("key-appended", |fields| format!("{}&key={DES_KEY}", right(fields)).into_bytes());
    platform.names_text("data-text-signed", |fields| value(fields, "data").into_bytes());
    platform.names_text("nothing-signed", |_| Vec::new());
}

#[test]
fn the_text_had_another_order_or_form() {
    let mut platform = Platform::start();
    platform.names_text("reverse-order", |fields| {
        let mut names = SORTED;
        names.reverse();
        joined(fields, &names).into_bytes()
    });
    platform.names_text("joined-without-ampersand", |fields| right(fields).replace('&', "").into_bytes());
    platform.names_text("joined-otherwise", |fields| right(fields).replace('&', ",").into_bytes());
    platform.names_text("values-only", |fields| SORTED.map(|name| value(fields, name)).join("&").into_bytes());
    platform.names_text("values-quoted", |fields| {
        SORTED.map(|name| format!("{name}=\"{}\"", value(fields, name))).join("&").into_bytes()
    });
    platform.names_text("json-signed", |fields| {
        let sorted: BTreeMap<_, _> = SORTED.iter().map(|name| (*name, value(fields, name))).collect();
        serde_json::to_vec(&sorted).expect("JSON")
    });
    platform.names_text("surrounded", |fields| format!("{}\n", right(fields)).into_bytes());
    platform.names_text("case-changed", |fields| right(fields).to_lowercase().into_bytes());
    platform.names_text("utf-16", |fields| right(fields).encode_utf16().flat_map(u16::to_le_bytes).collect());
    // As they are sent, in an order of the sender's own.
    for algorithm in BOTH {
        let fields = Fields::ask(algorithm, ID);
        let order = ["src", "ver", "msgCode", "method", "data", "signType", "charset"];
        let signature = sign(algorithm, joined(&fields, &order).as_bytes());
        let fields = signed(fields, &signature);
        let sent = [&order[..], &["reqFlowId", "signValue"]].concat();
        let members: Vec<_> = sent.iter().map(|name| format!("{}:{}", Value::from(*name), fields.0[*name])).collect();
        platform.names_in(&format!("{{{}}}", members.join(",")), "验签失败", &["not-sorted"]);
    }
}

#[test]
fn data_was_signed_otherwise_than_it_is_sent() {
    let mut platform = Platform::start();
    let instead = |fields: &Fields, data: &str| right(fields).replace(&value(fields, "data"), data).into_bytes();
    platform.names_text("data-plain-signed", |fields| instead(fields, &format!("{{\"sysSignFlowId\":\"{ID}\"}}")));
    platform.names_text("values-encoded", |fields| {
        let encoded = value(fields, "data").replace('+', "%2B").replace('/', "%2F").replace('=', "%3D");
        instead(fields, &encoded)
    });
    platform.names_text("data-breaks-added", |fields| {
        let data = value(fields, "data");
        instead(fields, &format!("{}\r\n{}", &data[..76], &data[76..]))
    });
    for algorithm in BOTH {
        let fields = Fields::ask(algorithm, ID);
        let data = value(&fields, "data");
        let signature = sign(algorithm, right(&fields).as_bytes());
        let sent = fields.with("data", format!("{}\r\n{}\r\n", &data[..76], &data[76..]));
        platform.names(&signed(sent, &signature), &["data-breaks-left-out"]);
        let plus = data.replace(['A', 'B'], "+");
        let fields = Fields::ask(algorithm, ID).with("data", plus.as_str());
        let signature = sign(algorithm, &instead(&fields, &plus.replace('+', " ")));
        platform.names(&signed(fields, &signature), &["plus-signed-as-space"]);
    }
}

#[test]
fn the_digest_or_the_key_was_another() {
    let mut platform = Platform::start();
    for (mistake, sign) in [
        ("other-digest", &(|text: &[u8]| rsa("merchant", "-sha256", text)) as &dyn Fn(&[u8]) -> Vec<u8>),
        ("other-digest", &|text| rsa("merchant", "-md5", text)),
        ("digest-info-missing", &|text| sign_digest(Algorithm::Rsa, &digest("-sha1", text))),
        ("digest-twice", &|text| rsa("merchant", "-sha1", &digest("-sha1", text))),
        ("digest-hex-signed", &|text| rsa("merchant", "-sha1", hex(&digest("-sha1", text)).as_bytes())),
        ("digest-base64-signed", &|text| {
            rsa("merchant", "-sha1", Base64::encode_string(&digest("-sha1", text)).as_bytes())
        }),
        ("bytes-reversed", &|text| rsa("merchant", "-sha1", text).into_iter().rev().collect()),
        ("other-key", &|text| rsa("platform", "-sha1", text)),
        ("other-sign-type", &|text| sign(Algorithm::Sm, text)),
    ] {
        platform.names(&signed_by(Algorithm::Rsa, sign), &[mistake]);
    }
    let user = |id: &'static str| move |text: &[u8]| sm2("merchant", id, text);
    for (mistake, sign) in [
        ("no-user-id", &(|text: &[u8]| sign_digest(Algorithm::Sm, &digest("-sm3", text))) as &dyn Fn(&[u8]) -> Vec<u8>),
        ("other-user-id", &user("distid:")),
        ("other-user-id", &user("distid:ALICE123@YAHOO.COM")),
        ("other-user-id", &user("distid:ORG20210927162704")),
        ("user-id-as-hex", &user("hexdistid:1234567812345678")),
        ("digest-twice", &|text| sign(Algorithm::Sm, &digest("-sm3", text))),
        ("digest-hex-signed", &|text| sign(Algorithm::Sm, hex(&digest("-sm3", text)).as_bytes())),
        ("other-key", &|text| sm2("platform", "distid:1234567812345678", text)),
        ("other-sign-type", &|text| sign(Algorithm::Rsa, text)),
    ] {
        platform.names(&signed_by(Algorithm::Sm, sign), &[mistake]);
    }
    // Two at once.
    let fields = Fields::ask(Algorithm::Rsa, ID);
    let text = joined(&fields, &["charset", "data", "method", "msgCode", "reqFlowId", "signType", "src", "ver"]);
    let signature = rsa("merchant", "-sha256", text.as_bytes());
    platform.names(&signed(fields, &signature), &["reqFlowId-signed", "other-digest"]);
}

#[test]
fn the_signature_was_written_otherwise() {
    let mut platform = Platform::start();
    for algorithm in BOTH {
        let written = |write: &dyn Fn(&[u8]) -> String| {
            let fields = Fields::ask(algorithm, ID);
            let signature = sign(algorithm, right(&fields).as_bytes());
            fields.with("signValue", write(&signature))
        };
        platform.names(&written(&hex), &["signature-hex"]);
        platform.names(&written(&|s| Base64::encode_string(hex(s).as_bytes())), &["signature-hex-in-base64"]);
        let twice = |s: &[u8]| Base64::encode_string(Base64::encode_string(s).as_bytes());
        platform.names(&written(&twice), &["signature-base64-twice"]);
        // Each contract has another signature, and most have a letter that is written otherwise for URLs.
        let url = (0..).map(|number| {
            let fields = Fields::ask(algorithm, &format!("URL-{number}"));
            let signature = sign(algorithm, right(&fields).as_bytes());
            fields.with("signValue", Base64Url::encode_string(&signature))
        });
        let url = url.into_iter().find(|fields| value(fields, "signValue").contains(['-', '_'])).expect("one");
        platform.names(&url, &["signature-base64url"]);
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
    platform.names(&raw, &["raw-signature"]);
}

#[test]
fn data_was_encrypted_otherwise() {
    let mut platform = Platform::start();
    let plain = format!(r#"{{"sysSignFlowId":"{ID}"}}"#);
    let text = plain.as_bytes();
    let encrypted = |arguments: &[&str], text: &[u8]| {
        run(&[&["enc", "-provider", "legacy", "-provider", "default"], arguments].concat(), text)
    };
    let made = |arguments: &[&str], text: &[u8]| Base64::encode_string(&encrypted(arguments, text));
    let key = |count: usize| hex(&DES_KEY.as_bytes()[..count]);
    assert_ne!(plain.len() % 8, 0);
    let zeros = [text, &vec![0; 8 - plain.len() % 8][..]].concat();
    for (mistake, data) in [
        ("des-key-decoded", made(&["-des-ecb", "-K", &DES_KEY[..16]], text)),
        ("des-key-end", made(&["-des-ecb", "-K", &hex(&DES_KEY.as_bytes()[24..])], text)),
        ("des-key-case", made(&["-des-ecb", "-K", &hex(DES_KEY[..8].to_lowercase().as_bytes())], text)),
        ("zero-padding", made(&["-des-ecb", "-nopad", "-K", &key(8)], &zeros)),
        ("cbc-zero", made(&["-des-cbc", "-K", &key(8), "-iv", "00"], text)),
        ("cbc-key", made(&["-des-cbc", "-K", &key(8), "-iv", &key(8)], text)),
        ("triple-des", made(&["-des-ede3", "-K", &key(24)], text)),
        ("aes", made(&["-aes-128-ecb", "-K", DES_KEY], text)),
        ("aes", made(&["-aes-256-ecb", "-K", &key(32)], text)),
        ("data-hex", hex(&encrypted(&["-des-ecb", "-K", &key(8)], text))),
        ("data-not-encrypted", plain.clone()),
        ("data-only-base64", Base64::encode_string(text)),
    ] {
        for algorithm in BOTH {
            let fields = Fields::ask(algorithm, ID).with("data", data.as_str());
            let signature = sign(algorithm, right(&fields).as_bytes());
            let verdict = platform.names_in(&signed(fields, &signature).json(), "解密失败", &[mistake]);
            assert!(verdict.starts_with("data_"), "{verdict}");
        }
    }
}

#[test]
fn what_is_no_known_mistake_is_told_as_far_as_it_shows() {
    let mut platform = Platform::start();
    for (algorithm, name) in [(Algorithm::Rsa, "RSA"), (Algorithm::Sm, "SM (SM2)")] {
        let fields = Fields::ask(algorithm, ID);
        let known = format!("验签失败: the {name} signature does not fit {:?}. ", right(&fields));
        let signature = sign(algorithm, b"another text");
        let (message, verdict, diagnosis) = platform.refused(&signed(fields, &signature).json());
        // RSA shows that the key is right; the sentence says so.
        let explanation = diagnosis["explanation"]["en"].as_str().expect("a sentence");
        assert_eq!((message, verdict), (format!("{known}{explanation}"), "signature"));
        assert_eq!((&diagnosis["verdict"], &diagnosis["findings"]), (&"doesNotFit".into(), &Value::Array(vec![])));
    }
    for (value, told) in [("***", "signValue is not Base64"), ("", "signValue is empty")] {
        let fields = Fields::ask(Algorithm::Sm, ID).with("signValue", value);
        let (message, verdict, _) = platform.refused(&fields.json());
        assert_eq!((message, verdict), (format!("验签失败: {told}"), "signValue"));
    }
    // Data under an unknown key.
    let unknown =
        run(&["enc", "-provider", "legacy", "-provider", "default", "-des-ecb", "-K", &hex(b"anotherk")], b"{}");
    let fields = Fields::ask(Algorithm::Sm, ID).with("data", Base64::encode_string(&unknown));
    let signature = sign(Algorithm::Sm, right(&fields).as_bytes());
    let (message, verdict, _) = platform.refused(&signed(fields, &signature).json());
    assert_eq!((&*message, verdict), ("解密失败: data is not DES/ECB/PKCS5Padding under our key", "data_des"));
}
