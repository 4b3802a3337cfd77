//! A list of a million contracts in less than 200 MB.

use std::process::Stdio;
use std::time::Duration;

use super::fast;
use crate::support::Run;

/// The most memory that the process has held so far.
pub(crate) fn peak_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

/// The rest of a file without line ends, or behind a mark that is not closed, would be one cell.
#[test]
fn a_line_without_end_is_refused_in_little_memory() {
    const LENGTH: u64 = 40 * 1024 * 1024;
    let place = fast(1000);
    for (name, begin, unit, line) in [
        ("bare.csv", "flowId\nSTS2-1\n", "x", 3),
        ("quoted.csv", "flowId,x\nSTS2-1,1\nSTS2-2,\"", "line\n", 3),
        ("cells.csv", "flowId,x\n", ",", 2),
        ("first.txt", "", "1", 1),
    ] {
        let path = place.folder.write(name, begin);
        let mut file = std::fs::File::options().append(true).open(&path).unwrap();
        let block = unit.repeat(1024 * 1024 / unit.len());
        for _ in 0..LENGTH / block.len() as u64 {
            std::io::Write::write_all(&mut file, block.as_bytes()).unwrap();
        }
        let mut child = place.yspay(&["batch", name, "-o", "out.csv"]).stderr(Stdio::piped()).spawn().unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(peak_kib(child.id()));
            std::thread::sleep(Duration::from_millis(2));
        }
        let run = Run::of(child.wait_with_output().unwrap());
        println!("{name}: peak {peak} KiB");
        assert_eq!(run.status, Some(4), "{run:?}");
        assert!(run.err.contains(&format!("{name}, row {line}: it is longer than 1 MiB")), "{run:?}");
        assert!(peak > 0 && peak < 36_000, "{peak} KiB");
        std::fs::remove_file(path).unwrap();
    }
    // The longest that may be is read.
    let cell = "x".repeat(32_000);
    place.folder.write("long.csv", format!("flowId{}\nSTS2-1,{}\n", ",x".repeat(32), vec![cell; 32].join(",")));
    assert_eq!(place.run(&["batch", "long.csv", "-o", "out.csv"]).status, Some(0));
}

/// All is answered already, so that the time goes into reading and writing. A million with `YSPAY_BATCH_ROWS=1000000`.
#[test]
fn a_long_list_takes_little_memory() {
    let rows: usize = std::env::var("YSPAY_BATCH_ROWS").map_or(50_000, |rows| rows.parse().unwrap());
    let place = fast(1000);
    let id = |row: usize| format!("MAN2021092800{row:08}");
    let mut list = String::from("nr,flowId,who\n");
    let settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&place.config).unwrap()).unwrap();
    let mut journal = format!(
        "{{\"journal\":\"yspay batch\",\"version\":1,\"src\":{},\"endpoint\":{}}}\n",
        settings["src"], settings["endpoint"]
    );
    for row in 0..rows {
        list += &format!("{row},{},客户{row}\n", id(row));
        journal +=
            &format!("{{\"id\":\"{}\",\"at\":1764403200,\"sts\":\"2\",\"code\":\"00\",\"note\":\"成功\"}}\n", id(row));
    }
    place.folder.write("list.csv", list);
    // The first answers come out of CSV, the last ones out of what that made.
    for (list, out) in [("list.csv", "out.xlsx"), ("out.xlsx", "out.csv")] {
        place.folder.write(&format!("{out}.yspay-journal"), &journal);
        let mut child = place
            .yspay(&["batch", list, "-o", out, "--report", "out.html"])
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut peak = 0;
        while child.try_wait().unwrap().is_none() {
            peak = peak.max(peak_kib(child.id()));
            std::thread::sleep(Duration::from_millis(2));
        }
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.status, Some(0), "{run:?}");
        println!("{rows} rows, {list} to {out}: peak {peak} KiB");
        // 20 MB for the program, and what a million takes.
        let most = 20_000 + 180_000 * rows.max(100_000) as u64 / 1_000_000;
        assert!(peak > 0 && peak < most, "{peak} KiB");
    }
    let out = std::fs::read_to_string(place.folder.path("out.csv")).unwrap();
    assert_eq!(out.lines().count(), rows + 1);
    assert!(out.lines().last().unwrap().contains(&id(rows - 1)));
    assert_eq!(place.simulator.stats().requests, 0);
}
