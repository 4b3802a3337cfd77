//! What cannot be read, written or asked: a sentence, an exit status, nothing lost.

use std::path::Path;
use std::process::Command;

use super::{asked, fast, table};
use crate::support::{Place, Run};

#[track_caller]
fn refused(place: &Place, arguments: &[&str], status: i32, told: &str) {
    let run = place.run(arguments);
    assert_eq!(run.status, Some(status), "{run:?}");
    let last = run.err.lines().last().unwrap_or_default();
    assert!(last.starts_with("yspay: ") && last.contains(told), "{told:?}: {run:?}");
    assert_eq!(run.out, "");
    assert_eq!(place.simulator.stats().requests, 0, "nothing is asked");
    assert!(!place.folder.path("out.csv").exists());
}

#[test]
fn a_list_that_cannot_be_read_is_refused() {
    let place = fast(1000);
    for (content, name, status, told) in [
        (b"".as_slice(), "list.csv", 2, "list.csv is empty"),
        (b"\xef\xbb\xbf\n\n", "list.csv", 2, "no contract number in the list"),
        (b"flowId,x\n", "list.csv", 2, "no contract number in the list"),
        (b"flowId\n2.02E+17\n", "list.csv", 2, "no contract number in the list"),
        (b"\x7fELF\x02\x01\x01\0\0\0\0", "list.csv", 4, "no text in UTF-8, UTF-16 or GB18030"),
        (b"caf\xe9\xff\xff,flowId\n", "list.csv", 4, "no text in UTF-8, UTF-16 or GB18030"),
        (b"PK\x03\x04broken", "list.xlsx", 4, "cannot be read as an .xlsx workbook"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "list.xls", 4, "Save it as .xlsx without a password"),
        (b"flowId\nSTS2-1\n", "list.xlsx", 4, "is called a workbook but is none"),
        (b"who,amount\nA,1\n", "list.csv", 2, "Which column holds the contract numbers?"),
    ] {
        let list = place.folder.write(name, content);
        refused(&place, &["batch", name, "-o", "out.csv"], status, told);
        std::fs::remove_file(list).unwrap();
    }
    let long = format!("flowId,x\nSTS2-1,\"{}\n", "line\n".repeat(10_000));
    place.folder.write("list.csv", long);
    refused(&place, &["batch", "list.csv", "-o", "out.csv"], 4, "Is a quotation mark not closed");
    // What stands behind it would be missed by nobody.
    place.folder.write("list.csv", "flowId,x\nSTS2-1,\"a\nSTS2-2,b\nSTS2-3,c\n");
    refused(&place, &["batch", "list.csv", "-o", "out.csv"], 4, "row 2: a cell does not end");
    place.folder.write("list.csv", "flowId,x\nSTS2-1,\"a\nSTS2-2,b\nSTS2-3,\"c\nSTS2-4,d\n");
    refused(&place, &["batch", "list.csv", "-o", "out.csv"], 4, "row 2: a cell does not end");
    // A cell of several lines is not to blame for a mark below it.
    place.folder.write("list.csv", "flowId,x\nSTS2-1,\"a\nb\"\nSTS2-2,\"c\" d\n");
    refused(&place, &["batch", "list.csv", "-o", "out.csv"], 4, "not closed, here or in line 4?");
    refused(&place, &["batch", "none.csv", "-o", "out.csv"], 4, "none.csv cannot be read");
    refused(&place, &["batch", ".", "-o", "out.csv"], 4, "is a folder");
    // It can be read once, and a named one would be waited for.
    refused(&place, &["batch", "/dev/stdin", "-o", "out.csv"], 4, "is a pipe or a device");
}

/// `2>&1 | head`, and a log on a full disk.
#[cfg(target_os = "linux")]
#[test]
fn who_reads_no_more_ends_no_run() {
    let place = fast(1000);
    place.folder.write("list.csv", "flowId\nSTS2-1\nC99-1\n\"STS2-2 \"\n");
    let full = || std::fs::File::options().write(true).open("/dev/full").unwrap();
    let closed = || {
        let mut child = Command::new("true").stdin(std::process::Stdio::piped()).spawn().unwrap();
        let pipe = child.stdin.take().unwrap();
        child.wait().unwrap();
        pipe
    };
    for pipe in [true, false] {
        let error = if pipe { std::process::Stdio::from(closed()) } else { full().into() };
        let status =
            place.yspay(&["batch", "list.csv", "-o", "out.csv"]).stdout(full()).stderr(error).status().unwrap();
        assert_eq!(status.code(), Some(4), "the summary could not be told");
        assert_eq!(table(&std::fs::read_to_string(place.folder.path("out.csv")).unwrap()).len(), 3);
        std::fs::remove_file(place.folder.path("out.csv")).unwrap();
        let error = if pipe { std::process::Stdio::from(closed()) } else { full().into() };
        let status = place.yspay(&["query", "C99-1"]).stderr(error).status().unwrap();
        assert_eq!(status.code(), Some(1), "the contract was not answered");
    }
    let run = Run::of(place.yspay(&["batch", "list.csv", "-o", "out.csv"]).stdout(full()).output().unwrap());
    assert!(
        run.err.ends_with("yspay: standard output cannot be written: No space left on device (os error 28)\n"),
        "{run:?}"
    );
}

#[test]
fn what_was_said_wrongly_is_refused() {
    let place = fast(1000);
    place.folder.write("list.csv", "flowId,x\nSTS2-1,1\n");
    refused(
        &place,
        &["batch", "list.csv", "-o", "out.csv", "--column", "amount"],
        2,
        "no column \"amount\". The first row has: A \"flowId\", B \"x\"",
    );
    // As Excel saves a title: filled up to the width of the table.
    for title in ["2026年11月合同清单,,", "合同清单,,", ",合同清单,", "合同清单,,制表：王五", "\"清单\n11 月\",,"]
    {
        place.folder.write("title.csv", format!("{title}\n序号,我的编号,金额\n1,STS1-1,5\n2,STS1-2,6\n"));
        for column in [&[][..], &["--column", "B"], &["--column", "2"]] {
            refused(&place, &[&["batch", "title.csv", "-o", "out.csv"], column].concat(), 2, "If a title stands above");
        }
    }
    for title in ["清单", "清单\n2026-11-29", "清单,2026\n王五,13800000000"] {
        for between in [";", "\t", "|"] {
            let table = "序号;合同编号\n1;STS1-1\n2;STS2-1\n3;STS2-2\n".replace(';', between);
            place.folder.write("title.txt", format!("{title}\n{table}"));
            refused(&place, &["batch", "title.txt", "-o", "out.csv"], 2, "If a title stands above");
        }
    }
    place.folder.write("title.txt", "清单\n合同编号\nSTS1-1\n");
    refused(
        &place,
        &["batch", "title.txt", "-o", "out.csv"],
        2,
        "Row 2 has \"合同编号\" where the first contract number",
    );
    // Of a list of names nobody can tell whether the first is a header.
    place.folder.write("names.txt", "ABC\nDEF\n");
    refused(&place, &["batch", "names.txt", "-o", "out.csv"], 2, "say --no-header");
    place.folder.write("sep.csv", "sep=\nflowId;x\nSTS2-1;1\n");
    refused(&place, &["batch", "sep.csv", "-o", "out.csv"], 4, "begins with sep= but names no separator");
    place.folder.write("doubt.csv", "STS2-1,a;b\nSTS2-2,c;d\n");
    refused(&place, &["batch", "doubt.csv", "-o", "out.csv"], 4, "comma or semicolon, which stands between the cells?");
    place.folder.write("rivals.csv", "id,合同编码\n1,STS2-1\n");
    refused(
        &place,
        &["batch", "rivals.csv", "-o", "out.csv"],
        2,
        "\"id\" or \"合同编码\"? Say --column A or --column B.",
    );
    // A title above the header, as spreadsheets have it.
    for title in ["2026年11月合同清单", "合同清单"] {
        place.folder.write("title.csv", format!("{title}\n序号,合同编号\n1,STS1-1\n"));
        refused(&place, &["batch", "title.csv", "-o", "out.csv"], 2, "row 2 has several. If a title stands above");
        refused(&place, &["batch", "title.csv", "-o", "out.csv", "--column", "合同编号"], 2, "If a title stands above");
    }
    refused(&place, &["batch", "list.csv", "-o", "out.csv", "--sheet", "1"], 2, "--sheet is for workbooks");
    refused(&place, &["batch", "list.csv", "-o", "out.pdf"], 2, ".csv, .xlsx or .jsonl");
    refused(&place, &["batch", "list.csv", "-o", "list.csv"], 2, "named twice");
    refused(&place, &["batch", "list.csv", "-o", "out.csv", "--report", "./out.csv"], 2, "named twice");
    let journal = "out.csv.yspay-journal";
    refused(&place, &["batch", "list.csv", "-o", "out.csv", "--report", journal], 2, "named twice");
    refused(&place, &["batch", "list.csv", "-o", "none/out.csv"], 4, "there is no folder none");
    refused(&place, &["batch", "list.csv", "-o", "out.csv", "--report", "none/r.html"], 4, "there is no folder none");
    std::fs::create_dir(place.folder.path("dir.csv")).unwrap();
    refused(&place, &["batch", "list.csv", "-o", "dir.csv"], 4, "dir.csv is a folder");
}

#[test]
fn two_runs_at_once_and_another_institution_are_refused() {
    let place = fast(10);
    place.folder.write("list.txt", (0..100).map(|number| format!("STS2-{number}\n")).collect::<String>());
    let mut first = place.yspay(&["batch", "list.txt", "-o", "out.csv", "--quiet"]).spawn().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while asked(&place).len() < 5 {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    let second = place.run(&["batch", "list.txt", "-o", "out.csv"]);
    assert_eq!(second.status, Some(4), "{second:?}");
    assert!(second.err.contains("Another run is writing out.csv at this moment"), "{second:?}");
    first.kill().unwrap();
    first.wait().unwrap();
    let mut settings: serde_json::Value = serde_json::from_slice(&std::fs::read(&place.config).unwrap()).unwrap();
    settings["src"] = "ORG2".into();
    place.folder.write("other.json", settings.to_string());
    let other = place.run(&["-c", "other.json", "batch", "list.txt", "-o", "out.csv"]);
    assert_eq!(other.status, Some(4), "{other:?}");
    assert!(other.err.contains("institution ORG20210927162704") && other.err.contains("is ORG2 at"), "{other:?}");
}

#[test]
fn a_failure_that_is_everybodys_ends_the_run_early() {
    let place = fast(1000);
    let answered = |number: usize| format!("STS2-{number}\n");
    place.folder.write("list.txt", (0..30).map(answered).collect::<String>());
    assert_eq!(place.run(&["batch", "list.txt", "-o", "out.csv", "--keep-journal"]).status, Some(0));
    std::fs::remove_file(place.folder.path("out.csv")).unwrap();
    place.simulator.reset_stats();
    let refused = (0..1000).map(|number| format!("UNSIGNED-{number}\n"));
    place.folder.write("list.txt", (0..30).map(answered).chain(refused).collect::<String>());
    let run = place.run(&["batch", "list.txt", "-o", "out.csv"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    assert!(run.err.contains("20 call(s) in a row failed alike"), "{run:?}");
    assert!(run.err.contains("SIGNATURE: The answer is unsigned"), "{run:?}");
    let requests = place.simulator.stats().requests;
    assert!((20..=20 + 48).contains(&requests), "those under way at the twentieth: {requests}");
    assert!(!place.folder.path("out.csv").exists());
    // What was answered is kept.
    place.simulator.reset_stats();
    place.folder.write("list.txt", (0..30).map(answered).collect::<String>());
    assert_eq!(place.run(&["batch", "list.txt", "-o", "out.csv"]).status, Some(0));
    assert_eq!(place.simulator.stats().requests, 0);
    place.simulator.reset_stats();
    // A contract that the platform does not know is nobody else's failure.
    place.folder.write("unknown.txt", (0..100).map(|number| format!("C99-{number}\n")).collect::<String>());
    place.run(&["batch", "unknown.txt", "-o", "unknown.csv"]);
    assert_eq!(place.simulator.stats().requests, 100);
}

#[test]
fn an_answer_that_comes_late_fails_alone() {
    let options = yspay_simulator::Options { limit_per_second: 1000, ..Default::default() };
    let place = Place::with(options, |config| {
        config["rateLimit"] = serde_json::json!({"perSecond": 1000});
        config["timeoutMs"] = 1500.into();
    });
    place.folder.write("list.txt", "HANG-1\nSTS2-1\nRESET-1\n");
    let run = place.run(&["batch", "list.txt", "-o", "out.csv"]);
    assert_eq!(run.status, Some(1), "{run:?}");
    let rows = table(&std::fs::read_to_string(place.folder.path("out.csv")).unwrap());
    assert!(rows[0]["error"].starts_with("TIMEOUT: ") && rows[1]["name"] == "CREATED", "{rows:?}");
    assert!(rows[2]["error"].starts_with("TRANSPORT: "), "{rows:?}");
}

/// With the signal ignored a write beyond the limit fails, as on a full disk, whoever runs the test.
fn limited(place: &Place, blocks: u32, arguments: &[&str]) -> Run {
    let mut command = Command::new("sh");
    let plain = place.yspay(arguments);
    command
        .args(["-c", &format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" \"$@\"")])
        .arg(plain.get_program())
        .args(plain.get_args())
        .current_dir(place.folder.path(""))
        .env_remove("YSPAY_CONFIG")
        .env("LANG", "C.UTF-8");
    Run::of(command.output().unwrap())
}

const CONTRACTS: usize = 600;

fn many(place: &Place) {
    place.folder.write(
        "list.csv",
        (0..CONTRACTS).map(|number| format!("STS2-{number},{}\n", "x".repeat(100))).collect::<String>(),
    );
}

/// Goes on after the trouble, and asks about none again that was kept.
#[track_caller]
fn goes_on(place: &Place, out: &Path, arguments: &[&str]) {
    let journal = std::fs::read_to_string(out.with_file_name("out.csv.yspay-journal")).unwrap();
    let kept = journal.lines().filter(|line| line.contains("\"sts\"") && line.ends_with('}')).count();
    place.simulator.reset_stats();
    let run = place.run(arguments);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert_eq!(place.simulator.stats().requests as usize, CONTRACTS - kept, "{kept} were kept");
    let rows = table(&std::fs::read_to_string(out).unwrap());
    assert_eq!(rows.iter().filter(|row| row["name"] == "CREATED").count(), CONTRACTS);
}

#[test]
fn a_file_that_cannot_grow_loses_nothing() {
    let arguments = ["batch", "list.csv", "-o", "out.csv", "--column", "A", "--no-header"];
    // Blocks of 512 bytes: too few for the journal, and enough for the journal but not for OUT.
    for (blocks, culprit) in [(40, "out.csv.yspay-journal cannot be written"), (140, "out.csv cannot be written")] {
        let place = fast(1000);
        many(&place);
        place.folder.write("out.csv", "the old one");
        let run = limited(&place, blocks, &arguments);
        assert_eq!(run.status, Some(4), "{run:?}");
        assert!(run.err.contains(culprit) && run.err.contains("the same command goes on"), "{run:?}");
        assert_eq!(std::fs::read_to_string(place.folder.path("out.csv")).unwrap(), "the old one");
        assert!(!place.folder.path("out.csv.yspay-new").exists());
        goes_on(&place, &place.folder.path("out.csv"), &arguments);
    }
}

/// Unmounts it, whatever happens.
struct Disk(std::path::PathBuf);

impl Disk {
    /// A disk of this size, where the system lets this user have one.
    fn new(folder: std::path::PathBuf, size: &str) -> Option<Self> {
        std::fs::create_dir(&folder).unwrap();
        let mounted =
            Command::new("mount").args(["-t", "tmpfs", "-o", &format!("size={size}"), "none"]).arg(&folder).output();
        mounted.is_ok_and(|run| run.status.success()).then_some(Disk(folder))
    }

    fn grow(&self) {
        let run = Command::new("mount").args(["-o", "remount,size=8m"]).arg(&self.0).status().unwrap();
        assert!(run.success());
    }
}

impl Drop for Disk {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg("--lazy").arg(&self.0).status();
    }
}

#[test]
fn a_disk_that_fills_loses_nothing() {
    let arguments = ["batch", "list.csv", "-o", "disk/out.csv", "--column", "A", "--no-header"];
    for (size, culprit) in [("20k", "out.csv.yspay-journal cannot be written"), ("100k", "out.csv cannot be written")] {
        let place = fast(1000);
        many(&place);
        let Some(disk) = Disk::new(place.folder.path("disk"), size) else {
            println!("no disk can be mounted here; a_file_that_cannot_grow_loses_nothing tests the same with a limit");
            return;
        };
        let run = place.run(&arguments);
        assert_eq!(run.status, Some(4), "{run:?}");
        assert!(run.err.contains(culprit) && run.err.contains("No space left on device"), "{run:?}");
        assert!(!place.folder.path("disk/out.csv").exists() && !place.folder.path("disk/out.csv.yspay-new").exists());
        disk.grow();
        goes_on(&place, &place.folder.path("disk/out.csv"), &arguments);
    }
}

#[test]
fn a_folder_that_vanishes_ends_the_run() {
    let place = fast(20);
    place.folder.write("list.txt", (0..2000).map(|number| format!("STS2-{number}\n")).collect::<String>());
    std::fs::create_dir(place.folder.path("gone")).unwrap();
    let mut run = place.yspay(&["batch", "list.txt", "-o", "gone/out.csv"]);
    let run = run.stdout(std::process::Stdio::piped()).stderr(std::process::Stdio::piped()).spawn().unwrap();
    let end = std::time::Instant::now() + std::time::Duration::from_secs(60);
    while place.simulator.stats().requests < 10 {
        assert!(std::time::Instant::now() < end);
        std::thread::sleep(std::time::Duration::from_millis(5));
    }
    std::fs::remove_dir_all(place.folder.path("gone")).unwrap();
    let run = Run::of(run.wait_with_output().unwrap());
    assert_eq!(run.status, Some(4), "{run:?}");
    assert!(run.err.contains("gone/out.csv.yspay-journal was taken away while it was written to"), "{run:?}");
    assert!(place.simulator.stats().requests < 200);
}

#[test]
fn a_full_device_from_the_first_byte_is_told() {
    let place = fast(1000);
    many(&place);
    let run = limited(&place, 0, &["batch", "list.csv", "-o", "out.csv", "--column", "A", "--no-header"]);
    assert_eq!(run.status, Some(4), "{run:?}");
    assert!(run.err.contains("out.csv.yspay-journal cannot be written: File too large"), "{run:?}");
    assert_eq!(place.simulator.stats().requests, 0);
}

/// As people keep a `latest.csv`, and what others may not see.
#[cfg(unix)]
#[test]
fn a_link_is_followed_and_permissions_stay() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let place = fast(1000);
    let path = |name: &str| place.folder.path(name);
    place.folder.write("list.txt", "STS2-1\n");
    std::fs::create_dir(path("kept")).unwrap();
    place.folder.write("kept/old.csv", "old");
    std::fs::set_permissions(path("kept/old.csv"), std::fs::Permissions::from_mode(0o640)).unwrap();
    symlink("kept/old.csv", path("latest.csv")).unwrap();
    symlink("latest.csv", path("link.csv")).unwrap();
    symlink("kept/new.html", path("link.html")).unwrap();
    let arguments = ["batch", "list.txt", "-o", "link.csv", "--report", "link.html", "--keep-journal"];
    let run = place.run(&arguments);
    assert_eq!(run.status, Some(0), "{run:?}");
    for name in ["link.csv", "latest.csv", "link.html"] {
        assert!(path(name).symlink_metadata().unwrap().is_symlink(), "{name}");
    }
    assert_eq!(table(&std::fs::read_to_string(path("kept/old.csv")).unwrap())[0]["name"], "CREATED");
    assert_eq!(path("kept/old.csv").metadata().unwrap().permissions().mode() & 0o777, 0o640);
    assert!(path("kept/new.html").exists());
    // What a killed run left may be read-only, or lead elsewhere: it is not written into.
    place.folder.write("elsewhere", "mine");
    symlink(path("elsewhere"), path("kept/old.csv.yspay-new")).unwrap();
    assert_eq!(place.run(&arguments).status, Some(0));
    assert_eq!(std::fs::read_to_string(path("elsewhere")).unwrap(), "mine");
    // Whatever it is called, its journal is one.
    place.simulator.reset_stats();
    assert_eq!(place.run(&["batch", "list.txt", "-o", "kept/old.csv"]).status, Some(0));
    assert_eq!(place.simulator.stats().requests, 0);
    // A list behind a link is as much itself.
    symlink("list.csv", path("other.csv")).unwrap();
    place.folder.write("list.csv", "STS2-1\n");
    let run = place.run(&["batch", "list.csv", "-o", "other.csv"]);
    assert!(run.status == Some(2) && run.err.contains("named twice"), "{run:?}");
    // Two that lead to each other lead nowhere.
    symlink("b.csv", path("a.csv")).unwrap();
    symlink("a.csv", path("b.csv")).unwrap();
    let run = place.run(&["batch", "list.txt", "-o", "a.csv"]);
    assert!(run.status == Some(4) && run.err.contains("a.csv is a link that leads back to itself"), "{run:?}");
}

#[test]
fn a_report_that_cannot_be_written_is_told_before_anything_is_asked() {
    let place = fast(1000);
    place.folder.write("list.txt", "STS2-1\n");
    // Whoever runs the test, a folder is no file.
    std::fs::create_dir(place.folder.path("page.html.yspay-new")).unwrap();
    refused(&place, &["batch", "list.txt", "-o", "out.csv", "--report", "page.html"], 4, "page.html cannot be written");
}
