//! The page for people: each request with its explanation, the rate, and what each contract is to be answered.
//!
//! ```text
//! guard      who may read and drive it             document   the page itself
//! journal    the latest requests, whole            arrivals   how many came, by tenths of a second
//! contracts  what a person set to be answered      events     what the open page is told
//! ```

mod arrivals;
mod contracts;
mod document;
mod events;
mod guard;
mod journal;

use std::fmt;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rustls::crypto::ring;
use serde_json::{Value, json};
use yspay_diagnosis::{Diagnosis, Text};

pub(crate) use self::events::Reader;
use self::guard::{Denied, Guard};
use self::journal::Kept;
pub(crate) use self::journal::{Entry, Row};
use crate::behaviour::{self, Behaviour};
use crate::client::Configuration;
use crate::http::{Reply, Request};
use crate::mistakes::Mistakes;
use crate::place::Place;
use crate::stats::Recorder;
use crate::{Options, PATH};

/// What the page shows, and what it sets.
pub(crate) struct Page {
    guard: Guard,
    place: Place,
    options: Options,
    started: SystemTime,
    stats: Arc<Recorder>,
    mistakes: Arc<Mistakes>,
    journal: journal::Journal,
    arrivals: arrivals::Arrivals,
    contracts: contracts::Contracts,
    configurations: Mutex<Vec<Value>>,
    readers: events::Readers,
    resets: AtomicU64,
}

impl fmt::Debug for Page {
    /// Without the token.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Page").field("place", &self.place).finish_non_exhaustive()
    }
}

/// What a request for the page gets.
#[derive(Debug)]
pub(crate) enum Answer<'a> {
    Reply(Reply),
    Events(Reader<'a>),
}

impl Page {
    /// The page of a simulator at this place; it has a token of its own.
    pub(crate) fn new(
        place: Place,
        options: &Options,
        stats: Arc<Recorder>,
        mistakes: Arc<Mistakes>,
    ) -> io::Result<Self> {
        let names = options.tls.as_ref().map(|tls| tls.names.clone()).unwrap_or_default();
        let configurations = ["SM", "RSA"].map(|name| {
            let config = crate::client::config_alone(&place.url(PATH), name);
            json!({ "name": name, "file": null, "text": format!("{config:#}\n") })
        });
        Ok(Self {
            guard: Guard::new(place, &names, random()?),
            place,
            options: options.clone(),
            started: SystemTime::now(),
            stats,
            mistakes,
            journal: journal::Journal::default(),
            arrivals: arrivals::Arrivals::default(),
            contracts: contracts::Contracts::default(),
            configurations: Mutex::new(configurations.into()),
            readers: events::Readers::default(),
            resets: AtomicU64::new(0),
        })
    }

    /// Shows these configurations, with their files.
    pub(crate) fn show_configurations(&self, written: &[Configuration]) {
        let shown = written.iter().map(|Configuration { sign_type, path, text }| {
            let path = std::path::absolute(path).unwrap_or_else(|_| path.clone());
            json!({ "name": sign_type, "file": path.to_string_lossy(), "text": text })
        });
        *self.configurations.lock().unwrap_or_else(PoisonError::into_inner) = shown.collect();
    }

    /// A request for the platform's path came.
    pub(crate) fn arrived(&self, at: Duration) {
        self.arrivals.note(at);
    }

    /// What a contract answers.
    pub(crate) fn ask(&self, id: &str, at: Duration, otherwise: impl FnOnce() -> Behaviour) -> contracts::Asked {
        self.contracts.ask(id, at, otherwise)
    }

    /// That request was answered.
    pub(crate) fn note(&self, entry: Entry) {
        self.journal.note(entry);
    }

    /// All counters to zero, those of the statistics, too.
    pub(crate) fn reset(&self) {
        self.stats.reset();
        self.journal.clear();
        self.arrivals.clear();
        self.contracts.reset();
        self.resets.fetch_add(1, Ordering::Release);
    }

    /// Tells open pages that the simulator ends, which its [`Stop`](crate::stop::Stop) must have said.
    pub(crate) fn wait_for_farewells(&self) {
        self.readers.wait_for_farewells();
    }

    /// The answer to a request for the page or what is under it; none to any other.
    pub(crate) fn answer(&self, request: &Request) -> Option<Answer<'_>> {
        let (path, query) = request.path.split_once('?').unwrap_or((&request.path, ""));
        let is_page = path == "/" && request.method == "GET";
        if !is_page && path != "/page" && !path.starts_with("/page/") {
            return None;
        }
        Some(self.checked(request, path, query).unwrap_or_else(|denied| Answer::Reply(denied.reply())))
    }

    /// That no browser sends this request for another site.
    pub(crate) fn not_for_another_site(&self, request: &Request) -> Result<(), Reply> {
        self.guard.not_for_another_site(request).map_err(|denied| denied.reply())
    }

    fn checked(&self, request: &Request, path: &str, query: &str) -> Result<Answer<'_>, Denied> {
        let reply = match (request.method.as_str(), path) {
            (_, "/") => {
                self.guard.page(request)?;
                let nonce = random().map_err(|error| Denied::new(500, error.to_string(), error.to_string()))?;
                document::reply(self.guard.token(), &nonce)
            }
            ("GET", _) => {
                self.guard.reading(request, parameter(query, "token"))?;
                match path {
                    "/page/events" => return Ok(self.join()),
                    "/page/request" => self.explained(parameter(query, "id"))?,
                    _ => return Err(unknown(path)),
                }
            }
            ("POST", _) => {
                self.guard.driving(request)?;
                match path {
                    "/page/contracts" => json_reply(&json!({ "contract": self.contracts.set(&request.body)? })),
                    "/page/reset" => {
                        self.reset();
                        json_reply(&json!({}))
                    }
                    _ => return Err(unknown(path)),
                }
            }
            (method, _) => {
                self.guard.page(request)?;
                return Err(Denied::new(
                    405,
                    format!("Nothing here takes {method:?}."),
                    format!("这里不接受 {method:?}。"),
                ));
            }
        };
        Ok(Answer::Reply(reply))
    }

    fn join(&self) -> Answer<'_> {
        Reader::join(self).map_or_else(|| Answer::Reply(events::full()), Answer::Events)
    }

    fn explained(&self, id: Option<&str>) -> Result<Reply, Denied> {
        let entry = id.and_then(|id| id.parse().ok()).and_then(|id| self.journal.find(id)).ok_or_else(|| {
            Denied::new(
                404,
                "This request is no longer remembered: only the last 1,000 are.",
                "这个请求已经不在记录里：只保留最近 1,000 个。",
            )
        })?;
        let body = |kept: &Kept| String::from_utf8_lossy(&kept.body).into_owned();
        let answer = entry.answer.as_ref().map(|answer| {
            json!({
                "http": entry.row.http, "headers": answer.headers, "body": body(answer),
                "bodyBytes": answer.length, "bodyCut": answer.is_cut(),
            })
        });
        let (diagnosis, undiagnosed) = self.diagnosed(&entry.request);
        Ok(json_reply(&json!({
            "request": entry.row, "method": entry.method, "path": entry.path, "headers": entry.request.headers,
            "body": body(&entry.request), "bodyBytes": entry.request.length, "bodyCut": entry.request.is_cut(),
            "answer": answer, "diagnosis": diagnosis, "undiagnosed": undiagnosed,
        })))
    }

    /// What can be said about a request, or why nothing can, as a sentence in each language.
    fn diagnosed(&self, request: &Kept) -> (Option<Diagnosis>, Option<Text>) {
        if request.is_cut() {
            let (en, zh) = ("Only its beginning is kept, which says nothing.", "只保留了开头部分，无法诊断。");
            return (None, Some(Text { en: en.to_owned(), zh: zh.to_owned() }));
        }
        match self.mistakes.diagnose(&request.body) {
            Ok(diagnosis) => (Some(diagnosis), None),
            Err(not_a_message) => (None, Some(not_a_message.0)),
        }
    }

    /// What does not change while it runs, or is at least no news.
    fn facts(&self) -> Value {
        let statuses: Vec<_> = behaviour::STATUSES.iter().map(|(code, zh)| json!({ "code": code, "zh": zh })).collect();
        let plays: Vec<_> = behaviour::plays()
            .map(|(prefix, help, fault)| json!({ "prefix": prefix, "help": help, "fault": fault }))
            .collect();
        let configurations = self.configurations.lock().unwrap_or_else(PoisonError::into_inner);
        json!({
            "version": env!("CARGO_PKG_VERSION"),
            "startedAt": self.started.duration_since(UNIX_EPOCH).unwrap_or_default().as_millis(),
            "endpoint": self.place.url(PATH),
            "listen": self.place.address.to_string(),
            "loopback": self.place.is_loopback(),
            "limitPerSecond": self.options.limit_per_second,
            "enforceLimit": self.options.enforce_limit,
            "statuses": statuses, "plays": plays, "configs": *configurations,
        })
    }
}

fn unknown(path: &str) -> Denied {
    Denied::new(404, format!("There is no {path:?}."), format!("没有 {path:?}。"))
}

fn json_reply(value: &Value) -> Reply {
    Reply::json(200, value.to_string())
        .with_header("X-Content-Type-Options", "nosniff")
        .with_header("Cache-Control", "no-store")
}

/// The value of a parameter, which is hex or a number and needs no decoding.
fn parameter<'a>(query: &'a str, name: &str) -> Option<&'a str> {
    query.split('&').find_map(|pair| pair.strip_prefix(name)?.strip_prefix('='))
}

/// 128 random bits in hex.
fn random() -> io::Result<String> {
    let mut bytes = [0; 16];
    let random = ring::default_provider().secure_random;
    random.fill(&mut bytes).map_err(|_| io::Error::other("the system gives no random numbers"))?;
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
