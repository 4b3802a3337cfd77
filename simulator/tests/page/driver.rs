//! A real browser, worked through ChromeDriver.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// The keys that WebDriver names by characters of its own.
pub(crate) mod key {
    pub(crate) const TAB: char = '\u{e004}';
    pub(crate) const ENTER: char = '\u{e007}';
    pub(crate) const ESCAPE: char = '\u{e00c}';
    pub(crate) const SHIFT: char = '\u{e008}';
    pub(crate) const RIGHT: char = '\u{e014}';
    pub(crate) const DOWN: char = '\u{e015}';
}

const PATIENCE: Duration = Duration::from_secs(60);

/// A window of Chromium; it closes, and its driver ends, when this is dropped.
pub(crate) struct Browser {
    driver: Child,
    agent: ureq::Agent,
    session: String,
}

impl Browser {
    /// A window of this size whose user prefers this language.
    pub(crate) fn open(lang: &str, (width, height): (u32, u32)) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is needed for this test: apt-get install chromium chromium-driver");
        let port = port(&mut driver);
        let config =
            ureq::Agent::config_builder().proxy(None).http_status_as_error(false).timeout_global(Some(PATIENCE));
        let mut browser =
            Self { driver, agent: config.build().into(), session: format!("http://127.0.0.1:{port}/session") };
        let arguments =
            ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-proxy-server"];
        let options = json!({ "args": arguments, "prefs": { "intl.accept_languages": lang } });
        let wanted = json!({ "goog:chromeOptions": options, "goog:loggingPrefs": { "browser": "ALL" } });
        let made = browser.post("", &json!({ "capabilities": { "alwaysMatch": wanted } }));
        browser.session += &format!("/{}", made["sessionId"].as_str().expect("a session"));
        browser.resize(width, height);
        browser
    }

    /// The size of what the page is shown in, as a telephone's or a screen's.
    pub(crate) fn resize(&self, width: u32, height: u32) {
        let size = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.post("/goog/cdp/execute", &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": size }));
    }

    pub(crate) fn visit(&self, url: &str) {
        self.post("/url", &json!({ "url": url }));
    }

    /// What the script returns; its arguments are `arguments[0]` and so on.
    pub(crate) fn run(&self, script: &str, arguments: &[&str]) -> Value {
        self.post("/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    /// Waits until the expression is true, or something, and gives that.
    pub(crate) fn wait(&self, what: &str, expression: &str) -> Value {
        let start = Instant::now();
        loop {
            let value = self.run(&format!("return {expression}"), &[]);
            if !matches!(value, Value::Null | Value::Bool(false)) {
                return value;
            }
            if start.elapsed() > PATIENCE {
                panic!("{what} never came: {expression}; the page:\n{}", self.text("body"));
            }
            thread::sleep(Duration::from_millis(40));
        }
    }

    /// The text that a person sees there, now.
    pub(crate) fn text(&self, selector: &str) -> String {
        let text =
            self.run("const part = document.querySelector(arguments[0]); return part && part.innerText", &[selector]);
        text.as_str().unwrap_or_else(|| panic!("there is no {selector}")).to_owned()
    }

    /// Clicks where a person would: it must be there, in view, and not covered.
    pub(crate) fn click(&self, selector: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/click"), &json!({}));
    }

    /// Types into a field.
    pub(crate) fn fill(&self, selector: &str, text: &str) {
        let element = self.element(selector);
        self.post(&format!("/element/{element}/clear"), &json!({}));
        self.post(&format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// Presses keys, one after the other, wherever the focus is.
    pub(crate) fn press(&self, keys: impl IntoIterator<Item = char>) {
        let strokes =
            keys.into_iter().flat_map(|key| ["keyDown", "keyUp"].map(|kind| json!({ "type": kind, "value": key })));
        self.act(strokes.collect());
    }

    /// Presses a key while Shift is down.
    pub(crate) fn press_shifted(&self, key: char) {
        let stroke = |kind: &str, key: char| json!({ "type": kind, "value": key });
        let shift = key::SHIFT;
        self.act(vec![stroke("keyDown", shift), stroke("keyDown", key), stroke("keyUp", key), stroke("keyUp", shift)]);
    }

    fn act(&self, strokes: Vec<Value>) {
        self.post("/actions", &json!({ "actions": [{ "type": "key", "id": "keyboard", "actions": strokes }] }));
    }

    /// What the browser complained about since the last time.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let log = self.post("/se/log", &json!({ "type": "browser" }));
        let entries = log.as_array().expect("a log").iter();
        entries.map(|entry| entry["message"].as_str().unwrap_or_default().to_owned()).collect()
    }

    fn element(&self, selector: &str) -> String {
        let found = self.post("/element", &json!({ "using": "css selector", "value": selector }));
        let (_, id) = found.as_object().expect("an element").iter().next().expect("its id");
        id.as_str().expect("its id").to_owned()
    }

    fn post(&self, path: &str, body: &Value) -> Value {
        let url = format!("{}{path}", self.session);
        let request = self.agent.post(&url).content_type("application/json");
        let mut response = request.send(body.to_string()).unwrap_or_else(|error| panic!("{path}: {error}"));
        let text = response.body_mut().read_to_string().expect("an answer");
        let mut answer: Value = serde_json::from_str(&text).unwrap_or_else(|_| panic!("{path}: {text}"));
        assert!(answer["value"]["error"].is_null(), "{path} with {body}: {}", answer["value"]["message"]);
        answer["value"].take()
    }
}

/// ChromeDriver takes a free port and tells which.
fn port(driver: &mut Child) -> u16 {
    let output = BufReader::new(driver.stdout.take().expect("piped"));
    let mut lines = output.lines().map_while(Result::ok);
    let told = lines.find_map(|line| line.split_once("successfully on port ")?.1.trim_end_matches('.').parse().ok());
    // It must not block on what it goes on to say.
    thread::spawn(move || lines.for_each(drop));
    told.expect("chromedriver did not start")
}

impl Drop for Browser {
    fn drop(&mut self) {
        // This closes Chromium; the driver alone would leave it behind.
        let _ = self.agent.delete(&self.session).call();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
