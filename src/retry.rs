//! Which failures are worth repeating by ourselves, and after how long.

use std::time::Duration;

use crate::error::{Code, Error};

const FIRST: Duration = Duration::from_millis(200);
const LONGEST: Duration = Duration::from_secs(5);

/// Whether a repetition may help. A question can be asked any number of times, so having been sent does not matter.
pub(crate) fn repeats(error: &Error) -> bool {
    match error.code {
        Code::Transport | Code::GatewayTimeout | Code::HttpStatus => error.retryable(),
        _ => false,
    }
}

/// Whether a kept connection may be to blame: a gateway's farewell to an idle one (HTTP 408), or the answer to another
/// question. On a new connection it is what the other side has to say.
pub(crate) fn may_be_stale(error: &Error) -> bool {
    error.code == Code::Mismatch || error.http_status == Some(408)
}

/// The pause after this many attempts: doubling, with up to half of it at random so that clients do not keep step.
pub(crate) fn pause(attempts: u32) -> Duration {
    let whole = FIRST.saturating_mul(1 << attempts.saturating_sub(1).min(10)).min(LONGEST);
    let random = getrandom::u32().unwrap_or(u32::MAX / 2);
    whole / 2 + (whole / 2).mul_f64(f64::from(random) / f64::from(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_the_error_table_says_is_repeated() {
        let repeated: Vec<_> = Code::ALL.into_iter().filter(|code| repeats(&Error::new(*code, ""))).collect();
        assert_eq!(repeated, [Code::Transport, Code::GatewayTimeout]);
        for (status, expected) in [(200, false), (302, false), (404, false), (429, true), (500, true), (503, true)] {
            let error = Error { http_status: Some(status), ..Error::new(Code::HttpStatus, "") };
            assert_eq!(repeats(&error), expected, "{status}");
        }
    }

    #[test]
    fn only_a_farewell_or_another_answer_is_blamed_on_the_connection() {
        let blamed: Vec<_> = Code::ALL.into_iter().filter(|code| may_be_stale(&Error::new(*code, ""))).collect();
        assert_eq!(blamed, [Code::Mismatch]);
        for (status, expected) in [(302, false), (404, false), (407, false), (408, true), (409, false), (500, false)] {
            let error = Error { http_status: Some(status), ..Error::new(Code::HttpStatus, "") };
            assert_eq!(may_be_stale(&error), expected, "{status}");
        }
    }

    #[test]
    fn pauses_grow_within_bounds() {
        for attempts in 1..=20 {
            let whole = Duration::from_millis(200 << (attempts - 1).min(10)).min(LONGEST);
            for _ in 0..50 {
                let pause = pause(attempts);
                assert!(pause >= whole / 2 && pause <= whole, "{attempts}: {pause:?}");
            }
            let first = pause(attempts);
            assert!((0..50).any(|_| pause(attempts) != first), "clients keep step");
        }
    }
}
