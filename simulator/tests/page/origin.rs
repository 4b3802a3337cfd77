//! A page of another origin, which tries to work the simulator's.

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::thread;

use serde_json::Value;

use super::{Place, SCREEN};

/// Tries all that a page can do to another origin, with the token even, and leaves what came of it in the title.
const ATTACK: &str = r#"<!doctype html><meta charset="utf-8"><title>…</title><body><script>
const [base, token] = ["@base@", "@token@"], id = "STS1-TAKEN";
const set = { id, set: { kind: "status", status: "3" } }, body = JSON.stringify(set);
const within = promise => Promise.race([promise, new Promise(done => setTimeout(() => done("nothing"), 8000))]);
const tried = promise => within(promise.then(() => "READ", () => "refused"));
const json = { "Content-Type": "application/json", "X-Yspay-Token": token };
const form = action => new Promise(done => {
  const frame = document.createElement("iframe"), form = document.createElement("form"), field = document.createElement("input");
  frame.name = "f" + Math.random();
  Object.assign(form, { action: base + action, method: "POST", enctype: "text/plain", target: frame.name });
  field.name = body.slice(0, -1) + ',"a":"';
  field.value = '"}';
  form.append(field);
  document.body.append(frame, form);
  let loads = 0;
  frame.onload = () => { if (loads++) done("sent"); };
  setTimeout(() => done("sent"), 4000);
  form.submit();
});
const framed = () => new Promise(done => {
  const frame = document.createElement("iframe");
  frame.src = base + "/";
  frame.onload = () => { try { done(frame.contentDocument.querySelector("meta[name=yspay-token]") ? "READ" : "empty"); } catch { done("refused"); } };
  document.body.append(frame);
  setTimeout(() => done("refused"), 4000);
});
const listened = url => new Promise(done => {
  const source = new EventSource(url);
  const heard = () => { source.close(); done("READ"); };
  for (const name of ["message", "hello", "tick"]) source.addEventListener(name, heard);
  source.onerror = () => { source.close(); done("refused"); };
});
(async () => {
  const told = {
    page: await tried(fetch(base + "/").then(answer => answer.text())),
    request: await tried(fetch(base + "/page/request?id=1&token=" + token).then(answer => answer.text())),
    events: await within(listened(base + "/page/events?token=" + token)),
    framed: await within(framed()),
    post: await tried(fetch(base + "/page/contracts", { method: "POST", headers: json, body })),
    simple: await within(fetch(base + "/page/contracts", { method: "POST", mode: "no-cors", headers: { "Content-Type": "text/plain" }, body }).then(answer => answer.type, () => "refused")),
    beacon: String(navigator.sendBeacon(base + "/page/contracts", new Blob([body], { type: "text/plain" }))),
    form: await form("/page/contracts"),
    reset: await form("/page/reset"),
  };
  document.title = JSON.stringify(told);
})();
</script>"#;

/// Serves the page to whoever asks, as long as the test runs.
fn serve(html: String) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let Ok(mut stream) = stream else { return };
            let html = html.clone();
            // Each in its own thread: a browser opens connections that it does not use.
            thread::spawn(move || {
                let lines = BufReader::new(stream.try_clone().expect("a stream")).lines().map_while(Result::ok);
                lines.take_while(|line| !line.is_empty()).for_each(drop);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/html\r\nConnection: close\r\nContent-Length";
                let _ = write!(stream, "{head}: {}\r\n\r\n{html}", html.len());
            });
        }
    });
    port
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn a_page_of_another_origin_cannot_drive_it() {
    let place = Place::open("en", SCREEN);
    let browser = &place.browser;
    assert_eq!(place.status("STS1-TAKEN"), "1");
    let token = browser.run("return document.querySelector('meta[name=yspay-token]').content", &[]);
    let token = token.as_str().expect("a token").to_owned();
    assert!(token.len() == 32 && token.bytes().all(|byte| byte.is_ascii_hexdigit()), "{token}");
    let base = place.home().trim_end_matches('/').to_owned();
    let port = serve(ATTACK.replace("@base@", &base).replace("@token@", &token));
    // Another port of the same host, which is of the same site; and another host.
    for host in ["127.0.0.1", "localhost"] {
        browser.visit(&format!("http://{host}:{port}/"));
        let told = browser.wait("the attack's end", "document.title.startsWith('{') && document.title");
        let told: Value = serde_json::from_str(told.as_str().expect("text")).expect("JSON");
        for attempt in ["page", "request", "events", "framed", "post"] {
            assert_ne!(told[attempt], "READ", "{attempt} from {host}: {told}");
        }
        // What can be sent without asking was sent, and changed nothing: the next answer is still that of the prefix.
        assert_eq!((&told["form"], &told["reset"]), (&"sent".into(), &"sent".into()), "{told}");
        assert_eq!(place.status("STS1-TAKEN"), "1", "from {host}");
    }
    assert_eq!(place.simulator.stats().requests, 3, "nothing was reset");
    browser.visit(&place.home());
    place.live();
    place.answered("STS1-TAKEN", "by its prefix");
    // The same by the page itself is heard, or the test would prove nothing.
    browser.click(&place.key_of("STS1-TAKEN", 3));
    place.answered("STS1-TAKEN", "3 made void");
    assert_eq!(place.status("STS1-TAKEN"), "3");
}
