//! HTTP/1.1 by hand: requests out of bytes, within limits, and replies into bytes.

use std::io::Read;
use std::time::{Duration, Instant, SystemTime};

use crate::wire::{Wire, is_pause};

const MAX_HEAD: usize = 16 * 1024;
const MAX_BODY: usize = 1024 * 1024;
/// A request that has begun must be complete by then.
const REQUEST_TIME: Duration = Duration::from_secs(30);

/// A complete request.
#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    /// Whether the client wants to use the connection again.
    pub(crate) keep_alive: bool,
}

impl Request {
    /// The value of a header, by its name in any letter case.
    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        header(&self.headers, name)
    }
}

/// Why no request could be read.
#[derive(Debug)]
pub(crate) enum Unreadable {
    /// The connection ended or fell silent.
    Closed,
    /// What came is not a request that this server takes; the status to answer and why.
    Refused(u16, &'static str),
}

impl From<&'static str> for Unreadable {
    fn from(why: &'static str) -> Self {
        Self::Refused(400, why)
    }
}

/// Reads the next request; `buffer` keeps what came after it.
pub(crate) fn read_request(wire: &mut Wire, buffer: &mut Vec<u8>) -> Result<Request, Unreadable> {
    let began = Instant::now();
    let head_length = loop {
        match find(buffer, b"\r\n\r\n") {
            Some(end) if end + 4 <= MAX_HEAD => break end + 4,
            Some(_) => return Err(Unreadable::Refused(431, "head larger than 16 KiB")),
            None if buffer.len() >= MAX_HEAD => return Err(Unreadable::Refused(431, "head larger than 16 KiB")),
            None => read_more(wire, buffer, began)?,
        }
    };
    let mut request = parse_head(&buffer[..head_length])?;
    let body_length = body_length(&request)?;
    let length = head_length + body_length;
    if buffer.len() < length && request.header("expect").is_some_and(|e| e.eq_ignore_ascii_case("100-continue")) {
        wire.send(b"HTTP/1.1 100 Continue\r\n\r\n").map_err(|_| Unreadable::Closed)?;
    }
    while buffer.len() < length {
        read_more(wire, buffer, began)?;
    }
    request.body = buffer[head_length..length].to_vec();
    buffer.drain(..length);
    Ok(request)
}

fn read_more(wire: &mut Wire, buffer: &mut Vec<u8>, began: Instant) -> Result<(), Unreadable> {
    let mut chunk = [0; 16 * 1024];
    loop {
        match wire.read(&mut chunk) {
            Ok(0) => return Err(Unreadable::Closed),
            Ok(length) if buffer.is_empty() || began.elapsed() < REQUEST_TIME => {
                buffer.extend_from_slice(&chunk[..length]);
                return Ok(());
            }
            Err(error) if is_pause(&error) && error.kind() == std::io::ErrorKind::Interrupted => {}
            Ok(_) | Err(_) => return Err(Unreadable::Closed),
        }
    }
}

fn parse_head(head: &[u8]) -> Result<Request, Unreadable> {
    let head = std::str::from_utf8(head).map_err(|_| "head is not UTF-8")?;
    let mut lines = head.trim_end_matches("\r\n").split("\r\n");
    let mut words = lines.next().unwrap_or_default().split(' ');
    let (Some(method), Some(path), Some(version), None) = (words.next(), words.next(), words.next(), words.next())
    else {
        return Err("request line is not of three words".into());
    };
    if !matches!(version, "HTTP/1.1" | "HTTP/1.0") {
        return Err(Unreadable::Refused(505, "neither HTTP/1.1 nor HTTP/1.0"));
    }
    let headers = lines
        .map(|line| line.split_once(':').map(|(name, value)| (name.to_owned(), value.trim().to_owned())))
        .collect::<Option<Vec<_>>>()
        .ok_or("header line without a colon")?;
    let keep_alive = match header(&headers, "connection") {
        Some(value) => !value.eq_ignore_ascii_case("close"),
        None => version == "HTTP/1.1",
    };
    Ok(Request { method: method.to_owned(), path: path.to_owned(), headers, body: Vec::new(), keep_alive })
}

fn body_length(request: &Request) -> Result<usize, Unreadable> {
    if request.header("transfer-encoding").is_some() {
        return Err(Unreadable::Refused(411, "Transfer-Encoding instead of Content-Length"));
    }
    let mut lengths = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("content-length"));
    let Some((_, length)) = lengths.next() else {
        // A question without a length would be read as the next request; `curl -X POST …/reset` sends none.
        return match request.method.as_str() {
            "POST" | "PUT" | "PATCH" if request.path != "/reset" => Err(Unreadable::Refused(411, "no Content-Length")),
            _ => Ok(0),
        };
    };
    if lengths.next().is_some() || length.is_empty() || !length.bytes().all(|b| b.is_ascii_digit()) {
        return Err("Content-Length is not one number".into());
    }
    match length.parse() {
        Ok(length) if length <= MAX_BODY => Ok(length),
        _ => Err(Unreadable::Refused(413, "body larger than 1 MiB")),
    }
}

fn header<'a>(headers: &'a [(String, String)], name: &str) -> Option<&'a str> {
    headers.iter().find(|(other, _)| other.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn find(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes.windows(wanted.len()).position(|window| window == wanted)
}

/// A reply before it is put on the wire.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) content_type: &'static str,
    /// Headers besides those of the type, the length and the connection.
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: Vec<u8>,
}

/// How a reply says where its body ends.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Framing {
    Length(usize),
    Chunked,
    UntilClose,
}

impl Reply {
    /// A reply with a JSON body.
    pub(crate) fn json(status: u16, body: impl Into<Vec<u8>>) -> Self {
        Self { status, content_type: "application/json;charset=UTF-8", headers: Vec::new(), body: body.into() }
    }

    /// A reply with an HTML body.
    pub(crate) fn html(status: u16, body: &str) -> Self {
        Self { status, content_type: "text/html", headers: Vec::new(), body: body.into() }
    }

    /// The same with another header.
    pub(crate) fn with_header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// The status line and the headers.
    pub(crate) fn head(&self, framing: Framing, keep_alive: bool) -> Vec<u8> {
        use std::fmt::Write as _;
        let mut head = format!("HTTP/1.1 {} {}\r\nServer: nginx\r\n", self.status, reason(self.status));
        if self.status != 204 {
            let _ = write!(head, "Content-Type: {}\r\n", self.content_type);
            let _ = match framing {
                Framing::Length(length) => write!(head, "Content-Length: {length}\r\n"),
                Framing::Chunked => write!(head, "Transfer-Encoding: chunked\r\n"),
                Framing::UntilClose => Ok(()),
            };
        }
        for (name, value) in &self.headers {
            let _ = write!(head, "{name}: {value}\r\n");
        }
        let _ = write!(head, "Connection: {}\r\n\r\n", if keep_alive { "keep-alive" } else { "close" });
        head.into_bytes()
    }
}

/// The present time, so many seconds on, as `Date` has it.
pub(crate) fn date(ahead: i64) -> String {
    let (now, way) = (SystemTime::now(), Duration::from_secs(ahead.unsigned_abs()));
    httpdate::fmt_http_date(if ahead < 0 { now - way } else { now + way })
}

fn reason(status: u16) -> &'static str {
    match status {
        200 => "OK",
        204 => "No Content",
        302 => "Found",
        400 => "Bad Request",
        403 => "Forbidden",
        404 => "Not Found",
        405 => "Method Not Allowed",
        409 => "Conflict",
        411 => "Length Required",
        413 => "Content Too Large",
        415 => "Unsupported Media Type",
        421 => "Misdirected Request",
        429 => "Too Many Requests",
        431 => "Request Header Fields Too Large",
        500 => "Internal Server Error",
        502 => "Bad Gateway",
        503 => "Service Unavailable",
        505 => "HTTP Version Not Supported",
        _ => "Unknown",
    }
}
