//! What an operator sees of a client: counts that only grow, and what is so now.

use serde::Serialize as Derive;
use serde::ser::{SerializeMap, Serializer};

use super::to_json;
use crate::limiter::{Figures, Limiter};
use crate::rate::Rate;
use crate::stats::Counters;

/// What a client has done since it was made, and what its limit looks like now; nothing secret. Counts only grow.
///
/// In the child of a fork, counts go on from the parent's at that moment, and what is now is the child's own.
#[derive(Clone, Debug, Derive, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct Stats {
    /// This client's calls that have ended, by outcome: `OK` and the name of every code, always all of them.
    #[serde(serialize_with = "by_name")]
    pub calls: Vec<(&'static str, u64)>,
    /// What the platform said in those that ended with `OK`, by the status' name, always all of them.
    #[serde(serialize_with = "by_name")]
    pub answers: Vec<(&'static str, u64)>,
    /// Requests that this client attempted; each took a turn.
    pub attempts: u64,
    /// Those of them that were not the first of their call.
    pub retries: u64,
    /// Connections that this client opened, each with its proxy's and TLS's handshake done; other requests reused one.
    pub connections_opened: u64,
    /// How long this client's attempts waited for a turn, in seconds.
    pub wait_seconds: WaitStats,
    /// The limit that all clients of this process share for this address and institution.
    pub rate_limit: RateLimitStats,
}

/// A histogram of waits, as Prometheus wants it. Those that ended without a turn, late or cancelled, count as well; a call
/// that was refused at once has not waited.
#[derive(Clone, Debug, Derive, PartialEq)]
#[non_exhaustive]
pub struct WaitStats {
    /// How many waits there were.
    pub count: u64,
    /// How long they were together, in seconds.
    pub sum: f64,
    /// For each bound how many waits kept it; the last one, without end, is `count`.
    pub buckets: Vec<WaitBucket>,
}

/// How many waits took no longer than a bound.
#[derive(Clone, Debug, Derive, PartialEq)]
#[non_exhaustive]
pub struct WaitBucket {
    /// The bound in seconds.
    pub le: f64,
    /// How many waits were as long or shorter.
    pub count: u64,
}

/// The window, with what all clients that share it do.
#[derive(Clone, Debug, Derive, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct RateLimitStats {
    /// Requests a second that are allowed: as many slots there are.
    pub per_second: Rate,
    /// Slots whose request is under way now, those included that nobody waits for any more.
    pub slots_in_use: usize,
    /// Slots that rest now, for a second after their request.
    pub slots_resting: usize,
    /// Calls that wait for a turn now.
    pub waiting: usize,
    /// Turns granted since the first of these clients was made, to all of them together.
    pub turns: u64,
    /// The store of a limit that other processes share; `None`: this process has it to itself.
    pub shared: Option<StoreStats>,
}

/// What is known of the store of a shared limit. What it counts for other processes is not.
#[derive(Clone, Debug, Default, Derive, PartialEq)]
#[serde(rename_all = "camelCase")]
#[non_exhaustive]
pub struct StoreStats {
    /// Whether it gave an answer when it was last asked; `None`: it has not been asked yet.
    pub reachable: Option<bool>,
    /// Why it gave none last, even if it has answered since.
    pub last_error: Option<String>,
    /// How long its last answer took, in milliseconds.
    pub round_trip_ms: Option<f64>,
}

impl Stats {
    pub(crate) fn new(counters: &Counters, connections_opened: u64, limiter: &Limiter) -> Self {
        let (buckets, count) = counters.waits.cumulative();
        let Figures { in_use, resting, waiting, turns } = limiter.figures();
        Stats {
            calls: counters.calls(),
            answers: counters.answers(),
            attempts: counters.attempts.get(),
            retries: counters.retries.get(),
            connections_opened,
            wait_seconds: WaitStats {
                count,
                sum: counters.waits.seconds(),
                buckets: buckets.into_iter().map(|(le, count)| WaitBucket { le, count }).collect(),
            },
            rate_limit: RateLimitStats {
                per_second: limiter.rate(),
                slots_in_use: in_use,
                slots_resting: resting,
                waiting,
                turns,
                shared: limiter.store_figures().map(|store| StoreStats {
                    reachable: store.reachable,
                    last_error: store.last_error,
                    round_trip_ms: store.round_trip.map(|time| time.as_secs_f64() * 1e3),
                }),
            },
        }
    }

    /// The JSON that the C header documents.
    pub fn to_json(&self) -> String {
        to_json(self)
    }
}

fn by_name<S: Serializer>(counts: &[(&'static str, u64)], serializer: S) -> Result<S::Ok, S::Error> {
    let mut map = serializer.serialize_map(Some(counts.len()))?;
    for (name, count) in counts {
        map.serialize_entry(name, count)?;
    }
    map.end()
}
