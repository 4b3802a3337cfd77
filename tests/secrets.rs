//! No secret in any error, log line, `Debug` or description: searched for across failures of every kind, at trace level.
//! A binary of its own, for the log's sink is the process's.

#![allow(unsafe_code, reason = "the C ABI is called as C would call it")]

#[path = "support/mod.rs"]
mod support;

use std::ffi::{CStr, CString};
use std::io::{Read, Write};
use std::net::TcpListener;
use std::ptr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use base64ct::{Base64, Base64Url, Encoding};
use serde_json::{Value, json};
use yspay::ffi::capi::{YSP_CONFIG, YSP_CREDENTIAL, ysp_client_new, ysp_free_string};
use yspay::log::{Level, set_sink};
use yspay::{Client, Code, QueryOptions};
use yspay_simulator::{Options, Simulator};

const PASSWORD: &str = "123456";
const PROXY_PASSWORD: &str = "pr0xy-s3cret";
const STORE_PASSWORD: &str = "st0re@s3cret";
/// As it is in a URL.
const STORE_PASSWORD_IN_URL: &str = "st0re%40s3cret";
const FLOW_ID: &str = "STS2-FLOWID-IN-PLAINTEXT";

/// Everything that must not be seen, in the forms in which it could be.
fn secrets() -> Vec<(&'static str, String)> {
    let pem = std::fs::read_to_string(support::credential("merchant-rsa.key.pem")).unwrap();
    let sm2 = std::fs::read_to_string(support::credential("merchant-sm2.key.pem")).unwrap();
    let body = |pem: &str| pem.lines().filter(|line| !line.starts_with("-----")).collect::<String>();
    let mut secrets = vec![
        ("desKey", yspay_simulator::DES_KEY.to_owned()),
        ("the eight bytes of desKey", yspay_simulator::DES_KEY[..8].to_owned()),
        ("desKey in Base64", Base64::encode_string(yspay_simulator::DES_KEY.as_bytes())),
        ("the password in quotes", format!("\"{PASSWORD}\"")),
        ("the password after a colon", format!(":{PASSWORD}")),
        ("the proxy's password", PROXY_PASSWORD.to_owned()),
        ("the proxy's password in Base64", Base64::encode_string(format!("user:{PROXY_PASSWORD}").as_bytes())),
        ("the store's password", STORE_PASSWORD.to_owned()),
        ("the store's password as it was given", STORE_PASSWORD_IN_URL.to_owned()),
        ("the plaintext of data", format!("{{\"sysSignFlowId\":\"{FLOW_ID}\"}}")),
    ];
    for (name, pem) in [("a piece of the RSA key", body(&pem)), ("a piece of the SM2 key", body(&sm2))] {
        // Past the header that every key has, in pieces short enough to be found in a clipped text.
        let bytes = Base64::decode_vec(&pem).unwrap();
        let start = if bytes.len() > 200 { 40 } else { 36 };
        for chunk in bytes[start..].chunks_exact(16).take(40) {
            let hex: String = chunk.iter().map(|byte| format!("{byte:02x}")).collect();
            secrets.push((name, hex));
            secrets.push((name, format!("{chunk:?}").trim_matches(['[', ']']).to_owned()));
        }
        for piece in pem.as_bytes()[56..].chunks_exact(24).take(40) {
            secrets.push((name, String::from_utf8(piece.to_vec()).unwrap()));
        }
    }
    secrets
}

/// The SM2 key of the test credentials as people paste it where a path belongs.
fn pasted() -> Vec<String> {
    let pem = std::fs::read_to_string(support::credential("merchant-sm2.key.pem")).unwrap();
    let body: String = pem.lines().filter(|line| !line.starts_with("-----")).collect();
    let der = Base64::decode_vec(&body).unwrap();
    // PKCS#8 of SM2 has the number behind 36 bytes.
    let scalar = &der[36..68];
    let pairs: Vec<String> = scalar.iter().map(|byte| format!("{byte:02x}")).collect();
    let (hex, base64) = (pairs.concat(), Base64::encode_string(scalar));
    let url = Base64Url::encode_string(scalar);
    vec![
        hex.to_uppercase(),
        format!("00{hex}"),
        format!("0x{hex}"),
        pairs.join(" "),
        pairs.join(":"),
        format!("D={hex}"),
        format!("\"{hex}\""),
        format!(" {hex}"),
        format!("\n{hex}"),
        format!("{hex}\\n"),
        format!("\u{feff}{hex}"),
        format!("{hex},"),
        hex,
        base64.trim_end_matches('=').to_owned(),
        format!("D={base64}"),
        base64,
        url.trim_end_matches('=').to_owned(),
        url,
        format!("data:;base64,{body}"),
        pem.replace('\n', "\\n"),
        pem.lines().skip(1).collect::<Vec<_>>().join("\n"),
        pem.lines().nth(1).unwrap().to_owned(),
        pem.repeat(20),
        body,
        pem,
    ]
}

/// The letters and digits alone: a key is found in whatever dress.
fn bare(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase()
}

/// A key in the place of each path and of a variable's name, and of the whole configuration, through the C ABI.
fn paste_through_the_c_abi(tell: &dyn Fn(&str, String)) {
    let plain = json!({
        "environment": "test", "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "proxy": "none",
        "privateKey": {"path": support::credential("merchant-sm2.key.pem")},
        "platformCertificate": {"path": support::credential("platform-sm2.cer")},
    });
    for text in pasted() {
        let mut wrong = vec![(YSP_CONFIG, text.clone())];
        for field in ["privateKey", "platformCertificate", "caFile"] {
            let mut config = plain.clone();
            config[field] = if field == "caFile" { json!(text) } else { json!({"path": text}) };
            wrong.push((YSP_CREDENTIAL, config.to_string()));
        }
        for place in ["env", "file"] {
            let mut config = plain.clone();
            config["desKey"] = json!({place: text});
            wrong.push((YSP_CONFIG, config.to_string()));
        }
        for (expected, config) in wrong {
            let config = CString::new(config).unwrap();
            let (mut client, mut error) = (ptr::null_mut(), ptr::null_mut());
            // SAFETY: a terminated text, and two places that may be written.
            let code = unsafe { ysp_client_new(config.as_ptr(), &mut client, &mut error) };
            // SAFETY: a failure leaves a text, and it is freed once.
            let told = unsafe { CStr::from_ptr(error) }.to_str().unwrap().to_owned();
            // SAFETY: as above.
            unsafe { ysp_free_string(error) };
            assert_eq!(code, expected, "{told}");
            tell("C ABI", told);
        }
    }
}

/// A store that answers whatever it is asked with what `answer` makes of it.
fn store(answer: fn(&[u8]) -> Vec<u8>) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut asked = [0; 4096];
            let Ok(length) = stream.read(&mut asked) else { continue };
            let _ = stream.write_all(&answer(&asked[..length]));
            // Until the client goes.
            let _ = stream.read(&mut asked);
        }
    });
    port
}

/// Stores of a shared limit that are away, refuse the password or hand it back.
fn ask_stores(tell: &dyn Fn(&str, String)) {
    let config = |number: usize, url: &str| {
        json!({
            "endpoint": format!("https://store-{number}.invalid/"), "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY,
            "privateKey": {"path": support::credential("merchant.sm2"), "password": PASSWORD},
            "platformCertificate": {"path": support::credential("platform-sm2.cer")},
            "rateLimit": {"shared": {"url": url, "timeoutMs": 300, "prefix": "p"}},
        })
        .to_string()
    };
    let wrong_password = store(|_| b"-WRONGPASS invalid username-password pair or user is disabled.\r\n".repeat(2));
    // As a server does that has no such command.
    let echo = store(|asked| {
        let words = String::from_utf8_lossy(asked).replace("\r\n", " ");
        format!("-ERR unknown command 'AUTH', with args beginning with: {words}\r\n").repeat(2).into_bytes()
    });
    let other = store(|asked| [b"HTTP/1.1 400 Bad Request\r\n\r\n", asked].concat());
    let silent = store(|_| Vec::new());
    let credentials = format!("user:{STORE_PASSWORD_IN_URL}@");
    for (number, (url, says)) in [
        (format!("redis://{credentials}127.0.0.1:9/1"), "redis://127.0.0.1:9/1 refuses the connection"),
        (format!("redis://:{STORE_PASSWORD_IN_URL}@127.0.0.1:9"), "refuses the connection"),
        (format!("rediss://{credentials}127.0.0.1:{silent}"), "did not answer within"),
        (format!("redis://{credentials}127.0.0.1:{silent}"), "did not answer within"),
        (format!("redis://{credentials}127.0.0.1:{wrong_password}"), "refuses the password"),
        (format!("redis://{credentials}127.0.0.1:{echo}/1"), "does not let us sign in"),
        (format!("redis://{credentials}127.0.0.1:{other}"), "does not speak the protocol"),
        (format!("redis+sentinel://{credentials}127.0.0.1:9/master/0"), "no sentinel that answers"),
        (format!("unix://{credentials}/no/such/socket"), "unix:///no/such/socket?db=0"),
    ]
    .into_iter()
    .enumerate()
    {
        let client = Client::from_json(&config(number, &url)).unwrap();
        tell("Debug of a client with a store", format!("{client:?} {client:#?} {}", client.describe().to_json()));
        // Twice: the second is told what is known already.
        for _ in 0..2 {
            let error = client.query_sign_sts(FLOW_ID).unwrap_err();
            assert_eq!((error.code, error.sent), (Code::LimiterUnavailable, false), "{url}: {error}");
            assert!(error.message.contains(says), "{url}: {error}");
            tell("store", format!("{error} {error:?} {}", error.to_json()));
        }
    }
    for url in [
        format!("http://user:{STORE_PASSWORD}@h"),
        format!("redis://user:{STORE_PASSWORD}@h"),
        format!("redis://{STORE_PASSWORD_IN_URL}@h"),
        format!("redis://{credentials}h:x"),
        format!("redis://{credentials}h/one"),
        format!("redis://user:{STORE_PASSWORD_IN_URL}%@h"),
        format!("unix:///socket?password={STORE_PASSWORD_IN_URL}"),
        format!("redis+sentinel://{credentials}h:1"),
    ] {
        let error = Client::from_json(&config(99, &url)).unwrap_err();
        assert_eq!(error.code, Code::Config, "{url}: {error}");
        tell("no store", format!("{error} {error:?} {}", error.to_json()));
    }
}

#[test]
fn nothing_that_is_told_holds_a_secret() {
    let told = Arc::new(Mutex::new(Vec::<(String, String)>::new()));
    let sink = Arc::clone(&told);
    set_sink(
        Some(Arc::new(move |level, message| {
            sink.lock().unwrap().push((format!("log, {level:?}"), message.to_owned()))
        })),
        Level::Trace,
    );
    let tell = |what: &str, text: String| told.lock().unwrap().push((what.to_owned(), text));

    let sim = Simulator::start(Options::default()).unwrap();
    for (key, certificate) in [("merchant-rsa-3des.pfx", "platform-rsa.cer"), ("merchant.sm2", "platform-sm2.cer")] {
        let config = json!({
            "endpoint": sim.endpoint(), "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY,
            "privateKey": {"path": support::credential(key), "password": PASSWORD},
            "platformCertificate": {"path": support::credential(certificate)},
            "proxy": format!("http://user:{PROXY_PASSWORD}@127.0.0.1:9"), "maxAttempts": 2, "rateLimit": {"perSecond": 1000},
        });
        let client = Client::from_json(&config.to_string()).unwrap();
        tell("description", client.describe().to_json());
        tell("statistics", client.stats().to_json());
        tell("Debug of a client", format!("{client:?} {client:#?}"));
        let ids = [
            FLOW_ID,
            "BADSIG-1",
            "UNSIGNED-1",
            "NOTB64-1",
            "OTHERID-1",
            "NOSTS-1",
            "NOTUTF8-1",
            "NOTJSON-1",
            "C99-1",
            "C50-1",
            "H404-1",
            "H502-1",
            "H429-1",
            "HUGE-1",
            "CLOSE-1",
            "RESET-1",
            "TRUNC-1",
            "HANG-1",
            "",
            "a&b",
        ];
        for id in ids {
            let options = QueryOptions { timeout: Some(Duration::from_millis(900)), ..QueryOptions::default() };
            match client.query_sign_sts_with(id, &options) {
                Ok(answer) => tell(id, format!("{answer:?} {}", answer.to_json())),
                Err(error) => tell(id, format!("{error} {error:?} {}", error.to_json())),
            }
        }
        tell("build_request", client.build_request(FLOW_ID, None).unwrap());

        // Failures to make a client, with each setting wrong in turn, and one by one of another type.
        let mut wrong: Vec<Value> = Vec::new();
        for (name, value) in [
            ("desKey", json!(["A81F41DE7406CC1566579A751D93CA7A"])),
            ("desKey", json!("A81F41D")),
            ("desKey", json!({"env": yspay_simulator::DES_KEY})),
            ("desKey", json!({"file": yspay_simulator::DES_KEY})),
            ("desKey", json!({yspay_simulator::DES_KEY: "x"})),
            ("desKey", json!({"env": [yspay_simulator::DES_KEY]})),
            ("secretEnvironment", json!({"DES_KEY": [yspay_simulator::DES_KEY]})),
            ("secretEnvironment", json!({yspay_simulator::DES_KEY: 1})),
            ("privateKey", json!({"path": support::credential(key), "password": [PASSWORD]})),
            ("privateKey", json!({"path": support::credential("no-key.pfx"), "password": PASSWORD})),
            (
                "privateKey",
                json!({"path": support::credential("merchant-rsa-chinese-password.pfx"), "password": PASSWORD}),
            ),
            (
                "privateKey",
                json!({"pem": std::fs::read_to_string(support::credential("merchant-rsa.key.pem")).unwrap().replace("MII", "XII")}),
            ),
            (
                "privateKey",
                json!({"base64": std::fs::read_to_string(support::credential("merchant.sm2")).unwrap(), "password": "wrong"}),
            ),
            ("privateKey", json!({"base64": "%%%", "password": PASSWORD})),
            (
                "platformCertificate",
                json!({"pem": std::fs::read_to_string(support::credential("merchant-sm2.key.pem")).unwrap()}),
            ),
            ("endpoint", json!(format!("https://user:{PROXY_PASSWORD}@example.com/"))),
            ("proxy", json!(format!("ftp://user:{PROXY_PASSWORD}@127.0.0.1:9"))),
            ("aesKey", json!(yspay_simulator::DES_KEY)),
        ] {
            let mut config = config.clone();
            config[name] = value;
            wrong.push(config);
        }
        for config in &wrong {
            if let Err(error) = Client::from_json(&config.to_string()) {
                tell("no client", format!("{error} {error:?} {}", error.to_json()));
            } else {
                panic!("a client was made of {config}");
            }
        }
        // Cut off anywhere, the configuration is not JSON.
        let text = config.to_string();
        for end in (1..text.len()).filter(|end| text.is_char_boundary(*end)).step_by(7) {
            if let Err(error) = Client::from_json(&text[..end]) {
                tell("no client", error.to_json());
            }
        }
    }
    // Through the proxy that refuses the connection: its password is at hand where the error is made.
    let config = json!({
        "endpoint": "https://platform.invalid/", "src": yspay_simulator::SRC, "desKey": yspay_simulator::DES_KEY, "maxAttempts": 1,
        "privateKey": {"path": support::credential("merchant.sm2"), "password": PASSWORD},
        "platformCertificate": {"path": support::credential("platform-sm2.cer")},
        "proxy": format!("http://user:{PROXY_PASSWORD}@127.0.0.1:9"),
    });
    let client = Client::from_json(&config.to_string()).unwrap();
    tell("Debug of a client with a proxy", format!("{client:?} {}", client.describe().to_json()));
    let error = client.query_sign_sts(FLOW_ID).unwrap_err();
    tell("proxy", format!("{error} {error:?} {}", error.to_json()));
    ask_stores(&tell);
    paste_through_the_c_abi(&tell);
    set_sink(None, Level::Trace);

    let told = told.lock().unwrap();
    // The search is worth something only if there was much to search, and if it finds what is there.
    assert!(told.len() > 100, "{}", told.len());
    assert!(told.iter().any(|(what, text)| what == "log, Debug" && text.contains("signed text")));
    assert!(told.iter().any(|(what, _)| what == "log, Trace"));
    for (name, secret) in secrets() {
        for (what, text) in told.iter() {
            assert!(
                !text.contains(&secret) && !text.to_lowercase().contains(&secret.to_lowercase()),
                "{name} is in {what}: {text}"
            );
        }
    }
    assert!(told.iter().any(|(what, text)| what == "C ABI" && text.contains("privateKey.path (not shown")));
    assert!(told.iter().any(|(what, text)| what == "log, Warn" && text.contains("redis://127.0.0.1:9/1 refuses")));
    for text in pasted() {
        // Not in its armour, whose words are no secret.
        let secret = bare(&text.replace("-----BEGIN PRIVATE KEY-----", "").replace("-----END PRIVATE KEY-----", ""));
        let secret = secret.trim_start_matches("database64");
        for (what, text) in told.iter().filter(|(what, _)| *what == "C ABI" || *what == "log, Error") {
            let text = bare(text);
            let shown = (0..secret.len() - 8).find(|at| text.contains(&secret[*at..*at + 8]));
            assert_eq!(shown, None, "{what}: {text}");
        }
    }
}
