//! The READMEs are true: their code is code that the tests compile, their commands run, their tables are complete. And
//! what is published beside them is whole, and every claim in SECURITY.md has its command.

#[path = "support/mod.rs"]
mod support;

use std::path::Path;

use serde_json::{Value, json};
use support::{Scratch, credential};
use yspay::{Client, Code, SignStatus};

const ROOT: &str = env!("CARGO_MANIFEST_DIR");
const READMES: [&str; 2] = ["README.md", "README.zh-CN.md"];

fn read(name: &str) -> String {
    std::fs::read_to_string(Path::new(ROOT).join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

/// The fenced blocks of a document, with their languages.
fn blocks(document: &str) -> Vec<(&str, &str)> {
    document.split("```").skip(1).step_by(2).map(|block| block.split_once('\n').unwrap()).collect()
}

/// Every file below a folder that a README may quote.
fn sources(folder: &Path, found: &mut Vec<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() {
            if !["target", ".venv", "node_modules"].contains(&name.as_str()) {
                sources(&path, found);
            }
        } else if ["c", "cpp", "hpp", "go", "py", "java", "rs", "json", "txt", "cmake"]
            .iter()
            .any(|e| name.ends_with(&format!(".{e}")))
        {
            found.extend(std::fs::read_to_string(path));
        }
    }
}

#[test]
fn every_piece_of_code_is_in_a_file_that_the_tests_compile() {
    let mut files = Vec::new();
    for folder in ["examples", "bindings", "tests"] {
        let folder = Path::new(ROOT).join(folder);
        if folder.is_dir() {
            sources(&folder, &mut files);
        }
    }
    for readme in READMES {
        let document = read(readme);
        let mut checked = 0;
        for (language, code) in blocks(&document) {
            if !["sh", "text"].contains(&language) {
                assert!(files.iter().any(|file| file.contains(code.trim_end())), "{readme}: in no file:\n{code}");
                checked += 1;
            }
        }
        assert!(checked >= 2, "{readme}: {checked} pieces of code");
    }
}

#[test]
fn the_commands_for_c_and_go_are_those_that_the_tests_run() {
    // The first by tests/native/install.rs, the others by bindings/go/programs_test.go.
    let commands = [read("examples/c/build.sh"), read("bindings/go/README.md")];
    for readme in READMES {
        let document = read(readme);
        let shown: Vec<_> =
            blocks(&document).into_iter().filter(|(_, code)| code.contains("export PKG_CONFIG_PATH")).collect();
        assert_eq!(shown.len(), 3, "{readme}");
        for (_, code) in shown {
            assert!(commands.iter().any(|file| file.contains(code)), "{readme}: no test runs:\n{code}");
        }
    }
}

#[test]
fn the_packages_have_the_licences() {
    for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
        for package in ["bindings/go", "bindings/python"] {
            assert!(read(&format!("{package}/{licence}")) == read(licence), "{package}/{licence} is another text");
        }
    }
}

#[test]
fn the_configuration_is_one() {
    let mut config: Value = serde_json::from_str(&read("examples/config.json")).unwrap();
    // Complete but for the files.
    assert_eq!(Client::from_json(&config.to_string()).unwrap_err().code, Code::Credential);
    config["privateKey"] = json!({"path": credential("merchant.sm2"), "password": "123456"});
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
    let english = read("README.md");
    let commands = openssl_commands(&english);
    assert_eq!(commands.len(), 5);
    assert_eq!(openssl_commands(&read("README.zh-CN.md")), commands);
    let scratch = Scratch::new();
    scratch.sh("cp $C/merchant-rsa-rc2.pfx old.pfx; cp $C/merchant-rsa.key.pem merchant.key.pem; cp $C/merchant-rsa.cert.pem merchant.cert.pem; cp $C/platform-rsa.cer platform.cer");
    for command in commands {
        if command.contains(" -twopass ") {
            // It takes both from the terminal, and from its standard input where there is none.
            let two = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/field/twopass.pfx");
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

#[test]
fn the_tables_are_complete() {
    let settings = [
        "environment",
        "endpoint",
        "allowHttp",
        "src",
        "signType",
        "desKey",
        "privateKey",
        "platformCertificate",
        "timeoutMs",
        "connectTimeoutMs",
        "maxAttempts",
        "rateLimit",
        "proxy",
        "caFile",
        "userAgent",
    ];
    // The list is the engine's own.
    let refusal = Client::from_json(
        r#"{"nonsense":1,"environment":"test","src":"O","desKey":"12345678","privateKey":{"path":"a"},"platformCertificate":{"path":"a"}}"#,
    )
    .unwrap_err();
    for setting in settings {
        assert!(refusal.message.contains(setting), "{setting}: {refusal}");
    }
    assert_eq!(refusal.message.matches(", ").count() + 1, settings.len(), "{refusal}");
    for readme in READMES {
        let document = read(readme);
        for setting in settings {
            assert!(document.contains(&format!("\n| `{setting}` | ")), "{readme}: {setting}");
        }
        for code in Code::ALL {
            assert!(document.contains(&format!("\n| `{}` | {} | ", code.name(), code.number())), "{readme}: {code}");
        }
        for status in SignStatus::KNOWN {
            assert!(
                document.contains(&format!("\n| {} | `{}` | ", status.number(), status.name())),
                "{readme}: {status}"
            );
        }
    }
}

/// cargo is content with a filter that fits no test.
#[test]
fn every_claim_has_a_command_that_runs_something() {
    let security = read("SECURITY.md");
    let claims = security.split("## Claims").nth(1).unwrap();
    let rules = ["Makefile", "fuzz/fuzz.mk", "bindings/python/python.mk", "bindings/java/java.mk"].map(read).concat();
    let exists = |file: String| Path::new(ROOT).join(file).exists();
    let is_module = |path: String| exists(format!("{path}.rs")) || exists(format!("{path}/mod.rs"));
    let mut checked = 0;
    for row in claims.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| claim")) {
        let commands = row.trim_end_matches(" |").rsplit(" | ").next().unwrap().split('`').skip(1).step_by(2);
        for command in commands {
            let words: Vec<_> = command.split(' ').take_while(|word| *word != "--").collect();
            let runs = match words.as_slice() {
                ["make", goals @ ..] => goals.iter().all(|goal| match goal.strip_prefix("fuzz-") {
                    Some(target) => exists(format!("fuzz/fuzz_targets/{target}.rs")),
                    None => rules.lines().any(|line| line.starts_with(&format!("{goal}:"))),
                }),
                ["cargo", "test", "--lib", module] => is_module(format!("src/{}", module.trim_end_matches("::"))),
                ["cargo", "test", "--test", name] => {
                    exists(format!("tests/{name}.rs")) || exists(format!("tests/{name}/main.rs"))
                }
                ["cargo", "test", "--test", name, module] => {
                    is_module(format!("tests/{name}/{}", module.trim_end_matches("::")))
                }
                _ => false,
            };
            assert!(runs, "`{command}` runs nothing");
            checked += 1;
        }
    }
    assert!(checked >= 25, "{checked} commands");
}
