//! SOCKS5 (RFC 1928), with user and password (RFC 1929), over our own socket: ureq's client connects by itself, and what
//! waits there can neither be cancelled nor kept off descriptors 0 to 2.

use std::fmt;
use std::io::{self, Read, Write};
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use ureq::unversioned::transport::{ConnectionDetails, TransportAdapter};
use ureq::{Error, Proxy};
use zeroize::Zeroizing;

use super::attempt::Attempt;
use super::notes::Notes;
use super::resolver::SharedResolver;
use super::socket::Socket;

const VERSION: u8 = 5;
const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;

/// A connection to the endpoint, by way of the proxy.
pub(super) fn connect(details: &ConnectionDetails, proxy: &Proxy, names: &SharedResolver) -> Result<Socket, Error> {
    let target = target(details, proxy)?;
    let addresses = names.resolve(proxy.uri(), details.timeout)?;
    let socket = Socket::connect(details, &addresses)?;
    Attempt::note(Notes::speaks_to_proxy);
    let mut wire = TransportAdapter::new(socket, Arc::clone(&details.current_time));
    wire.set_timeout(details.timeout);
    sign_in(&mut wire, proxy)?;
    ask_for(&mut wire, &target)?;
    Ok(wire.into_inner())
}

/// The endpoint as it is told to the proxy: an address, or a name for the proxy to look up, and the port.
fn target(details: &ConnectionDetails, proxy: &Proxy) -> Result<Vec<u8>, Error> {
    let address = |address: &SocketAddr| {
        let bytes = match address.ip() {
            IpAddr::V4(ip) => [&[1][..], &ip.octets()].concat(),
            IpAddr::V6(ip) => [&[4][..], &ip.octets()].concat(),
        };
        [&bytes[..], &address.port().to_be_bytes()].concat()
    };
    if proxy.resolve_target() {
        return details.addrs.first().map(address).ok_or(Error::HostNotFound);
    }
    let host = details.uri.host().unwrap_or_default();
    let port = details.uri.port_u16().unwrap_or(if details.needs_tls() { 443 } else { 80 });
    let bare = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    if let Ok(ip) = bare.parse() {
        return Ok(address(&SocketAddr::new(ip, port)));
    }
    let length = u8::try_from(bare.len()).map_err(|_| io::Error::other("the endpoint's host is too long for SOCKS"))?;
    Ok([&[3, length][..], bare.as_bytes(), &port.to_be_bytes()].concat())
}

/// The proxy refuses to serve us, or anybody without a login.
#[derive(Debug)]
pub(super) struct LoginRefused(&'static str);

impl LoginRefused {
    /// Out of an error of the transport.
    pub(super) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for LoginRefused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}

impl std::error::Error for LoginRefused {}

fn sign_in(wire: &mut (impl Read + Write), proxy: &Proxy) -> io::Result<()> {
    let user = proxy.username();
    wire.write_all(if user.is_some() { &[VERSION, 2, PASSWORD, NO_LOGIN] } else { &[VERSION, 1, NO_LOGIN] })?;
    match (reply(wire, VERSION)?, user) {
        (NO_LOGIN, _) => Ok(()),
        (PASSWORD, Some(user)) => {
            // Of its full size from the start: what grows leaves copies behind.
            let mut login = Zeroizing::new(Vec::with_capacity(3 + 2 * usize::from(u8::MAX)));
            login.push(1);
            for part in [user, proxy.password().unwrap_or_default()] {
                let length = u8::try_from(part.len()).ok().filter(|length| *length > 0);
                let length = length.ok_or_else(|| refused("user and password must have 1 to 255 bytes each"))?;
                login.push(length);
                login.extend_from_slice(part.as_bytes());
            }
            wire.write_all(&login)?;
            if reply(wire, 1)? == 0 { Ok(()) } else { Err(refused("they are wrong")) }
        }
        _ => Err(refused("it takes none of the ways to sign in that it was offered")),
    }
}

fn ask_for(wire: &mut (impl Read + Write), target: &[u8]) -> io::Result<()> {
    wire.write_all(&[&[VERSION, 1, 0][..], target].concat())?;
    let why = match reply(wire, VERSION)? {
        0 => return skip_bound_address(wire),
        1 => "a failure of the proxy itself",
        2 => "its rules forbid the connection",
        3 => "it cannot reach the network",
        4 => "it cannot reach the host",
        5 => "the endpoint refused the connection",
        6 => "the way is too long",
        7 => "it does not know the command CONNECT",
        8 => "it does not know the kind of address",
        _ => "for a reason that it has no name for",
    };
    Err(io::Error::other(format!("the SOCKS proxy did not connect: {why}")))
}

/// Where the proxy itself is bound is no matter to us.
fn skip_bound_address(wire: &mut impl Read) -> io::Result<()> {
    let length = match reply(wire, 0)? {
        1 => 4,
        4 => 16,
        3 => {
            let mut length = [0];
            wire.read_exact(&mut length)?;
            usize::from(length[0])
        }
        _ => return Err(io::Error::other("the SOCKS proxy answered with an unknown kind of address")),
    };
    wire.read_exact(&mut [0; u8::MAX as usize + 2][..length + 2])
}

/// The second of two bytes, of which the first is `expected`.
fn reply(wire: &mut impl Read, expected: u8) -> io::Result<u8> {
    let mut reply = [0; 2];
    wire.read_exact(&mut reply)?;
    if reply[0] == expected { Ok(reply[1]) } else { Err(io::Error::other("the proxy does not speak SOCKS5")) }
}

fn refused(why: &'static str) -> io::Error {
    io::Error::other(LoginRefused(why))
}
