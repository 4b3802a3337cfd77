//! Text of people: which encoding it is in, and what is white in it.

mod encoded;

use std::io::{self, Read};

use encoding_rs::{Encoding, GB18030, UTF_8};

pub(crate) use encoded::Encoded;

/// Hands out the text from its beginning, as often as it is asked to.
pub(crate) type Open<'a> = dyn Fn() -> io::Result<Box<dyn Read + 'a>> + 'a;

/// How a text is to be read.
#[derive(Clone, Copy)]
pub(crate) struct Form {
    pub(crate) encoding: &'static Encoding,
    /// A quotation mark stands somewhere.
    pub(crate) quotes: bool,
}

impl Form {
    /// Of UTF-8 with or without a mark, UTF-16 with one, GB18030; `None`: it is no text.
    pub(crate) fn find(open: &Open) -> io::Result<Option<Self>> {
        let mut head = [0; 3];
        let length = read_fully(&mut open()?, &mut head)?;
        let marked = Encoding::for_bom(&head[..length]).map(|(encoding, _)| encoding);
        let mut doubtful = None;
        for encoding in marked.map_or(vec![UTF_8, GB18030], |encoding| vec![encoding]) {
            let form = |quotes| Some(Form { encoding, quotes });
            match read_through(open, encoding, marked.is_some())? {
                Content::Text { quotes } => return Ok(form(quotes)),
                Content::Doubtful { quotes } => doubtful = form(quotes),
                Content::Binary => break,
                Content::OtherEncoding => {}
            }
        }
        Ok(doubtful)
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

/// Reads all of it, for a character that decides may stand in the last line.
fn read_through(open: &Open, encoding: &'static Encoding, is_marked: bool) -> io::Result<Content> {
    let mut text = Encoded::new(open()?, encoding);
    let mut buffer = vec![0; 64 * 1024];
    let mut quotes = false;
    let (mut rare, mut usual) = (false, encoding != UTF_8 || is_marked);
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

pub(crate) fn read_fully(source: &mut impl Read, buffer: &mut [u8]) -> io::Result<usize> {
    let mut length = 0;
    while length < buffer.len() {
        match source.read(&mut buffer[length..])? {
            0 => break,
            count => length += count,
        }
    }
    Ok(length)
}

/// White space, full-width blanks, control characters, and marks that nobody sees, which pasting brings along.
pub(crate) fn is_white(c: char) -> bool {
    c.is_whitespace()
        || c.is_control()
        || matches!(c, '\u{ad}' | '\u{feff}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{180e}')
}
