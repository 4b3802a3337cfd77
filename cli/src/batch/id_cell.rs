//! The contract number in a row, or why there is none. Nothing is guessed: what a spreadsheet may have changed is refused.

use super::input::{Cell, Row};
use crate::id;
use crate::lang::Lang;

/// The last whole number up to which every one is exact in a spreadsheet's cell.
const EXACT: f64 = 9_007_199_254_740_992.0;

#[derive(Debug, PartialEq)]
pub(crate) enum Found {
    Id(id::Id),
    /// The row holds nothing at all.
    BlankRow,
    Problem(Problem),
}

#[derive(Debug, PartialEq)]
pub(crate) enum Problem {
    Text(id::Problem),
    TooFewCells(usize),
    NoWholeNumber(String),
    Date(String),
    Logic(String),
}

impl Problem {
    pub(crate) fn text(&self, lang: Lang) -> String {
        match self {
            Problem::Text(problem) => problem.text(lang),
            Problem::TooFewCells(count) => lang.of(
                format!("it has only {count} cell(s), none for the contract number"),
                format!("只有 {count} 个单元格，缺少合同编号所在的列"),
            ),
            Problem::NoWholeNumber(text) => {
                lang.of(format!("{text} is a number but not a whole one"), format!("{text} 是数值，但不是整数"))
            }
            Problem::Date(text) => {
                lang.of(format!("{text} is a date, not a contract number"), format!("{text} 是日期，不是合同编号"))
            }
            Problem::Logic(text) => lang.of(
                format!("{text} is what a formula or a tick box holds, not a contract number"),
                format!("{text} 是公式或勾选框的值，不是合同编号"),
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
        None | Some(Cell::Empty) => Found::Problem(Problem::Text(id::Problem::Nothing)),
        Some(Cell::Text(text)) => of_text(text),
        Some(Cell::Number(number)) => of_number(*number),
        Some(Cell::Date(text)) => Found::Problem(Problem::Date(text.clone())),
        Some(Cell::Logic(text)) => Found::Problem(Problem::Logic(text.clone())),
    }
}

fn of_text(text: &str) -> Found {
    match id::of_text(text) {
        Ok(id) => Found::Id(id),
        Err(problem) => Found::Problem(Problem::Text(problem)),
    }
}

fn of_number(number: f64) -> Found {
    let text = number.to_string();
    if number.fract() != 0.0 || number.is_sign_negative() || !number.is_finite() {
        return Found::Problem(Problem::NoWholeNumber(text));
    }
    // Of 16 digits a spreadsheet keeps 15 and a nought.
    if number > EXACT || text.len() > 15 && id::has_lost_digits(&text) {
        return Found::Problem(Problem::Text(id::Problem::Rounded(text)));
    }
    Found::Id(id::Id { text, trimmed: false, rounded: false })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(cell: Cell) -> Found {
        find(&Row { number: 1, cells: vec![Cell::Text("x".into()), cell] }, 1, true)
    }

    fn id(text: &str) -> Found {
        Found::Id(id::Id { text: text.into(), trimmed: false, rounded: false })
    }

    #[test]
    fn a_number_is_taken_if_it_is_exact_and_whole() {
        assert_eq!(of(Cell::Number(20_210_928.0)), id("20210928"));
        assert_eq!(of(Cell::Number(999_999_999_999_999.0)), id("999999999999999"));
        assert_eq!(of(Cell::Number(1_234_567_890_123_456.0)), id("1234567890123456"));
        for rounded in [1_234_567_890_123_450.0, 9_007_199_254_740_994.0, 202_109_280_009_848_123.0, 2.02e17] {
            assert!(
                matches!(of(Cell::Number(rounded)), Found::Problem(Problem::Text(id::Problem::Rounded(_)))),
                "{rounded}"
            );
        }
        for other in [1.5, -3.0, -0.0] {
            assert!(matches!(of(Cell::Number(other)), Found::Problem(Problem::NoWholeNumber(_))), "{other}");
        }
    }

    #[test]
    fn a_row_without_a_number_is_told_apart() {
        let row =
            |cells: &[&str]| Row { number: 1, cells: cells.iter().map(|text| Cell::Text((*text).into())).collect() };
        assert_eq!(find(&row(&["a"]), 1, true), Found::Problem(Problem::TooFewCells(1)));
        assert_eq!(find(&row(&["a"]), 1, false), Found::Problem(Problem::Text(id::Problem::Nothing)));
        assert_eq!(find(&row(&[" ", ""]), 3, true), Found::BlankRow);
        assert_eq!(of(Cell::Empty), Found::Problem(Problem::Text(id::Problem::Nothing)));
        assert_eq!(of(Cell::Logic("#N/A".into())), Found::Problem(Problem::Logic("#N/A".into())));
        assert_eq!(of(Cell::Date("2026-11-29".into())), Found::Problem(Problem::Date("2026-11-29".into())));
    }
}
