//! A simulator there, and the program of `watch --exec`.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use crate::machine::{Desk, name, yspay};
use crate::support::Run;

#[test]
fn a_simulator_answers_this_machine_and_that_one_and_writes_a_folder() {
    let desk = Desk::new();
    let kit = desk.path("试用");
    let mut command = yspay();
    command.args(["simulate", "--json", "--port", "0", "--exit-on-stdin-close", "--write", &name(&kit)]);
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut line = String::new();
    BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).unwrap();
    let ready: serde_json::Value = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
    for config in ["sm.json", "rsa.json"] {
        let text = std::fs::read_to_string(kit.join(config)).unwrap();
        let settings: serde_json::Value = serde_json::from_str(&text).unwrap();
        let key = settings["privateKey"]["path"].as_str().unwrap();
        assert!(key.starts_with(&format!("{}\\test-keys\\", name(&kit))), "{text}");
        let there = desk.run(&["query", "STS2-1", "--config", &name(&kit.join(config))]);
        assert_eq!((there.status, there.err.as_str()), (Some(0), ""), "{ready}");
        // The same, asked from here.
        let here = text.replace("Z:", "").replace(r"\\", "/");
        let here = desk.write("here.json", here);
        let run = Run::of(crate::support::yspay().args(["query", "STS2-1", "--config"]).arg(here).output().unwrap());
        assert_eq!((run.status, run.out), (Some(0), there.out), "{}", run.err);
    }
    let endpoint = ready["endpoint"].as_str().unwrap_or_else(|| panic!("{ready}"));
    let address = endpoint.strip_prefix("http://").unwrap().split('/').next().unwrap();
    let mut stream = TcpStream::connect(address).unwrap();
    write!(stream, "GET /stats HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("\"requests\":4"), "{answer}");
    drop(child.stdin.take());
    let mut told = String::new();
    child.stderr.take().unwrap().read_to_string(&mut told).unwrap();
    assert_eq!((child.wait().unwrap().code(), told.as_str()), (Some(0), ""));
}

#[test]
fn a_change_runs_a_batch_file() {
    let desk = Desk::new();
    let told = desk.path("told.txt");
    desk.write(
        "变化.bat",
        format!(
            "@>>\"{}\" echo %YSPAY_ID% %YSPAY_STATUS_NAME% %YSPAY_FINAL%\r\n",
            name(&told).replace("合同 查询", "%FOLDER%")
        ),
    );
    let mut command = desk.yspay(&["watch", "STS2-1", "--exec", "变化.bat"]);
    let run = Run::of(command.env("FOLDER", "合同 查询").output().unwrap());
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""), "{run:?}");
    assert_eq!(std::fs::read_to_string(told).unwrap().trim(), "STS2-1 CREATED 1");
}

/// By wine, which lacks what would end those that it started.
#[test]
fn a_program_that_takes_too_long_is_ended() {
    let desk = Desk::new();
    desk.write("slow.bat", "@echo off\r\n:again\r\ngoto again\r\n");
    let run = desk.run(&["watch", "STS2-1", "--exec", "slow.bat", "--exec-timeout", "1s"]);
    let told = "it took longer than 1s (--exec-timeout) and was ended";
    assert!(run.status == Some(0) && run.err.contains(told), "{run:?}");
}
