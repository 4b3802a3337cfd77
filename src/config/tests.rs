use super::*;

/// A good configuration with this change.
fn text_with(change: &str) -> String {
    let mut settings: serde_json::Value = serde_json::from_str(
        r#"{"environment":"test","src":"ORG1","desKey":"s3cr3t-des-key","privateKey":{"path":"k.pfx","password":"s3cr3t-pass"},
            "platformCertificate":{"path":"p.cer"},"proxy":"none"}"#,
    )
    .unwrap();
    let change: serde_json::Value = serde_json::from_str(change).unwrap();
    for (name, value) in change.as_object().unwrap() {
        match value {
            // Only for these tests: remove the setting.
            serde_json::Value::String(text) if text == "REMOVE" => {
                settings.as_object_mut().unwrap().remove(name);
            }
            _ => settings[name] = value.clone(),
        }
    }
    settings.to_string()
}

fn with(change: &str) -> Result<Config, Error> {
    Config::from_json(&text_with(change))
}

fn refusal(change: &str) -> String {
    let error = with(change).err().unwrap_or_else(|| panic!("{change} was taken"));
    assert_eq!(error.code, Code::Config);
    assert!(!error.message.contains("s3cr3t"), "{}", error.message);
    error.message
}

#[test]
fn the_defaults_are_the_documented_ones() {
    let config = with("{}").unwrap();
    assert_eq!(config.timeout, Duration::from_secs(20));
    assert_eq!(config.connect_timeout, Duration::from_secs(5));
    assert_eq!((config.max_attempts, config.rate), (3, Rate::default()));
    assert_eq!(config.user_agent, format!("yspay/{}", env!("CARGO_PKG_VERSION")));
    assert!(config.sign_type.is_none() && config.proxy.is_none() && config.ca_file.is_none() && config.alias.is_none());
}

#[test]
fn a_number_of_any_length_makes_a_short_message() {
    let number = "1".repeat(1_000_000);
    let text = format!(
        r#"{{"environment":"test","src":"ORG1","desKey":"12345678","privateKey":{{"path":"a"}},
            "platformCertificate":{{"path":"b"}},"timeoutMs":{number}}}"#
    );
    let message = Config::from_json(&text).err().unwrap().message;
    assert!(message.starts_with("timeoutMs is 1111") && message.ends_with("from 1 to 3600000."), "{message:.200}");
    assert!(message.len() < 200, "{}", message.len());
}

#[test]
fn every_bad_setting_is_named() {
    for (change, expected) in [
        (r#"{"environment":"REMOVE"}"#, "environment is missing"),
        (r#"{"environment":"prod"}"#, r#""test" or "production""#),
        (r#"{"endpoint":"https://a/"}"#, "both set"),
        (r#"{"src":"REMOVE"}"#, "src is missing"),
        (r#"{"src":""}"#, "src has 0"),
        (r#"{"src":"ORG 1"}"#, "src holds"),
        (r#"{"src":"ORG&1"}"#, "src holds"),
        (r#"{"src":"ORG=1"}"#, "src holds"),
        (r#"{"src":123}"#, "src is a number; it must be a string"),
        (r#"{"signType":"sm2"}"#, "signType must be"),
        (r#"{"desKey":"REMOVE"}"#, "desKey is missing"),
        (r#"{"desKey":"s3cr3t"}"#, "desKey has fewer than 8"),
        (r#"{"desKey":["s3cr3t"]}"#, "desKey is an array"),
        (r#"{"privateKey":"s3cr3t.pfx"}"#, "privateKey is a string; it must be an object"),
        (r#"{"privateKey":{}}"#, "privateKey says not where"),
        (r#"{"privateKey":{"path":""}}"#, "privateKey.path is empty"),
        (r#"{"privateKey":{"path":"a","pem":"s3cr3t"}}"#, "privateKey has more than one"),
        (
            r#"{"privateKey":{"hex":"s3cr3t","pem":"s3cr3t"}}"#,
            "more than one of path, base64, pem and hex. Set exactly one",
        ),
        (
            r#"{"privateKey":"REMOVE"}"#,
            "privateKey is missing. Set it to an object with one of path, base64, pem and hex.",
        ),
        (r#"{"platformCertificate":{"hex":"s3cr3t"}}"#, "platformCertificate says not where it is"),
        (r#"{"platformCertificate":{"path":"a","hex":"s3cr3t"}}"#, r#""hex" is not a setting of platformCertificate"#),
        (r#"{"privateKey":{"path":"a","passwort":"s3cr3t"}}"#, r#""passwort" is not a setting of privateKey"#),
        (r#"{"privateKey":{"path":"a","password":123}}"#, "privateKey.password is a number"),
        (r#"{"platformCertificate":"REMOVE"}"#, "platformCertificate is missing"),
        (
            r#"{"platformCertificate":{"path":"a","password":"s3cr3t"}}"#,
            r#""password" is not a setting of platformCertificate"#,
        ),
        (r#"{"timeoutMs":0}"#, "timeoutMs is 0; it must be a whole number from 1 to 3600000"),
        (r#"{"timeoutMs":1.5}"#, "timeoutMs is 1.5"),
        (r#"{"timeoutMs":-1}"#, "timeoutMs is -1"),
        (r#"{"timeoutMs":"20000"}"#, "timeoutMs is a string"),
        (r#"{"timeoutMs":99999999999999999999}"#, "it must be a whole number from 1 to 3600000"),
        (r#"{"connectTimeoutMs":3600001}"#, "connectTimeoutMs is 3600001"),
        (r#"{"maxAttempts":0}"#, "maxAttempts is 0"),
        (r#"{"maxAttempts":11}"#, "maxAttempts is 11; it must be a whole number from 1 to 10"),
        (r#"{"environment":"production","rateLimit":{"perSecond":11}}"#, "perSecond is 11; it must be a whole number"),
        (
            r#"{"environment":"REMOVE","endpoint":"https://Ouser.ysepay.com.:6443/a","rateLimit":{"perSecond":11}}"#,
            "perSecond is 11; it must be a whole number from 1 to 10, or",
        ),
        (r#"{"rateLimit":{"persecond":1}}"#, r#"Did you mean perSecond?"#),
        (r#"{"rateLimit":10}"#, "rateLimit is a number"),
        (r#"{"aesKey":"s3cr3t"}"#, r#""aesKey" is not a setting. Did you mean desKey?"#),
        (
            r#"{"s3cr3t = s3cr3t":1}"#,
            "(a name of 15 characters, not shown since it does not look like one) is not a setting.",
        ),
        (r#"{"sign_type":"SM"}"#, "Did you mean signType?"),
        (r#"{"colour":"s3cr3t"}"#, "Known are: allowHttp, environment"),
        (r#"{"allowHttp":"yes"}"#, "allowHttp is a string; it must be true or false"),
        (r#"{"userAgent":"a\nb"}"#, "userAgent must be"),
        (r#"{"userAgent":" a"}"#, "userAgent must be"),
        (r#"{"userAgent":"a "}"#, "userAgent must be"),
        (r#"{"userAgent":""}"#, "userAgent must be"),
        (r#"{"caFile":7}"#, "caFile is a number"),
        (r#"{"src":"a\u0000b"}"#, "src holds a NUL"),
    ] {
        let message = refusal(change);
        assert!(message.contains(expected), "{change}: {message}");
    }
}

#[test]
fn lengths_have_bounds() {
    for (name, most) in [("src", 50), ("userAgent", 200)] {
        let of = |length: usize| format!(r#"{{"{name}":"{}"}}"#, "x".repeat(length));
        assert!(with(&of(1)).is_ok() && with(&of(most)).is_ok(), "{name}");
        assert!(refusal(&of(most + 1)).contains(name));
    }
}

/// A configuration with this `perSecond`, for the platform or for another address.
fn with_rate(is_platform: bool, per_second: &str) -> Result<Rate, Error> {
    let other = if is_platform { "" } else { r#""environment":"REMOVE","endpoint":"http://127.0.0.1:1/","# };
    // Put in as it is written.
    let text = text_with(&format!(r#"{{{other}"rateLimit":{{"perSecond":"RATE"}}}}"#)).replace(r#""RATE""#, per_second);
    Config::from_json(&text).map(|config| config.rate)
}

#[test]
fn a_rate_is_whole_or_a_fraction() {
    for (text, number) in [
        ("1", 1.0),
        ("1.0", 1.0),
        ("1e0", 1.0),
        ("10", 10.0),
        ("10.0", 10.0),
        ("1e1", 10.0),
        ("0.5", 0.5),
        ("5E-1", 0.5),
        ("0.01", 0.01),
        ("0.99", 0.99),
        ("null", 10.0),
    ] {
        for is_platform in [true, false] {
            assert_eq!(with_rate(is_platform, text).unwrap().per_second(), number, "{text}");
        }
    }
    // A raised rate is for other addresses only.
    for (text, number) in [("11", 11.0), ("10000", 10_000.0), ("1e4", 10_000.0)] {
        assert!(with_rate(true, text).is_err(), "{text}");
        assert_eq!(with_rate(false, text).unwrap().per_second(), number, "{text}");
    }
}

#[test]
fn what_is_no_rate_is_refused_with_advice() {
    let must = |most| {
        format!(
            "it must be a whole number from 1 to {most}, or a fraction from 0.01 up to 1 (0.5: one call every two seconds)."
        )
    };
    let refusal = |is_platform, text: &str| {
        let error = with_rate(is_platform, text).err().unwrap_or_else(|| panic!("{text} was taken"));
        assert_eq!(error.code, Code::Config);
        error.message
    };
    for text in
        ["0", "-0", "0.0", "-1", "-0.5", "0.0099", "0.009999999", "1e-300", "11", "10.5e1", "11.5", "1e999", "10001"]
    {
        assert_eq!(refusal(true, text), format!("rateLimit.perSecond is {text}; {}", must("10")));
    }
    for text in ["0", "-1", "0.0099", "10001", "10001.5", "1e5"] {
        assert_eq!(refusal(false, text), format!("rateLimit.perSecond is {text}; {}", must("10000")));
    }
    for (text, advice) in [
        ("1.5", "Set it to 1: 1.5 would let 2 calls through in some second."),
        ("2.5", "Set it to 2: 2.5 would let 3 calls through in some second."),
        ("25e-1", "Set it to 2: 2.5 would let 3 calls through in some second."),
        ("10.5", "Set it to 10: 10.5 would let 11 calls through in some second."),
    ] {
        assert_eq!(refusal(true, text), format!("rateLimit.perSecond is {text}; {} {advice}", must("10")));
    }
    let message = refusal(false, "10000.5");
    assert!(message.ends_with(" Set it to 10000: 10000.5 would let 10001 calls through in some second."), "{message}");
    for (text, kind) in [(r#""10""#, "a string"), (r#""NaN""#, "a string"), ("true", "a boolean"), ("[1]", "an array")]
    {
        assert_eq!(refusal(true, text), format!("rateLimit.perSecond is {kind}; {}", must("10")));
    }
    for text in ["NaN", "Infinity", "-Infinity", ".5", "0,5"] {
        assert!(
            refusal(true, text).starts_with("The configuration is not a JSON object: it is not valid JSON"),
            "{text}"
        );
    }
}

#[test]
fn a_byte_order_mark_of_a_windows_editor_is_no_part_of_it() {
    let [plain, marked] = ["{}", "\u{feff}{}"].map(|text| Config::from_json(text).err().unwrap().message);
    assert_eq!(plain, marked);
    assert!(Config::from_json("\u{feff}\u{feff}{}").err().unwrap().message.contains("not a JSON object"));
    // Also where a language looks for variables first.
    let wanted =
        Environment::read("\u{feff}{\"desKey\":{\"env\":\"A\"}}", |name| (name == "A").then(|| "x".to_owned()));
    assert!(wanted.get("A").is_some());
}

#[test]
fn what_is_not_a_json_object_is_refused() {
    for text in ["", "[]", "{", "null", r#"{"src":"s3cr3t""#, r#"{"src":"a","src":"b"}"#] {
        let error = Config::from_json(text).err().unwrap();
        assert_eq!(error.code, Code::Config);
        assert!(error.message.contains("configuration") && !error.message.contains("s3cr3t"), "{}", error.message);
    }
    let huge = format!(r#"{{"src":"{}"}}"#, "x".repeat(MAX_TEXT));
    assert!(Config::from_json(&huge).err().unwrap().message.contains("bytes"));
}

#[test]
fn an_environment_that_was_handed_over_stands_for_the_processs() {
    let proxy = |change: &str| with(change).unwrap().proxy.map(|proxy| format!("{proxy:?}"));
    let environment = |variables: &str| format!(r#"{{"proxy":"REMOVE","proxyEnvironment":{variables}}}"#);
    assert_eq!(proxy(&environment(r#"{"HTTPS_PROXY":"http://u:p@env:1"}"#)), Some("http://env:1".into()));
    assert_eq!(proxy(&environment(r#"{"HTTPS_PROXY":"http://env:1","no_proxy":"*"}"#)), None);
    assert_eq!(proxy(&environment("{}")), None);
    // The setting comes first.
    assert_eq!(proxy(r#"{"proxyEnvironment":{"HTTPS_PROXY":"ftp://s3cr3t"}}"#), None);
    assert!(refusal(&environment(r#"{"ALL_PROXY":"ftp://u:s3cr3t@env:1"}"#)).contains("variable ALL_PROXY is not"));
    assert!(refusal(&environment(r#"{"PATH":"/bin"}"#)).contains(r#""PATH" is not a setting of proxyEnvironment"#));
    let text = r#"{"environment":"test","src":"O","desKey":"12345678","privateKey":{"path":"k"},
        "platformCertificate":{"path":"p"}}"#;
    let given = Environment::read(text, |name| (name == "all_proxy").then(|| "socks5://given:2".to_owned()));
    let config = Config::from_json_in(text, Some(&given)).unwrap();
    assert_eq!(config.proxy.map(|proxy| format!("{proxy:?}")), Some("socks5://given:2".into()));
}

/// A configuration whose secrets are looked for in this environment.
fn looked_for(change: &str, variables: &[(&str, &str)]) -> Result<Config, Error> {
    let text = text_with(change);
    let environment = Environment::read(&text, |name| {
        variables.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).to_owned())
    });
    Config::from_json_in(&text, Some(&environment))
}

#[test]
fn a_secret_may_lie_in_a_variable_or_a_file() {
    let folder = std::env::temp_dir().join(format!("yspay-secret-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let file = |name: &str, content: &str| {
        std::fs::write(folder.join(name), content).unwrap();
        serde_json::json!({ "file": folder.join(name) })
    };
    let password = |change: serde_json::Value| {
        let change = serde_json::json!({"privateKey": {"path": "k", "password": change}}).to_string();
        looked_for(&change, &[("PASS", " a b\n")]).unwrap().password.unwrap().to_string()
    };
    assert_eq!(password(serde_json::json!("plain")), "plain");
    // A variable is taken as it is; of a file one end of a line is not part of the secret.
    assert_eq!(password(serde_json::json!({"env": "PASS"})), " a b\n");
    assert_eq!(password(serde_json::json!({"env": "PASS", "file": null})), " a b\n");
    for (content, secret) in
        [("密码", "密码"), ("x\n", "x"), ("x\r\n", "x"), ("x\n\n", "x\n"), (" x \r", " x \r"), ("\u{feff}x\n", "x")]
    {
        assert_eq!(password(file("password", content)), secret, "{content:?}");
    }
    // Wherever a secret may stand.
    let pem = file("key.pem", "-----BEGIN PRIVATE KEY-----\n");
    for (change, expected) in [
        (serde_json::json!({"privateKey": {"pem": pem}}), "Source(privateKey.pem)"),
        (serde_json::json!({"privateKey": {"base64": {"env": "KEY"}}}), "Source(privateKey.base64)"),
        (serde_json::json!({"privateKey": {"hex": {"env": "KEY"}}}), "Source(privateKey.hex)"),
    ] {
        let config = looked_for(&change.to_string(), &[("KEY", "7b")]).unwrap();
        assert_eq!(format!("{:?}", config.private_key), expected);
    }
    let change = r#"{"desKey":{"env":"DES"},"proxy":{"env":"PROXY"},"platformCertificate":{"pem":{"env":"CERT"}},
        "rateLimit":{"shared":{"url":{"env":"STORE"}}}}"#;
    let variables =
        [("DES", "12345678"), ("PROXY", "http://u:s3cr3t@h:1"), ("CERT", "x"), ("STORE", "redis://:s3cr3t@s")];
    let config = looked_for(change, &variables).unwrap();
    assert_eq!(config.shared_limit.map(|limit| format!("{limit:?}")).as_deref(), Some("redis://s:6379/0"));
    assert_eq!(config.proxy.map(|proxy| format!("{proxy:?}")).as_deref(), Some("http://h:1"));
    assert_eq!(format!("{:?}", config.platform_certificate), "Source(platformCertificate.pem)");
    std::fs::remove_dir_all(&folder).unwrap();
}

#[test]
fn a_secret_that_is_not_where_it_should_be_is_told_without_it() {
    let folder = std::env::temp_dir().join(format!("yspay-no-secret-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    for (name, content) in [
        ("empty", &b""[..]),
        ("line", b"\n"),
        ("binary", b"s3cr3t\xff"),
        ("nul", b"s3cr3t\0"),
        ("big", &[b'x'; MAX_BIG]),
    ] {
        std::fs::write(folder.join(name), content).unwrap();
    }
    let at = folder.to_str().unwrap();
    for (place, expected) in [
        (r#"{"env":"UNSET"}"#, r#"desKey.env: the environment variable "UNSET" is not set"#),
        (r#"{"env":"EMPTY"}"#, r#"desKey.env: the environment variable "EMPTY" is empty."#),
        (r#"{"env":"A81F41DE7406s3cr3t"}"#, "(a name of 18 characters, not shown since it does not look like one)"),
        (r#"{"env":""}"#, "desKey.env is empty."),
        (r#"{"env":7}"#, "desKey.env is a number; it must be a string."),
        (r#"{"env":"UNSET","file":"x"}"#, "desKey has both env and file. Keep one of them."),
        ("{}", r#"desKey says not where it is. It must be a string, {"env": "NAME"} or {"file": "path"}."#),
        (r#"{"path":"s3cr3t"}"#, r#""path" is not a setting of desKey. It must be a string, {"env""#),
        ("7", r#"desKey is a number; it must be a string, {"env": "NAME"} or {"file": "path"}."#),
        (r#"{"file":"no/such.key"}"#, r#"desKey.file "no/such.key" does not exist."#),
        (r#"{"file":"src"}"#, r#"desKey.file "src" is not a file."#),
        (r#"{"file":"AT/empty"}"#, "is empty. Write the secret into it."),
        (r#"{"file":"AT/line"}"#, "is empty. Write the secret into it."),
        (r#"{"file":"AT/binary"}"#, "is not UTF-8 text."),
        (r#"{"file":"AT/nul"}"#, "holds a NUL character."),
        (r#"{"file":"AT/big"}"#, "is larger than 2 MiB"),
    ] {
        let change = format!(r#"{{"desKey":{}}}"#, place.replace("AT", at));
        let error = looked_for(&change, &[("EMPTY", "")]).err().unwrap_or_else(|| panic!("{place} was taken"));
        assert_eq!(error.code, Code::Config);
        assert!(error.message.contains(expected) && !error.message.contains("s3cr3t"), "{place}: {}", error.message);
    }
    std::fs::remove_dir_all(&folder).unwrap();
}

/// More than any secret has.
const MAX_BIG: usize = (2 << 20) + 1;

#[test]
fn secrets_that_were_handed_over_stand_for_the_processs() {
    let change = |variables: &str| format!(r#"{{"desKey":{{"env":"PATH"}},"secretEnvironment":{variables}}}"#);
    assert!(with(&change(r#"{"PATH":"12345678"}"#)).is_ok());
    assert!(refusal(&change("{}")).contains(r#"the environment variable "PATH" is not set"#));
    assert!(refusal(&change(r#"{"PATH":7}"#)).contains(r#"secretEnvironment: "PATH" is a number"#));
    // Without it, the process's own, which has a PATH.
    assert!(with(r#"{"desKey":{"env":"PATH"}}"#).is_ok());
}
