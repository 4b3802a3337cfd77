//! A store behind TLS: whose certificate is trusted, what is told when it is not, and a handshake that never ends.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

use rustls::crypto::CryptoProvider;
use serde_json::{Value, json};
use yspay::{Client, Code};
use yspay_simulator::{Options, Simulator};

use crate::authority::Authority;
use crate::clients::{ask, client, config, unavailable};
use crate::files::Scratch;
use crate::redis_server::RedisServer;

/// A store with a certificate for `host` by an authority in its folder's `ca.pem`.
fn store(host: &str, expired: bool) -> RedisServer {
    let (folder, authority) = (Scratch::new(), Authority::new(host));
    authority.vouch(&folder, "server", host, expired);
    folder.write("ca.pem", &authority.pem);
    RedisServer::start_with(folder, |port| {
        format!(
            "tls-port {port}\ntls-cert-file server.crt\ntls-key-file server.key\ntls-ca-cert-file ca.pem\ntls-auth-clients no"
        )
    })
}

fn url(server: &RedisServer, scheme: &str, host: &str) -> String {
    format!("{scheme}://:{}@{host}:{}/2", server.password(), server.other_port())
}

/// Trusting what is in this file.
fn trusting(sim: &Simulator, url: &str, ca: &std::path::Path) -> Value {
    let mut config = config(sim, url, 10);
    config["rateLimit"]["shared"]["caFile"] = json!(ca);
    config["rateLimit"]["shared"]["timeoutMs"] = json!(2_000);
    config
}

#[test]
fn a_store_whose_authority_is_named_is_trusted() {
    let server = store("localhost", false);
    for scheme in ["rediss", "valkeys"] {
        let sim = Simulator::start(Options::default()).unwrap();
        let client = client(&trusting(&sim, &url(&server, scheme, "localhost"), &server.folder().path("ca.pem")));
        ask(&client, "STS02", 20_000).unwrap();
        ask(&client, "STS02", 20_000).unwrap();
        assert_eq!(sim.stats().requests, 2);
    }
    assert!(server.info("keyspace").contains("db2:keys="), "in the database that url names");
    assert!(CryptoProvider::get_default().is_none(), "the process's choice is left to it");
}

#[test]
fn a_store_that_is_not_trusted_is_told_why() {
    let (sim, server, expired) =
        (Simulator::start(Options::default()).unwrap(), store("localhost", false), store("localhost", true));
    let ca = server.folder().path("ca.pem");
    let refusal = |config: &Value, expected: &str| unavailable(&client(config), expected);
    let mut without = trusting(&sim, &url(&server, "rediss", "localhost"), &ca);
    without["rateLimit"]["shared"].as_object_mut().unwrap().remove("caFile");
    refusal(&without, "Name the issuer's certificate in rateLimit.shared.caFile");
    let strangers = server.folder().write("stranger.pem", Authority::new("a stranger").pem);
    let stranger =
        refusal(&trusting(&sim, &url(&server, "valkeys", "localhost"), &strangers), "rateLimit.shared.caFile");
    assert!(stranger.contains("UnknownIssuer"), "{stranger}");
    refusal(&trusting(&sim, &url(&server, "rediss", "127.0.0.1"), &ca), "it is for another host name");
    let expired_ca = expired.folder().path("ca.pem");
    refusal(&trusting(&sim, &url(&expired, "rediss", "localhost"), &expired_ca), "it has expired");
    // A store that wants to know who asks, as it does by default.
    server.run("CONFIG SET tls-auth-clients yes");
    refusal(&trusting(&sim, &url(&server, "rediss", "localhost"), &ca), "set tls-auth-clients no");
    // And who speaks TLS to a port without it, or none to a port with it.
    refusal(&config(&sim, &url(&server, "redis", "localhost"), 10), "does it want rediss://");
    let plain = format!("rediss://localhost:{}", something_else());
    refusal(&trusting(&sim, &plain, &ca), "does not speak TLS at this port");
    assert_eq!(sim.stats().requests, 0);
}

/// A server that answers everybody as a web server answers what it does not understand.
fn something_else() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    std::thread::spawn(move || {
        for mut stream in listener.incoming().map_while(Result::ok) {
            let _ = stream.write_all(b"HTTP/1.1 400 Bad Request\r\n\r\n");
            let _ = stream.read(&mut [0; 1000]);
        }
    });
    port
}

#[test]
fn a_handshake_that_nobody_answers_is_given_up_and_tried_again() {
    let sim = Simulator::start(Options::default()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (connections, kept) = (Arc::new(AtomicUsize::new(0)), Arc::new(Mutex::new(Vec::new())));
    let counter = Arc::clone(&connections);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            counter.fetch_add(1, Ordering::SeqCst);
            kept.lock().unwrap().push(stream);
        }
    });
    let mut config = config(&sim, &format!("rediss://localhost:{port}"), 10);
    config["rateLimit"]["shared"]["timeoutMs"] = json!(500);
    let client = client(&config);
    unavailable(&client, "did not answer within");
    let begun = Instant::now();
    while connections.load(Ordering::SeqCst) < 3 {
        assert!(begun.elapsed() < Duration::from_secs(10), "the first handshake is still awaited");
        std::thread::sleep(Duration::from_millis(10));
    }
}

#[test]
fn a_file_of_roots_that_cannot_be_used_is_named() {
    let (sim, folder) = (Simulator::start(Options::default()).unwrap(), Scratch::new());
    let pem = Authority::new("damaged").pem;
    let damaged: Vec<_> = pem.lines().enumerate().filter(|(index, _)| *index != 2).map(|(_, line)| line).collect();
    for (path, expected) in [
        (folder.write("none.pem", "nothing\n"), "none.pem"),
        (folder.write("empty.pem", ""), "empty.pem"),
        (folder.write("damaged.pem", damaged.join("\n")), "damaged"),
        (folder.path("missing.pem"), "does not exist"),
        (folder.path(""), "rateLimit.shared.caFile"),
    ] {
        let config = trusting(&sim, "rediss://localhost:1", &path);
        let error = Client::from_json(&config.to_string()).map(drop).unwrap_err();
        assert_eq!(error.code, Code::Credential, "{error}");
        assert!(error.message.contains("rateLimit.shared.caFile \""), "{error}");
        assert!(error.message.contains(expected), "{error}");
    }
}
