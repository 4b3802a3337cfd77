//! A way to a server on 127.0.0.1 that a test can cut and mend, or let lose what the server says.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

pub(crate) struct Cable {
    port: u16,
    inner: Arc<Inner>,
}

#[derive(Default)]
struct Inner {
    is_cut: AtomicBool,
    is_mute: AtomicBool,
    has_ended: AtomicBool,
    streams: Mutex<Vec<TcpStream>>,
}

impl Cable {
    pub(crate) fn to(port: u16) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let cable = Cable { port: listener.local_addr().unwrap().port(), inner: Arc::default() };
        let inner = Arc::clone(&cable.inner);
        std::thread::spawn(move || {
            for near in listener.incoming().map_while(Result::ok) {
                if inner.has_ended.load(Ordering::SeqCst) {
                    break;
                }
                // Cut, it is closed at once.
                let far = TcpStream::connect(("127.0.0.1", port)).ok();
                if let Some(far) = far.filter(|_| !inner.is_cut.load(Ordering::SeqCst)) {
                    carry(&near, &far, None);
                    carry(&far, &near, Some(Arc::clone(&inner)));
                    inner.streams.lock().unwrap().extend([near, far]);
                }
            }
        });
        cable
    }

    pub(crate) fn port(&self) -> u16 {
        self.port
    }

    /// Ends every connection, and lets none come to be.
    pub(crate) fn cut(&self) {
        self.inner.is_cut.store(true, Ordering::SeqCst);
        for stream in self.inner.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(Shutdown::Both);
        }
    }

    /// From now on what the server answers is lost; it hears everything.
    pub(crate) fn mute(&self) {
        self.inner.is_mute.store(true, Ordering::SeqCst);
    }

    pub(crate) fn mend(&self) {
        self.inner.is_mute.store(false, Ordering::SeqCst);
        self.inner.is_cut.store(false, Ordering::SeqCst);
    }
}

impl Drop for Cable {
    fn drop(&mut self) {
        self.inner.has_ended.store(true, Ordering::SeqCst);
        self.cut();
        let _ = TcpStream::connect(("127.0.0.1", self.port));
    }
}

/// What is `heard` may be muted.
fn carry(from: &TcpStream, to: &TcpStream, heard: Option<Arc<Inner>>) {
    let (mut from, mut to) = (from.try_clone().unwrap(), to.try_clone().unwrap());
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = from.read(&mut buffer) {
            if heard.as_ref().is_some_and(|inner| inner.is_mute.load(Ordering::SeqCst)) {
                continue;
            }
            if to.write_all(&buffer[..length]).is_err() {
                break;
            }
        }
        let _ = to.shutdown(Shutdown::Both);
        let _ = from.shutdown(Shutdown::Both);
    });
}
