//! Keys, certificates, lists and names as they are on Windows.

use crate::files::credential;
use crate::machine::{Desk, crlf, name};
use crate::support::Run;

const SIGNED: &str = "STS2-1\t2\tCREATED\tsigned and in force\tfinal\n";

#[test]
fn both_kinds_of_key_get_an_answer_and_what_the_platform_says_in_chinese_stays_chinese() {
    let desk = Desk::new();
    for config in ["配置.json", "rsa.json"] {
        let run = desk.run(&["query", "STS2-1", "C99-1", "--config", config]);
        assert_eq!((run.status, run.out.as_str()), (Some(1), SIGNED), "{run:?}");
        assert!(run.err.starts_with("yspay: C99-1: BUSINESS: ") && run.err.contains("流水不存在"), "{run:?}");
        let run = desk.run(&["--lang", "zh", "query", "STS2-1", "--config", config]);
        assert_eq!(
            (run.status, run.out.as_str()),
            (Some(0), "STS2-1\t2\tCREATED\t已签署，合同生效\t不会再变\n"),
            "{run:?}"
        );
    }
}

#[test]
fn keys_and_certificates_may_have_windows_line_ends() {
    let desk = Desk::new();
    let text = |name: &str| std::fs::read_to_string(credential(name)).unwrap();
    for (kind, key) in [("sm2", "merchant-sm2-encrypted.key.pem"), ("rsa", "merchant-rsa-encrypted.key.pem")] {
        desk.write("key.pem", format!("\u{feff}{}", crlf(&text(key))));
        desk.write("platform.pem", crlf(&text(&format!("platform-{kind}.cert.pem"))));
        let config = serde_json::json!({
            "endpoint": desk.simulator.endpoint(),
            "src": yspay_simulator::SRC,
            "desKey": yspay_simulator::DES_KEY,
            "privateKey": {"path": "key.pem", "password": {"file": "password.txt"}},
            "platformCertificate": {"path": name(&desk.path("platform.pem"))},
        });
        desk.write("password.txt", "123456\r\n");
        desk.write("pem.json", crlf(&format!("{config:#}")));
        let run = desk.run(&["query", "STS2-1", "--config", "pem.json"]);
        assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), SIGNED, ""), "{kind}: {run:?}");
    }
}

#[test]
fn ids_come_from_a_pipe_with_windows_line_ends() {
    let desk = Desk::new();
    let run = Run::fed(&mut desk.yspay(&["query", "-"]), "\u{feff}STS2-1\r\n\r\n# 备注\r\n".as_bytes());
    assert_eq!((run.status, run.out.as_str(), run.err.as_str()), (Some(0), SIGNED, ""));
}

#[test]
fn a_path_with_backslashes_that_json_takes_for_escapes_is_told() {
    let desk = Desk::new();
    desk.write("bad.json", r#"{"environment": "test", "src": "ORG1", "privateKey": {"path": "C:\keys\new.pfx"}}"#);
    let run = desk.run(&["query", "STS2-1", "--config", "bad.json"]);
    assert_eq!(run.status, Some(3), "{run:?}");
    assert!(run.err.contains(r"In a path write / or \\ for it"), "{run:?}");
}

#[test]
fn the_exit_status_says_what_it_says_elsewhere() {
    let desk = Desk::new();
    for (status, arguments) in [
        (2, &["query"][..]),
        (3, &["query", "STS2-1", "--config", "没有.json"]),
        (4, &["batch", "没有.csv", "-o", "out.csv"]),
        (4, &["batch", ".", "-o", "out.csv"]),
        (0, &["--version"]),
    ] {
        let run = desk.run(arguments);
        assert_eq!(run.status, Some(status), "{arguments:?}: {run:?}");
    }
}
