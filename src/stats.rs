//! What a client counts from the moment it is made. Each count is one atomic addition, which waits for nobody and orders
//! nothing: a reader may see one figure a moment before another.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::error::{Code, Error};
use crate::status::SignStatus;

/// A count that only grows.
#[derive(Debug, Default)]
pub(crate) struct Counter(AtomicU64);

impl Counter {
    pub(crate) fn add(&self, amount: u64) {
        self.0.fetch_add(amount, Ordering::Relaxed);
    }

    pub(crate) fn get(&self) -> u64 {
        self.0.load(Ordering::Relaxed)
    }
}

/// What one client counts.
#[derive(Default)]
pub(crate) struct Counters {
    /// By the number of the code; 0 is a success.
    calls: [Counter; 1 + Code::ALL.len()],
    /// By the place in `SignStatus::KNOWN`; the last is every other status.
    answers: [Counter; SignStatus::KNOWN.len() + 1],
    pub(crate) attempts: Counter,
    pub(crate) retries: Counter,
    pub(crate) waits: Waits,
}

impl Counters {
    /// Counts a call by its outcome and its answer's status; one that panics is `INTERNAL`, as its caller is told.
    pub(crate) fn call<T>(
        &self,
        call: impl FnOnce() -> Result<T, Error>,
        status: impl FnOnce(&T) -> &SignStatus,
    ) -> Result<T, Error> {
        let mut ended = Ended { counters: self, number: Code::Internal.number() };
        let result = call();
        ended.number = match &result {
            Ok(answer) => {
                self.answers[place(status(answer))].add(1);
                0
            }
            Err(error) => error.code.number(),
        };
        result
    }

    /// Every outcome by its name: `OK`, then the codes in the order of their numbers.
    pub(crate) fn calls(&self) -> Vec<(&'static str, u64)> {
        let names = std::iter::once("OK").chain(Code::ALL.into_iter().map(Code::name));
        names.zip(self.calls.iter().map(Counter::get)).collect()
    }

    /// Every status by its name, `UNKNOWN` at the end.
    pub(crate) fn answers(&self) -> Vec<(&'static str, u64)> {
        let statuses = SignStatus::KNOWN.into_iter().chain([SignStatus::Unknown(String::new())]);
        statuses.map(|status| status.name()).zip(self.answers.iter().map(Counter::get)).collect()
    }
}

fn place(status: &SignStatus) -> usize {
    SignStatus::KNOWN.iter().position(|known| known == status).unwrap_or(SignStatus::KNOWN.len())
}

/// A call under way: counted when it is dropped, on whatever path.
struct Ended<'a> {
    counters: &'a Counters,
    number: i32,
}

impl Drop for Ended<'_> {
    fn drop(&mut self) {
        if let Some(counter) = usize::try_from(self.number).ok().and_then(|number| self.counters.calls.get(number)) {
            counter.add(1);
        }
    }
}

/// Upper bounds of the waits that are told apart, in milliseconds.
const BOUNDS_MS: [u64; 9] = [1, 10, 100, 500, 1_000, 2_000, 5_000, 10_000, 20_000];

/// How long calls waited for their turns.
#[derive(Default)]
pub(crate) struct Waits {
    /// Each wait is counted once, under the least bound that it keeps; the last is for those beyond every bound.
    counts: [Counter; BOUNDS_MS.len() + 1],
    nanoseconds: Counter,
}

impl Waits {
    pub(crate) fn add(&self, wait: Duration) {
        let place = BOUNDS_MS.partition_point(|bound| Duration::from_millis(*bound) < wait);
        self.counts[place].add(1);
        self.nanoseconds.add(u64::try_from(wait.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Each bound in seconds with the waits that keep it, and the number of all waits.
    pub(crate) fn cumulative(&self) -> (Vec<(f64, u64)>, u64) {
        let mut sum = 0;
        let mut counts = self.counts.iter().map(|counter| {
            sum += counter.get();
            sum
        });
        let bounds = BOUNDS_MS.map(|bound| Duration::from_millis(bound).as_secs_f64());
        let buckets = bounds.into_iter().zip(counts.by_ref()).collect();
        (buckets, counts.next().unwrap_or_default())
    }

    pub(crate) fn seconds(&self) -> f64 {
        Duration::from_nanos(self.nanoseconds.get()).as_secs_f64()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn unanswered(_: &()) -> &SignStatus {
        unreachable!("there is no answer")
    }

    #[test]
    fn a_wait_is_counted_under_every_bound_that_it_keeps() {
        let waits = Waits::default();
        for wait in [0, 1_000_000, 1_000_001, 400_000_000, 20_000_000_000, 20_000_000_001] {
            waits.add(Duration::from_nanos(wait));
        }
        let (buckets, count) = waits.cumulative();
        let expected = [(0.001, 2), (0.01, 3), (0.1, 3), (0.5, 4), (1.0, 4), (2.0, 4), (5.0, 4), (10.0, 4), (20.0, 5)];
        assert_eq!((buckets.as_slice(), count), (&expected[..], 6));
        assert!((waits.seconds() - 40.402_000_002).abs() < 1e-9, "{}", waits.seconds());
    }

    #[test]
    fn every_code_has_its_own_count() {
        let counters = Counters::default();
        for code in Code::ALL {
            for _ in 0..code.number() {
                assert!(counters.call(|| Err(Error::new(code, "")), unanswered).is_err());
            }
        }
        let expected: Vec<_> = Code::ALL.into_iter().map(|code| (code.name(), code.number() as u64)).collect();
        assert_eq!(counters.calls(), [&[("OK", 0)], &expected[..]].concat());
    }

    #[test]
    fn a_call_that_panics_is_counted() {
        let counters = Counters::default();
        let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
            counters.call(|| panic!("as a test"), unanswered)
        }));
        assert!(panicked.is_err());
        assert!(counters.calls().contains(&("INTERNAL", 1)), "{:?}", counters.calls());
    }

    #[test]
    fn every_status_has_its_place() {
        for (index, status) in SignStatus::KNOWN.iter().enumerate() {
            assert_eq!(place(status), index);
        }
        assert_eq!(place(&SignStatus::Unknown("9".into())), SignStatus::KNOWN.len());
        let names: Vec<_> = Counters::default().answers().into_iter().map(|(name, _)| name).collect();
        assert_eq!((names.len(), names[0], names[7]), (8, "APPLYING", "UNKNOWN"));
    }
}
