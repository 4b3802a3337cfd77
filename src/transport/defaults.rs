//! ureq's own settings, from which ours are made. ureq reads the environment each time that it makes them, which no
//! thread may do while another one sets a variable; so they are made once and changed by way of a request, which ureq
//! lets start from given ones.

use std::sync::{Arc, Mutex};

use once_cell::sync::Lazy;
use ureq::config::{Config, ConfigBuilder};
use ureq::http::Uri;
use ureq::typestate::{RequestScope, WithBody};
use ureq::unversioned::transport::{ConnectionDetails, Connector};
use ureq::{Agent, Error};

use super::resolver::Later;
use super::watched::WatchedTransport;
use crate::signal::lock;

static DEFAULTS: Lazy<Config> = Lazy::new(|| Agent::config_builder().proxy(None).build());

/// Makes them; to be called when no other thread can set a variable.
#[cfg(unix)]
pub(crate) fn prepare() {
    Lazy::force(&DEFAULTS);
}

/// Settings to be changed.
pub(super) type Changing = ConfigBuilder<RequestScope<WithBody>>;

/// ureq's settings with changes.
pub(super) fn changed(change: impl FnOnce(Changing) -> Changing) -> Config {
    let seen = Seen::default();
    let agent = Agent::with_parts(DEFAULTS.clone(), seen.clone(), Later);
    // Goes nowhere: it ends where it would connect, with the settings that it would connect with.
    let _ = change(agent.post(Uri::from_static("http://localhost/")).config()).build().send_empty();
    let settings = lock(&seen.0).take();
    settings.expect("ureq asks its connector for every connection")
}

/// Takes note of the settings that come with a request.
#[derive(Clone, Debug, Default)]
struct Seen(Arc<Mutex<Option<Config>>>);

impl Connector<()> for Seen {
    type Out = WatchedTransport;

    fn connect(&self, details: &ConnectionDetails, _: Option<()>) -> Result<Option<Self::Out>, Error> {
        *lock(&self.0) = Some(details.config.clone());
        Err(Error::ConnectionFailed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ureq::Proxy;
    use ureq::tls::{RootCerts, TlsConfig};

    #[test]
    fn what_is_changed_by_way_of_a_request_is_what_ureq_itself_makes() {
        for proxy in [None, Some("http://u:p@proxy.test:1"), Some("socks5://proxy.test:2"), Some("socks5h://p:3")] {
            let proxy = proxy.map(|url| Proxy::new(url).unwrap());
            let tls = || TlsConfig::builder().root_certs(RootCerts::Specific(Arc::new(Vec::new()))).build();
            let ours = changed(|settings| {
                settings
                    .proxy(proxy.clone())
                    .user_agent("ours")
                    .max_redirects(0)
                    .max_idle_connections(77)
                    .tls_config(tls())
            });
            let theirs = Agent::config_builder()
                .proxy(proxy.clone())
                .user_agent("ours")
                .max_redirects(0)
                .max_idle_connections(77)
                .tls_config(tls())
                .build();
            assert_eq!(format!("{ours:?}"), format!("{theirs:?}"));
            assert_eq!(ours.proxy(), proxy.as_ref());
            assert!(matches!(ours.tls_config().root_certs(), RootCerts::Specific(roots) if roots.is_empty()));
        }
    }
}
