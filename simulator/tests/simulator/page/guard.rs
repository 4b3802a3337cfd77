//! Who may read and drive the page, and nobody else.

use serde_json::json;
use yspay_simulator::{PATH, Simulator};

use super::{drive, get, host, page, request, set, start, token, with};
use crate::raw::{Reply, ask};

/// That it was refused, with a sentence in both languages.
fn refused(reply: &Reply, status: u16) {
    let json = reply.json();
    let sentences = [&json["error"], &json["errorZh"]].map(|text| text.as_str().expect("a sentence").len());
    assert!(reply.status == status && sentences.iter().all(|length| *length > 10), "{} {json}", reply.status);
}

fn body() -> String {
    json!({ "id": "A", "set": { "kind": "status", "status": "7" } }).to_string()
}

/// What a post gets with these headers in place of those of the page, by their names; an empty one is left out.
fn posted(simulator: &Simulator, changes: &[&str]) -> Reply {
    let mut headers = vec![
        host(simulator),
        "Content-Type: application/json".to_owned(),
        format!("X-Yspay-Token: {}", token(simulator)),
    ];
    for change in changes {
        let name = change.split_once(':').expect("a name").0;
        headers.retain(|line| !line.starts_with(name));
        if !change.ends_with(':') {
            headers.push((*change).to_owned());
        }
    }
    let headers: Vec<_> = headers.iter().map(String::as_str).collect();
    ask(simulator, &request("POST", "/page/contracts", &headers, &body()))
}

fn nothing_was_set(simulator: &Simulator) {
    let told = set(simulator, "A", json!(null));
    assert_eq!((&told["set"], &told["asked"]), (&json!(null), &json!(0)));
}

#[test]
fn the_page_is_shut_in() {
    let simulator = start();
    let [one, other] = [(); 2].map(|()| page(&simulator));
    assert_eq!(one.status, 200);
    let nonce = |reply: &Reply| {
        let policy = reply.header("Content-Security-Policy").expect("a policy");
        let nonce = policy.split("'nonce-").nth(1).expect("a nonce").split('\'').next().expect("its end").to_owned();
        let expected = format!(
            "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; connect-src 'self'; \
             base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
        );
        assert_eq!(policy, expected);
        nonce
    };
    assert_eq!(nonce(&one).len(), 32);
    assert_ne!(nonce(&one), nonce(&other), "fresh for each page");
    for (name, value) in [
        ("Content-Type", "text/html; charset=utf-8"),
        ("X-Content-Type-Options", "nosniff"),
        ("Referrer-Policy", "no-referrer"),
        ("Cache-Control", "no-store"),
    ] {
        assert_eq!(one.header(name), Some(value));
    }
    let text = String::from_utf8(one.body.clone()).expect("text");
    assert!(!text.contains("{{") && text.contains(&format!("nonce=\"{}\"", nonce(&one))), "{text}");
    // Each script and style is the page's own; nothing else would run.
    let elements = text.matches("<script").count() + text.matches("<style").count();
    assert_eq!(elements, text.matches(&nonce(&one)).count());
}

#[test]
fn the_token_is_random_and_only_in_the_page() {
    let simulators = [start(), start()];
    let tokens = simulators.each_ref().map(token);
    assert_ne!(tokens[0], tokens[1]);
    assert!(tokens.iter().all(|token| token.len() == 32 && token.bytes().all(|b| b.is_ascii_hexdigit())));
    assert_eq!(token(&simulators[0]), tokens[0], "the same for a start");
    let told = [
        String::from_utf8(get(&simulators[0], "/stats").body).expect("text"),
        format!("{:?}", simulators[0]),
        page(&simulators[0]).head,
        String::from_utf8(get(&simulators[0], &format!("/page/request?id=1&token={}", tokens[0])).body).expect("text"),
    ];
    assert!(told.iter().all(|text| !text.contains(&tokens[0])), "{told:?}");
}

#[test]
fn another_host_does_not_lead_there() {
    let simulator = start();
    let (port, token) = (simulator.address().port(), token(&simulator));
    let events = format!("/page/request?id=1&token={token}");
    for host in [
        format!("evil.example:{port}"),
        format!("127.0.0.1.evil.example:{port}"),
        "localhost".to_owned(),
        format!("localhost:{}", port ^ 1),
        String::new(),
    ] {
        let host = format!("Host: {host}");
        refused(&ask(&simulator, &request("GET", "/", &[&host], "")), 421);
        refused(&ask(&simulator, &request("GET", &events, &[&host], "")), 421);
        refused(&posted(&simulator, &[&host]), 421);
    }
    refused(&ask(&simulator, &request("GET", "/", &[], "")), 421);
    let twice = format!("Host: localhost:{port}");
    refused(&ask(&simulator, &request("GET", "/", &[&twice, &twice], "")), 421);
    for host in
        [format!("localhost:{port}"), format!("127.0.0.1:{port}"), format!("[::1]:{port}"), format!("10.0.0.1:{port}")]
    {
        assert_eq!(ask(&simulator, &request("GET", "/", &[&format!("Host: {host}")], "")).status, 200, "{host}");
    }
    nothing_was_set(&simulator);
}

#[test]
fn another_site_cannot_drive_it() {
    let simulator = start();
    let address = simulator.address();
    for change in [
        "Origin: https://evil.example".to_owned(),
        "Origin: null".to_owned(),
        // The same host, but another scheme, port or name.
        format!("Origin: https://{address}"),
        "Origin: http://127.0.0.1".to_owned(),
        format!("Origin: http://localhost:{}", address.port()),
        "Sec-Fetch-Site: cross-site".to_owned(),
        "Sec-Fetch-Site: same-site".to_owned(),
        "Sec-Fetch-Site: nonsense".to_owned(),
    ] {
        refused(&posted(&simulator, &[&change]), 403);
        let path = format!("/page/request?id=1&token={}", token(&simulator));
        refused(&ask(&simulator, &request("GET", &path, &[&host(&simulator), &change], "")), 403);
    }
    nothing_was_set(&simulator);
    for change in [
        format!("Origin: http://{address}"),
        "Sec-Fetch-Site: same-origin".to_owned(),
        "Sec-Fetch-Site: none".to_owned(),
    ] {
        assert_eq!(posted(&simulator, &[&change]).status, 200, "{change}");
    }
}

#[test]
fn what_a_form_could_send_is_not_taken() {
    let simulator = start();
    for content_type in
        ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data", "application/jsonp", ""]
    {
        refused(
            &posted(
                &simulator,
                &[&format!("Content-Type:{}{content_type}", if content_type.is_empty() { "" } else { " " })],
            ),
            415,
        );
    }
    nothing_was_set(&simulator);
    assert_eq!(posted(&simulator, &["Content-Type: application/json;charset=UTF-8"]).status, 200);
}

#[test]
fn without_the_token_nothing_is_told_or_done() {
    let simulator = start();
    let token = token(&simulator);
    let mut other = token.clone();
    other.replace_range(31.., if token.ends_with('0') { "1" } else { "0" });
    for wrong in [String::new(), other, token[..31].to_owned(), format!("{token}0"), token.to_uppercase() + "x"] {
        refused(
            &posted(&simulator, &[&format!("X-Yspay-Token:{}{wrong}", if wrong.is_empty() { "" } else { " " })]),
            403,
        );
        for path in ["/page/events", "/page/request", "/page/other", "/page"] {
            refused(&get(&simulator, &format!("{path}?token={wrong}")), 403);
            refused(&get(&simulator, path), 403);
        }
    }
    // In the address it is no token to drive with, nor in a header one to read with.
    let path = format!("/page/contracts?token={token}");
    let headers = [&host(&simulator), "Content-Type: application/json"];
    refused(&ask(&simulator, &request("POST", &path, &headers, &body())), 403);
    let header = format!("X-Yspay-Token: {token}");
    refused(&ask(&simulator, &request("GET", "/page/events", &[&host(&simulator), &header], "")), 403);
    nothing_was_set(&simulator);
}

#[test]
fn what_is_not_there_is_not_found() {
    let simulator = start();
    refused(&get(&simulator, &format!("/page/other?token={}", token(&simulator))), 404);
    refused(&drive(&simulator, "/page/other", "{}"), 404);
    refused(&ask(&simulator, &request("DELETE", "/page/contracts", &[&host(&simulator)], "")), 405);
    for path in ["/pages", "/page.html", "/favicon.ico"] {
        assert_eq!(get(&simulator, path).status, 404);
    }
    // Without a page there is none.
    let plain = with(|options| options.page = false);
    for path in ["/", "/page/events", "/page/request?id=1"] {
        assert_eq!(get(&plain, path).status, 404, "{path}");
    }
}

#[test]
fn a_program_needs_no_token_for_what_is_its_own() {
    let simulator = start();
    // As curl sends it, whatever name it reaches the simulator by.
    for host in [host(&simulator), "Host: sim.example".to_owned()] {
        assert_eq!(ask(&simulator, &request("GET", "/stats", &[&host], "")).status, 200);
        assert_eq!(ask(&simulator, &request("POST", "/reset", &[&host], "")).status, 200);
    }
    // A browser may not do it for another site.
    for header in ["Origin: https://evil.example", "Sec-Fetch-Site: cross-site"] {
        for (method, path) in [("GET", "/stats"), ("POST", "/reset")] {
            refused(&ask(&simulator, &request(method, path, &[&host(&simulator), header], "")), 403);
        }
    }
    // Nor for a name that leads here by a trick of its name server.
    let rebound = ["Host: evil.example", "Sec-Fetch-Site: same-origin"];
    refused(&ask(&simulator, &request("GET", "/stats", &rebound, "")), 421);
    // A browser asks before it sends JSON to another site, and gets no leave.
    let preflight = request("OPTIONS", PATH, &[&host(&simulator), "Origin: https://evil.example"], "");
    assert_eq!(ask(&simulator, &preflight).header("Access-Control-Allow-Origin"), None);
}
