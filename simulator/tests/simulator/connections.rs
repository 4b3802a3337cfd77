//! Connections: kept, counted, many at once, and ended at once.

use std::time::{Duration, Instant};

use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{Options, Simulator};

use crate::raw::{Connection, Fields, ask, good_request, post};

fn start() -> Simulator {
    Simulator::start(Options::default()).expect("start")
}

#[test]
fn a_connection_serves_many_requests_even_in_one_piece() {
    let simulator = start();
    let mut connection = Connection::open(simulator.address());
    for _ in 0..20 {
        assert_eq!(connection.ask(&good_request(Algorithm::Sm, "A")).header("Connection"), Some("keep-alive"));
    }
    // Three requests in one segment, and one byte by byte.
    let three: Vec<_> = ["STS1", "STS3", "STS4"].map(|id| good_request(Algorithm::Sm, id)).concat();
    connection.send(&three);
    assert_eq!(
        [(); 3].map(|()| connection.read().data()["signSts"].as_str().map(str::to_owned).unwrap()),
        ["1", "3", "4"]
    );
    for byte in good_request(Algorithm::Sm, "STS7") {
        connection.send(&[byte]);
    }
    assert_eq!(connection.read().data()["signSts"], "7");
    let stats = simulator.stats();
    assert_eq!((stats.connections, stats.open_connections, stats.requests, stats.accepted), (1, 1, 24, 24));
    assert_eq!(stats.arrivals().len(), 24);
    assert_eq!(stats.busiest_second, yspay_simulator::stats::busiest_second(&stats.arrivals()));
}

#[test]
fn the_client_may_close() {
    let simulator = start();
    let body = Fields::ask(Algorithm::Sm, "A").signed().json();
    let request = String::from_utf8(post(&body)).expect("text").replacen("Host:", "Connection: close\r\nHost:", 1);
    let mut connection = Connection::open(simulator.address());
    assert_eq!(connection.ask(request.as_bytes()).header("Connection"), Some("close"));
    assert_eq!(connection.read_to_end(), b"");
}

#[test]
fn expect_continue_is_met() {
    let simulator = start();
    let body = Fields::ask(Algorithm::Sm, "A").signed().json();
    let request = String::from_utf8(post(&body)).expect("text").replacen("Host:", "Expect: 100-continue\r\nHost:", 1);
    let (head, body) = request.split_at(request.len() - body.len());
    let mut connection = Connection::open(simulator.address());
    connection.send(head.as_bytes());
    assert_eq!(connection.read_head().status, 100);
    assert_eq!(connection.ask(body.as_bytes()).data()["code"], "00");
}

#[test]
fn two_hundred_connections_at_once() {
    const CONNECTIONS: usize = 200;
    const ROUNDS: usize = 3;
    let simulator = start();
    let mut connections: Vec<_> = (0..CONNECTIONS).map(|_| Connection::open(simulator.address())).collect();
    for _ in 0..ROUNDS {
        for connection in &mut connections {
            connection.send(&good_request(Algorithm::Sm, "A"));
        }
        for connection in &mut connections {
            assert_eq!(connection.read().data()["code"], "00");
        }
    }
    let stats = simulator.stats();
    assert_eq!((stats.connections, stats.open_connections), (CONNECTIONS as u64, CONNECTIONS as u64));
    assert_eq!(stats.accepted, (CONNECTIONS * ROUNDS) as u64);
    assert!(stats.busiest_second > 10 && stats.seconds_over_limit > 0);
}

#[test]
fn an_idle_connection_is_closed() {
    let options = Options { idle_timeout: Duration::from_millis(50), ..Options::default() };
    let simulator = Simulator::start(options).expect("start");
    let mut connection = Connection::open(simulator.address());
    connection.ask(&good_request(Algorithm::Sm, "A"));
    assert_eq!(connection.read_to_end(), b"");
}

#[test]
fn answers_may_be_late_and_requests_too_many() {
    let options = Options {
        limit_per_second: 0,
        enforce_limit: true,
        response_delay: Duration::from_millis(80),
        ..Options::default()
    };
    let simulator = Simulator::start(options).expect("start");
    let start = Instant::now();
    assert!(ask(&simulator, &good_request(Algorithm::Sm, "A")).refusal().contains("too many"));
    assert!(start.elapsed() >= Duration::from_millis(80));
    let stats = simulator.stats();
    assert_eq!((stats.refused_for("over_limit"), stats.seconds_over_limit, stats.busiest_second), (1, 1, 1));
    assert_eq!(stats.recent[0].verdict, "over_limit");
}

#[test]
fn other_institutions_may_be_known() {
    let options = Options { institutions: vec!["A".to_owned(), "B".to_owned()], ..Options::default() };
    let simulator = Simulator::start(options).expect("start");
    for src in ["A", "B"] {
        let fields = Fields::ask(Algorithm::Sm, "X").with("src", src).signed();
        assert_eq!(ask(&simulator, &post(&fields.json())).json()["src"], src);
    }
    assert!(ask(&simulator, &good_request(Algorithm::Sm, "X")).refusal().contains("institution"));
}

#[test]
fn it_stops_at_once_whatever_its_connections_do() {
    let simulator = start();
    let address = simulator.address();
    let mut connections: Vec<_> = (0..5).map(|_| Connection::open(address)).collect();
    for flow_id in ["HANG", "SLOW60000-", "DRIP", "HALFHEAD", "HANG"] {
        let mut connection = Connection::open(address);
        connection.send(&good_request(Algorithm::Sm, flow_id));
        connections.push(connection);
    }
    connections[0].send(b"POST /half a request");
    while simulator.stats().accepted < 5 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let start = Instant::now();
    drop(simulator);
    let time = start.elapsed();
    // 200 ms by design; far more for a busy machine, and far less than any of these answers takes.
    assert!(time < Duration::from_secs(10), "{time:?}");
    assert!(std::net::TcpStream::connect(address).is_err());
}

#[test]
fn its_date_can_be_another_clock_s() {
    for (ahead, least, most) in [(0, -2, 2), (-600, -602, -598), (86_400, 86_398, 86_402)] {
        let simulator = Simulator::start(Options { clock_ahead: ahead, ..Options::default() }).expect("start");
        let mut connection = Connection::open(simulator.address());
        let reply = connection.ask(&good_request(Algorithm::Sm, "F1"));
        let date = httpdate::parse_http_date(reply.header("Date").expect("a date")).expect("an HTTP date");
        let now = std::time::SystemTime::now();
        let told = match date.duration_since(now) {
            Ok(ahead) => ahead.as_secs() as i64,
            Err(behind) => -(behind.duration().as_secs() as i64),
        };
        assert!((least..=most).contains(&told), "{ahead}: {told}");
    }
}
