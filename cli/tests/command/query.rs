//! `yspay query`.

use std::time::Duration;

use yspay_simulator::Options;

use crate::support::terminal::Terminal;
use crate::support::{Place, Run};

#[test]
fn each_contract_has_a_line_in_the_order_in_which_it_was_given() {
    let place = Place::new();
    // The first answer comes last.
    let run = place.run(&["query", "SLOW400-1", "STS1-1", "STS0-1", "STS3-1", "STS7-1", "STS8-1", "STSX-1"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    let expected = "SLOW400-1\t2\tCREATED\tsigned and in force\tfinal\n\
                    STS1-1\t1\tPENDING\twaiting to be signed\tmay change\n\
                    STS0-1\t0\tAPPLYING\tapplied for\tmay change\n\
                    STS3-1\t3\tVOIDED\tmade void\tfinal\n\
                    STS7-1\t7\tCREATE_FAILED\tcreation failed\tfinal\n\
                    STS8-1\t8\tCONTRACT_GENERATED\tdocument generated\tmay change\n\
                    STSX-1\tARCHIVED\tUNKNOWN\tnot known to this version\tmay change\n";
    assert_eq!((run.out.as_str(), run.err.as_str()), (expected, ""));
}

#[test]
fn what_was_not_answered_says_what_to_do_and_shows_in_the_status() {
    let place = Place::new();
    let run = place.run(&["query", "C99-1", "STS2-1", "A&B"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert_eq!(run.out, "STS2-1\t2\tCREATED\tsigned and in force\tfinal\n");
    let lines: Vec<_> = run.err.lines().collect();
    assert!(lines[0].starts_with("yspay: C99-1: BUSINESS: ") && lines[0].contains("流水不存在"), "{lines:?}");
    assert!(lines[1].starts_with("yspay: A&B: INVALID_ARGUMENT: "), "{lines:?}");
    assert_eq!(lines[2..], ["What the errors mean: docs/errors.md"]);
}

#[test]
fn json_is_the_engines_own_with_the_contract_on_errors_too() {
    let place = Place::new();
    let run = place.run(&["query", "--json", "STS4-1", "C99-1"]);
    assert_eq!((run.status, run.err.as_str()), (Some(1), ""), "{run:?}");
    let lines: Vec<serde_json::Value> = run.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 2);
    assert_eq!((&lines[0]["ok"], &lines[0]["signStsName"]), (&true.into(), &"EXPIRED".into()));
    assert_eq!((&lines[0]["sysSignFlowId"], &lines[0]["isFinal"]), (&"STS4-1".into(), &true.into()));
    assert_eq!((&lines[1]["ok"], &lines[1]["sysSignFlowId"]), (&false.into(), &"C99-1".into()));
    assert_eq!((&lines[1]["error"]["code"], &lines[1]["error"]["platformCode"]), (&"BUSINESS".into(), &"99".into()));
}

#[test]
fn ids_come_from_standard_input_too() {
    let place = Place::new();
    let input = "\u{feff}STS2-1\r\n\n# a comment\n  STS3-1  \n";
    let run = Run::fed(&mut place.yspay(&["query", "STS0-1", "-", "STS1-1"]), input.as_bytes());
    let ids: Vec<_> = run.out.lines().map(|line| line.split('\t').next().unwrap()).collect();
    assert_eq!((run.status, ids), (Some(0), vec!["STS0-1", "STS2-1", "STS3-1", "STS1-1"]), "{:?}", run.err);
    for (input, status, told) in [
        (&b"# nothing\n\n"[..], 2, "yspay: standard input holds no contract number.\n"),
        (
            b"A1\n1,A2\n",
            4,
            "yspay: standard input line 2: \"1,A2\" has a separator inside: several cells or contract numbers, perhaps. \
             Nothing was asked: one contract number a line.\n",
        ),
        (
            b"PK\x03\x04\0\0",
            4,
            "yspay: standard input is no text in UTF-8, UTF-16 or GB18030. Save the ids as text, one a line; workbooks are \
             for `yspay batch`.\n",
        ),
    ] {
        let run = Run::fed(&mut place.yspay(&["query", "-"]), input);
        assert_eq!((run.status, run.err.as_str(), run.out.as_str()), (Some(status), told, ""));
    }
    // As `batch` reads them: GB18030, and UTF-16 with its mark.
    for input in [&b"STS4-\xc7\xa9\r\n"[..], b"\xff\xfeS\0T\0S\x004\0-\0~{\n\0"] {
        let run = Run::fed(&mut place.yspay(&["query", "-"]), input);
        assert_eq!((run.status, run.out.as_str()), (Some(0), "STS4-签\t4\tEXPIRED\texpired\tfinal\n"), "{run:?}");
    }
}

#[test]
fn the_limit_holds_for_all_of_them() {
    let place = Place::new();
    let ids: Vec<_> = (0..25).map(|number| format!("STS2-{number}")).collect();
    let arguments: Vec<_> = std::iter::once("query").chain(ids.iter().map(String::as_str)).collect();
    let run = place.run(&arguments);
    assert_eq!((run.status, run.out.lines().count()), (Some(0), 25), "{run:?}");
    let stats = serde_json::to_value(place.simulator.stats()).unwrap();
    assert_eq!(stats["secondsOverLimit"], 0, "{stats}");
}

#[test]
fn a_turn_may_be_farther_away_than_the_time_of_a_call() {
    let place = Place::with(Options::default(), |settings| {
        settings["timeoutMs"] = 500.into();
        settings["rateLimit"] = serde_json::json!({"perSecond": 0.7});
    });
    let run = place.run(&["query", "STS2-1", "STS2-2"]);
    assert_eq!((run.status, run.out.lines().count()), (Some(0), 2), "{run:?}");
}

#[test]
fn which_configuration_counts() {
    let place = Place::new();
    let other = place.folder.write("other.json", "{}");
    let told = |command: &mut std::process::Command| Run::of(command.output().unwrap());
    let run = told(place.yspay(&["query", "STS2-1"]).env("YSPAY_CONFIG", &other));
    assert!(run.status == Some(3) && run.err.starts_with("yspay: CONFIG: environment is missing."), "{run:?}");
    let run = told(place.yspay(&["query", "STS2-1", "-c", "yspay.json"]).env("YSPAY_CONFIG", &other));
    assert_eq!(run.status, Some(0), "{run:?}");
    let run = told(place.yspay(&["query", "STS2-1"]).current_dir("/"));
    assert_eq!(run.status, Some(3));
    assert!(run.err.contains("\"yspay.json\" does not exist") && run.err.contains("`yspay init`"), "{run:?}");
}

#[test]
fn a_terminal_shows_columns() {
    let place = Place::new();
    let mut terminal = Terminal::run(&place.yspay(&["--lang", "zh", "query", "STS2-1", "STS1-123"]));
    assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
    let expected = "STS2-1    2  CREATED             已签署，合同生效  不会再变\r\n\
                    STS1-123  1  PENDING             待签署            还会变化\r\n";
    assert_eq!(terminal.all, expected);
}

#[test]
fn ctrl_c_keeps_what_was_answered() {
    let place = Place::with(Options { response_delay: Duration::ZERO, ..Options::default() }, |_| {});
    let mut terminal = Terminal::run(&place.yspay(&["query", "STS2-1", "HANG-1", "STS2-2"]));
    terminal.expect("STS2-1");
    terminal.type_in("\x03");
    assert_eq!(terminal.ended(), Some(130), "{}", terminal.all);
    assert!(terminal.all.contains("yspay: stopped; ") && !terminal.all.contains("CANCELLED"), "{}", terminal.all);
}

#[test]
fn a_reader_that_has_seen_enough_ends_it() {
    let place = Place::new();
    let mut command = place.yspay(&["query", "STS2-1", "HANG-1"]);
    let mut child = command.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let run = Run::of(child.wait_with_output().unwrap());
    assert_eq!((run.status, run.err.as_str()), (Some(4), ""));
}
