//! What a store answers, in its protocol (RESP2): as much of it as scripts and sentinels say. Anybody may answer at the
//! other end, so nothing nests, and no more is kept than can be sensible.

use std::io::{self, BufRead, ErrorKind, Read};

/// The longest line or text, in bytes; a server's errors have some hundred.
const MAX_LENGTH: usize = 2048;
/// The most parts of an array.
const MAX_PARTS: usize = 16;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Value {
    Nil,
    Int(i64),
    Text(Vec<u8>),
    Array(Vec<Value>),
    /// Its words as they came.
    Error(String),
}

impl Value {
    /// # Errors
    /// `InvalidData`: nothing that a store says; otherwise what became of the connection.
    pub(super) fn read(from: &mut impl BufRead) -> io::Result<Self> {
        let (kind, rest) = line(from)?;
        if kind != b'*' {
            return Self::single(kind, rest, from);
        }
        let parts = match length(&rest, MAX_PARTS)? {
            None => return Ok(Value::Nil),
            Some(parts) => parts,
        };
        let part = |_| line(from).and_then(|(kind, rest)| Self::single(kind, rest, from));
        (0..parts).map(part).collect::<io::Result<_>>().map(Value::Array)
    }

    fn single(kind: u8, rest: Vec<u8>, from: &mut impl BufRead) -> io::Result<Self> {
        match kind {
            b'+' => Ok(Value::Text(rest)),
            b'-' => Ok(Value::Error(String::from_utf8_lossy(&rest).into_owned())),
            b':' => number(&rest).map(Value::Int),
            b'$' => {
                let Some(length) = length(&rest, MAX_LENGTH)? else { return Ok(Value::Nil) };
                let mut text = vec![0; length + 2];
                from.read_exact(&mut text)?;
                without_end(text).map(Value::Text)
            }
            _ => Err(strange()),
        }
    }
}

/// What kind of answer begins here, and the rest of its line.
fn line(from: &mut impl BufRead) -> io::Result<(u8, Vec<u8>)> {
    let mut line = Vec::new();
    from.take(MAX_LENGTH as u64).read_until(b'\n', &mut line)?;
    if !line.ends_with(b"\n") {
        return Err(if line.len() < MAX_LENGTH { ErrorKind::UnexpectedEof.into() } else { strange() });
    }
    let mut line = without_end(line)?;
    if line.is_empty() {
        return Err(strange());
    }
    let kind = line.remove(0);
    Ok((kind, line))
}

fn without_end(mut text: Vec<u8>) -> io::Result<Vec<u8>> {
    if !text.ends_with(b"\r\n") {
        return Err(strange());
    }
    text.truncate(text.len() - 2);
    Ok(text)
}

/// `None` for what is not there at all.
fn length(text: &[u8], most: usize) -> io::Result<Option<usize>> {
    match number(text)? {
        -1 => Ok(None),
        length => usize::try_from(length).ok().filter(|length| *length <= most).map(Some).ok_or_else(strange),
    }
}

fn number(text: &[u8]) -> io::Result<i64> {
    std::str::from_utf8(text).ok().and_then(|text| text.parse().ok()).ok_or_else(strange)
}

fn strange() -> io::Error {
    ErrorKind::InvalidData.into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One byte after the other, as a network may bring them.
    struct Slowly<'a>(&'a [u8]);

    impl Read for Slowly<'_> {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let most = buffer.len().min(1);
            self.0.read(&mut buffer[..most])
        }
    }

    fn read(bytes: &[u8]) -> Result<Value, ErrorKind> {
        let slowly = Value::read(&mut io::BufReader::new(Slowly(bytes))).map_err(|error| error.kind());
        let at_once = Value::read(&mut &*bytes).map_err(|error| error.kind());
        assert_eq!(slowly, at_once);
        at_once
    }

    #[test]
    fn what_a_store_says_is_understood() {
        let text = |text: &str| Value::Text(text.into());
        for (bytes, expected) in [
            ("+OK\r\n", text("OK")),
            (":-5\r\n", Value::Int(-5)),
            ("$5\r\na\r\nbc\r\n", text("a\r\nbc")),
            ("$0\r\n\r\n", text("")),
            ("$-1\r\n", Value::Nil),
            ("*-1\r\n", Value::Nil),
            ("*0\r\n", Value::Array(Vec::new())),
            (
                "*3\r\n:0\r\n:9223372036854775807\r\n$1\r\n7\r\n",
                Value::Array(vec![Value::Int(0), Value::Int(i64::MAX), text("7")]),
            ),
            ("-ERR no: \u{1b}\r\n", Value::Error("ERR no: \u{1b}".into())),
            ("-\r\n", Value::Error(String::new())),
        ] {
            assert_eq!(read(bytes.as_bytes()), Ok(expected), "{bytes:?}");
        }
        assert_eq!(read(b"-\xff\r\n"), Ok(Value::Error("\u{fffd}".into())));
        let mut two = &b":1\r\n:2\r\n"[..];
        assert_eq!((Value::read(&mut two).unwrap(), Value::read(&mut two).unwrap()), (Value::Int(1), Value::Int(2)));
    }

    #[test]
    fn what_ends_too_early_is_told_from_what_no_store_says() {
        let whole = "*2\r\n:1\r\n$3\r\nabc\r\n";
        for length in 0..whole.len() {
            assert_eq!(read(&whole.as_bytes()[..length]), Err(ErrorKind::UnexpectedEof), "{length}");
        }
        for bytes in [
            "\r\n",
            "\n",
            ":1\n",
            "?\r\n",
            ":\r\n",
            ":x\r\n",
            ":99999999999999999999\r\n",
            "$-2\r\n",
            "$3\r\nabcde\r\n",
            "$2049\r\n",
            "*17\r\n",
            "*9223372036854775807\r\n",
            "*1\r\n*0\r\n",
            "%1\r\n",
            "HTTP/1.1 400\r\n",
        ] {
            assert_eq!(read(bytes.as_bytes()), Err(ErrorKind::InvalidData), "{bytes:?}");
        }
        assert_eq!(read(&[b'+'; MAX_LENGTH]), Err(ErrorKind::InvalidData));
    }
}
