//! The HTTPS variant.

use std::io::{self, BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};
use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{Options, PATH, Simulator, Tls};

use crate::raw::good_request;

fn start(tls: Tls) -> Simulator {
    Simulator::start(Options { tls: Some(tls), ..Options::default() }).expect("start")
}

type Stream = StreamOwned<ClientConnection, TcpStream>;

fn connect(simulator: &Simulator, trusted: &Simulator, name: &'static str) -> io::Result<Stream> {
    let mut roots = RootCertStore::empty();
    let pem = trusted.ca_pem().expect("a CA");
    roots.add(CertificateDer::from_pem_slice(pem.as_bytes()).expect("PEM")).expect("root");
    let config = ClientConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .expect("versions")
        .with_root_certificates(roots)
        .with_no_client_auth();
    let name = ServerName::try_from(name).expect("name");
    let mut session = ClientConnection::new(Arc::new(config), name).map_err(io::Error::other)?;
    let mut stream = TcpStream::connect(simulator.address())?;
    stream.set_read_timeout(Some(Duration::from_secs(20)))?;
    while session.is_handshaking() {
        session.complete_io(&mut stream)?;
    }
    Ok(StreamOwned::new(session, stream))
}

#[test]
fn it_answers_and_closes_and_resets() {
    let simulator = start(Tls::default());
    assert_eq!(simulator.endpoint(), format!("https://localhost:{}{PATH}", simulator.address().port()));
    for name in ["localhost", "127.0.0.1"] {
        for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
            let mut stream = connect(&simulator, &simulator, name).expect("connect");
            let mut reply = Vec::new();
            stream.write_all(&good_request(algorithm, "STS1")).expect("send");
            stream.read_exact(&mut [0; 100]).expect("read");
            stream.write_all(&good_request(algorithm, "CONNCLOSE")).expect("send");
            // An end without TLS's goodbye would be an error here.
            stream.read_to_end(&mut reply).expect("an orderly end");
            assert!(String::from_utf8_lossy(&reply).contains("Connection: close"));
        }
    }
    let mut stream = connect(&simulator, &simulator, "localhost").expect("connect");
    stream.write_all(&good_request(Algorithm::Sm, "TRUNC")).expect("send");
    assert_eq!(stream.read_to_end(&mut Vec::new()).expect_err("no goodbye").kind(), io::ErrorKind::UnexpectedEof);
    let mut stream = connect(&simulator, &simulator, "localhost").expect("connect");
    stream.write_all(&good_request(Algorithm::Sm, "RESET")).expect("send");
    assert_eq!(stream.read(&mut [0]).expect_err("a reset").kind(), io::ErrorKind::ConnectionReset);
    assert_eq!(simulator.stats().tls_failures, 0);
}

#[test]
fn its_page_is_told_by_tls_too() {
    let tls = Some(Tls::default());
    let listen = std::net::Ipv4Addr::new(127, 0, 0, 2).into();
    let simulator = Simulator::start(Options { tls, listen, page: true, ..Options::default() }).expect("start");
    let address = simulator.address();
    assert_eq!(simulator.page(), Some(format!("https://{address}/")));
    let ask = |request: String| {
        let mut stream = connect(&simulator, &simulator, "127.0.0.2").expect("a certificate for the address");
        stream.write_all(request.as_bytes()).expect("send");
        let mut reader = BufReader::new(stream);
        let mut head = String::new();
        while !head.ends_with("\r\n\r\n") {
            reader.read_line(&mut head).expect("a line");
        }
        (head, reader)
    };
    let (_, mut page) = ask(format!("GET / HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n"));
    let mut text = String::new();
    page.read_to_string(&mut text).expect("text");
    let token = text.split("yspay-token\" content=\"").nth(1).and_then(|rest| rest.split('"').next()).expect("a token");
    let post = |origin: &str| {
        ask(format!(
            "POST /page/reset HTTP/1.1\r\nHost: {address}\r\nOrigin: {origin}\r\nX-Yspay-Token: {token}\r\n\
             Content-Type: application/json\r\nContent-Length: 2\r\n\r\n{{}}"
        ))
    };
    assert!(post(&format!("http://{address}")).0.starts_with("HTTP/1.1 403"));
    assert!(post(&format!("https://{address}")).0.starts_with("HTTP/1.1 200"));
    let (_, mut events) = ask(format!("GET /page/events?token={token} HTTP/1.1\r\nHost: {address}\r\n\r\n"));
    let mut told = String::new();
    while !told.contains("event: tick") {
        events.read_line(&mut told).expect("a line");
    }
    drop(simulator);
    // An end without TLS's goodbye would be an error here.
    events.read_to_string(&mut told).expect("an orderly end");
    assert!(told.contains("event: hello") && told.contains("event: bye"), "{told}");
}

#[test]
fn its_certificate_can_be_wrong_in_every_way() {
    let good = start(Tls::default());
    let other_name = start(Tls { names: vec!["example.com".to_owned()], ..Tls::default() });
    let expired = start(Tls { expired: true, ..Tls::default() });
    for (simulator, trusted, expected) in
        [(&good, &expired, "UnknownIssuer"), (&other_name, &other_name, "example.com"), (&expired, &expired, "expired")]
    {
        let error = connect(simulator, trusted, "localhost").expect_err("a failure").to_string();
        assert!(error.contains(expected), "{error}");
        while simulator.stats().tls_failures == 0 {
            std::thread::sleep(Duration::from_millis(1));
        }
    }
}

#[test]
fn it_stops_at_once_in_the_middle_of_a_handshake() {
    let simulator = start(Tls::default());
    let _silent = TcpStream::connect(simulator.address()).expect("connect");
    while simulator.stats().connections == 0 {
        std::thread::sleep(Duration::from_millis(1));
    }
    let start = std::time::Instant::now();
    drop(simulator);
    assert!(start.elapsed() < Duration::from_secs(10));
}
