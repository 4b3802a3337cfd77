//! Commands: those that are shown are those that are run.

use serde_json::{Value, json};
use yspay::{Client, Code};

use crate::support::{Scratch, credential};
use crate::{ROOT, blocks, both, documents, read};

#[test]
fn the_commands_for_c_and_go_are_those_that_the_tests_run() {
    // The first by tests/native/install.rs, the others by bindings/go/programs_test.go.
    let commands = [read("examples/c/build.sh"), read("bindings/go/README.md")];
    for (page, expected) in [("c", 1), ("go", 2)] {
        for name in both(page) {
            let document = read(&name);
            let shown: Vec<_> =
                blocks(&document).into_iter().filter(|(_, code)| code.contains("export PKG_CONFIG_PATH")).collect();
            assert_eq!(shown.len(), expected, "{name}");
            for (_, code) in shown {
                assert!(commands.iter().any(|file| file.contains(code)), "{name}: no test runs:\n{code}");
            }
        }
    }
}

/// A line of the demo without how long it took.
fn untimed(line: &str) -> &str {
    line.strip_suffix(" ms").map_or(line, |line| line.trim_end_matches(|c: char| c.is_ascii_digit())).trim_end()
}

#[test]
fn the_demo_prints_what_the_front_page_shows() {
    // `cargo test` builds it beside the tests.
    let target = std::env::current_exe().unwrap();
    let program = target.parent().unwrap().parent().unwrap().join("examples/quickstart");
    assert!(program.is_file(), "{} is missing: run `cargo build --example quickstart`", program.display());
    let ran = std::process::Command::new(program).output().unwrap();
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let output = String::from_utf8(ran.stdout).unwrap();
    let printed: Vec<_> = output.lines().map(untimed).collect();
    for name in both("README") {
        let document = read(&name);
        let (_, shown) = blocks(&document).into_iter().find(|(language, _)| *language == "text").unwrap();
        assert!(shown.lines().count() >= 5, "{name}");
        for line in shown.lines() {
            assert!(printed.contains(&untimed(line)), "{name}: the demo prints no\n{line}\nbut\n{output}");
        }
    }
}

#[test]
fn the_configurations_are_complete() {
    for (name, store) in [("config", None), ("fleet", Some("redis://store.example.com:6379/0"))] {
        let mut config: Value = serde_json::from_str(&read(&format!("examples/{name}.json"))).unwrap();
        // Complete but for the files.
        assert_eq!(Client::from_json(&config.to_string()).unwrap_err().code, Code::Credential);
        config["privateKey"] = json!({"path": credential("merchant.sm2"), "password": "123456"});
        config["platformCertificate"] = json!({"path": credential("platform-sm2.cer")});
        let told = Client::from_json(&config.to_string()).unwrap().describe();
        assert_eq!(told.rate_limit.shared.map(|shared| shared.store).as_deref(), store);
    }
}

#[test]
fn no_secret_need_be_in_the_configuration() {
    let scratch = Scratch::new();
    let mut config: Value = serde_json::from_str(&read("examples/config-secrets.json")).unwrap();
    assert_eq!(config["desKey"]["env"], "YSPAY_DES_KEY");
    // Another institution than the one whose limit the test above shares, at the same time.
    config["src"] = json!("ORG20210427160754");
    config["secretEnvironment"] = json!({"YSPAY_DES_KEY": "12345678"});
    config["privateKey"]["path"] = json!(credential("merchant.sm2"));
    config["privateKey"]["password"]["file"] = json!(scratch.write("merchant-password", "123456\n"));
    config["platformCertificate"] = json!({"path": credential("platform-sm2.cer")});
    Client::from_json(&config.to_string()).unwrap();
}

fn openssl_commands(document: &str) -> Vec<&str> {
    blocks(document)
        .into_iter()
        .filter(|(language, _)| *language == "sh")
        .flat_map(|(_, code)| code.lines())
        .filter(|line| line.starts_with("openssl "))
        .collect()
}

#[test]
fn the_openssl_commands_do_what_they_are_for() {
    let english = read("docs/keys.md");
    let commands = openssl_commands(&english);
    assert!(commands.len() >= 4);
    let scratch = Scratch::new();
    scratch.sh("cp $C/merchant-rsa-rc2.pfx old.pfx; cp $C/merchant-rsa.key.pem merchant.key.pem; cp $C/merchant-rsa.cert.pem merchant.cert.pem; cp $C/platform-rsa.cer platform.cer");
    for command in commands {
        if command.contains(" -twopass ") {
            // It takes both from the terminal, and from its standard input where there is none.
            let two = format!("{ROOT}/tests/field/twopass.pfx");
            let typed = r"printf 'encpass1\n123456\n' | setsid -w";
            scratch.sh(&format!("cp {two} old.pfx; rm merchant.pem; {typed} {command} -passout pass:123456"));
            continue;
        }
        // A person types the passwords.
        let passwords = match command {
            _ if command.starts_with("openssl pkcs12 -legacy") => " -passin pass:123456 -passout pass:123456",
            _ if command.starts_with("openssl x509") => "",
            _ => " -passout pass:123456",
        };
        scratch.sh(&format!("{command}{passwords}"));
    }
    for made in ["merchant.pem", "merchant.pfx", "merchant.encrypted.pem"] {
        let mut config: Value = serde_json::from_str(&read("examples/config.json")).unwrap();
        config["privateKey"] = json!({"path": scratch.path(made), "password": "123456"});
        config["platformCertificate"] = json!({"path": credential("platform-rsa.cer")});
        Client::from_json(&config.to_string()).unwrap_or_else(|error| panic!("{made}: {error}"));
    }
}

/// `make` and `cargo test` in running text and in blocks name goals and tests that exist.
#[test]
fn every_make_goal_exists() {
    let bindings = ["bindings/python/python.mk", "bindings/java/java.mk"].map(read).concat();
    let others = ["Makefile", "fuzz/fuzz.mk", "packaging/dist.mk", "tests/platforms/everywhere.mk"].map(read).concat();
    let rules = bindings + &others;
    for name in documents() {
        let document = read(&name);
        for (at, _) in document.match_indices("make ") {
            if !document[..at].ends_with(['`', '\n']) {
                continue;
            }
            let words = document[at + 5..].split(['`', '\n', '#']).next().unwrap().split_whitespace();
            for goal in words.take_while(|word| word.bytes().all(|b| b.is_ascii_lowercase() || b == b'-')) {
                let exists =
                    rules.lines().any(|line| line.split(':').next().unwrap().split(' ').any(|rule| rule == goal))
                        || std::path::Path::new(ROOT)
                            .join(format!("fuzz/fuzz_targets/{}.rs", goal.trim_start_matches("fuzz-")))
                            .exists();
                assert!(exists, "{name}: there is no `make {goal}`");
            }
        }
    }
}
