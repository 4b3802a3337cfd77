//! How often the platform may be asked.

use std::fmt;
use std::time::Duration;

/// Calls a second: a whole number, or a fraction, which is one call every so many seconds (0.5: every two).
///
/// Shown as `10` and `0.5`.
#[derive(Clone, Copy, PartialEq)]
pub struct Rate(f64);

impl Rate {
    /// The smallest fraction: one call every 100 seconds.
    pub(crate) const LEAST: f64 = 0.01;

    /// `None` for less than [`Self::LEAST`], for what is more than 1 and not whole, and for what is no number.
    pub(crate) fn new(per_second: f64) -> Option<Self> {
        let is_whole = (1.0..=f64::from(u32::MAX)).contains(&per_second) && per_second.fract() == 0.0;
        let is_fraction = (Self::LEAST..1.0).contains(&per_second);
        (is_whole || is_fraction).then_some(Rate(per_second))
    }

    /// The number itself.
    pub fn per_second(self) -> f64 {
        self.0
    }

    /// How many requests may be under way or rest at once.
    pub(crate) fn slots(self) -> usize {
        self.0.max(1.0) as usize
    }

    /// How long a slot rests after its request was answered: a second, or as long as one call of a fraction takes.
    pub(crate) fn rest(self) -> Duration {
        // Up, so that it is never shorter than promised.
        Duration::from_nanos((1e9 / self.0.min(1.0)).ceil() as u64)
    }

    /// For messages: `10 calls a second`, `one call every 2s`.
    pub(crate) fn in_words(self) -> String {
        if self.0 > 1.0 {
            format!("{self} calls a second")
        } else if self.0 < 1.0 {
            format!("one call every {:?}", self.rest())
        } else {
            "one call a second".into()
        }
    }
}

impl Default for Rate {
    /// The platform's own limit.
    fn default() -> Self {
        Rate(10.0)
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0)
    }
}

impl fmt::Debug for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_number_is_so_many_slots_that_rest_a_second() {
        for (number, shown, words) in [
            (1.0, "1", "one call a second"),
            (2.0, "2", "2 calls a second"),
            (10.0, "10", "10 calls a second"),
            (10_000.0, "10000", "10000 calls a second"),
        ] {
            let rate = Rate::new(number).unwrap();
            assert_eq!((rate.slots(), rate.rest()), (number as usize, Duration::from_secs(1)));
            assert_eq!((rate.to_string().as_str(), rate.in_words().as_str()), (shown, words));
        }
        assert_eq!(Rate::default(), Rate::new(10.0).unwrap());
    }

    #[test]
    fn a_fraction_is_one_slot_that_rests_longer() {
        for (number, nanos, shown, words) in [
            (0.5, 2_000_000_000, "0.5", "one call every 2s"),
            (0.01, 100_000_000_000, "0.01", "one call every 100s"),
            (0.05, 20_000_000_000, "0.05", "one call every 20s"),
            (0.8, 1_250_000_000, "0.8", "one call every 1.25s"),
            (0.3, 3_333_333_334, "0.3", "one call every 3.333333334s"),
            (0.7, 1_428_571_429, "0.7", "one call every 1.428571429s"),
            (0.999_999, 1_000_001_001, "0.999999", "one call every 1.000001001s"),
        ] {
            let rate = Rate::new(number).unwrap();
            assert_eq!((rate.slots(), rate.rest()), (1, Duration::from_nanos(nanos)), "{number}");
            assert_eq!((rate.to_string().as_str(), rate.in_words().as_str()), (shown, words));
            assert_eq!(rate.per_second(), number);
        }
    }

    #[test]
    fn what_promises_nothing_or_too_much_is_no_rate() {
        let odd = [0.0, -0.0, -1.0, -0.5, 0.0099, 1.000_1, 1.5, 2.5, 10.5, 10_000.5, 1e300];
        for number in odd.into_iter().chain([f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MIN_POSITIVE]) {
            assert_eq!(Rate::new(number), None, "{number}");
        }
    }
}
