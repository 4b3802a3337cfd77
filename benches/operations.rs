//! What a call costs beyond the network: sealing a request, opening an answer, making a client. `make bench`.

#![allow(missing_docs, reason = "criterion's macros make public items")]

#[path = "../examples/simulator/mod.rs"]
mod simulator;

use std::hint::black_box;
use std::io::{Read, Write};
use std::net::TcpStream;

use criterion::{Criterion, criterion_group, criterion_main};
use serde_json::{Value, json};
use simulator::{Options, Simulator};
use yspay::Client;

const FLOW_ID: &str = "STS2-bench";
const KINDS: [(&str, &str, &str); 2] =
    [("RSA-2048/1024", "merchant-rsa-3des.pfx", "platform-rsa.cer"), ("SM2", "merchant.sm2", "platform-sm2.cer")];

fn config(endpoint: &str, key: &str, certificate: &str) -> Value {
    let credentials = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/credentials");
    json!({
        "endpoint": endpoint, "src": simulator::SRC, "desKey": simulator::DES_KEY, "rateLimit": {"perSecond": 10_000},
        "privateKey": {"path": format!("{credentials}/{key}"), "password": "123456"},
        "platformCertificate": {"path": format!("{credentials}/{certificate}")},
    })
}

/// The simulator's answer to a request, to be opened again and again.
fn answer(sim: &Simulator, request: &str) -> Vec<u8> {
    let mut stream = TcpStream::connect(sim.address()).expect("the simulator listens");
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        simulator::PATH,
        request.len()
    );
    stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(request.as_bytes())).expect("the request is sent");
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).expect("the answer comes");
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n").expect("a head") + 4;
    answer.split_off(end)
}

fn operations(criterion: &mut Criterion) {
    let sim = Simulator::start(Options::default()).expect("a simulator");
    for (kind, key, certificate) in KINDS {
        let text = config(&sim.endpoint(), key, certificate).to_string();
        let client = Client::from_json(&text).expect("a client");
        let body = answer(&sim, &client.build_request(FLOW_ID, None).expect("a request"));
        client.verify_response(FLOW_ID, &body).expect("a good answer");
        let mut group = criterion.benchmark_group(kind);
        group.bench_function("build a request", |bencher| {
            bencher.iter(|| client.build_request(black_box(FLOW_ID), None))
        });
        group.bench_function("open an answer", |bencher| {
            bencher.iter(|| client.verify_response(FLOW_ID, black_box(&body)))
        });
        group.bench_function("make a client", |bencher| bencher.iter(|| Client::from_json(black_box(&text))));
        group.bench_function("a warm call", |bencher| bencher.iter(|| client.query_sign_sts(black_box(FLOW_ID))));
        group.finish();
    }
}

criterion_group!(benches, operations);
criterion_main!(benches);
