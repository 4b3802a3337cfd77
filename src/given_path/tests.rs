use std::sync::{Arc, Mutex};

use base64ct::{Base64, Base64Url, Encoding};

use super::*;
use crate::keys::{self, Source};
use crate::log::{self, Level};

/// A key's number with every kind of digit, and the PKCS#8 structure around it.
const SCALAR: &str = "3945208f7b2144b13f36e38ac6d39f95889393692860b51a42fb81ef4df7c5b8";

fn bytes(hex: &str) -> Vec<u8> {
    hex::tests::bytes(hex)
}

/// Every dress in which a key was met where a path belongs: what it is, and the text.
pub(crate) fn dresses() -> Vec<(&'static str, String)> {
    let raw = bytes(SCALAR);
    let pairs: Vec<String> = raw.iter().map(|byte| format!("{byte:02x}")).collect();
    let upper = SCALAR.to_uppercase();
    let base64 = Base64::encode_string(&raw);
    let der = [
        &bytes("308187020100301306072a8648ce3d020106082a811ccf5501822d046d306b0201010420"),
        raw.as_slice(),
        &raw,
        &raw,
    ];
    let der = Base64::encode_string(&der.concat());
    let lines = der.as_bytes().chunks(64).map(|line| str::from_utf8(line).unwrap()).collect::<Vec<_>>();
    let body = lines.join("\n");
    let pem = format!("-----BEGIN PRIVATE KEY-----\n{body}\n-----END PRIVATE KEY-----\n");
    // With slashes at the places where a path has them.
    let slashed = "etc/3ySk/Yh2o/Zq9KfWm1x/BtR7vUe0cLp/Ns5aQdGjX".to_owned();
    let wide = |text: &str| text.chars().map(|c| char::from_u32(u32::from(c) + 0xfee0).unwrap()).collect::<String>();
    vec![
        ("hex", SCALAR.to_owned()),
        ("hex in capitals", upper.clone()),
        ("hex of 66 digits", format!("00{SCALAR}")),
        ("hex with 0x", format!("0x{SCALAR}")),
        ("hex with 0X", format!("0X{upper}")),
        ("hex with spaces", pairs.join(" ")),
        ("hex with colons", pairs.join(":")),
        ("hex with dashes", pairs.join("-")),
        ("hex with dots", pairs.join(".")),
        ("hex with slashes", pairs.join("/")),
        ("hex with low lines", pairs.join("_")),
        ("hex with commas", pairs.join(", ")),
        ("hex as an array", format!("0x{}", pairs.join(", 0x"))),
        ("hex as escapes", format!("\\x{}", pairs.join("\\x"))),
        (
            "hex in words of eight",
            SCALAR.as_bytes().chunks(8).map(|w| str::from_utf8(w).unwrap()).collect::<Vec<_>>().join(" "),
        ),
        ("hex in lines", format!("{}\n{}\n", &SCALAR[..32], &SCALAR[32..])),
        ("hex in lines of Windows", format!("{}\r\n{}\r\n", &SCALAR[..32], &SCALAR[32..])),
        ("hex of openssl -text", format!("priv:\n    {}", pairs.join(":"))),
        ("hex with D=", format!("D={SCALAR}")),
        ("hex with d :", format!("d : {upper}")),
        ("hex in quotes", format!("\"{SCALAR}\"")),
        ("hex in single quotes", format!("'{SCALAR}'")),
        ("hex in Chinese quotes", format!("“{SCALAR}”")),
        ("hex behind a space", format!(" {SCALAR}")),
        ("hex before a space", format!("{SCALAR} ")),
        ("hex behind a line break", format!("\n{SCALAR}")),
        ("hex with a literal line break", format!("{SCALAR}\\n")),
        ("hex behind a byte order mark", format!("\u{feff}{SCALAR}")),
        ("hex with a comma", format!("{SCALAR},")),
        ("hex with a semicolon", format!("{SCALAR};")),
        ("hex with an ending", format!("{SCALAR}.pem")),
        ("hex in a folder", format!("/etc/yspay/{SCALAR}")),
        ("half of the hex", SCALAR[..32].to_owned()),
        ("hex in wide letters", wide(SCALAR)),
        ("Base64 of 32 bytes", base64.clone()),
        ("Base64 without padding", base64.trim_end_matches('=').to_owned()),
        ("URL-safe Base64", Base64Url::encode_string(&raw)),
        ("URL-safe Base64 without padding", Base64Url::encode_string(&raw).trim_end_matches('=').to_owned()),
        ("Base64 with slashes", slashed.clone()),
        ("Base64 with slashes and padding", format!("{slashed}=")),
        ("Base64 with D=", format!("D={base64}")),
        ("Base64 in quotes", format!("\"{base64}\",")),
        ("Base64 with a literal line break", format!("{base64}\\n")),
        ("Base64 of the hex", Base64::encode_string(SCALAR.as_bytes())),
        ("Base64 of the capitals", Base64::encode_string(upper.as_bytes())),
        ("data URL", format!("data:application/x-pkcs12;base64,{der}")),
        ("Base64 of PKCS#8", der.clone()),
        ("Base64 of PKCS#8 in lines", body.clone()),
        ("Base64 of PKCS#8 in lines of Windows", lines.join("\r\n")),
        ("Base64 of PKCS#8 with literal line breaks", lines.join("\\n")),
        ("Base64 of PKCS#8 behind a byte order mark", format!("\u{feff}{der}")),
        ("a line of PEM", lines[1].to_owned()),
        ("PEM", pem.clone()),
        ("PEM with literal line breaks", pem.replace('\n', "\\n")),
        ("PEM in one line", pem.replace('\n', " ")),
        ("PEM without its first line", format!("{body}\n-----END PRIVATE KEY-----\n")),
        ("PEM without its last line", format!("-----BEGIN PRIVATE KEY-----\n{body}\n")),
        ("PEM in quotes", format!("\"{pem}\"")),
        ("PEM of any length", pem.replace(&body, &vec![body.as_str(); 40].join("\n"))),
        ("JSON", format!("{{\"hex\":\"{SCALAR}\"}}")),
        ("a number in decimal", "25903854098735098273459087234590872345098723459087234509872345098".to_owned()),
        ("hex with a NUL", format!("{SCALAR}\0")),
    ]
}

/// Whether eight characters of a row of `secret` stand in `text`; dress does not count.
fn shows(text: &str, secret: &str) -> bool {
    let plain =
        |text: &str| narrow(text).chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    // Words that our own sentences have, too.
    let words = ["beginprivatekey", "endprivatekey", "dataapplicationxpkcs12base64", "etcyspay"];
    let secret = words.iter().fold(plain(secret), |secret, word| secret.replace(word, ""));
    let text = plain(text);
    secret.as_bytes().windows(8).any(|piece| text.contains(str::from_utf8(piece).unwrap()))
}

#[test]
fn a_key_in_the_place_of_a_path_is_told_by_its_looks_alone() {
    let dresses = dresses();
    assert!(dresses.len() >= 60);
    for (what, text) in &dresses {
        for field in ["privateKey", "platformCertificate", "caFile"] {
            let source = Source::path(field, text);
            let error = match field {
                "privateKey" => keys::load_private_key(&source, Some("123456"), None).map(|_| ()),
                "platformCertificate" => keys::load_certificate(&source).map(|_| ()),
                _ => keys::load_ca_certificates(&source).map(|_| ()),
            }
            .unwrap_err();
            let setting = if field == "caFile" { "caFile (not".to_owned() } else { format!("{field}.path (not") };
            assert!(error.message.starts_with(&setting), "{what}: {error}");
            assert!(error.message.contains("does not exist. "), "{what}: {error}");
            for told in [error.to_string(), format!("{error:?}{source:?}"), error.to_json(), label(Path::new(text))] {
                assert!(!shows(&told, text), "{what} as {field}: {told}");
            }
        }
    }
    // The search finds what is there.
    for (what, text) in &dresses {
        assert!(shows(&format!("\"{text}\""), text) && text.chars().count() > 20, "{what}");
    }
}

/// The whole way of a setting, and what the log says of it.
#[test]
fn a_key_in_the_place_of_a_path_is_in_no_log() {
    let told = Arc::new(Mutex::new(Vec::new()));
    let sink = Arc::clone(&told);
    log::set_sink(Some(Arc::new(move |_, message| sink.lock().unwrap().push(message.to_owned()))), Level::Trace);
    for (what, text) in dresses() {
        for field in ["privateKey", "platformCertificate", "caFile"] {
            let mut config = serde_json::json!({
                "environment": "test", "src": "ORG1", "desKey": "12345678", "proxy": "none",
                "privateKey": {"path": "tests/vectors/credentials/merchant-sm2.key.pem"},
                "platformCertificate": {"path": "tests/vectors/credentials/platform-sm2.cer"},
            });
            config[field] = if field == "caFile" { text.clone().into() } else { serde_json::json!({"path": text}) };
            let error = crate::Client::from_json(&config.to_string()).unwrap_err();
            assert!(error.message.starts_with(field) && !shows(&error.message, &text), "{what}: {error}");
        }
    }
    log::set_sink(None, Level::Trace);
    let told = told.lock().unwrap().join("\n");
    assert!(told.contains("no client: CREDENTIAL: privateKey.path (not shown"), "{told}");
    for (what, text) in dresses() {
        assert!(!shows(&told, &text), "{what}: {told}");
    }
}

#[test]
fn the_looks_say_where_a_key_belongs() {
    let message = |field, text: &str| {
        let source = Source::path(field, text);
        keys::load_private_key(&source, None, None).unwrap_err().message
    };
    for (what, text) in dresses() {
        let expected = match what {
            "hex with dots" | "hex with slashes" | "hex with low lines" | "Base64 with slashes" | "JSON" => continue,
            _ if what.contains("ending") || what.contains("folder") || what.contains("decimal") => continue,
            _ if what.contains("NUL") || what.contains("wide") || what.contains("Chinese") => continue,
            _ if what.starts_with("PEM") => "into privateKey.pem",
            _ if what.contains("hex of") || (what.contains("hex") && !what.contains("Base64")) => {
                "Put it into privateKey.hex"
            }
            _ if text.len() < 60 => "into privateKey.hex, in hex",
            _ => "Put it into privateKey.base64",
        };
        let told = message("privateKey", &text);
        assert!(told.contains(expected), "{what}: {told}");
        assert!(!message("caFile", &text).contains("caFile."), "{what}");
    }
    assert!(message("privateKey", SCALAR).contains("it looks like hex of 64 digits"));
    // In the wrong setting altogether.
    for text in [SCALAR.to_owned(), format!("D={SCALAR}"), Base64::encode_string(&bytes(SCALAR))] {
        assert!(message("platformCertificate", &text).contains("goes into privateKey.hex, in hex"), "{text}");
    }
    assert!(message("privateKey", "p4ssW0rd, long").contains("its 14 characters do not look like a path"));
}

#[test]
fn what_looks_like_a_path_is_quoted() {
    for path in [
        "missing",
        "key.pem",
        "no/such.pfx",
        "./no.such",
        "../certs/merchant",
        "id_rsa",
        "~/.ssh/id_rsa",
        "证书",
        "证书/商户 2024.pfx",
        "/etc/yspay/证书/merchant.sm2",
        "/etc/yspay/key",
        "/run/secrets/yspay_private_key",
        "/var/lib/app-2024.11.29/current/keys/merchant-rsa-2048.pfx",
        r"C:\keys\a.pfx",
        r"C:\new\ruler\x.pem",
        r"D:\Program Files (x86)\YsePay\privateKey2024V2.PFX",
        "/opt/app/ysPayPrivKeyV2.pem",
        r"\\server\share\merchant.sm2",
        "C:/keys/no.pem",
        "/tmp/junit4919291381299348112/none.json",
        "/home/user@corp/2024-11-29/businessgate_uat.cer",
        "MERCHANT.PFX",
    ] {
        assert_eq!(told(Path::new(path)), Ok(escaped(path)), "{path}");
    }
    // A folder that exists is no secret, so only the rest is judged.
    let folder = std::env::temp_dir().join(format!("yspay-{}-Xk3Lm9QzA1b7Tq2", std::process::id()));
    std::fs::create_dir(&folder).unwrap();
    let told = [folder.join("no.pfx"), folder.join("no/such file.pfx"), folder.join(SCALAR)].map(|path| told(&path));
    std::fs::remove_dir(&folder).unwrap();
    assert!(told[0].is_ok() && told[1].is_ok(), "{told:?}");
    assert!(told[2].is_err());
    // What exists is named, whatever it looks like.
    let odd = std::env::temp_dir().join(format!("yspay, {}={SCALAR}", std::process::id()));
    assert!(super::told(&odd).is_err());
    std::fs::write(&odd, "x").unwrap();
    let named = super::told(&odd);
    std::fs::remove_file(&odd).unwrap();
    assert_eq!(named.unwrap(), odd.to_str().unwrap());
}

/// Long names alone are judged by their looks, and only where nothing else can be meant.
#[test]
fn the_file_system_is_asked_unless_it_is_surely_a_key() {
    let dresses = dresses();
    let text = |wanted: &str| dresses.iter().find(|(what, _)| *what == wanted).unwrap().1.clone();
    assert!(!may_exist(Path::new(&text("PEM"))));
    assert!(!may_exist(Path::new(&text("Base64 of PKCS#8").replace('=', "").repeat(3))));
    for path in [text("hex"), text("Base64 of 32 bytes"), "MI/".repeat(50), format!("{}.pem", "MI/".repeat(200))] {
        assert!(may_exist(Path::new(&path)), "{path}");
    }
}

/// Keys out of a fixed stream of numbers: none is taken for a path, wherever its slashes fall and whatever is around it.
#[test]
fn no_key_of_many_looks_like_a_path() {
    use sha2::{Digest, Sha256};
    for number in 0..3_000u32 {
        let key = Sha256::digest(number.to_be_bytes());
        let (base64, url) = (Base64::encode_string(&key), Base64Url::encode_string(&key));
        let hex: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
        let half = Base64::encode_string(&key[..16]);
        for text in [&base64, base64.trim_end_matches('='), &url, url.trim_end_matches('='), &hex, &hex[..32], &half] {
            assert!(!is_path(text, 0), "{text}");
            for (before, behind) in [("./", ""), ("/etc/yspay/", ""), ("my key ", ""), (r"C:\keys\", "/")] {
                let text = format!("{before}{text}{behind}");
                assert!(!is_path(&text, 0) && (before != "./" || !is_path(&text, 1)), "{text}");
            }
        }
        // Nobody knows why, but a key may stand in front of an ending.
        for text in [&base64, &url, &hex] {
            assert!(!is_path(&format!("{text}.pem"), 0), "{text}");
        }
    }
}
