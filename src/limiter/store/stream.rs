//! Bytes to and from the store, with TLS or without: all that is sent and read before one moment.

use std::io::{self, ErrorKind, Read, Write};
use std::net::{TcpStream, ToSocketAddrs};
#[cfg(unix)]
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::config::Node;

pub(super) enum Stream {
    Plain(Socket),
    Tls(Box<StreamOwned<ClientConnection, Socket>>),
}

/// One whose operations all end before the same moment.
pub(super) struct Socket {
    link: Link,
    until: Instant,
}

enum Link {
    Tcp(TcpStream),
    #[cfg(unix)]
    Unix(UnixStream),
}

impl Stream {
    pub(super) fn tcp(node: &Node, until: Instant) -> io::Result<Self> {
        Ok(Stream::Plain(Socket { link: Link::Tcp(connect(node, until)?), until }))
    }

    /// Nothing is said before something is written. `extra` roots are trusted beside the bundled ones.
    pub(super) fn tls(node: &Node, extra: &[Vec<u8>], until: Instant) -> io::Result<Self> {
        let name = ServerName::try_from(node.host.clone()).map_err(io::Error::other)?;
        let session = ClientConnection::new(Arc::new(settings(extra)?), name).map_err(io::Error::other)?;
        let socket = Socket { link: Link::Tcp(connect(node, until)?), until };
        Ok(Stream::Tls(Box::new(StreamOwned::new(session, socket))))
    }

    #[cfg(unix)]
    pub(super) fn unix(path: &Path, until: Instant) -> io::Result<Self> {
        Ok(Stream::Plain(Socket { link: Link::Unix(UnixStream::connect(path)?), until }))
    }

    #[cfg(not(unix))]
    pub(super) fn unix(_: &Path, _: Instant) -> io::Result<Self> {
        Err(ErrorKind::Unsupported.into())
    }

    /// For all that follows.
    pub(super) fn ends_by(&mut self, until: Instant) {
        match self {
            Stream::Plain(socket) => socket.until = until,
            Stream::Tls(stream) => stream.sock.until = until,
        }
    }
}

impl Read for Stream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.read(buffer),
            Stream::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Stream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Stream::Plain(socket) => socket.write(bytes),
            Stream::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Stream::Plain(socket) => socket.flush(),
            Stream::Tls(stream) => stream.flush(),
        }
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = Some(left(self.until)?);
        match &mut self.link {
            Link::Tcp(stream) => stream.set_read_timeout(left).and_then(|()| stream.read(buffer)),
            #[cfg(unix)]
            Link::Unix(stream) => stream.set_read_timeout(left).and_then(|()| stream.read(buffer)),
        }
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let left = Some(left(self.until)?);
        match &mut self.link {
            Link::Tcp(stream) => stream.set_write_timeout(left).and_then(|()| stream.write(bytes)),
            #[cfg(unix)]
            Link::Unix(stream) => stream.set_write_timeout(left).and_then(|()| stream.write(bytes)),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

/// The first address that answers; each has half of the time that is left, the last one all of it.
fn connect(node: &Node, until: Instant) -> io::Result<TcpStream> {
    let addresses: Vec<_> = (node.host.as_str(), node.port).to_socket_addrs().map_err(no_address)?.collect();
    let mut last = io::Error::from(ErrorKind::AddrNotAvailable);
    for (index, address) in addresses.iter().enumerate() {
        let left = left(until)?;
        match TcpStream::connect_timeout(address, if index + 1 == addresses.len() { left } else { left / 2 }) {
            Ok(stream) => return stream.set_nodelay(true).map(|()| stream),
            Err(error) => last = error,
        }
    }
    Err(last)
}

/// Told from what the system itself refuses, such as another open file.
fn no_address(error: io::Error) -> io::Error {
    if error.raw_os_error().is_some() { error } else { io::Error::new(ErrorKind::AddrNotAvailable, error) }
}

/// What is left of the time; a socket cannot be told to wait for none.
fn left(until: Instant) -> io::Result<Duration> {
    match until.saturating_duration_since(Instant::now()) {
        Duration::ZERO => Err(ErrorKind::TimedOut.into()),
        left => Ok(left.max(Duration::from_millis(1))),
    }
}

fn settings(extra: &[Vec<u8>]) -> io::Result<ClientConfig> {
    let mut roots = RootCertStore::empty();
    let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter().cloned();
    roots.add_parsable_certificates(bundled.chain(extra.iter().map(|der| CertificateDer::from(der.as_slice()))));
    let settings = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .map_err(io::Error::other)?;
    Ok(settings.with_root_certificates(roots).with_no_client_auth())
}
