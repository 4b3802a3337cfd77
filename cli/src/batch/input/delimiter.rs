//! What stands between the cells of a text.

use std::collections::BTreeMap;
use std::io::{self, Read};

use crate::id;
use crate::text::{is_white, read_fully};

/// How much of the text is looked at.
const HEAD: usize = 64 * 1024;
/// Of equals the first.
const KNOWN: [u8; 4] = *b"\t,;|";

#[derive(Debug, PartialEq)]
pub(super) enum Delimiter {
    /// By a first line `sep=;`, Excel's own, which is no row.
    Stated(u8),
    Found(u8),
    /// There is such a line, but it names none.
    Misstated,
    /// Either makes a table.
    Doubtful(u8, u8),
}

pub(super) fn find(mut text: impl Read, prefers_tab: bool) -> io::Result<Delimiter> {
    let mut head = vec![0; HEAD];
    let length = read_fully(&mut text, &mut head)?;
    head.truncate(length);
    Ok(stated(&head).unwrap_or_else(|| found(&head, prefers_tab)))
}

fn stated(head: &[u8]) -> Option<Delimiter> {
    let line = head.split(|byte| matches!(byte, b'\r' | b'\n')).next().unwrap_or_default();
    let line = line.strip_prefix(b"\"").and_then(|line| line.strip_suffix(b"\"")).unwrap_or(line);
    let (word, rest) = line.split_at_checked(4)?;
    if !word.eq_ignore_ascii_case(b"sep=") {
        return None;
    }
    let may_separate = |byte: u8| byte == b'\t' || byte.is_ascii_punctuation() && byte != b'"';
    // A spreadsheet that took the line for a row filled it up with more of them.
    let first = rest.first().copied().filter(|&first| may_separate(first) && rest.iter().all(|&byte| byte == first));
    Some(first.map_or(Delimiter::Misstated, Delimiter::Stated))
}

/// What divides most lines into equally many cells: a title above the header has none, or others.
fn found(head: &[u8], prefers_tab: bool) -> Delimiter {
    let lines = lines(head);
    // How many lines have equally many of it.
    let score = |delimiter: u8| {
        let mut counts = BTreeMap::new();
        for line in &lines {
            *counts.entry(line.iter().filter(|&&byte| byte == delimiter).count()).or_insert(0) += 1;
        }
        counts.into_iter().filter(|&(count, _)| count > 0).map(|(_, lines)| lines).max().unwrap_or(0)
    };
    let scores = KNOWN.map(|delimiter| (delimiter, score(delimiter)));
    if prefers_tab && scores[0].1 > 0 {
        return Delimiter::Found(b'\t');
    }
    let best = scores.iter().map(|&(_, score)| score).max().unwrap_or(0);
    if best == 0 {
        return Delimiter::Found(b',');
    }
    let likely: Vec<u8> = scores.iter().filter(|&&(_, score)| score == best).map(|&(delimiter, _)| delimiter).collect();
    let has_header = |delimiter: &u8| {
        let is_header = |cell: &[u8]| std::str::from_utf8(cell).is_ok_and(id::is_header);
        lines.iter().any(|line| line.split(|byte| byte == delimiter).any(is_header))
    };
    match likely[..] {
        [only] => Delimiter::Found(only),
        // Nobody writes a tab within a cell; and where few lines have any, it is a list of one column.
        [first, ..] if first == b'\t' || best * 2 < lines.len() => Delimiter::Found(first),
        [first, second, ..] => match likely.iter().copied().filter(has_header).collect::<Vec<_>>()[..] {
            [only] => Delimiter::Found(only),
            _ => Delimiter::Doubtful(first, second),
        },
        [] => Delimiter::Found(b','),
    }
}

/// The lines that are not blank, without what stands in quotation marks; of the last one only if it is whole, or alone.
fn lines(head: &[u8]) -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    let mut line = Vec::new();
    let (mut quoted, mut begins) = (false, true);
    for &byte in head {
        match byte {
            b'"' if quoted => quoted = false,
            b'"' if begins => quoted = true,
            b'\r' | b'\n' if !quoted => lines.push(std::mem::take(&mut line)),
            byte if !quoted => line.push(byte),
            _ => {}
        }
        begins = !quoted && (KNOWN.contains(&byte) || matches!(byte, b'\r' | b'\n'));
    }
    if head.len() < HEAD || lines.is_empty() {
        lines.push(line);
    }
    lines.retain(|line| !String::from_utf8_lossy(line).chars().all(|c| is_white(c) && c != '\t'));
    lines
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str) -> Delimiter {
        find(text.as_bytes(), false).unwrap()
    }

    #[test]
    fn a_first_line_of_excels_own_states_it() {
        for (line, delimiter) in [
            ("sep=;", b';'),
            ("SEP=,", b','),
            ("\"sep=|\"", b'|'),
            ("sep=\t", b'\t'),
            ("sep=^", b'^'),
            ("sep=;;;", b';'),
        ] {
            for rest in ["", "\na,b;c|d\n", "\r\na\r\n", "\ra"] {
                assert_eq!(of(&format!("{line}{rest}")), Delimiter::Stated(delimiter), "{line}");
            }
        }
        for line in ["sep=", "sep=；", "sep=x", "sep=\"", "sep=;,", "sep=;x"] {
            assert_eq!(of(&format!("{line}\na;b\n")), Delimiter::Misstated, "{line}");
        }
        assert_eq!(of("separator;id\n"), Delimiter::Found(b';'));
        assert_eq!(of("\nsep=,\na;b\nc;d\n"), Delimiter::Found(b';'), "not the first line");
    }

    #[test]
    fn most_lines_decide() {
        for (text, delimiter) in [
            ("", b','),
            ("MAN1\nMAN2\n", b','),
            ("清单\n序号;合同编号\n1;MAN1\n", b';'),
            ("清单\n序号\t合同编号\n1\tMAN1", b'\t'),
            ("清单,2026年\n序号;合同编号\n1;MAN1\n", b';'),
            ("合同编号;金额\nMAN1;1,000.00\nMAN2;2,000,000.00\n", b';'),
            ("合同编号|金额\nMAN1|1,000.00\n", b'|'),
            ("id,x\n1,a;b\n2,c;d\n", b','),
            ("姓名,电话;合同编号\n王,1;MAN1\n", b';'),
            ("MAN1\t1,000\nMAN2\t2,000\n", b'\t'),
            ("id;x\n1;\"a,b,c\"\n2;\"d,e\n,f\"\n", b';'),
            ("屏幕 5\",id\nx,\"a;b;c\"\n", b','),
            ("MAN1\nMAN2\nMAN3,a\nMAN4\nMAN5;b\n", b','),
            ("id;x\n1;a\n\n\n2;b\n", b';'),
        ] {
            assert_eq!(of(text), Delimiter::Found(delimiter), "{text}");
        }
        assert_eq!(of("MAN1,a;b\nMAN2,c;d\n"), Delimiter::Doubtful(b',', b';'));
        assert_eq!(find("a,b,c\nd\te\n".as_bytes(), true).unwrap(), Delimiter::Found(b'\t'));
        assert_eq!(find("a;b\nd;e\n".as_bytes(), true).unwrap(), Delimiter::Found(b';'), "whatever it is called");
    }

    #[test]
    fn a_line_that_is_cut_does_not_count() {
        let long = format!("a;b\n{}", "c,".repeat(HEAD));
        assert_eq!(of(&long), Delimiter::Found(b';'));
        assert_eq!(of(&"c,".repeat(HEAD)), Delimiter::Found(b','));
    }
}
