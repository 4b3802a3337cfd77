//! CSV as Excel reads it by itself: a byte order mark, CRLF, every cell quoted.

use std::fs::File;
use std::io::{BufWriter, Write};

use csv::{QuoteStyle, Terminator, Writer, WriterBuilder};

use super::{Filled, Rows, Shape, headers, told};
use crate::batch::input::Cell;
use crate::lang::Lang;

pub(super) struct Table {
    writer: Writer<BufWriter<File>>,
    width: usize,
    lang: Lang,
}

impl Table {
    pub(super) fn new(mut file: BufWriter<File>, shape: &Shape, lang: Lang) -> Result<Self, String> {
        file.write_all("\u{feff}".as_bytes()).map_err(told)?;
        let mut writer =
            WriterBuilder::new().quote_style(QuoteStyle::Always).terminator(Terminator::CRLF).from_writer(file);
        let header = shape.header(lang);
        let header = header.iter().map(String::as_str).chain(headers(lang)).map(protected);
        writer.write_record(header).map_err(told)?;
        Ok(Table { writer, width: shape.width, lang })
    }
}

impl Rows for Table {
    fn row(&mut self, _: u64, cells: &[Cell], filled: &Filled) -> Result<(), String> {
        for index in 0..self.width {
            let text = cells.get(index).map(Cell::text).unwrap_or_default();
            self.writer.write_field(protected(&text)).map_err(told)?;
        }
        let cells = filled.cells(self.lang);
        self.writer.write_record(cells.iter().map(|text| protected(text))).map_err(told)
    }

    fn end(mut self: Box<Self>, _: &File) -> Result<(), String> {
        self.writer.flush().map_err(told)
    }
}

/// With an apostrophe before what a spreadsheet would run as a formula; a plain number is none.
fn protected(text: &str) -> String {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let is_number = digits.starts_with(|c: char| c.is_ascii_digit())
        && digits.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.')
        && digits.bytes().filter(|&byte| byte == b'.').count() < 2;
    if text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠']) && !is_number {
        format!("'{text}")
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_formula_is_text() {
        for formula in ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "-", "+1.2.3", "＝1", "-1e5"]
        {
            assert_eq!(protected(formula), format!("'{formula}"));
        }
        for other in ["", "MAN1", "-12.50", "+8613800000000", "a=b", "'=1"] {
            assert_eq!(protected(other), other);
        }
    }
}
