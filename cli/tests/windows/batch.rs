//! `yspay batch`: its lock, its journal, and files that another program has open.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

use crate::machine::{Desk, name, windows};

const OUT: &str = "结果.csv";
const JOURNAL: &str = "结果.csv.yspay-journal";

/// A program that ends with the test.
struct Running(Child);

impl Running {
    fn start(command: &mut Command) -> Self {
        Running(command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap())
    }

    /// At once, as TerminateProcess ends it.
    fn kill(mut self) {
        self.0.kill().unwrap();
        self.0.wait().unwrap();
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[track_caller]
fn wait_until(what: &str, mut is_so: impl FnMut() -> bool) {
    let end = Instant::now() + Duration::from_secs(120);
    while !is_so() {
        assert!(Instant::now() < end, "{what}");
        sleep(Duration::from_millis(20));
    }
}

fn list(desk: &Desk, contracts: usize) {
    let rows: String = (0..contracts).map(|number| format!("{number},STS2-{number},备注\r\n")).collect();
    desk.write("清单.csv", format!("序号,合同ID,备注\r\n{rows}"));
}

fn statuses(desk: &Desk) -> BTreeMap<String, String> {
    let text = desk.read(OUT);
    let mut reader = csv::Reader::from_reader(text.strip_prefix('\u{feff}').expect("a byte order mark").as_bytes());
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| (row[1].to_owned(), row[3].to_owned())).collect()
}

fn asked(desk: &Desk) -> usize {
    usize::try_from(desk.simulator.stats().requests).unwrap()
}

#[test]
fn a_list_with_chinese_names_becomes_a_table() {
    let desk = Desk::fast(500);
    list(&desk, 30);
    for (out, begin) in [(OUT, "\u{feff}".as_bytes()), ("结果.xlsx", b"PK")] {
        let run = desk.run(&["batch", "清单.csv", "-o", out]);
        assert_eq!(run.status, Some(0), "{run:?}");
        assert!(std::fs::read(desk.path(out)).unwrap().starts_with(begin));
        assert!(!desk.path(&format!("{out}.yspay-journal")).exists());
    }
    let found = statuses(&desk);
    assert!(found.len() == 30 && found.values().all(|status| status == "2"), "{found:?}");
    // Once more, over what is there.
    assert_eq!(desk.run(&["batch", "清单.csv", "-o", OUT]).status, Some(0));
}

#[test]
fn a_second_run_is_refused_and_a_killed_one_gone_on_with() {
    const CONTRACTS: usize = 200;
    let desk = Desk::fast(20);
    list(&desk, CONTRACTS);
    let first = Running::start(&mut desk.yspay(&["batch", "清单.csv", "-o", OUT]));
    wait_until("nothing is asked", || asked(&desk) > 30);
    let second = desk.run(&["batch", "清单.csv", "-o", OUT]);
    assert_eq!(second.status, Some(4), "{second:?}");
    assert!(second.err.contains(&format!("Another run is writing {OUT} at this moment.")), "{second:?}");
    // As long as it runs, nobody takes its journal away.
    let removed = windows("cmd").args(["/c", "del", &name(&desk.path(JOURNAL))]).output().unwrap();
    assert!(desk.path(JOURNAL).exists(), "{removed:?}");
    first.kill();

    let kept = desk.read(JOURNAL).lines().filter(|line| line.contains("\"sts\":\"2\"")).count();
    assert!((1..CONTRACTS).contains(&kept), "{kept}");
    wait_until("a connection stays open", || desk.simulator.stats().open_connections == 0);
    desk.simulator.reset_stats();
    let run = desk.run(&["batch", "清单.csv", "-o", OUT]);
    assert_eq!(run.status, Some(0), "{run:?}");
    // What was kept is not asked about again, and nothing else is left out.
    assert_eq!((asked(&desk), statuses(&desk).len()), (CONTRACTS - kept, CONTRACTS));
    assert!(statuses(&desk).values().all(|status| status == "2") && !desk.path(JOURNAL).exists());
}

#[test]
fn what_another_program_has_open_is_told_and_nothing_is_lost() {
    let desk = Desk::fast(500);
    list(&desk, 5);
    desk.write(OUT, "mine");
    // It waits for a line with its output open, as Excel has a file.
    let script = desk.scratch.path("hold.bat");
    std::fs::write(
        &script,
        format!("@echo off\r\nchcp 65001 > nul\r\n(echo held\r\nset /p line=) > \"{}\"\r\n", name(&desk.path(OUT))),
    )
    .unwrap();
    let holding = Running::start(windows("cmd").args(["/c", &name(&script)]));
    wait_until("it is not opened", || desk.read(OUT).starts_with("held"));
    let run = desk.run(&["batch", "清单.csv", "-o", OUT]);
    assert_eq!(run.status, Some(4), "{run:?}");
    assert!(run.err.contains("If another program, Excel perhaps, has it open, close it there."), "{run:?}");
    holding.kill();
    let before = asked(&desk);
    let run = desk.run(&["batch", "清单.csv", "-o", OUT]);
    assert_eq!((run.status, asked(&desk) - before, statuses(&desk).len()), (Some(0), 0, 5), "{run:?}");
    assert!(!Path::new(&desk.path("结果.csv.yspay-new")).exists());
}
