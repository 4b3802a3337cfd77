//! Accepts connections, gives each a thread, and ends all of them when it is dropped.

use std::collections::HashMap;
use std::io;
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use crate::connection::{self, Service};
use crate::place::Place;

/// A listening server. Dropping it shuts every connection down and waits for the threads.
#[derive(Debug)]
pub(crate) struct Server {
    place: Place,
    service: Arc<Service>,
    open: Arc<OpenSockets>,
    acceptor: Option<JoinHandle<()>>,
}

impl Server {
    /// Begins to accept at a place that was bound.
    pub(crate) fn start(listener: TcpListener, place: Place, service: Service) -> io::Result<Self> {
        let service = Arc::new(service);
        let open = Arc::new(OpenSockets::default());
        let acceptor = {
            let (service, open) = (Arc::clone(&service), Arc::clone(&open));
            thread::Builder::new().name("simulator".to_owned()).spawn(move || accept(&listener, &service, &open))?
        };
        Ok(Self { place, service, open, acceptor: Some(acceptor) })
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        self.service.stop.set();
        if let Some(page) = &self.service.page {
            page.wait_for_farewells();
        }
        self.open.shut_down();
        // The acceptor waits for a connection, so it gets one. If the queue is full, it is awake anyway.
        let _ = TcpStream::connect_timeout(&self.place.reachable(), Duration::from_millis(100));
        if let Some(acceptor) = self.acceptor.take() {
            let _ = acceptor.join();
        }
    }
}

fn accept(listener: &TcpListener, service: &Arc<Service>, open: &Arc<OpenSockets>) {
    let mut threads: Vec<JoinHandle<()>> = Vec::new();
    for id in 0_u64.. {
        let accepted = listener.accept();
        if service.stop.is_set() {
            break;
        }
        threads.retain(|thread| !thread.is_finished());
        let Ok((stream, _)) = accepted else {
            // Out of descriptors, most likely: wait for some connection to end.
            service.stop.sleep(Duration::from_millis(5));
            continue;
        };
        let stream = Arc::new(stream);
        if !open.add(id, &stream) {
            break;
        }
        service.stats.connected();
        let thread = {
            let (service, open) = (Arc::clone(service), Arc::clone(open));
            thread::Builder::new().name(format!("simulator-{id}")).spawn(move || {
                connection::serve(stream, &service);
                open.remove(id);
                service.stats.disconnected();
            })
        };
        match thread {
            Ok(thread) => threads.push(thread),
            Err(_) => {
                open.remove(id);
                service.stats.disconnected();
            }
        }
    }
    for thread in threads {
        let _ = thread.join();
    }
}

/// The sockets to shut down at the end. Only their threads own them, so that a close is a close.
#[derive(Debug, Default)]
struct OpenSockets {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    closed: bool,
    sockets: HashMap<u64, Weak<TcpStream>>,
}

impl OpenSockets {
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Notes a socket; false if it came too late to be served.
    fn add(&self, id: u64, stream: &Arc<TcpStream>) -> bool {
        let mut state = self.lock();
        if !state.closed {
            state.sockets.insert(id, Arc::downgrade(stream));
        }
        !state.closed
    }

    fn remove(&self, id: u64) {
        self.lock().sockets.remove(&id);
    }

    fn shut_down(&self) {
        let mut state = self.lock();
        state.closed = true;
        for socket in state.sockets.values().filter_map(Weak::upgrade) {
            let _ = socket.shutdown(Shutdown::Both);
        }
    }
}
