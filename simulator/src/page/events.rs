//! Server-sent events: what the page is told while it is open.
//!
//! A reader takes what is new, ten times a second at most, on its connection's own thread; whoever answers requests does
//! nothing for it. What a slow reader misses is skipped, and one that takes nothing at all is dropped.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use super::Page;
use crate::http::{Framing, Reply};
use crate::stop::Stop;
use crate::wire::Wire;

/// How many pages may be open at once.
const MOST_READERS: usize = 16;
/// How many requests one event tells.
const MOST_REQUESTS: usize = 100;
/// The pause between two events.
const PAUSE: Duration = Duration::from_millis(100);
/// A reader hears something at least so often.
const HEARTBEAT: Duration = Duration::from_secs(1);
/// A reader that does not take an event in this time is dropped.
const PATIENCE: Duration = Duration::from_secs(2);
/// How long the end waits for readers to be told of it.
const FAREWELL: Duration = Duration::from_millis(300);

/// The readers that there are.
#[derive(Debug, Default)]
pub(crate) struct Readers {
    open: Mutex<usize>,
    left: Condvar,
}

impl Readers {
    /// Waits until the readers have said goodbye, but not for long.
    pub(crate) fn wait_for_farewells(&self) {
        let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        drop(self.left.wait_timeout_while(open, FAREWELL, |open| *open > 0));
    }
}

/// A place among the readers, until it is dropped.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    page: &'a Page,
}

/// What a reader was told.
struct Told {
    request: u64,
    contract: u64,
    bin: u64,
    requests: u64,
    reset: u64,
    at: Instant,
}

impl<'a> Reader<'a> {
    /// None if there are too many already.
    pub(crate) fn join(page: &'a Page) -> Option<Self> {
        let mut open = page.readers.open.lock().unwrap_or_else(PoisonError::into_inner);
        if *open == MOST_READERS {
            return None;
        }
        *open += 1;
        Some(Self { page })
    }

    /// Tells what happens until the reader goes, takes nothing any more, or the simulator ends.
    pub(crate) fn stream(&self, mut wire: Wire, stop: &Stop) {
        match self.tell(&mut wire, stop) {
            Ok(()) => wire.close(),
            Err(_) => wire.close_abruptly(),
        }
    }

    fn tell(&self, wire: &mut Wire, stop: &Stop) -> io::Result<()> {
        let head = Reply { content_type: "text/event-stream", ..Reply::json(200, "") }
            .with_header("Cache-Control", "no-store")
            .with_header("X-Content-Type-Options", "nosniff")
            .head(Framing::UntilClose, false);
        wire.send_within(&[&head, &b"retry: 1000\n\n"[..]].concat(), PATIENCE)?;
        let mut told = self.begin(wire)?;
        loop {
            stop.sleep(PAUSE);
            let ends = stop.is_set();
            if told.reset != self.page.resets.load(Ordering::Acquire) {
                send(wire, "reset", &json!({}))?;
                told = self.begin(wire)?;
            } else if let Some(tick) = self.tick(&mut told) {
                send(wire, "tick", &tick)?;
            }
            if ends {
                return send(wire, "bye", &json!({}));
            }
        }
    }

    /// All that there is.
    fn begin(&self, wire: &mut Wire) -> io::Result<Told> {
        let page = self.page;
        let reset = page.resets.load(Ordering::Acquire);
        let (entries, _, request) = page.journal.since(0, MOST_REQUESTS);
        let (contracts, contract) = page.contracts.since(0);
        let now = page.stats.now();
        let (arrivals, bin) = page.arrivals.since(0, now);
        let totals = page.stats.totals();
        let mut hello = page.facts();
        hello["nowMs"] = json!(now.as_millis());
        hello["requests"] = entries.iter().map(|entry| json!(entry.row)).collect();
        hello["contracts"] = json!(contracts);
        hello["arrivals"] = json!(arrivals);
        hello["totals"] = json!(totals);
        send(wire, "hello", &hello)?;
        Ok(Told { request, contract, bin, requests: totals.requests, reset, at: Instant::now() })
    }

    /// What is new, or that nothing is, if that was not said for a while.
    fn tick(&self, told: &mut Told) -> Option<Value> {
        let page = self.page;
        let totals = page.stats.totals();
        let (entries, skipped, request) = page.journal.since(told.request, MOST_REQUESTS);
        let (contracts, contract) = page.contracts.since(told.contract);
        let news = !entries.is_empty() || !contracts.is_empty() || totals.requests != told.requests;
        if !news && told.at.elapsed() < HEARTBEAT - PAUSE {
            return None;
        }
        let now = page.stats.now();
        let (arrivals, bin) = page.arrivals.since(told.bin, now);
        let requests: Vec<_> = entries.iter().map(|entry| &entry.row).collect();
        let tick = json!({
            "nowMs": now.as_millis(), "requests": requests, "skipped": skipped, "contracts": contracts,
            "arrivals": arrivals, "totals": totals,
        });
        *told = Told { request, contract, bin, requests: totals.requests, reset: told.reset, at: Instant::now() };
        Some(tick)
    }
}

impl Drop for Reader<'_> {
    fn drop(&mut self) {
        *self.page.readers.open.lock().unwrap_or_else(PoisonError::into_inner) -= 1;
        self.page.readers.left.notify_all();
    }
}

/// For one page too many. A browser tells a page no status of a stream that was refused, so it is an event.
pub(crate) fn full() -> Reply {
    let said =
        json!({ "error": "Too many pages are open: close one of them.", "errorZh": "打开的页面太多：请先关闭一个。" });
    Reply { content_type: "text/event-stream", ..Reply::json(200, event("full", &said)) }
        .with_header("Cache-Control", "no-store")
        .with_header("X-Content-Type-Options", "nosniff")
}

fn event(name: &str, data: &Value) -> String {
    format!("event: {name}\ndata: {data}\n\n")
}

fn send(wire: &mut Wire, name: &str, data: &Value) -> io::Result<()> {
    wire.send_within(event(name, data).as_bytes(), PATIENCE)
}
