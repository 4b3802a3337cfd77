//! Rows out of a workbook, cell by cell, for a sheet may have a million rows.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use calamine::{DataRef, Reader, SheetType, SheetVisible, Xlsx, XlsxError};

use super::{Cell, Row};
use crate::batch::stop::Stop;
use crate::lang::Lang;
use crate::status::printable;

pub(super) struct Form {
    name: String,
}

type Workbook = Xlsx<BufReader<File>>;

impl Form {
    /// The sheet that `wanted` names or numbers; else the only visible one that holds anything.
    pub(super) fn find(path: &Path, wanted: Option<&str>, lang: Lang) -> Result<Self, Stop> {
        let mut workbook = open(path, lang)?;
        let sheets: Vec<_> =
            workbook.sheets_metadata().iter().filter(|sheet| sheet.typ == SheetType::WorkSheet).cloned().collect();
        let shown = path.display();
        if let Some(wanted) = wanted {
            let by_name = sheets.iter().find(|sheet| sheet.name == wanted);
            let by_number = || wanted.parse::<usize>().ok().and_then(|number| sheets.get(number.checked_sub(1)?));
            return match by_name.or_else(by_number) {
                Some(sheet) => Ok(Form { name: sheet.name.clone() }),
                None => {
                    let names: Vec<_> = sheets.iter().map(|sheet| printable(&sheet.name)).collect();
                    Err(Stop::usage(lang.of(
                        format!("{shown} has no sheet {wanted:?}. It has: {}.", names.join(", ")),
                        format!("{shown} 中没有工作表“{wanted}”，只有：{}。", names.join("、")),
                    )))
                }
            };
        }
        let mut holding = Vec::new();
        for sheet in sheets.iter().filter(|sheet| sheet.visible == SheetVisible::Visible) {
            if holds_anything(&mut workbook, &sheet.name).map_err(|error| broken(path, error, lang))? {
                holding.push(sheet.name.clone());
            }
        }
        match <[String; 1]>::try_from(holding) {
            Ok([name]) => Ok(Form { name }),
            Err(holding) if holding.is_empty() && sheets.iter().all(|sheet| sheet.visible == SheetVisible::Visible) => {
                Err(Stop::usage(lang.of(
                    format!("{shown} is an empty workbook: there is nothing to ask."),
                    format!("{shown} 是空工作簿，没有可查询的内容。"),
                )))
            }
            Err(holding) if holding.is_empty() => Err(Stop::file(lang.of(
                format!("{shown} holds nothing on a visible sheet. Name a hidden one with --sheet."),
                format!("{shown} 的可见工作表都是空的。如需读取隐藏的工作表，请用 --sheet 指定。"),
            ))),
            Err(holding) => {
                let names: Vec<_> = holding.iter().map(|name| printable(name)).collect();
                Err(Stop::usage(lang.of(
                    format!("{shown} has several sheets: {}. Say which with --sheet NAME.", names.join(", ")),
                    format!("{shown} 有多张工作表：{}。请用 --sheet 名称 指定其中一张。", names.join("、")),
                )))
            }
        }
    }

    pub(super) fn describe(&self, lang: Lang) -> String {
        lang.of(format!("sheet {:?}", self.name), format!("工作表“{}”", printable(&self.name)))
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        lang: Lang,
        take: &mut dyn FnMut(Row) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let broken = |error| broken(path, error, lang);
        let mut workbook = open(path, lang)?;
        let mut cells = workbook.worksheet_cells_reader(&self.name).map_err(broken)?;
        let mut row = Row { number: 0, cells: Vec::new() };
        while let Some((cell, style)) = cells.next_cell_with_style_id().map_err(broken)? {
            let (number, column) = cell.get_position();
            let value = value(cell.get_value());
            let value = match (&value, cells.styles().get(style).and_then(|style| style.number_format.as_ref())) {
                (Cell::Number(number), Some(format)) => padded(*number, &format.format_code).unwrap_or(value),
                _ => value,
            };
            if value == Cell::Empty {
                continue;
            }
            if u64::from(number) + 1 != row.number {
                let whole = std::mem::replace(&mut row, Row { number: u64::from(number) + 1, cells: Vec::new() });
                if !whole.cells.is_empty() {
                    take(whole)?;
                }
            }
            let column = column as usize;
            if row.cells.len() <= column {
                row.cells.resize(column + 1, Cell::Empty);
            }
            row.cells[column] = value;
        }
        if row.cells.is_empty() { Ok(()) } else { take(row) }
    }
}

fn open(path: &Path, lang: Lang) -> Result<Workbook, Stop> {
    let file = File::open(path).map_err(|error| Stop::unreadable(path, error, lang))?;
    Xlsx::new(BufReader::new(file)).map_err(|error| broken(path, error, lang))
}

fn broken(path: &Path, error: XlsxError, lang: Lang) -> Stop {
    let path = path.display();
    Stop::file(lang.of(
        format!("{path} cannot be read as an .xlsx workbook: {error}. Open it in Excel and save it anew."),
        format!("无法把 {path} 作为 .xlsx 工作簿读取：{error}。请用 Excel 打开后重新保存。"),
    ))
}

fn holds_anything(workbook: &mut Workbook, name: &str) -> Result<bool, XlsxError> {
    let mut cells = workbook.worksheet_cells_reader(name)?;
    while let Some(cell) = cells.next_cell()? {
        if !matches!(cell.get_value(), DataRef::Empty) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// With the noughts that the sheet shows before the number, for a format like `000000`: without them it is another one.
fn padded(number: f64, format: &str) -> Option<Cell> {
    let digits = number.to_string();
    // Longer ones may have been rounded, which is judged by the number.
    let is_whole = digits.len() <= 15 && digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_padded = is_whole && format.len() > digits.len() && format.bytes().all(|byte| byte == b'0');
    is_padded.then(|| Cell::Text(format!("{digits:0>width$}", width = format.len())))
}

fn value(value: &DataRef<'_>) -> Cell {
    match value {
        DataRef::Empty => Cell::Empty,
        DataRef::String(text) if text.is_empty() => Cell::Empty,
        DataRef::String(text) => Cell::Text(text.clone()),
        DataRef::SharedString("") => Cell::Empty,
        DataRef::SharedString(text) => Cell::Text((*text).to_owned()),
        DataRef::Int(number) => Cell::Number(*number as f64),
        DataRef::Float(number) => Cell::Number(*number),
        DataRef::Bool(true) => Cell::Logic("TRUE".into()),
        DataRef::Bool(false) => Cell::Logic("FALSE".into()),
        DataRef::DateTime(date) if date.is_duration() => Cell::Date(date.as_f64().to_string()),
        DataRef::DateTime(date) => {
            let (year, month, day, hour, minute, second, _) = date.to_ymd_hms_milli();
            let time = format!("{hour:02}:{minute:02}:{second:02}");
            let midnight = (hour, minute, second) == (0, 0, 0);
            let date = format!("{year:04}-{month:02}-{day:02}");
            Cell::Date(if midnight { date } else { format!("{date} {time}") })
        }
        DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => Cell::Date(text.clone()),
        DataRef::Error(error) => Cell::Logic(error.to_string()),
    }
}
