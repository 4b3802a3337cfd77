//! One thread's work, by criterion: signatures, sealing, opening, turns, and making clients.

use std::fs;
use std::hint::black_box;
use std::path::Path;
use std::time::Duration;

use criterion::{BenchmarkGroup, Criterion, SamplingMode};
use getrandom::SysRng;
use rsa::signature::Signer;
use serde_json::Value;
use sha1::Sha1;
use sm2::dsa::signature::{RandomizedSigner, Verifier};
use sm2::dsa::{Signature, SigningKey};
use yspay::keys::{PrivateKey, Source, load_certificate, load_private_key};
use yspay::{Client, bench};
use yspay_simulator::{Options, Simulator};

use super::calls::Connection;
use super::cpu_time::CpuTime;
use super::java;
use super::openssl;
use super::table::{Table, show};
use super::{CREDENTIALS, FLOW_ID, KINDS, config};

const RESULTS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/criterion");

/// Each key file, and what it is.
const CONTAINERS: [(&str, &str); 9] = [
    ("merchant-rsa-3des.pfx", "RSA, .pfx with 3DES"),
    ("merchant-rsa-aes.pfx", "RSA, .pfx with AES"),
    ("merchant-rsa-rc2.pfx", "RSA, .pfx with RC2"),
    ("merchant-rsa.key.pem", "RSA, PEM"),
    ("merchant-rsa-encrypted.key.pem", "RSA, encrypted PEM"),
    ("merchant.sm2", "SM2, CFCA .sm2"),
    ("merchant-sm2.pfx", "SM2, .pfx"),
    ("merchant-sm2.key.pem", "SM2, PEM"),
    ("merchant-sm2-encrypted.key.pem", "SM2, encrypted PEM"),
];

/// As long as a request's signed text.
const MESSAGE: [u8; 250] = [b'a'; 250];

pub(crate) fn run() {
    let mut criterion = Criterion::default()
        .with_measurement(CpuTime)
        .output_directory(Path::new(RESULTS))
        .warm_up_time(Duration::from_millis(500))
        .measurement_time(Duration::from_secs(2))
        .configure_from_args();
    signatures(&mut criterion);
    envelopes(&mut criterion);
    clients(&mut criterion);
    criterion.bench_function("turn", |bencher| {
        let turn = bench::turns();
        assert!(turn(), "there is no turn");
        bencher.iter(&turn);
    });
}

/// As in use: the institution signs with RSA-2048 or SM2, the platform with RSA-1024 or SM2.
fn signatures(criterion: &mut Criterion<CpuTime>) {
    for (kind, merchant, platform) in [("RSA", "merchant-rsa", "platform-rsa"), ("SM", "merchant-sm2", "platform-sm2")]
    {
        let source = |name: String| Source::path("key", format!("{CREDENTIALS}/{name}"));
        let signer = |name: &str| {
            let key = load_private_key(&source(format!("{name}.key.pem")), None, None).expect("a key").key;
            bench::signer(key).expect("a signer")
        };
        let platform_key = load_certificate(&source(format!("{platform}.cer"))).expect("a certificate").public_key;
        let (sign, verify) = (signer(merchant), bench::verifier(&platform_key).expect("a verifier"));
        let signature = signer(platform)(&MESSAGE).expect("a signature");
        assert!(verify(&MESSAGE, &signature), "the signature does not fit");
        let mut group = criterion.benchmark_group(kind);
        group.bench_function("sign", |bencher| bencher.iter(|| sign(black_box(&MESSAGE))));
        group.bench_function("verify", |bencher| bencher.iter(|| verify(black_box(&MESSAGE), &signature)));
        let key = load_private_key(&source(format!("{merchant}.key.pem")), None, None).expect("a key").key;
        by_the_crates(&mut group, key);
        group.finish();
    }
}

/// The same signatures by the crates' own signers and verifiers: `rsa` blinds each one anew, exponents and primes as well, and
/// `sm2` has no table of the key that it verifies with. `rsa` verifies for us, too.
fn by_the_crates(group: &mut BenchmarkGroup<'_, CpuTime>, key: PrivateKey) {
    match key {
        PrivateKey::Rsa(key) => {
            let key = rsa::pkcs1v15::SigningKey::<Sha1>::new(*key);
            group.bench_function("crate-sign", |bencher| {
                bencher.iter(|| key.try_sign(black_box(&MESSAGE)).expect("a signature"))
            });
        }
        PrivateKey::Sm2(key) => {
            let key = SigningKey::new("1234567812345678", &key).expect("a signer");
            let sign =
                || -> Signature { key.try_sign_with_rng(&mut SysRng, black_box(&MESSAGE)).expect("a signature") };
            let (verify, signature) = (key.verifying_key(), sign());
            group.bench_function("crate-sign", |bencher| bencher.iter(sign));
            group.bench_function("crate-verify", |bencher| {
                bencher.iter(|| verify.verify(black_box(&MESSAGE), &signature))
            });
        }
    }
}

fn envelopes(criterion: &mut Criterion<CpuTime>) {
    let sim = Simulator::start(Options::default()).expect("a simulator");
    for kind in &KINDS {
        let client = Client::from_json(&kind.config(&sim.endpoint()).to_string()).expect("a client");
        let request = client.build_request(FLOW_ID, None).expect("a request");
        let answer = Connection::to(&sim).exchange(&request);
        client.verify_response(FLOW_ID, &answer).expect("a good answer");
        let mut group = criterion.benchmark_group(kind.name);
        group.bench_function("seal", |bencher| bencher.iter(|| client.build_request(black_box(FLOW_ID), None)));
        group.bench_function("open", |bencher| bencher.iter(|| client.verify_response(FLOW_ID, black_box(&answer))));
        group.finish();
    }
}

fn clients(criterion: &mut Criterion<CpuTime>) {
    let mut group = criterion.benchmark_group("client");
    group.sampling_mode(SamplingMode::Flat).sample_size(20);
    for (file, what) in CONTAINERS {
        let certificate = if what.starts_with("RSA") { "platform-rsa.cer" } else { "platform-sm2.cer" };
        let text = config("http://127.0.0.1:1/", file, certificate).to_string();
        Client::from_json(&text).expect("a client");
        group.bench_function(file, |bencher| bencher.iter(|| Client::from_json(black_box(&text))));
    }
    group.finish();
}

/// What criterion found, and beside it what others take.
pub(crate) fn report(table: &mut Table, openssl: &openssl::Speed, java: &[java::Speed]) {
    table.compared("RSA-2048 signature", found("RSA/sign"), openssl.rsa_2048[0]);
    table.compared("RSA-1024 verification", found("RSA/verify"), openssl.rsa_1024[1]);
    table.compared("SM2 signature", found("SM/sign"), openssl.sm2[0]);
    table.compared("SM2 verification", found("SM/verify"), openssl.sm2[1]);
    table.row("RSA-2048 signature, by the crate `rsa`", show(found("RSA/crate-sign")), "");
    table.row("SM2 signature, by the crate `sm2`", show(found("SM/crate-sign")), "");
    table.row("SM2 verification, by the crate `sm2`", show(found("SM/crate-verify")), "");
    for java::Speed { whose, key, sign, verify } in java {
        table.row(
            format!("{key} signature; verification, by {whose}"),
            format!("{}; {}", show(*sign), show(*verify)),
            "",
        );
    }
    for kind in &KINDS {
        table.row(format!("request built, {}", kind.name), show(found(&format!("{}/seal", kind.name))), "");
        table.row(format!("answer opened, {}", kind.name), show(found(&format!("{}/open", kind.name))), "");
    }
    table.row("turn of the limiter, nobody waiting", show(found("turn")), "< 1 µs");
    for (file, what) in CONTAINERS {
        table.row(format!("client made: {what}"), show(found(&format!("client/{file}"))), "");
    }
}

/// The median of the last run.
fn found(name: &str) -> Duration {
    let path = format!("{RESULTS}/{name}/new/estimates.json");
    let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}; run it without a filter"));
    let estimates: Value = serde_json::from_str(&text).expect("criterion's JSON");
    Duration::from_secs_f64(estimates["median"]["point_estimate"].as_f64().expect("a number") * 1e-9)
}
