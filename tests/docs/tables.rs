//! Tables: complete, as the source is.

use yspay::{Client, Code, SignStatus};

use crate::simulator::behaviour;
use crate::{both, prose, read};

/// The names in backticks in the first column of the tables.
fn first_column(document: &str) -> Vec<String> {
    let rows = document.lines().filter_map(|line| line.strip_prefix("| "));
    let cells = rows.filter_map(|row| row.split(" | ").next());
    cells.flat_map(|cell| cell.split('`').skip(1).step_by(2)).map(str::to_owned).collect()
}

#[test]
fn every_setting_has_its_row() {
    // The list is the engine's own.
    let refusal = Client::from_json(
        r#"{"nonsense":1,"environment":"test","src":"O","desKey":"12345678","privateKey":{"path":"a"},"platformCertificate":{"path":"a"}}"#,
    )
    .unwrap_err();
    let known = refusal.message.split("Known are: ").nth(1).unwrap().trim_end_matches('.');
    let mut known: Vec<_> = known.split(", ").collect();
    known.sort_unstable();
    for name in both("configuration") {
        let mut listed = first_column(prose(&read(&name)).split("\n## ").next().unwrap());
        listed.sort_unstable();
        assert_eq!(listed, known, "{name}");
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
        assert_eq!(
            first_column(&document).iter().filter(|cell| Code::ALL.iter().any(|c| c.name() == *cell)).count(),
            Code::ALL.len()
        );
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
fn the_simulator_s_credentials_are_told() {
    let config = crate::simulator::client::config("http://127.0.0.1:8080/saas/orgSign/querySignSts", "SM");
    for name in both("try") {
        let document = read(&name);
        for setting in ["endpoint", "src", "desKey"] {
            let value = config[setting].as_str().unwrap();
            assert!(document.contains(&format!("| `{setting}` | `{value}` |")), "{name}: {setting}");
        }
    }
}
