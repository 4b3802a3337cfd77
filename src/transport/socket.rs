//! TCP in place of ureq's own connector, for two things that one does not give: a socket that can be looked at without
//! waiting, and descriptors above 2, which belong to the host's standard input and output even when they are closed.

use std::cell::RefCell;
use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::{Arc, Weak};
use std::time::Instant;
use std::{fmt, io};

use ureq::unversioned::transport::{
    Buffers, ConnectionDetails, Connector, Either, LazyBuffers, NextTimeout, ShutdownHandle, Transport,
};
use ureq::{Error, Timeout};

use super::attempt::Attempt;
use super::notes::Notes;

thread_local! {
    /// The socket that this thread connected last: ureq's chain of connectors has no other way to tell.
    static CONNECTED: RefCell<Weak<TcpStream>> = const { RefCell::new(Weak::new()) };
}

/// The socket that this thread connected since it was asked last.
pub(super) fn take_connected() -> Weak<TcpStream> {
    CONNECTED.take()
}

#[derive(Debug)]
pub(super) struct SocketConnector;

impl<In: Transport> Connector<In> for SocketConnector {
    type Out = Either<In, Socket>;

    fn connect(&self, details: &ConnectionDetails, chained: Option<In>) -> Result<Option<Self::Out>, Error> {
        // A proxy's connection, which is there already.
        if let Some(chained) = chained {
            return Ok(Some(Either::A(chained)));
        }
        Attempt::note(Notes::connects);
        let stream = Arc::new(connect(&details.addrs, details.timeout)?);
        Attempt::note(|notes| notes.connected(stream.peer_addr().ok()));
        stream.set_nodelay(true)?;
        CONNECTED.set(Arc::downgrade(&stream));
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        (details.register_shutdown)(Arc::downgrade(&stream) as Weak<dyn ShutdownHandle>)?;
        Ok(Some(Either::B(Socket { stream, buffers })))
    }
}

/// The first address that answers; each has half of the time that is left, the last one all of it.
fn connect(addresses: &[SocketAddr], timeout: NextTimeout) -> Result<TcpStream, Error> {
    let begun = Instant::now();
    let mut last = Error::Io(ErrorKind::ConnectionRefused.into());
    for (index, address) in addresses.iter().enumerate() {
        let connected = match timeout.not_zero() {
            None => TcpStream::connect(address),
            Some(limit) => {
                let left = limit.saturating_sub(begun.elapsed());
                if left.is_zero() {
                    return Err(Error::Timeout(timeout.reason));
                }
                let is_last = index + 1 == addresses.len();
                TcpStream::connect_timeout(address, if is_last { left } else { left / 2 })
            }
        };
        match connected {
            Ok(stream) => return above_standard_streams(stream).map_err(Error::Io),
            Err(error) if is_timeout(&error) => last = Error::Timeout(Timeout::Connect),
            Err(error) if concerns_one_address(&error) => last = Error::Io(error),
            Err(error) => return Err(Error::Io(error)),
        }
    }
    match (timeout.not_zero(), last) {
        (Some(limit), Error::Timeout(_)) if begun.elapsed() >= *limit => Err(Error::Timeout(timeout.reason)),
        (_, last) => Err(last),
    }
}

/// A copy of a descriptor lies above 2, as the standard library makes it.
fn above_standard_streams(stream: TcpStream) -> io::Result<TcpStream> {
    #[cfg(unix)]
    if std::os::fd::AsRawFd::as_raw_fd(&stream) <= 2 {
        return stream.try_clone();
    }
    Ok(stream)
}

/// Another address of the same host may answer.
fn concerns_one_address(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        ErrorKind::ConnectionRefused
            | ErrorKind::HostUnreachable
            | ErrorKind::NetworkUnreachable
            | ErrorKind::NetworkDown
            | ErrorKind::AddrNotAvailable
    )
}

/// A read that must not wait has nothing, or one that may wait has waited for long enough.
fn is_timeout(error: &io::Error) -> bool {
    matches!(error.kind(), ErrorKind::WouldBlock | ErrorKind::TimedOut)
}

pub(super) struct Socket {
    stream: Arc<TcpStream>,
    buffers: LazyBuffers,
}

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let timeout = timeout.for_write();
        if timeout.after.is_zero() {
            return Err(Error::Timeout(timeout.reason));
        }
        self.stream.set_write_timeout(timeout.not_zero().map(|limit| *limit))?;
        (&*self.stream)
            .write_all(&self.buffers.output()[..amount])
            .map_err(|error| if is_timeout(&error) { Error::Timeout(timeout.reason) } else { Error::Io(error) })
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let timeout = timeout.for_read();
        let begun = Instant::now();
        let amount = loop {
            let left = timeout.not_zero().map(|limit| limit.saturating_sub(begun.elapsed()));
            if left.is_some_and(|left| left.is_zero()) {
                return Err(Error::Timeout(timeout.reason));
            }
            self.stream.set_read_timeout(left)?;
            match (&*self.stream).read(self.buffers.input_append_buf()) {
                Ok(amount) => break amount,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) if is_timeout(&error) => return Err(Error::Timeout(timeout.reason)),
                Err(error) => return Err(Error::Io(error)),
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Anything that can be read now is the connection's end, or nothing that was asked for.
    fn is_open(&mut self) -> bool {
        let quiet = self.stream.set_nonblocking(true).is_ok()
            && matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock);
        quiet && self.stream.set_nonblocking(false).is_ok()
    }
}

impl fmt::Debug for Socket {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Socket").field("peer", &self.stream.peer_addr().ok()).finish()
    }
}

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::time::Duration;

    use super::*;

    fn within(time: Duration) -> NextTimeout {
        NextTimeout { after: time.into(), reason: Timeout::Connect, ..NextTimeout::default() }
    }

    #[test]
    fn the_next_address_is_tried_when_one_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let addresses = [refusing, listener.local_addr().unwrap()];
        assert!(connect(&addresses, within(Duration::from_secs(30))).is_ok());
        let refused = connect(&addresses[..1], within(Duration::from_secs(30)));
        assert!(matches!(refused, Err(Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused));
        assert!(connect(&[], within(Duration::from_secs(30))).is_err());
    }

    #[test]
    fn a_socket_is_looked_at_without_waiting() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let stream = Arc::new(TcpStream::connect(listener.local_addr().unwrap()).unwrap());
        let (mut peer, _) = listener.accept().unwrap();
        let mut socket = Socket { stream: Arc::clone(&stream), buffers: LazyBuffers::new(64, 64) };
        assert!(socket.is_open());
        stream.set_nonblocking(true).unwrap();
        assert!(matches!(socket.await_input(within(Duration::from_secs(3_600))), Err(Error::Timeout(_))));
        peer.write_all(b"x").unwrap();
        let begun = Instant::now();
        while !matches!(socket.await_input(within(Duration::from_secs(3_600))), Ok(true)) {
            assert!(begun.elapsed() < Duration::from_secs(30), "nothing came");
        }
        assert!(socket.is_open());
        drop(peer);
        while socket.is_open() {
            assert!(begun.elapsed() < Duration::from_secs(30), "the end was not seen");
        }
    }
}
