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

    /// A new one, never given before in this process: `yyMMddHHmmss` in the platform's time zone (UTC+8) and 8 random
    /// characters `0-9A-Z` from the operating system.
    pub(crate) fn generate() -> Result<Self, Error> {
        let clock = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_secs();
        let mut given = hold();
        // Never backwards, or a clock set back could lead to a second whose ids are forgotten.
        if clock > given.second {
            *given = GivenIds { second: clock, suffixes: HashSet::new() };
        }
        loop {
            let random = getrandom::u64().map_err(|error| {
                Error::new(Code::Internal, format!("the operating system gives no random numbers: {error}"))
            })?;
            let suffix = random % 36u64.pow(SUFFIX_LENGTH);
            if given.suffixes.insert(suffix) {
                return Ok(ReqFlowId(format!("{}{}", stamp(given.second), base36(suffix))));
            }
        }
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

/// The suffixes given in the present second.
#[derive(Default)]
pub(crate) struct GivenIds {
    second: u64,
    suffixes: HashSet<u64>,
}

static GIVEN: Lazy<Mutex<GivenIds>> = Lazy::new(Mutex::default);

/// For `fork`: nobody is given an id while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, GivenIds> {
    lock(&GIVEN)
}

const SUFFIX_LENGTH: u32 = 8;

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
