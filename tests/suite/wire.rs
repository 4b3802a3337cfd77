//! What leaves: equal to the vectors, accepted by OpenSSL, with the protocol's names, header and method.

use std::io::{Read, Write};
use std::net::TcpListener;

use serde_json::Value;
use yspay::Client;

use crate::files::openssl;
use crate::support::{self, Kind, text};

#[test]
fn requests_equal_the_vectors() {
    for vector in support::vectors()["requests"].as_array().unwrap() {
        let kind = Kind::of(text(&vector["sign_type"]));
        let client = Client::from_json(&support::config(kind, "http://127.0.0.1:9/").to_string()).unwrap();
        let body = client.build_request(text(&vector["sys_sign_flow_id"]), Some(text(&vector["req_flow_id"]))).unwrap();
        let body: Value = serde_json::from_str(&body).unwrap();
        let names: Vec<_> = body.as_object().unwrap().keys().map(String::as_str).collect();
        assert_eq!(names, ["charset", "data", "method", "msgCode", "reqFlowId", "signType", "signValue", "src", "ver"]);
        assert_eq!(body["data"], vector["data"]);
        assert_eq!(body["reqFlowId"], vector["req_flow_id"]);
        match kind {
            Kind::Rsa => assert_eq!(body["signValue"], vector["sign_value"]),
            Kind::Sm => {
                assert!(support::openssl_accepts_merchant_sm2(text(&vector["canonical"]), text(&body["signValue"])));
                // The peer can fail: it refuses the same signature over another text.
                assert!(!support::openssl_accepts_merchant_sm2("another", text(&body["signValue"])));
            }
        }
    }
}

/// The key's number as `openssl pkey -text` prints it signs what OpenSSL accepts under the same key's certificate.
#[test]
fn a_key_in_hex_signs_as_openssl_verifies() {
    let key = support::credential("merchant-sm2.key.pem");
    let told = openssl(&["pkey", "-in", key.to_str().unwrap(), "-noout", "-text"]).unwrap();
    let told = String::from_utf8(told).unwrap();
    let number = told.split("priv:").nth(1).unwrap().split("pub:").next().unwrap();
    let vectors = support::vectors();
    let vector = vectors["requests"].as_array().unwrap().iter().find(|vector| vector["sign_type"] == "SM").unwrap();
    let mut config = support::config(Kind::Sm, "http://127.0.0.1:9/");
    config["privateKey"] = serde_json::json!({"hex": number});
    let client = Client::from_json(&config.to_string()).unwrap();
    assert_eq!(client.describe().private_key.container, "SM2 number in hex");
    let body = client.build_request(text(&vector["sys_sign_flow_id"]), Some(text(&vector["req_flow_id"]))).unwrap();
    let body: Value = serde_json::from_str(&body).unwrap();
    assert!(support::openssl_accepts_merchant_sm2(text(&vector["canonical"]), text(&body["signValue"])));
}

#[test]
fn a_request_on_the_wire_has_the_protocols_form() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let endpoint = format!("http://{}/saas/orgSign/querySignSts", listener.local_addr().unwrap());
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let mut request = Vec::new();
        while !request.ends_with(b"\"}") {
            let mut chunk = [0; 4096];
            let got = stream.read(&mut chunk).unwrap();
            assert!(got > 0, "the request ended early");
            request.extend_from_slice(&chunk[..got]);
        }
        stream.write_all(b"HTTP/1.1 204 No Content\r\n\r\n").unwrap();
        String::from_utf8(request).unwrap()
    });
    let client = Client::from_json(&support::config(Kind::Sm, &endpoint).to_string()).unwrap();
    let error = client.query_sign_sts("MAN202109280009848").unwrap_err();
    assert_eq!((error.code, error.http_status), (yspay::Code::HttpStatus, Some(204)));
    let request = server.join().unwrap();
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let mut lines = head.lines();
    assert_eq!(lines.next(), Some("POST /saas/orgSign/querySignSts HTTP/1.1"));
    let headers: Vec<_> = lines.map(str::to_ascii_lowercase).collect();
    let has = |line: &str| headers.iter().any(|header| header == line);
    assert!(has("content-type: application/json"), "{headers:?}");
    assert!(has("accept: application/json"), "{headers:?}");
    assert!(has(&format!("content-length: {}", body.len())), "{headers:?}");
    assert!(has(&format!("user-agent: yspay/{}", env!("CARGO_PKG_VERSION"))), "{headers:?}");
    assert!(has("accept-encoding: identity"), "{headers:?}");
    assert!(!headers.iter().any(|header| header.starts_with("expect:")));
    let body: Value = serde_json::from_str(body).unwrap();
    for (name, value) in [
        ("ver", "1.0"),
        ("msgCode", "Merchant"),
        ("method", "querySignSts"),
        ("signType", "SM"),
        ("charset", "UTF-8"),
        ("src", support::SRC),
    ] {
        assert_eq!(body[name], value);
    }
    assert!(body.as_object().unwrap().values().all(Value::is_string));
}
