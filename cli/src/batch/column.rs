//! Which column holds the contract numbers, and whether the first row is a header.

use super::input::{Cell, Row};
use super::stop::Stop;
use crate::id::{self, normal};
use crate::lang::Lang;
use crate::status::printable;
use crate::text::is_white;

/// So many of the known headers, the last ones, may also be of something else.
const VAGUE: usize = 4;

pub(crate) struct Column {
    pub(crate) index: usize,
    /// The first row, if it is a header.
    pub(crate) header: Option<Vec<Cell>>,
    /// It was not found by a header: the first row may be a title above the table.
    is_guess: bool,
    /// The first row that has something in this column was looked at.
    is_checked: bool,
    /// How many cells of the first row hold anything.
    held: usize,
}

impl Column {
    /// `wanted` is what `--column` says: a header's name, a number from 1, or a letter.
    pub(crate) fn find(first: &[Cell], wanted: Option<&str>, no_header: bool, lang: Lang) -> Result<Self, Stop> {
        let names: Vec<_> = first.iter().map(|cell| normal(&cell.text())).collect();
        let held = held(first);
        let at = |index, is_header: bool, is_guess| {
            Ok(Column { index, header: is_header.then(|| first.to_vec()), is_guess, is_checked: false, held })
        };
        if let Some(wanted) = wanted {
            let named = all(&names, wanted);
            return match (&named[..], place(wanted)) {
                ([index], _) if !no_header => at(*index, true, false),
                ([_, _, ..], _) if !no_header => Err(several(wanted, &named, lang)),
                (_, Some(index)) if index < first.len() || no_header => {
                    at(index, !no_header && !first.get(index).is_some_and(|cell| may_be_id(&cell.text())), !no_header)
                }
                _ => Err(Stop::usage(lang.of(
                    format!("There is no column {wanted:?}. The first row has: {}. If a title stands above the header, delete it.", shown(first, ", ")),
                    format!("没有“{wanted}”这一列。首行各列为：{}。如果表头上方还有标题行，请先删去。", shown(first, "、")),
                ))),
            };
        }
        if !no_header {
            for (rank, known) in id::HEADERS.iter().enumerate() {
                match all(&names, known)[..] {
                    [] => continue,
                    [index] if rank + VAGUE < id::HEADERS.len() => return at(index, true, false),
                    [index] => {
                        return match (0..names.len()).find(|&other| other != index && is_rival(&names[other])) {
                            None => at(index, true, false),
                            Some(rival) => Err(undecided(first, index, rival, lang)),
                        };
                    }
                    ref several_of_it => return Err(several(known, several_of_it, lang)),
                }
            }
        }
        if let [only] = first {
            return at(0, !no_header && !may_be_id(&only.text()), !no_header);
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

    /// Where no header was recognised, looks whether the first row is a title above the table: then the column would be a
    /// guess, and a header would be asked about.
    pub(crate) fn check(&mut self, row: &Row, lang: Lang) -> Result<(), Stop> {
        if !self.is_guess {
            return Ok(());
        }
        let number = row.number;
        if self.held < 2 && held(&row.cells) > 1 {
            return Err(Stop::usage(lang.of(
                format!(
                    "The first row has one cell, but row {number} has several. If a title stands above the header, delete it; \
                     else name the column of the contract numbers by its header with --column, or say --no-header as well."
                ),
                format!(
                    "首行只有一个单元格，第 {number} 行却有多个。如果表头上方还有标题行，请先删去；否则请用 --column \
                     写明合同编号列的列名，首行就是合同的请再加 --no-header。"
                ),
            )));
        }
        let text = row.cells.get(self.index).map(Cell::text).unwrap_or_default();
        if self.is_checked || text.chars().all(is_white) {
            return Ok(());
        }
        self.is_checked = true;
        if self.header.is_some() && !may_be_id(&text) {
            let text = printable(&text.chars().take(30).collect::<String>());
            return Err(Stop::usage(lang.of(
                format!(
                    "Row {number} has {text:?} where the first contract number should be. If a title stands above the header, \
                     delete it; if the first row is a contract, say --no-header; if this is a contract, name the column by its header with --column."
                ),
                format!(
                    "第 {number} 行在合同编号的位置上是“{text}”。如果表头上方还有标题行，请先删去；如果首行就是合同，请加 --no-header；\
                     如果这确实是合同编号，请用 --column 写明列名。"
                ),
            )));
        }
        Ok(())
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

/// Every column of this name.
fn all(names: &[String], wanted: &str) -> Vec<usize> {
    (0..names.len()).filter(|&index| names[index] == normal(wanted)).collect()
}

fn held(cells: &[Cell]) -> usize {
    cells.iter().filter(|cell| !cell.is_blank()).count()
}

/// Whether a header, not one of the known ones, may be of contract numbers, too: 合同编码, `contract code`.
fn is_rival(name: &str) -> bool {
    const OF_CONTRACTS: [&str; 7] = ["合同", "签约", "签署", "协议", "contract", "sign", "agreement"];
    const OF_NUMBERS: [&str; 9] = ["id", "no", "no.", "number", "code", "号", "编码", "号码", "流水"];
    OF_CONTRACTS.iter().any(|word| name.contains(word)) && OF_NUMBERS.iter().any(|word| name.ends_with(word))
}

fn several(name: &str, places: &[usize], lang: Lang) -> Stop {
    let letters: Vec<_> = places.iter().map(|&index| letter(index)).collect();
    let first = &letters[0];
    Stop::usage(lang.of(
        format!(
            "Several columns are called {name:?}: {}. Say which by its letter, for example --column {first}.",
            letters.join(", ")
        ),
        format!("有多列都叫“{name}”：{}。请用列的字母指定，例如 --column {first}。", letters.join("、")),
    ))
}

fn undecided(first: &[Cell], one: usize, other: usize, lang: Lang) -> Stop {
    let (one, other) = (one.min(other), one.max(other));
    let name = |index: usize| printable(first[index].text().trim());
    Stop::usage(lang.of(
        format!(
            "Which column holds the contract numbers, {:?} or {:?}? Say --column {} or --column {}.",
            name(one),
            name(other),
            letter(one),
            letter(other)
        ),
        format!(
            "合同编号在“{}”列还是“{}”列？请写明 --column {} 或 --column {}。",
            name(one),
            name(other),
            letter(one),
            letter(other)
        ),
    ))
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
        for (row, told) in [
            ("序号,合同编码,id", r#""合同编码" or "id"? Say --column B or --column C"#),
            ("id,contract_code", r#""id" or "contract_code"? Say --column A or --column B"#),
            ("流水号,协议编号", r#""流水号" or "协议编号""#),
            ("合同编号,客户,合同 编号", r#"Several columns are called "合同编号": A, C. Say which"#),
            ("id,id", r#"Several columns are called "id": A, B."#),
        ] {
            let refused = found(row, None).unwrap_err();
            assert!(refused.contains(told), "{refused}");
        }
        assert_eq!(found("id,合同ID", None), Ok((1, true)), "the more exact one");
        assert_eq!(
            found("id,合同名称,签约日期,手机号,signDate", None),
            Ok((0, true)),
            "none of them is a number of contracts"
        );
        assert_eq!(found("合同编码,合同编号", None), Ok((1, true)));
        let refused = found("name,amount", None).unwrap_err();
        assert!(refused.contains("--column") && refused.contains(r#"B "amount""#), "{refused}");
    }

    #[test]
    fn the_manual_lists_every_header_in_this_order() {
        let pages = [include_str!("../../../docs/command.md"), include_str!("../../../docs/zh-CN/command.md")];
        for page in pages.map(|page| page.replace(['`', '\n', ' '], "").replace('、', ",")) {
            let list = id::HEADERS[..id::HEADERS.len() - 1].join(",");
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
