//! Bytes of any encoding, bounded, as text.

use encoding_rs::{Encoding, GB18030, UTF_8};

/// A long afternoon in a browser fits.
pub(crate) const MOST_BYTES: usize = 64 << 20;

#[derive(Debug, PartialEq)]
pub(crate) enum Unread {
    Empty,
    TooLarge,
    Binary,
}

/// As UTF-8, or in the encoding that a mark names, or in GB18030.
pub(crate) fn decoded(bytes: &[u8]) -> Result<(String, &'static Encoding), Unread> {
    if bytes.len() > MOST_BYTES {
        return Err(Unread::TooLarge);
    }
    let candidates = match Encoding::for_bom(bytes) {
        Some((encoding, _)) => vec![encoding],
        None => vec![UTF_8, GB18030],
    };
    let read = |encoding: &'static Encoding| {
        let (text, failed) = encoding.decode_with_bom_removal(bytes);
        (!failed && !text.contains('\0')).then(|| (text.into_owned(), encoding))
    };
    let (text, encoding) = candidates.into_iter().find_map(read).ok_or(Unread::Binary)?;
    if text.trim().is_empty() { Err(Unread::Empty) } else { Ok((text, encoding)) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_encoding_that_people_save_in_is_read() {
        // `iconv -t GB18030`, `-t UTF-16LE` with a mark, `-t UTF-16BE` with a mark.
        for (bytes, encoding) in [
            (&b"{\"note\":\"\xe6\x88\x90\"}"[..], "UTF-8"),
            (b"\xef\xbb\xbf{\"note\":\"\xe6\x88\x90\"}", "UTF-8"),
            (b"{\"note\":\"\xb3\xc9\"}", "gb18030"),
            (b"\xff\xfe{\0\"\0n\0o\0t\0e\0\"\0:\0\"\0\x10\x62\"\0}\0", "UTF-16LE"),
            (b"\xfe\xff\0{\0\"\0n\0o\0t\0e\0\"\0:\0\"\x62\x10\0\"\0}", "UTF-16BE"),
        ] {
            let (text, found) = decoded(bytes).unwrap();
            assert_eq!((text.as_str(), found.name()), ("{\"note\":\"成\"}", encoding));
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
