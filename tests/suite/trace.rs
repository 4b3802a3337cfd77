//! What a call tells of its way, layer by layer, whether or not it gets there.

use std::net::TcpListener;

use serde_json::json;
use yspay::{Client, Code, Layer, QueryOptions, RouteReason, Trace};
use yspay_simulator::{Options, Simulator, Tls};

use crate::support::{self, Kind, Scratch};

fn traced(config: &serde_json::Value) -> (Trace, Result<yspay::Answer, yspay::Error>) {
    Client::from_json(&config.to_string()).unwrap().trace_sign_sts("F1", &QueryOptions::default())
}

#[test]
fn a_way_that_is_whole_tells_every_layer() {
    let sim =
        Simulator::start(Options { tls: Some(Tls::default()), clock_ahead: 3_600, ..Options::default() }).unwrap();
    let scratch = Scratch::new();
    for kind in [Kind::Sm, Kind::Rsa] {
        let mut config = support::config(kind, &sim.endpoint());
        config["caFile"] = json!(scratch.write("ca.pem", sim.ca_pem().unwrap()));
        let (trace, result) = traced(&config);
        assert_eq!(result.map(|answer| answer.attempts), Ok(1));
        assert_eq!(trace.reached, Layer::Http);
        assert_eq!(trace.names[0].name, format!("localhost:{}", sim.address().port()));
        assert!(trace.names[0].addresses.contains(&sim.address()));
        assert_eq!(trace.peer, Some(sim.address()));
        let tls = trace.tls.unwrap();
        assert_eq!(tls.version.as_deref(), Some("TLSv1_3"));
        assert_eq!(tls.certificate.unwrap().subject, "CN=yspay simulator");
        let root = tls.root.unwrap();
        assert!(root.is_of_ca_file && root.certificate.subject.contains("test authority"));
        let http = trace.http.unwrap();
        assert_eq!(http.status, 200);
        assert!((-3_602_000..=-3_598_000).contains(&http.clock_ahead_ms().unwrap()), "{http:?}");
    }
}

#[test]
fn a_way_that_breaks_off_tells_where() {
    let sim = Simulator::start(Options { tls: Some(Tls::default()), ..Options::default() }).unwrap();
    let mut config = support::config(Kind::Sm, &sim.endpoint());
    config["maxAttempts"] = json!(1);
    let (trace, result) = traced(&config);
    assert_eq!((result.unwrap_err().code, trace.reached), (Code::Transport, Layer::Tls));
    let tls = trace.tls.unwrap();
    assert!(tls.version.is_none() && tls.root.is_none() && tls.certificate.is_some(), "{tls:?}");
    let closed = TcpListener::bind("127.0.0.75:0").unwrap().local_addr().unwrap();
    config["endpoint"] = json!(format!("https://{closed}/"));
    let (trace, result) = traced(&config);
    assert_eq!((result.unwrap_err().code, trace.reached), (Code::Transport, Layer::Connect));
    assert!(trace.peer.is_none() && trace.tls.is_none() && trace.http.is_none());
}

#[test]
fn a_kept_connection_is_not_used_and_none_is_left() {
    let sim = support::start();
    let client = support::client(Kind::Sm, &sim);
    client.query_sign_sts("F1").unwrap();
    let (trace, result) = client.trace_sign_sts("F2", &QueryOptions::default());
    assert!(result.is_ok() && trace.peer.is_some());
    client.query_sign_sts("F3").unwrap();
    assert_eq!(sim.stats().connections, 2);
}

#[test]
fn the_route_names_the_proxy_without_its_password() {
    let mut config = support::config(Kind::Sm, "https://platform.invalid:6443/x");
    config["proxy"] = json!("http://user:hunter2@proxy.invalid:3128");
    let client = Client::from_json(&config.to_string()).unwrap();
    let route = client.route();
    assert_eq!((route.host.as_str(), route.port, route.is_https), ("platform.invalid", 6443, true));
    assert_eq!(route.proxy.as_deref(), Some("http://proxy.invalid:3128"));
    assert_eq!(route.reason, RouteReason::Setting);
    assert!(!format!("{client:?}{route:?}").contains("hunter2"));
}
