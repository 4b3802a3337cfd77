//! Nothing is lost: ended at any moment, the same command goes on where it was.

use std::collections::{BTreeMap, BTreeSet};
use std::process::Stdio;
use std::thread::sleep;
use std::time::{Duration, Instant};

use super::{asked, fast, table};
use crate::support::terminal::launched;
use crate::support::{Place, Run};

const STATUSES: [(&str, &str); 8] = [
    ("STS2", "2"),
    ("STS2", "2"),
    ("STS3", "3"),
    ("STS2", "2"),
    ("STS4", "4"),
    ("STS7", "7"),
    ("STS1", "1"),
    ("STS2", "2"),
];

fn from_environment(name: &str, otherwise: u64) -> u64 {
    std::env::var(name).map_or(otherwise, |value| value.parse().unwrap())
}

/// The contracts of which the journal has a final answer, as the next run will read it.
fn finals(place: &Place) -> BTreeSet<String> {
    let Ok(journal) = std::fs::read_to_string(place.folder.path("out.csv.yspay-journal")) else {
        return BTreeSet::new();
    };
    let whole = &journal[..journal.rfind('\n').map_or(0, |end| end + 1)];
    let entries = whole.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
    entries
        .filter(|entry| matches!(entry["sts"].as_str(), Some("2" | "3" | "4" | "7")))
        .map(|entry| entry["id"].as_str().unwrap().to_owned())
        .collect()
}

/// What was asked since the last time, when nothing is under way any more.
fn take_asked(place: &Place) -> BTreeMap<String, usize> {
    let end = Instant::now() + Duration::from_secs(60);
    while place.simulator.stats().open_connections > 0 {
        assert!(Instant::now() < end, "a connection stays open");
        sleep(Duration::from_millis(2));
    }
    let asked = asked(place);
    place.simulator.reset_stats();
    asked
}

/// The most calls that a run has under way.
const MOST_UNDER_WAY: usize = 48;

/// 10,000 contracts and 50 kills with `YSPAY_BATCH_CONTRACTS=10000 YSPAY_BATCH_KILLS=50`.
#[test]
fn killed_at_any_moment_it_asks_no_final_contract_twice_and_loses_none() {
    let (contracts, kills) =
        (from_environment("YSPAY_BATCH_CONTRACTS", 2_000), from_environment("YSPAY_BATCH_KILLS", 10));
    let place = fast(1000);
    let mut list = String::from("nr,flowId\n");
    for number in 0..contracts {
        list += &format!("{number},{}-{number}\n", STATUSES[number as usize % STATUSES.len()].0);
    }
    place.folder.write("list.csv", list);
    let (mut random, mut total, mut most) = (from_environment("YSPAY_BATCH_SEED", 7), 0, 0);
    let mut known = BTreeSet::new();
    let (mut killed, mut complete) = (0, false);
    let mut check = |place: &Place, known: &BTreeSet<String>| {
        let mut late = 0;
        for (id, times) in take_asked(place) {
            assert!(!known.contains(&id), "{id} was final and is asked about again");
            // A request that was under way when the run before was killed may be read late.
            assert!(times <= 2, "{id}: once in a run, but {times}");
            late += times - 1;
            total += times;
        }
        assert!(late <= MOST_UNDER_WAY, "{late} are asked about twice in one run");
    };
    for _ in 0..kills {
        let mut child = place
            .yspay(&["batch", "list.csv", "-o", "out.csv"])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        random = random.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        sleep(Duration::from_micros((random >> 33) % (2_500_000 * contracts / 1000 / kills)));
        child.kill().unwrap();
        let status = child.wait().unwrap();
        check(&place, &known);
        // OUT is in place before the journal goes.
        let (journal, out) = (place.folder.path("out.csv.yspay-journal"), place.folder.path("out.csv"));
        if !journal.exists() && out.exists() {
            complete = true;
            break;
        }
        assert!(status.code().is_none(), "{status}");
        killed += 1;
        let now = finals(&place);
        assert!(known.is_subset(&now), "an answer is lost");
        known = now;
    }
    if !complete {
        let mut last = place.yspay(&["batch", "list.csv", "-o", "out.csv"]);
        let mut child = last.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        while child.try_wait().unwrap().is_none() {
            most = most.max(super::memory::peak_kib(child.id()));
            sleep(Duration::from_millis(5));
        }
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.status, Some(0), "{run:?}");
        check(&place, &known);
    }
    let rows = table(&std::fs::read_to_string(place.folder.path("out.csv")).unwrap());
    assert_eq!(rows.len() as u64, contracts);
    for (number, row) in rows.iter().enumerate() {
        let (prefix, status) = STATUSES[number % STATUSES.len()];
        assert_eq!((row["flowId"].as_str(), row["status"].as_str()), (&*format!("{prefix}-{number}"), status));
    }
    println!(
        "{contracts} contracts, killed {killed} times, {} final before the last run, {total} questions, peak {most} KiB",
        known.len()
    );
    assert!(killed * 2 >= kills && !known.is_empty());
    assert!(most < 60_000, "{most} KiB");
}

#[test]
fn ctrl_c_and_sigterm_keep_what_was_answered() {
    let place = fast(20);
    let list: String = (0..200).map(|number| format!("STS2-{number}\n")).collect();
    place.folder.write("list.txt", list);
    let mut known = 0;
    for signal in [rustix::process::Signal::INT, rustix::process::Signal::TERM] {
        let child =
            launched(&["env", "--default-signal=INT,TERM"], &place.yspay(&["batch", "list.txt", "-o", "out.csv"]))
                .stdout(Stdio::piped())
                .stderr(Stdio::piped())
                .spawn()
                .unwrap();
        let end = Instant::now() + Duration::from_secs(60);
        while finals(&place).len() < known + 10 {
            assert!(Instant::now() < end, "nothing is answered");
            sleep(Duration::from_millis(10));
        }
        let begun = Instant::now();
        rustix::process::kill_process(rustix::process::Pid::from_child(&child), signal).unwrap();
        let run = Run::of(child.wait_with_output().unwrap());
        assert_eq!(run.status, Some(130), "{run:?}");
        assert!(begun.elapsed() < Duration::from_secs(10));
        let now = finals(&place).len();
        assert!(run.err.contains(&format!("Stopped. {now} answer(s) are kept in out.csv.yspay-journal")), "{run:?}");
        assert!(now >= known + 10 && !place.folder.path("out.csv").exists());
        known = now;
    }
}

/// Who takes the same OUT for another list must not lose what the first one's run, which was ended, has asked.
#[test]
fn another_lists_answers_stay_in_the_journal() {
    let place = super::fast(1000);
    place.folder.write("first.txt", "STS2-1\nSTS2-2\n");
    place.folder.write("second.txt", "STS2-3\n");
    assert_eq!(place.run(&["batch", "first.txt", "-o", "out.csv", "--keep-journal"]).status, Some(0));
    let run = place.run(&["batch", "second.txt", "-o", "out.csv"]);
    assert_eq!(run.status, Some(0), "{run:?}");
    assert!(run.err.contains("also holds answers about contracts that are not in this list; it stays"), "{run:?}");
    assert!(!run.err.contains("Going on"), "{run:?}");
    place.simulator.reset_stats();
    assert_eq!(place.run(&["batch", "first.txt", "-o", "out.csv"]).status, Some(0));
    assert_eq!(place.simulator.stats().requests, 0);
    // Of all of them it is the last.
    place.folder.write("all.txt", "STS2-1\nSTS2-2\nSTS2-3\n");
    assert_eq!(place.run(&["batch", "all.txt", "-o", "out.csv"]).status, Some(0));
    assert_eq!(place.simulator.stats().requests, 0);
    assert!(!place.folder.path("out.csv.yspay-journal").exists());
}
