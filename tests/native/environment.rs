//! The environment is read once, when the library is loaded: whoever sets a variable later moves what nobody reads.

use serde_json::{Value, json};

use crate::support::credential;
use crate::tools::{Program, err, run};

#[test]
fn clients_are_made_while_another_thread_sets_variables() {
    let program = Program::build(&["cc", "-std=c11", "-pthread"], "tests/c/environment.c");
    let config = |endpoint: &str, proxy: Value| {
        json!({
            "endpoint": endpoint, "src": "ORG1", "desKey": "A81F41DE7406CC1566579A751D93CA7A", "proxy": proxy,
            "maxAttempts": 1, "rateLimit": {"perSecond": 10_000},
            "privateKey": {"path": credential("merchant-sm2.key.pem")},
            "platformCertificate": {"path": credential("platform-sm2.cer")},
        })
        .to_string()
    };
    let asked = config("http://127.0.0.1:9/", Value::Null);
    // No loopback address, for which no proxy is looked for; nothing is asked.
    let (looks, sets) = (config("https://gateway.test/", Value::Null), config("https://gateway.test/", json!("none")));
    let command = |rounds: &str, configs: &[&str]| {
        let mut command = program.command();
        for name in ["http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
            command.env_remove(name);
        }
        command.arg(rounds).arg(&asked).args(configs);
        command
    };
    for _ in 0..3 {
        run(&mut command("30", &[&looks, &sets]));
        run(&mut command("30", &[&sets]));
    }
    // What was set before the library was loaded counts, unless the setting says otherwise.
    let refused = command("1", &[&looks]).env("https_proxy", "ftp://set-early").output().unwrap();
    assert_eq!(refused.status.code(), Some(1), "{}", err(&refused));
    assert!(err(&refused).contains("The environment variable https_proxy is not a proxy URL"), "{}", err(&refused));
    run(command("1", &[&sets]).env("https_proxy", "ftp://set-early"));
}
