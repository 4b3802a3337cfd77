//! Handles: values of a sequence that does not repeat, looked up, never dereferenced. So a stale or made-up handle is an
//! error, not a crash and not somebody else's client: the sequence begins at a random value and goes on by a random step.

use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};
use std::sync::Arc;

use once_cell::sync::Lazy;

use crate::cancel::CancelToken;
use crate::client::Client;
use crate::error::{Code, Error};
use crate::signal::lock;
use crate::sync::{Mutex, MutexGuard};

/// What a handle may stand for.
#[derive(Clone)]
pub(crate) enum Entry {
    Client(Arc<Client>),
    Cancel(CancelToken),
}

/// The two highest bits of a handle are 01, so it is no small number, no negative one in Java, and no address of a
/// processor with 64 bits; its lowest bit is 1, so it is not aligned as an address.
const MARK: usize = 1 << (usize::BITS - 2) | 1;

/// The bits between, in which handles differ.
const DIFFERING: usize = MARK - 2;

/// Everything that has a live handle.
pub(crate) struct Registry {
    last: usize,
    /// Even, and the half of it odd: the bits between take every value before one comes again.
    step: usize,
    live: HashMap<usize, Entry>,
}

impl Default for Registry {
    fn default() -> Self {
        // The standard library's own random numbers, on which the map stands already.
        let random = RandomState::new();
        let [start, step] = [0, 1].map(|which| random.hash_one(which) as usize);
        Registry { last: start & DIFFERING, step: (step & DIFFERING) | 2, live: HashMap::new() }
    }
}

impl Registry {
    pub(crate) fn add(&mut self, entry: Entry) -> usize {
        self.last = self.last.wrapping_add(self.step) & DIFFERING;
        let handle = self.last | MARK;
        self.live.insert(handle, entry);
        handle
    }

    /// The entry stays alive for as long as the result is held, also when it is removed meanwhile.
    pub(crate) fn find(&self, handle: usize) -> Option<Entry> {
        self.live.get(&handle).cloned()
    }

    /// Dropping a client closes its connections, so the result must not be dropped under the lock.
    pub(crate) fn remove(&mut self, handle: usize, is_right: impl FnOnce(&Entry) -> bool) -> Option<Entry> {
        if self.live.get(&handle).is_some_and(is_right) { self.live.remove(&handle) } else { None }
    }

    /// For `fork`.
    #[cfg(unix)]
    pub(crate) fn cancel_tokens(&self) -> impl Iterator<Item = CancelToken> {
        self.live.values().filter_map(|entry| match entry {
            Entry::Cancel(token) => Some(token.clone()),
            Entry::Client(_) => None,
        })
    }
}

static REGISTRY: Lazy<Mutex<Registry>> = Lazy::new(Mutex::default);

/// For `fork`: nobody adds, finds or removes a handle while the guard lives.
pub(crate) fn hold() -> MutexGuard<'static, Registry> {
    lock(&REGISTRY)
}

pub(crate) fn add_client(client: Client) -> usize {
    let client = Arc::new(client);
    hold().add(Entry::Client(client))
}

pub(crate) fn add_cancel(token: CancelToken) -> usize {
    hold().add(Entry::Cancel(token))
}

/// The client stays alive for as long as the result is held, also when it is freed meanwhile.
pub(crate) fn client(handle: usize) -> Result<Arc<Client>, Error> {
    match hold().find(handle) {
        Some(Entry::Client(client)) => Ok(client),
        _ => Err(invalid("client", handle)),
    }
}

pub(crate) fn cancel(handle: usize) -> Result<CancelToken, Error> {
    match hold().find(handle) {
        Some(Entry::Cancel(token)) => Ok(token),
        _ => Err(invalid("cancel", handle)),
    }
}

/// Forgets a client; calls under way go on. Anything but a live client's handle: nothing happens.
pub(crate) fn remove_client(handle: usize) {
    let removed = hold().remove(handle, |entry| matches!(entry, Entry::Client(_)));
    if let Some(Entry::Client(client)) = &removed {
        // It may live on for calls under way, and in the child of a fork for ever, for those of the parent's threads.
        client.tell_store();
    }
    drop(removed);
}

/// Forgets a cancel token; calls under way can no longer be cancelled by it.
pub(crate) fn remove_cancel(handle: usize) {
    let removed = hold().remove(handle, |entry| matches!(entry, Entry::Cancel(_)));
    drop(removed);
}

fn invalid(kind: &str, handle: usize) -> Error {
    let why = if handle == 0 { "is NULL" } else { "is not live: it was freed, or never came from this library" };
    Error::new(Code::InvalidHandle, format!("The {kind} handle {why}."))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn a_handle_is_found_until_removed_and_never_given_again() {
        let first = add_cancel(CancelToken::new());
        assert!(cancel(first).is_ok());
        assert_eq!(client(first).unwrap_err().code, Code::InvalidHandle);
        remove_client(first);
        assert!(cancel(first).is_ok(), "freed as the wrong kind");
        remove_cancel(first);
        remove_cancel(first);
        assert_eq!(cancel(first).unwrap_err().code, Code::InvalidHandle);
        assert_ne!(add_cancel(CancelToken::new()), first);
        assert!(cancel(0).unwrap_err().message.contains("NULL"));
    }

    #[test]
    fn no_small_number_no_address_and_no_other_copys_handle_is_live() {
        let mut copies = [Registry::default(), Registry::default()];
        let handles = copies.each_mut().map(|copy| (0..10_000).map(|_| copy.add(Entry::Cancel(CancelToken::new()))));
        let handles = handles.map(Vec::from_iter);
        let all: HashSet<usize> = handles.iter().flatten().copied().collect();
        assert_eq!(all.len(), 20_000, "given twice, or by both copies");
        for handle in &all {
            assert_eq!(handle >> (usize::BITS - 2), 1, "{handle:#x}");
            assert_eq!(handle % 2, 1, "{handle:#x}");
        }
        for (copy, others) in [(&copies[0], &handles[1]), (&copies[1], &handles[0])] {
            let neighbours = all.iter().flat_map(|handle| [handle - 1, handle + 1]);
            for made_up in (0..100_000).chain(neighbours).chain(others.iter().copied()).chain([usize::MAX]) {
                assert!(copy.find(made_up).is_none(), "{made_up:#x}");
            }
        }
    }
}
