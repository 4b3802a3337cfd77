//! The registry of handles.

use std::sync::{Arc, Weak};

use loom::thread;

use crate::client::Client;
use crate::ffi::handle::{Entry, Registry};
use crate::signal::lock;
use crate::sync::Mutex;

/// As `ysp_client_free` does it: removed under the lock, dropped after it.
fn free(registry: &Mutex<Registry>, handle: usize) -> bool {
    let removed = lock(registry).remove(handle, |entry| matches!(entry, Entry::Client(_)));
    removed.is_some()
}

pub(crate) fn a_client_lives_while_it_is_used() {
    let registry = Arc::new(Mutex::new(Registry::default()));
    let client = Arc::new(Client);
    let life: Weak<Client> = Arc::downgrade(&client);
    let handle = lock(&registry).add(Entry::Client(client));
    let user = {
        let (registry, life) = (Arc::clone(&registry), life.clone());
        thread::spawn(move || {
            let found = lock(&registry).find(handle);
            thread::yield_now();
            // Whether it was freed before or is freed meanwhile.
            assert!(found.is_none() || life.upgrade().is_some());
        })
    };
    let other = {
        let registry = Arc::clone(&registry);
        thread::spawn(move || free(&registry, handle))
    };
    let freed = free(&registry, handle);
    assert!(freed != other.join().unwrap(), "freed twice or not at all");
    user.join().unwrap();
    assert!(lock(&registry).find(handle).is_none());
    assert!(life.upgrade().is_none(), "never dropped");
}

pub(crate) fn no_handle_is_given_twice() {
    let registry = Arc::new(Mutex::new(Registry::default()));
    let make_and_free = {
        let registry = Arc::clone(&registry);
        move || {
            let handle = lock(&registry).add(Entry::Client(Arc::new(Client)));
            assert!(free(&registry, handle));
            handle
        }
    };
    let other = thread::spawn(make_and_free.clone());
    let first = make_and_free();
    assert_ne!(first, other.join().unwrap());
}
