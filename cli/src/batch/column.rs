//! Which column holds the contract numbers, and whether the first row is a header.

use super::input::{Cell, Row, is_white};
use super::stop::Stop;
use crate::lang::Lang;
use crate::status::printable;

/// Headers that say so by themselves, the surest first; letter case, blanks, `_` and `-` do not count.
const KNOWN: [&str; 17] = [
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
    "contractId",
    "contractNo",
    "contractNumber",
    "flowId",
    "flowNo",
    "流水号",
    "id",
];

pub(crate) struct Column {
    pub(crate) index: usize,
    /// The first row, if it is a header.
    pub(crate) header: Option<Vec<Cell>>,
    /// It was taken because the first row has no other, which a title above a table has not either.
    is_only: bool,
}

impl Column {
    /// `wanted` is what `--column` says: a header's name, a number from 1, or a letter.
    pub(crate) fn find(first: &[Cell], wanted: Option<&str>, no_header: bool, lang: Lang) -> Result<Self, Stop> {
        let names: Vec<_> = first.iter().map(|cell| normal(&cell.text())).collect();
        let header = |index| Ok(Column { index, header: Some(first.to_vec()), is_only: false });
        if let Some(wanted) = wanted {
            let named: Vec<_> = (0..names.len()).filter(|&index| names[index] == normal(wanted)).collect();
            return match (&named[..], place(wanted)) {
                ([index], _) if !no_header => header(*index),
                ([_, _, ..], _) if !no_header => Err(Stop::usage(lang.of(
                    format!("Several columns are called {wanted:?}. Say which by its letter, for example --column A."),
                    format!("有多列都叫“{wanted}”。请用列的字母指定，例如 --column A。"),
                ))),
                (_, Some(index)) if index < first.len() || no_header => {
                    let is_header = !no_header && !first.get(index).is_some_and(|cell| may_be_id(&cell.text()));
                    Ok(Column { index, header: is_header.then(|| first.to_vec()), is_only: false })
                }
                _ => Err(Stop::usage(lang.of(
                    format!("There is no column {wanted:?}. The first row has: {}. If a title stands above the header, delete it.", shown(first, ", ")),
                    format!("没有“{wanted}”这一列。首行各列为：{}。如果表头上方还有标题行，请先删去。", shown(first, "、")),
                ))),
            };
        }
        if !no_header {
            for known in KNOWN {
                if let Some(index) = names.iter().position(|name| *name == normal(known)) {
                    return header(index);
                }
            }
        }
        if let [only] = first {
            let is_header = !no_header && !may_be_id(&only.text());
            return Ok(Column { index: 0, header: is_header.then(|| first.to_vec()), is_only: true });
        }
        Err(Stop::usage(lang.of(
            format!(
                "Which column holds the contract numbers? Say it with --column, by name, number or letter. The first row has: \
                 {}. If a title stands above the header, delete it.",
                shown(first, ", ")
            ),
            format!("不知道合同编号在哪一列，请用 --column 指定列名、序号或字母。首行各列为：{}。如果表头上方还有标题行，请先删去。", shown(first, "、")),
        )))
    }

    /// Below a single cell a row of several makes that cell a title, and the column a guess.
    pub(crate) fn check(&self, row: &Row, lang: Lang) -> Result<(), Stop> {
        let has_others = |cells: &[Cell]| cells.iter().skip(1).any(|cell| !cell.is_blank());
        if !self.is_only || !has_others(&row.cells) {
            return Ok(());
        }
        let number = row.number;
        Err(Stop::usage(lang.of(
            format!(
                "The first row has one cell, but row {number} has several. If a title stands above the header, delete it; else \
                 say with --column which column holds the contract numbers."
            ),
            format!(
                "首行只有一个单元格，第 {number} 行却有多个。如果表头上方还有标题行，请先删去；否则请用 --column 指定合同编号所在的列。"
            ),
        )))
    }

    /// Its letter and its name, to show to the user.
    pub(crate) fn describe(&self, lang: Lang) -> String {
        let letter = letter(self.index);
        match self.header.as_ref().map(|header| header[self.index].text()).filter(|name| !name.trim().is_empty()) {
            Some(name) => {
                let name = printable(name.trim());
                lang.of(format!("column {letter} {name:?}"), format!("{letter} 列“{name}”"))
            }
            None => lang.of(format!("column {letter}"), format!("{letter} 列")),
        }
    }
}

fn normal(name: &str) -> String {
    name.chars().filter(|&c| !is_white(c) && c != '_' && c != '-').flat_map(char::to_lowercase).collect()
}

/// A contract number has a digit; a header seldom has one.
fn may_be_id(text: &str) -> bool {
    text.chars().any(|c| c.is_ascii_digit())
}

fn place(wanted: &str) -> Option<usize> {
    if let Ok(number) = wanted.parse::<usize>() {
        return number.checked_sub(1);
    }
    let letters = (1..=3).contains(&wanted.len()) && wanted.bytes().all(|byte| byte.is_ascii_alphabetic());
    let value = |sum, byte: u8| sum * 26 + usize::from(byte.to_ascii_uppercase() - b'A') + 1;
    letters.then(|| wanted.bytes().fold(0, value) - 1)
}

pub(crate) fn letter(index: usize) -> String {
    let (mut rest, mut letters) = (index + 1, Vec::new());
    while rest > 0 {
        letters.push(char::from(b'A' + ((rest - 1) % 26) as u8));
        rest = (rest - 1) / 26;
    }
    letters.into_iter().rev().collect()
}

fn shown(first: &[Cell], between: &str) -> String {
    const MOST: usize = 20;
    let name = |(index, cell): (usize, &Cell)| {
        let text: String = cell.text().trim().chars().map(|c| if c.is_control() { ' ' } else { c }).take(30).collect();
        format!("{} {text:?}", letter(index))
    };
    let mut names: Vec<_> = first.iter().enumerate().take(MOST).map(name).collect();
    if first.len() > MOST {
        names.push("…".into());
    }
    names.join(between)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cells(row: &str) -> Vec<Cell> {
        row.split(',').map(|text| Cell::Text(text.into())).collect()
    }

    fn found(row: &str, wanted: Option<&str>) -> Result<(usize, bool), String> {
        Column::find(&cells(row), wanted, false, Lang::En)
            .map(|column| (column.index, column.header.is_some()))
            .map_err(|stop| stop.text)
    }

    #[test]
    fn the_header_says_which() {
        assert_eq!(found("name,sysSignFlowId,id", None), Ok((1, true)));
        assert_eq!(found("序号,签约流水号,金额", None), Ok((1, true)));
        assert_eq!(found("流水号,合同流水号", None), Ok((1, true)), "the surer one");
        assert_eq!(found("name, Sys_Sign Flow-ID\u{3000}", None), Ok((1, true)));
        assert_eq!(found("MAN202109280009848", None), Ok((0, false)), "one column without header");
        assert_eq!(found("编号清单", None), Ok((0, true)));
        let refused = found("name,amount", None).unwrap_err();
        assert!(refused.contains("--column") && refused.contains(r#"B "amount""#), "{refused}");
    }

    #[test]
    fn the_manual_lists_every_header_in_this_order() {
        let pages = [include_str!("../../../docs/command.md"), include_str!("../../../docs/zh-CN/command.md")];
        for page in pages.map(|page| page.replace(['`', '\n', ' '], "").replace('、', ",")) {
            let list = KNOWN[..KNOWN.len() - 1].join(",");
            assert!(page.contains(&list), "{list}");
        }
    }

    #[test]
    fn a_column_is_named_numbered_or_lettered() {
        assert_eq!(found("a,合同,c", Some("合同")), Ok((1, true)));
        assert_eq!(found("a,b,c", Some("3")), Ok((2, true)));
        assert_eq!(found("x,MAN1,y", Some("b")), Ok((1, false)));
        assert_eq!(found("b,a", Some("A")), Ok((1, true)), "a name comes first");
        assert!(found("x,x", Some("x")).unwrap_err().contains("Several"));
        for wrong in ["0", "4", "D", "amount", "ZZZZ", ""] {
            assert!(found("a1,b1,c1", Some(wrong)).unwrap_err().contains("no column"), "{wrong}");
        }
    }

    #[test]
    fn letters_are_those_of_a_spreadsheet() {
        for (index, name) in [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")] {
            assert_eq!((letter(index), place(name)), (name.to_owned(), Some(index)));
        }
    }
}
