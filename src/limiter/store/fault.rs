//! Why the store gives no answer, and what to tell: its own refusals, and what becomes of the way to it.

use std::io::{self, ErrorKind};

use rustls::{AlertDescription, CertificateError, Error as TlsError};

use super::Settings;
use crate::config::{Node, Place};
use crate::error::printable;
use crate::open_files;

/// The longest part of a server's own words that is shown, in characters.
const MAX_WORDS: usize = 200;

/// Why the store gave no answer.
pub(super) enum Fault {
    /// Nothing can be read from this connection any more; `kept` ones end so when nobody is to blame.
    Lost(String),
    /// The time is over.
    TooSlow,
    /// It answers, but not to this.
    Refused(String),
    /// A cluster has the keys elsewhere.
    Moved(Node),
}

/// An error that the server answered with.
pub(super) struct Refusal {
    /// Its first word.
    code: String,
    words: String,
}

impl Refusal {
    pub(super) fn of(words: &str) -> Self {
        let (code, words) = words.split_once(' ').unwrap_or((words, ""));
        Refusal { code: shown(code), words: shown(words) }
    }

    pub(super) fn is_unknown_script(&self) -> bool {
        self.code == "NOSCRIPT"
    }

    /// What it means for the whole exchange.
    pub(super) fn fault(self, settings: &Settings) -> Fault {
        match (self.moved(settings), &settings.store.place) {
            (Some(node), _) => Fault::Moved(node),
            // After a failover: a connection that was kept leads to what was the primary. Not so the next one.
            (None, Place::Sentinel { .. }) if self.code == "READONLY" => Fault::Lost(
                "has sentinels that name a read-only replica as the primary; a failover may be under way. Ask again later."
                    .into(),
            ),
            (None, _) if self.code == "READONLY" => Fault::Lost(self.told()),
            (None, _) => Fault::Refused(self.told()),
        }
    }

    /// `slot host:port`; without a host, or with an unknown one, it is the same one.
    fn moved(&self, settings: &Settings) -> Option<Node> {
        if self.code != "MOVED" {
            return None;
        }
        let (host, port) = self.words.split_whitespace().nth(1)?.rsplit_once(':')?;
        let host = match (&settings.store.place, host) {
            (Place::Tcp { node, .. }, "" | "?") => &node.host,
            (_, host) => host,
        };
        Some(Node { host: host.to_owned(), port: port.parse().ok()? })
    }

    /// Without the server's own words: one that does not know the command repeats the password.
    pub(super) fn of_sign_in(self) -> String {
        match self.code.as_str() {
            "WRONGPASS" => "refuses the password, or knows no such user. Check user and password in url.".into(),
            _ if self.words.contains("without any password configured") => {
                "wants no password, but url has one. Leave it out, or check that it is the right server.".into()
            }
            "LOADING" | "BUSY" | "MASTERDOWN" | "CLUSTERDOWN" | "NOREPLICAS" => {
                Refusal { words: String::new(), ..self }.told()
            }
            _ => {
                "does not let us sign in. Check user and password in url; a user besides the password needs Redis 6 or \
                  later."
                    .into()
            }
        }
    }

    /// A sentinel is asked without a password, for the one in url is the primary's.
    pub(super) fn of_sentinel(self) -> String {
        match self.code.as_str() {
            "NOAUTH" => {
                "wants a password, and is given none: the one in url is the primary's. Let the sentinels answer \
                         without one (no requirepass in their configuration), or name the primary in url."
                    .into()
            }
            "ERR" if self.words.starts_with("unknown command") => {
                "does not know the command SENTINEL. Is it the port of a sentinel (26379)? A server itself is named by \
                 redis://host:port."
                    .into()
            }
            _ => self.told(),
        }
    }

    pub(super) fn told(self) -> String {
        let words = &self.words;
        match self.code.as_str() {
            // In the place of NOAUTH when a command has many parts.
            "ERR" if words.contains("unauthenticated") => Refusal { code: "NOAUTH".into(), ..self }.told(),
            "NOAUTH" => {
                "wants a password. Write it into url before an @: redis://:password@host, redis://user:password@host, or \
                 unix://:password@/path.".into()
            }
            // What a script may not run is told in other words: Redis 7 and Valkey 9.
            "ERR" | "ACL"
                if words.contains("executing the script can't run") || words.contains("failure in script") =>
            {
                Refusal { code: "NOPERM".into(), ..self }.told()
            }
            "NOPERM" => format!(
                "does not permit its user a command or key that the limit needs ({words}). Give the user the rights that \
                 docs/limiter.md names."
            ),
            "READONLY" => {
                "is a read-only replica. Name the primary in url, or let sentinels find it: redis+sentinel://….".into()
            }
            "OOM" => "is out of memory (maxmemory) and takes nothing. Give it more, or a database of its own.".into(),
            "MISCONF" => {
                "takes nothing, for it cannot save its data to disk (MISCONF). Look at its log and its disk.".into()
            }
            "BUSY" => "is busy with somebody's script. Ask again later; SCRIPT KILL ends it.".into(),
            "LOADING" => "is still loading its data. Ask again later.".into(),
            "ASK" => "is a cluster that moves the limit's keys to another node just now. Ask again later.".into(),
            "MASTERDOWN" | "CLUSTERDOWN" | "NOREPLICAS" | "TRYAGAIN" => {
                format!("cannot serve at the moment ({} {words}). Ask again later.", self.code)
            }
            "" => "answers with an error that has no words.".into(),
            code => format!("answers with an error: {}.", format!("{code} {words}").trim()),
        }
    }
}

pub(super) fn fault(error: io::Error) -> Fault {
    let tls = error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>());
    Fault::Lost(match error.kind() {
        ErrorKind::TimedOut | ErrorKind::WouldBlock => return Fault::TooSlow,
        _ if tls.is_some() => tls.map(describe_tls).unwrap_or_default(),
        ErrorKind::ConnectionRefused => {
            "refuses the connection. Is it running, and are host and port (or the socket's path) right?".into()
        }
        ErrorKind::AddrNotAvailable if error.raw_os_error().is_none() => format!(
            "has a host that cannot be found ({}). Check the host in url, and this machine's name servers.",
            shown(&error.to_string())
        ),
        ErrorKind::NotFound => "has no socket at this path. Is it running, and is the path right?".into(),
        ErrorKind::PermissionDenied => {
            "does not let this account use it: the socket's rights forbid it. See unixsocketperm and the folder's rights.".into()
        }
        ErrorKind::UnexpectedEof
        | ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::NotConnected => format!(
            "closed the connection ({}). Is it a server of this kind, and does it want rediss://, or redis:// instead?",
            shown(&error.to_string())
        ),
        ErrorKind::InvalidData => {
            "does not speak the protocol of Redis. Is it the right port, and does it want rediss:// (TLS)?".into()
        }
        _ if open_files::is_reached(&error) => {
            format!("cannot be reached: {}. {}", shown(&error.to_string()), open_files::ADVICE)
        }
        _ => format!("cannot be used: {}.", shown(&error.to_string())),
    })
}

/// Says which side refused what.
fn describe_tls(error: &TlsError) -> String {
    match error {
        TlsError::InvalidCertificate(reason) => {
            let why = match reason {
                CertificateError::UnknownIssuer => {
                    "its issuer is no trusted root. Name the issuer's certificate in rateLimit.shared.caFile"
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "it is for another host name. Write a name that it is for into url"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "it has expired. Check this machine's clock; otherwise the server needs a new one"
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "it is not valid yet. Check this machine's clock"
                }
                _ => "it does not verify. Check that it is the right server",
            };
            format!("shows a certificate that we refused: {why}. ({})", shown(&error.to_string()))
        }
        TlsError::AlertReceived(
            AlertDescription::CertificateRequired
            | AlertDescription::HandshakeFailure
            | AlertDescription::BadCertificate,
        ) => format!(
            "refuses the TLS handshake ({}). If it wants a client's certificate, which this library does not have, set tls-auth-clients no in its configuration.",
            shown(&error.to_string())
        ),
        TlsError::InvalidMessage(_) => {
            "does not speak TLS at this port. Is it the right port? Without TLS it is redis://.".into()
        }
        other => format!("fails with TLS: {}.", shown(&other.to_string())),
    }
}

/// A server's own words, safe for a log.
fn shown(words: &str) -> String {
    words.trim().chars().take(MAX_WORDS).flat_map(|c| printable(c).chars().collect::<Vec<_>>()).collect()
}
