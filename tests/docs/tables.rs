//! Tables: complete, as the source is.

use serde_json::{Value, json};
use yspay::{Client, Code, SignStatus};
use yspay_simulator::behaviour;

use crate::{blocks, both, prose, read};

/// The names in backticks in the first column of the tables.
fn first_column(document: &str) -> Vec<String> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

/// The settings that the engine knows, or those of one that is an object.
fn known_settings(section: Option<&str>) -> Vec<String> {
    let mut config = json!({
        "environment": "test",
        "src": "O",
        "desKey": "12345678",
        "privateKey": {"path": "a"},
        "platformCertificate": {"path": "a"},
    });
    match section {
        None => config["nonsense"] = json!(1),
        Some(name) => config[name]["nonsense"] = json!(1),
    }
    let refusal = Client::from_json(&config.to_string()).unwrap_err();
    let known = refusal.message.split("Known are: ").nth(1).unwrap_or_else(|| panic!("{section:?}: {refusal}"));
    let mut known: Vec<_> = known.trim_end_matches('.').split(", ").map(str::to_owned).collect();
    known.sort_unstable();
    known
}

#[test]
fn every_setting_has_its_row() {
    for name in both("configuration") {
        let page = prose(&read(&name));
        // Those of an object within an object have a table of their own.
        let page = page.split("\n## ").next().unwrap();
        let mut listed = first_column(page);
        listed.sort_unstable();
        assert_eq!(listed, known_settings(None), "{name}");
        let objects = page.lines().filter(|line| line.starts_with("| ") && line.contains("`{\""));
        let objects: Vec<_> = objects.map(|row| row.split('`').collect::<Vec<_>>()).collect();
        assert!(objects.len() >= 3, "{name}: {objects:?}");
        for cells in objects {
            let mut inner: Vec<_> = cells[3].split('"').skip(1).step_by(2).collect();
            inner.sort_unstable();
            assert_eq!(inner, known_settings(Some(cells[1])), "{name}: {}", cells[1]);
        }
    }
}

#[test]
fn every_setting_of_a_shared_limit_has_its_row() {
    let refusal = Client::from_json(
        r#"{"environment":"test","src":"O","desKey":"12345678","privateKey":{"path":"a"},"platformCertificate":{"path":"a"},
            "rateLimit":{"shared":{"url":"redis://h","nonsense":1}}}"#,
    )
    .unwrap_err();
    let known = refusal.message.split("Known are: ").nth(1).unwrap().trim_end_matches('.');
    for name in both("configuration") {
        let document = prose(&read(&name));
        let listed = first_column(document.split("\n## `rateLimit.shared`\n").nth(1).unwrap());
        assert_eq!(listed.join(", "), known, "{name}");
    }
}

#[test]
fn the_rights_at_the_store_are_those_that_the_tests_give() {
    // tests/fleet runs under them.
    let tests = read("tests/fleet/scripts.rs");
    let constant = |name: &str| {
        let text = tests.split(&format!("const {name}: &str = \"")).nth(1).unwrap().split('"').next().unwrap();
        text.replace('\\', "").split_whitespace().map(str::to_owned).collect::<Vec<_>>().join(" ")
    };
    let rights = format!("ACL SETUSER yspay on >PASSWORD {} {}\n", constant("KEYS"), constant("COMMANDS"));
    for name in both("limiter") {
        assert!(read(&name).contains(&rights), "{name}: {rights}");
    }
}

#[test]
fn every_code_and_status_has_its_row() {
    for name in both("errors") {
        let document = read(&name);
        for code in Code::ALL {
            assert!(document.contains(&format!("\n| `{}` | {} | ", code.name(), code.number())), "{name}: {code}");
        }
        let rows = document.lines().filter(|line| line.starts_with("| `") && line.split(" | ").count() == 4).count();
        assert_eq!(rows, Code::ALL.len(), "{name}: a code that is none");
    }
    for name in both("README") {
        let document = read(&name);
        for status in SignStatus::KNOWN {
            assert!(
                document.contains(&format!("\n| {} | `{}` | ", status.number(), status.name())),
                "{name}: {status}"
            );
        }
    }
}

/// What a source declares between two texts, by the lines that begin with `before`, up to `after`.
fn declared(file: &str, from: &str, to: &str, before: &str, after: &[char]) -> Vec<String> {
    let text = read(file);
    let (_, body) = text.split_once(from).unwrap_or_else(|| panic!("{file}: no {from}"));
    let lines = body.split(to).next().unwrap().lines().filter_map(|line| line.strip_prefix(before));
    // No comment.
    let lines = lines.filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    let names = lines.filter_map(|line| line.split(after).next().filter(|name| line.len() > name.len()));
    let words = names.filter_map(|name| name.split_whitespace().next_back());
    let is_name = |name: &&str| !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    words.filter(is_name).map(str::to_owned).collect()
}

#[test]
fn the_pages_of_the_languages_list_what_an_answer_and_an_error_have() {
    let python = "bindings/python/python/yspay";
    let java = "bindings/java/src/main/java/io/github/yspay";
    for (page, names, least, shape) in [
        ("cpp", declared("include/yspay.hpp", "\nstruct Answer {", "\n\n", "    ", &['=', '{', ';']), 12, "`{}`"),
        ("go", declared("bindings/go/answer.go", "type Answer struct {", "\n}", "\t", &[' ']), 8, "`{}`"),
        ("go", declared("bindings/go/error.go", "type Error struct {", "\n\n", "\t", &[' ']), 10, "`{}`"),
        ("python", declared(&format!("{python}/_answer.py"), "class Answer:", "\n\n\n", "    ", &[':']), 12, "`{}`"),
        ("python", declared(&format!("{python}/_errors.py"), "class YspayError", "def ", "    ", &[':']), 11, "`{}`"),
        (
            "python",
            declared(&format!("{python}/_errors.py"), "class YspayError", "\ndef ", "class ", &['(']),
            15,
            "`{}`",
        ),
        ("java", declared(&format!("{java}/SignStatus.java"), "{", "toString", "    public ", &['(']), 11, "`{}()`"),
        ("java", declared(&format!("{java}/YspayException.java"), "{", "\0", "    public ", &['(']), 10, "`{}()`"),
    ] {
        assert!(names.len() >= least, "{page}: {names:?}");
        for name in both(page) {
            let document = prose(&read(&name));
            for listed in &names {
                assert!(document.contains(&shape.replace("{}", listed)), "{name} does not tell of {listed}");
            }
        }
    }
}

#[test]
fn the_words_of_a_symptom_are_those_of_the_messages() {
    let mut sources = Vec::new();
    crate::pages::sources(&std::path::Path::new(crate::ROOT).join("src"), &mut sources);
    for name in both("errors") {
        let page = prose(&read(&name));
        let quoted: Vec<_> = page.split('"').skip(1).step_by(2).collect();
        assert!(quoted.len() >= 8, "{name}: {quoted:?}");
        for words in quoted {
            assert!(sources.iter().any(|text| text.contains(words)), "{name}: no message says {words:?}");
        }
    }
}

#[test]
fn every_behaviour_of_the_simulator_has_its_row() {
    let mut known: Vec<_> = behaviour::prefixes().map(str::to_owned).collect();
    known.sort_unstable();
    for name in both("try") {
        let document = read(&name);
        let table = document.split("| `STS0` … `STS4`").nth(1).unwrap();
        let mut listed =
            first_column(&format!("| `STS0`, `STS1`, `STS2`, `STS3`, `STS4`{}", table.split("\n\n").next().unwrap()));
        listed.sort_unstable();
        assert_eq!(listed, known, "{name}");
    }
}

#[test]
fn the_description_that_is_shown_is_a_client_s() {
    let config = yspay_simulator::client::config("http://127.0.0.1:8080/saas/orgSign/querySignSts", "SM");
    let description = Client::from_json(&config.to_string()).unwrap().describe().to_json();
    let mut told: Value = serde_json::from_str(&description).unwrap();
    for name in both("try") {
        let document = read(&name);
        let blocks = blocks(&document);
        let shown = blocks.iter().find(|(language, _)| *language == "text").unwrap();
        let shown: Value = serde_json::from_str(shown.1).unwrap();
        // These two differ from day to day and from version to version.
        told["version"] = shown["version"].clone();
        for days in ["/privateKey/certificate/daysLeft", "/platformCertificate/daysLeft"] {
            *told.pointer_mut(days).unwrap() = shown.pointer(days).unwrap().clone();
        }
        assert_eq!(told, shown, "{name}");
    }
}

#[test]
fn the_simulator_s_credentials_are_told() {
    let config = yspay_simulator::client::config("http://127.0.0.1:8080/saas/orgSign/querySignSts", "SM");
    for name in both("try") {
        let document = read(&name);
        for setting in ["endpoint", "src", "desKey"] {
            let value = config[setting].as_str().unwrap();
            assert!(document.contains(&format!("| `{setting}` | `{value}` |")), "{name}: {setting}");
        }
    }
}
