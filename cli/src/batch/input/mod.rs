//! The list as it was given: rows of cells, whatever kind of file they are in.
//!
//! It is read twice, once for the contract numbers and once to write the answers beside them, so that memory need not
//! hold it.

mod delimiter;
mod sheet;
mod text;

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use super::stop::Stop;
use crate::lang::Lang;
use crate::text::is_white;

/// Excel's own limit; longer ones come of a quotation mark that is not closed.
const LONGEST_CELL: usize = 32_767;

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Cell {
    Empty,
    Text(String),
    Number(f64),
    /// A date or a time, as text.
    Date(String),
    /// TRUE, FALSE, or the error of a formula: #N/A.
    Logic(String),
}

impl Cell {
    /// As people write it.
    pub(crate) fn text(&self) -> String {
        match self {
            Cell::Empty => String::new(),
            Cell::Text(text) | Cell::Date(text) | Cell::Logic(text) => text.clone(),
            Cell::Number(number) => number.to_string(),
        }
    }

    pub(crate) fn is_blank(&self) -> bool {
        match self {
            Cell::Empty => true,
            Cell::Text(text) => text.chars().all(is_white),
            Cell::Number(_) | Cell::Date(_) | Cell::Logic(_) => false,
        }
    }
}

pub(crate) struct Row {
    /// As the user counts: the line of a text file where the row begins, the row of a sheet; from 1.
    pub(crate) number: u64,
    pub(crate) cells: Vec<Cell>,
}

pub(crate) struct Input {
    path: PathBuf,
    form: Form,
}

enum Form {
    Text(text::Form),
    Sheet(sheet::Form),
}

impl Input {
    /// Finds out what kind of file it is.
    pub(crate) fn open(path: &Path, sheet: Option<&str>, lang: Lang) -> Result<Self, Stop> {
        let unreadable = |error: std::io::Error| Stop::unreadable(path, error, lang);
        let shown = path.display();
        let mut head = Vec::new();
        // Before it is opened: who opens a named pipe waits for its writer.
        let kind = std::fs::metadata(path).map_err(unreadable)?;
        if kind.is_dir() {
            return Err(Stop::file(lang.of(
                format!("{shown} is a folder; name a file in it."),
                format!("{shown} 是一个目录，请指定其中的文件。"),
            )));
        }
        if !kind.is_file() {
            return Err(Stop::file(lang.of(
                format!("{shown} is a pipe or a device; a list is read twice. Save it in a file first, and name that."),
                format!("{shown} 是管道或设备，而清单要读两遍。请先把它存成文件，再指定该文件。"),
            )));
        }
        let file = File::open(path).map_err(unreadable)?;
        file.take(8).read_to_end(&mut head).map_err(unreadable)?;
        let named_sheet = path
            .extension()
            .is_some_and(|ending| ["xlsx", "xlsm", "xls"].iter().any(|sheet| ending.eq_ignore_ascii_case(sheet)));
        let form = if head.is_empty() {
            return Err(Stop::usage(lang.of(
                format!("{shown} is empty: there is nothing to ask."),
                format!("{shown} 是空文件，没有可查询的内容。"),
            )));
        } else if head.starts_with(b"PK\x03\x04") {
            Form::Sheet(sheet::Form::find(path, sheet, lang)?)
        } else if head.starts_with(b"\xd0\xcf\x11\xe0") {
            return Err(Stop::file(lang.of(
                format!(
                    "{shown} is a workbook of Excel 97–2003 (.xls) or one that is locked with a password. Save it as .xlsx \
                     without a password."
                ),
                format!("{shown} 是旧版 Excel 97–2003（.xls）文件，或者设有打开密码。请另存为不带密码的 .xlsx。"),
            )));
        } else if named_sheet {
            return Err(Stop::file(lang.of(
                format!("{shown} is called a workbook but is none. If it is text, give it the ending .csv or .txt."),
                format!("{shown} 的扩展名是工作簿，内容却不是。如果是文本，请把扩展名改成 .csv 或 .txt。"),
            )));
        } else if sheet.is_some() {
            return Err(Stop::usage(lang.of(
                format!("--sheet is for workbooks; {shown} is text."),
                format!("--sheet 只用于工作簿，而 {shown} 是文本文件。"),
            )));
        } else {
            Form::Text(text::Form::find(path, lang)?)
        };
        Ok(Input { path: path.to_owned(), form })
    }

    /// What it was taken for, to show to the user.
    pub(crate) fn describe(&self, lang: Lang) -> String {
        match &self.form {
            Form::Text(form) => form.describe(lang),
            Form::Sheet(form) => form.describe(lang),
        }
    }

    /// Whether a row says how many cells it has; in a sheet those that are missing at its end are empty ones.
    pub(crate) fn counts_cells(&self) -> bool {
        matches!(self.form, Form::Text(_))
    }

    /// Hands every row to `take`, in order; rows without any cell are passed over.
    pub(crate) fn rows(&self, lang: Lang, take: &mut dyn FnMut(Row) -> Result<(), Stop>) -> Result<(), Stop> {
        let mut checked = |row: Row| {
            let too_long = |cell: &Cell| matches!(cell, Cell::Text(text) if text.len() > LONGEST_CELL && text.chars().count() > LONGEST_CELL);
            if row.cells.iter().any(too_long) {
                return Err(open_quote(&self.path, row.number, row.number, lang));
            }
            take(row)
        };
        match &self.form {
            Form::Text(form) => form.rows(&self.path, lang, &mut checked),
            Form::Sheet(form) => form.rows(&self.path, lang, &mut checked),
        }
    }
}

/// `seen`: the line in which the marks stop making sense, which may be far below.
fn open_quote(path: &Path, row: u64, seen: u64, lang: Lang) -> Stop {
    let path = path.display();
    Stop::file(lang.of(
        format!("{path}, row {row}: a cell does not end. Is a quotation mark not closed, here or in line {seen}?"),
        format!("{path} 第 {row} 行：有一个单元格没有结束。是不是这里或文件第 {seen} 行的引号没有成对？"),
    ))
}
