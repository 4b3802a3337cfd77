//! The two flow ids: the contract's, which the caller asks about, and the request's own.

use std::collections::HashSet;
use std::sync::{Mutex, MutexGuard};
use std::time::{SystemTime, UNIX_EPOCH};

use once_cell::sync::Lazy;

use crate::envelope::canonical::is_blank;
use crate::error::{Code, Error};
use crate::signal::lock;

/// The longest `sysSignFlowId` and `reqFlowId`, in characters; from the platform's page.
const SYS_SIGN_FLOW_ID_MAX: usize = 50;
const REQ_FLOW_ID_MAX: usize = 20;

/// `sysSignFlowId`, the contract asked about: 1 to 50 characters, no control character, no `&`, no `=`.
///
/// `&` and `=` are not escaped in the signed text, so an id with them could be mistaken for other fields.
pub(crate) struct SysSignFlowId<'a>(&'a str);

impl<'a> SysSignFlowId<'a> {
    pub(crate) fn new(text: &'a str) -> Result<Self, Error> {
        check("sysSignFlowId", text, SYS_SIGN_FLOW_ID_MAX)?;
        if text.contains(['&', '=']) {
            return Err(invalid(
                "sysSignFlowId holds & or =, which the protocol's signed text does not escape. \
                                Pass the id exactly as the platform returned it.",
            ));
        }
        Ok(SysSignFlowId(text))
    }

    pub(crate) fn as_str(&self) -> &'a str {
        self.0
    }
}

/// `reqFlowId`, the request's own number: at most 20 characters, never repeated.
#[derive(Clone, Debug)]
pub(crate) struct ReqFlowId(String);

impl ReqFlowId {
    /// A caller's own id: 1 to 20 characters, no control character; that it is new is the caller's duty.
    pub(crate) fn given(text: &str) -> Result<Self, Error> {
        check("reqFlowId", text, REQ_FLOW_ID_MAX)?;
        Ok(ReqFlowId(text.to_owned()))
    }

    /// A new one, never given before in this process: `yyMMddHHmmss` in the platform's time zone (UTC+8) and 8 characters
    /// `0-9A-Z`, random from the operating system.
    pub(crate) fn generate() -> Result<Self, Error> {
        let mut given = hold();
        // Read under the lock, or a thread that was held up would look like a clock that was set back.
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        given.next(clock)
    }

    pub(crate) fn as_str(&self) -> &str {
        &self.0
    }
}

/// What every id has to satisfy.
fn check(name: &str, text: &str, max: usize) -> Result<(), Error> {
    let length = text.chars().count();
    if is_blank(text) {
        return Err(invalid(format!("{name} is empty. Pass the flow id that the platform returned.")));
    }
    if length > max {
        return Err(invalid(format!("{name} has {length} characters; the platform takes at most {max}.")));
    }
    if text.contains(char::is_control) {
        return Err(invalid(format!("{name} holds a control character (a line break, perhaps). Strip it first.")));
    }
    Ok(())
}

/// What was given in the present second, and what tells it from the same second of an earlier time.
#[derive(Default)]
pub(crate) struct GivenIds {
    second: u64,
    /// The first character of the suffix: another one whenever the clock was set back, for then a second may come again
    /// whose ids are forgotten.
    era: Option<u64>,
    /// The seven others.
    rests: HashSet<u64>,
}

impl GivenIds {
    /// An id of the second `clock`, which is a Unix time.
    fn next(&mut self, clock: u64) -> Result<ReqFlowId, Error> {
        let era = match self.era {
            None => random_below(36)?,
            Some(era) if clock < self.second => (era + 1) % 36,
            Some(era) => era,
        };
        self.era = Some(era);
        if clock != self.second {
            self.second = clock;
            self.rests = HashSet::new();
        }
        loop {
            let rest = random_below(RESTS)?;
            if self.rests.insert(rest) {
                return Ok(ReqFlowId(format!("{}{}", stamp(clock), base36(era * RESTS + rest))));
            }
        }
    }
}

/// The bias of a remainder is below one in ten million.
fn random_below(bound: u64) -> Result<u64, Error> {
    let random = getrandom::u64().map_err(|error| {
        Error::new(Code::Internal, format!("the operating system gives no random numbers: {error}"))
    })?;
    Ok(random % bound)
}

static GIVEN: Lazy<Mutex<GivenIds>> = Lazy::new(Mutex::default);

/// For `fork`: nobody is given an id while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, GivenIds> {
    lock(&GIVEN)
}

const SUFFIX_LENGTH: u32 = 8;
const RESTS: u64 = 36u64.pow(SUFFIX_LENGTH - 1);

fn base36(mut number: u64) -> String {
    let mut digits = [b'0'; SUFFIX_LENGTH as usize];
    for digit in digits.iter_mut().rev() {
        *digit = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[(number % 36) as usize];
        number /= 36;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

/// `yyMMddHHmmss` in UTC+8 of a Unix time.
fn stamp(unix: u64) -> String {
    let local = unix + 8 * 3600;
    let (days, second) = (local / 86_400, local % 86_400);
    // Days to a civil date by counting from 1 March 0000, where a leap day ends its year (Howard Hinnant's algorithm).
    let days = days + 719_468;
    let (era, day_of_era) = (days / 146_097, days % 146_097);
    let year_of_era = (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted_month = (5 * day_of_year + 2) / 153;
    let day = day_of_year - (153 * shifted_month + 2) / 5 + 1;
    let month = if shifted_month < 10 { shifted_month + 3 } else { shifted_month - 9 };
    let year = era * 400 + year_of_era + u64::from(month <= 2);
    format!("{:02}{month:02}{day:02}{:02}{:02}{:02}", year % 100, second / 3600, second / 60 % 60, second % 60)
}

fn invalid(message: impl Into<String>) -> Error {
    Error::new(Code::InvalidArgument, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stamp_is_the_date_in_china() {
        // Each checked with `TZ=Asia/Shanghai date -d @N +%y%m%d%H%M%S`.
        for (unix, expected) in [
            (0, "700101080000"),
            (951_811_199, "000229155959"),
            (1_633_059_584, "211001113944"),
            (1_709_222_400, "240301000000"),
            (4_102_415_999, "991231235959"),
        ] {
            assert_eq!(stamp(unix), expected);
        }
    }

    #[test]
    fn generated_ids_have_the_form_and_never_repeat() {
        let mut seen = HashSet::new();
        for _ in 0..20_000 {
            let id = ReqFlowId::generate().unwrap();
            assert_eq!(id.as_str().len(), 20);
            assert!(id.as_str().bytes().all(|byte| byte.is_ascii_digit() || byte.is_ascii_uppercase()));
            assert!(seen.insert(id.as_str().to_owned()));
        }
        assert_eq!((base36(0), base36(36u64.pow(8) - 1)), ("00000000".into(), "ZZZZZZZZ".into()));
    }

    #[test]
    fn a_clock_that_jumps_ahead_and_back_leaves_ids_right_and_unique_and_nothing_behind() {
        let (now, in_a_year) = (1_633_059_584, 1_664_595_584);
        let (mut given, mut seen) = (GivenIds::default(), HashSet::new());
        for clock in [now, in_a_year, now, now + 1, now] {
            for _ in 0..1_000 {
                let id = given.next(clock).unwrap();
                assert!(id.as_str().starts_with(&stamp(clock)), "{id:?} of {clock}");
                assert!(seen.insert(id.as_str().to_owned()), "{id:?} was given before");
            }
            assert_eq!(given.rests.len(), 1_000, "only the present second is remembered");
        }
        let firsts: HashSet<&str> =
            seen.iter().filter(|id| id.starts_with(&stamp(now))).map(|id| &id[12..13]).collect();
        assert_eq!(firsts.len(), 3, "each of the three times has ids of its own");
    }

    #[test]
    fn a_flow_id_that_the_protocol_cannot_carry_is_refused() {
        let refusal = |text: &str| SysSignFlowId::new(text).err().map(|error| (error.code, error.message));
        assert!(refusal("MAN202109280009848").is_none());
        assert!(refusal(&"中".repeat(50)).is_none());
        for (text, reason) in [
            ("", "empty"),
            (" \t", "empty"),
            (&*"x".repeat(51), "51 characters"),
            ("a\nb", "control"),
            ("a\u{85}", "control"),
            ("a&b", "& or ="),
            ("a=b", "& or ="),
        ] {
            let (code, message) = refusal(text).unwrap();
            assert_eq!(code, Code::InvalidArgument);
            assert!(message.contains(reason), "{text:?}: {message}");
        }
        assert!(ReqFlowId::given("123456789012345678901").is_err());
        assert!(ReqFlowId::given("12345678901234567890").is_ok());
    }
}
