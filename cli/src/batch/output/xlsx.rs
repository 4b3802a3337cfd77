//! A workbook of one sheet: contract numbers as text, a header that stays, a filter.

use std::fs::File;
use std::io::{BufWriter, Seek, Write};
use std::path::Path;

use rust_xlsxwriter::{Format, FormatAlign, Workbook};
use unicode_width::UnicodeWidthStr;

use super::{Filled, Rows, Shape, headers, told};
use crate::batch::input::Cell;
use crate::lang::Lang;

pub(super) const MOST_ROWS: u64 = 1_048_576;
pub(super) const MOST_COLUMNS: usize = 16_384;
/// Excel's limit for one cell.
const LONGEST: usize = 32_767;

/// How wide the columns of the answer are, in characters; the last two may be long.
const WIDTHS: [f64; 9] = [8.0, 20.0, 24.0, 10.0, 14.0, 8.0, 24.0, 22.0, 60.0];

pub(super) struct Sheet {
    workbook: Workbook,
    text: Format,
    next: u32,
    width: usize,
    id: usize,
    lang: Lang,
}

impl Sheet {
    pub(super) fn new(out: &Path, shape: &Shape, lang: Lang) -> Result<Self, String> {
        let mut workbook = Workbook::new();
        // Where the rows are kept meanwhile: the folder of OUT, for /tmp may be memory.
        let folder = out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        workbook.set_tempdir(folder).map_err(told)?;
        let sheet = workbook.add_worksheet_with_constant_memory().map_err(told)?;
        sheet.set_name(lang.of("Contracts", "签约状态")).map_err(told)?;
        let text = Format::new().set_num_format("@");
        let head = Format::new()
            .set_bold()
            .set_background_color(0x1F4E79)
            .set_font_color(0xFFFFFF)
            .set_align(FormatAlign::VerticalCenter);
        let given = shape.header(lang);
        let last = (given.len() + WIDTHS.len() - 1) as u16;
        for (index, name) in given.iter().map(String::as_str).chain(headers(lang)).enumerate() {
            let width = match index.checked_sub(given.len()) {
                Some(own) => WIDTHS[own],
                None if index == shape.id => 28.0,
                None => (name.width() as f64 + 4.0).clamp(12.0, 40.0),
            };
            sheet.set_column_width(index as u16, width).map_err(told)?;
            sheet.write_string_with_format(0, index as u16, clipped(name), &head).map_err(told)?;
        }
        sheet.set_freeze_panes(1, 0).map_err(told)?;
        sheet.autofilter(0, 0, u32::try_from(shape.rows).unwrap_or(u32::MAX), last).map_err(told)?;
        Ok(Sheet { workbook, text, next: 1, width: shape.width, id: shape.id, lang })
    }
}

impl Rows for Sheet {
    fn row(&mut self, _: u64, cells: &[Cell], filled: &Filled) -> Result<(), String> {
        let row = self.next;
        self.next += 1;
        let sheet = self.workbook.worksheet_from_index(0).map_err(told)?;
        for (index, cell) in cells.iter().enumerate() {
            let column = index as u16;
            match cell {
                Cell::Empty => continue,
                Cell::Number(number) if index != self.id => sheet.write_number(row, column, *number),
                cell => sheet.write_string_with_format(row, column, clipped(&cell.text()), &self.text),
            }
            .map_err(told)?;
        }
        for (index, text) in filled.cells(self.lang).iter().enumerate().filter(|(_, text)| !text.is_empty()) {
            let column = (self.width + index) as u16;
            sheet.write_string_with_format(row, column, clipped(text), &self.text).map_err(told)?;
        }
        Ok(())
    }

    fn end(mut self: Box<Self>, file: &File) -> Result<(), String> {
        let mut writer = BufWriter::new(file);
        writer.rewind().map_err(told)?;
        self.workbook.save_to_writer(&mut writer).map_err(told)?;
        writer.flush().map_err(told)
    }
}

fn clipped(text: &str) -> String {
    text.chars().take(LONGEST).collect()
}
