//! Each prefix does what the table says, down to the bytes, for RSA and for SM.

use std::io::{ErrorKind, Read};
use std::time::{Duration, Instant};

use serde_json::Value;
use yspay_simulator::crypto::{Algorithm, Signatory, decode_base64, signed_text};
use yspay_simulator::{Options, Simulator, answers, behaviour};

use crate::openssl;
use crate::raw::{Connection, Reply, good_request};

const SHORT: Duration = Duration::from_millis(150);

/// A question asked on a connection of its own, whose answer is still to be read.
struct Asked {
    simulator: Simulator,
    algorithm: Algorithm,
    flow_id: String,
    connection: Connection,
}

impl Asked {
    fn new(algorithm: Algorithm, flow_id: &str) -> Self {
        let simulator = Simulator::start(Options::default()).expect("start");
        let mut connection = Connection::open(simulator.address());
        connection.send(&good_request(algorithm, flow_id));
        Self { simulator, algorithm, flow_id: flow_id.to_owned(), connection }
    }

    /// Asks the same again on the same connection.
    fn again(&mut self) -> Reply {
        self.connection.ask(&good_request(self.algorithm, &self.flow_id))
    }

    /// That this signature is by the signatory over the fields of `data`.
    fn is_signed_by(&self, signatory: Signatory, reply: &Reply) -> bool {
        let data = reply.data();
        let fields = data.as_object().expect("object").iter();
        let text = signed_text(
            fields
                .filter(|(name, _)| !name.eq_ignore_ascii_case("sign"))
                .map(|(name, value)| (name.as_str(), value.as_str().expect("string"))),
        );
        openssl::verifies(signatory, self.algorithm, &text, &signature(reply))
    }

    fn expect_signed(&mut self) -> Reply {
        let reply = self.connection.read();
        assert_eq!(reply.status, 200);
        assert!(self.is_signed_by(Signatory::Platform, &reply), "{}: not signed", self.flow_id);
        reply
    }

    fn expect_data(&mut self, expected: &Value) {
        assert_eq!(&self.expect_signed().data(), expected, "{}", self.flow_id);
    }

    /// That the answer is the ordinary one and the connection still serves.
    fn expect_good(&mut self) -> Reply {
        let reply = self.expect_signed();
        assert_eq!((&reply.data()["signSts"], &reply.data()["sysSignFlowId"]), (&"2".into(), &self.flow_id[..].into()));
        reply
    }

    fn expect_status(&mut self, status: u16) -> Reply {
        let reply = self.connection.read();
        assert_eq!(reply.status, status, "{}", self.flow_id);
        reply
    }

    fn expect_end(&mut self) {
        assert_eq!(self.connection.read_to_end(), b"", "{}", self.flow_id);
    }

    /// What is wrong only once is right the second time, and for another flow id it is wrong again.
    fn expect_good_next(&mut self) {
        assert_eq!(self.again().data()["signSts"], "2", "{}", self.flow_id);
        self.flow_id.push('x');
        let reply = self.again();
        assert!(reply.status != 200 || reply.data()["code"] == "50", "{}", self.flow_id);
    }
}

fn signature(reply: &Reply) -> Vec<u8> {
    decode_base64(reply.json()["signValue"].as_str().expect("signValue")).expect("Base64")
}

fn data(fields: &[(&str, &str)]) -> Value {
    fields
        .iter()
        .map(|(name, value)| ((*name).to_owned(), Value::from(*value)))
        .collect::<serde_json::Map<_, _>>()
        .into()
}

#[test]
fn every_prefix_does_what_it_says() {
    let prefixes: Vec<_> = behaviour::prefixes().collect();
    assert_eq!(prefixes.len(), prefixes.iter().collect::<std::collections::HashSet<_>>().len());
    for algorithm in [Algorithm::Rsa, Algorithm::Sm] {
        for prefix in &prefixes {
            let flow_id = match *prefix {
                "SLOW" => "SLOW120-1".to_owned(),
                "H429RA" => "H429RA3-1".to_owned(),
                "LIFE" => "LIFE01E3-1".to_owned(),
                _ => format!("{prefix}-1"),
            };
            let mut asked = Asked::new(algorithm, &flow_id);
            expect(prefix, &mut asked);
            let stats = asked.simulator.stats();
            assert_eq!((stats.behaviours.contains_key(prefix), stats.refused.len()), (true, 0), "{prefix}");
        }
    }
}

fn expect(prefix: &str, asked: &mut Asked) {
    let id = asked.flow_id.clone();
    let success = |status: &str| data(&[("code", "00"), ("note", "成功"), ("signSts", status), ("sysSignFlowId", &id)]);
    match prefix {
        "STSX" => asked.expect_data(&success("ARCHIVED")),
        "STS0" | "STS1" | "STS2" | "STS3" | "STS4" | "STS7" | "STS8" | "STS9" => {
            asked.expect_data(&success(&prefix[3..]))
        }
        "LIFE" => {
            asked.expect_data(&success("0"));
            assert_eq!(asked.again().data()["signSts"], "1");
            assert_eq!(asked.again().status, 500);
            assert_eq!(asked.again().data()["signSts"], "3");
            assert_eq!(asked.again().data()["signSts"], "3");
        }
        "OTHERID" => assert_eq!(asked.expect_signed().data()["sysSignFlowId"], answers::OTHER_FLOW_ID),
        "NOID" => asked.expect_data(&data(&[("code", "00"), ("note", "成功"), ("signSts", "2")])),
        "NOSTS" => asked.expect_data(&data(&[("code", "00"), ("note", "成功"), ("sysSignFlowId", &id)])),
        "NOCODE" => asked.expect_data(&data(&[("note", "成功"), ("signSts", "2"), ("sysSignFlowId", &id)])),
        "C50" | "C50THEN" | "C98" => {
            assert_eq!(asked.expect_signed().data()["code"], prefix[1..3]);
            if prefix == "C50THEN" {
                asked.expect_good_next();
            } else {
                assert_eq!(asked.again().data()["code"], prefix[1..3]);
            }
        }
        "C99" => asked.expect_data(&data(&[("code", "99"), ("note", "流水不存在")])),
        "BADSIG" | "MERCHSIG" => {
            let reply = asked.expect_status(200);
            assert_eq!(reply.data(), success("2"));
            assert!(!asked.is_signed_by(Signatory::Platform, &reply));
            assert_eq!(asked.is_signed_by(Signatory::Merchant, &reply), prefix == "MERCHSIG");
        }
        "UNSIGNED" => assert!(asked.connection.read().refusal().starts_with("验签失败")),
        "NOTB64" => {
            let json = asked.expect_status(200).json();
            assert_eq!(decode_base64(json["signValue"].as_str().expect("signValue")), None);
        }
        "RAWRS" => expect_raw_signature(asked),
        "LFWRAP" => {
            let json = asked.expect_good().json();
            let lines: Vec<_> = json["signValue"].as_str().expect("signValue").split('\n').collect();
            assert!(lines.len() > 1 && lines.iter().all(|line| line.len() <= 76 && !line.contains('\r')), "{lines:?}");
        }
        "EXTRA" => {
            let reply = asked.expect_good();
            assert!(reply.data().as_object().expect("data").len() > 4 && reply.json().get("traceId").is_some());
        }
        "OBJECT" => assert!(asked.expect_good().json()["data"].is_object()),
        "DUPNAME" => {
            let reply = asked.expect_good();
            let json = reply.json();
            let text = json["data"].as_str().expect("data");
            assert!(text.ends_with(r#""signSts":"3","signSts":"2"}"#), "{text}");
        }
        "HUGE" => assert!(asked.expect_good().body.len() > 2 * 1024 * 1024),
        _ => expect_http(prefix, asked),
    }
}

fn expect_raw_signature(asked: &mut Asked) {
    if asked.algorithm == Algorithm::Rsa {
        asked.expect_good();
        return;
    }
    let reply = asked.expect_status(200);
    let raw = signature(&reply);
    assert_eq!(raw.len(), 64);
    // SEQUENCE { INTEGER r, INTEGER s } by hand, as OpenSSL wants it.
    let integer = |bytes: &[u8]| {
        let start = bytes.iter().position(|&b| b != 0).expect("not zero");
        let zero = usize::from(bytes[start] >= 0x80);
        let length = bytes.len() - start + zero;
        [&[2, u8::try_from(length).expect("short")][..], &[0][..zero], &bytes[start..]].concat()
    };
    let integers = [integer(&raw[..32]), integer(&raw[32..])].concat();
    let der = [&[0x30, u8::try_from(integers.len()).expect("short")][..], &integers].concat();
    let text = format!("code=00&note=成功&signSts=2&sysSignFlowId={}", asked.flow_id);
    assert!(openssl::verifies(Signatory::Platform, asked.algorithm, &text, &der));
}

fn expect_http(prefix: &str, asked: &mut Asked) {
    match prefix {
        "H500" | "H502" | "H404" | "H429" => {
            let reply = asked.expect_status(prefix[1..].parse().expect("status"));
            assert_eq!(reply.header("Retry-After"), None);
            if prefix == "H502" {
                assert!(reply.header("Content-Type") == Some("text/html") && reply.body.starts_with(b"<html>"));
            }
            assert_eq!(asked.again().status, reply.status);
        }
        "H500THEN" => {
            asked.expect_status(500);
            asked.expect_good_next();
        }
        "H429RA" => {
            assert_eq!(asked.expect_status(429).header("Retry-After"), Some("3"));
            asked.expect_good_next();
        }
        "H302" => assert_eq!(asked.expect_status(302).header("Location"), Some("/saas/login")),
        "H204" => {
            let reply = asked.expect_status(204);
            assert_eq!((reply.header("Content-Length"), reply.header("Content-Type")), (None, None));
            assert_eq!(asked.again().status, 204);
        }
        "NOTUTF8" => {
            let body = asked.expect_status(200).body;
            assert!(std::str::from_utf8(&body).is_err() && body.windows(4).any(|w| w == b"\xB3\xC9\xB9\xA6"));
        }
        "NOTJSON" => assert_eq!(asked.expect_status(200).body, b"success"),
        "EMPTY" => {
            let reply = asked.expect_status(200);
            assert_eq!((reply.header("Content-Length"), reply.body.len()), (Some("0"), 0));
        }
        "GZIPPED" => {
            let reply = asked.expect_status(200);
            assert_eq!((reply.header("Content-Encoding"), &reply.body[..2]), (Some("gzip"), &b"\x1f\x8b"[..]));
        }
        _ => expect_delivery(prefix, asked),
    }
}

fn expect_delivery(prefix: &str, asked: &mut Asked) {
    match prefix {
        "SLOW" => {
            assert!(asked.connection.is_silent_for(Duration::from_millis(60)));
            asked.expect_good();
        }
        "HANG" => assert!(asked.connection.is_silent_for(SHORT)),
        "RESET" => {
            let error = asked.connection.0.read(&mut [0]).expect_err("a reset");
            assert_eq!(error.kind(), ErrorKind::ConnectionReset);
        }
        "CLOSE" => asked.expect_end(),
        "TRUNC" => {
            let head = asked.connection.read_head();
            let length: usize = head.header("Content-Length").expect("a length").parse().expect("a number");
            assert_eq!(asked.connection.read_to_end().len(), length / 2);
        }
        "DRIP" => {
            let start = Instant::now();
            let mut bytes = [0; 4];
            for byte in &mut bytes {
                asked.connection.0.read_exact(std::slice::from_mut(byte)).expect("a byte");
            }
            assert_eq!(&bytes, b"HTTP");
            assert!(start.elapsed() > Duration::from_millis(250));
        }
        "HALFHEAD" => {
            let mut start = [0; 12];
            asked.connection.0.read_exact(&mut start).expect("a beginning");
            assert_eq!(&start, b"HTTP/1.1 200");
            let mut rest = Vec::new();
            while !asked.connection.is_silent_for(Duration::from_millis(20)) {
                rest.push(());
            }
            assert!(asked.connection.is_silent_for(SHORT));
        }
        "CHUNKED" => {
            let head = asked.connection.read_head();
            assert_eq!((head.header("Transfer-Encoding"), head.header("Content-Length")), (Some("chunked"), None));
            let body = read_chunks(&mut asked.connection).expect("chunks");
            let reply = Reply { body, ..head };
            assert!(asked.is_signed_by(Signatory::Platform, &reply));
            assert_eq!(asked.again().header("Transfer-Encoding"), Some("chunked"));
        }
        "BADCHUNK" => {
            asked.connection.read_head();
            assert_eq!(read_chunks(&mut asked.connection), Err("xyz".to_owned()));
        }
        "SHORTLEN" => {
            let mut reply = asked.connection.read();
            assert!(!reply.body.ends_with(b"}"));
            while !reply.body.ends_with(b"}") {
                let mut byte = [0];
                asked.connection.0.read_exact(&mut byte).expect("the rest");
                reply.body.push(byte[0]);
            }
            assert!(asked.is_signed_by(Signatory::Platform, &reply));
        }
        "NOLENGTH" => {
            let head = asked.connection.read_head();
            assert_eq!((head.header("Content-Length"), head.header("Connection")), (None, Some("close")));
            let reply = Reply { body: asked.connection.read_to_end(), ..head };
            assert!(asked.is_signed_by(Signatory::Platform, &reply));
        }
        "KEEPCLOSE" | "CONNCLOSE" => {
            let promise = if prefix == "KEEPCLOSE" { "keep-alive" } else { "close" };
            assert_eq!(asked.expect_good().header("Connection"), Some(promise));
            asked.expect_end();
        }
        "CONT100" => {
            assert_eq!(asked.connection.read_head().head, "HTTP/1.1 100 Continue\r\n\r\n");
            asked.expect_good();
        }
        other => panic!("the behaviour {other:?} has no test"),
    }
}

/// The body of a chunked reply, or the length that is not a number.
fn read_chunks(connection: &mut Connection) -> Result<Vec<u8>, String> {
    let mut body = Vec::new();
    loop {
        let mut line = Vec::new();
        while !line.ends_with(b"\r\n") {
            let mut byte = [0];
            connection.0.read_exact(&mut byte).expect("a chunk's length");
            line.push(byte[0]);
        }
        let line = String::from_utf8_lossy(&line).trim_end().to_owned();
        let Ok(length) = usize::from_str_radix(&line, 16) else { return Err(line) };
        let mut chunk = vec![0; length + 2];
        connection.0.read_exact(&mut chunk).expect("a chunk");
        if length == 0 {
            return Ok(body);
        }
        body.extend_from_slice(&chunk[..length]);
    }
}

#[test]
fn any_other_flow_id_has_status_2_and_letter_case_counts() {
    for flow_id in ["MAN202109280009848", "sts0", "STS5", "STS", "Hang", "XHANG", "合同"] {
        Asked::new(Algorithm::Sm, flow_id).expect_good();
    }
}

#[test]
fn a_number_without_sense_is_no_delay() {
    for flow_id in ["SLOW-1", "SLOWLY", "SLOW99999999999999999999999-1"] {
        let start = Instant::now();
        Asked::new(Algorithm::Sm, flow_id).expect_good();
        assert!(start.elapsed() < Duration::from_secs(5), "{flow_id}");
    }
}
