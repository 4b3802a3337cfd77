//! Bytes of any encoding, bounded, as text.

use std::io::Read;

use crate::text::{Encoded, Form};

/// A long afternoon in a browser fits.
pub(crate) const MOST_BYTES: usize = 64 << 20;

#[derive(Debug, PartialEq)]
pub(crate) enum Unread {
    Empty,
    TooLarge,
    Binary,
}

/// As lists are read: UTF-8 with or without a mark, UTF-16 with one, GB18030.
pub(crate) fn decoded(bytes: &[u8]) -> Result<String, Unread> {
    if bytes.len() > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    let form = Form::find(&|| Ok(Box::new(bytes))).ok().flatten().ok_or(Unread::Binary)?;
    let mut text = String::new();
    Encoded::new(bytes, form.encoding).read_to_string(&mut text).map_err(|_| Unread::Binary)?;
    if text.trim().is_empty() { Err(Unread::Empty) } else { Ok(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_that_people_save_in_is_read() {
        // `iconv -t GB18030`, `-t UTF-16LE` with a mark, `-t UTF-16BE` with a mark.
        for bytes in [
            &b"{\"note\":\"\xe6\x88\x90\"}"[..],
            b"\xef\xbb\xbf{\"note\":\"\xe6\x88\x90\"}",
            b"{\"note\":\"\xb3\xc9\"}",
            b"\xff\xfe{\0\"\0n\0o\0t\0e\0\"\0:\0\"\0\x10\x62\"\0}\0",
            b"\xfe\xff\0{\0\"\0n\0o\0t\0e\0\"\0:\0\"\x62\x10\0\"\0}",
        ] {
            assert_eq!(decoded(bytes).unwrap(), "{\"note\":\"成\"}");
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        assert_eq!(decoded(b""), Err(Unread::Empty));
        assert_eq!(decoded(b"\xef\xbb\xbf \r\n"), Err(Unread::Empty));
        assert_eq!(decoded(b"\x7fELF\0\0"), Err(Unread::Binary));
        assert_eq!(decoded(b"\x89PNG\xff\xff"), Err(Unread::Binary));
        assert_eq!(decoded(&vec![b' '; MOST_BYTES + 1]), Err(Unread::TooLarge));
    }
}
