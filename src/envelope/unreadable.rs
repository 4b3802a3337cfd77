//! What an answer is that cannot be read, by name: compressed, or in another character encoding.

use encoding_rs::Encoding;

use crate::charset::Charset;

/// How to go on when an answer is not as the platform makes it.
const ELSEWHERE: &str = "A proxy or another service may have answered; check the endpoint.";

/// Why these bytes, which are not UTF-8, are no answer. `coding` is their `Content-Encoding`, if they came with one.
pub(super) fn not_text(body: &[u8], coding: Option<&str>) -> String {
    if let Some(how) = compressed_with(body, coding) {
        return format!(
            "The answer is compressed with {how}, although it was asked for plain (Accept-Encoding: identity), so nothing of \
             it can be read. A proxy or gateway in between may compress answers: have that switched off, or check the \
             endpoint. Who receives answers himself must decompress them before they are verified."
        );
    }
    match Charset::of(body) {
        Some(Charset::Gbk) => {
            format!("The answer is not UTF-8 but GBK text, which `unverified` shows decoded. {ELSEWHERE}")
        }
        Some(Charset::Utf16 { .. }) => format!(
            "The answer is not UTF-8 but UTF-16 text with a byte order mark, which `unverified` shows decoded. {ELSEWHERE}"
        ),
        None => format!("The answer is not UTF-8 text. {ELSEWHERE}"),
    }
}

/// Why this text is no JSON object: `reason`, or something that explains it.
pub(super) fn not_json(text: &str, reason: &str, coding: Option<&str>) -> String {
    let reason = if starts_with_mark(text) { BYTE_ORDER_MARK } else { reason };
    let claim = coding.map_or_else(String::new, |coding| {
        format!(" It came with the Content-Encoding {}, which was not asked for.", shown(coding))
    });
    format!("The answer is not a JSON object of the protocol: {reason}.{claim} {ELSEWHERE}")
}

/// Why `data` is no JSON object.
pub(super) fn data_not_json(text: &str, reason: &str) -> String {
    let reason = if starts_with_mark(text) { BYTE_ORDER_MARK } else { reason };
    format!("`data` of the answer is not a JSON object: {reason}.")
}

const BYTE_ORDER_MARK: &str = "it begins with a byte order mark (U+FEFF), which JSON does not allow";

fn starts_with_mark(text: &str) -> bool {
    text.starts_with('\u{feff}')
}

/// How an answer is compressed that is not UTF-8 text: as its bytes show, else as its `Content-Encoding` says.
pub(crate) fn compressed_with(body: &[u8], coding: Option<&str>) -> Option<String> {
    if std::str::from_utf8(body).is_ok() {
        return None;
    }
    // Programs that mean well state their character encoding in that header: it says nothing of compression.
    let claim = coding.filter(|coding| Encoding::for_label(coding.as_bytes()).is_none());
    compression(body).map(str::to_owned).or_else(|| claim.map(shown))
}

/// By the first bytes.
fn compression(body: &[u8]) -> Option<&'static str> {
    match body {
        [0x1f, 0x8b, ..] => Some("gzip"),
        [0x78, 0x01 | 0x5e | 0x9c | 0xda, ..] => Some("deflate"),
        [0x28, 0xb5, 0x2f, 0xfd, ..] => Some("zstd"),
        _ => None,
    }
}

/// A header is the other side's: no more of it than a name is long.
fn shown(coding: &str) -> String {
    coding.chars().take(40).flat_map(char::escape_default).collect()
}
