//! A connection to the store: made, at the primary if sentinels say where that is, asked and read within a time limit.

use std::io::{self, BufReader, Write};
use std::time::{Duration, Instant};

use zeroize::Zeroizing;

use super::fault::{Fault, Refusal, fault};
use super::reply::Value;
use super::stream::Stream;
use super::{Settings, standard_streams};
use crate::config::{Node, Place};

/// How often a cluster may send us on before somebody is wrong.
pub(super) const MAX_MOVES: usize = 3;
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
        standard_streams::check().map_err(|refusal| Fault::Lost(format!("cannot be reached. {refusal}")))?;
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
