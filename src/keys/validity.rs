//! How long a certificate is still valid. A certificate is a pinned key: nothing is refused for its dates, but its end is
//! told in time to ask for its successor.

use std::time::{SystemTime, UNIX_EPOCH};

const DAY: i64 = 86_400;
/// From so many seconds before the end on it is told.
const TOLD_WITHIN: i64 = 30 * DAY;

/// Whole days from `now` to a moment in RFC 3339, UTC; negative when it has passed, `None` when it is no such moment.
pub(crate) fn days_left(not_after: &str, now: SystemTime) -> Option<i64> {
    Some(seconds_left(not_after, now)?.div_euclid(DAY))
}

/// What the log says of a certificate that has ended or soon ends, if it does: `whose` names it, `from` gives another.
pub(crate) fn warning(whose: &str, not_after: &str, now: SystemTime, from: &str) -> Option<String> {
    let left = seconds_left(not_after, now).filter(|left| *left <= TOLD_WITHIN)?;
    let ends = if left < 0 { "ended" } else { "ends" };
    let days = left.div_euclid(DAY);
    Some(format!(
        "{whose} {ends} at {not_after} (days left: {days}). It is used all the same. Ask {from} for its successor."
    ))
}

fn seconds_left(not_after: &str, now: SystemTime) -> Option<i64> {
    let now = match now.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).ok()?,
        Err(before) => -i64::try_from(before.duration().as_secs()).ok()?,
    };
    Some(seconds(not_after)? - now)
}

/// Seconds since 1970 of `YYYY-MM-DDTHH:MM:SSZ`.
fn seconds(text: &str) -> Option<i64> {
    let (date, time) = text.strip_suffix('Z')?.split_once('T')?;
    let [year, month, day] = numbers(date, '-')?;
    let [hour, minute, second] = numbers(time, ':')?;
    let fits = (1..=12).contains(&month) && (1..=31).contains(&day) && hour < 24 && minute < 60 && second <= 60;
    fits.then(|| days(year, month, day) * DAY + hour * 3600 + minute * 60 + second)
}

fn numbers(text: &str, between: char) -> Option<[i64; 3]> {
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit()).then(|| part.parse().ok()).flatten();
    let numbers: Vec<i64> = text.split(between).map(digits).collect::<Option<_>>()?;
    numbers.try_into().ok()
}

/// Days from 1970-01-01 to a day of the Gregorian calendar.
fn days(year: i64, month: i64, day: i64) -> i64 {
    // Years that begin in March have the leap day at their end.
    let (year, month) = if month > 2 { (year, month - 3) } else { (year - 1, month + 9) };
    let leap_days = year.div_euclid(4) - year.div_euclid(100) + year.div_euclid(400);
    // 153 days in the five months from March to July, and again from August to December.
    year * 365 + leap_days + (153 * month + 2) / 5 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    /// Seconds as `date -u -d … +%s` tells them.
    #[test]
    fn moments_are_those_of_the_calendar() {
        for (text, expected) in [
            ("1970-01-01T00:00:00Z", 0),
            ("1969-12-31T23:59:59Z", -1),
            ("1950-01-01T00:00:00Z", -631_152_000),
            ("2000-02-29T12:00:00Z", 951_825_600),
            ("2026-11-29T04:00:00Z", 1_795_924_800),
            ("2043-02-25T08:03:52Z", 2_308_464_232),
            ("2100-03-01T00:00:00Z", 4_107_542_400),
            ("9999-12-31T23:59:59Z", 253_402_300_799),
        ] {
            assert_eq!(seconds(text), Some(expected), "{text}");
        }
        for text in
            ["", "Feb 30", "2026-11-29", "2026-11-29T04:00:00", "2026-11-29T04:00:00+08:00", "2026-13-01T00:00:00Z"]
        {
            assert_eq!(days_left(text, at(0)), None, "{text}");
        }
    }

    #[test]
    fn days_are_whole_ones_and_negative_behind_the_end() {
        let end = "2026-11-29T04:00:00Z";
        let end_seconds = 1_795_924_800;
        for (before, expected) in [(0, 0), (1, 0), (86_399, 0), (86_400, 1), (30 * 86_400, 30), (30 * 86_400 - 1, 29)] {
            assert_eq!(days_left(end, at(end_seconds - before)), Some(expected), "{before}");
        }
        for (behind, expected) in [(1, -1), (86_400, -1), (86_401, -2), (59 * 86_400, -59)] {
            assert_eq!(days_left(end, at(end_seconds + behind)), Some(expected), "{behind}");
        }
        assert_eq!(days_left("1970-01-03T00:00:00Z", UNIX_EPOCH - Duration::from_secs(1)), Some(2));
    }

    #[test]
    fn only_the_last_thirty_days_and_what_follows_are_told() {
        let end = 1_795_924_800;
        let told = |now| warning("The certificate", "2026-11-29T04:00:00Z", at(now), "YSEPAY");
        assert_eq!(told(end - 30 * 86_400 - 1), None);
        assert_eq!(
            told(end - 30 * 86_400).unwrap(),
            "The certificate ends at 2026-11-29T04:00:00Z (days left: 30). It is used all the same. Ask YSEPAY for its \
             successor."
        );
        assert!(told(end).unwrap().contains("ends at 2026-11-29T04:00:00Z (days left: 0)"));
        assert!(told(end + 1).unwrap().contains("ended at 2026-11-29T04:00:00Z (days left: -1)"));
        assert_eq!(warning("The certificate", "Feb 30", at(end), "YSEPAY"), None);
    }
}
