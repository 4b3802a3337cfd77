//! Proxies by the environment, whose variables have no case on Windows.

use std::io::{BufRead, BufReader, ErrorKind, Write};
use std::net::TcpListener;
use std::thread;

use crate::machine::Desk;
use crate::support::Run;

/// A proxy that refuses everybody, and the first line that it was told; nothing if nobody came.
fn told_to_proxy(desk: &Desk, environment: impl Fn(&str) -> Vec<(&'static str, String)>) -> (Option<String>, Run) {
    let proxy = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("http://{}", proxy.local_addr().unwrap());
    proxy.set_nonblocking(true).unwrap();
    let (ended, end) = std::sync::mpsc::channel::<()>();
    let answering = thread::spawn(move || {
        loop {
            match proxy.accept() {
                Ok((mut stream, _)) => {
                    stream.set_nonblocking(false).unwrap();
                    let mut lines = BufReader::new(&stream).lines().map_while(Result::ok);
                    let first = lines.next();
                    lines.find(String::is_empty);
                    let _ = stream.write_all(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n");
                    return first;
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => {}
                Err(error) => panic!("{error}"),
            }
            match end.recv_timeout(std::time::Duration::from_millis(20)) {
                Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {}
                _ => return None,
            }
        }
    });
    let mut command = desk.yspay(&["query", "STS2-1", "--config", "far.json"]);
    let run = Run::of(command.envs(environment(&url)).output().unwrap());
    drop(ended);
    (answering.join().unwrap(), run)
}

#[test]
fn the_variables_of_proxies_have_no_case() {
    let desk = Desk::new();
    let text = desk.read("配置.json");
    let mut config: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    // A name that no name server knows (RFC 6761).
    config["endpoint"] = "https://yspay.invalid/saas".into();
    config["maxAttempts"] = 1.into();
    config["timeoutMs"] = 8000.into();
    desk.write("far.json", config.to_string());
    for name in ["HTTPS_PROXY", "https_proxy", "Https_Proxy"] {
        let (told, run) = told_to_proxy(&desk, |url| vec![(name, url.to_owned())]);
        assert_eq!(told.as_deref(), Some("CONNECT yspay.invalid:443 HTTP/1.1"), "{name}: {run:?}");
        assert_eq!(run.status, Some(1), "{run:?}");
    }
    for name in ["NO_PROXY", "no_proxy", "No_Proxy"] {
        let (told, run) = told_to_proxy(&desk, |url| vec![("HTTPS_PROXY", url.to_owned()), (name, ".invalid".into())]);
        assert!(told.is_none() && run.status == Some(1) && run.err.contains("TRANSPORT"), "{name}: {told:?} {run:?}");
    }
}

#[test]
fn a_secret_may_lie_in_a_variable_of_any_case() {
    let desk = Desk::new();
    let text = desk.read("配置.json");
    let mut config: serde_json::Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    config["desKey"] = serde_json::json!({"env": "Yspay_Des_Key"});
    desk.write("env.json", config.to_string());
    let mut command = desk.yspay(&["query", "STS2-1", "--config", "env.json"]);
    let run = Run::of(command.env("YSPAY_DES_KEY", yspay_simulator::DES_KEY).output().unwrap());
    assert_eq!((run.status, run.err.as_str()), (Some(0), ""));
}
