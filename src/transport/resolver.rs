//! Looking up names, on threads: a look-up cannot be given up, and may take far longer than its caller has time.
//!
//! One is under way for each host and port in the whole process, shared by all who wait for it; so a name server that
//! hangs holds one thread for each, however many calls give up meanwhile.

use std::collections::HashMap;
use std::net::{SocketAddr, ToSocketAddrs};
use std::sync::{Arc, PoisonError};
use std::{fmt, io, thread};

use once_cell::sync::Lazy;
use ureq::Error;
use ureq::config::Config;
use ureq::http::Uri;
use ureq::unversioned::resolver::{DefaultResolver, ResolvedSocketAddrs, Resolver};
use ureq::unversioned::transport::NextTimeout;

use super::attempt::{Attempt, Until};
use crate::signal::lock;
#[cfg(unix)]
use crate::sync::MutexGuard;
use crate::sync::{Condvar, Mutex};
use crate::threads;

/// Enough for system modules that look up names.
const STACK: usize = 1 << 20;

/// ureq has room for so many addresses.
const MOST: usize = 16;

/// Takes `host:port`.
type LookUp = fn(&str) -> io::Result<Vec<SocketAddr>>;

/// What is being looked up at present, by host and port.
#[derive(Default)]
pub(crate) struct LookUps(HashMap<String, Arc<UnderWay>>);

#[cfg(unix)]
impl LookUps {
    /// For the child of a fork, where nobody ends what is under way.
    pub(crate) fn forget(&mut self) {
        self.0.clear();
    }
}

static ALL: Lazy<Mutex<LookUps>> = Lazy::new(Mutex::default);

/// For `fork`: no look-up begins or ends while the guard lives.
#[cfg(unix)]
pub(crate) fn hold() -> MutexGuard<'static, LookUps> {
    lock(&ALL)
}

/// One look-up under way.
#[derive(Default)]
struct UnderWay {
    outcome: Mutex<Option<Outcome>>,
    has_ended: Condvar,
}

/// Handed to everybody who waits.
#[derive(Clone)]
enum Outcome {
    Found(Vec<SocketAddr>),
    NotFound(NotFound),
    /// The system's number of the error.
    Failed(i32),
    Panicked,
}

/// A name that has no address, as far as the name server tells. Behind some proxies two names are looked up, so it is told
/// whose.
#[derive(Clone, Debug)]
pub(super) struct NotFound {
    pub(super) host: String,
    why: String,
}

impl NotFound {
    /// Out of an error of the transport.
    pub(super) fn of(error: &io::Error) -> Option<&Self> {
        error.get_ref()?.downcast_ref()
    }
}

impl fmt::Display for NotFound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.why)
    }
}

impl std::error::Error for NotFound {}

pub(super) struct SharedResolver {
    look_up: LookUp,
    all: &'static Mutex<LookUps>,
}

impl Default for SharedResolver {
    fn default() -> Self {
        SharedResolver { look_up: |address| address.to_socket_addrs().map(Iterator::collect), all: &ALL }
    }
}

impl fmt::Debug for SharedResolver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SharedResolver")
    }
}

/// For ureq, which asks for an address before it looks whether it has kept a connection: there is none yet, and who connects
/// looks for one.
#[derive(Debug)]
pub(super) struct Later;

impl Resolver for Later {
    fn resolve(&self, _: &Uri, _: &Config, _: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        Ok(self.empty())
    }
}

impl SharedResolver {
    /// The addresses of the host of `uri`.
    pub(super) fn resolve(&self, uri: &Uri, timeout: NextTimeout) -> Result<ResolvedSocketAddrs, Error> {
        let address = uri
            .scheme()
            .zip(uri.authority())
            .and_then(|(scheme, authority)| DefaultResolver::host_and_port(scheme, authority))
            .ok_or(Error::HostNotFound)?;
        Attempt::note(|notes| notes.looks_up(&address));
        let found = match address.parse() {
            // Nothing to look up.
            Ok(address) => vec![address],
            Err(_) => self.join(address)?.outcome(timeout)?,
        };
        Attempt::note(|notes| notes.found(&found));
        let mut addresses = Later.empty();
        for address in found.into_iter().take(MOST) {
            addresses.push(address);
        }
        Ok(addresses)
    }

    /// The look-up of `address` that is under way, or a new one.
    fn join(&self, address: String) -> Result<Arc<UnderWay>, Error> {
        let mut all = lock(self.all);
        if let Some(under_way) = all.0.get(&address) {
            return Ok(Arc::clone(under_way));
        }
        let under_way = Arc::new(UnderWay::default());
        let (look_up, all_look_ups) = (self.look_up, self.all);
        let work = {
            let (address, under_way) = (address.clone(), Arc::clone(&under_way));
            move || {
                // Made here: a thread that is refused drops what it was given while the list is locked.
                let end = End { address, under_way, all: all_look_ups };
                end.under_way.tell(Outcome::of(&end.address, look_up(&end.address)));
            }
        };
        thread::Builder::new()
            .name("yspay-lookup".into())
            .stack_size(STACK)
            .spawn(work)
            .map_err(|error| Error::Other(threads::refused("the look-up of the host name", &error).into()))?;
        all.0.insert(address, Arc::clone(&under_way));
        Ok(under_way)
    }
}

/// Takes a look-up off the list when its thread ends, also by a panic.
struct End {
    address: String,
    under_way: Arc<UnderWay>,
    all: &'static Mutex<LookUps>,
}

impl Drop for End {
    fn drop(&mut self) {
        lock(self.all).0.remove(&self.address);
        // Unless it was told already.
        self.under_way.tell(Outcome::Panicked);
    }
}

impl UnderWay {
    /// The first outcome counts.
    fn tell(&self, outcome: Outcome) {
        lock(&self.outcome).get_or_insert(outcome);
        self.has_ended.notify_all();
    }

    /// Waits for the outcome, as long as there is time and the attempt of this thread is wanted.
    fn outcome(&self, timeout: NextTimeout) -> Result<Vec<SocketAddr>, Error> {
        let until = Until::of(timeout);
        let mut outcome = lock(&self.outcome);
        loop {
            if let Some(outcome) = &*outcome {
                return outcome.clone().into_result();
            }
            let slice = until.slice()?;
            outcome = self.has_ended.wait_timeout(outcome, slice).unwrap_or_else(PoisonError::into_inner).0;
        }
    }
}

impl Outcome {
    fn of(address: &str, result: io::Result<Vec<SocketAddr>>) -> Self {
        let host = address.rsplit_once(':').map_or(address, |(host, _)| host).to_owned();
        match result {
            Ok(found) if found.is_empty() => Outcome::NotFound(NotFound { host, why: "it has no address".into() }),
            Ok(found) => Outcome::Found(found),
            // What is wrong with a name has no number of the system.
            Err(error) => match error.raw_os_error() {
                Some(number) => Outcome::Failed(number),
                None => Outcome::NotFound(NotFound { host, why: error.to_string() }),
            },
        }
    }

    fn into_result(self) -> Result<Vec<SocketAddr>, Error> {
        match self {
            Outcome::Found(found) => Ok(found),
            Outcome::NotFound(name) => Err(Error::Io(io::Error::new(io::ErrorKind::NotFound, name))),
            Outcome::Failed(number) => Err(Error::Io(io::Error::from_raw_os_error(number))),
            Outcome::Panicked => Err(Error::Other("The look-up of the host name panicked; please report this.".into())),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Barrier;
    use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
    use std::time::{Duration, Instant};

    use ureq::Timeout;

    use super::*;
    use crate::cancel::CancelToken;

    fn within(time: Duration) -> NextTimeout {
        NextTimeout { after: time.into(), reason: Timeout::Resolve, ..NextTimeout::default() }
    }

    fn ask(resolver: &SharedResolver, url: &'static str, time: Duration) -> Result<Vec<SocketAddr>, Error> {
        ask_as(Attempt::new(LONG, None, None), resolver, url, time)
    }

    fn ask_as(
        attempt: Attempt,
        resolver: &SharedResolver,
        url: &'static str,
        time: Duration,
    ) -> Result<Vec<SocketAddr>, Error> {
        let look_up = || resolver.resolve(&Uri::from_static(url), within(time));
        Ok(attempt.run(look_up).0.unwrap()?.iter().copied().collect())
    }

    /// A resolver with a list of its own.
    fn resolver(look_up: LookUp) -> SharedResolver {
        SharedResolver { look_up, all: Box::leak(Box::default()) }
    }

    fn is_over(resolver: &SharedResolver) {
        let begun = Instant::now();
        while !lock(resolver.all).0.is_empty() {
            assert!(begun.elapsed() < Duration::from_secs(30), "a look-up is still on the list");
            thread::sleep(Duration::from_millis(1));
        }
    }

    const LONG: Duration = Duration::from_secs(30);

    #[test]
    fn however_many_give_up_one_look_up_is_under_way_for_each_host() {
        static LOOK_UPS: AtomicUsize = AtomicUsize::new(0);
        static IS_SILENT: AtomicBool = AtomicBool::new(true);
        let resolver = resolver(|address| {
            LOOK_UPS.fetch_add(1, Ordering::SeqCst);
            while IS_SILENT.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(vec![([10, 0, 0, 1], address.rsplit(':').next().unwrap().parse().unwrap()).into()])
        });
        for _ in 0..100 {
            for url in ["https://a.test/", "https://a.test:8443/"] {
                let late = ask(&resolver, url, Duration::from_millis(2)).unwrap_err();
                assert!(matches!(late, Error::Timeout(Timeout::Resolve)), "{late}");
            }
        }
        assert_eq!(LOOK_UPS.load(Ordering::SeqCst), 2);
        // Who waits when the name server answers has its answer.
        let all_wait = Barrier::new(9);
        thread::scope(|scope| {
            let waiting: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        all_wait.wait();
                        ask(&resolver, "https://a.test/", LONG)
                    })
                })
                .collect();
            all_wait.wait();
            IS_SILENT.store(false, Ordering::SeqCst);
            for thread in waiting {
                assert_eq!(thread.join().unwrap().unwrap(), ["10.0.0.1:443".parse().unwrap()]);
            }
        });
        is_over(&resolver);
        // Nothing is remembered.
        let before = LOOK_UPS.load(Ordering::SeqCst);
        assert_eq!(ask(&resolver, "https://a.test:8443/", LONG).unwrap(), ["10.0.0.1:8443".parse().unwrap()]);
        assert_eq!(LOOK_UPS.load(Ordering::SeqCst), before + 1);
    }

    #[test]
    fn who_is_not_wanted_any_more_stops_waiting() {
        static IS_SILENT: AtomicBool = AtomicBool::new(true);
        let resolver = resolver(|_| {
            while IS_SILENT.load(Ordering::SeqCst) {
                thread::sleep(Duration::from_millis(1));
            }
            Ok(Vec::new())
        });
        let token = CancelToken::new();
        let (all, attempt) = (resolver.all, Attempt::new(LONG, Some(&token), None));
        let call = thread::spawn(move || ask_as(attempt, &resolver, "https://a.test/", LONG));
        let begun = Instant::now();
        while lock(all).0.is_empty() {
            assert!(begun.elapsed() < LONG, "no look-up began");
            thread::sleep(Duration::from_millis(1));
        }
        assert!(!call.is_finished());
        token.trigger();
        let ended = call.join().unwrap();
        IS_SILENT.store(false, Ordering::SeqCst);
        assert!(matches!(ended, Err(Error::Timeout(Timeout::Global))), "{ended:?}");
        assert!(begun.elapsed() < LONG / 2, "{:?}", begun.elapsed());
    }

    #[test]
    fn failures_and_panics_reach_all_who_wait_and_leave_nothing_behind() {
        let missing = resolver(|_| Err(io::Error::other("failed to lookup address information: unknown")));
        let Err(Error::Io(error)) = ask(&missing, "https://a.test/", LONG) else { panic!("a failure") };
        assert!(error.to_string().contains("failed to lookup address"), "{error}");
        assert_eq!(NotFound::of(&error).unwrap().host, "a.test");
        is_over(&missing);
        let full = resolver(|_| Err(io::Error::from_raw_os_error(24)));
        let Err(Error::Io(error)) = ask(&full, "https://a.test/", LONG) else { panic!("a failure") };
        assert_eq!(error.raw_os_error(), Some(24));
        let panics = resolver(|_| panic!("as a test"));
        let Err(Error::Other(told)) = ask(&panics, "https://a.test/", LONG) else { panic!("a failure") };
        assert!(told.to_string().contains("panicked"), "{told}");
        is_over(&panics);
        let empty = resolver(|_| Ok(Vec::new()));
        let Err(Error::Io(error)) = ask(&empty, "https://a.test/", LONG) else { panic!("a failure") };
        assert_eq!(NotFound::of(&error).unwrap().host, "a.test");
        let many = resolver(|_| Ok((0..100).map(|last| ([10, 0, 0, last], 443).into()).collect()));
        assert_eq!(ask(&many, "https://a.test/", LONG).unwrap().len(), 16);
    }

    #[test]
    fn an_address_is_not_looked_up() {
        let resolver = resolver(|_| panic!("it was"));
        assert_eq!(ask(&resolver, "https://127.0.0.1/", LONG).unwrap(), ["127.0.0.1:443".parse().unwrap()]);
        assert_eq!(ask(&resolver, "http://[::1]:81/", LONG).unwrap(), ["[::1]:81".parse().unwrap()]);
    }

    #[test]
    fn a_name_of_this_machine_is_found() {
        let found = ask(&SharedResolver::default(), "https://localhost:6443/", LONG).unwrap();
        assert!(found.iter().all(|address| address.ip().is_loopback() && address.port() == 6443), "{found:?}");
    }
}
