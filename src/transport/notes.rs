//! What one exchange after another notes of its way, for the trace of a call.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::{Instant, SystemTime};

use crate::signal::lock;
use crate::trace::{HttpTrace, Layer, LookedUp, TlsTrace, Trace};

/// The notes of the attempt that is under way, or was the last.
#[derive(Clone, Default)]
pub(crate) struct Notes(Arc<Mutex<Written>>);

#[derive(Default)]
struct Written {
    trace: Trace,
    begun: Option<Instant>,
}

impl Notes {
    /// Another attempt begins: what the one before met is forgotten.
    pub(super) fn begin(&self) {
        *lock(&self.0) = Written { trace: Trace::default(), begun: Some(Instant::now()) };
    }

    /// What was noted.
    pub(crate) fn taken(&self) -> Trace {
        std::mem::take(&mut lock(&self.0).trace)
    }

    pub(super) fn looks_up(&self, name: &str) {
        self.write(|trace| {
            trace.reached = Layer::Name;
            trace.names.push(LookedUp { name: name.to_owned(), addresses: Vec::new() });
        });
    }

    pub(super) fn found(&self, addresses: &[SocketAddr]) {
        self.write(|trace| {
            if let Some(name) = trace.names.last_mut() {
                name.addresses = addresses.to_vec();
            }
        });
    }

    pub(super) fn connects(&self) {
        self.write(|trace| trace.reached = Layer::Connect);
    }

    pub(super) fn connected(&self, peer: Option<SocketAddr>) {
        self.write(|trace| trace.peer = peer);
    }

    pub(super) fn speaks_to_proxy(&self) {
        self.write(|trace| trace.reached = Layer::Proxy);
    }

    /// There is a connection to the endpoint, through a proxy or not.
    pub(super) fn has_way(&self, needs_tls: bool) {
        self.write(|trace| trace.reached = if needs_tls { Layer::Tls } else { Layer::Http });
    }

    pub(super) fn shakes_hands(&self, tls: TlsTrace) {
        self.write(|trace| {
            if tls.version.is_some() {
                trace.reached = Layer::Http;
            }
            trace.tls = Some(tls);
        });
    }

    pub(super) fn answered(&self, status: u16, date: Option<SystemTime>) {
        let mut written = lock(&self.0);
        let elapsed = written.begun.map(|begun| begun.elapsed()).unwrap_or_default();
        written.trace.reached = Layer::Http;
        written.trace.http = Some(HttpTrace { status, date, received: SystemTime::now(), elapsed });
    }

    fn write(&self, change: impl FnOnce(&mut Trace)) {
        change(&mut lock(&self.0).trace);
    }
}
