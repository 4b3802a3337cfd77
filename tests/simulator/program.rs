//! The program: its command line, its one line of output, its end.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;

use crate::openssl::TemporaryDirectory;
use crate::raw::{Connection, good_request};
use crate::simulator::behaviour;
use crate::simulator::crypto::Algorithm;

/// The example beside this test in the target directory; `cargo test` builds it.
fn program() -> Command {
    let test = std::env::current_exe().expect("the path of this test");
    let target = test.parent().and_then(|deps| deps.parent()).expect("a target directory");
    let path: PathBuf = target.join("examples").join(format!("simulator{}", std::env::consts::EXE_SUFFIX));
    assert!(path.is_file(), "{} is missing: run `cargo build --example simulator` first", path.display());
    Command::new(path)
}

/// A child that is killed when the test fails.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(arguments: &[&str]) -> (Running, Value) {
    let mut child = program()
        .args(arguments)
        .arg("--exit-on-stdin-close")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start");
    let output = child.stdout.take().expect("stdout");
    let running = Running(child);
    let mut line = String::new();
    BufReader::new(output).read_line(&mut line).expect("a line");
    (running, serde_json::from_str(&line).expect("one line of JSON"))
}

fn run(arguments: &[&str]) -> Output {
    program().args(arguments).stdin(Stdio::null()).output().expect("run")
}

#[test]
fn it_says_where_it_listens_and_ends_with_its_input() {
    let (mut running, ready) = start(&["--port", "0", "--limit", "7", "--delay-ms", "1"]);
    assert_eq!(ready["pid"], running.0.id());
    let port = u16::try_from(ready["port"].as_u64().expect("port")).expect("port");
    assert_eq!(ready["endpoint"], format!("http://127.0.0.1:{port}/saas/orgSign/querySignSts"));

    let mut connection = Connection::open(SocketAddr::from(([127, 0, 0, 1], port)));
    assert_eq!(connection.ask(&good_request(Algorithm::Sm, "STS8-1")).data()["signSts"], "8");
    let stats = connection.ask(b"GET /stats HTTP/1.1\r\n\r\n").json();
    assert_eq!(stats["accepted"], 1, "{stats}");
    assert_eq!(stats["limitPerSecond"], 7);
    assert_eq!(stats["busiestSecond"], 1);
    assert_eq!(stats["secondsOverLimit"], 0);
    assert_eq!(stats["behaviours"]["STS8"], 1);
    assert_eq!(stats["recent"][0]["sysSignFlowId"], "STS8-1");
    assert!(stats["recent"][0]["atSeconds"].is_f64());
    assert_eq!(connection.ask(b"POST /reset HTTP/1.1\r\nContent-Length: 0\r\n\r\n").status, 200);
    assert_eq!(connection.ask(b"POST /reset HTTP/1.1\r\n\r\n").status, 200, "as curl -X POST sends it");
    let stats = connection.ask(b"GET /stats HTTP/1.1\r\n\r\n").json();
    assert_eq!((&stats["requests"], &stats["openConnections"]), (&Value::from(0), &Value::from(1)));

    drop(running.0.stdin.take());
    assert!(running.0.wait().expect("wait").success());
    assert_eq!(connection.read_to_end(), b"");
}

#[test]
fn https_gives_its_authority_away() {
    let directory = TemporaryDirectory::new();
    let file = directory.0.join("ca.pem");
    let (_running, ready) = start(&["--tls", "--ca-out", file.to_str().expect("path")]);
    assert!(ready["endpoint"].as_str().expect("endpoint").starts_with("https://localhost:"));
    assert!(std::fs::read_to_string(file).expect("ca.pem").starts_with("-----BEGIN CERTIFICATE-----"));
}

#[test]
fn it_writes_configurations_that_work() {
    let directory = TemporaryDirectory::new();
    let (folder, ca) = (directory.0.join("configurations"), directory.0.join("authority.pem"));
    let folder_given = ["--config-out", folder.to_str().expect("path")];
    for words in [&[][..], &["--tls"], &["--tls", "--ca-out", ca.to_str().expect("path")]] {
        let (_running, _) = start(&[words, &folder_given].concat());
        for name in ["sm.json", "rsa.json"] {
            let config = std::fs::read_to_string(folder.join(name)).expect("a configuration");
            let client = yspay::Client::from_json(&config).expect("a client");
            assert!(client.query_sign_sts("STS2-1").expect("an answer").verified.status().is_success());
        }
    }
    assert!(folder.join("ca.pem").is_file() && ca.is_file());
}

#[test]
fn what_it_does_not_know_it_refuses() {
    for arguments in [
        &["--prot", "0"][..],
        &["8080"],
        &["--port"],
        &["--port", "70000"],
        &["--limit", "-1"],
        &["--delay-ms", "x"],
        &["--idle-ms", "0"],
        &["--ca-out", "x"],
        &["--config-out"],
    ] {
        let output = run(arguments);
        assert_eq!((output.status.code(), output.stdout.len()), (Some(2), 0), "{arguments:?}");
        assert!(String::from_utf8_lossy(&output.stderr).contains("see --help"), "{arguments:?}");
    }
}

#[test]
fn help_lists_every_behaviour() {
    let output = run(&["--help"]);
    let help = String::from_utf8(output.stdout).expect("text");
    assert!(output.status.success());
    for prefix in behaviour::prefixes() {
        assert!(help.contains(&format!("\n  {prefix} ")), "{prefix}");
    }
}

#[test]
fn a_taken_port_is_an_error_not_a_panic() {
    let taken = std::net::TcpListener::bind("127.0.0.1:0").expect("bind");
    let port = taken.local_addr().expect("address").port().to_string();
    let mut child = program().args(["--port", &port]).stderr(Stdio::piped()).spawn().expect("start");
    assert_eq!(child.wait().expect("wait").code(), Some(1));
    let mut message = String::new();
    child.stderr.take().expect("stderr").read_to_string(&mut message).expect("text");
    let told = format!("simulator: port {port} is in use: name another (make simulator PORT=9000), ");
    assert!(message.starts_with(&told) && !message.contains("panicked"), "{message}");
}
