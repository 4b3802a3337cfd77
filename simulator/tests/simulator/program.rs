//! The program: its command line, its one line of output, its end.

use std::io::{BufRead, BufReader, Read};
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::{Child, Command, Output, Stdio};

use serde_json::Value;
use yspay_simulator::behaviour;
use yspay_simulator::crypto::Algorithm;

use crate::openssl::TemporaryDirectory;
use crate::raw::{Connection, good_request};

fn program() -> Command {
    Command::new(env!("CARGO_BIN_EXE_simulator"))
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
fn its_page_is_where_it_says() {
    let (_running, ready) = start(&[]);
    let page = ready["page"].as_str().expect("page");
    assert_eq!(page, format!("http://127.0.0.1:{}/", ready["port"]));
    let port = u16::try_from(ready["port"].as_u64().expect("port")).expect("port");
    let mut connection = Connection::open(SocketAddr::from(([127, 0, 0, 1], port)));
    let reply = connection.ask(format!("GET / HTTP/1.1\r\nHost: 127.0.0.1:{port}\r\n\r\n").as_bytes());
    assert_eq!((reply.status, reply.header("Content-Type")), (200, Some("text/html; charset=utf-8")));
}

#[test]
fn it_warns_when_others_can_reach_it() {
    for (address, warns) in [("127.0.0.1", false), ("127.0.0.2", false), ("0.0.0.0", true)] {
        let mut child = program()
            .args(["--listen", address, "--exit-on-stdin-close"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("start");
        drop(child.stdin.take());
        let output = child.wait_with_output().expect("its end");
        let warning = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{warning}");
        let told = format!("simulator: it listens on {address}:");
        assert_eq!(warning.starts_with(&told) && warning.contains("anyone who reaches this port"), warns, "{warning}");
        assert_eq!(warning.is_empty(), !warns, "{warning}");
    }
}

#[test]
fn https_gives_its_authority_away() {
    let directory = TemporaryDirectory::new();
    let file = directory.0.join("ca.pem");
    let (_running, ready) = start(&["--tls", "--ca-out", file.to_str().expect("path")]);
    assert!(ready["endpoint"].as_str().expect("endpoint").starts_with("https://localhost:"));
    assert!(std::fs::read_to_string(file).expect("ca.pem").starts_with("-----BEGIN CERTIFICATE-----"));
}

// That they work is tested where a client is: tests/suite/configurations.rs.
#[test]
fn it_writes_configurations_for_itself() {
    let directory = TemporaryDirectory::new();
    let (folder, ca) = (directory.0.join("configurations"), directory.0.join("authority.pem"));
    let beside = folder.join("ca.pem");
    let folder_given = ["--config-out", folder.to_str().expect("path")];
    for (words, ca_file) in
        [(&[][..], None), (&["--tls"], Some(&beside)), (&["--tls", "--ca-out", ca.to_str().expect("path")], Some(&ca))]
    {
        let (_running, ready) = start(&[words, &folder_given].concat());
        for (name, key) in [("sm.json", "merchant.sm2"), ("rsa.json", "merchant-rsa-3des.pfx")] {
            let config = std::fs::read_to_string(folder.join(name)).expect("a configuration");
            let config: Value = serde_json::from_str(&config).expect("JSON");
            assert_eq!(config["endpoint"], ready["endpoint"]);
            assert_eq!(config["caFile"].as_str().map(PathBuf::from).as_ref(), ca_file);
            let path = PathBuf::from(config["privateKey"]["path"].as_str().expect("a path"));
            assert!(path.is_absolute() && path.is_file() && path.ends_with(key), "{}", path.display());
            assert!(ca_file.is_none_or(|file| file.is_file()));
        }
    }
}

#[test]
fn a_person_is_told_the_configurations_after_the_line_for_programs() {
    let directory = TemporaryDirectory::new();
    let mut child = program()
        .args(["--exit-on-stdin-close", "--config-out", directory.0.to_str().expect("path")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("start");
    drop(child.stdin.take());
    let output = child.wait_with_output().expect("its end");
    let text = String::from_utf8(output.stdout).expect("text");
    let (line, introduction) = text.split_once('\n').expect("a line");
    let ready: Value = serde_json::from_str(line).expect("one line of JSON");
    for (sign_type, name) in [("SM", "sm.json"), ("RSA", "rsa.json")] {
        let path = directory.0.join(name);
        let written = std::fs::read_to_string(&path).expect("a configuration");
        assert!(introduction.contains(&format!("\n{sign_type}, in {}:\n{written}", path.display())), "{introduction}");
    }
    assert!(introduction.contains(&format!("http://127.0.0.1:{}/stats", ready["port"])), "{introduction}");
    assert!(introduction.contains(&format!("in a browser: http://127.0.0.1:{}/\n", ready["port"])), "{introduction}");
}

#[test]
fn what_it_does_not_know_it_refuses() {
    for arguments in [
        &["--prot", "0"][..],
        &["8080"],
        &["--port"],
        &["--port", "70000"],
        &["--listen"],
        &["--listen", "localhost"],
        &["--listen", "127.0.0.1:80"],
        &["--limit", "-1"],
        &["--limit", "0"],
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
