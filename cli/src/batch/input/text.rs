//! Rows out of a text file.

use std::collections::VecDeque;
use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, GB18030};

use super::delimiter::{self, Delimiter};
use super::{Cell, Row};
use crate::batch::stop::Stop;
use crate::lang::Lang;
use crate::text::{self, Encoded};

/// The longest row, in bytes of UTF-8; it is held in memory.
const LONGEST_ROW: u64 = 1024 * 1024;
/// As many columns as a sheet has.
const MOST_CELLS: usize = 16_384;

pub(super) struct Form {
    encoding: &'static Encoding,
    delimiter: u8,
    /// The first line is Excel's own `sep=;`.
    is_stated: bool,
    /// The line of a quotation mark that stands where none can, or has no partner.
    odd_quote: Option<u64>,
}

impl Form {
    pub(super) fn find(path: &Path, lang: Lang) -> Result<Self, Stop> {
        let unreadable = |error: io::Error| Stop::unreadable(path, error, lang);
        let shown = path.display();
        let found = text::Form::find(&|| Ok(Box::new(File::open(path)?))).map_err(unreadable)?;
        let Some(text::Form { encoding, quotes }) = found else {
            return Err(Stop::file(lang.of(
                format!(
                    "{shown} is no text in UTF-8, UTF-16 or GB18030, and no .xlsx workbook either. Save the list as .xlsx or as \
                     CSV in UTF-8."
                ),
                format!("{shown} 既不是 UTF-8、UTF-16 或 GB18030 文本，也不是 .xlsx 工作簿。请把清单另存为 .xlsx 或 UTF-8 编码的 CSV。"),
            )));
        };
        let text = Encoded::new(File::open(path).map_err(unreadable)?, encoding);
        let prefers_tab = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
        let (delimiter, is_stated) = match delimiter::find(text, prefers_tab).map_err(unreadable)? {
            Delimiter::Stated(delimiter) => (delimiter, true),
            Delimiter::Found(delimiter) => (delimiter, false),
            Delimiter::Misstated => {
                return Err(Stop::file(lang.of(
                    format!(
                        "{shown}: the first line begins with sep= but names no separator of one character, as in sep=; . Mend \
                         it, or delete it."
                    ),
                    format!("{shown}：首行以 sep= 开头，却没有写明一个半角分隔符（例如 sep=;）。请改正或删去这一行。"),
                )));
            }
            Delimiter::Doubtful(one, other) => {
                let (one, other) = (name(one, lang), name(other, lang));
                return Err(Stop::file(lang.of(
                    format!(
                        "{shown}: {one} or {other}, which stands between the cells? Say it in a line of its own above all \
                         others, for example sep=; or save the list as .xlsx."
                    ),
                    format!("{shown}：看不出单元格之间是{one}还是{other}。请在最上面加一行写明，例如 sep=;，或另存为 .xlsx。"),
                )));
            }
        };
        let odd_quote = if quotes { odd_quote(path, encoding, delimiter).map_err(unreadable)? } else { None };
        Ok(Form { encoding, delimiter, is_stated, odd_quote })
    }

    pub(super) fn describe(&self, lang: Lang) -> String {
        let delimiter = name(self.delimiter, lang);
        let encoding = if self.encoding == GB18030 { "GB18030" } else { self.encoding.name() };
        lang.of(format!("{encoding}, {delimiter}"), format!("{encoding}，{delimiter}分隔"))
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        lang: Lang,
        take: &mut dyn FnMut(Row) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let file = File::open(path).map_err(|error| Stop::unreadable(path, error, lang))?;
        let text = Measured::new(Encoded::new(file, self.encoding));
        let mut reader =
            ReaderBuilder::new().has_headers(false).flexible(true).delimiter(self.delimiter).from_reader(text);
        let mut record = ByteRecord::new();
        let mut is_stated = self.is_stated;
        loop {
            let begin = reader.position().byte();
            reader.get_mut().end = begin + LONGEST_ROW;
            let has_more = reader.read_byte_record(&mut record);
            let number = reader.get_mut().line(begin);
            match has_more {
                Ok(false) => return Ok(()),
                Ok(true) => {}
                Err(error) if is_too_long(&error) => return Err(too_long(path, number, lang)),
                Err(error) => return Err(Stop::unreadable(path, error, lang)),
            }
            if reader.position().byte() - begin > LONGEST_ROW || record.len() > MOST_CELLS {
                return Err(too_long(path, number, lang));
            }
            if std::mem::take(&mut is_stated) {
                continue;
            }
            let cell = |bytes: &[u8]| match bytes {
                [] => Cell::Empty,
                bytes => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
            };
            // The cell may hold the rest of the list, and nobody would miss its contracts.
            let has_lines = |cell: &[u8]| cell.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
            if let Some(line) = self.odd_quote.filter(|_| record.iter().any(has_lines)) {
                return Err(super::open_quote(path, number, line, lang));
            }
            take(Row { number, cells: record.iter().map(cell).collect() })?;
        }
    }
}

fn name(delimiter: u8, lang: Lang) -> String {
    match delimiter {
        b',' => lang.of("comma", "逗号").into(),
        b'\t' => lang.of("tab", "制表符").into(),
        b';' => lang.of("semicolon", "分号").into(),
        b'|' => lang.of("vertical bar", "竖线").into(),
        other => format!("{:?}", char::from(other)),
    }
}

/// Counts lines as editors do, each ended by LF, CR LF or CR; what reads rows knows only the first, and not where it passed
/// over empty ones.
struct Lines {
    /// Of the next byte.
    line: u64,
    is_behind_cr: bool,
}

impl Lines {
    fn new() -> Self {
        Lines { line: 1, is_behind_cr: false }
    }

    fn pass(&mut self, byte: u8) {
        self.line += u64::from(byte == b'\r' || byte == b'\n' && !self.is_behind_cr);
        self.is_behind_cr = byte == b'\r';
    }
}

/// Hands out no more than what the row under way may have, and what was read ahead; knows the lines of that.
struct Measured<R> {
    source: R,
    handed: u64,
    end: u64,
    lines: Lines,
    is_at_begin: bool,
    /// Where the lines begin that hold anything, and their numbers.
    begins: VecDeque<(u64, u64)>,
}

impl<R> Measured<R> {
    fn new(source: R) -> Self {
        Measured { source, handed: 0, end: 0, lines: Lines::new(), is_at_begin: true, begins: VecDeque::new() }
    }

    /// Of the first byte from this place on that ends no line; places before it are asked for no more.
    fn line(&mut self, place: u64) -> u64 {
        while self.begins.front().is_some_and(|&(begin, _)| begin < place) {
            self.begins.pop_front();
        }
        self.begins.front().map_or(self.lines.line, |&(_, line)| line)
    }
}

impl<R: Read> Read for Measured<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.handed > self.end {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        let count = self.source.read(buffer)?;
        for (place, &byte) in (self.handed..).zip(&buffer[..count]) {
            let ends_line = matches!(byte, b'\r' | b'\n');
            if self.is_at_begin && !ends_line {
                self.begins.push_back((place, self.lines.line));
            }
            self.is_at_begin = ends_line;
            self.lines.pass(byte);
        }
        self.handed += count as u64;
        Ok(count)
    }
}

fn is_too_long(error: &csv::Error) -> bool {
    matches!(error.kind(), csv::ErrorKind::Io(error) if error.kind() == io::ErrorKind::FileTooLarge)
}

fn too_long(path: &Path, line: u64, lang: Lang) -> Stop {
    let path = path.display();
    Stop::file(lang.of(
        format!(
            "{path}, row {line}: it is longer than 1 MiB, or has more than 16,384 cells. Is a quotation mark not closed, or is \
             this no list?"
        ),
        format!("{path} 第 {line} 行：超过 1 MiB，或者多于 16,384 个单元格。是不是引号没有成对，或者这个文件不是清单？"),
    ))
}

/// The line in which a quoted cell goes on behind its closing mark, or begins and never ends: then a cell of several lines may be several rows,
/// from one stray mark to the next.
fn odd_quote(path: &Path, encoding: &'static Encoding, delimiter: u8) -> io::Result<Option<u64>> {
    #[derive(Clone, Copy, PartialEq)]
    enum At {
        Begin,
        Bare,
        Quoted,
        /// Behind a mark that ends the cell, or is the first of two.
        Mark,
    }
    let mut text = Encoded::new(File::open(path)?, encoding);
    let mut buffer = vec![0; 64 * 1024];
    let (mut at, mut lines, mut begun) = (At::Begin, Lines::new(), 1);
    loop {
        let count = text.read(&mut buffer)?;
        if count == 0 {
            return Ok((at == At::Quoted).then_some(begun));
        }
        for &byte in &buffer[..count] {
            let line = lines.line;
            lines.pass(byte);
            at = match (at, byte) {
                (At::Begin, b'"') => {
                    begun = line;
                    At::Quoted
                }
                (At::Mark, b'"') => At::Quoted,
                (At::Quoted, b'"') => At::Mark,
                (At::Quoted, _) => At::Quoted,
                (_, b'\r' | b'\n') => At::Begin,
                (_, byte) if byte == delimiter => At::Begin,
                (At::Mark, _) => return Ok(Some(line)),
                (At::Begin | At::Bare, _) => At::Bare,
            }
        }
    }
}
