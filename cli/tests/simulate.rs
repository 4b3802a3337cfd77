//! `yspay simulate`: the platform out of the command alone, wherever that was copied to.

#[path = "../../tests/support/mod.rs"]
mod files;
mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use files::Scratch;
use serde_json::Value;
#[cfg(unix)]
use support::terminal::Terminal;
use support::{Run, yspay};

/// A simulator that ends with the test.
struct Running {
    child: Child,
    ready: Value,
}

impl Running {
    fn start(command: &mut Command) -> Self {
        let command = command.arg("--exit-on-stdin-close").stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
        match serde_json::from_str(&line) {
            Ok(ready) => Running { child, ready },
            Err(error) => {
                let _ = child.kill();
                panic!("{error}: {line:?}: {:?}", child.wait_with_output());
            }
        }
    }

    fn json(arguments: &[&str]) -> Self {
        Self::start(yspay().args(["simulate", "--json", "--port", "0"]).args(arguments))
    }

    /// The exit status, and what it told on standard error.
    fn ended(mut self) -> (Option<i32>, String) {
        drop(self.child.stdin.take());
        let status = self.child.wait().unwrap().code();
        let mut told = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
        (status, told)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// The same in English and in Chinese.
fn in_both(arguments: &[&str]) -> [Run; 2] {
    ["en", "zh"].map(|lang| Run::of(yspay().arg("simulate").args(arguments).args(["--lang", lang]).output().unwrap()))
}

/// An own copy of the command, so that it finds nothing beside itself.
fn copied(folder: &Scratch) -> PathBuf {
    let copy = folder.path("yspay");
    std::fs::copy(env!("CARGO_BIN_EXE_yspay"), &copy).unwrap();
    copy
}

#[test]
fn it_tells_a_program_where_it_is_and_ends_with_its_input() {
    let running = Running::json(&["--limit", "7"]);
    let (port, pid) = (running.ready["port"].as_u64().unwrap(), running.child.id());
    assert_eq!(running.ready["pid"], pid);
    assert_eq!(running.ready["endpoint"], format!("http://127.0.0.1:{port}/saas/orgSign/querySignSts"));
    assert_eq!(running.ready["page"], format!("http://127.0.0.1:{port}/"));
    assert_eq!(running.ended(), (Some(0), String::new()));
}

/// Every word of the command line arrives: what the simulator does by default is not what this one does.
#[test]
fn it_behaves_as_it_was_told() {
    let folder = Scratch::new();
    let options =
        ["--limit", "1", "--enforce-limit", "--delay-ms", "300", "--clock-ahead-s", "-900", "--idle-ms", "400"];
    let running = Running::json(&[&options[..], &["--write", folder.path("kit").to_str().unwrap()]].concat());
    let config = folder.path("kit/sm.json");
    let run = Run::of(yspay().args(["doctor", "--json", "--config"]).arg(&config).output().unwrap());
    let told: Value = serde_json::from_str(&run.out).unwrap();
    let clock = told["checks"].as_array().unwrap().iter().find(|check| check["id"] == "clock").unwrap();
    assert!((890_000..910_000).contains(&clock["aheadMs"].as_i64().unwrap()), "{clock}");
    let ids = ["query", "--json", "A1", "A2", "A3", "A4", "--config"];
    let run = Run::of(yspay().args(ids).arg(&config).output().unwrap());
    assert!(run.out.contains("too many requests a second"), "{run:?}");

    // Whatever is answered waits first, and then a silent connection is closed: by default at once, and after 30 s.
    let port = u16::try_from(running.ready["port"].as_u64().unwrap()).unwrap();
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
    let asked = Instant::now();
    stream.write_all(b"POST /saas/orgSign/querySignSts HTTP/1.1\r\nHost: x\r\nContent-Length: 0\r\n\r\n").unwrap();
    let mut first = [0];
    stream.read_exact(&mut first).unwrap();
    assert!(asked.elapsed() >= Duration::from_millis(300), "{:?}", asked.elapsed());
    let mut rest = Vec::new();
    stream.read_to_end(&mut rest).expect("a close, for it was silent");
    assert!(asked.elapsed() >= Duration::from_millis(700), "{:?}", asked.elapsed());
}

/// Where the authority goes, and that a certificate that ended is refused.
#[test]
fn its_certificate_is_as_it_was_told() {
    for (option, status) in [("--tls", Some(0)), ("--tls-expired", Some(1))] {
        let folder = Scratch::new();
        let (kit, authority) = (folder.path("kit"), folder.path("authority.pem"));
        let [kit_shown, authority_shown] = [&kit, &authority].map(|path| path.to_str().unwrap());
        let running = Running::json(&[option, "--ca-out", authority_shown, "--write", kit_shown]);
        assert!(running.ready["endpoint"].as_str().unwrap().starts_with("https://"), "{}", running.ready);
        assert!(std::fs::read_to_string(&authority).unwrap().starts_with("-----BEGIN CERTIFICATE-----\n"));
        assert!(!kit.join("ca.pem").exists());
        // Its configuration names that file.
        let run = Run::of(yspay().args(["query", "STS2-1", "--config"]).arg(kit.join("sm.json")).output().unwrap());
        assert_eq!(run.status, status, "{run:?}");
        assert!(run.out.contains("CREATED") || run.err.contains("expired"), "{run:?}");
    }
}

#[test]
fn a_copied_command_has_everything_built_in() {
    let folder = Scratch::new();
    let yspay_alone = copied(&folder);
    for tls in [&[][..], &["--tls"]] {
        let kit = folder.path("a kit");
        let mut command = Command::new(&yspay_alone);
        command.current_dir(folder.path("")).env_clear().args(["simulate", "--json", "--port", "0"]).args(tls);
        let running = Running::start(command.args(["--write", "a kit"]));
        for name in ["sm.json", "rsa.json"] {
            let text = std::fs::read_to_string(kit.join(name)).unwrap();
            assert!(!text.contains(env!("CARGO_MANIFEST_DIR")) && !text.contains("tests/vectors"), "{text}");
            let mut query = Command::new(&yspay_alone);
            query.env_clear().args(["query", "STS2-1", "STS3-1", "--config"]).arg(kit.join(name));
            let run = Run::of(query.output().unwrap());
            let expected = "STS2-1\t2\tCREATED\tsigned and in force\tfinal\nSTS3-1\t3\tVOIDED\tmade void\tfinal\n";
            assert_eq!((run.out.as_str(), run.err.as_str(), run.status), (expected, "", Some(0)), "{name} {tls:?}");
            // Keys and passwords are for their owner alone.
            let mut doctor = Command::new(&yspay_alone);
            doctor.env_clear().args(["doctor", "--id", "C99-1", "--config"]).arg(kit.join(name));
            let run = Run::of(doctor.output().unwrap());
            assert_eq!(run.status, Some(0), "{}", run.out);
        }
        assert_eq!(running.ended(), (Some(0), String::new()));
    }
}

#[test]
#[cfg(unix)]
fn a_person_is_told_what_to_do_next_and_ends_it_by_ctrl_c() {
    let folder = Scratch::new();
    let kit = folder.path("it's a kit");
    for (lang, ask, readme, end) in [
        ("en", "Ask, in another terminal:\r\n  ", "README.md", "Ctrl-C ends it."),
        ("zh", "在另一个终端里查询：\r\n  ", "README.zh-CN.md", "按 Ctrl-C 结束。"),
    ] {
        let mut command = yspay();
        command.args(["--lang", lang, "simulate", "--port", "0", "--write"]).arg(&kit);
        let mut terminal = Terminal::run(&command);
        terminal.expect(end);
        let (_, asked) = terminal.all.split_once(ask).unwrap();
        let asked = asked.split("\r\n").next().unwrap().to_owned();
        assert!(terminal.all.contains(&format!("  {}\r\n", kit.join(readme).display())), "{}", terminal.all);
        assert!(kit.join(readme).is_file());
        let page = terminal.all.lines().any(|line| line.starts_with("  http://127.0.0.1:") && line.ends_with("/"));
        assert!(page, "{}", terminal.all);
        // As it is shown, in a shell that finds the command.
        let bin = Path::new(env!("CARGO_BIN_EXE_yspay")).parent().unwrap();
        let path = format!("{}:{}", bin.display(), std::env::var("PATH").unwrap());
        let told = Command::new("sh").args(["-c", &asked]).env("PATH", path).output().unwrap();
        assert!(String::from_utf8_lossy(&told.stdout).contains("CREATED"), "{asked}: {told:?}");
        terminal.type_in("\u{3}");
        assert_eq!(terminal.ended(), Some(0), "{}", terminal.all);
        assert!(!terminal.all.contains("panicked"), "{}", terminal.all);
    }
}

#[test]
#[cfg(unix)]
fn sigterm_ends_it_with_a_call_under_way() {
    let folder = Scratch::new();
    let mut running = Running::json(&["--write", folder.path("kit").to_str().unwrap()]);
    let mut query = yspay();
    query.args(["query", "HANG-1", "--config"]).arg(folder.path("kit/sm.json"));
    let asking = query.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let id = rustix::process::Pid::from_child(&running.child);
    rustix::process::kill_process(id, rustix::process::Signal::TERM).unwrap();
    assert_eq!(running.child.wait().unwrap().code(), Some(0));
    // Whoever was asking is told so at once, by the network.
    let asked = Run::of(asking.wait_with_output().unwrap());
    assert!(asked.status == Some(1) && asked.err.contains("TRANSPORT"), "{asked:?}");
}

#[test]
fn without_a_folder_it_says_how_to_have_one() {
    for (lang, expected) in [("en", "Add --write FOLDER for test keys"), ("zh", "加上 --write 目录")] {
        let mut command = yspay();
        command.args(["simulate", "--port", "0", "--exit-on-stdin-close", "--lang", lang]);
        let run = Run::fed(&mut command, b"");
        assert!(run.status == Some(0) && run.out.contains(expected), "{run:?}");
    }
}

#[test]
fn a_port_in_use_is_told() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let [en, zh] = in_both(&["--port", &port]);
    assert_eq!((en.status, en.out.as_str()), (Some(14), ""));
    assert_eq!(en.err, format!("yspay: port {port} is in use. Name another one with --port, or 0 for a free one.\n"));
    assert_eq!((zh.status, zh.out.as_str()), (Some(14), ""));
    assert!(zh.err.starts_with(&format!("yspay: 端口 {port} 已被占用。")), "{}", zh.err);
}

#[test]
fn it_says_so_when_others_can_reach_it() {
    for (address, lang, told) in [
        ("127.0.0.1", "en", None),
        ("0.0.0.0", "en", Some("anyone who reaches this port can read and drive it")),
        ("0.0.0.0", "zh", Some("凡能访问该端口的人都能查看并操纵它")),
    ] {
        let running = Running::json(&["--listen", address, "--lang", lang]);
        let (status, err) = running.ended();
        assert_eq!((status, err.is_empty()), (Some(0), told.is_none()), "{err}");
        assert!(told.is_none_or(|told| err.contains(told) && err.contains(&format!("{address}:"))), "{err}");
    }
    // An address for documentation: nobody's.
    let [en, zh] = in_both(&["--port", "0", "--listen", "192.0.2.7"]);
    assert!(en.status == Some(14) && en.err.contains("192.0.2.7 is no address of this machine"), "{en:?}");
    assert!(zh.status == Some(14) && zh.err.contains("192.0.2.7 不是本机的地址"), "{zh:?}");
}

#[test]
fn a_folder_that_cannot_be_written_is_told_and_nothing_is_lost() {
    let folder = Scratch::new();
    let file = folder.write("file", "mine");
    let [en, zh] = in_both(&["--port", "0", "--write", file.join("below").to_str().unwrap()]);
    assert!(en.status == Some(4) && en.out.is_empty() && en.err.contains("cannot be written"), "{en:?}");
    assert!(zh.status == Some(4) && zh.out.is_empty() && zh.err.contains("无法写入"), "{zh:?}");

    let config = folder.write("sm.json", "{\"mine\": true}");
    let [en, zh] = in_both(&["--port", "0", "--write", folder.path("").to_str().unwrap()]);
    assert!(en.status == Some(4) && en.out.is_empty(), "{en:?}");
    assert!(en.err.contains("so it is not written over. Move it away"), "{en:?}");
    assert!(zh.status == Some(4) && zh.err.contains("因此不覆盖"), "{zh:?}");
    assert!(en.err.contains("sm.json") && zh.err.contains("sm.json"));
    assert_eq!(std::fs::read_to_string(config).unwrap(), "{\"mine\": true}");
    assert!(!folder.path("README.md").exists() && !folder.path("rsa.json").exists());
}

#[test]
fn a_wrong_word_is_told_in_both_languages() {
    for (arguments, told) in [
        (&["--port", "70000"][..], "0…65535"),
        (&["--idle-ms", "0"], "1…4294967295"),
        // Every request would be one too many.
        (&["--limit", "0"], "1…4294967295"),
        (&["--listen", "localhost"], "::1"),
        (&["--ca-out", "x"], "--ca-out"),
        (&["--write"], "--write"),
    ] {
        let [en, zh] = in_both(arguments);
        for run in [&en, &zh] {
            assert!(run.status == Some(2) && run.out.is_empty() && run.err.contains(told), "{arguments:?}: {run:?}");
        }
        assert!(!zh.err.contains("error") && zh.err.chars().any(|c| ('\u{4e00}'..='\u{9fff}').contains(&c)), "{zh:?}");
    }
}

#[test]
fn it_lists_what_a_number_may_begin_with() {
    for run in in_both(&["--behaviours"]) {
        assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
        for prefix in yspay_simulator::behaviour::prefixes() {
            assert!(run.out.contains(&format!("\n  {prefix} ")), "{prefix}: {}", run.out);
        }
    }
}

/// The command and the program `simulator` understand the same words.
#[test]
fn it_has_every_option_of_the_program() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("../simulator/src/main.rs");
    let source = std::fs::read_to_string(source).unwrap();
    let known =
        source.lines().filter_map(|line| line.trim().strip_prefix('"')?.split_once("\" =>").map(|(word, _)| word));
    let known: Vec<_> = known.filter(|word| word.starts_with("--")).collect();
    assert!(known.len() >= 12, "{known:?}");
    let [help, _] = in_both(&["--help"]);
    for word in known {
        let word = if word == "--config-out" { "--write" } else { word };
        assert!(help.out.contains(&format!("{word} ")), "{word}: {}", help.out);
    }
}

#[test]
fn the_manual_and_the_shells_know_it() {
    let folder = Scratch::new();
    let run = Run::of(yspay().args(["man", "-o"]).arg(folder.path("")).output().unwrap());
    assert_eq!(run.status, Some(0));
    let page = std::fs::read_to_string(folder.path("yspay-simulate.1")).unwrap();
    assert!(page.contains("Plays the platform") && page.contains("enforce\\-limit"), "{page}");
    for shell in ["bash", "zsh", "fish"] {
        let run = Run::of(yspay().args(["completions", shell]).output().unwrap());
        assert!(run.out.contains("simulate") && run.out.contains("enforce-limit"), "{shell}");
    }
}
