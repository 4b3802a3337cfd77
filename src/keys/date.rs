//! The dates of certificates: read in every way that they are written, told in one.

use std::time::Duration;

use der::asn1::AnyRef;
use der::{DateTime, Tag, Tagged};

/// The calendar repeats itself after so many years.
const CYCLE: u16 = 400;
/// The beginning of a cycle that `DateTime` knows all of; it knows nothing before 1970.
const KNOWN: u16 = 2000;

/// `UTCTime` or `GeneralizedTime` in RFC 3339, UTC, without fractions of a second; `None` when it is no moment of a
/// calendar, or leaves its zone open.
pub(super) fn rfc3339(time: AnyRef<'_>) -> Option<String> {
    let mut text = time.value();
    let short = pair(&mut text)?;
    let year = match time.tag() {
        Tag::UtcTime if short < 50 => 2000 + u16::from(short),
        Tag::UtcTime => 1900 + u16::from(short),
        Tag::GeneralizedTime => u16::from(short) * 100 + u16::from(pair(&mut text)?),
        _ => return None,
    };
    let (month, day, hour) = (pair(&mut text)?, pair(&mut text)?, pair(&mut text)?);
    let minute = pair(&mut text);
    let second = minute.and_then(|_| pair(&mut text));
    if second.is_some() {
        skip_fraction(&mut text);
    }
    let (east, offset) = zone(text)?;
    let (minute, second) = (minute.unwrap_or(0), second.unwrap_or(0));
    let there = DateTime::new(KNOWN + year % CYCLE, month, day, hour, minute, second).ok()?.unix_duration();
    let utc = if east { there.checked_sub(offset) } else { there.checked_add(offset) };
    let t = DateTime::from_unix_duration(utc?).ok()?;
    let year = (t.year() + year / CYCLE * CYCLE).checked_sub(KNOWN).filter(|year| *year <= 9999)?;
    Some(format!("{year:04}-{:02}-{:02}T{:02}:{:02}:{:02}Z", t.month(), t.day(), t.hour(), t.minutes(), t.seconds()))
}

/// Takes two digits off the front; nothing when there are none.
fn pair(text: &mut &[u8]) -> Option<u8> {
    let [tens @ b'0'..=b'9', ones @ b'0'..=b'9', rest @ ..] = *text else { return None };
    *text = rest;
    Some((tens - b'0') * 10 + (ones - b'0'))
}

/// Takes a fraction off the front, which is not told.
fn skip_fraction(text: &mut &[u8]) {
    if let [b'.' | b',', digits @ ..] = *text {
        let count = digits.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if count > 0 {
            *text = &digits[count..];
        }
    }
}

/// Whether the zone lies east of Greenwich, and how far from it.
fn zone(text: &[u8]) -> Option<(bool, Duration)> {
    let (sign, mut digits) = text.split_first()?;
    let east = match sign {
        b'Z' => return digits.is_empty().then_some((true, Duration::ZERO)),
        b'+' => true,
        b'-' => false,
        _ => return None,
    };
    let (hours, minutes) = (pair(&mut digits)?, pair(&mut digits)?);
    let usual = hours < 24 && minutes < 60 && digits.is_empty();
    usual.then(|| (east, Duration::from_secs(u64::from(hours) * 3600 + u64::from(minutes) * 60)))
}
