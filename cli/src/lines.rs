//! Contract numbers out of a file or standard input, one a line: for the commands that ask about a few.

use std::io::Read;

use crate::lang::Lang;
use crate::status::printable;
use crate::text::{Encoded, Form};
use crate::{exit, id};

/// It is held in memory; who has more has a list for `batch`.
const MOST: usize = 64 * 1024 * 1024;

/// Those of `source`, which is called `name`; else an exit status and what is wrong. Blank lines and those that begin with #
/// are none.
pub(crate) fn read(source: impl Read, name: &str, lang: Lang) -> Result<Vec<String>, (u8, String)> {
    let refused = |en: String, zh: String| {
        let name = printable(name);
        (exit::FILE, lang.of(format!("{name} {en}"), format!("{name}{zh}")))
    };
    let unreadable =
        |error: std::io::Error| refused(format!("cannot be read: {error}."), format!(" 无法读取：{error}。"));
    let mut bytes = Vec::new();
    source.take(MOST as u64 + 1).read_to_end(&mut bytes).map_err(unreadable)?;
    if bytes.len() > MOST {
        return Err(refused(
            "holds more than 64 MiB. Long lists are for `yspay batch`.".into(),
            " 超过 64 MiB。很长的清单请用 `yspay batch` 查询。".into(),
        ));
    }
    let form = Form::find(&|| Ok(Box::new(&bytes[..]))).map_err(unreadable)?;
    let Some(form) = form else {
        return Err(refused(
            "is no text in UTF-8, UTF-16 or GB18030. Save the ids as text, one a line; workbooks are for `yspay batch`.".into(),
            " 不是 UTF-8、UTF-16 或 GB18030 文本。请把编号存成文本，每行一个；工作簿请用 `yspay batch` 查询。".into(),
        ));
    };
    let mut text = String::new();
    Encoded::new(&bytes[..], form.encoding).read_to_string(&mut text).map_err(unreadable)?;
    let mut ids = Vec::new();
    for (index, line) in text.lines().enumerate() {
        if line.trim_start().starts_with('#') {
            continue;
        }
        match id::of_text(line) {
            Ok(id) => ids.push(id.text),
            Err(id::Problem::Nothing) => {}
            // What an export has above its only column.
            Err(id::Problem::Header(_)) if ids.is_empty() => {}
            Err(problem) => {
                let (number, reason) = (index + 1, problem.text(lang));
                return Err(refused(
                    format!("line {number}: {reason}. Nothing was asked: one contract number a line."),
                    format!("第 {number} 行：{reason}。每行只写一个合同编号；尚未查询任何合同。"),
                ));
            }
        }
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(bytes: &[u8]) -> Result<Vec<String>, (u8, String)> {
        read(bytes, "ids.txt", Lang::En)
    }

    #[test]
    fn lines_that_hold_no_id_are_skipped() {
        let found = of("\u{feff}A1\r\n\n  # a comment\n\tB2 \nC#3\n   \nD4".as_bytes());
        assert_eq!(found.unwrap(), ["A1", "B2", "C#3", "D4"]);
        assert_eq!(of(b"# made today\nContract_No\nA1\n").unwrap(), ["A1"]);
        assert_eq!(of(b"").unwrap(), [""; 0]);
    }

    #[test]
    fn every_encoding_is_read_and_what_is_no_list_refused() {
        // `iconv -t GB18030`.
        assert_eq!(of(b"\xc7\xa9\xd4\xbc1\r\n").unwrap(), ["签约1"]);
        assert_eq!(of(b"\xff\xfe~{1\0\n\0").unwrap(), ["签1"]);
        assert_eq!(of(b"\xfe\xff{~\0A\0\n").unwrap(), ["签A"]);
        for (bytes, told) in [
            (&b"PK\x03\x04\0\0"[..], "ids.txt is no text in UTF-8, UTF-16 or GB18030. Save"),
            (b"A\0\n\0", "is no text"),
            (b"caf\xe9\xff\xff", "is no text"),
            (b"A1\n1,A2\n", "line 2: \"1,A2\" has a separator inside"),
            (b"A1\nid\n", "line 2: \"id\" is the header of a column"),
            (b"A1 A2\n", "line 1: \"A1 A2\" has white space inside"),
            (b"2.02E+17\n", "line 1: 2.02E+17 is a number that a spreadsheet rounded"),
        ] {
            let (status, text) = of(bytes).unwrap_err();
            assert!(status == exit::FILE && text.contains(told), "{text}");
        }
        let (status, text) = of(&vec![b'A'; MOST + 1]).unwrap_err();
        assert!(status == exit::FILE && text.contains("more than 64 MiB"), "{text}");
        let (_, text) = of(&[b'A'; 2000]).unwrap_err();
        assert!(text.contains("line 1: a text of 2000 characters"), "{text}");
    }
}
