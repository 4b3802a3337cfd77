//! A length of time as people write it.

use std::time::Duration;

/// `200ms`, `30s`, `5m`, `2h`, `1d`; a bare number is seconds.
pub(super) fn parse(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit()).unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let milliseconds: u64 = match unit {
        "ms" => 1,
        "" | "s" => 1_000,
        "m" => 60_000,
        "h" => 3_600_000,
        "d" => 86_400_000,
        _ => return Err("30s, 5m, 2h, 1d".into()),
    };
    let number: u64 = number.parse().map_err(|_| "30s, 5m, 2h, 1d")?;
    match number.checked_mul(milliseconds) {
        // A hundred years.
        Some(all) if (1..=3_155_760_000_000).contains(&all) => Ok(Duration::from_millis(all)),
        _ => Err("1ms…36525d".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_are_as_people_write_them() {
        for (text, ms) in
            [("200ms", 200), ("30", 30_000), ("30s", 30_000), ("5m", 300_000), ("2h", 7_200_000), ("1d", 86_400_000)]
        {
            assert_eq!(parse(text), Ok(Duration::from_millis(ms)), "{text}");
        }
        for text in
            ["", "s", "0", "0s", "-1", "1.5m", "1w", "1 s", "99999999999999999999", "18446744073709551615d", "1h30m"]
        {
            assert!(parse(text).is_err(), "{text}");
        }
    }
}
