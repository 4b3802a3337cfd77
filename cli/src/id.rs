//! A contract number as people write it, or why it is none; and what the column of these numbers is called. Nothing is
//! guessed: what a spreadsheet or an input method may have changed is refused.

use crate::lang::Lang;
use crate::text::is_white;

/// Headers that say so by themselves, the surest first; letter case, blanks, `_` and `-` do not count.
pub(crate) const HEADERS: [&str; 18] = [
    "sysSignFlowId",
    "signFlowId",
    "签约流水号",
    "合同流水号",
    "签约流水",
    "签署流水号",
    "电子合同编号",
    "合同编号",
    "合同号",
    "签约编号",
    "合同ID",
    "contractId",
    "contractNo",
    "contractNumber",
    "flowId",
    "flowNo",
    "流水号",
    "id",
];

/// No number is longer by far.
const LONGEST: usize = 1000;

/// As headers are compared.
pub(crate) fn normal(name: &str) -> String {
    name.chars().filter(|&c| !is_white(c) && c != '_' && c != '-').flat_map(char::to_lowercase).collect()
}

pub(crate) fn is_header(text: &str) -> bool {
    // Most texts are numbers, and a million of them are looked at.
    text.len() <= 64 && !text.bytes().any(|byte| byte.is_ascii_digit()) && {
        let text = normal(text);
        HEADERS.iter().any(|header| normal(header) == text)
    }
}

#[derive(Debug, PartialEq)]
pub(crate) struct Id {
    pub(crate) text: String,
    /// White space around it was taken away.
    pub(crate) trimmed: bool,
    /// It looks like a number that a spreadsheet rounded to 15 digits before it was saved as text.
    pub(crate) rounded: bool,
}

#[derive(Debug, PartialEq)]
pub(crate) enum Problem {
    Nothing,
    /// A number that lost its digits, as the file has it.
    Rounded(String),
    InnerWhite(String),
    /// What stands between cells or numbers.
    Separator(String),
    FullWidth(String),
    Header(String),
    /// No letter or digit at its beginning: a comment, an apostrophe against spreadsheets, a dash for "none".
    Sign(String),
    TooLong(usize),
}

impl Problem {
    pub(crate) fn text(&self, lang: Lang) -> String {
        match self {
            Problem::Nothing => lang.of("it has no contract number".into(), "合同编号为空".into()),
            Problem::Rounded(text) => {
                let text = shown(text);
                lang.of(
                    format!(
                        "{text} is a number that a spreadsheet rounded to 15 digits; the true contract number is lost. Format the \
                         column as text and enter it anew"
                    ),
                    format!("{text} 是被电子表格按数值处理过的编号（只保留 15 位有效数字），真实编号已无法还原。请把该列设为“文本”格式后重新录入"),
                )
            }
            Problem::InnerWhite(text) => {
                let text = shown(text);
                lang.of(
                    format!("{text:?} has white space inside: two contract numbers, perhaps"),
                    format!("{text:?} 中间有空白，可能写了两个合同编号"),
                )
            }
            Problem::Separator(text) => {
                let text = shown(text);
                lang.of(
                    format!("{text:?} has a separator inside: several cells or contract numbers, perhaps"),
                    format!("{text:?} 中间有分隔符，可能是几个单元格或几个合同编号连在了一起"),
                )
            }
            Problem::FullWidth(text) => {
                let text = shown(text);
                lang.of(
                    format!("{text:?} has full-width letters or digits; enter it in half width"),
                    format!("{text:?} 中有全角字母、数字或符号，请改用半角重新录入"),
                )
            }
            Problem::Header(text) => {
                let text = shown(text);
                lang.of(
                    format!("{text:?} is the header of a column, not a contract number"),
                    format!("{text:?} 是列名，不是合同编号"),
                )
            }
            Problem::Sign(text) => {
                let text = shown(text);
                lang.of(
                    format!("{text:?} begins with a sign, not with a letter or digit: no contract number"),
                    format!("{text:?} 不是以字母、数字或汉字开头，不是合同编号"),
                )
            }
            Problem::TooLong(count) => lang.of(
                format!("a text of {count} characters is no contract number"),
                format!("内容长达 {count} 个字符，不是合同编号"),
            ),
        }
    }
}

/// The beginning of a text that may be long.
fn shown(text: &str) -> String {
    const MOST: usize = 60;
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

pub(crate) fn of_text(text: &str) -> Result<Id, Problem> {
    let trimmed = text.trim_matches(is_white);
    // How an export keeps a spreadsheet from taking it for a number: a formula whose value is this very text.
    let id = trimmed.strip_prefix("=\"").and_then(|rest| rest.strip_suffix('"')).unwrap_or(trimmed);
    let id = id.trim_matches(is_white);
    // Two of them are full-width forms as well.
    let is_separator = |c: char| matches!(c, ',' | ';' | '|' | '，' | '；' | '、');
    let problem = if id.is_empty() {
        return Err(Problem::Nothing);
    } else if id.len() > LONGEST && id.chars().count() > LONGEST {
        return Err(Problem::TooLong(id.chars().count()));
    } else if is_header(id) {
        Problem::Header
    } else if is_scientific(id) {
        Problem::Rounded
    } else if id.contains(is_white) {
        Problem::InnerWhite
    } else if id.contains(is_separator) {
        Problem::Separator
    } else if id.contains(|c| matches!(c, '\u{ff01}'..='\u{ff5e}')) {
        Problem::FullWidth
    } else if !id.starts_with(char::is_alphanumeric) {
        Problem::Sign
    } else {
        let rounded = id.len() > 15 && id.bytes().all(|byte| byte.is_ascii_digit()) && has_lost_digits(id);
        return Ok(Id { text: id.to_owned(), trimmed: trimmed.len() != text.len(), rounded });
    };
    Err(problem(id.to_owned()))
}

/// Noughts alone behind the 15 digits that a spreadsheet keeps.
pub(crate) fn has_lost_digits(digits: &str) -> bool {
    digits.bytes().skip(15).all(|digit| digit == b'0')
}

/// `2.02E+17`, as spreadsheets write it.
fn is_scientific(text: &str) -> bool {
    let Some((mantissa, exponent)) = text.split_once(['E', 'e']) else { return false };
    let digits = |text: &str| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let is_number = match mantissa.split_once('.') {
        Some((whole, fraction)) => digits(whole) && digits(fraction),
        None => digits(mantissa),
    };
    is_number && exponent.strip_prefix('+').map_or(mantissa.contains('.') && digits(exponent), digits)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(text: &str, trimmed: bool, rounded: bool) -> Result<Id, Problem> {
        Ok(Id { text: text.into(), trimmed, rounded })
    }

    #[test]
    fn white_space_around_goes_and_inside_is_refused() {
        assert_eq!(of_text("MAN1"), taken("MAN1", false, false));
        assert_eq!(of_text(" \u{3000}\u{feff}MAN1\t\u{a0}\u{2069}\r\n"), taken("MAN1", true, false));
        for inside in [" ", "\u{3000}", "\u{feff}", "\u{200b}", "\u{ad}", "\u{202c}", "\n", "\u{1a}", "\u{1}"] {
            let text = format!("MAN1{inside}MAN2");
            assert_eq!(of_text(&text), Err(Problem::InnerWhite(text.clone())));
            assert!(!Problem::InnerWhite(text).text(Lang::Zh).contains(['\u{feff}', '\u{200b}', '\n']), "it is seen");
        }
        assert_eq!(of_text(" \u{3000}"), Err(Problem::Nothing));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_number_is_refused() {
        for text in ["2.02E+17", "2.02109E+17", "2e+17", "2.02e17", " 2.02E+17 "] {
            assert_eq!(of_text(text), Err(Problem::Rounded(text.trim().into())));
        }
        for text in ["2E17", "MAN2.02E+17", "E+17", "2.E+17", "2.0E+", "2.0E+1a", "202109280009848123"] {
            assert_eq!(of_text(text), taken(text, false, false), "a contract may be called that");
        }
        assert_eq!(of_text("202109280009848000"), taken("202109280009848000", false, true), "told, not refused");
        assert_eq!(of_text("123456789012345"), taken("123456789012345", false, false));
    }

    #[test]
    fn what_is_no_number_is_refused() {
        for text in ["1,MAN2", "MAN1;MAN2", "1|MAN2", "MAN1，MAN2", "MAN1、MAN2", "；MAN1"] {
            assert_eq!(of_text(text), Err(Problem::Separator(text.into())));
        }
        for text in ["ＭＡＮ１", "MAN１", "MAN－1"] {
            assert_eq!(of_text(text), Err(Problem::FullWidth(text.into())));
        }
        for text in ["'MAN1", "`MAN1", "\"MAN1\"", "#MAN1", "#N/A", "-", "/", "—", "=MAN1", "（MAN1）"] {
            let expected = if text == "（MAN1）" { Problem::FullWidth } else { Problem::Sign };
            assert_eq!(of_text(text), Err(expected(text.into())));
        }
        assert_eq!(of_text(" =\"202109280009848123\""), taken("202109280009848123", true, false), "as it is shown");
        assert_eq!(of_text("=\"\""), Err(Problem::Nothing));
        assert_eq!(of_text("=\"2.02E+17\""), Err(Problem::Rounded("2.02E+17".into())));
        for text in HEADERS.into_iter().chain(["Contract_No", "合同 编号"]) {
            assert_eq!(of_text(text), Err(Problem::Header(text.into())));
        }
        assert_eq!(of_text(&"1".repeat(1000)), taken(&"1".repeat(1000), false, false), "what the engine judges");
        assert_eq!(of_text(&"签".repeat(1001)), Err(Problem::TooLong(1001)));
        let told = Problem::Separator(format!("{},", "签".repeat(999))).text(Lang::En);
        assert!(told.chars().count() < 200 && told.contains('…'), "{told}");
    }
}
