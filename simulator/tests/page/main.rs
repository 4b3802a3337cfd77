//! The page for people in a real browser. `make test-report` runs these; they need Chromium and its ChromeDriver.

mod asking;
mod driver;
mod origin;
#[path = "../question/mod.rs"]
mod question;

use std::io::{Read, Write};
use std::net::TcpStream;

use serde_json::{Value, json};
use yspay_simulator::{Options, Simulator};

use asking::{question, send, status, vector};
use driver::{Browser, key};

const SCREEN: (u32, u32) = (1280, 900);
const PHONE: (u32, u32) = (390, 844);

/// A simulator and its page, open in a browser.
struct Place {
    simulator: Simulator,
    browser: Browser,
}

impl Place {
    fn open(lang: &str, size: (u32, u32)) -> Self {
        let simulator = Simulator::start(Options { page: true, ..Options::default() }).expect("start");
        let browser = Browser::open(lang, size);
        let place = Self { simulator, browser };
        place.browser.visit(&place.home());
        place.live();
        place
    }

    fn home(&self) -> String {
        self.simulator.page().expect("a page")
    }

    fn live(&self) {
        self.browser.wait("the page's connection", "document.querySelector('#state').dataset.state === 'live'");
    }

    fn ask(&self, body: &Value) -> String {
        send(&self.simulator.endpoint(), &body.to_string())
    }

    fn status(&self, id: &str) -> String {
        status(&self.simulator.endpoint(), id)
    }

    /// Waits for a row of the list with this text, and gives its selector.
    fn row(&self, text: &str) -> String {
        let found =
            format!("[...document.querySelectorAll('.row')].find(row => row.innerText.includes({}))", json!(text));
        let id = self.browser.wait(text, &format!("({found} || {{}}).id"));
        format!("#{}", id.as_str().expect("an id"))
    }

    /// Waits for the contract's line in the table, and gives the selector of one of its buttons.
    fn key_of(&self, id: &str, button: usize) -> String {
        let lines = "[...document.querySelectorAll('#rows tr')]";
        let at = format!("{lines}.findIndex(line => line.querySelector('th').innerText === {}) + 1 || null", json!(id));
        let line = self.browser.wait(id, &at);
        format!("#rows tr:nth-child({line}) .keys button:nth-child({})", button + 1)
    }

    /// Waits until the table says that this is what the contract is answered.
    fn answered(&self, id: &str, now: &str) {
        let lines = "[...document.querySelectorAll('#rows tr')]";
        let fits = format!(
            "line.querySelector('th').innerText === {} && line.querySelector('.now').innerText.includes({})",
            json!(id),
            json!(now)
        );
        self.browser.wait(now, &format!("{lines}.some(line => {fits})"));
    }

    /// Waits until the chart's number stands right above the fullest bar, and within the plot.
    fn number_at_its_bar(&self) {
        let fits = "(() => {
            const box = shape => shape.getBoundingClientRect();
            const bars = [...document.querySelectorAll('#chart :is(rect.bar, rect.over)')];
            const filled = bars.filter(bar => Number(bar.getAttribute('height')) > 0).map(box);
            const top = Math.min(...filled.map(bar => bar.top)), number = box(document.querySelector('#most'));
            const plot = box(document.querySelector('.plot')), limit = box(document.querySelector('#limit'));
            return number.bottom <= top && top - number.bottom < 6 && number.top >= plot.top
                && filled.some(bar => bar.top === top && bar.left < number.right && bar.right > number.left)
                && number.left >= plot.left && number.right <= plot.right
                && (limit.right <= number.left || limit.left >= number.right);
        })()";
        self.browser.wait("the number at its bar", fits);
    }

    /// Presses the tabulator until this has the focus.
    fn tab_to(&self, selector: &str) {
        for _ in 0..80 {
            if self.focused(selector) {
                return;
            }
            self.browser.press([key::TAB]);
        }
        panic!("the keyboard does not reach {selector}");
    }

    fn focused(&self, selector: &str) -> bool {
        self.browser.run("return document.activeElement.matches(arguments[0])", &[selector]) == true
    }

    /// Nothing of what came ran, nothing was blocked that the page itself wanted, and nothing is wider than the window.
    fn sound(&self) {
        assert_eq!(self.browser.run("return window.owned === undefined", &[]), true, "something ran");
        let wide = self.browser.run("return document.documentElement.scrollWidth - innerWidth", &[]);
        assert!(wide.as_i64() <= Some(0), "{wide} pixels too wide");
        let complaints = self.browser.complaints();
        assert!(complaints.is_empty(), "{complaints:?}");
    }
}

/// The parts that have no name for those who do not see them; what stands in it names only what one can work.
const NAMELESS: &str = "return [...document.querySelectorAll('a, button, input, select, nav, svg, table, [role=listbox], [role=toolbar], section, dialog[open]')]
    .filter(part => part.checkVisibility() && !(part.getAttribute('aria-label') || part.getAttribute('aria-labelledby') || part.caption
        || (part.matches('a, button, input, select') && (part.closest('label') || part.textContent.trim()))))
    .map(part => part.outerHTML.slice(0, 120))";

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn a_request_appears_is_explained_and_moves_the_chart() {
    let place = Place::open("en-GB", SCREEN);
    let browser = &place.browser;
    let head = browser.text("header");
    assert!(head.contains(&place.simulator.endpoint()) && head.contains("this machine alone"), "{head}");
    let first = browser.text("#first");
    assert!(first.contains("curl -H") && first.contains("STS2-1"), "{first}");
    let filled =
        "[...document.querySelectorAll('#chart rect.bar')].findIndex(bar => Number(bar.getAttribute('height')) > 0)";
    assert_eq!(browser.run(&format!("return {filled}"), &[]), -1);
    for (part, sign_type) in ["SM", "RSA"].into_iter().enumerate() {
        // Whole, so that it can be pasted as it stands.
        let shown = browser.text(&format!("#config-list > div:nth-child({}) pre", part + 1));
        let config = yspay_simulator::client::config_alone(&place.simulator.endpoint(), sign_type);
        assert_eq!(serde_json::from_str::<Value>(&shown).unwrap(), config, "{sign_type}");
    }

    // By OpenSSL, and right.
    for sign_type in ["RSA", "SM"] {
        let mut body = vector(sign_type);
        // The vectors have one id, which must not come twice; it is not signed.
        body["reqFlowId"] = format!("{sign_type}-VECTOR").into();
        assert!(place.ask(&body).contains("signSts"), "{sign_type}");
        let row = place.row(&format!("{sign_type}-VECTOR"));
        assert!(browser.text(&row).contains("MAN202109280009848") && browser.text(&row).contains("2 created"));
    }
    let bar = browser.wait("a bar of the chart", &format!("{filled} + 1 || null")).as_u64().expect("a number");
    place.number_at_its_bar();
    browser.wait("the chart's move", &format!("{filled} + 1 < {bar}"));
    place.number_at_its_bar();
    assert!(browser.text("#chart-text").contains("2 requests"), "{}", browser.text("#chart-text"));

    browser.click(&place.row("SM-VECTOR"));
    browser.wait("the explanation", "document.querySelector('.verdict.good')");
    let told = browser.text("#explained");
    for part in [
        "The signature fits.",
        "charset=UTF-8&data=PEL8fsVX",
        "{\"sysSignFlowId\":\"MAN202109280009848\"}",
        "POST /saas/orgSign/querySignSts",
        "HTTP 200",
    ] {
        assert!(told.contains(part), "{part} in {told}");
    }

    // A signature that is wrong, and why.
    assert!(place.ask(&question("MAN-WRONG", Some("reqFlowId"))).contains("验签失败"));
    let row = place.row("refused · signature");
    browser.click(&row);
    browser.wait("the explanation", "document.querySelector('.verdict.bad ul')");
    let verdict = browser.text(".verdict");
    assert!(verdict.contains("The signature fits only with a mistake") && verdict.contains("reqFlowId"), "{verdict}");
    // It was refused, but tells what it was about.
    assert_eq!(browser.text("#explained-title"), "MAN-WRONG");
    let fields = browser.text(".fields");
    assert!(fields.contains("✓ signed") && fields.contains("– not signed"), "{fields}");
    assert!(browser.text("#explained").contains("What was signed instead"));
    assert_eq!(
        browser
            .run("return document.querySelector('#totals').innerText.replace(/\\s+/g, ' ')", &[])
            .as_str()
            .map(|text| text.contains("Requests 3 Accepted 2 Refused 1")),
        Some(true)
    );

    // The filter.
    browser.fill("#search", "rsa-vector");
    browser.wait("the filter", "document.querySelectorAll('.row').length === 1");
    browser.fill("#search", "");
    browser.click("#kind option[value=refused]");
    browser.wait("the filter", "document.querySelectorAll('.row').length === 1 && document.querySelector('.row.bad')");
    assert_eq!(browser.run(NAMELESS, &[]), json!([]));
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn what_is_set_by_a_click_is_what_the_next_question_is_answered() {
    let place = Place::open("zh-CN", SCREEN);
    let browser = &place.browser;
    assert_eq!(place.status("STS1-CLICK"), "1");
    browser.click(&place.key_of("STS1-CLICK", 3));
    place.answered("STS1-CLICK", "3 已作废");
    assert_eq!((place.status("STS1-CLICK"), place.status("STS1-CLICK")), ("3".into(), "3".into()));

    // A life: the life's button stands behind those of the seven statuses.
    browser.click(&place.key_of("STS1-CLICK", 7));
    for (step, next) in [("0", "下一次：1"), ("1", "下一次：2"), ("2", "下一次：2"), ("2", "下一次：2")]
    {
        assert_eq!(place.status("STS1-CLICK"), step);
        place.answered("STS1-CLICK", next);
    }

    // A fault, found by a word.
    browser.click(&place.key_of("STS1-CLICK", 8));
    browser.fill("#dialog input", "unsigned");
    let shown =
        "[...document.querySelectorAll('#dialog .plays li:not([hidden])')].filter(play => play.checkVisibility())";
    browser.wait("the search", &format!("{shown}.length === 1"));
    assert_eq!(browser.run(NAMELESS, &[]), json!([]));
    browser.click("#dialog .plays li:not([hidden]) button");
    place.answered("STS1-CLICK", "UNSIGNED");
    assert!(place.ask(&question("STS1-CLICK", None)).contains("\"data\":null"));
    // The status of an answer whose signature is wrong does not stand alone.
    place.ask(&question("BADSIG-CLICK", None));
    for told in ["UNSIGNED", "BADSIG · 2"] {
        let lasts = "[...document.querySelectorAll('#rows .last')]";
        browser.wait(told, &format!("{lasts}.some(last => last.innerText.endsWith({}))", json!(told)));
    }

    // Nor in the list of requests, where a person set the fault.
    browser.click(&place.key_of("STS1-CLICK", 8));
    browser.fill("#dialog input", "badsig");
    browser.wait("the search", &format!("{shown}.length === 1"));
    browser.click("#dialog .plays li:not([hidden]) button");
    place.answered("STS1-CLICK", "BADSIG");
    place.ask(&question("STS1-CLICK", None));
    let badge = "document.querySelector('.row .badge.fault')";
    browser.wait("the fault", &format!("{badge} && {badge}.innerText.includes('BADSIG · 2')"));

    browser.click(&place.key_of("STS1-CLICK", 9));
    place.answered("STS1-CLICK", "按前缀");
    assert_eq!(place.status("STS1-CLICK"), "1");

    // One that nobody has asked about.
    browser.fill("#add-id", "BY-HAND");
    browser.click("#add button");
    browser.click("#dialog .choices button:nth-child(5)");
    place.answered("BY-HAND", "4 已过期");
    assert_eq!(place.status("BY-HAND"), "4");

    // Every play has words in both languages.
    browser.click(&place.key_of("BY-HAND", 8));
    let english = browser.run("return [...document.querySelectorAll('.plays small')].map(help => help.textContent).filter(help => /^[\\x20-\\x7e]{12,}$/.test(help))", &[]);
    assert_eq!(english, json!([]), "plays without Chinese words");
    browser.press([key::ESCAPE]);
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn the_keyboard_alone_can_do_it() {
    let place = Place::open("en", SCREEN);
    let browser = &place.browser;
    for id in ["KEY-1", "KEY-2", "KEY-3"] {
        assert_eq!(place.status(id), "2");
        place.row(id);
    }
    // The first stop leads past the head.
    browser.press([key::TAB]);
    assert!(place.focused(".skip"));
    browser.press([key::ENTER]);
    place.tab_to("#list");
    browser.press([key::DOWN]);
    let active = "document.querySelector('#list .active').innerText.includes('KEY-2')";
    browser.wait("the second row", active);

    // What comes meanwhile moves nothing.
    assert_eq!(place.status("KEY-4"), "2");
    browser.wait("the word of it", "document.querySelector('#held').innerText.includes('1 new')");
    assert_eq!(browser.run(&format!("return {active} && document.activeElement.id === 'list'"), &[]), true);

    browser.press([key::ENTER]);
    browser.wait("the explanation", "document.querySelector('.verdict.good')");
    assert!(place.focused("#explained-title") && browser.text("#explained-title").contains("KEY-2"));
    browser.press([key::ESCAPE]);
    assert!(place.focused("#list"));

    // Add a contract, choose the second status, and then another in the table.
    place.tab_to("#add-id");
    browser.press("KEY-5".chars().chain([key::ENTER]));
    browser.wait("the dialog", "document.querySelector('#dialog').open");
    browser.press([key::TAB, key::ENTER]);
    place.answered("KEY-5", "1 waiting to be signed");
    browser.wait("the focus where it was", "document.activeElement.id === 'add-id'");
    assert_eq!(place.status("KEY-5"), "1");
    let first = place.key_of("KEY-5", 0);
    place.tab_to(&first);
    browser.press([key::RIGHT, key::RIGHT, key::RIGHT, key::ENTER]);
    place.answered("KEY-5", "3 made void");
    assert!(place.focused(&place.key_of("KEY-5", 3)), "the focus stays on what was pressed");
    assert_eq!(place.status("KEY-5"), "3");
    // One stop a row, and back again.
    browser.press_shifted(key::TAB);
    assert!(!place.focused(".keys button"));
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn it_speaks_both_languages_and_remembers() {
    let place = Place::open("zh-CN", PHONE);
    let browser = &place.browser;
    assert_eq!(browser.run("return document.documentElement.lang", &[]), "zh-CN");
    assert!(place.ask(&question("MAN-WRONG", Some("reqFlowId"))).contains("验签失败"));
    browser.click(&place.row("拒绝 · 验签失败"));
    browser.wait("the explanation", "document.querySelector('.verdict.bad ul')");
    assert!(browser.text(".verdict").contains("只有按下面的错误做法"), "{}", browser.text(".verdict"));
    let sentence = browser.text(".verdict li");
    assert!(sentence.contains("参与"), "{sentence}");

    browser.click("#en");
    assert_eq!(browser.run("return document.documentElement.lang", &[]), "en");
    browser.wait("the words", "document.querySelector('#arrivals-title').innerText === 'Arrivals'");
    assert!(browser.text(".verdict").contains("fits only with a mistake"), "what is open is translated, too");
    // No word of the other language is left, but what is not the page's.
    browser.run("document.querySelector('#explained').remove()", &[]);
    let left = browser.run("return document.querySelector('main').innerText.match(/[\\u4e00-\\u9fff]+/g)", &[]);
    assert_eq!(left, Value::Null);

    browser.visit(&place.home());
    place.live();
    assert_eq!(browser.run("return document.documentElement.lang", &[]), "en");
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn what_a_request_holds_is_text_and_no_more() {
    let place = Place::open("en", PHONE);
    let browser = &place.browser;
    let image = "<img src=x onerror=owned=1>";
    assert_eq!(place.status(image), "2");
    // It would turn the line around, hide a letter and end the text.
    assert_eq!(place.status("\u{202e}gnp.exe\u{200b}\0Z"), "2");
    assert_eq!(place.status(&"W".repeat(50)), "2");
    place.ask(&json!("<script>owned=1</script>"));
    let megabyte = format!("{{\"{image}</pre><script>owned=1</script>\":\"{}\"}}", "x\u{202e} ".repeat(180_000));
    send(&place.simulator.endpoint(), &megabyte);

    browser.click(&place.row(image));
    browser.wait("the explanation", "document.querySelector('.verdict.good')");
    assert_eq!(browser.text("#explained-title"), image);
    browser.click("#explained .title button");
    place.row("⟨U+202E⟩gnp.exe⟨U+200B⟩⟨U+0000⟩Z");
    place.row("WWWWWWWWWWWWWWWW");
    // The last one is that of a megabyte.
    browser.wait("all five", "document.querySelectorAll('.row').length === 5");
    for row in 1..=2 {
        browser.click(&format!(".row:nth-child({row})"));
        browser.wait("the explanation", "document.querySelector('.raw')");
        browser.wait("its text", "document.querySelector('.raw').innerText.includes('owned=1')");
        if row == 1 {
            assert_eq!(browser.run("return document.querySelector('.raw').innerText.length < 8000", &[]), true);
            browser.click(".raw .clip button");
            browser.wait("all of it", "document.querySelector('.raw').textContent.length > 60000");
        }
        browser.click("#explained .title button");
    }
    assert_eq!(browser.run("return document.querySelectorAll('main img, main script').length", &[]), 0);
    browser.resize(SCREEN.0, SCREEN.1);
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn it_finds_the_simulator_again() {
    let place = Place::open("en", SCREEN);
    let port = place.simulator.address().port();
    assert_eq!(place.status("BEFORE"), "2");
    place.row("BEFORE");
    let Place { simulator, browser } = place;
    drop(simulator);
    browser.wait(
        "the word that it ended",
        "!document.querySelector('#away').hidden && document.querySelector('#state').dataset.state !== 'live'",
    );
    let simulator = Simulator::start(Options { port, page: true, ..Options::default() }).expect("the same port");
    // Its first request has the number that the last one's first had, before the page is there again.
    assert_eq!(status(&simulator.endpoint(), "AFTER"), "2");
    let place = Place { simulator, browser };
    place.live();
    place.row("AFTER");
    assert_eq!(place.browser.run("return document.querySelectorAll('.row').length", &[]), 1, "what the new one knows");
    // Its token is another, and the page has it.
    place.browser.click(&place.key_of("AFTER", 4));
    place.answered("AFTER", "4 expired");
    assert_eq!(place.status("AFTER"), "4");
    assert_eq!(place.browser.run("return document.querySelector('#away').hidden", &[]), true);
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn a_page_too_many_is_told_so() {
    let simulator = Simulator::start(Options { page: true, ..Options::default() }).expect("start");
    let address = simulator.address();
    let get = |path: &str| {
        let mut stream = TcpStream::connect(address).expect("connect");
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {address}\r\nConnection: close\r\n\r\n").expect("send");
        stream
    };
    let mut page = String::new();
    get("/").read_to_string(&mut page).expect("the page");
    let token =
        page.split_once("yspay-token\" content=\"").and_then(|(_, rest)| rest.split_once('"')).expect("a token").0;
    let reader = |_| {
        let mut stream = get(&format!("/page/events?token={token}"));
        // It has its place once it is told something.
        stream.read_exact(&mut [0]).expect("an event");
        stream
    };
    let mut readers: Vec<_> = (0..16).map(reader).collect();
    let place = Place { simulator, browser: Browser::open("en", PHONE) };
    let browser = &place.browser;
    browser.visit(&place.home());
    let full = "document.querySelector('#state').dataset.state === 'full' && !document.querySelector('#away').hidden";
    browser.wait("the word that there are too many", full);
    for (tongue, word) in [("#zh", "打开的模拟器页面太多"), ("#en", "Too many pages")] {
        browser.click(tongue);
        assert!(browser.text("#away").contains(word), "{}", browser.text("#away"));
    }
    // Still so after it has tried again, and live once there is room.
    std::thread::sleep(std::time::Duration::from_millis(2_500));
    assert_eq!(browser.run(&format!("return {full}"), &[]), true);
    readers.pop();
    place.live();
    assert_eq!(browser.run("return document.querySelector('#away').hidden", &[]), true);
    place.sound();
}

#[test]
#[ignore = "needs Chromium and ChromeDriver: make test-report"]
fn a_flood_leaves_it_small() {
    const ASKED: usize = 1200;
    let place = Place::open("en", SCREEN);
    let (browser, endpoint) = (&place.browser, place.simulator.endpoint());
    std::thread::scope(|scope| {
        for thread in 0..4 {
            let endpoint = &endpoint;
            scope.spawn(move || {
                for number in 0..ASKED / 4 {
                    // Refused at once, so that the asking takes no time.
                    send(endpoint, &format!("{{\"flood\":\"{thread}-{number}\"}}"));
                }
            });
        }
    });
    let total = format!("document.querySelector('#totals dd').innerText.replace(',', '') === '{ASKED}'");
    browser.wait("all of them in the figures", &total);
    place.number_at_its_bar();
    browser.wait("a list of the last", "document.querySelectorAll('.row').length === 100");
    let kept = browser
        .wait("how many are kept", "(document.querySelector('#shown').innerText.match(/of ([\\d,]+)/) || [])[1]");
    let kept: usize = kept.as_str().expect("text").replace(',', "").parse().expect("a number");
    assert!((100..=1000).contains(&kept), "{kept}");
    browser.click("#older");
    browser.wait("older ones", "document.querySelector('#shown').innerText.startsWith('101 to ')");
    // It answers to a person.
    browser.click("#pause");
    browser.wait("the pause", "document.querySelector('#pause').innerText === 'Go on'");
    place.ask(&json!({}));
    browser.wait("the word of what came", "document.querySelector('#held').innerText.includes('1 new')");
    browser.click("#held");
    browser.wait(
        "the newest",
        "document.querySelector('#pause').innerText === 'Pause' && document.querySelector('#held').hidden",
    );
    assert!(browser.text("#totals").contains("limit 10"));
    place.sound();
}
