//! Lines that fit a terminal of 80 columns.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

const COLUMNS: usize = 80;

/// What stands at no line's beginning in Chinese.
const CLOSING: &str = "，。、；：？！）”》」】…";
/// And at none's end.
const OPENING: &str = "（“《「【";

/// A sentence behind `first`, its further lines below its beginning.
pub(super) fn sentence(first: &str, text: &str) -> String {
    broken(first, text, |before, after| {
        let is_wide = |c: char| c.width().unwrap_or(0) > 1;
        before == ' '
            || ((is_wide(before) || is_wide(after))
                && !CLOSING.contains(after)
                && !OPENING.contains(before)
                && after != ' ')
    })
}

/// Text that is signed or sent: a line for each pair, and broken wherever a line is full.
pub(super) fn literal(first: &str, text: &str) -> String {
    let margin = " ".repeat(first.width());
    let mut out = String::new();
    let mut rest = text;
    loop {
        let next = rest.char_indices().skip(1).find(|(_, c)| *c == '&').map_or(rest.len(), |(at, _)| at);
        out += &broken(if out.is_empty() { first } else { &margin }, &rest[..next], |_, _| false);
        rest = &rest[next..];
        if rest.is_empty() {
            return out;
        }
    }
}

/// As much of a text as fits behind so many columns.
pub(super) fn cut(text: &str, taken: usize, lengthy: impl Fn(usize) -> String) -> String {
    let room = COLUMNS.saturating_sub(taken);
    if text.width() <= room {
        return text.to_owned();
    }
    let told = format!("… {}", lengthy(text.chars().count()));
    let (mut width, mut end) = (told.width(), 0);
    for (at, c) in text.char_indices() {
        width += c.width().unwrap_or(0);
        if width > room {
            break;
        }
        end = at + c.len_utf8();
    }
    format!("{}{told}", &text[..end])
}

/// Lines end where `may_break` lets them, else wherever they are full.
fn broken(first: &str, text: &str, may_break: impl Fn(char, char) -> bool) -> String {
    let margin = first.width();
    let room = COLUMNS.saturating_sub(margin).max(20);
    let mut lines: Vec<&str> = Vec::new();
    let (mut start, mut width, mut last) = (0, 0, None);
    let mut before = None;
    for (at, c) in text.char_indices() {
        if let Some(before) = before
            && may_break(before, c)
        {
            last = Some(at);
        }
        width += c.width().unwrap_or(0);
        if width > room && at > start {
            let end = last.filter(|end| *end > start).unwrap_or(at);
            // A blank that would stand beyond the edge may stay there.
            if c == ' ' && last != Some(at) {
                before = Some(c);
                continue;
            }
            lines.push(&text[start..end]);
            width = text[end..at].width() + c.width().unwrap_or(0);
            start = end;
            last = None;
        }
        before = Some(c);
    }
    lines.push(&text[start..]);
    let blank = " ".repeat(margin);
    let line = |(index, line): (usize, &&str)| {
        format!("{}{}\n", if index == 0 { first } else { &blank }, line.trim_end_matches(' '))
    };
    lines.iter().enumerate().map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_end_at_words() {
        let text =
            "The institution's key is not known: --merchant-cert FILE names its certificate or public key, it says.";
        let expected = "→ The institution's key is not known: --merchant-cert FILE names its certificate\n  or public key, it says.\n";
        assert_eq!(sentence("→ ", text), expected);
        assert_eq!(sentence("→ ", "short"), "→ short\n");
        assert_eq!(sentence("", &"x".repeat(100)), format!("{}\n{}\n", "x".repeat(80), "x".repeat(20)));
    }

    #[test]
    fn chinese_is_broken_before_no_comma() {
        let text = format!("{}，然后（说明）。", "签".repeat(39));
        assert_eq!(sentence("  ", &text), format!("  {}\n  签，然后（说明）。\n", "签".repeat(38)));
        for width in 30..45 {
            for line in sentence("  ", &format!("{}，然后（说明）。", "签".repeat(width))).lines() {
                assert!(line.width() <= 80 && !line.trim_start().starts_with('，'), "{line}");
            }
        }
    }

    #[test]
    fn literal_text_has_a_line_for_each_pair() {
        assert_eq!(literal("  ", "a=1&b=2"), "  a=1\n  &b=2\n");
        let long = format!("data={}", "Q".repeat(100));
        let (first, second) = long.split_at(78);
        assert_eq!(literal("  ", &long), format!("  {first}\n  {second}\n"));
    }

    #[test]
    fn what_is_cut_tells_its_length() {
        let lengthy = |count| format!("({count} characters)");
        assert_eq!(cut("short", 20, lengthy), "short");
        let shown = cut(&"签".repeat(100), 20, lengthy);
        assert_eq!(shown, format!("{}… (100 characters)", "签".repeat(21)));
        assert_eq!(shown.width(), 60);
    }
}
