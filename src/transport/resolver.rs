//! ureq's own look-up of names, on a thread that may be refused: ureq itself would panic then.

use std::sync::mpsc;
use std::thread;

use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;
use ureq::unversioned::transport::time::Duration;

use super::attempt::STACK;
use crate::threads;

#[derive(Debug, Default)]
pub(super) struct ThreadedResolver;

impl Resolver for ThreadedResolver {
    fn resolve(&self, uri: &Uri, config: &Config, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let (tell, told) = mpsc::sync_channel(1);
        let (uri, config) = (uri.clone(), config.clone());
        // Without a limit of its own ureq starts no thread.
        let unlimited = NextTimeout { after: Duration::NotHappening, ..timeout };
        let work = move || drop(tell.send(DefaultResolver::default().resolve(&uri, &config, unlimited)));
        thread::Builder::new()
            .name("yspay-lookup".into())
            .stack_size(STACK)
            .spawn(work)
            .map_err(|error| Error::Other(threads::refused("the look-up of the host name", &error).into()))?;
        told.recv_timeout(*timeout.after).unwrap_or_else(|why| match why {
            mpsc::RecvTimeoutError::Timeout => Err(Error::Timeout(timeout.reason)),
            mpsc::RecvTimeoutError::Disconnected => {
                Err(Error::Other("The look-up of the host name panicked; please report this.".into()))
            }
        })
    }
}
