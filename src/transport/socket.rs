//! TCP in place of ureq's own connector, for what that one does not give: connecting, reading and writing that can be
//! cancelled and end in time however slowly bytes come, a socket that can be looked at without waiting, and descriptors
//! above 2, which belong to the host's standard input and output even when they are closed.
//!
//! No socket blocks; whoever has nothing to read, or no room to write, polls as [`Until`] says.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::{fmt, io};

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketFlags, SocketType, socket_with};
use ureq::unversioned::resolver::ResolvedSocketAddrs;
use ureq::unversioned::transport::{Buffers, ConnectionDetails, LazyBuffers, NextTimeout, Transport};
use ureq::{Error, Timeout};

use super::attempt::{Attempt, Until};
use super::notes::Notes;

pub(super) struct Socket {
    stream: TcpStream,
    buffers: LazyBuffers,
}

impl Socket {
    /// Connected to the first of the addresses that answers.
    pub(super) fn connect(details: &ConnectionDetails, addresses: &ResolvedSocketAddrs) -> Result<Self, Error> {
        Attempt::note(Notes::connects);
        let stream = connect(addresses, details.timeout)?;
        Attempt::note(|notes| notes.connected(stream.peer_addr().ok()));
        stream.set_nodelay(true)?;
        let buffers = LazyBuffers::new(details.config.input_buffer_size(), details.config.output_buffer_size());
        Ok(Socket { stream, buffers })
    }
}

/// The first address that answers; each has half of the time that is left, the last one all of it.
fn connect(addresses: &[SocketAddr], timeout: NextTimeout) -> Result<TcpStream, Error> {
    let until = Until::of(timeout);
    let mut last = Error::Io(ErrorKind::ConnectionRefused.into());
    for (index, address) in addresses.iter().enumerate() {
        until.check()?;
        let is_last = index + 1 == addresses.len();
        let tried = if is_last { connect_to(address, &until) } else { connect_to(address, &until.half()) };
        match tried {
            Ok(stream) => return Ok(stream),
            Err(error @ Error::Timeout(_)) => last = error,
            // The system gave up by itself.
            Err(Error::Io(error)) if error.kind() == ErrorKind::TimedOut => last = Error::Timeout(Timeout::Connect),
            Err(Error::Io(error)) if concerns_one_address(&error) => last = Error::Io(error),
            Err(error) => return Err(error),
        }
    }
    if let Error::Timeout(_) = last {
        // Of which the time may have been: one address's share, or all of it.
        until.check()?;
    }
    Err(last)
}

fn connect_to(address: &SocketAddr, until: &Until) -> Result<TcpStream, Error> {
    let stream = unconnected(address)?;
    match rustix::net::connect(&stream, address) {
        Ok(()) => return Ok(stream),
        Err(Errno::INPROGRESS | Errno::INTR) => {}
        // As Windows says the same.
        Err(Errno::WOULDBLOCK) if cfg!(windows) => {}
        Err(error) => return Err(Error::Io(error.into())),
    }
    ready(&stream, PollFlags::OUT, until)?;
    match stream.take_error()? {
        Some(error) => Err(Error::Io(error)),
        None => Ok(stream),
    }
}

/// A socket that does not block, above descriptor 2, and that no other program inherits.
fn unconnected(address: &SocketAddr) -> io::Result<TcpStream> {
    let family = if address.is_ipv4() { AddressFamily::INET } else { AddressFamily::INET6 };
    #[cfg(windows)]
    rustix::net::wsa_startup()?;
    #[cfg(target_os = "linux")]
    let flags = SocketFlags::CLOEXEC;
    #[cfg(not(target_os = "linux"))]
    let flags = SocketFlags::empty();
    let stream = TcpStream::from(socket_with(family, SocketType::STREAM, flags, None)?);
    #[cfg(target_vendor = "apple")]
    rustix::net::sockopt::set_socket_nosigpipe(&stream, true)?;
    #[cfg(target_os = "linux")]
    let is_private = std::os::fd::AsRawFd::as_raw_fd(&stream) > 2;
    #[cfg(not(target_os = "linux"))]
    let is_private = false;
    // The standard library's copies lie above 2, and are inherited nowhere.
    let stream = if is_private { stream } else { stream.try_clone()? };
    stream.set_nonblocking(true)?;
    Ok(stream)
}

/// Waits until the stream is ready for it, or at its end.
fn ready(stream: &TcpStream, what: PollFlags, until: &Until) -> Result<(), Error> {
    loop {
        let time = Timespec::try_from(until.slice()?).unwrap_or_default();
        match poll(&mut [PollFd::new(stream, what)], Some(&time)) {
            Ok(0) => {
                // What a poll of older Windows does not tell.
                if let Some(error) = stream.take_error()? {
                    return Err(Error::Io(error));
                }
            }
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(Error::Io(error.into())),
        }
    }
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

impl Transport for Socket {
    fn buffers(&mut self) -> &mut dyn Buffers {
        &mut self.buffers
    }

    fn transmit_output(&mut self, amount: usize, timeout: NextTimeout) -> Result<(), Error> {
        let until = Until::of(timeout.for_write());
        let mut output = &self.buffers.output()[..amount];
        while !output.is_empty() {
            until.check()?;
            match (&self.stream).write(output) {
                Ok(0) => return Err(Error::Io(ErrorKind::WriteZero.into())),
                Ok(written) => output = &output[written..],
                Err(error) if error.kind() == ErrorKind::WouldBlock => ready(&self.stream, PollFlags::OUT, &until)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Io(error)),
            }
        }
        Ok(())
    }

    fn await_input(&mut self, timeout: NextTimeout) -> Result<bool, Error> {
        let until = Until::of(timeout.for_read());
        let amount = loop {
            until.check()?;
            match (&self.stream).read(self.buffers.input_append_buf()) {
                Ok(amount) => break amount,
                Err(error) if error.kind() == ErrorKind::WouldBlock => ready(&self.stream, PollFlags::IN, &until)?,
                Err(error) if error.kind() == ErrorKind::Interrupted => {}
                Err(error) => return Err(Error::Io(error)),
            }
        };
        self.buffers.input_appended(amount);
        Ok(amount > 0)
    }

    /// Anything that can be read now is the connection's end, or nothing that was asked for.
    fn is_open(&mut self) -> bool {
        matches!(self.stream.peek(&mut [0]), Err(error) if error.kind() == ErrorKind::WouldBlock)
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
    use std::sync::mpsc;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::cancel::CancelToken;

    const LONG: Duration = Duration::from_secs(30);

    fn within(time: Duration) -> NextTimeout {
        NextTimeout { after: time.into(), reason: Timeout::Connect, ..NextTimeout::default() }
    }

    /// What an attempt of this thread comes to.
    fn attempted<T>(work: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
        Attempt::new(LONG, None, None).run(work).0.unwrap()
    }

    fn connected(address: SocketAddr) -> Socket {
        let stream = attempted(|| connect(&[address], within(LONG))).unwrap();
        Socket { stream, buffers: LazyBuffers::new(64, 64) }
    }

    /// An address where a connect hangs: the queue is full, and stays so while the streams live.
    fn full() -> (SocketAddr, TcpListener, Vec<TcpStream>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let filling = (0..5_000).map_while(|_| TcpStream::connect_timeout(&address, LONG / 100).ok()).collect();
        (address, listener, filling)
    }

    #[test]
    fn the_next_address_is_tried_when_one_refuses() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let refusing = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
        let addresses = [refusing, listener.local_addr().unwrap()];
        assert!(attempted(|| connect(&addresses, within(LONG))).is_ok());
        let refused = attempted(|| connect(&addresses[..1], within(LONG)));
        assert!(matches!(refused, Err(Error::Io(error)) if error.kind() == ErrorKind::ConnectionRefused));
        assert!(attempted(|| connect(&[], within(LONG))).is_err());
    }

    #[test]
    fn an_address_that_hangs_leaves_half_of_the_time_to_the_next() {
        let (hanging, _listener, _filling) = full();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let (time, begun) = (Duration::from_secs(2), Instant::now());
        let addresses = [hanging, listener.local_addr().unwrap()];
        assert!(attempted(|| connect(&addresses, within(time))).is_ok());
        assert!(begun.elapsed() >= time / 2, "{:?}", begun.elapsed());
        let begun = Instant::now();
        let late = attempted(|| connect(&[hanging, hanging], within(time)));
        assert!(matches!(late, Err(Error::Timeout(Timeout::Connect))));
        assert!(begun.elapsed() >= time && begun.elapsed() < LONG / 2, "{:?}", begun.elapsed());
    }

    /// By design within 100 ms; the bounds are for noisy machines.
    #[test]
    fn a_connect_a_read_and_a_write_end_soon_after_they_are_cancelled() {
        let (hanging, _listener, _filling) = full();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        type Wait = Box<dyn FnOnce() -> Result<(), Error> + Send>;
        let waits: [Wait; 3] = [
            Box::new(move || connect(&[hanging], within(LONG)).map(|_| ())),
            Box::new(move || connected(address).await_input(within(LONG)).map(|_| ())),
            Box::new(move || {
                let mut socket = connected(address);
                // More than any buffer takes, and nobody reads.
                socket.buffers = LazyBuffers::new(64, 1 << 27);
                socket.transmit_output(1 << 27, within(LONG))
            }),
        ];
        for (index, wait) in waits.into_iter().enumerate() {
            let token = CancelToken::new();
            let attempt = Attempt::new(LONG, Some(&token), None);
            let (tell, told) = mpsc::channel();
            std::thread::spawn(move || tell.send(attempt.run(wait).0.unwrap()).unwrap());
            let early = told.recv_timeout(Duration::from_millis(300));
            assert!(early.is_err(), "{index}: {early:?}");
            let begun = Instant::now();
            token.trigger();
            let ended = told.recv_timeout(LONG).unwrap();
            assert!(matches!(ended, Err(Error::Timeout(Timeout::Global))), "{index}: {ended:?}");
            assert!(begun.elapsed() < Duration::from_secs(3), "{index}: {:?}", begun.elapsed());
        }
    }

    /// A peer that takes some bytes now and then does not make a write last longer.
    #[test]
    fn a_write_to_one_who_reads_slowly_ends_in_time() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap();
        let peer = std::thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            while matches!(stream.read(&mut [0; 10_000]), Ok(1..)) {
                std::thread::sleep(Duration::from_millis(20));
            }
        });
        let mut socket = connected(address);
        socket.buffers = LazyBuffers::new(64, 1 << 27);
        let (time, begun) = (Duration::from_millis(700), Instant::now());
        let late = attempted(|| socket.transmit_output(1 << 27, within(time)));
        assert!(matches!(late, Err(Error::Timeout(Timeout::Connect))), "{late:?}");
        assert!(begun.elapsed() >= time && begun.elapsed() < time + Duration::from_secs(3), "{:?}", begun.elapsed());
        drop(socket);
        peer.join().unwrap();
    }

    #[test]
    fn a_socket_is_looked_at_without_waiting() {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut socket = connected(listener.local_addr().unwrap());
        let (mut peer, _) = listener.accept().unwrap();
        assert!(socket.is_open());
        assert!(matches!(socket.await_input(within(Duration::from_secs(3_600))), Err(Error::Timeout(_))));
        peer.write_all(b"x").unwrap();
        let begun = Instant::now();
        while !matches!(socket.await_input(within(Duration::from_secs(3_600))), Ok(true)) {
            assert!(begun.elapsed() < LONG, "nothing came");
        }
        assert!(socket.is_open());
        drop(peer);
        while socket.is_open() {
            assert!(begun.elapsed() < LONG, "the end was not seen");
        }
    }
}
