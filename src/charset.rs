//! In which character encoding a text of unknown origin is, as far as its bytes show; only to tell people.

use std::borrow::Cow;

use encoding_rs::{GBK, UTF_16BE, UTF_16LE};

/// An encoding other than UTF-8.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Charset {
    /// With a byte order mark, without which it is not recognised; the parts of a number come in this order.
    Utf16 { big_end_first: bool },
    /// And GB2312, which is a part of it.
    Gbk,
}

impl Charset {
    /// `None`: UTF-8, be it cut off or damaged, or nothing that is known here.
    pub(crate) fn of(bytes: &[u8]) -> Option<Self> {
        match bytes {
            // UTF-32.
            [0xff, 0xfe, 0, 0, ..] => None,
            [0xff, 0xfe, _, _, ..] => Some(Charset::Utf16 { big_end_first: false }),
            [0xfe, 0xff, _, _, ..] => Some(Charset::Utf16 { big_end_first: true }),
            _ if is_more_or_less_utf8(bytes) => None,
            _ => looks_like_gbk(bytes).then_some(Charset::Gbk),
        }
    }
}

/// The text that the bytes are, with `�` for what cannot be read.
pub(crate) fn decode(bytes: &[u8]) -> Cow<'_, str> {
    match Charset::of(bytes) {
        None => String::from_utf8_lossy(bytes),
        Some(Charset::Gbk) => GBK.decode_without_bom_handling(bytes).0,
        Some(Charset::Utf16 { big_end_first: true }) => UTF_16BE.decode_with_bom_removal(bytes).0,
        Some(Charset::Utf16 { big_end_first: false }) => UTF_16LE.decode_with_bom_removal(bytes).0,
    }
}

/// UTF-8 that was cut, or with a few bytes lost, is no other encoding, though its bytes could be read as GBK.
fn is_more_or_less_utf8(bytes: &[u8]) -> bool {
    if std::str::from_utf8(bytes).map_or_else(|error| error.error_len().is_none(), |_| true) {
        return true;
    }
    let (mut characters, mut holes) = (0, 0);
    for chunk in bytes.utf8_chunks() {
        // Pairs of GBK make characters of two bytes by chance, as Chinese has three of UTF-8.
        characters += chunk.valid().chars().filter(|c| c.len_utf8() > 2).count();
        holes += usize::from(!chunk.invalid().is_empty());
    }
    characters > holes
}

/// The first part of a text in GBK.
enum Part {
    Ascii,
    Pair(u8, u8),
    /// A byte with which no part begins, or half of one at the end.
    Neither(u8),
}

fn parts(bytes: &[u8]) -> impl Iterator<Item = Part> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let (part, after) = match rest {
            [] => return None,
            [0..=0x7f, after @ ..] => (Part::Ascii, after),
            [lead @ 0x81..=0xfe, trail @ (0x40..=0x7e | 0x80..=0xfe), after @ ..] => (Part::Pair(*lead, *trail), after),
            [byte, after @ ..] => (Part::Neither(*byte), after),
        };
        rest = after;
        Some(part)
    })
}

/// Whether all of it reads as GBK, and most of its Chinese is of the common kind, GB2312: many a binary or a text in
/// another encoding reads as GBK, too.
fn looks_like_gbk(bytes: &[u8]) -> bool {
    let (mut pairs, mut common, mut neither) = (0, 0, 0);
    for part in parts(bytes) {
        match part {
            Part::Ascii => {}
            Part::Pair(lead, trail) => {
                pairs += 1;
                common += usize::from(matches!(lead, 0xa1..=0xf7) && trail >= 0xa1);
            }
            Part::Neither(_) => neither += 1,
        }
    }
    // Half a character at the end, where the text was cut, is none of its faults.
    let is_cut = matches!(parts(bytes).last(), Some(Part::Neither(0x81..=0xfe)));
    neither == usize::from(is_cut) && pairs > 0 && common * 4 >= pairs * 3
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gbk_is_told_from_what_only_reads_like_it() {
        for (bytes, text) in [
            (b"\xb3\xc9\xb9\xa6".as_slice(), "成功"),
            (
                b"\xcf\xb5\xcd\xb3\xd2\xec\xb3\xa3\xa3\xbb\xc1\xf7\xcb\xae\xb2\xbb\xb4\xe6\xd4\xda",
                "系统异常；流水不存在",
            ),
            // 喆 is not in GB2312.
            (b"{\"note\":\"\xd5\xc5\x86\xb4\xbf\xc6\xbc\xbc\xb9\xab\xcb\xbe\"}", "{\"note\":\"张喆科技公司\"}"),
            // Cut within a character.
            (b"\xb3\xc9\xb9\xa6\xb3", "成功\u{fffd}"),
            // All but its first and last byte is UTF-8, too.
            (b"\xb3\xc9\xb3\xc9\xb3\xc9", "成成成"),
        ] {
            assert_eq!((Charset::of(bytes), decode(bytes).as_ref()), (Some(Charset::Gbk), text));
        }
        let utf8 = "系统异常，流水不存在".as_bytes();
        let damaged = [&utf8[..9], &utf8[10..]].concat();
        for bytes in [
            b"".as_slice(),
            b"plain",
            utf8,
            &utf8[..utf8.len() - 1],
            &damaged,
            &"crème".as_bytes()[..3],
            // ISO 8859-1.
            b"caf\xe9 cr\xe8me",
            b"M\xfcller",
            // Big5: 系統異常.
            b"\xa8t\xb2\xce\xb2\xa7\xb1`",
            b"\x1f\x8b\x08\0\0\0\0\0\0\x03",
            b"\x80\xff",
            b"\xb3\xc9\xb9\xa6\xff",
            b"\xff\xfe\0\0{\0\0\0",
        ] {
            assert_eq!(Charset::of(bytes), None, "{bytes:x?}");
        }
    }

    #[test]
    fn utf16_is_known_by_its_mark() {
        let text = "\u{feff}{\"成\u{1f600}\"}";
        let little: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let big: Vec<u8> = text.encode_utf16().flat_map(u16::to_be_bytes).collect();
        for (bytes, big_end_first) in [(little, false), (big, true)] {
            assert_eq!(Charset::of(&bytes), Some(Charset::Utf16 { big_end_first }));
            assert_eq!(decode(&bytes), &text[3..]);
        }
        assert_eq!((Charset::of(b"\xff\xfe"), decode(b"\xff\xfe\0{\0").as_ref()), (None, "\u{7b00}\u{fffd}"));
    }
}
