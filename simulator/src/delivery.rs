//! How a reply's bytes leave: whole, or in one of the ways in which networks and servers fail.

use std::io;
use std::time::Duration;

use crate::http::{Framing, Reply};
use crate::stop::Stop;
use crate::wire::Wire;

const DRIP_PAUSE: Duration = Duration::from_millis(100);
const CHUNK: usize = 50;

/// What happens to the bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// All of them at once; the connection stays open if the client wants it.
    Whole,
    /// None, ever.
    Hang,
    /// None: RST.
    Reset,
    /// None: FIN.
    Close,
    /// Half the body, though the head promises all of it.
    Truncated,
    /// One at a time.
    Drip,
    /// Half the head, and then none.
    HalfHead,
    /// The body in chunks.
    Chunked,
    /// The body in chunks, the second with a length that is not a number.
    BadChunk,
    /// More of the body than the head promises.
    ShortLength,
    /// No length: the body ends where the connection does.
    UntilClose,
    /// All of them; then the connection closes though the head promised to keep it.
    ClosedAfter,
    /// All of them, and the head says that the connection closes.
    ConnectionClose,
    /// `100 Continue` first.
    Continue100,
}

impl Delivery {
    /// Whether anything is answered.
    pub(crate) fn answers(self) -> bool {
        !matches!(self, Self::Hang | Self::Reset | Self::Close)
    }
}

/// What is to become of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    Open,
    Close,
    CloseAbruptly,
    Reset,
}

/// Puts the reply on the wire.
pub(crate) fn deliver(
    wire: &mut Wire,
    reply: &Reply,
    delivery: Delivery,
    keep_alive: bool,
    stop: &Stop,
) -> io::Result<Ending> {
    let body = reply.body.as_slice();
    let length = Framing::Length(body.len());
    let ending = if keep_alive { Ending::Open } else { Ending::Close };
    match delivery {
        Delivery::Whole => {
            wire.send(&[&reply.head(length, keep_alive), body].concat())?;
            Ok(ending)
        }
        Delivery::Hang => {
            wire.hang(stop);
            Ok(Ending::CloseAbruptly)
        }
        Delivery::Reset => Ok(Ending::Reset),
        Delivery::Close => Ok(Ending::Close),
        Delivery::Truncated => {
            wire.send(&[&reply.head(length, keep_alive), &body[..body.len() / 2]].concat())?;
            Ok(Ending::CloseAbruptly)
        }
        Delivery::Drip => {
            for byte in [&reply.head(length, keep_alive), body].concat() {
                if stop.is_set() {
                    return Ok(Ending::CloseAbruptly);
                }
                wire.send(&[byte])?;
                stop.sleep(DRIP_PAUSE);
            }
            Ok(ending)
        }
        Delivery::HalfHead => {
            let head = reply.head(length, keep_alive);
            wire.send(&head[..head.len() / 2])?;
            wire.hang(stop);
            Ok(Ending::CloseAbruptly)
        }
        Delivery::Chunked => {
            let mut bytes = reply.head(Framing::Chunked, keep_alive);
            for chunk in body.chunks(CHUNK) {
                bytes.extend(format!("{:x}\r\n", chunk.len()).bytes());
                bytes.extend_from_slice(chunk);
                bytes.extend(b"\r\n");
            }
            bytes.extend(b"0\r\n\r\n");
            wire.send(&bytes)?;
            Ok(ending)
        }
        Delivery::BadChunk => {
            let (first, rest) = body.split_at(body.len().min(CHUNK));
            let mut bytes = reply.head(Framing::Chunked, keep_alive);
            bytes.extend(format!("{:x}\r\n", first.len()).bytes());
            bytes.extend_from_slice(first);
            bytes.extend(b"\r\nxyz\r\n");
            bytes.extend_from_slice(rest);
            bytes.extend(b"\r\n0\r\n\r\n");
            wire.send(&bytes)?;
            Ok(Ending::Close)
        }
        Delivery::ShortLength => {
            wire.send(&[&reply.head(Framing::Length(body.len() / 2), keep_alive), body].concat())?;
            Ok(ending)
        }
        Delivery::UntilClose => {
            wire.send(&[&reply.head(Framing::UntilClose, false), body].concat())?;
            Ok(Ending::Close)
        }
        Delivery::ClosedAfter => {
            wire.send(&[&reply.head(length, true), body].concat())?;
            Ok(Ending::Close)
        }
        Delivery::ConnectionClose => {
            wire.send(&[&reply.head(length, false), body].concat())?;
            Ok(Ending::Close)
        }
        Delivery::Continue100 => {
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")?;
            wire.send(&[&reply.head(length, keep_alive), body].concat())?;
            Ok(ending)
        }
    }
}
