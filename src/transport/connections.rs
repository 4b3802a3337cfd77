//! The kept connections of one client, and a list of all clients' for `fork`, after which a child needs its own.

use std::sync::{Arc, Mutex, MutexGuard, Weak};

use once_cell::sync::Lazy;
use ureq::Agent;
use ureq::config::Config;

use super::connector::WatchedConnector;
use super::resolver::Later;
use crate::signal::lock;
use crate::stats::Counter;

/// Keeps connections, and can make a set of fresh ones.
pub(crate) struct Connections {
    settings: Config,
    agent: Mutex<Agent>,
    /// Counts the connections of every agent.
    opened: Arc<Counter>,
}

impl Connections {
    pub(super) fn new(settings: Config) -> Arc<Self> {
        let opened = Arc::default();
        let agent = Mutex::new(make(&settings, &opened));
        let connections = Arc::new(Connections { settings, agent, opened });
        let mut all = hold();
        all.0.retain(|other| other.strong_count() > 0);
        all.0.push(Arc::downgrade(&connections));
        connections
    }

    /// A clone of the agent shares its connections.
    pub(crate) fn agent(&self) -> &Mutex<Agent> {
        &self.agent
    }

    /// Closes what is kept; what is in use is closed when it comes back.
    pub(super) fn drop_kept(&self) {
        let fresh = self.make();
        let old = std::mem::replace(&mut *lock(&self.agent), fresh);
        // Says goodbye to the other sides, for which nobody else waits.
        drop(old);
    }

    /// How many connections were opened so far.
    pub(super) fn opened(&self) -> u64 {
        self.opened.get()
    }

    /// An agent without any connection.
    pub(crate) fn make(&self) -> Agent {
        make(&self.settings, &self.opened)
    }
}

fn make(settings: &Config, opened: &Arc<Counter>) -> Agent {
    Agent::with_parts(settings.clone(), WatchedConnector::counting(opened), Later)
}

/// The connections of every live client.
#[derive(Default)]
pub(crate) struct Transports(Vec<Weak<Connections>>);

impl Transports {
    /// For `fork`.
    #[cfg(unix)]
    pub(crate) fn live(&self) -> impl Iterator<Item = Arc<Connections>> {
        self.0.iter().filter_map(Weak::upgrade)
    }
}

static ALL: Lazy<Mutex<Transports>> = Lazy::new(Mutex::default);

/// For `fork`: nobody makes a client while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, Transports> {
    lock(&ALL)
}

#[cfg(test)]
mod tests {
    use super::super::roots;
    use super::*;
    use ureq::tls::RootCerts;

    #[test]
    fn what_is_gone_leaves_the_list() {
        for _ in 0..100 {
            drop(Connections::new(Agent::config_builder().build()));
        }
        // The last one, and perhaps those of other tests.
        assert!(hold().0.len() < 50);
    }

    #[test]
    fn roots_of_our_own_are_added_to_the_bundled_ones() {
        let own = rcgen::generate_simple_self_signed(["ca.test".to_owned()]).unwrap().cert.der().to_vec();
        let bundled = webpki_root_certs::TLS_SERVER_ROOT_CERTS;
        let RootCerts::Specific(trusted) = roots(vec![own.clone()]) else { panic!("a list of roots") };
        let trusted: Vec<&[u8]> = trusted.iter().map(|root| root.der()).collect();
        assert_eq!(trusted.len(), bundled.len() + 1);
        assert!(trusted.contains(&own.as_slice()) && bundled.iter().all(|root| trusted.contains(&root.as_ref())));
        assert!(matches!(roots(Vec::new()), RootCerts::WebPki));
    }
}
