//! Where a limit is kept that many processes share: the address of a Redis or Valkey server, and how to ask it.

use std::fmt::{self, Write};
use std::path::PathBuf;
use std::time::Duration;

use ureq::http::Uri;
use zeroize::{Zeroize, Zeroizing};

use super::endpoint::port;
use super::error;
use super::host::Host;
use super::rate;
use super::reader::Reader;
use crate::error::Error;
use crate::keys::Source;
use crate::rate::Rate;

/// What an address looks like, for those who mistyped one.
const FORMS: &str = "redis://[user:password@]host:port/db, rediss://… for TLS, redis+sentinel://[user:password@]host:port,\
                     host:port/master/db, or unix:///path/to/socket?db=0";
const DEFAULT_PORT: u16 = 6379;
const SENTINEL_PORT: u16 = 26379;

/// The limit of a fleet.
#[cfg_attr(not(feature = "redis"), allow(dead_code, reason = "it is only refused"))]
pub(crate) struct SharedLimit {
    pub(crate) store: StoreAddress,
    /// What the names of all keys begin with.
    pub(crate) prefix: String,
    /// For one question, connecting included.
    pub(crate) timeout: Duration,
    /// How often this process asks by itself while the store is away; `None`: not at all.
    pub(crate) fallback: Option<Rate>,
    /// Roots beside the bundled ones.
    pub(crate) ca_file: Option<Source>,
}

/// A server, a database in it, and who asks. Two are equal if they reach the same one in the same way.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct StoreAddress {
    pub(crate) place: Place,
    pub(crate) database: u32,
    pub(crate) user: Option<String>,
    pub(crate) password: Option<Zeroizing<String>>,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Tcp {
        node: Node,
        tls: bool,
    },
    /// Sentinels, which know where `master` is.
    Sentinel {
        sentinels: Vec<Node>,
        master: String,
    },
    Unix(PathBuf),
}

/// A host and a port.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Node {
    /// Without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
}

impl SharedLimit {
    pub(super) fn of_section(mut section: Reader<'_>, most_per_second: u32) -> Result<Self, Error> {
        let url = section.required_secret("url", &format!("the store's address: {FORMS}"))?;
        let store = StoreAddress::parse(&url)?;
        let prefix =
            section.text("prefix")?.map_or_else(|| Ok("yspay".to_owned()), |prefix| checked_prefix(&prefix))?;
        let timeout = section.number("timeoutMs", 1..=60_000)?.unwrap_or(500);
        let fallback = rate(&mut section, "fallbackPerSecond", most_per_second)?;
        let ca_file = section.text("caFile")?.map(|path| Source::path("rateLimit.shared.caFile", path.as_str()));
        section.finish()?;
        if ca_file.is_some() && !matches!(store.place, Place::Tcp { tls: true, .. }) {
            return Err(error(
                "rateLimit.shared.caFile is for TLS alone. Let url begin with rediss://, or leave it out.",
            ));
        }
        Ok(SharedLimit { store, prefix, timeout: Duration::from_millis(timeout), fallback, ca_file })
    }
}

impl StoreAddress {
    pub(crate) fn parse(url: &str) -> Result<Self, Error> {
        let unusable = |what: &str| error(format!("rateLimit.shared.url {what}. It looks like {FORMS}."));
        let (scheme, rest) = url.split_once("://").ok_or_else(|| unusable("is not a URL"))?;
        let (credentials, rest) = match rest.rsplit_once('@') {
            Some((credentials, rest)) => (Some(credentials), rest),
            None => (None, rest),
        };
        let scheme = scheme.to_ascii_lowercase();
        let (place, database) = match scheme.as_str() {
            "redis" | "rediss" | "valkey" | "valkeys" => {
                let (node, path) = rest.split_once('/').unwrap_or((rest, ""));
                let node = Node::parse(node, DEFAULT_PORT)
                    .ok_or_else(|| unusable("has no host, or no port that can be one"))?;
                (Place::Tcp { node, tls: matches!(scheme.as_str(), "rediss" | "valkeys") }, path)
            }
            "redis+sentinel" | "valkey+sentinel" => {
                let (nodes, path) = rest.split_once('/').unwrap_or((rest, ""));
                let sentinels = nodes
                    .split(',')
                    .map(|node| Node::parse(node, SENTINEL_PORT))
                    .collect::<Option<Vec<_>>>()
                    .ok_or_else(|| unusable("has a sentinel without a host, or a port that can be none"))?;
                let (master, database) = path.split_once('/').unwrap_or((path, ""));
                if master.is_empty() || !is_plain(master) {
                    return Err(unusable("does not name the master that the sentinels watch"));
                }
                (Place::Sentinel { sentinels, master: master.to_owned() }, database)
            }
            "unix" | "redis+unix" | "valkey+unix" => {
                let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
                if !path.starts_with('/') {
                    return Err(unusable("does not name a socket by its whole path"));
                }
                let database = match query {
                    "" => "",
                    query => query
                        .strip_prefix("db=")
                        .ok_or_else(|| unusable("has something else than ?db= after the path"))?,
                };
                (
                    Place::Unix(decoded(path).ok_or_else(|| unusable("has a path that is not UTF-8"))?.as_str().into()),
                    database,
                )
            }
            _ => return Err(unusable("has a scheme that is not known")),
        };
        let database = match database {
            "" => 0,
            number => number
                .parse()
                .ok()
                .filter(|_| number.bytes().all(|byte| byte.is_ascii_digit()))
                .ok_or_else(|| unusable("has a database that is no number"))?,
        };
        let (user, password) = credentials.map(read_credentials).transpose()?.unwrap_or_default();
        Ok(StoreAddress { place, database, user, password })
    }
}

/// Without user and password.
impl fmt::Display for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Place::Tcp { node, tls } => {
                write!(f, "{}://{node}/{}", if *tls { "rediss" } else { "redis" }, self.database)
            }
            Place::Sentinel { sentinels, master } => {
                f.write_str("redis+sentinel://")?;
                for (index, node) in sentinels.iter().enumerate() {
                    if index > 0 {
                        f.write_char(',')?;
                    }
                    node.fmt(f)?;
                }
                write!(f, "/{master}/{}", self.database)
            }
            Place::Unix(path) => write!(f, "unix://{}?db={}", path.display(), self.database),
        }
    }
}

impl fmt::Debug for StoreAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl fmt::Debug for SharedLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.store, f)
    }
}

impl Node {
    fn parse(text: &str, default_port: u16) -> Option<Self> {
        let uri: Uri = format!("redis://{text}/").parse().ok()?;
        let authority = uri.authority()?;
        let host = Host::parse(authority.host())?;
        Some(Node { host: host.to_string(), port: port(authority)?.unwrap_or(default_port) })
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.host.contains(':') {
            write!(f, "[{}]:{}", self.host, self.port)
        } else {
            write!(f, "{}:{}", self.host, self.port)
        }
    }
}

type Credentials = (Option<String>, Option<Zeroizing<String>>);

/// `user:password`, `:password` or nothing; percent-encoded.
fn read_credentials(text: &str) -> Result<Credentials, Error> {
    let unusable = || {
        error(
            "rateLimit.shared.url has a user or password with characters that must be percent-encoded before the @, as \
             UTF-8: @ is %40, / is %2F, : is %3A, # is %23, ? is %3F, % is %25, a blank %20.",
        )
    };
    if text.contains(['@', '/', '?', '#', ' ']) {
        return Err(unusable());
    }
    let Some((user, password)) = text.split_once(':') else {
        return Err(error(
            "rateLimit.shared.url has one word before the @; a password alone is written redis://:password@host, and a user \
             user:password@.",
        ));
    };
    if password.contains(':') {
        return Err(unusable());
    }
    let (mut user, password) = (decoded(user).ok_or_else(unusable)?, decoded(password).ok_or_else(unusable)?);
    let user = (!user.is_empty()).then(|| std::mem::take(&mut *user));
    Ok((user, Some(password).filter(|password| !password.is_empty())))
}

/// Percent-decoded UTF-8.
fn decoded(text: &str) -> Option<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(text.len()));
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16).map(|digit| digit as u8);
                digit(rest.next()?)? << 4 | digit(rest.next()?)?
            }
            byte => byte,
        });
    }
    match String::from_utf8(std::mem::take(&mut *bytes)) {
        Ok(text) => Some(Zeroizing::new(text)),
        Err(error) => {
            error.into_bytes().zeroize();
            None
        }
    }
}

fn checked_prefix(prefix: &str) -> Result<String, Error> {
    if (1..=64).contains(&prefix.len()) && is_plain(prefix) {
        Ok(prefix.to_owned())
    } else {
        Err(error("rateLimit.shared.prefix must be 1 to 64 ASCII letters, digits and any of . _ : -"))
    }
}

fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._:-".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(url: &str) -> String {
        StoreAddress::parse(url).map_or_else(|error| error.message, |address| address.to_string())
    }

    #[test]
    fn addresses_are_taken_apart() {
        for (url, expected) in [
            ("redis://localhost", "redis://localhost:6379/0"),
            ("REDIS://127.0.0.1:7000/3", "redis://127.0.0.1:7000/3"),
            ("rediss://Store.example.com:6380", "rediss://store.example.com:6380/0"),
            ("valkeys://u:p@[::1]:1/", "rediss://[::1]:1/0"),
            ("unix:///run/redis.sock", "unix:///run/redis.sock?db=0"),
            ("unix:///run/a%20b.sock?db=2", "unix:///run/a b.sock?db=2"),
            ("redis+sentinel://:p@a:1,b,c:3/mymaster/4", "redis+sentinel://a:1,b:26379,c:3/mymaster/4"),
        ] {
            assert_eq!(shown(url), expected, "{url}");
        }
        let address = StoreAddress::parse("redis://us%40er:p%3a%E5%AF%86@h").unwrap();
        assert_eq!(
            (address.user.as_deref(), address.password.as_deref().map(String::as_str)),
            (Some("us@er"), Some("p:密"))
        );
        let address = StoreAddress::parse("redis://:hunter2@h").unwrap();
        assert_eq!((address.user.as_deref(), address.password.as_deref().map(String::as_str)), (None, Some("hunter2")));
        assert!(!format!("{address:?}{address}").contains("hunter2"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_a_password() {
        for (url, reason) in [
            ("", "not a URL"),
            ("localhost:6379", "not a URL"),
            ("http://u:hunter2@h", "scheme that is not known"),
            ("redis://", "no host"),
            ("redis://:hunter2@", "no host"),
            ("redis://h:x", "no host, or no port"),
            ("redis://h:0", "no port"),
            ("redis://h/one", "no number"),
            ("redis://h/+1", "no number"),
            ("redis://hunter2@h", "a password alone"),
            ("redis://u:hunter@2@h", "percent-encoded"),
            ("redis://u:hunter/2@h", "percent-encoded"),
            ("redis://u:hunter:2@h", "percent-encoded"),
            ("redis://u:hunter2%zz@h", "percent-encoded"),
            ("redis://u:hunter2%ff@h", "percent-encoded"),
            ("unix://run/redis.sock", "whole path"),
            ("unix:///run/redis.sock?pass=hunter2", "?db="),
            ("redis+sentinel://h:1", "does not name the master"),
            ("redis+sentinel://h:1,/m", "a sentinel without"),
        ] {
            let message = shown(url);
            assert!(message.contains(reason) && !message.contains("hunter"), "{url}: {message}");
        }
    }
}
