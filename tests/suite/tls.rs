//! TLS is verified, whatever is set, and a failed handshake says which side refused what.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::thread::JoinHandle;

use serde_json::json;
use yspay::{Client, Code, Error};
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{self, Kind, Scratch};

fn tls_sim() -> Simulator {
    Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap()
}

fn refused(endpoint: &str, ca_file: Option<&str>) -> Error {
    let mut config = support::config(Kind::Sm, endpoint);
    config["maxAttempts"] = json!(1);
    config["caFile"] = json!(ca_file);
    let error = Client::from_json(&config.to_string()).unwrap().query_sign_sts("F1").unwrap_err();
    assert_eq!((error.code, error.sent), (Code::Transport, false), "{error}");
    error
}

#[test]
fn a_ca_file_adds_a_root() {
    let (sim, scratch) = (tls_sim(), Scratch::new());
    let ca = scratch.write("ca.pem", sim.ca_pem().unwrap());
    for kind in [Kind::Rsa, Kind::Sm] {
        let mut config = support::config(kind, &sim.endpoint());
        config["caFile"] = json!(ca);
        let client = Client::from_json(&config.to_string()).unwrap();
        assert!(client.query_sign_sts("F1").is_ok());
    }
}

#[test]
fn a_server_of_an_unknown_issuer_is_refused() {
    let sim = tls_sim();
    let message = refused(&sim.endpoint(), None).message;
    assert!(message.contains("we refused the server's certificate") && message.contains("caFile"), "{message}");
    assert_eq!(sim.stats().requests, 0);
}

/// Who asks again while an error is retryable would ask for ever.
#[test]
fn a_server_that_is_not_trusted_is_asked_once() {
    let sim = tls_sim();
    let error =
        Client::from_json(&support::config(Kind::Sm, &sim.endpoint()).to_string()).unwrap().query_sign_sts("F1");
    let error = error.unwrap_err();
    assert_eq!((error.code, error.attempts, error.retryable()), (Code::Transport, 1, false), "{error}");
    let closed = Client::from_json(&support::config(Kind::Sm, "https://127.0.0.1:9/").to_string()).unwrap();
    let error = closed.query_sign_sts("F1").unwrap_err();
    assert!(error.attempts > 1 && error.retryable(), "{error}");
}

#[test]
fn a_server_of_another_name_is_refused() {
    let (sim, scratch) = (tls_sim(), Scratch::new());
    let ca = scratch.write("ca.pem", sim.ca_pem().unwrap());
    let endpoint = sim.endpoint().replace("localhost", "127.0.0.2");
    let listener = TcpListener::bind(("127.0.0.2", 0)).unwrap();
    // Another address of this machine, relayed to the simulator, whose certificate does not name it.
    let relayed =
        endpoint.replace(&sim.address().port().to_string(), &listener.local_addr().unwrap().port().to_string());
    let target = sim.address();
    let relay = std::thread::spawn(move || support::relay_one(&listener, target));
    let message = refused(&relayed, ca.to_str()).message;
    assert!(message.contains("another host name"), "{message}");
    relay.join().unwrap();
}

#[test]
fn a_server_that_does_not_speak_tls_is_told_apart() {
    let (endpoint, server) = answering_hello_with(b"HTTP/1.1 400 Bad Request\r\n\r\n");
    let message = refused(&endpoint, None).message;
    assert!(message.contains("not TLS"), "{message}");
    server.join().unwrap();
}

#[test]
fn a_server_that_refuses_the_handshake_is_quoted() {
    // A fatal alert: protocol_version.
    let (endpoint, server) = answering_hello_with(&[21, 3, 3, 0, 2, 2, 70]);
    let message = refused(&endpoint, None).message;
    assert!(message.contains("the server refused our handshake") && message.contains("ProtocolVersion"), "{message}");
    server.join().unwrap();
}

/// An https endpoint that answers the client's first words with these bytes.
fn answering_hello_with(answer: &'static [u8]) -> (String, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("https://{}/", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(answer).unwrap();
        // Until the client has had enough.
        let _ = stream.read(&mut [0; 4096]);
    });
    (endpoint, server)
}

#[test]
fn a_ca_file_that_is_none_is_refused_when_the_client_is_made() {
    let scratch = Scratch::new();
    for content in ["", "no certificate", "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"] {
        let mut config = support::config(Kind::Sm, "https://127.0.0.1:9/");
        config["caFile"] = json!(scratch.write("ca.pem", content));
        let error = Client::from_json(&config.to_string()).unwrap_err();
        assert_eq!(error.code, Code::Credential, "{error}");
        assert!(error.message.contains("caFile"), "{error}");
    }
}
