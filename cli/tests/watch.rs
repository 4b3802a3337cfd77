//! `yspay watch`: a contract's life, restarts, signals, the program of `--exec`, a terminal.

mod platform;
#[cfg(unix)]
#[allow(dead_code, reason = "the tests of other commands use the rest")]
#[path = "support/terminal.rs"]
mod terminal;

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use platform::{Platform, Scratch, told, yspay};
use serde_json::{Value, json};
use yspay_simulator::stats::Seen;

const PATIENCE: Duration = Duration::from_secs(60);

/// Each line of standard output as JSON.
fn objects(out: &str) -> Vec<Value> {
    out.lines().map(|line| serde_json::from_str(line).unwrap_or_else(|error| panic!("{error}: {line}"))).collect()
}

/// The statuses that were told of each contract, in their order.
fn lives(objects: &[Value]) -> BTreeMap<String, Vec<String>> {
    let mut lives = BTreeMap::<String, Vec<String>>::new();
    for change in objects.iter().filter(|object| object["ok"] == true) {
        let (id, status) = (change["sysSignFlowId"].as_str().unwrap(), change["signSts"].as_str().unwrap());
        lives.entry(id.to_owned()).or_default().push(status.to_owned());
    }
    lives
}

fn life(statuses: &[&str]) -> Vec<String> {
    statuses.iter().map(|status| (*status).to_owned()).collect()
}

/// How often each contract was asked about.
fn asked(platform: &Platform) -> BTreeMap<String, usize> {
    times(&platform.stats().recent)
}

/// How often each contract is in these requests.
fn times(requests: &[Seen]) -> BTreeMap<String, usize> {
    let mut times = BTreeMap::new();
    for request in requests {
        *times.entry(request.sys_sign_flow_id.clone()).or_default() += 1;
    }
    times
}

fn start(config: &Path, arguments: &[&str]) -> Child {
    yspay(config, arguments).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Waits for its end; a test does not hang.
fn end_of(mut child: Child) -> (i32, String, String) {
    let begun = Instant::now();
    while child.try_wait().unwrap().is_none() {
        if begun.elapsed() > PATIENCE {
            let _ = child.kill();
            panic!("it did not end");
        }
        std::thread::sleep(Duration::from_millis(10));
    }
    told(&child.wait_with_output().unwrap())
}

#[cfg(unix)]
fn signal(child: &Child, signal: rustix::process::Signal) {
    let pid = rustix::process::Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    rustix::process::kill_process(pid, signal).unwrap();
}

#[test]
fn each_change_is_told_once_until_all_are_final() {
    let platform = Platform::with_limit(1000);
    let config = platform.config("sm", |_| {});
    let ids = ["LIFE00112-a", "LIFE04-b", "STS3-c", "STS7-d", "LIFE9X-e", "LIFE00112-a"];
    let mut arguments = vec!["watch", "--json", "--every", "50ms"];
    arguments.extend(ids);
    let (exit, out, err) = end_of(start(&config, &arguments));
    assert_eq!((exit, err.as_str()), (0, ""));
    let all = objects(&out);
    let lives = lives(&all);
    assert_eq!(lives["LIFE00112-a"], life(&["0", "1", "2"]));
    assert_eq!(lives["LIFE04-b"], life(&["0", "4"]));
    assert_eq!((&lives["STS3-c"], &lives["STS7-d"]), (&life(&["3"]), &life(&["7"])));
    assert_eq!(lives["LIFE9X-e"], life(&["9", "2"]));
    let last = all.iter().rfind(|change| change["sysSignFlowId"] == "LIFE00112-a").unwrap();
    assert_eq!(
        (&last["previous"], &last["isFinal"], &last["isSuccess"], &last["signStsName"], &last["repeated"]),
        (&json!("1"), &json!(true), &json!(true), &json!("CREATED"), &json!(false))
    );
    // None is asked about again that is final, and none twice for being named twice.
    let asked = asked(&platform);
    assert_eq!((asked["LIFE00112-a"], asked["LIFE04-b"], asked["STS3-c"], asked["LIFE9X-e"]), (5, 2, 1, 2));
}

#[test]
fn lines_for_people_say_what_changed() {
    let platform = Platform::start();
    let config = platform.config("rsa", |_| {});
    for (lang, first, second) in [
        ("en", "\t1\tPENDING\twaiting to be signed\tmay change\tfirst", "\tfinal\tbefore: 1 PENDING"),
        ("zh", "\t1\tPENDING\t待签署\t还会变化\t首次", "\t不会再变\t之前：1 PENDING"),
    ] {
        let id = format!("LIFE12-{lang}");
        let (exit, out, _) = end_of(start(&config, &["watch", "--lang", lang, "--every", "50ms", &id]));
        let lines: Vec<_> = out.lines().collect();
        assert_eq!((exit, lines.len()), (0, 2), "{out}");
        assert!(lines[0].starts_with("20") && lines[0].contains(&id) && lines[0].ends_with(first), "{out}");
        assert!(lines[1].ends_with(second), "{out}");
    }
}

#[test]
fn ids_come_from_a_file_too() {
    let platform = Platform::start();
    let file = platform.scratch.write("ids.txt", "\u{feff}STS2-1\r\n# none\n\nSTS3-2\n");
    let config = platform.config("sm", |_| {});
    let (exit, out, _) = end_of(start(&config, &["watch", "--json", "--file", file.to_str().unwrap()]));
    assert_eq!((exit, lives(&objects(&out)).len()), (0, 2));
    // As `batch` reads them, and what is no list is refused.
    let file = platform.scratch.write("gb.txt", b"STS2-\xc7\xa9\r\n");
    let (exit, out, _) = end_of(start(&config, &["watch", "--json", "--file", file.to_str().unwrap()]));
    assert!(exit == 0 && out.contains("STS2-签"), "{out}");
    for (content, told) in [
        (&b"PK\x03\x04\0\0"[..], "is no text in UTF-8, UTF-16 or GB18030"),
        (b"nr,flowId\n1,STS2-1\n", "line 1: \"nr,flowId\" has a separator inside"),
    ] {
        let file = platform.scratch.write("no.txt", content);
        let (exit, out, err) = end_of(start(&config, &["watch", "--file", file.to_str().unwrap()]));
        assert!((exit, out.as_str()) == (4, "") && err.contains("no.txt") && err.contains(told), "{err}");
    }
    let empty = platform.scratch.write("empty.txt", "# none\n");
    let (exit, _, err) = end_of(start(&config, &["watch", "--file", empty.to_str().unwrap()]));
    assert!(exit == 2 && err.contains("no contract"), "{err}");
    let (exit, _, err) = end_of(start(&config, &["watch", "--file", "none.txt"]));
    assert!(exit == 4 && err.contains("none.txt"), "{err}");
}

#[test]
fn errors_that_pass_are_waited_out_and_told_once() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (exit, out, err) =
        end_of(start(&config, &["watch", "--json", "--every", "20ms", "LIFE1EEE1E2-a", "C50THEN-b"]));
    assert_eq!((exit, err.as_str()), (0, ""));
    let all = objects(&out);
    let lives = lives(&all);
    assert_eq!(lives["LIFE1EEE1E2-a"], life(&["1", "2"]));
    let errors = |id: &str| -> Vec<&str> {
        let of = all.iter().filter(|object| object["ok"] == false && object["sysSignFlowId"] == id);
        of.map(|object| object["error"]["code"].as_str().unwrap()).collect()
    };
    // Three in a row are one piece of news; after an answer it is news again.
    assert_eq!(errors("LIFE1EEE1E2-a"), ["HTTP_STATUS", "HTTP_STATUS"]);
    assert_eq!(errors("C50THEN-b"), ["GATEWAY_TIMEOUT"]);
}

/// Not once for each of thousands.
#[test]
fn a_network_that_is_down_is_told_once() {
    let platform = Platform::start();
    let closed = TcpListener::bind("127.0.0.74:0").unwrap().local_addr().unwrap();
    let config = platform.config("sm", |config| config["endpoint"] = format!("http://{closed}/").into());
    let list: String = (0..30).map(|number| format!("STS2-{number}\n")).collect();
    let file = platform.scratch.write("ids.txt", list);
    let arguments = ["watch", "--every", "100ms", "--for", "2s", "--file", file.to_str().unwrap()];
    let (exit, out, err) = end_of(start(&config, &arguments));
    assert_eq!((exit, out.as_str()), (11, ""));
    assert_eq!(err.matches("TRANSPORT").count(), 1, "{err}");
    // A store of the limit that is away is as little each contract's own.
    let url = format!("redis://{closed}");
    let config = platform.config("sm", |config| config["rateLimit"] = json!({"shared": {"url": url}}));
    let (exit, out, err) = end_of(start(&config, &arguments));
    assert_eq!((exit, out.as_str()), (11, ""));
    assert_eq!(err.matches("LIMITER_UNAVAILABLE").count(), 1, "{err}");
}

/// A store that grants every turn; returns its URL, and how many answers it was told of. Each turn ends the connection, and
/// another is slow to come to be.
fn slow_store() -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let (url, told) = (format!("redis://{}/1", listener.local_addr().unwrap()), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&told);
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let mut lines = BufReader::new(stream.try_clone().unwrap()).lines().map_while(Result::ok);
            while let Some(parts) = lines.next().and_then(|line| line.strip_prefix('*')?.parse::<usize>().ok()) {
                let command: Vec<String> = (0..parts).filter_map(|_| lines.nth(1)).collect();
                let is_answer = command.get(7).is_some_and(|what| what == "answered");
                counted.fetch_add(usize::from(is_answer), Ordering::SeqCst);
                let reply = match &*command[0] {
                    "SELECT" => {
                        std::thread::sleep(Duration::from_millis(200));
                        "+OK\r\n"
                    }
                    _ if is_answer => ":1\r\n",
                    _ => "*3\r\n:1\r\n:0\r\n:0\r\n",
                };
                if stream.write_all(reply.as_bytes()).is_err() || reply.starts_with('*') {
                    break;
                }
            }
        }
    });
    (url, told)
}

/// Else the slots of the last calls would be taken until their deadlines.
#[test]
fn the_limit_s_store_knows_of_every_answer_at_the_end() {
    let platform = Platform::start();
    for arguments in [&["watch", "STS2-1", "STS3-2", "STS2-3"][..], &["query", "STS2-1", "STS2-2", "STS3-3"]] {
        let (url, told) = slow_store();
        let config = platform.config("sm", |config| config["rateLimit"] = json!({"shared": {"url": url}}));
        let (exit, _, err) = end_of(start(&config, arguments));
        assert_eq!((exit, told.load(Ordering::SeqCst)), (0, 3), "{arguments:?}: {err}");
    }
}

#[test]
fn an_id_that_cannot_be_asked_about_ends_alone() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (exit, out, err) = end_of(start(&config, &["watch", "--every", "20ms", "a=b", "LIFE12-a"]));
    assert_eq!((exit, out.lines().count()), (1, 2), "{out}{err}");
    assert!(err.contains("a=b: INVALID_ARGUMENT") && err.contains("1 of 2 are final"), "{err}");
    let wrong = platform.config("sm", |config| config["privateKey"]["password"] = json!("wrong"));
    let (exit, _, err) = end_of(start(&wrong, &["watch", "STS2-1"]));
    assert!(exit == 3 && err.contains("CREDENTIAL"), "{err}");
}

#[test]
fn the_time_ends_it_with_a_status_of_its_own() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let begun = Instant::now();
    let arguments = ["watch", "--every", "10s", "--for", "1500ms", "STS1-1", "STS2-2", "HANG-3"];
    let (exit, out, err) = end_of(start(&config, &arguments));
    assert_eq!((exit, out.lines().count()), (11, 2), "{out}{err}");
    assert!(err.contains("1 of 3 are final"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(9), "it waits for nobody");
}

fn state_in(platform: &Platform) -> (PathBuf, String) {
    let path = platform.scratch.0.join("state.json");
    let text = path.to_str().unwrap().to_owned();
    (path, text)
}

#[test]
fn a_restart_asks_nothing_final_again_and_tells_no_change_twice() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (path, state) = state_in(&platform);
    let watch = |more: &[&str]| {
        let mut arguments = vec!["watch", "--json", "--every", "20ms", "--state", &state];
        arguments.extend(more);
        end_of(start(&config, &arguments))
    };
    let (exit, out, _) = watch(&["--for", "700ms", "STS3-a", "STS1-b"]);
    assert_eq!((exit, lives(&objects(&out)).len()), (11, 2));
    let before = asked(&platform);
    assert_eq!(before["STS3-a"], 1);
    let (exit, out, err) = watch(&["--for", "700ms", "STS3-a", "STS1-b"]);
    assert_eq!((exit, out.as_str()), (11, ""), "{err}");
    let after = asked(&platform);
    assert!(after["STS3-a"] == 1 && after["STS1-b"] > before["STS1-b"], "{after:?}");
    // Those of before stay known beside new ones.
    assert_eq!(watch(&["STS7-c"]).0, 0);
    let written: Value = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    assert_eq!(written["contracts"].as_object().unwrap().len(), 3);
    let (exit, out, _) = watch(&["STS3-a", "STS7-c"]);
    assert_eq!((exit, out.as_str()), (0, ""));
}

#[cfg(unix)]
#[test]
fn sigkill_in_the_middle_loses_nothing() {
    use rustix::process::Signal;
    let platform = Platform::with_limit(1000);
    let config = platform.config("sm", |config| config["rateLimit"] = json!({"perSecond": 1_000}));
    let (_, state) = state_in(&platform);
    let ids: Vec<String> = (0..40).map(|number| format!("LIFE0112-{number}")).collect();
    let mut arguments = vec!["watch", "--json", "--every", "30ms", "--state", &state];
    arguments.extend(ids.iter().map(String::as_str));
    let mut all = Vec::new();
    let mut kills = 0;
    loop {
        let mut child = start(&config, &arguments);
        // Killed when so many changes were told, each time in another place.
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut told = 0;
        while told < 7 + 3 * kills {
            let Some(Ok(line)) = lines.next() else { break };
            all.extend(objects(&line));
            told += 1;
        }
        if child.try_wait().unwrap().is_none() {
            signal(&child, Signal::KILL);
            kills += 1;
        }
        // What was written before the end.
        for line in lines.map_while(Result::ok) {
            all.extend(serde_json::from_str::<Value>(&line).ok());
        }
        let ended = child.wait().unwrap();
        if ended.success() {
            break;
        }
        assert!(kills < 100, "it never ends");
    }
    assert!(kills > 3, "{kills}");
    // What may have been told before says so; without that each is told once.
    let news: Vec<Value> = all.iter().filter(|change| change["repeated"] == false).cloned().collect();
    let (all, news) = (lives(&all), lives(&news));
    for id in &ids {
        let mut whole = all[id].clone();
        whole.dedup();
        // A stage may pass unseen between two questions, but the way is upwards and its end is there.
        assert!(whole.is_sorted() && whole.last().unwrap() == "2", "{id}: {whole:?}");
        let mut once = news.get(id).cloned().unwrap_or_default();
        let length = once.len();
        once.dedup();
        assert_eq!(once.len(), length, "{id}: told twice");
    }
}

#[test]
fn a_state_has_one_watcher_and_one_institution() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (path, state) = state_in(&platform);
    let mut first = start(&config, &["watch", "--every", "10s", "--state", &state, "STS1-1"]);
    let mut line = String::new();
    BufReader::new(first.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let (exit, _, err) = end_of(start(&config, &["watch", "--state", &state, "STS2-1"]));
    assert!(exit == 4 && err.contains("another watcher uses this file"), "{err}");
    first.kill().unwrap();
    first.wait().unwrap();
    assert_eq!(end_of(start(&config, &["watch", "--state", &state, "STS2-1"])).0, 0, "the lock ended with it");
    let other = platform.config("sm", |config| config["src"] = json!("ORG1"));
    let (exit, _, err) = end_of(start(&other, &["watch", "--state", &state, "STS2-1"]));
    assert!(exit == 4 && err.contains("the state of ORG20210927162704"), "{err}");
    for (content, words) in [("{}", "no state of"), ("", "no state of"), ("\u{0}\u{1}", "no state of")] {
        std::fs::write(&path, content).unwrap();
        let (exit, _, err) = end_of(start(&config, &["watch", "--state", &state, "STS2-1"]));
        assert!(exit == 4 && err.contains(words), "{err}");
        assert_eq!(std::fs::read_to_string(&path).unwrap(), content, "it is not overwritten");
    }
    let nowhere = platform.scratch.0.join("none/state.json");
    let (exit, _, err) = end_of(start(&config, &["watch", "--state", nowhere.to_str().unwrap(), "STS2-1"]));
    assert!(exit == 4 && err.contains("none/state.json"), "{err}");
}

/// Whatever is ignored where the tests run.
#[cfg(unix)]
const WITH_SIGNALS: [&str; 2] = ["env", "--default-signal=HUP,INT,TERM"];

/// The command as another program starts it.
#[cfg(unix)]
fn start_by(launcher: &[&str], config: &Path, arguments: &[&str]) -> Child {
    let mut command = terminal::launched(launcher, &yspay(config, &[arguments, &["--lang", "en"]].concat()));
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

#[cfg(unix)]
#[test]
fn signals_end_it_cleanly() {
    use rustix::process::Signal;
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    for (number, name) in [Signal::TERM, Signal::INT, Signal::HUP].into_iter().enumerate() {
        let state = platform.scratch.0.join(format!("state-{number}.json"));
        let arguments = ["watch", "--every", "10s", "--state", state.to_str().unwrap(), "STS1-1", "HANG-2"];
        let mut child = start_by(&WITH_SIGNALS, &config, &arguments);
        let mut out = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        out.read_line(&mut line).unwrap();
        signal(&child, name);
        let (exit, _, err) = end_of(child);
        assert!(exit == 130 && err.contains("stopped; 0 of 2 are final"), "{err}");
        let written: Value = serde_json::from_str(&std::fs::read_to_string(state).unwrap()).unwrap();
        assert_eq!(written["contracts"]["STS1-1"]["status"], "1");
        assert!(written["contracts"]["STS1-1"]["untold"].is_null());
    }
}

#[cfg(unix)]
#[test]
fn a_signal_that_was_ignored_before_it_began_stays_so() {
    use rustix::process::Signal;
    let platform = Platform::with_limit(1000);
    let config = platform.config("sm", |_| {});
    // A shell's background job ignores Ctrl-C.
    let background = ["sh", "-c", "trap '' INT; exec \"$@\"", "sh"];
    for (launcher, ignored) in [(&["nohup"][..], Signal::HUP), (&background, Signal::INT)] {
        let launcher = [&WITH_SIGNALS[..], launcher].concat();
        let mut child = start_by(&launcher, &config, &["watch", "--every", "20ms", "STS1-1", "STS2-2"]);
        let mut line = String::new();
        BufReader::new(child.stdout.as_mut().unwrap()).read_line(&mut line).unwrap();
        signal(&child, ignored);
        let (asked, begun) = (platform.requests(), Instant::now());
        while platform.requests() < asked + 3 {
            assert!(begun.elapsed() < PATIENCE && child.try_wait().unwrap().is_none(), "{ignored:?} ended it");
            std::thread::sleep(Duration::from_millis(10));
        }
        // The other signals end it as ever.
        signal(&child, Signal::TERM);
        let (exit, _, err) = end_of(child);
        assert!(exit == 130 && err.contains("stopped; 1 of 2 are final"), "{err}");
    }
}

/// A program that may be run.
#[cfg(unix)]
fn program(scratch: &Scratch, name: &str, text: &str) -> String {
    use std::os::unix::fs::PermissionsExt;
    let path = scratch.write(name, text);
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    path.to_str().unwrap().to_owned()
}

#[cfg(unix)]
#[test]
fn a_program_runs_for_each_change_and_reads_hostile_values_as_they_are() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let scratch = &platform.scratch;
    let show = program(
        scratch,
        "show me.sh",
        "#!/bin/sh\nprintf '%s|' \"$YSPAY_ID\" \"$YSPAY_STATUS\" \"$YSPAY_STATUS_NAME\" \"$YSPAY_PREVIOUS\" \
         \"$YSPAY_PREVIOUS_NAME\" \"$YSPAY_FINAL\" \"$YSPAY_SUCCESS\" \"$YSPAY_REPEATED\"; echo\n",
    );
    let hostile = format!("LIFE12-$(touch {0}/x);`id`", scratch.0.file_name().unwrap().to_str().unwrap());
    let hostile: String = hostile.chars().take(50).collect();
    let (exit, out, err) =
        end_of(start(&config, &["watch", "--every", "20ms", "--exec", &show, &hostile, "LIFE1X-'\"\\ %s*"]));
    assert_eq!((exit, err.as_str()), (0, ""));
    for id in [hostile.as_str(), "LIFE1X-'\"\\ %s*"] {
        assert!(out.contains(&format!("\n{id}|1|PENDING|||0|0|0|\n")), "{out}");
        assert!(out.contains(&format!("\n{id}|2|CREATED|1|PENDING|1|1|0|\n")), "{out}");
    }
    assert!(!scratch.0.join("x").exists());
}

/// Several changes that came together are done one by one, also on the disk.
#[cfg(unix)]
#[test]
fn a_program_that_has_run_does_not_run_again_after_sigkill() {
    let platform = Platform::with_limit(1000);
    let config = platform.config("sm", |config| config["rateLimit"] = json!({"perSecond": 1000}));
    let scratch = &platform.scratch;
    let (log, state) = (scratch.0.join("log"), scratch.0.join("state"));
    // The fifth kills the watcher that waits for it.
    let kills = program(
        scratch,
        "kills.sh",
        &format!(
            "#!/bin/sh\necho \"$YSPAY_ID\" >>{0}\nsleep 0.1\n[ $(wc -l <{0}) -ne 5 ] || kill -9 $PPID\n",
            log.display()
        ),
    );
    let ids: Vec<_> = (0..12).map(|n| format!("STS2-{n}")).collect();
    let options = ["watch", "--state", state.to_str().unwrap(), "--exec", &kills];
    let arguments: Vec<_> = options.into_iter().chain(ids.iter().map(String::as_str)).collect();
    assert_eq!(end_of(start(&config, &arguments)).0, -1, "killed");
    assert_eq!(end_of(start(&config, &arguments)).0, 0);
    let log = std::fs::read_to_string(log).unwrap();
    let mut runs = BTreeMap::<_, usize>::new();
    log.lines().for_each(|id| *runs.entry(id).or_default() += 1);
    assert_eq!((runs.len(), log.lines().count()), (12, 13), "only the fifth runs again: {log}");
}

#[cfg(unix)]
#[test]
fn a_program_that_fails_or_hangs_does_not_stop_the_watch() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let scratch = &platform.scratch;
    let fails = program(scratch, "fails.sh", "#!/bin/sh\nexit 3\n");
    let (exit, out, err) = end_of(start(&config, &["watch", "--every", "20ms", "--exec", &fails, "LIFE12-a"]));
    assert_eq!((exit, out.lines().count()), (0, 2));
    assert_eq!(err.matches("--exec: LIFE12-a: it failed: exit status: 3").count(), 2, "{err}");
    // One that is not there would let every change count as told.
    let text = scratch.write("text", "").to_str().unwrap().to_owned();
    let requests = platform.requests();
    for wrong in ["/no/such/program", "no-such-program", "./no-such-program", &text, "/"] {
        let (exit, out, err) = end_of(start(&config, &["watch", "--exec", wrong, "STS2-a"]));
        assert_eq!((exit, out.as_str()), (4, ""), "{wrong}: {err}");
        assert!(err.contains(&format!("--exec: {wrong} cannot be run")), "{err}");
    }
    assert_eq!(platform.requests(), requests);
    let (exit, _, err) = end_of(start(&config, &["watch", "--exec", "true", "STS2-a"]));
    assert_eq!((exit, err.as_str()), (0, ""), "of a bare name, in PATH");
    // It goes away meanwhile.
    let gone = program(scratch, "gone.sh", "#!/bin/sh\nrm \"$0\"\n");
    let (exit, _, err) = end_of(start(&config, &["watch", "--every", "20ms", "--exec", &gone, "LIFE12-b"]));
    assert!(exit == 0 && err.contains("gone.sh cannot be run"), "{err}");
    // It hangs, with what it started, and does not listen.
    let pids = scratch.0.join("pids");
    let hangs = program(
        scratch,
        "hangs.sh",
        &format!("#!/bin/sh\ntrap '' TERM\nsleep 300 &\necho $! >>{0}\necho $$ >>{0}\nwait\nwait\n", pids.display()),
    );
    let begun = Instant::now();
    let arguments = ["watch", "--exec", &hangs, "--exec-timeout", "300ms", "STS2-a"];
    let (exit, _, err) = end_of(start(&config, &arguments));
    assert!(exit == 0 && err.contains("took longer than 300ms"), "{err}");
    assert!(begun.elapsed() < Duration::from_secs(30));
    for pid in std::fs::read_to_string(pids).unwrap().lines() {
        let alive = std::fs::read_to_string(format!("/proc/{pid}/stat")).is_ok_and(|stat| !stat.contains(") Z "));
        assert!(!alive, "{pid} lives on");
    }
}

#[cfg(unix)]
#[test]
fn a_signal_ends_the_program_and_its_change_is_told_again_as_such() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (_, state) = state_in(&platform);
    let hangs = program(&platform.scratch, "hangs.sh", "#!/bin/sh\necho runs\nexec sleep 300\n");
    let watch = ["watch", "--json", "--state", &state, "STS2-a"];
    let mut child = start(&config, &[&watch[..], &["--exec", &hangs]].concat());
    let mut out = BufReader::new(child.stdout.take().unwrap());
    let mut line = String::new();
    while line != "runs\n" {
        line.clear();
        assert!(out.read_line(&mut line).unwrap() > 0);
    }
    signal(&child, rustix::process::Signal::TERM);
    let exit = end_of(child).0;
    // All are final; the program's work is not done.
    assert_eq!(exit, 130);
    let (exit, out, _) = end_of(start(&config, &watch));
    let all = objects(&out);
    assert_eq!((exit, all.len(), &all[0]["repeated"]), (0, 1, &json!(true)));
    let (exit, out, _) = end_of(start(&config, &watch));
    assert_eq!((exit, out.as_str()), (0, ""));
}

/// A hundred at a time, of which none may wait for long.
#[test]
fn many_share_the_limit_fairly() {
    let platform = Platform::with_limit(1000);
    let config = platform.config("sm", |config| config["rateLimit"] = json!({"perSecond": 50}));
    let list: String = (0..100).map(|number| format!("STS1-{number}\n")).collect();
    let file = platform.scratch.write("ids.txt", list);
    let arguments = ["watch", "--json", "--every", "100ms", "--for", "7s", "--file", file.to_str().unwrap()];
    let (exit, out, err) = end_of(start(&config, &arguments));
    assert_eq!((exit, lives(&objects(&out)).len()), (11, 100), "{err}");
    // Of the last hundred questions nobody has more than two.
    let recent = platform.stats().recent;
    let asked = times(&recent[recent.len() - 100..]);
    assert!(asked.values().all(|times| *times <= 3), "{asked:?}");
}

#[cfg(unix)]
#[test]
fn at_a_terminal_ctrl_c_is_typed() {
    let platform = Platform::start();
    let config = platform.config("sm", |_| {});
    let (path, state) = state_in(&platform);
    let mut terminal = terminal::Terminal::run(&yspay(
        &config,
        &["watch", "--lang", "en", "--every", "10s", "--state", &state, "STS1-1", "STS3-2"],
    ));
    terminal.expect("PENDING");
    terminal.type_in("\x03");
    terminal.expect("stopped; ");
    assert_eq!(terminal.ended(), Some(130));
    assert!(path.exists());
}
