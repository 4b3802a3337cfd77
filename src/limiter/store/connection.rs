//! A connection to the store: made, asked and read within a time limit, and what to tell when that fails.

use std::io::{self, BufReader, ErrorKind, Write};
use std::time::{Duration, Instant};

use rustls::{AlertDescription, CertificateError, Error as TlsError};
use zeroize::Zeroizing;

use super::Settings;
use super::reply::Value;
use super::stream::Stream;
use crate::config::{Node, Place};
use crate::error::printable;
use crate::{open_files, standard_streams};

/// How often a cluster may send us on before somebody is wrong.
pub(super) const MAX_MOVES: usize = 3;
/// The longest part of a server's own words that is shown, in characters.
const MAX_WORDS: usize = 200;
/// How often sentinels are asked whether the primary is still the same: after an ordered failover the old one may go on
/// to serve for many seconds, while others are led to the new one.
const LOOK_AGAIN: Duration = Duration::from_secs(1);
/// The same when none of them answered.
const LOOK_LATER: Duration = Duration::from_secs(10);

pub(super) struct Connection {
    stream: BufReader<Stream>,
    lead: Option<Lead>,
}

/// What sentinels said.
struct Lead {
    sentinels: Vec<Node>,
    master: String,
    primary: Node,
    look_again: Instant,
}

/// One command with its arguments.
pub(super) type Command<'a> = Vec<&'a [u8]>;

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

impl Connection {
    /// Connects, to the primary if sentinels say who that is, and signs in.
    pub(super) fn open(settings: &Settings, until: Instant) -> Result<Self, Fault> {
        match &settings.store.place {
            Place::Tcp { node, .. } => Self::open_at(settings, node, until),
            Place::Unix(path) => {
                let mut connection = Self::over(|| Stream::unix(path, until))?;
                connection.sign_in(settings, until)?;
                Ok(connection)
            }
            Place::Sentinel { sentinels, master } => {
                let node = primary(sentinels, master, until)?;
                let mut connection = Self::open_at(settings, &node, until)?;
                let (sentinels, master, look_again) = (sentinels.clone(), master.clone(), Instant::now() + LOOK_AGAIN);
                connection.lead = Some(Lead { sentinels, master, primary: node, look_again });
                Ok(connection)
            }
        }
    }

    /// The same at another address, which a cluster or a sentinel named.
    pub(super) fn open_at(settings: &Settings, node: &Node, until: Instant) -> Result<Self, Fault> {
        let opened = Self::over(|| match settings.store.place {
            Place::Tcp { tls: true, .. } => Stream::tls(node, &settings.roots, until),
            _ => Stream::tcp(node, until),
        });
        let opened = opened.and_then(|mut connection| connection.sign_in(settings, until).map(|()| connection));
        let told = |what: &str| match &settings.store.place {
            Place::Sentinel { .. } => format!("has its primary at {node}, as a sentinel says, which {what}"),
            Place::Tcp { node: named, .. } if named != node => {
                format!("is a cluster that sends us to {node}, which {what}")
            }
            _ => what.to_owned(),
        };
        opened.map_err(|fault| match fault {
            Fault::Lost(what) => Fault::Lost(told(&what)),
            Fault::Refused(what) => Fault::Refused(told(&what)),
            Fault::TooSlow if told("").is_empty() => Fault::TooSlow,
            Fault::TooSlow => Fault::Lost(told("did not answer in time. Can it be reached from here?")),
            moved @ Fault::Moved(_) => moved,
        })
    }

    fn over(connect: impl FnOnce() -> io::Result<Stream>) -> Result<Self, Fault> {
        standard_streams::check("to the store")
            .map_err(|refusal| Fault::Lost(format!("cannot be reached. {refusal}")))?;
        Ok(Connection { stream: BufReader::new(connect().map_err(fault)?), lead: None })
    }

    /// By hand, so that the password is in no buffer that is not wiped.
    fn sign_in(&mut self, settings: &Settings, until: Instant) -> Result<(), Fault> {
        let store = &settings.store;
        let database = store.database.to_string();
        let mut commands: Vec<Command<'_>> = Vec::new();
        if let Some(password) = &store.password {
            let user = store.user.as_deref().map(str::as_bytes);
            commands.push([&b"AUTH"[..]].into_iter().chain(user).chain([password.as_bytes()]).collect());
        }
        if store.database != 0 {
            commands.push(vec![b"SELECT", database.as_bytes()]);
        }
        self.run(&commands, until)?.into_iter().zip(&commands).try_for_each(|(reply, command)| {
            reply.map(|_| ()).map_err(|refusal| {
                Fault::Refused(if command[0] == b"AUTH" { refusal.of_sign_in() } else { refusal.told() })
            })
        })
    }

    /// Sends the commands together and reads an answer to each.
    pub(super) fn run(
        &mut self,
        commands: &[Command<'_>],
        until: Instant,
    ) -> Result<Vec<Result<Value, Refusal>>, Fault> {
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        if let Some(lead) = &mut self.lead {
            lead.still_leads_here(until)?;
        }
        self.stream.get_mut().ends_by(until);
        self.stream.get_mut().write_all(&pack(commands)).map_err(fault)?;
        commands
            .iter()
            .map(|_| match Value::read(&mut self.stream).map_err(fault)? {
                Value::Error(words) => Ok(Err(Refusal::of(&words))),
                value => Ok(Ok(value)),
            })
            .collect()
    }
}

impl Lead {
    /// Once in a while; sentinels that do not answer are no reason to stop.
    fn still_leads_here(&mut self, until: Instant) -> Result<(), Fault> {
        let now = Instant::now();
        if now < self.look_again {
            return Ok(());
        }
        let found = primary(&self.sentinels, &self.master, now + until.saturating_duration_since(now) / 2);
        self.look_again = Instant::now() + if found.is_ok() { LOOK_AGAIN } else { LOOK_LATER };
        match found {
            Ok(node) if node != self.primary => Err(Fault::Lost(format!("has another primary now, {node}."))),
            _ => Ok(()),
        }
    }
}

/// An error that the server answered with.
pub(super) struct Refusal {
    /// Its first word.
    code: String,
    words: String,
}

impl Refusal {
    fn of(words: &str) -> Self {
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
    fn of_sign_in(self) -> String {
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
    fn of_sentinel(self) -> String {
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

    fn told(self) -> String {
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

/// Asks one sentinel after the other, each for its share of the time.
fn primary(sentinels: &[Node], master: &str, until: Instant) -> Result<Node, Fault> {
    let mut last = Fault::Lost("has no sentinel.".into());
    for (index, sentinel) in sentinels.iter().enumerate() {
        let now = Instant::now();
        // One share more, for the primary.
        let share = until.saturating_duration_since(now) / (sentinels.len() - index + 1) as u32;
        match ask_sentinel(sentinel, master, now + share) {
            Ok(node) => return Ok(node),
            // What one says is worth more than another's silence.
            Err(fault) if !matches!(last, Fault::Refused(_)) => last = fault,
            Err(_) => {}
        }
    }
    Err(match last {
        Fault::Lost(what) => Fault::Lost(format!("has no sentinel that answers; the last one {what}")),
        Fault::TooSlow => Fault::Lost("has no sentinel that answers in time.".into()),
        other => other,
    })
}

fn ask_sentinel(sentinel: &Node, master: &str, until: Instant) -> Result<Node, Fault> {
    let mut connection = Connection::over(|| Stream::tcp(sentinel, until))?;
    let question = [vec![&b"SENTINEL"[..], b"GET-MASTER-ADDR-BY-NAME", master.as_bytes()]];
    let address = match connection.run(&question, until)?.pop() {
        Some(Ok(Value::Nil)) => {
            return Err(Fault::Refused(format!("has a sentinel, {sentinel}, that watches no master \"{master}\".")));
        }
        Some(Ok(Value::Array(address))) => address,
        Some(Err(refusal)) => {
            return Err(Fault::Refused(format!("has a sentinel, {sentinel}, that {}", refusal.of_sentinel())));
        }
        _ => Vec::new(),
    };
    match address.as_slice() {
        [Value::Text(host), Value::Text(port)] => node(host, port),
        _ => None,
    }
    .ok_or_else(|| Fault::Refused(format!("has a sentinel, {sentinel}, that names no address of the primary.")))
}

fn node(host: &[u8], port: &[u8]) -> Option<Node> {
    let (host, port) = (std::str::from_utf8(host).ok()?, std::str::from_utf8(port).ok()?);
    // It comes into messages.
    let is_sensible = !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_graphic());
    is_sensible.then_some(Node { host: host.to_owned(), port: port.parse().ok()? })
}

/// As the protocol has them: an array of byte strings each.
fn pack(commands: &[Command<'_>]) -> Zeroizing<Vec<u8>> {
    let length = commands.iter().flatten().map(|part| part.len() + 32).sum::<usize>() + 32 * commands.len();
    // Never grown: a smaller buffer would stay behind, unwiped.
    let mut out = Zeroizing::new(Vec::with_capacity(length));
    for command in commands {
        out.extend_from_slice(format!("*{}\r\n", command.len()).as_bytes());
        for part in command {
            out.extend_from_slice(format!("${}\r\n", part.len()).as_bytes());
            out.extend_from_slice(part);
            out.extend_from_slice(b"\r\n");
        }
    }
    out
}

fn fault(error: io::Error) -> Fault {
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
