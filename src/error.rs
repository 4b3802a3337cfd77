//! The one error type: what failed, where, and what to try.

use std::fmt;

use crate::charset;

/// What went wrong, as a number that crosses every language boundary. Numbers are never reused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(i32)]
#[non_exhaustive]
pub enum Code {
    /// An argument is empty, too long, not UTF-8, or holds a character that the protocol forbids.
    InvalidArgument = 1,
    /// Not a live client or cancel handle (C ABI only).
    InvalidHandle = 2,
    /// A setting is missing, unknown, of the wrong type, out of range or contradicts another.
    Config = 3,
    /// A key or certificate is unreadable, has another password, or is of the wrong kind.
    Credential = 4,
    /// No turn at the limiter before the deadline; nothing was sent.
    RateLimited = 5,
    /// DNS, connect, TLS, a reset connection, or an answer that is too large.
    Transport = 6,
    /// The deadline passed.
    Timeout = 7,
    /// The HTTP status is not 200; redirects are not followed.
    HttpStatus = 8,
    /// The answer is not the JSON of the protocol.
    MalformedResponse = 9,
    /// The answer is unsigned, its signature is not Base64, or does not fit.
    Signature = 10,
    /// Well signed, but not the answer to this question.
    Mismatch = 11,
    /// Verified: the platform reports a timeout of its own (`code` 50).
    GatewayTimeout = 12,
    /// Verified: the platform refuses (`code` neither 00 nor 50).
    Business = 13,
    /// A caught panic: a bug of this library.
    Internal = 14,
    /// The cancel token was triggered.
    Cancelled = 15,
    /// The store of the shared limit gave no answer; nothing was sent.
    LimiterUnavailable = 16,
}

impl Code {
    /// Every code, in the order of the numbers.
    pub const ALL: [Code; 16] = [
        Code::InvalidArgument,
        Code::InvalidHandle,
        Code::Config,
        Code::Credential,
        Code::RateLimited,
        Code::Transport,
        Code::Timeout,
        Code::HttpStatus,
        Code::MalformedResponse,
        Code::Signature,
        Code::Mismatch,
        Code::GatewayTimeout,
        Code::Business,
        Code::Internal,
        Code::Cancelled,
        Code::LimiterUnavailable,
    ];

    /// The number that the C ABI returns.
    pub fn number(self) -> i32 {
        self as i32
    }

    /// The name that every language uses, for example `SIGNATURE`.
    pub fn name(self) -> &'static str {
        match self {
            Code::InvalidArgument => "INVALID_ARGUMENT",
            Code::InvalidHandle => "INVALID_HANDLE",
            Code::Config => "CONFIG",
            Code::Credential => "CREDENTIAL",
            Code::RateLimited => "RATE_LIMITED",
            Code::Transport => "TRANSPORT",
            Code::Timeout => "TIMEOUT",
            Code::HttpStatus => "HTTP_STATUS",
            Code::MalformedResponse => "MALFORMED_RESPONSE",
            Code::Signature => "SIGNATURE",
            Code::Mismatch => "MISMATCH",
            Code::GatewayTimeout => "GATEWAY_TIMEOUT",
            Code::Business => "BUSINESS",
            Code::Internal => "INTERNAL",
            Code::Cancelled => "CANCELLED",
            Code::LimiterUnavailable => "LIMITER_UNAVAILABLE",
        }
    }

    /// The code with this number, if there is one.
    pub fn from_number(number: i32) -> Option<Code> {
        Code::ALL.into_iter().find(|code| code.number() == number)
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A failure, told to the person who reads it. Holds no secret.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Error {
    /// What kind of failure.
    pub code: Code,
    /// What failed, where, and what to try; one or more whole sentences.
    pub message: String,
    /// The HTTP status, when an answer came that was not 200.
    pub http_status: Option<u16>,
    /// `code` of an answer that was verified but is no success for this question; `MISMATCH` has it, too.
    pub platform_code: Option<Box<str>>,
    /// `note` of such an answer.
    pub platform_note: Option<Box<str>>,
    /// At most 300 characters of an answer that was **not** believed, control characters escaped.
    pub unverified: Option<Box<str>>,
    /// True unless it is proved that no byte of any request of this call was written.
    pub sent: bool,
    /// How many requests were attempted.
    pub attempts: u32,
    /// `reqFlowId` of the last attempt, to quote to the platform's support.
    pub req_flow_id: Option<Box<str>>,
    /// The setting to look at first, by its name, where the engine knows it: with `CREDENTIAL` that of the key or certificate;
    /// with `SIGNATURE` `src` for an unsigned answer, `platformCertificate` for a signature that another one may fit.
    pub setting: Option<&'static str>,
    /// Whether a repetition may help, where the code alone does not tell.
    pub(crate) may_pass: Option<bool>,
}

/// The longest excerpt of an answer that was not believed, in characters.
const UNVERIFIED_MAX_CHARS: usize = 300;

impl Error {
    /// A failure with this code and message, and nothing else known.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Error {
            code,
            message: message.into(),
            http_status: None,
            platform_code: None,
            platform_note: None,
            unverified: None,
            sent: false,
            attempts: 0,
            req_flow_id: None,
            setting: None,
            may_pass: None,
        }
    }

    /// Whether the same call may succeed later without any change by the caller.
    pub fn retryable(&self) -> bool {
        self.may_pass.unwrap_or(match self.code {
            Code::RateLimited
            | Code::Transport
            | Code::Timeout
            | Code::GatewayTimeout
            | Code::Cancelled
            | Code::LimiterUnavailable => true,
            Code::HttpStatus => matches!(self.http_status, Some(429 | 500..=599)),
            _ => false,
        })
    }

    /// Says that no repetition helps against this failure, unlike others of its code.
    pub(crate) fn lasting(mut self) -> Self {
        self.may_pass = Some(false);
        self
    }

    /// Says that this failure passes by itself, which those of its code do not.
    pub(crate) fn passing(mut self) -> Self {
        self.may_pass = Some(true);
        self
    }

    /// Says which setting to look at first.
    pub(crate) fn of_setting(mut self, setting: &'static str) -> Self {
        self.setting = Some(setting);
        self
    }

    /// Adds a clipped, escaped excerpt of an answer that was not believed.
    pub(crate) fn with_unverified(mut self, body: &[u8]) -> Self {
        self.unverified = Some(excerpt(body).into());
        self
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: {}", self.code, self.message)
    }
}

impl std::error::Error for Error {}

/// At most 300 characters of `body`, decoded from GBK or UTF-16 if it is in that; control characters are escaped, so a log or a terminal is safe.
fn excerpt(body: &[u8]) -> String {
    // A character takes at most four bytes: cut before decoding, so a huge body costs nothing.
    let head = &body[..body.len().min(UNVERIFIED_MAX_CHARS * 4)];
    let mut out = String::new();
    let mut length = 0;
    for c in charset::decode(head).chars() {
        let piece = printable(c);
        length += piece.chars().count();
        if length > UNVERIFIED_MAX_CHARS {
            break;
        }
        out.push_str(&piece);
    }
    out
}

/// The character as a log and a terminal may show it: escaped if it is a control, a mark that makes a terminal show text
/// in another order, or the byte order mark, which nobody would see.
pub(crate) fn printable(c: char) -> String {
    match c {
        '\u{feff}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => {
            c.escape_default().collect()
        }
        c if c.is_control() => c.escape_default().collect(),
        c => c.into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_names_are_distinct_and_found_again() {
        for (index, code) in Code::ALL.into_iter().enumerate() {
            assert_eq!(code.number(), index as i32 + 1);
            assert_eq!(Code::from_number(code.number()), Some(code));
        }
        assert_eq!(Code::from_number(0), None);
        assert_eq!(Code::from_number(Code::ALL.len() as i32 + 1), None);
    }

    #[test]
    fn an_excerpt_is_clipped_and_escaped() {
        assert_eq!(excerpt(b"a\nb\x1b[31m"), "a\\nb\\u{1b}[31m");
        assert_eq!(excerpt("成".repeat(1000).as_bytes()).chars().count(), 300);
        assert_eq!(excerpt(b"\xff\xfe"), "\u{fffd}\u{fffd}");
        assert!(excerpt(&[0u8; 4000]).chars().count() <= 300);
        // Marks that turn text around in a terminal.
        assert_eq!(excerpt("a\u{202e}b\u{2066}c\u{200f}".as_bytes()), "a\\u{202e}b\\u{2066}c\\u{200f}");
    }

    #[test]
    fn an_excerpt_shows_gbk_and_a_byte_order_mark() {
        assert_eq!(excerpt(b"{\"note\":\"\xb3\xc9\xb9\xa6\"}\n"), "{\"note\":\"成功\"}\\n");
        assert_eq!(excerpt(&b"\xb3\xc9".repeat(1000)), "成".repeat(300));
        assert_eq!(excerpt("\u{feff}{}".as_bytes()), "\\u{feff}{}");
    }

    #[test]
    fn what_may_succeed_later_is_told() {
        let retryable: Vec<_> = Code::ALL.into_iter().filter(|code| Error::new(*code, "").retryable()).collect();
        let expected = [
            Code::RateLimited,
            Code::Transport,
            Code::Timeout,
            Code::GatewayTimeout,
            Code::Cancelled,
            Code::LimiterUnavailable,
        ];
        assert_eq!(retryable, expected);
        let with = |status| Error { http_status: Some(status), ..Error::new(Code::HttpStatus, "") };
        assert!(with(500).retryable() && with(429).retryable());
        assert!(with(599).retryable() && !with(600).retryable() && !with(499).retryable());
        assert!(!with(404).retryable() && !with(302).retryable());
    }
}
