//! Which answer, or which misbehaviour, a flow id asks for by its first letters.

use std::fmt::Write as _;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::answers::{Answer, Data, Flaw, FlowId};
use crate::delivery::Delivery;
use crate::http::Reply;
use crate::latest::Latest;

/// Everything about one answer.
#[derive(Clone, Debug)]
pub(crate) struct Behaviour {
    pub(crate) delay: Duration,
    pub(crate) answer: Answer,
    pub(crate) delivery: Delivery,
}

impl Behaviour {
    fn new(answer: Answer) -> Self {
        Self { delay: Duration::ZERO, answer, delivery: Delivery::Whole }
    }

    /// A success with this status.
    pub(crate) fn status(status: &'static str) -> Self {
        Self::new(Answer::Signed(Data::success(status), Flaw::None))
    }

    /// The ordinary answer.
    pub(crate) fn good() -> Self {
        Self::status("2")
    }

    /// The status that the answer tells, if it is one and leaves.
    pub(crate) fn status_told(&self) -> Option<&'static str> {
        match &self.answer {
            Answer::Signed(data, _) if self.delivery.answers() => data.status,
            _ => None,
        }
    }

    fn flawed(flaw: Flaw) -> Self {
        Self::new(Answer::Signed(Data::success("2"), flaw))
    }

    fn data(data: Data) -> Self {
        Self::new(Answer::Signed(data, Flaw::None))
    }

    fn delivered(delivery: Delivery) -> Self {
        Self { delivery, ..Self::good() }
    }

    fn reply(make: fn() -> Reply) -> Self {
        Self::new(Answer::Reply(make))
    }
}

/// A row of the table: a prefix, what it does, and how.
struct Row {
    prefix: &'static str,
    help: &'static str,
    kind: Kind,
}

impl Row {
    fn is_fault(&self) -> bool {
        !NO_FAULTS.contains(&self.prefix)
    }

    /// `times` tells how often this was played before, for those rows to which it matters.
    fn behaviour(&self, rest: &str, times: impl FnOnce() -> usize) -> Behaviour {
        match self.kind {
            Kind::Always(make) => make(rest),
            Kind::Times(make) => make(rest, times()),
            Kind::Once(make) => match times() {
                0 => make(rest),
                _ => Behaviour::good(),
            },
        }
    }
}

enum Kind {
    /// The same each time; it is given the rest of the flow id.
    Always(fn(&str) -> Behaviour),
    /// This the first time that the very flow id is asked about, and the ordinary answer from then on.
    Once(fn(&str) -> Behaviour),
    /// Given also how often the very flow id was asked about before.
    Times(fn(&str, usize) -> Behaviour),
}

const fn always(prefix: &'static str, help: &'static str, make: fn(&str) -> Behaviour) -> Row {
    Row { prefix, help, kind: Kind::Always(make) }
}

const fn once(prefix: &'static str, help: &'static str, make: fn(&str) -> Behaviour) -> Row {
    Row { prefix, help, kind: Kind::Once(make) }
}

/// The table. Of several prefixes that fit, the longest counts.
static ROWS: &[Row] = &[
    always("STS0", "status 0", |_| Behaviour::status("0")),
    always("STS1", "status 1", |_| Behaviour::status("1")),
    always("STS2", "status 2", |_| Behaviour::status("2")),
    always("STS3", "status 3", |_| Behaviour::status("3")),
    always("STS4", "status 4", |_| Behaviour::status("4")),
    always("STS7", "status 7", |_| Behaviour::status("7")),
    always("STS8", "status 8", |_| Behaviour::status("8")),
    always("STS9", "status 9, which the page does not know", |_| Behaviour::status("9")),
    Row {
        prefix: "LIFE",
        help: "LIFE01E2-: the first time status 0, then 1, then HTTP 500, from then on status 2",
        kind: Kind::Times(stage),
    },
    always("STSX", "status ARCHIVED, which is not even a number", |_| Behaviour::status("ARCHIVED")),
    // Time and connection.
    always("SLOW", "SLOW<ms>-: a good answer after that many milliseconds", |rest| Behaviour {
        delay: Duration::from_millis(leading_number(rest)),
        ..Behaviour::good()
    }),
    always("HANG", "no answer, until the client closes", |_| Behaviour::delivered(Delivery::Hang)),
    always("RESET", "no answer, connection reset (RST)", |_| Behaviour::delivered(Delivery::Reset)),
    always("CLOSE", "no answer, connection closed (FIN)", |_| Behaviour::delivered(Delivery::Close)),
    always("TRUNC", "half the body that Content-Length promises, then FIN", |_| {
        Behaviour::delivered(Delivery::Truncated)
    }),
    always("DRIP", "a good answer, one byte each 100 ms", |_| Behaviour::delivered(Delivery::Drip)),
    always("HALFHEAD", "half the head of the answer, then silence", |_| Behaviour::delivered(Delivery::HalfHead)),
    always("CHUNKED", "a good answer in chunks", |_| Behaviour::delivered(Delivery::Chunked)),
    always("BADCHUNK", "an answer in chunks, one length not a number", |_| Behaviour::delivered(Delivery::BadChunk)),
    always("SHORTLEN", "Content-Length is half of what is sent", |_| Behaviour::delivered(Delivery::ShortLength)),
    always("NOLENGTH", "a good answer that ends with the connection", |_| Behaviour::delivered(Delivery::UntilClose)),
    always("KEEPCLOSE", "a good answer that promises keep-alive, then FIN", |_| {
        Behaviour::delivered(Delivery::ClosedAfter)
    }),
    always("CONNCLOSE", "a good answer with Connection: close", |_| Behaviour::delivered(Delivery::ConnectionClose)),
    always("CONT100", "100 Continue, then a good answer", |_| Behaviour::delivered(Delivery::Continue100)),
    // Signature and meaning.
    always("BADSIG", "signature of other data", |_| Behaviour::flawed(Flaw::OtherData)),
    always("MERCHSIG", "signed with the merchant's key", |_| Behaviour::flawed(Flaw::MerchantKey)),
    always("UNSIGNED", "the unsigned refusal of a gateway", |_| Behaviour::new(Answer::Refusal)),
    always("NOTB64", "signValue is not Base64", |_| Behaviour::flawed(Flaw::NotBase64)),
    always("RAWRS", "good; for SM the signature is raw r||s", |_| Behaviour::flawed(Flaw::RawSignature)),
    always("LFWRAP", "good; signValue wrapped with LF", |_| Behaviour::flawed(Flaw::LineFeeds)),
    always("OTHERID", "well signed, for another flow id", |_| {
        Behaviour::data(Data { flow_id: FlowId::Other, ..Data::success("2") })
    }),
    always("NOID", "success without sysSignFlowId", |_| {
        Behaviour::data(Data { flow_id: FlowId::None, ..Data::success("2") })
    }),
    always("NOSTS", "success without signSts", |_| Behaviour::data(Data { status: None, ..Data::success("2") })),
    always("NOCODE", "well signed, without code", |_| Behaviour::data(Data { code: None, ..Data::success("2") })),
    once("C50THEN", "code 50 the first time, then good", |_| Behaviour::data(Data::failure("50", "处理超时"))),
    always("C50", "code 50", |_| Behaviour::data(Data::failure("50", "处理超时"))),
    always("C98", "code 98, which the page does not know", |_| Behaviour::data(Data::failure("98", "系统维护"))),
    always("C99", "code 99, 流水不存在, without sysSignFlowId", |_| {
        Behaviour::data(Data { flow_id: FlowId::None, ..Data::failure("99", "流水不存在") })
    }),
    // HTTP.
    once("H500THEN", "HTTP 500 the first time, then good", |_| Behaviour::reply(internal_error)),
    always("H500", "HTTP 500", |_| Behaviour::reply(internal_error)),
    always("H502", "HTTP 502 with an HTML body", |_| Behaviour::reply(bad_gateway)),
    once("H429RA", "H429RA<seconds>-: HTTP 429 with Retry-After the first time, then good", |rest| {
        Behaviour::new(Answer::RetryAfter(leading_number(rest).to_string()))
    }),
    always("H429", "HTTP 429 without Retry-After", |_| Behaviour::reply(|| Reply::html(429, "Too Many Requests"))),
    always("H404", "HTTP 404 with an HTML body", |_| Behaviour::reply(|| Reply::html(404, "<h1>404 Not Found</h1>"))),
    always("H302", "HTTP 302 to a path that does not exist", |_| {
        Behaviour::reply(|| Reply::html(302, "").with_header("Location", "/saas/login"))
    }),
    always("H204", "HTTP 204", |_| Behaviour::reply(|| Reply::json(204, ""))),
    // Body.
    always("HUGE", "a good answer with 2 MiB of padding", |_| Behaviour::flawed(Flaw::Huge)),
    always("NOTUTF8", "a body in GBK", |_| Behaviour::flawed(Flaw::Gbk)),
    always("NOTJSON", "a body that is not JSON", |_| Behaviour::reply(|| Reply::json(200, "success"))),
    always("EMPTY", "an empty body", |_| Behaviour::reply(|| Reply::json(200, ""))),
    always("EXTRA", "good; unknown fields inside data and outside", |_| Behaviour::flawed(Flaw::ExtraFields)),
    always("OBJECT", "good; data is an object, not a string", |_| Behaviour::flawed(Flaw::DataAsObject)),
    always("DUPNAME", "signSts stands twice in data", |_| Behaviour::flawed(Flaw::DuplicateName)),
    always("GZIPPED", "claims Content-Encoding: gzip, which it is not", |_| {
        Behaviour::reply(|| Reply::json(200, b"\x1f\x8b\x08garbage".as_slice()).with_header("Content-Encoding", "gzip"))
    }),
];

/// The rows after which a client has its answer as ever.
const NO_FAULTS: [&str; 16] = [
    "STS0",
    "STS1",
    "STS2",
    "STS3",
    "STS4",
    "STS7",
    "STS8",
    "LIFE",
    "CHUNKED",
    "NOLENGTH",
    "CONNCLOSE",
    "CONT100",
    "RAWRS",
    "LFWRAP",
    "EXTRA",
    "OBJECT",
];

/// The statuses that are known, and what the platform calls them.
pub(crate) const STATUSES: [(&str, &str); 7] = [
    ("0", "申请中"),
    ("1", "待签署"),
    ("2", "已创建"),
    ("3", "已作废"),
    ("4", "已过期"),
    ("7", "创建失败"),
    ("8", "合同已生成"),
];

/// How often flow ids were asked about, whose answer depends on it.
#[derive(Debug)]
pub(crate) struct Memory(Mutex<Latest<Arc<str>, usize>>);

impl Memory {
    /// A memory of so many flow ids.
    pub(crate) fn of(most: usize) -> Self {
        Self(Mutex::new(Latest::of(most)))
    }

    /// How often it was asked about before.
    fn times(&self, flow_id: &str) -> usize {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (_, times) = all.note(flow_id.into());
        *times += 1;
        *times - 1
    }
}

/// The prefix that fits a flow id, and what it asks for; `""` and the ordinary answer if none does.
pub(crate) fn choose(flow_id: &str, memory: &Memory) -> (&'static str, Behaviour) {
    match fitting(flow_id) {
        None => ("", Behaviour::good()),
        Some((row, rest)) => (row.prefix, row.behaviour(rest, || memory.times(flow_id))),
    }
}

/// What flow ids with this beginning get, when that was played so often before; none if no row fits.
pub(crate) fn play(beginning: &str, times: usize) -> Option<Behaviour> {
    let (row, rest) = fitting(beginning)?;
    let rest = match (row.prefix, rest) {
        ("SLOW", "") => "3000",
        ("H429RA", "") => "3",
        ("LIFE", "") => "01E2",
        (_, rest) => rest,
    };
    Some(row.behaviour(rest, || times))
}

/// All prefixes, what each does, and whether that is a fault.
pub(crate) fn plays() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    ROWS.iter().map(|row| (row.prefix, row.help, row.is_fault()))
}

/// The prefix of the fault that flow ids with this beginning get, if it is one.
pub(crate) fn fault(beginning: &str) -> Option<&'static str> {
    fitting(beginning).filter(|(row, _)| row.is_fault()).map(|(row, _)| row.prefix)
}

/// The row whose prefix fits a flow id, and what comes after the prefix.
fn fitting(flow_id: &str) -> Option<(&'static Row, &str)> {
    let fitting = ROWS.iter().filter_map(|row| Some((row, flow_id.strip_prefix(row.prefix)?)));
    fitting.max_by_key(|(row, _)| row.prefix.len())
}

/// The table for a reader.
pub fn help() -> String {
    let mut help = String::new();
    for row in ROWS {
        let _ = writeln!(help, "  {:<10} {}", row.prefix, row.help);
    }
    help
}

/// The table's rows: a prefix and what it does.
pub fn rows() -> impl Iterator<Item = (&'static str, &'static str)> {
    ROWS.iter().map(|row| (row.prefix, row.help))
}

/// All prefixes, for tests that go through them.
pub fn prefixes() -> impl Iterator<Item = &'static str> {
    ROWS.iter().map(|row| row.prefix)
}

/// The number at the start of a text; 0 if there is none or it is out of reason.
fn leading_number(text: &str) -> u64 {
    const MOST: u64 = 600_000;
    let digits = text.bytes().take_while(u8::is_ascii_digit).count();
    text[..digits].parse().unwrap_or(0).min(MOST)
}

/// What a contract's life, a character a question, has come to; its end stays.
fn stage(life: &str, times: usize) -> Behaviour {
    let life = life.split_once('-').map_or(life, |(life, _)| life);
    match life.chars().nth(times).or(life.chars().next_back()) {
        Some('0') => Behaviour::status("0"),
        Some('1') => Behaviour::status("1"),
        Some('3') => Behaviour::status("3"),
        Some('4') => Behaviour::status("4"),
        Some('7') => Behaviour::status("7"),
        Some('8') => Behaviour::status("8"),
        Some('9') => Behaviour::status("9"),
        Some('E') => Behaviour::reply(internal_error),
        _ => Behaviour::good(),
    }
}

fn internal_error() -> Reply {
    Reply::json(500, r#"{"code":500,"message":"系统异常","data":null,"list":null}"#)
}

fn bad_gateway() -> Reply {
    Reply::html(502, "<html>\r\n<head><title>502 Bad Gateway</title></head>\r\n<body>nginx</body>\r\n</html>\r\n")
}

#[cfg(test)]
mod tests {
    use super::{Behaviour, NO_FAULTS, STATUSES, play, prefixes};
    use std::time::Duration;

    #[test]
    fn every_prefix_can_be_played_alone() {
        for prefix in prefixes() {
            assert!(play(prefix, 0).is_some(), "{prefix}");
        }
        assert!(play("", 0).is_none() && play("MAN1", 0).is_none());
        assert!(NO_FAULTS.iter().all(|prefix| prefixes().any(|known| known == *prefix)));
        for (code, _) in STATUSES {
            assert_eq!(play(&format!("STS{code}"), 0).and_then(|b: Behaviour| b.status_told()), Some(code));
        }
    }

    #[test]
    fn what_a_prefix_needs_it_is_given() {
        let delay = |beginning| play(beginning, 0).map(|behaviour| behaviour.delay);
        assert_eq!(delay("SLOW"), Some(Duration::from_secs(3)));
        assert_eq!([delay("SLOW250"), delay("SLOW250-x")], [Some(Duration::from_millis(250)); 2]);
        let life = [0, 1, 2, 3, 4].map(|times| play("LIFE", times).and_then(|behaviour| behaviour.status_told()));
        assert_eq!(life, [Some("0"), Some("1"), None, Some("2"), Some("2")]);
        assert_eq!(play("HANG", 0).and_then(|behaviour| behaviour.status_told()), None);
    }
}
