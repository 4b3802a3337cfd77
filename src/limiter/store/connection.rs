//! A connection to the store: made, asked and read within a time limit, and what to tell when that fails.

use std::path::Path;
use std::time::{Duration, Instant};

use der::pem::{self, LineEnding};
use redis::io::tcp::TcpSettings;
use redis::{
    Client, ConnectionAddr, ConnectionInfo, ErrorKind, IntoConnectionInfo, RedisConnectionInfo, RedisError,
    ServerErrorKind, TlsCertificates, Value,
};
use zeroize::Zeroizing;

use super::Settings;
use crate::config::{Node, Place};
use crate::error::printable;
use crate::standard_streams;

/// How often a cluster may send us on before somebody is wrong.
pub(super) const MAX_MOVES: usize = 3;
/// The longest part of a server's own words that is shown, in characters.
const MAX_WORDS: usize = 200;

pub(super) struct Connection(redis::Connection);

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
    /// Connects, to the primary if sentinels say who that is, and signs in. The limit holds for each address of the host.
    pub(super) fn open(settings: &Settings, until: Instant) -> Result<Self, Fault> {
        match &settings.store.place {
            Place::Tcp { node, .. } => Self::open_at(settings, node, until),
            Place::Unix(path) => Self::of_client(settings, unix(path)?, true, until),
            Place::Sentinel { sentinels, master } => {
                let node = primary(settings, sentinels, master, until)?;
                Self::open_at(settings, &node, until)
            }
        }
    }

    /// The same at another address, which a cluster named.
    pub(super) fn open_at(settings: &Settings, node: &Node, until: Instant) -> Result<Self, Fault> {
        let tls = matches!(settings.store.place, Place::Tcp { tls: true, .. });
        Self::of_client(settings, tcp(settings, node, tls)?, true, until)
    }

    fn of_client(settings: &Settings, client: Client, signs_in: bool, until: Instant) -> Result<Self, Fault> {
        standard_streams::check("to the store")
            .map_err(|refusal| Fault::Lost(format!("cannot be reached. {refusal}")))?;
        let connection = client.get_connection_with_timeout(left(until)?).map_err(fault)?;
        let mut connection = Connection(connection);
        if signs_in {
            connection.sign_in(settings, until)?;
        }
        Ok(connection)
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
        self.run(&commands, until)?.into_iter().try_for_each(|reply| {
            reply.map(|_| ()).map_err(|refusal| {
                Fault::Refused(match store.password {
                    None => refusal.told(),
                    Some(_) => refusal.of_sign_in(),
                })
            })
        })
    }

    /// Sends the commands together and reads an answer to each.
    pub(super) fn run(
        &mut self,
        commands: &[Command<'_>],
        until: Instant,
    ) -> Result<Vec<Result<Value, Refusal>>, Fault> {
        let packed = pack(commands);
        if commands.is_empty() {
            return Ok(Vec::new());
        }
        self.0.set_write_timeout(Some(left(until)?)).map_err(fault)?;
        self.0.send_packed_command(&packed).map_err(fault)?;
        commands
            .iter()
            .map(|_| {
                self.0.set_read_timeout(Some(left(until)?)).map_err(fault)?;
                match self.0.recv_response().map_err(fault)? {
                    Value::ServerError(error) => Ok(Err(Refusal {
                        kind: error.kind(),
                        code: error.code().to_owned(),
                        words: shown(error.details().unwrap_or_default()),
                    })),
                    value => Ok(Ok(value)),
                }
            })
            .collect()
    }
}

/// An error that the server answered with.
pub(super) struct Refusal {
    kind: Option<ServerErrorKind>,
    code: String,
    words: String,
}

impl Refusal {
    pub(super) fn is_unknown_script(&self) -> bool {
        self.kind == Some(ServerErrorKind::NoScript)
    }

    /// What it means for the whole exchange.
    pub(super) fn fault(self, settings: &Settings) -> Fault {
        match self.moved(settings) {
            Some(node) => Fault::Moved(node),
            None => Fault::Refused(self.told()),
        }
    }

    /// `slot host:port`; without a host it is the same one.
    fn moved(&self, settings: &Settings) -> Option<Node> {
        if !matches!(self.kind, Some(ServerErrorKind::Moved | ServerErrorKind::Ask)) {
            return None;
        }
        let (host, port) = self.words.split_whitespace().nth(1)?.rsplit_once(':')?;
        let host = match (&settings.store.place, host) {
            (Place::Tcp { node, .. }, "") => &node.host,
            (_, host) => host,
        };
        Some(Node { host: host.to_owned(), port: port.parse().ok()? })
    }

    fn of_sign_in(self) -> String {
        match self.code.as_str() {
            "WRONGPASS" => "refuses the password, or knows no such user. Check user and password in url.".into(),
            _ if self.words.contains("without any password configured") => {
                "wants no password, but url has one. Leave it out, or check that it is the right server.".into()
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
                "wants a password. Write it into url: redis://:password@host or redis://user:password@host.".into()
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
            "MASTERDOWN" | "CLUSTERDOWN" | "NOREPLICAS" | "TRYAGAIN" => {
                format!("cannot serve at the moment ({} {words}). Ask again later.", self.code)
            }
            code => format!("answers with an error: {code} {words}."),
        }
    }
}

fn tcp(settings: &Settings, node: &Node, tls: bool) -> Result<Client, Fault> {
    let (host, port) = (node.host.clone(), node.port);
    let address = if tls {
        ConnectionAddr::TcpTls { host, port, insecure: false, tls_params: None }
    } else {
        ConnectionAddr::Tcp(host, port)
    };
    let info = plain(address)?.set_tcp_settings(TcpSettings::default().set_nodelay(true));
    match &settings.roots {
        Some(roots) if tls => {
            let certificates = TlsCertificates { client_tls: None, root_cert: Some(roots.clone()) };
            Client::build_with_tls(info, certificates)
        }
        _ => Client::open(info),
    }
    .map_err(fault)
}

fn unix(path: &Path) -> Result<Client, Fault> {
    plain(ConnectionAddr::Unix(path.to_owned())).and_then(|info| Client::open(info).map_err(fault))
}

/// Nothing is sent by the crate itself.
fn plain(address: ConnectionAddr) -> Result<ConnectionInfo, Fault> {
    let info = address.into_connection_info().map_err(fault)?;
    Ok(info.set_redis_settings(RedisConnectionInfo::default().set_skip_set_lib_name()))
}

/// Asks one sentinel after the other.
fn primary(settings: &Settings, sentinels: &[Node], master: &str, until: Instant) -> Result<Node, Fault> {
    let mut last = Fault::Lost("has no sentinel.".into());
    for sentinel in sentinels {
        match ask_sentinel(settings, sentinel, master, until) {
            Ok(node) => return Ok(node),
            Err(fault) => last = fault,
        }
    }
    Err(match last {
        Fault::Lost(what) => Fault::Lost(format!("has no sentinel that answers; the last one {what}")),
        other => other,
    })
}

fn ask_sentinel(settings: &Settings, sentinel: &Node, master: &str, until: Instant) -> Result<Node, Fault> {
    let mut connection = Connection::of_client(settings, tcp(settings, sentinel, false)?, false, until)?;
    let question = [vec![&b"SENTINEL"[..], b"GET-MASTER-ADDR-BY-NAME", master.as_bytes()]];
    match connection.run(&question, until)?.pop() {
        Some(Ok(Value::Array(address))) => match address.as_slice() {
            [Value::BulkString(host), Value::BulkString(port)] => {
                let node = |host, port: &str| {
                    Some(Node { host: String::from_utf8_lossy(host).into(), port: port.parse().ok()? })
                };
                std::str::from_utf8(port)
                    .ok()
                    .and_then(|port| node(host, port))
                    .ok_or_else(|| Fault::Refused("has a sentinel that names no address.".into()))
            }
            _ => Err(Fault::Refused("has a sentinel that answers strangely.".into())),
        },
        Some(Ok(Value::Nil)) => Err(Fault::Refused(format!("has a sentinel that watches no master \"{master}\"."))),
        Some(Err(refusal)) => Err(Fault::Refused(format!("has a sentinel that {}", refusal.told()))),
        _ => Err(Fault::Refused("has a sentinel that answers strangely.".into())),
    }
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

/// What is left of the time; a socket cannot be told to wait for none.
fn left(until: Instant) -> Result<Duration, Fault> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(Fault::TooSlow),
        left => Ok(left.max(Duration::from_millis(1))),
    }
}

fn fault(error: RedisError) -> Fault {
    if error.is_timeout() {
        return Fault::TooSlow;
    }
    Fault::Lost(match error.kind() {
        _ if error.is_connection_refusal() => {
            "refuses the connection. Is it running, and are host and port (or the socket's path) right?".into()
        }
        ErrorKind::Io if error.is_connection_dropped() => format!(
            "closed the connection ({}). Is it a server of this kind, and does it want rediss://, or redis:// instead?",
            shown(&error.to_string())
        ),
        ErrorKind::Parse | ErrorKind::UnexpectedReturnType => {
            "does not speak the protocol of Redis. Is it the right port, and does it want rediss:// (TLS)?".into()
        }
        _ => format!("cannot be used: {}.", shown(&error.to_string())),
    })
}

/// A server's own words, safe for a log.
fn shown(words: &str) -> String {
    words.trim().chars().take(MAX_WORDS).flat_map(|c| printable(c).chars().collect::<Vec<_>>()).collect()
}

/// The bundled roots and `extra` beside them, in PEM, as the crate wants them.
pub(super) fn roots(extra: &[Vec<u8>]) -> Vec<u8> {
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().map(|root| root.as_ref());
    bundled
        .chain(extra.iter().map(Vec::as_slice))
        .filter_map(|der| pem::encode_string("CERTIFICATE", LineEnding::LF, der).ok())
        .collect::<String>()
        .into_bytes()
}
