//! The answers beside the rows that asked for them, in the form that OUT's ending names.
//!
//! OUT is written under another name in its own folder and put in place in one step: whoever reads it reads the old or
//! the new one, whole.

mod csv;
mod jsonl;
mod xlsx;

use std::fs::File;
use std::io::BufWriter;
use std::path::{Path, PathBuf};

use super::input::Cell;
use super::journal::sync_folder;
use super::stop::Stop;
use crate::lang::Lang;

/// What is said about one row.
#[derive(Default)]
pub(crate) struct Filled {
    pub(crate) id: Option<String>,
    pub(crate) status: String,
    pub(crate) name: String,
    pub(crate) meaning: String,
    pub(crate) is_final: Option<bool>,
    pub(crate) is_success: Option<bool>,
    pub(crate) code: String,
    pub(crate) note: String,
    /// In Unix time.
    pub(crate) asked_at: Option<i64>,
    pub(crate) error: String,
}

impl Filled {
    /// Its cells, as people read them; in the order of [`headers`].
    fn cells(&self, lang: Lang) -> [String; 9] {
        let yes_no = |told: Option<bool>| match told {
            Some(true) => lang.of("yes", "是").to_owned(),
            Some(false) => lang.of("no", "否").to_owned(),
            None => String::new(),
        };
        [
            self.status.clone(),
            self.name.clone(),
            self.meaning.clone(),
            yes_no(self.is_final),
            yes_no(self.is_success),
            self.code.clone(),
            self.note.clone(),
            self.asked_at.map(super::time::in_china).unwrap_or_default(),
            self.error.clone(),
        ]
    }
}

fn headers(lang: Lang) -> [&'static str; 9] {
    lang.of(
        ["status", "name", "meaning", "final", "success", "code", "note", "asked at (UTC+8)", "error"],
        ["状态码", "状态名", "含义", "是否终态", "是否签约成功", "返回码", "平台说明", "查询时间（北京时间）", "错误"],
    )
}

#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) enum Form {
    Csv,
    Xlsx,
    Jsonl,
}

/// What the rows look like.
pub(crate) struct Shape {
    /// The most cells of any row.
    pub(crate) width: usize,
    /// Which of them is the contract number.
    pub(crate) id: usize,
    pub(crate) header: Option<Vec<Cell>>,
    pub(crate) rows: u64,
}

impl Shape {
    /// A header for every column, also where the input has none.
    fn header(&self, lang: Lang) -> Vec<String> {
        let given = self.header.as_deref().unwrap_or_default();
        let name = |index: usize| match given.get(index) {
            Some(cell) => cell.text(),
            None if self.header.is_none() && index == self.id => "sysSignFlowId".into(),
            None if self.header.is_none() => {
                let letter = super::column::letter(index);
                lang.of(format!("column {letter}"), format!("{letter} 列"))
            }
            None => String::new(),
        };
        (0..self.width).map(name).collect()
    }
}

/// Takes row after row.
trait Rows {
    fn row(&mut self, number: u64, cells: &[Cell], filled: &Filled) -> Result<(), String>;
    /// Writes the rest.
    fn end(self: Box<Self>, file: &File) -> Result<(), String>;
}

impl Form {
    pub(crate) fn of(out: &Path, lang: Lang) -> Result<Self, Stop> {
        let ending = out.extension().map(|ending| ending.to_string_lossy().to_lowercase()).unwrap_or_default();
        match ending.as_str() {
            "csv" => Ok(Form::Csv),
            "xlsx" => Ok(Form::Xlsx),
            "jsonl" | "ndjson" => Ok(Form::Jsonl),
            _ => {
                let out = out.display();
                Err(Stop::usage(lang.of(
                    format!("-o {out}: its ending says what is written: .csv, .xlsx or .jsonl."),
                    format!("-o {out}：请用扩展名说明输出格式：.csv、.xlsx 或 .jsonl。"),
                )))
            }
        }
    }

    /// Whether so many rows and columns fit.
    pub(crate) fn check(self, shape: &Shape, lang: Lang) -> Result<(), Stop> {
        if self == Form::Xlsx
            && (shape.rows + 1 > xlsx::MOST_ROWS || shape.width + headers(lang).len() > xlsx::MOST_COLUMNS)
        {
            return Err(Stop::usage(lang.of(
                "An .xlsx sheet holds 1,048,576 rows and 16,384 columns; this list has more. Write .csv or .jsonl.",
                "一张 .xlsx 工作表最多 1,048,576 行、16,384 列，放不下这份清单。请改为输出 .csv 或 .jsonl。",
            )));
        }
        Ok(())
    }
}

/// A file that is put in place of another in one step.
pub(crate) struct Replacement {
    target: PathBuf,
    temporary: PathBuf,
    file: Option<File>,
    lang: Lang,
}

impl Replacement {
    pub(crate) fn of(target: &Path, lang: Lang) -> Result<Self, Stop> {
        let mut name = target.file_name().unwrap_or_default().to_owned();
        name.push(".yspay-new");
        let temporary = target.with_file_name(name);
        // What a run left that was killed may be read-only.
        let _ = std::fs::remove_file(&temporary);
        let file = File::create(&temporary).map_err(|error| Stop::unwritable(target, error, lang))?;
        // Who may not read the old one may not read the new one. Some file systems know no permissions.
        if let Ok(old) = std::fs::metadata(target) {
            let _ = file.set_permissions(old.permissions());
        }
        Ok(Replacement { target: target.to_owned(), temporary, file: Some(file), lang })
    }

    pub(crate) fn file(&self) -> std::io::Result<File> {
        self.file.as_ref().ok_or(std::io::ErrorKind::NotFound)?.try_clone()
    }

    pub(crate) fn put(mut self) -> Result<(), Stop> {
        let file = self.file.take();
        let put =
            file.map_or(Ok(()), |file| file.sync_all()).and_then(|()| std::fs::rename(&self.temporary, &self.target));
        put.map_err(|error| {
            self.file = None;
            Stop::unwritable(&self.target, error, self.lang)
        })?;
        sync_folder(&self.target);
        self.temporary.clear();
        Ok(())
    }
}

impl Drop for Replacement {
    fn drop(&mut self) {
        if !self.temporary.as_os_str().is_empty() {
            let _ = std::fs::remove_file(&self.temporary);
        }
    }
}

pub(crate) struct Output {
    rows: Box<dyn Rows>,
    replacement: Replacement,
    lang: Lang,
}

impl Output {
    pub(crate) fn create(out: &Path, form: Form, shape: &Shape, lang: Lang) -> Result<Self, Stop> {
        let replacement = Replacement::of(out, lang)?;
        let unwritable = |error: String| Stop::unwritable(out, error, lang);
        let file = || replacement.file().map(BufWriter::new).map_err(|error| unwritable(error.to_string()));
        let rows: Box<dyn Rows> = match form {
            Form::Csv => Box::new(csv::Table::new(file()?, shape, lang).map_err(unwritable)?),
            Form::Jsonl => Box::new(jsonl::Lines::new(file()?, shape, lang)),
            Form::Xlsx => Box::new(xlsx::Sheet::new(out, shape, lang).map_err(unwritable)?),
        };
        Ok(Output { rows, replacement, lang })
    }

    pub(crate) fn row(&mut self, number: u64, cells: &[Cell], filled: &Filled) -> Result<(), Stop> {
        self.rows.row(number, cells, filled).map_err(|error| self.unwritable(error))
    }

    /// Puts it in place.
    pub(crate) fn put(self) -> Result<(), Stop> {
        let (target, lang) = (self.replacement.target.clone(), self.lang);
        let file = self.replacement.file().map_err(|error| Stop::unwritable(&target, error, lang))?;
        self.rows.end(&file).map_err(|error| Stop::unwritable(&target, error, lang))?;
        self.replacement.put()
    }

    fn unwritable(&self, error: String) -> Stop {
        Stop::unwritable(&self.replacement.target, error, self.lang)
    }
}

/// For writers that report errors of their own kinds.
fn told(error: impl std::fmt::Display) -> String {
    error.to_string()
}
