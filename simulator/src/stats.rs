//! What the simulator has seen: requests, refusals, and the rate at which they came.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use serde::Serialize;

/// How many of the latest requests are remembered in detail, so that a long run does not grow.
const RECENT: usize = 10_000;
const SECOND: Duration = Duration::from_secs(1);

/// A copy of the counters. In JSON the names are in camel case.
#[derive(Clone, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Stats {
    /// Connections accepted.
    pub connections: u64,
    /// Connections open now.
    pub open_connections: u64,
    /// Connections that ended before a TLS session stood.
    pub tls_failures: u64,
    /// Complete requests for the platform's path.
    pub requests: u64,
    /// Those that passed every check.
    pub accepted: u64,
    /// Those that did not, by the check that failed; and under `http`, `path` and `length` what never got that far.
    pub refused: BTreeMap<&'static str, u64>,
    /// Accepted requests by the flow id's prefix; `""` is the ordinary answer, and `"set"` what a person set.
    pub behaviours: BTreeMap<&'static str, u64>,
    /// How many requests a second are allowed.
    pub limit_per_second: u32,
    /// The most arrivals in any half-open interval of one second, wherever it starts.
    pub busiest_second: usize,
    /// Arrivals that were too many: each was the last of some second with more than the limit.
    pub seconds_over_limit: u64,
    /// The latest requests, in the order in which they arrived or were judged.
    pub recent: Vec<Seen>,
}

impl Stats {
    /// When the latest requests arrived, since the start of the server, in order.
    pub fn arrivals(&self) -> Vec<Duration> {
        let mut arrivals: Vec<_> = self.recent.iter().map(|seen| seen.at).collect();
        arrivals.sort_unstable();
        arrivals
    }

    /// How often a request was refused for this reason.
    pub fn refused_for(&self, reason: &str) -> u64 {
        self.refused.get(reason).copied().unwrap_or(0)
    }

    /// The counters and the latest `recent` requests as a JSON object.
    pub fn to_json(&self, recent: usize) -> String {
        let mut few = self.clone();
        few.recent.drain(..few.recent.len().saturating_sub(recent));
        serde_json::to_string(&few).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// How many requests came for the platform's path, and what became of them.
#[derive(Clone, Copy, Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Totals {
    pub(crate) requests: u64,
    pub(crate) accepted: u64,
    pub(crate) refused: u64,
    pub(crate) over_limit: u64,
    pub(crate) busiest_second: usize,
}

/// One request for the platform's path. The fields are empty where they could not be read.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Seen {
    /// When it had arrived completely, since the start of the server.
    #[serde(serialize_with = "as_seconds", rename = "atSeconds")]
    pub at: Duration,
    /// The institution.
    pub src: String,
    /// `RSA` or `SM`.
    pub sign_type: String,
    /// The request's own id.
    pub req_flow_id: String,
    /// The contract that is asked about, also by a request that was refused.
    pub sys_sign_flow_id: String,
    /// `accepted`, or the check that failed.
    pub verdict: &'static str,
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
fn as_seconds<S: serde::Serializer>(at: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_f64(at.as_secs_f64())
}

/// The most arrivals in any half-open interval of one second, wherever it starts. `arrivals` must be sorted.
pub fn busiest_second(arrivals: &[Duration]) -> usize {
    let mut meter = RateMeter::default();
    arrivals.iter().map(|&at| meter.record(at)).max().unwrap_or(0)
}

/// Counts arrivals in the last second; it has no clock of its own.
#[derive(Debug, Default)]
pub struct RateMeter {
    last_second: VecDeque<Duration>,
    busiest: usize,
}

impl RateMeter {
    /// Notes an arrival, not earlier than the one before, and says how many the second that it closes holds.
    ///
    /// Two arrivals lie in a common half-open second exactly if they are less than a second apart.
    pub fn record(&mut self, at: Duration) -> usize {
        while self.last_second.front().is_some_and(|&earlier| at.saturating_sub(earlier) >= SECOND) {
            self.last_second.pop_front();
        }
        self.last_second.push_back(at);
        self.busiest = self.busiest.max(self.last_second.len());
        self.last_second.len()
    }

    /// The most arrivals so far in any second.
    pub fn busiest(&self) -> usize {
        self.busiest
    }
}

/// Where the server's threads note what they see.
#[derive(Debug)]
pub(crate) struct Recorder {
    start: Instant,
    limit: u32,
    counters: Mutex<Counters>,
}

#[derive(Debug, Default)]
struct Counters {
    connections: u64,
    open_connections: u64,
    tls_failures: u64,
    requests: u64,
    accepted: u64,
    /// Requests for the platform's path alone.
    requests_refused: u64,
    refused: BTreeMap<&'static str, u64>,
    behaviours: BTreeMap<&'static str, u64>,
    meter: RateMeter,
    over_limit: u64,
    recent: VecDeque<Seen>,
}

impl Recorder {
    /// Counts from zero; time starts now.
    pub(crate) fn new(limit: u32) -> Self {
        Self { start: Instant::now(), limit, counters: Mutex::default() }
    }

    fn lock(&self) -> MutexGuard<'_, Counters> {
        self.counters.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A connection was accepted.
    pub(crate) fn connected(&self) {
        let mut counters = self.lock();
        counters.connections += 1;
        counters.open_connections += 1;
    }

    /// A connection ended.
    pub(crate) fn disconnected(&self) {
        self.lock().open_connections -= 1;
    }

    /// A connection ended before a TLS session stood.
    pub(crate) fn tls_failed(&self) {
        self.lock().tls_failures += 1;
    }

    /// The time since the start, by which arrivals are told.
    pub(crate) fn now(&self) -> Duration {
        self.start.elapsed()
    }

    /// A complete request for the platform's path arrived: when, and whether it is one too many.
    pub(crate) fn arrived(&self) -> (Duration, bool) {
        let mut counters = self.lock();
        // Inside the lock, so that arrivals are noted in the order of their times.
        let at = self.now();
        counters.requests += 1;
        let over = counters.meter.record(at) > self.limit as usize;
        counters.over_limit += u64::from(over);
        (at, over)
    }

    /// That request was judged.
    pub(crate) fn judged(&self, seen: Seen) {
        let mut counters = self.lock();
        if seen.verdict == Seen::ACCEPTED {
            counters.accepted += 1;
        } else {
            counters.requests_refused += 1;
            *counters.refused.entry(seen.verdict).or_default() += 1;
        }
        if counters.recent.len() == RECENT {
            counters.recent.pop_front();
        }
        counters.recent.push_back(seen);
    }

    /// Something came that was not a request for the platform's path.
    pub(crate) fn refused(&self, reason: &'static str) {
        *self.lock().refused.entry(reason).or_default() += 1;
    }

    /// An accepted request asked for this behaviour.
    pub(crate) fn behaved(&self, prefix: &'static str) {
        *self.lock().behaviours.entry(prefix).or_default() += 1;
    }

    /// All counters to zero, except the connections that are open.
    pub(crate) fn reset(&self) {
        let mut counters = self.lock();
        *counters = Counters { open_connections: counters.open_connections, ..Counters::default() };
    }

    /// The main counters, without a copy of anything that is long.
    pub(crate) fn totals(&self) -> Totals {
        let counters = self.lock();
        Totals {
            requests: counters.requests,
            accepted: counters.accepted,
            refused: counters.requests_refused,
            over_limit: counters.over_limit,
            busiest_second: counters.meter.busiest(),
        }
    }

    /// A copy of the counters.
    pub(crate) fn snapshot(&self) -> Stats {
        let counters = self.lock();
        Stats {
            connections: counters.connections,
            open_connections: counters.open_connections,
            tls_failures: counters.tls_failures,
            requests: counters.requests,
            accepted: counters.accepted,
            refused: counters.refused.clone(),
            behaviours: counters.behaviours.clone(),
            limit_per_second: self.limit,
            busiest_second: counters.meter.busiest(),
            seconds_over_limit: counters.over_limit,
            recent: counters.recent.iter().cloned().collect(),
        }
    }
}

impl Seen {
    /// The verdict on a request that passed every check.
    pub const ACCEPTED: &'static str = "accepted";
}
