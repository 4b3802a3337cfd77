//! `yspay doctor`: every check is seen to fail for real, and its advice is for that failure.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "tests tell what they saw")]

mod platform;
#[cfg(unix)]
#[allow(dead_code, reason = "the tests of other commands use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use std::io::{self, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};

use platform::{Platform, Scratch, credential, only_mine, yspay};
use serde_json::{Value, json};
use yspay_simulator::{Options, Tls};

const ALL: [&str; 12] = [
    "configuration",
    "permissions",
    "privateKey",
    "ownCertificate",
    "platformCertificate",
    "name",
    "proxy",
    "tcp",
    "tls",
    "clock",
    "answer",
    "limit",
];

/// What doctor found.
struct Found {
    exit: i32,
    json: Value,
}

impl Found {
    #[track_caller]
    fn check(&self, id: &str) -> &Value {
        self.json["checks"].as_array().unwrap().iter().find(|check| check["id"] == id).unwrap()
    }

    fn ids(&self, status: &str) -> Vec<&str> {
        let checks = self.json["checks"].as_array().unwrap().iter();
        checks.filter(|check| check["status"] == status).map(|check| check["id"].as_str().unwrap()).collect()
    }

    /// That this check alone failed, with these words, and that its advice has those.
    #[track_caller]
    fn fails(&self, id: &str, found: &str, advice: &str) {
        assert_eq!(self.ids("failed"), [id], "{:#}", self.json);
        self.is(id, "failed", found, advice);
        assert_eq!(self.exit, 10);
    }

    #[track_caller]
    fn is(&self, id: &str, status: &str, found: &str, advice: &str) {
        let check = self.check(id);
        assert_eq!(check["status"], status, "{check:#}");
        assert!(check["found"].as_str().unwrap().contains(found), "{check:#}");
        assert!(check["advice"].as_str().unwrap_or_default().contains(advice), "{check:#}");
    }
}

fn examine_with(config: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Found {
    let mut arguments = arguments.to_vec();
    arguments.splice(0..0, ["doctor", "--json"]);
    let run = yspay(config, &arguments).envs(environment.iter().copied()).output().unwrap();
    let (exit, out, err) = platform::told(&run);
    assert_eq!(err, "");
    let json: Value = serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}"));
    let found = Found { exit, json };
    let ids: Vec<_> =
        found.json["checks"].as_array().unwrap().iter().map(|check| check["id"].as_str().unwrap()).collect();
    assert_eq!(ids, ALL, "each check stands there once, in order");
    found
}

fn examine(config: &Path) -> Found {
    examine_with(config, &["--id", "C99-doctor"], &[])
}

#[test]
fn all_is_in_order_for_both_algorithms() {
    for tls in [false, true] {
        let platform = if tls { Platform::with_tls() } else { Platform::start() };
        for (sign_type, kind) in [("sm", "SM2"), ("rsa", "RSA-2048")] {
            let found = examine(&platform.config(sign_type, |_| {}));
            assert_eq!((found.exit, &found.json["status"]), (0, &json!("ok")), "{:#}", found.json);
            assert_eq!(found.ids("skipped"), if tls { &[][..] } else { &["tls"] });
            assert_eq!(found.check("privateKey")["kind"], kind);
            assert!(found.check("ownCertificate")["daysLeft"].as_i64().unwrap() > 7_000);
            assert_eq!(found.check("answer")["error"]["platformCode"], "99");
            assert_eq!(found.check("tcp")["peer"], format!("127.0.0.1:{}", platform.port));
            if tls {
                let check = found.check("tls");
                assert_eq!((&check["version"], &check["rootFrom"]), (&json!("TLSv1_3"), &json!("caFile")));
                assert!(check["root"].as_str().unwrap().contains("test authority"), "{check}");
            }
        }
    }
}

#[test]
fn a_success_proves_the_keys_as_well() {
    let platform = Platform::start();
    let found = examine_with(&platform.config("sm", |_| {}), &[], &[]);
    found.is("answer", "ok", "signed, status 2 CREATED", "");
}

#[test]
fn a_configuration_that_cannot_be_used_is_told_first() {
    let scratch = Scratch::new();
    let found = examine(&scratch.0.join("none.json"));
    found.fails("configuration", "does not exist", "yspay init");
    let platform = Platform::start();
    let found = examine(&platform.config("sm", |config| config["timeOutMs"] = json!(3)));
    found.fails("configuration", "timeOutMs", "configuration.md");
    let skipped = ALL.iter().filter(|id| !["configuration", "permissions"].contains(id)).count();
    assert_eq!(found.ids("skipped").len(), skipped);
    assert_eq!(platform.requests(), 0);
}

#[cfg(unix)]
#[test]
fn open_permissions_are_told_with_the_command_that_closes_them() {
    use std::os::unix::fs::PermissionsExt;
    let platform = Platform::start();
    let config = platform.config("sm", |config| {
        let key = std::fs::read(config["privateKey"]["path"].as_str().unwrap()).unwrap();
        config["privateKey"]["path"] = platform.scratch.write("my key's.sm2", key).to_str().unwrap().into();
    });
    let key = platform.scratch.0.join("my key's.sm2");
    let open = |path: &Path, mode| std::fs::set_permissions(path, std::fs::Permissions::from_mode(mode)).unwrap();
    for (config_mode, key_mode, is_open) in [(0o604, 0o600, true), (0o600, 0o620, true), (0o640, 0o440, false)] {
        open(&config, config_mode);
        open(&key, key_mode);
        let found = examine(&config);
        assert_eq!(found.exit, i32::from(is_open), "{config_mode:o} {key_mode:o}");
        if is_open {
            found.is("permissions", "warning", "can read or change", "chmod ");
            platform.scratch.sh(found.check("permissions")["advice"].as_str().unwrap());
            assert_eq!(examine(&config).exit, 0, "the advice helps");
        }
    }
}

#[cfg(unix)]
#[test]
fn the_files_of_secrets_are_looked_at_too() {
    use std::os::unix::fs::PermissionsExt;
    let platform = Platform::start();
    let file = platform.scratch.write("des key", "A81F41DE7406CC1566579A751D93CA7A\n");
    let config = platform.config("sm", |config| config["desKey"] = json!({"file": file}));
    std::fs::set_permissions(&file, std::fs::Permissions::from_mode(0o644)).unwrap();
    let found = examine(&config);
    found.is("permissions", "warning", "des key (644)", "chmod ");
    platform.scratch.sh(found.check("permissions")["advice"].as_str().unwrap());
    assert_eq!(examine(&config).exit, 0, "the advice helps");
    // What is no JSON may hold one all the same.
    let torn = platform.scratch.write("torn.json", "{\"desKey\": \"A81F41DE7406CC15\n");
    std::fs::set_permissions(&torn, std::fs::Permissions::from_mode(0o644)).unwrap();
    examine(&torn).is("permissions", "warning", "torn.json (644)", "chmod ");
}

#[cfg(unix)]
#[test]
fn a_configuration_without_a_secret_may_be_read_by_all() {
    use std::os::unix::fs::PermissionsExt;
    let platform = Platform::start();
    let config = platform.config("sm", |config| {
        config["desKey"] = json!({"env": "DES_KEY"});
        config["privateKey"]["password"] = json!({"env": "KEY_PASSWORD"});
    });
    std::fs::set_permissions(&config, std::fs::Permissions::from_mode(0o644)).unwrap();
    let environment = [("DES_KEY", "A81F41DE7406CC1566579A751D93CA7A"), ("KEY_PASSWORD", "123456")];
    assert_eq!(examine_with(&config, &[], &environment).exit, 0);
}

#[test]
fn a_key_that_cannot_be_used() {
    let platform = Platform::start();
    for sign_type in ["sm", "rsa"] {
        let found = examine(&platform.config(sign_type, |config| config["privateKey"]["password"] = json!("wrong")));
        found.fails("privateKey", "CREDENTIAL: privateKey", "keys.md");
        assert_eq!(found.ids("skipped").len(), 9);
        found.is("configuration", "ok", ".json", "");
    }
    // A key that is not that of its certificate.
    let scratch = &platform.scratch;
    scratch.sh(
        "openssl pkcs12 -export -inkey $C/platform-rsa.key.pem -in $C/platform-rsa.cert.pem -out a.pfx -passout pass:x && \
         openssl pkcs12 -in a.pfx -passin pass:x -nodes -nocerts -out k.pem && \
         openssl pkcs12 -export -inkey k.pem -in $C/platform-rsa.cert.pem -certfile $C/merchant-rsa.cert.pem -nokeys \
         -out certificates.pfx -passout pass:x",
    );
    let found = examine(&platform.config("rsa", |config| {
        config["privateKey"] = json!({"path": scratch.0.join("certificates.pfx"), "password": "x"});
    }));
    found.fails("privateKey", "without a private key", "keys.md");
}

#[test]
fn a_platform_certificate_that_cannot_be_the_platform_s() {
    let platform = Platform::start();
    for (own, other) in [("sm2", "rsa"), ("rsa", "sm2")] {
        let sign_type = if own == "sm2" { "sm" } else { "rsa" };
        let with = |name: String| {
            examine(&platform.config(sign_type, |config| {
                config["platformCertificate"]["path"] = credential(&name).to_str().unwrap().into();
            }))
        };
        with(format!("merchant-{own}.cer")).fails("platformCertificate", "institution's own", "YSEPAY sent");
        with(format!("platform-{other}.cer")).fails("platformCertificate", "same algorithm", "YSEPAY sent");
        with("none.cer".into()).fails("platformCertificate", "does not exist", "YSEPAY sent");
    }
}

/// Another certificate of the right kind: only the answer tells.
#[test]
fn the_wrong_platform_certificate_is_told_by_the_answer() {
    let platform = Platform::start();
    let scratch = &platform.scratch;
    scratch.sh(
        "openssl req -x509 -newkey rsa:1024 -nodes -keyout r.key -out rsa.pem -subj /CN=other -days 9000 2>/dev/null && \
         openssl req -x509 -newkey rsa:2048 -nodes -keyout l.key -out long.pem -subj /CN=other -days 9000 2>/dev/null && \
         openssl ecparam -name SM2 -genkey -noout -out s.key && \
         openssl req -x509 -new -key s.key -out sm.pem -subj /CN=other -days 9000 -sm3",
    );
    for sign_type in ["sm", "rsa"] {
        let found = examine(&platform.config(sign_type, |config| {
            config["platformCertificate"]["path"] = scratch.0.join(format!("{sign_type}.pem")).to_str().unwrap().into();
        }));
        found.fails("answer", "does not fit", "platformCertificate is of another environment");
    }
    // Of another length.
    let found = examine(&platform.config("rsa", |config| {
        config["platformCertificate"]["path"] = scratch.0.join("long.pem").to_str().unwrap().into();
    }));
    found.fails("answer", "has 128 bytes", "platformCertificate is of another environment");
}

/// The institution's numbers and keys, as the platform refuses them: its words are unsigned.
#[test]
fn an_unsigned_refusal_names_the_culprit() {
    let platform = Platform::start();
    let scratch = &platform.scratch;
    scratch.sh("openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key 2>/dev/null && \
         openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:SM2 -out sm.key");
    for sign_type in ["sm", "rsa"] {
        let found = examine(&platform.config(sign_type, |config| config["src"] = json!("ORG1")));
        found.fails("answer", "not a known institution", "Most likely src");
        let found = examine(&platform.config(sign_type, |config| config["desKey"] = json!("0000000011111111")));
        found.fails("answer", "解密失败", "check desKey");
        let key = scratch.0.join(format!("{sign_type}.key"));
        only_mine(&key);
        let found = examine(&platform.config(sign_type, |config| config["privateKey"] = json!({"path": key})));
        found.fails("answer", "验签失败", "the certificate of this very private key");
        assert_eq!(found.check("ownCertificate")["status"], "skipped");
    }
}

#[test]
fn what_the_platform_says_otherwise_is_read() {
    let platform = Platform::start();
    let config = platform.config("sm", |config| config["timeoutMs"] = json!(1_500));
    let with = |id| examine_with(&config, &["--id", id], &[]);
    for (id, status, found, advice) in [
        ("C98-1", "warning", "系统维护", "platformCertificate is right"),
        ("C50-1", "warning", "GATEWAY_TIMEOUT", "platform itself is slow"),
        ("H500-1", "failed", "HTTP_STATUS", "5xx"),
        ("H404-1", "failed", "HTTP_STATUS", "Check endpoint"),
        ("NOTJSON-1", "failed", "MALFORMED_RESPONSE", "a proxy's page"),
        ("OTHERID-1", "failed", "MISMATCH", "a cache"),
        ("HANG-1", "failed", "TIMEOUT", "raise timeoutMs"),
        ("CLOSE-1", "failed", "TRANSPORT", "endpoint's scheme"),
    ] {
        let seen = with(id);
        seen.is("answer", status, found, advice);
        assert_eq!(seen.exit, if status == "failed" { 10 } else { 1 }, "{id}");
        assert_eq!(seen.check("tcp")["status"], "ok", "{id}");
    }
}

#[test]
fn an_endpoint_where_nothing_listens() {
    let platform = Platform::start();
    // On an address of its own, so that nobody takes the port meanwhile.
    let closed = TcpListener::bind("127.0.0.77:0").unwrap().local_addr().unwrap();
    let found = examine(&platform.config("sm", |config| config["endpoint"] = format!("https://{closed}/x").into()));
    found.fails("tcp", "refused", "endpoint's port");
    assert_eq!(found.ids("skipped"), ["tls", "clock", "answer"]);
}

#[test]
fn a_name_that_does_not_resolve() {
    let platform = Platform::start();
    let found = examine(&platform.config("sm", |config| config["endpoint"] = "https://no-such-host.invalid/x".into()));
    found.fails("name", "no-such-host.invalid", "name server");
    assert_eq!(found.ids("skipped"), ["tcp", "tls", "clock", "answer"]);
    // Behind SOCKS the proxy's own name.
    let found = examine(&platform.config("sm", |config| {
        config["endpoint"] = "https://platform.invalid/x".into();
        config["proxy"] = "socks5h://no-such-proxy.invalid:1".into();
    }));
    found.fails("name", "no-such-proxy.invalid", "host in `proxy`");
}

#[test]
fn plain_where_tls_is_wanted_and_the_other_way() {
    let plain = Platform::start();
    let found = examine(&plain.config("sm", |config| {
        let speaks_http = answers(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n");
        config["endpoint"] = format!("https://{speaks_http}/x").into();
    }));
    found.fails("tls", "not TLS", "does not speak TLS");
    let tls = Platform::with_tls();
    let found = examine(&tls.config("sm", |config| {
        config["endpoint"] = tls.endpoint.replace("https:", "http:").into();
    }));
    found.fails("answer", "TRANSPORT", "endpoint's scheme");
}

#[test]
fn certificates_of_tls_that_are_refused() {
    let tls = Platform::with_tls();
    let found = examine(&tls.config("sm", |config| {
        config.as_object_mut().unwrap().remove("caFile");
    }));
    found.fails("tls", "of no trusted root", "in `caFile`");
    assert!(found.check("tls")["issuer"].as_str().unwrap().contains("test authority"));
    let proxy = carries(tls.port);
    let found = examine(&tls.config("sm", |config| {
        config["endpoint"] = "https://platform.invalid/x".into();
        config["proxy"] = format!("http://{proxy}").into();
    }));
    found.fails("tls", "another host name", "endpoint's host");
    found.is("tcp", "ok", &format!("to the proxy, {proxy}"), "");
    let expired = Platform::with(Options { tls: Some(Tls { expired: true, ..Tls::default() }), ..Options::default() });
    let found = examine(&expired.config("rsa", |_| {}));
    found.fails("tls", "until 2002-01-01", "has ended");
    assert!(found.check("tls")["daysLeft"].as_i64().unwrap() < -8_000);
}

#[test]
fn a_clock_that_is_off() {
    for (ahead, status, told) in [
        (5, "ok", "s behind"),
        (120, "warning", "s behind the platform's"),
        (900, "failed", "s behind the platform's"),
        (-900, "failed", "s ahead of the platform's"),
    ] {
        let platform = Platform::with(Options { clock_ahead: ahead, ..Options::default() });
        let found = examine(&platform.config("sm", |_| {}));
        found.is("clock", status, told, if status == "ok" { "" } else { "timedatectl set-ntp true" });
        let off = -ahead * 1_000;
        let told = found.check("clock")["aheadMs"].as_i64().unwrap();
        assert!((told - off).abs() < 20_000, "{told} {off}");
        assert_eq!(
            found.exit,
            match status {
                "ok" => 0,
                "warning" => 1,
                _ => 10,
            }
        );
    }
}

/// Serves each connection so; returns where.
fn serves(serve: impl Fn(TcpStream) -> io::Result<()> + Send + 'static) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let _ = stream.and_then(&serve);
        }
    });
    address
}

/// Reads one question, of HTTP or not.
fn read_question(stream: &mut TcpStream) -> io::Result<()> {
    let mut question = Vec::new();
    let mut some = [0; 512];
    while !question.starts_with(&[5]) && !question.starts_with(&[0x16]) && !question.ends_with(b"\r\n\r\n") {
        let length = stream.read(&mut some)?;
        question.extend_from_slice(&some[..length]);
        if length == 0 {
            break;
        }
    }
    Ok(())
}

/// Answers each question so.
fn answers(answer: &'static [u8]) -> SocketAddr {
    serves(move |mut stream| {
        read_question(&mut stream)?;
        stream.write_all(answer)?;
        // Until the other side has read it.
        io::copy(&mut stream, &mut io::sink()).map(|_| ())
    })
}

/// A proxy that connects whoever asks to this port of this machine, whatever host was meant.
fn carries(port: u16) -> SocketAddr {
    serves(move |mut stream| {
        read_question(&mut stream)?;
        stream.write_all(b"HTTP/1.1 200 OK\r\n\r\n")?;
        let mut target = TcpStream::connect(("127.0.0.1", port))?;
        let (mut from, mut to) = (stream.try_clone()?, target.try_clone()?);
        std::thread::spawn(move || io::copy(&mut from, &mut to));
        io::copy(&mut target, &mut stream).map(|_| ())
    })
}

#[test]
fn a_proxy_that_refuses_or_is_not_there() {
    let platform = Platform::start();
    let through = |proxy: String| {
        platform.config("sm", |config| {
            config["endpoint"] = "https://platform.invalid:6443/x".into();
            config["proxy"] = proxy.into();
        })
    };
    let refuses = answers(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
    let found = examine(&through(format!("http://user:hunter2@{refuses}")));
    found.fails("proxy", "403", "who runs the proxy");
    assert_eq!(found.check("tcp")["peer"], refuses.to_string());
    assert_eq!(found.ids("skipped"), ["tls", "clock", "answer"]);
    // No user and password are taken.
    let refuses = answers(b"\x05\xff");
    let found = examine(&through(format!("socks5h://{refuses}")));
    found.fails("proxy", "user and password", "who runs the proxy");
    let closed = TcpListener::bind("127.0.0.76:0").unwrap().local_addr().unwrap();
    for scheme in ["http", "socks5h"] {
        let found = examine(&through(format!("{scheme}://user:hunter2@{closed}")));
        found.fails("tcp", &format!("The proxy {scheme}://{closed} refused"), "whether it runs");
        found.is("proxy", "ok", "the setting `proxy`", "");
    }
}

#[test]
fn it_is_told_which_proxy_is_used_and_why() {
    let platform = Platform::start();
    let config = platform.config("sm", |config| config["endpoint"] = "https://platform.invalid/x".into());
    let with = |environment: &[(&str, &str)]| {
        let found = examine_with(&config, &["--offline"], environment);
        let check = found.check("proxy");
        (check["found"].as_str().unwrap().to_owned(), check["reason"].as_str().unwrap().to_owned())
    };
    let variable = ("HTTPS_PROXY", "http://user:hunter2@proxy.invalid:3128");
    assert_eq!(with(&[]).1, "unset");
    assert_eq!(
        with(&[variable]),
        ("http://proxy.invalid:3128 · the variable HTTPS_PROXY".into(), "environment".into())
    );
    assert_eq!(with(&[variable, ("NO_PROXY", ".invalid")]).0, "none · the variable NO_PROXY excepts the host");
}

/// The certificate with another end; nobody checks its signature, for it is pinned.
fn ending(name: &str, end: &str) -> Vec<u8> {
    let mut der = std::fs::read(credential(name)).unwrap();
    let is_date = |part: &[u8]| part.starts_with(&[0x17, 13]) && part[14] == b'Z';
    let places: Vec<_> = (0..der.len() - 15).filter(|at| is_date(&der[*at..*at + 15])).collect();
    assert_eq!(places.len(), 2, "{name}: notBefore and notAfter");
    der[places[1] + 2..places[1] + 15].copy_from_slice(end.as_bytes());
    der
}

fn in_days(days: u32) -> String {
    let mut run = std::process::Command::new("date");
    run.args(["-u", "-d", &format!("+{days} days"), "+%y%m%d%H%M%SZ"]);
    platform::text(&run.output().unwrap().stdout).trim().to_owned()
}

#[test]
fn certificates_that_have_ended_or_soon_end() {
    let platform = Platform::start();
    let scratch = &platform.scratch;
    let with = |end: &str, whose: &str| -> PathBuf {
        platform.config("sm", |config| {
            let file = scratch.write("changed.cer", ending(&format!("{whose}-sm2.cer"), end));
            if whose == "platform" {
                config["platformCertificate"]["path"] = file.to_str().unwrap().into();
            } else {
                scratch.sh(
                    "(cat $C/merchant-sm2.key.pem; openssl x509 -inform DER -in changed.cer) >own.pem; chmod 600 own.pem",
                );
                config["privateKey"] = json!({"path": scratch.0.join("own.pem")});
            }
        })
    };
    for (whose, id, advice) in [
        ("platform", "platformCertificate", "Ask YSEPAY for its successor"),
        ("merchant", "ownCertificate", "from your CA"),
    ] {
        let ended = with("211231160000Z", whose);
        let found = examine_with(&ended, &["--offline"], &[]);
        found.fails(id, "ended 2021-12-31T16:00:00Z", advice);
        // The key counts: an answer shows that it is taken.
        let found = examine(&ended);
        found.is(id, "warning", "both sides take it", advice);
        assert_eq!(found.exit, 1);
        let found = examine(&with(&in_days(20), whose));
        found.is(id, "warning", "days", advice);
        assert!((18..=20).contains(&found.check(id)["daysLeft"].as_i64().unwrap()));
        assert_eq!(examine(&with(&in_days(40), whose)).exit, 0);
    }
}

#[test]
fn offline_leaves_the_network_out() {
    let platform = Platform::start();
    let found = examine_with(&platform.config("rsa", |_| {}), &["--offline"], &[]);
    assert_eq!((found.exit, found.ids("skipped")), (0, vec!["name", "tcp", "tls", "clock", "answer"]));
    assert_eq!(platform.requests(), 0);
}

#[test]
fn a_shared_limit_s_store_is_named() {
    let platform = Platform::start();
    let found = examine(&platform.config("sm", |config| config["rateLimit"] = json!({"perSecond": 3})));
    found.is("limit", "ok", "3 a second, for this process alone", "");
    // The id is refused before the store is asked, which is not there.
    let shared = |config: &mut Value| config["rateLimit"] = json!({"shared": {"url": "redis://127.0.0.1:1"}});
    let found = examine_with(&platform.config("sm", shared), &["--id", ""], &[]);
    found.is("limit", "skipped", "the store was not asked", "");
}

#[test]
fn the_screen_is_for_people_in_both_languages() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    for (lang, words, verdict) in [("en", "platform's answer", "Wrong: 1."), ("zh", "平台应答", "有问题：1 项。")]
    {
        let run = yspay(&config, &["doctor", "--lang", lang, "--id", "UNSIGNED-1"]).output().unwrap();
        let (exit, out, err) = platform::told(&run);
        assert_eq!((exit, err.as_str()), (10, ""));
        assert!(out.contains(words) && out.trim_end().ends_with(verdict), "{out}");
        assert_eq!(out.matches('✓').count() + out.matches('✗').count() + out.matches('–').count(), ALL.len(), "{out}");
        assert!(!out.contains('\x1b'), "no colours where there is no terminal");
    }
}

#[cfg(unix)]
#[test]
fn at_a_terminal_the_marks_have_colours() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    for (no_colour, mark) in [("", "\x1b[32m✓\x1b[0m "), ("1", "✓ ")] {
        let mut command = yspay(&config, &["doctor", "--lang", "en"]);
        let mut terminal = terminal::Terminal::run(command.env("NO_COLOR", no_colour));
        assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
        assert!(terminal.all.contains(&format!("\n{mark}configuration ")), "{}", terminal.all);
        assert_eq!(terminal.all.contains('\x1b'), no_colour.is_empty());
    }
}

/// It is made to be pasted into a support ticket.
#[test]
fn nothing_secret_is_shown() {
    const PASSWORD: &str = "correct-horse-battery";
    let platform = Platform::start();
    let scratch = &platform.scratch;
    for (sign_type, key) in [("sm", "merchant-sm2.key.pem"), ("rsa", "merchant-rsa.key.pem")] {
        scratch.sh(&format!(
            "openssl pkcs8 -topk8 -in $C/{key} -v2 aes-128-cbc -passout pass:{PASSWORD} -out {sign_type}.pem; \
             chmod 600 {sign_type}.pem"
        ));
        let plain = std::fs::read_to_string(credential(key)).unwrap();
        let des_key = "A81F41DE7406CC1566579A751D93CA7A";
        let mut secrets = vec![PASSWORD, des_key, &des_key[..8], "hunter2"];
        secrets.extend(plain.lines().filter(|line| line.len() > 20 && !line.contains("KEY")));
        let with = |change: &dyn Fn(&mut Value)| {
            platform.config(sign_type, |config| {
                let key = scratch.0.join(format!("{sign_type}.pem"));
                config["privateKey"] = json!({"path": key, "password": PASSWORD});
                change(config);
            })
        };
        let far = |config: &mut Value| config["endpoint"] = "https://platform.invalid/x?token=hunter2".into();
        let refuses = answers(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n");
        let configs = [
            with(&|_| {}),
            with(&|config| config["src"] = "ORG1".into()),
            with(&|config| config["privateKey"]["password"] = format!("{PASSWORD}-wrong").into()),
            with(&|config| config["privateKey"] = json!({"pem": plain, "alias": "x"})),
            with(&|config| config["privateKey"] = json!({"path": plain})),
            with(&|config| config["privateKey"] = json!(PASSWORD)),
            with(&|config| config["desKey"] = json!({"x": des_key})),
            with(&|config| {
                far(config);
                config["proxy"] = format!("http://user:hunter2@{refuses}").into();
            }),
            with(&|config| {
                far(config);
                config["proxy"] = "http://user:hunter2@@proxy".into();
            }),
            with(&|config| {
                far(config);
                config["proxy"] = "socks5h://user:hunter2@no-such-proxy.invalid:1".into();
            }),
        ];
        for config in &configs {
            for arguments in [
                &["doctor"][..],
                &["doctor", "--json"],
                &["doctor", "--offline"],
                &["doctor", "--lang", "zh"],
                &["doctor", "--id", "UNSIGNED-1"],
            ] {
                let run = yspay(config, arguments).output().unwrap();
                let (_, out, err) = platform::told(&run);
                for secret in &secrets {
                    assert!(!out.contains(secret) && !err.contains(secret), "{secret} of {arguments:?}:\n{out}{err}");
                }
                assert!(out.len() > 500, "{out}");
            }
        }
    }
}

/// A store's password stays where it is.
#[test]
fn a_store_that_is_away_is_the_culprit() {
    let platform = Platform::start();
    let config = platform.config("sm", |config| {
        config["rateLimit"] = json!({"perSecond": 10, "shared": {"url": "redis://:hunter2@127.0.0.1:1"}});
    });
    let found = examine(&config);
    found.is("limit", "failed", "redis://127.0.0.1:1/0 refuses the connection", "the store of rateLimit.shared runs");
    assert_eq!(found.exit, 10);
    assert!(!found.json.to_string().contains("hunter2"), "{:#}", found.json);
}
