//! A connection's socket, plain or TLS, that can be closed in every way a peer may meet: in order, abruptly, by reset.

use std::io::{self, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::stop::Stop;

/// A TCP socket that leaves the last byte it has handed out in the kernel until more is read.
///
/// A socket that is closed with unread bytes sends RST in place of FIN (on Linux and the BSDs; RFC 2525, 2.17). That
/// is how this server resets a connection after it has read a request, without `SO_LINGER`, which safe Rust lacks.
#[derive(Debug)]
pub(crate) struct Socket {
    stream: Arc<TcpStream>,
    holds_back: bool,
}

impl Socket {
    /// Takes the byte that was held back, so that a close is an orderly one.
    fn release(&mut self) -> io::Result<()> {
        if self.holds_back {
            (&*self.stream).read_exact(&mut [0])?;
            self.holds_back = false;
        }
        Ok(())
    }
}

impl Read for Socket {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        self.release()?;
        let length = self.stream.peek(buffer)?;
        if let Some(all_but_one) = length.checked_sub(1) {
            (&*self.stream).read_exact(&mut buffer[..all_but_one])?;
            self.holds_back = true;
        }
        Ok(length)
    }
}

impl Write for Socket {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        (&*self.stream).write(bytes)
    }

    fn flush(&mut self) -> io::Result<()> {
        (&*self.stream).flush()
    }
}

/// What a connection reads from and writes to.
#[derive(Debug)]
pub(crate) enum Wire {
    Plain(Socket),
    Tls(Box<StreamOwned<ServerConnection, Socket>>),
}

impl Wire {
    /// Takes an accepted stream; with a configuration it does the TLS handshake first.
    pub(crate) fn new(stream: Arc<TcpStream>, tls: Option<&Arc<ServerConfig>>) -> io::Result<Self> {
        let mut socket = Socket { stream, holds_back: false };
        let Some(config) = tls else { return Ok(Self::Plain(socket)) };
        let mut session = ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
        while session.is_handshaking() {
            if session.complete_io(&mut socket)? == (0, 0) {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        Ok(Self::Tls(Box::new(StreamOwned::new(session, socket))))
    }

    fn socket(&mut self) -> &mut Socket {
        match self {
            Self::Plain(socket) => socket,
            Self::Tls(stream) => &mut stream.sock,
        }
    }

    /// Writes and flushes; a broken pipe is an error like any other.
    pub(crate) fn send(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.write_all(bytes)?;
        self.flush()
    }

    /// The same, or an error if the peer does not take them in this time; later writes have no more time than this, either.
    pub(crate) fn send_within(&mut self, bytes: &[u8], time: Duration) -> io::Result<()> {
        // TLS takes no more than this at once without a wait of its own.
        const PIECE: usize = 16 * 1024;
        let deadline = Instant::now() + time;
        let mut rest = bytes;
        while !rest.is_empty() {
            let left = deadline.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(io::ErrorKind::TimedOut.into());
            }
            self.socket().stream.set_write_timeout(Some(left))?;
            match self.write(&rest[..rest.len().min(PIECE)]) {
                Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
                Ok(written) => rest = &rest[written..],
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error),
            }
        }
        self.flush()
    }

    /// Keeps silent until the peer closes or the server stops.
    pub(crate) fn hang(&mut self, stop: &Stop) {
        let socket = self.socket();
        let mut ignored = [0; 4096];
        while !stop.is_set() {
            match socket.read(&mut ignored) {
                Ok(0) => break,
                Ok(_) => {}
                Err(error) if is_pause(&error) => {}
                Err(_) => break,
            }
        }
    }

    /// Ends in order: TLS says goodbye, then FIN.
    pub(crate) fn close(mut self) {
        if let Self::Tls(stream) = &mut self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        self.close_abruptly();
    }

    /// Ends with FIN, without a TLS goodbye.
    pub(crate) fn close_abruptly(mut self) {
        let _ = self.socket().release();
    }

    /// Ends in order, but first lets a peer that is still sending see the answer: a close with unread bytes resets.
    pub(crate) fn close_patiently(mut self) {
        const PATIENCE: Duration = Duration::from_millis(50);
        const ROUNDS: usize = 64;
        if let Self::Tls(stream) = &mut self {
            stream.conn.send_close_notify();
            let _ = stream.flush();
        }
        let socket = self.socket();
        let _ = socket.stream.shutdown(Shutdown::Write);
        let _ = socket.stream.set_read_timeout(Some(PATIENCE));
        let mut ignored = [0; 65536];
        for _ in 0..ROUNDS {
            if !matches!(socket.read(&mut ignored), Ok(1..)) {
                break;
            }
        }
        self.close_abruptly();
    }

    /// Ends with RST: the byte that is held back stays unread.
    pub(crate) fn reset(self) {
        drop(self);
    }
}

impl Read for Wire {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.read(buffer),
            Self::Tls(stream) => stream.read(buffer),
        }
    }
}

impl Write for Wire {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        match self {
            Self::Plain(socket) => socket.write(bytes),
            Self::Tls(stream) => stream.write(bytes),
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        match self {
            Self::Plain(socket) => socket.flush(),
            Self::Tls(stream) => stream.flush(),
        }
    }
}

/// Whether a read failed only because nothing came in time, or a signal did.
pub(crate) fn is_pause(error: &io::Error) -> bool {
    matches!(error.kind(), io::ErrorKind::WouldBlock | io::ErrorKind::TimedOut | io::ErrorKind::Interrupted)
}
