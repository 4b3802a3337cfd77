//! The page for people, by hand: what a browser asks and is told. A real browser drives it in `tests/page/`.

mod events;
mod guard;
mod requests;

use std::io::{BufRead, BufReader, ErrorKind};
use std::net::TcpStream;

use serde_json::Value;
use yspay_simulator::{Options, Simulator};

use crate::raw::{Connection, Reply, ask};

fn start() -> Simulator {
    with(|_| {})
}

fn with(change: impl FnOnce(&mut Options)) -> Simulator {
    let mut options = Options { page: true, ..Options::default() };
    change(&mut options);
    Simulator::start(options).expect("start")
}

/// The bytes of a request; each header is a line.
fn request(method: &str, path: &str, headers: &[&str], body: &str) -> Vec<u8> {
    let headers: String = headers.iter().map(|line| format!("{line}\r\n")).collect();
    let length = if method == "POST" { format!("Content-Length: {}\r\n", body.len()) } else { String::new() };
    format!("{method} {path} HTTP/1.1\r\n{headers}{length}\r\n{body}").into_bytes()
}

fn host(simulator: &Simulator) -> String {
    format!("Host: {}", simulator.address())
}

fn page(simulator: &Simulator) -> Reply {
    ask(simulator, &request("GET", "/", &[&host(simulator)], ""))
}

/// The token, which stands in the page.
pub(crate) fn token(simulator: &Simulator) -> String {
    let text = String::from_utf8(page(simulator).body).expect("text");
    let (_, rest) = text.split_once(r#"<meta name="yspay-token" content=""#).expect("a token");
    rest.split_once('"').expect("its end").0.to_owned()
}

pub(crate) fn get(simulator: &Simulator, path: &str) -> Reply {
    ask(simulator, &request("GET", path, &[&host(simulator)], ""))
}

/// As the page posts.
fn drive(simulator: &Simulator, path: &str, body: &str) -> Reply {
    let (host, token) = (host(simulator), format!("X-Yspay-Token: {}", token(simulator)));
    let origin = format!("Origin: http://{}", simulator.address());
    let headers = [&host, "Content-Type: application/json", &token, &origin, "Sec-Fetch-Site: same-origin"];
    ask(simulator, &request("POST", path, &headers, body))
}

fn set(simulator: &Simulator, id: &str, set: Value) -> Value {
    let reply = drive(simulator, "/page/contracts", &serde_json::json!({ "id": id, "set": set }).to_string());
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    reply.json()["contract"].clone()
}

/// A page that is open.
struct Reader(BufReader<TcpStream>);

impl Reader {
    fn open(simulator: &Simulator) -> Self {
        let path = format!("/page/events?token={}", token(simulator));
        let mut connection = Connection::open(simulator.address());
        connection.send(&request("GET", &path, &[&host(simulator)], ""));
        let head = connection.read_head();
        assert_eq!((head.status, head.header("Content-Type")), (200, Some("text/event-stream")), "{}", head.head);
        assert_eq!((head.header("Content-Length"), head.header("Transfer-Encoding")), (None, None));
        let mut reader = Self(BufReader::new(connection.0));
        assert_eq!((reader.line(), reader.line()), (Some("retry: 1000".to_owned()), Some(String::new())));
        reader
    }

    fn line(&mut self) -> Option<String> {
        let mut line = String::new();
        match self.0.read_line(&mut line) {
            Ok(0) => None,
            Ok(_) => Some(line.strip_suffix('\n').expect("a whole line").to_owned()),
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            Err(error) => panic!("{error}"),
        }
    }

    /// The next event; none when the connection ends.
    fn next(&mut self) -> Option<(String, Value)> {
        let name = self.line()?;
        let (data, end) = (self.line().expect("data"), self.line().expect("an end"));
        assert_eq!(end, "");
        let data = serde_json::from_str(data.strip_prefix("data: ").expect("data")).expect("JSON");
        Some((name.strip_prefix("event: ").expect("a name").to_owned(), data))
    }

    fn expect(&mut self, name: &str) -> Value {
        let (found, data) = self.next().expect("an event");
        assert_eq!(found, name, "{data}");
        data
    }

    /// The ticks until this holds for one of them.
    fn until(&mut self, mut holds: impl FnMut(&Value) -> bool) -> Vec<Value> {
        let mut ticks = Vec::new();
        while !ticks.last().is_some_and(&mut holds) {
            ticks.push(self.expect("tick"));
        }
        ticks
    }
}

/// The Chinese page would else show a check by its English name.
#[test]
fn every_check_has_words_on_the_page() {
    let page = include_str!("../../../src/page/page.html");
    let (_, reasons) = page.split_once("const REASONS = {").unwrap();
    let (reasons, _) = reasons.split_once("};").unwrap();
    let sources = [include_str!("../../../src/platform.rs"), include_str!("../../../src/connection.rs")];
    let mut seen = 0;
    for made in sources.iter().flat_map(|source| source.split("Refusal::new(").skip(1)) {
        // One is named after the field.
        let Some(name) = made.trim_start().strip_prefix('"') else { continue };
        let name = name.split('"').next().unwrap();
        assert!(reasons.contains(&format!("{name}: [")), "{name}");
        seen += 1;
    }
    assert!(seen > 15, "{seen}");
}
