//! How many requests came in each tenth of a second of the last minute.

use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use serde::Serialize;

const BIN: Duration = Duration::from_millis(100);
/// A minute, and the bin that is being filled.
const BINS: usize = 601;

/// A ring of bins; a request costs one of them an increment.
#[derive(Debug)]
pub(crate) struct Arrivals(Mutex<Ring>);

#[derive(Debug)]
struct Ring {
    counts: Vec<u32>,
    /// The latest bin that was counted in; every older one within the ring is right.
    latest: u64,
}

/// Bins in their order, as the page is told.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Bins {
    bin_ms: u64,
    from_ms: u64,
    counts: Vec<u32>,
}

impl Default for Arrivals {
    fn default() -> Self {
        Self(Mutex::new(Ring { counts: vec![0; BINS], latest: 0 }))
    }
}

impl Arrivals {
    fn with<T>(&self, action: impl FnOnce(&mut Ring) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A request came.
    pub(crate) fn note(&self, at: Duration) {
        self.with(|ring| {
            ring.advance(bin(at));
            // Two threads may come here in the other order than their requests did, by less than a bin or so.
            if bin(at) + BINS as u64 > ring.latest {
                ring.counts[place(bin(at))] += 1;
            }
        });
    }

    /// The bins from this one on, but no more than a minute, to that of `now`, and the number of that one.
    pub(crate) fn since(&self, from: u64, now: Duration) -> (Bins, u64) {
        self.with(|ring| {
            ring.advance(bin(now));
            let from = from.max((ring.latest + 1).saturating_sub(BINS as u64)).min(ring.latest);
            let counts = (from..=ring.latest).map(|bin| ring.counts[place(bin)]).collect();
            let milliseconds = BIN.as_millis() as u64;
            (Bins { bin_ms: milliseconds, from_ms: from * milliseconds, counts }, ring.latest)
        })
    }

    /// Forgets all.
    pub(crate) fn clear(&self) {
        self.with(|ring| ring.counts.fill(0));
    }
}

impl Ring {
    fn advance(&mut self, to: u64) {
        for bin in (self.latest + 1..=to).take(BINS) {
            self.counts[place(bin)] = 0;
        }
        // After a longer silence the rest of the ring is stale as well, and was emptied above.
        self.latest = self.latest.max(to);
    }
}

fn bin(at: Duration) -> u64 {
    (at.as_millis() / BIN.as_millis()) as u64
}

fn place(bin: u64) -> usize {
    (bin % BINS as u64) as usize
}

#[cfg(test)]
mod tests {
    use super::{Arrivals, BINS, Bins};
    use std::time::Duration;

    const fn ms(ms: u64) -> Duration {
        Duration::from_millis(ms)
    }

    #[test]
    fn requests_are_counted_in_their_tenth_of_a_second() {
        let arrivals = Arrivals::default();
        for at in [0, 99, 100, 350, 349, 399] {
            arrivals.note(ms(at));
        }
        let bins = |from_ms, counts: &[u32]| Bins { bin_ms: 100, from_ms, counts: counts.to_vec() };
        assert_eq!(arrivals.since(0, ms(399)), (bins(0, &[2, 1, 0, 3]), 3));
        assert_eq!(arrivals.since(3, ms(500)), (bins(300, &[3, 0, 0]), 5));
        // One that was noted late is in its own bin; a bin to come is not told yet.
        arrivals.note(ms(410));
        assert_eq!(arrivals.since(4, ms(499)), (bins(400, &[1, 0]), 5));
        assert_eq!(arrivals.since(9, ms(550)), (bins(500, &[0]), 5));
    }

    #[test]
    fn no_more_than_a_minute_is_told_or_kept() {
        let arrivals = Arrivals::default();
        for second in 0..100 {
            arrivals.note(ms(second * 1000));
        }
        let (bins, latest) = arrivals.since(0, ms(99_050));
        assert_eq!((bins.counts.len(), bins.from_ms, latest), (BINS, 39_000, 990));
        assert_eq!(bins.counts.iter().sum::<u32>(), 61);
        // After a long silence nothing of before is left, and far too late is not counted at all.
        assert_eq!(arrivals.since(0, ms(10_000_000)).0.counts.iter().sum::<u32>(), 0);
        arrivals.note(ms(50));
        arrivals.note(ms(10_000_000));
        assert_eq!(arrivals.since(0, ms(10_000_000)).0.counts.iter().sum::<u32>(), 1);
        arrivals.clear();
        assert_eq!(arrivals.since(0, ms(10_000_000)).0.counts.iter().sum::<u32>(), 0);
    }
}
