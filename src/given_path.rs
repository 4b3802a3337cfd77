//! How a text that was given as a path is told. People paste keys where a path belongs, so one rule holds for every
//! setting that takes a path: what exists is named; else the text is quoted only if it looks like a path.

use std::fmt;
use std::path::Path;

use zeroize::Zeroizing;

use crate::error::printable;
use crate::hex;

/// The most characters of a path that are shown.
const MAX_SHOWN: usize = 500;
/// The longest text that may look like a path.
const MAX_PATH: usize = 260;
/// A name of this length is no longer kept on the stack.
const LONG: usize = 300;
/// The longest run of ASCII letters and digits in a path.
const MAX_RUN: usize = 24;
/// Endings by which a file is known; neither hex nor Base64 has a dot.
const ENDINGS: [&str; 28] = [
    "pem", "pfx", "p12", "cer", "crt", "der", "key", "sm2", "p8", "pk8", "pkcs8", "p7b", "csr", "jks", "bks",
    "keystore", "json", "txt", "conf", "cfg", "ini", "yaml", "yml", "toml", "bin", "dat", "bak", "old",
];

/// What a text looks like that is not shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Look {
    /// PEM, whole or a part of it.
    Pem,
    /// So many hex digits.
    Hex(usize),
    /// Base64 of so many bytes.
    Base64(usize),
    /// Anything else, of so many characters.
    Other(usize),
}

impl fmt::Display for Look {
    /// Completes "not shown, for …".
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Look::Pem => f.write_str("it looks like PEM text"),
            Look::Hex(digits) => write!(f, "it looks like hex of {digits} digits"),
            Look::Base64(bytes) => write!(f, "it looks like Base64 of {bytes} bytes"),
            Look::Other(length) => write!(f, "its {length} characters do not look like a path"),
        }
    }
}

/// The path as messages show it, or what it looks like when it must not be shown.
pub(crate) fn told(path: &Path) -> Result<String, Look> {
    let text = Zeroizing::new(path.to_string_lossy().into_owned());
    if exists(path) || is_path(&text, 0) || is_in_a_folder(path, &text) { Ok(clipped(&text)) } else { Err(look(&text)) }
}

/// A name in the file system is no secret; a link counts, wherever it leads.
fn exists(path: &Path) -> bool {
    may_exist(path) && path.symlink_metadata().is_ok()
}

/// Whether a path begins with a folder that exists, and the rest looks like a path.
fn is_in_a_folder(path: &Path, text: &str) -> bool {
    let named = |folder: &&Path| !folder.as_os_str().is_empty() && exists(folder);
    let folder = if text.len() <= MAX_PATH { path.ancestors().skip(1).find(named) } else { None };
    folder.and_then(Path::to_str).is_some_and(|folder| is_path(text, folder.len()))
}

/// Whether it is worth to ask the file system, which makes copies of long names that nobody wipes: not for PEM, nor for
/// DER in Base64.
pub(crate) fn may_exist(path: &Path) -> bool {
    let text = Zeroizing::new(path.to_string_lossy().into_owned());
    let is_der = text.len() >= LONG && text.trim_start().starts_with("MI") && matches!(look(&text), Look::Base64(_));
    !is_der && !text.contains("-----BEGIN ")
}

/// The path, or why it is not shown, for messages that other languages make of it.
#[cfg(any(test, feature = "jni", feature = "python"))]
pub(crate) fn label(path: &Path) -> String {
    told(path).unwrap_or_else(|look| format!("(not shown, for {look})"))
}

/// Text out of a file or a setting, safe for a log and a terminal.
pub(crate) fn escaped(text: &str) -> String {
    text.chars().map(printable).collect()
}

fn clipped(text: &str) -> String {
    match text.char_indices().nth(MAX_SHOWN) {
        Some((end, _)) => format!("{}…", escaped(&text[..end])),
        None => escaped(text),
    }
}

/// Whether nothing in a text speaks for a key, but for its first bytes, which `exist`. In doubt it is no path: a path that
/// is not shown costs a look at the settings, a key that is shown costs the key.
fn is_path(text: &str, exist: usize) -> bool {
    let text = narrow(text.get(exist..).unwrap_or(text));
    let body = match text.as_bytes() {
        [drive, b':', b'/' | b'\\', ..] if drive.is_ascii_alphabetic() => &text[2..],
        _ => text.as_str(),
    };
    let separated = exist > 0 || body.contains(['/', '\\']);
    let ended =
        body.rsplit_once('.').is_some_and(|(_, end)| ENDINGS.iter().any(|known| known.eq_ignore_ascii_case(end)));
    let fits = if separated || ended { body.chars().all(belongs) } else { is_word(body) };
    fits && (1..=MAX_PATH).contains(&text.len())
        && body.trim() == body
        && !body.contains("---")
        && runs(body).all(|run| run.len() <= MAX_RUN)
        && !is_restless(body, if ended { 3 } else { 2 })
        && !holds_hex(body)
}

/// A character that names of files and folders are made of. No quote, comma, equals sign or control.
fn belongs(c: char) -> bool {
    c.is_alphanumeric() || matches!(c, '/' | '\\' | '.' | '_' | '-' | ' ' | '@' | '+' | '~' | '(' | ')')
}

/// A single name without an ending, for example `missing`: here a password may stand as well.
fn is_word(text: &str) -> bool {
    let begins = text.starts_with(|c: char| c.is_alphabetic() || c == '_' || c == '.');
    let made = text.chars().all(|c| c.is_alphanumeric() || matches!(c, '.' | '_' | '-'));
    begins && made && text.chars().count() <= MAX_RUN && changes(text).filter(|change| *change).count() <= 1
}

/// The runs of ASCII letters and digits.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_ascii_alphanumeric()).filter(|run| !run.is_empty())
}

/// Whether the kind of character changes more often than `most` times in any stretch of sixteen, or in the whole: keys
/// change between capitals, small letters and digits at every second character, names do not.
fn is_restless(text: &str, most: usize) -> bool {
    let changes: Vec<bool> = changes(text).collect();
    let count = |changes: &[bool]| changes.iter().filter(|change| **change).count();
    count(&changes) > most + changes.len() / 16 || changes.windows(16).any(|stretch| count(stretch) > most)
}

/// For each ASCII letter and digit, whether it is of another kind than the one before it in its run, and neither the
/// capital that begins a word nor the letter behind that.
fn changes(text: &str) -> impl Iterator<Item = bool> {
    let change = |run: &[u8], at: usize| {
        let kind = |at: usize| run.get(at).map(|byte| (byte.is_ascii_digit(), byte.is_ascii_uppercase()));
        let small = |at: usize| run.get(at).is_some_and(u8::is_ascii_lowercase);
        let begins_word = run[at].is_ascii_uppercase() && small(at + 1) && small(at + 2);
        let is_in_word = run[at - 1].is_ascii_uppercase() && small(at) && small(at + 1);
        kind(at - 1) != kind(at) && !begins_word && !is_in_word
    };
    runs(text).flat_map(move |run| (0..run.len()).map(move |at| at > 0 && change(run.as_bytes(), at)))
}

/// Whether runs that follow each other make a number in hex: with dashes, dots or slashes between its bytes, perhaps.
fn holds_hex(text: &str) -> bool {
    let (mut digits, mut letters) = (0, 0);
    runs(text).any(|run| {
        let run = run.strip_prefix("0x").or(run.strip_prefix('x')).unwrap_or(run);
        if !run.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            (digits, letters) = (0, 0);
        } else {
            digits += run.len();
            letters += run.bytes().filter(u8::is_ascii_alphabetic).count();
        }
        // Dates and process numbers are digits alone.
        digits >= 32 || (digits >= 16 && letters > 0)
    })
}

/// What a text that is no path looks like, whatever it is dressed in.
fn look(text: &str) -> Look {
    let plain = narrow(text);
    if plain.contains("-----") || plain.contains("BEGIN ") || plain.contains("END ") {
        return Look::Pem;
    }
    let value = undressed(&plain);
    // A sign belongs to hex as well.
    if let Some(digits) = hex::count(value.trim_start_matches('-').as_bytes()) {
        return Look::Hex(digits);
    }
    let digits = gathered(value.len(), value.chars().filter(|c| !c.is_whitespace()));
    let digits = digits.trim_end_matches('=');
    let base64 = |c: char| c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '-' | '_');
    match digits.len() {
        16.. if digits.chars().all(base64) => Look::Base64(digits.len() * 3 / 4),
        _ => Look::Other(text.chars().count()),
    }
}

/// A text without what stands around a value: quotes, commas, a name before it, escapes for line breaks.
fn undressed(text: &str) -> Zeroizing<String> {
    let mut before = ' ';
    let unescaped = text.chars().filter_map(|c| {
        let escape = before == '\\' && matches!(c, 'n' | 'r' | 'x');
        before = c;
        match c {
            '\\' => None,
            _ => Some(if escape { ' ' } else { c }),
        }
    });
    let text = gathered(text.len(), unescaped);
    let around =
        |c: char| c.is_whitespace() || c.is_control() || matches!(c, '"' | '\'' | '`' | ',' | ';' | '\u{feff}');
    let value = text.trim_matches(around);
    let inner = match value.strip_prefix("data:").and_then(|data| data.split_once(',')) {
        Some((_, content)) => content,
        None => named(value).unwrap_or(value),
    };
    Zeroizing::new(inner.trim_matches(around).to_owned())
}

/// The value of `D=…`, `priv: …` and the like.
fn named(text: &str) -> Option<&str> {
    // Hex may have colons, and Base64 ends with equals signs.
    if hex::count(text.as_bytes()).is_some() {
        return None;
    }
    let (name, value) = text.split_once(['=', ':'])?;
    let is_name = name.len() <= 16 && name.chars().all(|c| c.is_ascii_alphabetic() || matches!(c, '_' | ' ' | '"'));
    (is_name && !value.trim_matches('=').is_empty()).then_some(value)
}

/// Full-width forms, as Chinese keyboards write them, as ASCII.
fn narrow(text: &str) -> Zeroizing<String> {
    gathered(text.len(), text.chars().map(hex::narrow))
}

/// Characters as a text that is wiped; with room for all of it, since growing would leave copies behind.
fn gathered(room: usize, characters: impl Iterator<Item = char>) -> Zeroizing<String> {
    let mut text = Zeroizing::new(String::with_capacity(room));
    text.extend(characters);
    text
}

#[cfg(test)]
pub(crate) mod tests;
