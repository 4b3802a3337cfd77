//! `yspay init`, at a terminal and for scripts.

use std::os::unix::fs::PermissionsExt;

use yspay_simulator::{DES_KEY, SRC};

use crate::files::credential;
use crate::support::terminal::Terminal;
use crate::support::{Place, Run};

fn written(place: &Place) -> serde_json::Value {
    let path = place.folder.path("new.json");
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
}

/// No draft is left behind.
fn files(place: &Place) -> Vec<String> {
    let entries = std::fs::read_dir(place.folder.path("")).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn it_asks_tries_each_answer_and_writes_what_query_can_use() {
    let place = Place::new();
    let mut terminal = Terminal::run(&place.yspay(&["init", "-c", "new.json"]));
    terminal.expect("Environment: test, production, or a URL of your own [test]: ");
    terminal.type_in("prod\n");
    terminal.expect("environment must be \"test\" or \"production\"");
    terminal.expect("[test]: ");
    terminal.type_in(&format!("{}\n", place.simulator.endpoint()));
    terminal.expect("(src, ORG…): ");
    terminal.type_in(&format!("{SRC}\n"));
    terminal.expect("not shown: ");
    terminal.expect_echo(false);
    terminal.type_in("short\n");
    terminal.expect("desKey has fewer than 8");
    terminal.expect("not shown: ");
    terminal.expect_echo(false);
    terminal.type_in(&format!("{DES_KEY}\n"));
    terminal.expect("file/env [file]: ");
    terminal.expect_echo(true);
    terminal.type_in("env\n");
    terminal.expect("PEM file: ");
    terminal.type_in("no-such.pfx\n");
    terminal.expect("does not exist");
    terminal.expect("PEM file: ");
    // As a file manager pastes it.
    terminal.type_in(&format!("'{}'\n", credential("merchant.sm2").display()));
    terminal.expect("nothing to name another file: ");
    terminal.expect_echo(false);
    terminal.type_in("hunter2\n");
    terminal.expect("the password is wrong");
    terminal.expect("nothing to name another file: ");
    terminal.expect_echo(false);
    terminal.type_in("123456\n");
    terminal.expect("file/env [file]: ");
    terminal.type_in("\n");
    terminal.expect("(a .cer file): ");
    terminal.type_in(&format!("{}\n", credential("platform-rsa.cer").display()));
    terminal.expect("privateKey is an SM2 key but platformCertificate is an RSA certificate");
    terminal.expect("(a .cer file): ");
    terminal.type_in(&format!("{}\n", credential("platform-sm2.cer").display()));
    terminal.expect("so signType is SM.");
    terminal.expect("Set YSPAY_DES_KEY before each run");
    terminal.expect("yspay query --config new.json ID");
    assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
    for secret in [DES_KEY, "hunter2", "123456"] {
        assert!(!terminal.all.contains(secret), "{secret} was shown");
    }

    let settings = written(&place);
    assert_eq!(settings["endpoint"], place.simulator.endpoint());
    assert_eq!(settings["desKey"], serde_json::json!({"env": "YSPAY_DES_KEY"}));
    assert_eq!(settings["privateKey"]["password"], "123456");
    assert!(settings.get("signType").is_none() && settings.get("proxy").is_none(), "{settings}");
    assert_eq!(files(&place), ["new.json", "yspay.json"]);

    let query = |variable: Option<&str>| {
        let mut command = place.yspay(&["query", "-c", "new.json", "STS2-1"]);
        command.env_remove("YSPAY_DES_KEY").envs(variable.map(|value| ("YSPAY_DES_KEY", value)));
        Run::of(command.output().unwrap())
    };
    assert_eq!(query(Some(DES_KEY)).status, Some(0));
    let run = query(None);
    assert_eq!(run.status, Some(3));
    assert!(run.err.contains("the environment variable \"YSPAY_DES_KEY\" is not set"), "{run:?}");
}

#[test]
fn ctrl_c_leaves_a_terminal_that_shows_what_is_typed_and_no_file() {
    let place = Place::new();
    let mut terminal =
        Terminal::run(&place.yspay(&["init", "-c", "new.json", "--environment", "test", "--src", "ORG1"]));
    terminal.expect("not shown: ");
    terminal.expect_echo(false);
    terminal.type_in("\x03");
    assert_eq!(terminal.ended(), Some(130), "{}", terminal.all);
    terminal.expect_echo(true);
    assert_eq!(files(&place), ["yspay.json"]);
}

/// Everything by options.
fn stated(place: &Place, more: &[&str]) -> Run {
    let (key, certificate) = (credential("merchant.sm2"), credential("platform-sm2.cer"));
    let endpoint = place.simulator.endpoint();
    let mut command = place.yspay(&["init", "--non-interactive", "-c", "new.json", "--src", SRC]);
    command.args(["--environment", &endpoint, "--des-key-env", "DES", "--password-file", "password"]);
    command.arg("--key").arg(key).arg("--certificate").arg(certificate).args(more).env("DES", DES_KEY);
    Run::of(command.output().unwrap())
}

#[test]
fn scripts_say_everything_by_options() {
    let place = Place::new();
    place.folder.write("password", "123456\n");
    let run = stated(&place, &[]);
    assert_eq!((run.status, run.out.as_str()), (Some(0), ""), "{run:?}");
    let settings = written(&place);
    assert_eq!(settings["desKey"], serde_json::json!({"env": "DES"}));
    assert_eq!(settings["privateKey"]["password"], serde_json::json!({"file": place.folder.path("password")}));

    // Never over another one, unless it is said.
    let run = stated(&place, &[]);
    assert_eq!(run.status, Some(4));
    assert!(run.err.contains("new.json is there already.") && run.err.contains("--force"), "{run:?}");
    std::fs::write(place.folder.path("new.json"), "old").unwrap();
    std::fs::set_permissions(place.folder.path("new.json"), PermissionsExt::from_mode(0o644)).unwrap();
    assert_eq!(stated(&place, &["--force"]).status, Some(0));
    assert_eq!(written(&place), settings);
    assert_eq!(files(&place), ["new.json", "password", "yspay.json"]);
}

#[test]
fn what_does_not_fit_is_not_written() {
    let place = Place::new();
    place.folder.write("password", "wrong\n");
    let run = stated(&place, &[]);
    assert_eq!(run.status, Some(3));
    assert!(run.err.contains("CREDENTIAL: privateKey.path") && run.err.contains("the password is wrong"), "{run:?}");
    for (arguments, status, expected) in [
        (
            &["init", "-c", "new.json"][..],
            2,
            "There is no terminal to ask at, and these options are missing: --environment",
        ),
        (
            &["init", "-c", "new.json", "--non-interactive", "--src", "X", "--environment", "test", "--key", "k"],
            2,
            "These options are missing: --des-key-env | --des-key-file, --certificate",
        ),
        (&["init", "-c", "no/such/new.json"], 4, "there is no folder no/such."),
    ] {
        let run = place.run(arguments);
        assert_eq!(run.status, Some(status), "{run:?}");
        assert!(run.err.contains(expected), "{run:?}");
    }
    assert_eq!(files(&place), ["password", "yspay.json"]);
}
