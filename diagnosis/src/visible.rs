//! Characters that people do not see, marked so that they do.

use std::fmt::Write as _;

/// The text with what cannot be seen, or is mistaken for something else, marked: `⟨SP⟩` for a space, `⟨CR⟩`, `⟨LF⟩`,
/// `⟨TAB⟩`, `⟨U+3000⟩` and so on for all other blank, control, formatting and full-width ASCII characters.
pub fn visible(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for character in text.chars() {
        match character {
            ' ' => out.push_str("⟨SP⟩"),
            '\r' => out.push_str("⟨CR⟩"),
            '\n' => out.push_str("⟨LF⟩"),
            '\t' => out.push_str("⟨TAB⟩"),
            other if is_hidden(other) => {
                // Writing to a string cannot fail.
                let _ = write!(out, "⟨U+{:04X}⟩", u32::from(other));
            }
            other => out.push(other),
        }
    }
    out
}

/// Whether a reader would not notice the character, or take it for another.
pub(crate) fn is_hidden(character: char) -> bool {
    character.is_control()
        || character.is_whitespace()
        || matches!(character,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{2800}' | '\u{3164}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}' | '\u{ffa0}' | '\u{fff0}'..='\u{fffd}' | '\u{e0000}'..='\u{e0fff}'
            // Full-width forms of what has a meaning here.
            | '\u{ff06}' | '\u{ff0b}' | '\u{ff1d}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_marked() {
        assert_eq!(visible("a=1&b=中文"), "a=1&b=中文");
        assert_eq!(
            visible(" \r\n\t\u{3000}\u{a0}\u{200b}\u{feff}\u{0}\u{7f}\u{202e}\u{ff1d}"),
            "⟨SP⟩⟨CR⟩⟨LF⟩⟨TAB⟩⟨U+3000⟩⟨U+00A0⟩⟨U+200B⟩⟨U+FEFF⟩⟨U+0000⟩⟨U+007F⟩⟨U+202E⟩⟨U+FF1D⟩"
        );
    }
}
