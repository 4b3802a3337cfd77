//! Times as people in China read them: the platform's zone, UTC+8.

/// `2026-11-29 16:04:19` of a Unix time.
pub(crate) fn in_china(unix: i64) -> String {
    let local = unix + 8 * 3600;
    let (mut days, second) = (local.div_euclid(86_400), local.rem_euclid(86_400));
    let mut year = 1970;
    loop {
        let length = if is_leap(year) { 366 } else { 365 };
        if days < length {
            break;
        }
        days -= length;
        year += 1;
    }
    let months = [31, if is_leap(year) { 29 } else { 28 }, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];
    let mut month = 0;
    while days >= months[month] {
        days -= months[month];
        month += 1;
    }
    let (hour, minute, second) = (second / 3600, second / 60 % 60, second % 60);
    format!("{year:04}-{:02}-{:02} {hour:02}:{minute:02}:{second:02}", month + 1, days + 1)
}

fn is_leap(year: i64) -> bool {
    year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
}

pub(crate) fn now() -> i64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_secs()).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_is_that_of_shanghai() {
        // Each checked with `TZ=Asia/Shanghai date -d @N '+%F %T'`.
        for (unix, shown) in [
            (0, "1970-01-01 08:00:00"),
            (951_811_199, "2000-02-29 15:59:59"),
            (1_709_222_400, "2024-03-01 00:00:00"),
            (4_102_415_999, "2099-12-31 23:59:59"),
        ] {
            assert_eq!(in_china(unix), shown);
        }
    }
}
