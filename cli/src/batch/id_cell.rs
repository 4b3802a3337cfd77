//! The contract number in a row, or why there is none. Nothing is guessed: what a spreadsheet may have changed is refused.

use super::input::{Cell, Row, is_white};
use crate::lang::Lang;

/// The last whole number up to which every one is exact in a spreadsheet's cell.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Id {
        id: String,
        /// White space around it was taken away.
        trimmed: bool,
        /// It looks like a number that a spreadsheet rounded to 15 digits before it was saved as text.
        rounded: bool,
    },
    /// The row holds nothing at all.
    BlankRow,
    Problem(Problem),
}

#[derive(Debug, PartialEq)]
pub(crate) enum Problem {
    NoId,
    TooFewCells(usize),
    /// A number that lost its digits, as the file has it.
    Rounded(String),
    NoWholeNumber(String),
    Date(String),
    Logic(String),
    InnerWhite(String),
}

impl Problem {
    pub(crate) fn text(&self, lang: Lang) -> String {
        match self {
            Problem::NoId => lang.of("it has no contract number".into(), "合同编号为空".into()),
            Problem::TooFewCells(count) => lang.of(
                format!("it has only {count} cell(s), none for the contract number"),
                format!("只有 {count} 个单元格，缺少合同编号所在的列"),
            ),
            Problem::Rounded(text) => lang.of(
                format!(
                    "{text} is a number that a spreadsheet rounded to 15 digits; the true contract number is lost. Format the \
                     column as text and enter it anew"
                ),
                format!("{text} 是被电子表格按数值处理过的编号（只保留 15 位有效数字），真实编号已无法还原。请把该列设为“文本”格式后重新录入"),
            ),
            Problem::NoWholeNumber(text) => {
                lang.of(format!("{text} is a number but not a whole one"), format!("{text} 是数值，但不是整数"))
            }
            Problem::Date(text) => lang.of(
                format!("{text} is a date, not a contract number"),
                format!("{text} 是日期，不是合同编号"),
            ),
            Problem::Logic(text) => lang.of(
                format!("{text} is what a formula or a tick box holds, not a contract number"),
                format!("{text} 是公式或勾选框的值，不是合同编号"),
            ),
            Problem::InnerWhite(text) => lang.of(
                format!("{text:?} has white space inside: two contract numbers, perhaps"),
                format!("{text:?} 中间有空白，可能写了两个合同编号"),
            ),
        }
    }
}

/// `counts_cells`: a row that ends before the column is told as such.
pub(crate) fn find(row: &Row, column: usize, counts_cells: bool) -> Found {
    if row.cells.iter().all(Cell::is_blank) {
        return Found::BlankRow;
    }
    match row.cells.get(column) {
        None if counts_cells => Found::Problem(Problem::TooFewCells(row.cells.len())),
        None | Some(Cell::Empty) => Found::Problem(Problem::NoId),
        Some(Cell::Text(text)) => of_text(text),
        Some(Cell::Number(number)) => of_number(*number),
        Some(Cell::Date(text)) => Found::Problem(Problem::Date(text.clone())),
        Some(Cell::Logic(text)) => Found::Problem(Problem::Logic(text.clone())),
    }
}

fn of_text(text: &str) -> Found {
    let id = text.trim_matches(is_white);
    if id.is_empty() {
        Found::Problem(Problem::NoId)
    } else if is_scientific(id) {
        Found::Problem(Problem::Rounded(id.to_owned()))
    } else if id.contains(is_white) {
        Found::Problem(Problem::InnerWhite(id.to_owned()))
    } else {
        let rounded = id.len() > 15 && id.bytes().all(|byte| byte.is_ascii_digit()) && has_lost_digits(id);
        Found::Id { id: id.to_owned(), trimmed: id.len() != text.len(), rounded }
    }
}

fn of_number(number: f64) -> Found {
    let text = number.to_string();
    if number.fract() != 0.0 || number < 0.0 || !number.is_finite() {
        return Found::Problem(Problem::NoWholeNumber(text));
    }
    // Of 16 digits a spreadsheet keeps 15 and a nought.
    if number > EXACT || text.len() > 15 && has_lost_digits(&text) {
        return Found::Problem(Problem::Rounded(text));
    }
    Found::Id { id: text, trimmed: false, rounded: false }
}

fn has_lost_digits(digits: &str) -> bool {
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

    fn of(cell: Cell) -> Found {
        find(&Row { number: 1, cells: vec![Cell::Text("x".into()), cell] }, 1, true)
    }

    fn of_text(text: &str) -> Found {
        of(Cell::Text(text.into()))
    }

    fn id(text: &str, trimmed: bool, rounded: bool) -> Found {
        Found::Id { id: text.into(), trimmed, rounded }
    }

    #[test]
    fn white_space_around_goes_and_inside_is_refused() {
        assert_eq!(of_text("MAN1"), id("MAN1", false, false));
        assert_eq!(of_text(" \u{3000}\u{feff}MAN1\t\u{a0}\r\n"), id("MAN1", true, false));
        assert_eq!(of_text("MAN1 MAN2"), Found::Problem(Problem::InnerWhite("MAN1 MAN2".into())));
        assert_eq!(of_text("MAN1\u{3000}MAN2"), Found::Problem(Problem::InnerWhite("MAN1\u{3000}MAN2".into())));
        assert_eq!(of_text(" \u{3000}"), Found::Problem(Problem::NoId));
    }

    #[test]
    fn what_a_spreadsheet_made_of_a_number_is_refused() {
        for text in ["2.02E+17", "2.02109E+17", "2e+17", "2.02e17", " 2.02E+17 "] {
            assert_eq!(of_text(text), Found::Problem(Problem::Rounded(text.trim().into())));
        }
        for text in ["2E17", "MAN2.02E+17", "E+17", "2.E+17", ".2E+17", "2.0E+", "2.0E+1a", "202109280009848123"] {
            assert_eq!(of_text(text), id(text, false, false), "a contract may be called that");
        }
        assert_eq!(of_text("202109280009848000"), id("202109280009848000", false, true), "told, not refused");
        assert_eq!(of_text("123456789012345"), id("123456789012345", false, false));
    }

    #[test]
    fn a_number_is_taken_if_it_is_exact_and_whole() {
        assert_eq!(of(Cell::Number(20_210_928.0)), id("20210928", false, false));
        assert_eq!(of(Cell::Number(999_999_999_999_999.0)), id("999999999999999", false, false));
        assert_eq!(of(Cell::Number(1_234_567_890_123_456.0)), id("1234567890123456", false, false));
        for rounded in [1_234_567_890_123_450.0, 9_007_199_254_740_994.0, 202_109_280_009_848_123.0, 2.02e17] {
            assert!(matches!(of(Cell::Number(rounded)), Found::Problem(Problem::Rounded(_))), "{rounded}");
        }
        for other in [1.5, -3.0] {
            assert!(matches!(of(Cell::Number(other)), Found::Problem(Problem::NoWholeNumber(_))), "{other}");
        }
    }

    #[test]
    fn a_row_without_a_number_is_told_apart() {
        let row =
            |cells: &[&str]| Row { number: 1, cells: cells.iter().map(|text| Cell::Text((*text).into())).collect() };
        assert_eq!(find(&row(&["a"]), 1, true), Found::Problem(Problem::TooFewCells(1)));
        assert_eq!(find(&row(&["a"]), 1, false), Found::Problem(Problem::NoId));
        assert_eq!(find(&row(&[" ", ""]), 3, true), Found::BlankRow);
        assert_eq!(of(Cell::Empty), Found::Problem(Problem::NoId));
        assert_eq!(of(Cell::Logic("#N/A".into())), Found::Problem(Problem::Logic("#N/A".into())));
        assert_eq!(of_text("#N/A"), id("#N/A", false, false), "text of a CSV is nobody's to judge");
        assert_eq!(of(Cell::Date("2026-11-29".into())), Found::Problem(Problem::Date("2026-11-29".into())));
    }
}
