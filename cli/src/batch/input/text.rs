//! Rows out of a text file: which encoding, and what stands between the cells.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use csv::{ByteRecord, ReaderBuilder};
use encoding_rs::{Encoding, GB18030, UTF_8};

use super::encoded::Encoded;
use super::{Cell, Row};
use crate::batch::stop::Stop;
use crate::lang::Lang;

pub(super) struct Form {
    encoding: &'static Encoding,
    delimiter: u8,
    /// The line of a quotation mark that stands where none can, or has no partner.
    odd_quote: Option<u64>,
}

impl Form {
    pub(super) fn find(path: &Path, lang: Lang) -> Result<Self, Stop> {
        let unreadable = |error: io::Error| Stop::unreadable(path, error, lang);
        let mut head = [0; 3];
        let mut file = File::open(path).map_err(unreadable)?;
        let length = read_fully(&mut file, &mut head).map_err(unreadable)?;
        let candidates = match Encoding::for_bom(&head[..length]) {
            Some((encoding, _)) => vec![encoding],
            None => vec![UTF_8, GB18030],
        };
        let shown = path.display();
        let found = |encoding, quotes| -> Result<Self, Stop> {
            let ending = path.extension().is_some_and(|ending| ending.eq_ignore_ascii_case("tsv"));
            let delimiter = if ending { b'\t' } else { delimiter(path, encoding).map_err(unreadable)? };
            let odd_quote = if quotes { odd_quote(path, encoding, delimiter).map_err(unreadable)? } else { None };
            Ok(Form { encoding, delimiter, odd_quote })
        };
        let mut doubtful = None;
        for encoding in candidates {
            match read_through(path, encoding).map_err(unreadable)? {
                Content::Text { quotes } => return found(encoding, quotes),
                Content::Doubtful { quotes } => doubtful = Some((encoding, quotes)),
                Content::Binary => break,
                Content::OtherEncoding => {}
            }
        }
        if let Some((encoding, quotes)) = doubtful {
            return found(encoding, quotes);
        }
        Err(Stop::file(lang.of(
            format!(
                "{shown} is no text in UTF-8, UTF-16 or GB18030, and no .xlsx workbook either. Save the list as .xlsx or as \
                 CSV in UTF-8."
            ),
            format!("{shown} 既不是 UTF-8、UTF-16 或 GB18030 文本，也不是 .xlsx 工作簿。请把清单另存为 .xlsx 或 UTF-8 编码的 CSV。"),
        )))
    }

    pub(super) fn describe(&self, lang: Lang) -> String {
        let delimiter = match self.delimiter {
            b'\t' => lang.of("tab", "制表符分隔"),
            b';' => lang.of("semicolon", "分号分隔"),
            _ => lang.of("comma", "逗号分隔"),
        };
        let encoding = if self.encoding == GB18030 { "GB18030" } else { self.encoding.name() };
        lang.of(format!("{encoding}, {delimiter}"), format!("{encoding}，{delimiter}"))
    }

    pub(super) fn rows(
        &self,
        path: &Path,
        lang: Lang,
        take: &mut dyn FnMut(Row) -> Result<(), Stop>,
    ) -> Result<(), Stop> {
        let file = File::open(path).map_err(|error| Stop::unreadable(path, error, lang))?;
        let mut reader = ReaderBuilder::new()
            .has_headers(false)
            .flexible(true)
            .delimiter(self.delimiter)
            .from_reader(Encoded::new(file, self.encoding));
        let mut record = ByteRecord::new();
        while reader.read_byte_record(&mut record).map_err(|error| Stop::unreadable(path, error, lang))? {
            let cell = |bytes: &[u8]| match bytes {
                [] => Cell::Empty,
                bytes => Cell::Text(String::from_utf8_lossy(bytes).into_owned()),
            };
            let number = record.position().map_or(0, csv::Position::line);
            // The cell may hold the rest of the list, and nobody would miss its contracts.
            let has_lines = |cell: &[u8]| cell.iter().any(|byte| matches!(byte, b'\r' | b'\n'));
            if let Some(line) = self.odd_quote.filter(|_| record.iter().any(has_lines)) {
                return Err(super::open_quote(path, number, line, lang));
            }
            take(Row { number, cells: record.iter().map(cell).collect() })?;
        }
        Ok(())
    }
}

enum Content {
    Text {
        quotes: bool,
    },
    /// UTF-8 by its bytes, but of letters that nobody here uses: a few words of Chinese in GB18030 look like that, 签约 as ǩԼ.
    Doubtful {
        quotes: bool,
    },
    Binary,
    OtherEncoding,
}

/// Reads the whole file, for a character that decides may stand in the last line.
fn read_through(path: &Path, encoding: &'static Encoding) -> io::Result<Content> {
    let mut text = Encoded::new(File::open(path)?, encoding);
    let mut buffer = vec![0; 64 * 1024];
    let mut quotes = false;
    let (mut rare, mut usual) = (false, encoding != UTF_8 || has_mark(path)?);
    loop {
        match text.read(&mut buffer) {
            Ok(0) if rare && !usual => return Ok(Content::Doubtful { quotes }),
            Ok(0) => return Ok(Content::Text { quotes }),
            Ok(count) if buffer[..count].contains(&0) => return Ok(Content::Binary),
            Ok(count) => {
                quotes |= buffer[..count].contains(&b'"');
                // The first bytes of characters: of letters beyond those of western Europe, and of Chinese.
                rare |= buffer[..count].iter().any(|byte| (0xc6..0xe0).contains(byte));
                usual |= buffer[..count].iter().any(|&byte| byte >= 0xe0);
            }
            Err(error) if error.kind() == io::ErrorKind::InvalidData => return Ok(Content::OtherEncoding),
            Err(error) => return Err(error),
        }
    }
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
    let (mut at, mut line, mut begun) = (At::Begin, 1, 1);
    loop {
        let count = text.read(&mut buffer)?;
        if count == 0 {
            return Ok((at == At::Quoted).then_some(begun));
        }
        for &byte in &buffer[..count] {
            line += u64::from(byte == b'\n');
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

fn has_mark(path: &Path) -> io::Result<bool> {
    let mut head = [0; 3];
    let length = read_fully(&mut File::open(path)?, &mut head)?;
    Ok(Encoding::for_bom(&head[..length]).is_some())
}

/// What stands most often, outside quotation marks, in the first line that is not empty.
fn delimiter(path: &Path, encoding: &'static Encoding) -> io::Result<u8> {
    let mut head = vec![0; 64 * 1024];
    let length = read_fully(&mut Encoded::new(File::open(path)?, encoding), &mut head)?;
    let mut counts = [(b',', 0), (b'\t', 0), (b';', 0)];
    let (mut quoted, mut any) = (false, false);
    for &byte in &head[..length] {
        match byte {
            b'"' => quoted = !quoted,
            b'\r' | b'\n' if !quoted && any => break,
            byte if !quoted => {
                any |= !byte.is_ascii_whitespace();
                counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, count)| *count += 1);
            }
            _ => any = true,
        }
    }
    // Of equals the first.
    Ok(counts.into_iter().rev().max_by_key(|&(_, count)| count).map_or(b',', |(delimiter, _)| delimiter))
}

fn read_fully(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}
