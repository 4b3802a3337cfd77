//! What the platform refuses, and why.

use serde_json::Value;
use yspay_simulator::crypto::Algorithm;
use yspay_simulator::{Options, PATH, Simulator};

use crate::raw::{Connection, Fields, ask, encrypt, good_request, next_id, post};

const BOTH: [Algorithm; 2] = [Algorithm::Rsa, Algorithm::Sm];

fn start() -> Simulator {
    Simulator::start(Options::default()).expect("start")
}

/// Sends a body and gives the only reason that the statistics then hold.
fn reason_for_body(body: &str) -> (String, &'static str) {
    reason_for(&post(body))
}

fn reason_for(request: &[u8]) -> (String, &'static str) {
    let simulator = start();
    let message = ask(&simulator, request).refusal();
    let stats = simulator.stats();
    assert_eq!((stats.requests, stats.accepted, stats.refused.len()), (1, 0, 1), "{message}");
    assert_eq!(stats.recent.len(), 1);
    (message, stats.refused.into_keys().next().expect("reason"))
}

#[test]
fn a_good_request_is_accepted() {
    let simulator = start();
    for algorithm in BOTH {
        assert_eq!(ask(&simulator, &good_request(algorithm, "MAN1")).data()["signSts"], "2");
    }
    assert_eq!(simulator.stats().accepted, 2);
}

#[test]
fn each_signed_field_is_signed() {
    for algorithm in BOTH {
        let good = Fields::ask(algorithm, "MAN1").signed();
        let other_data = encrypt(br#"{"sysSignFlowId":"MAN2"}"#);
        let (message, reason) = reason_for_body(&good.clone().with("data", other_data).json());
        assert_eq!(reason, "signature");
        assert!(message.starts_with("验签失败"), "{message}");
        // A signature of the other algorithm, or of the other request.
        let sign_type = if algorithm == Algorithm::Rsa { "SM" } else { "RSA" };
        assert_eq!(reason_for_body(&good.clone().with("signType", sign_type).json()).1, "signature");
        let other = Fields::ask(algorithm, "MAN2").signed();
        assert_eq!(reason_for_body(&good.with("signValue", other.0["signValue"].clone()).json()).1, "signature");
    }
}

#[test]
fn the_request_id_is_not_signed_but_never_repeated() {
    let simulator = start();
    let good = Fields::ask(Algorithm::Sm, "MAN1").signed();
    let request = post(&good.json());
    assert_eq!(ask(&simulator, &request).data()["code"], "00");
    assert!(ask(&simulator, &request).refusal().contains("reqFlowId"));
    let another = good.with("reqFlowId", next_id());
    assert_eq!(ask(&simulator, &post(&another.json())).data()["code"], "00");
    simulator.reset_stats();
    assert_eq!(simulator.stats().requests, 0);
    assert!(ask(&simulator, &request).refusal().contains("reqFlowId"));
    assert_eq!(simulator.stats().refused_for("reqFlowId_repeated"), 1);
}

#[test]
fn only_a_request_that_is_right_uses_up_its_id() {
    let simulator = start();
    for algorithm in BOTH {
        let fields = Fields::ask(algorithm, "MAN1");
        let other = Fields::ask(algorithm, "MAN2").signed();
        let unsigned = fields.clone().with("signValue", other.0["signValue"].clone());
        let undecipherable = fields.clone().with("data", "AAAAAAAAAAA=").signed();
        // Sent again as it is, as from a file: the mistake is told again.
        for (wrong, told) in [(unsigned, "验签失败"), (undecipherable, "解密失败")] {
            let request = post(&wrong.json());
            let first = ask(&simulator, &request).refusal();
            assert!(first.starts_with(told), "{first}");
            assert_eq!(ask(&simulator, &request).refusal(), first);
        }
        // Mended under the same id it is answered, and that only once.
        let request = post(&fields.signed().json());
        assert_eq!(ask(&simulator, &request).data()["code"], "00");
        assert!(ask(&simulator, &request).refusal().starts_with("请求流水号重复"));
    }
    assert_eq!(simulator.stats().refused_for("reqFlowId_repeated"), 2);
}

#[test]
fn fields_are_exactly_those_of_the_interface() {
    let good = Fields::ask(Algorithm::Sm, "MAN1").signed();
    for name in good.0.keys() {
        assert_eq!(reason_for_body(&good.clone().without(name).json()).1, "missing_field", "{name}");
        for value in [Value::Null, Value::from(1), Value::from(true), serde_json::json!({}), serde_json::json!([])] {
            assert_eq!(reason_for_body(&good.clone().with(name, value).json()).1, "json", "{name}");
        }
    }
    assert_eq!(reason_for_body(&good.clone().with("aesKey", "x").json()).1, "unknown_field");
    let twice = good.json().replacen('{', r#"{"ver":"1.0","#, 1);
    assert_eq!(reason_for_body(&twice).1, "duplicate_field");
}

#[test]
fn each_value_is_checked() {
    for (name, value, reason) in [
        ("ver", "1.1", "ver"),
        ("msgCode", "merchant", "msgCode"),
        ("method", "querysignsts", "method"),
        ("charset", "utf-8", "charset"),
        ("signType", "rsa", "signType"),
        ("signType", "", "signType"),
        ("src", "", "src"),
        ("src", "ORG20210427160753", "src"),
        ("src", &"x".repeat(51), "src"),
        ("reqFlowId", "", "reqFlowId"),
        ("reqFlowId", "123456789012345678901", "reqFlowId"),
        ("reqFlowId", "1 2", "reqFlowId"),
        ("reqFlowId", "流水", "reqFlowId"),
        ("data", "", "data_base64"),
        ("data", "*", "data_base64"),
        ("data", "AAAAAAAAAAA=", "data_des"),
        ("data", "AAAA", "data_des"),
        ("data", &encrypt(b""), "data_json"),
        ("data", &encrypt(b"[]"), "data_json"),
        ("data", &encrypt(b"{}"), "data_json"),
        ("data", &encrypt(br#"{"sysSignFlowId":1}"#), "data_json"),
        ("data", &encrypt(br#"{"sysFlowId":"1"}"#), "data_json"),
        ("data", &encrypt(br#"{"sysSignFlowId":"1","a":"b"}"#), "data_json"),
        ("data", &encrypt(br#"{"sysSignFlowId":"1","sysSignFlowId":"1"}"#), "data_json"),
        ("data", &encrypt(b"{\"sysSignFlowId\":\"\xFF\"}"), "data_json"),
        ("data", &encrypt(br#"{"sysSignFlowId":""}"#), "sysSignFlowId"),
        ("data", &encrypt(format!(r#"{{"sysSignFlowId":"{}"}}"#, "x".repeat(51)).as_bytes()), "sysSignFlowId"),
    ] {
        let fields = Fields::ask(Algorithm::Sm, "MAN1").with(name, value).signed();
        assert_eq!(reason_for_body(&fields.json()).1, reason, "{name}={value}");
    }
    let (said, _) = reason_for_body(&Fields::ask(Algorithm::Sm, "MAN1").with("signType", "sm").signed().json());
    assert!(said.contains("is \"sm\" and not \"SM\"") && said.contains("is not known"), "{said}");
    for value in ["", "***", "MEYC"] {
        let fields = Fields::ask(Algorithm::Sm, "MAN1").with("signValue", value);
        let reason = if value == "MEYC" { "signature" } else { "signValue" };
        assert_eq!(reason_for_body(&fields.json()).1, reason, "{value}");
    }
}

#[test]
fn data_is_verified_as_it_was_received() {
    let simulator = start();
    let flow_id = "XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX";
    let fields = Fields::ask(Algorithm::Rsa, flow_id);
    let one_line = fields.0["data"].as_str().expect("data").to_owned();
    let broken = format!("{}\r\n{}\r\n", &one_line[..76], &one_line[76..]);
    // Signed with its line breaks, as the platform's own kit does.
    let signed = fields.clone().with("data", broken.as_str()).signed();
    assert_eq!(ask(&simulator, &post(&signed.json())).data()["sysSignFlowId"], flow_id);
    // Signed without them and sent with them.
    let changed = fields.with("reqFlowId", next_id()).signed().with("data", broken);
    assert!(ask(&simulator, &post(&changed.json())).refusal().starts_with("验签失败"));
}

#[test]
fn the_http_request_is_checked() {
    let body = Fields::ask(Algorithm::Sm, "MAN1").signed().json();
    let good = String::from_utf8(post(&body)).expect("text");
    for (from, to, reason) in [
        ("application/json", "text/plain", "content_type"),
        ("application/json", "application/jsonp", "content_type"),
        ("Content-Type", "X-Type", "content_type"),
        ("POST", "PUT", "http_method"),
    ] {
        assert_eq!(reason_for(good.replacen(from, to, 1).as_bytes()).1, reason, "{to}");
    }
    assert_eq!(reason_for(format!("GET {PATH} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes()).1, "http_method");
    for body in ["", "x", "[]", "\"a\"", "{", "{}x", &"[".repeat(100_000)] {
        assert_eq!(reason_for_body(body).1, "json", "{:.10}", body);
    }
    let simulator = start();
    for header in ["application/json; charset=utf-8", "APPLICATION/JSON"] {
        let body = Fields::ask(Algorithm::Sm, "MAN1").signed().json();
        let request = String::from_utf8(post(&body)).expect("text").replacen("application/json", header, 1);
        assert_eq!(ask(&simulator, request.as_bytes()).data()["code"], "00", "{header}");
    }
    let reply = ask(&simulator, good.replacen(PATH, "/saas/orgSign/other", 1).as_bytes());
    assert_eq!((reply.status, simulator.stats().refused_for("path")), (404, 1));
}

#[test]
fn what_is_not_http_is_refused_without_harm() {
    let simulator = start();
    let long_header = format!("GET / HTTP/1.1\r\nX: {}\r\n\r\n", "x".repeat(20_000));
    let large = format!("POST {PATH} HTTP/1.1\r\nContent-Length: {}\r\n\r\n{}", 1_048_577, "x".repeat(300_000));
    for (request, status) in [
        (&b"\r\n\r\n"[..], 400),
        (b"GET / HTTP/1.1 x\r\n\r\n", 400),
        (b"GET / HTTP/2.0\r\n\r\n", 505),
        (b"\xFF\xFE / HTTP/1.1\r\n\r\n", 400),
        (b"GET / HTTP/1.1\r\nno colon\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", 411),
        (b"POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
        (b"POST / HTTP/1.1\r\nContent-Length: 99999999999999999999999999\r\n\r\n", 413),
        (long_header.as_bytes(), 431),
        (large.as_bytes(), 413),
    ] {
        let mut connection = Connection::open(simulator.address());
        let reply = connection.ask(request);
        assert_eq!(reply.status, status, "{}", String::from_utf8_lossy(&request[..request.len().min(60)]));
        assert_eq!(connection.read_to_end(), b"");
    }
    let stats = simulator.stats();
    assert_eq!((stats.requests, stats.refused_for("length"), stats.refused_for("http")), (0, 4, 8));
    // Half a request and a close, at any byte of the head, is no request at all.
    let request = good_request(Algorithm::Sm, "MAN1");
    for length in (0..150).step_by(10) {
        Connection::open(simulator.address()).send(&request[..length]);
    }
    assert_eq!(ask(&simulator, &request).data()["code"], "00");
    assert_eq!(simulator.stats().requests, 1);
}
