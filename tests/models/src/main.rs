//! Models of what threads share: the library's own sources, with loom's locks in the place of the standard library's.
//!
//! loom runs each model in every order that the threads' steps can have, up to a number of preemptions. A lost wake-up is
//! a deadlock, which it reports; a broken promise is a panic. `LOOM_MAX_PREEMPTIONS` looks deeper.

#![allow(dead_code, unused_imports, reason = "a model needs a part of each source")]

#[path = "../../../src/cancel.rs"]
mod cancel;
#[path = "../../../src/charset.rs"]
mod charset;
#[path = "../../../src/clock.rs"]
mod clock;
#[path = "../../../src/error.rs"]
mod error;
mod ffi;
mod handles;
#[path = "../../../src/limiter/mod.rs"]
mod limiter;
mod queue;
#[path = "../../../src/rate.rs"]
mod rate;
#[path = "../../../src/signal.rs"]
mod signal;
mod sync;

/// Stands for the client, which the registry only keeps.
mod client {
    pub(crate) struct Client;

    impl Client {
        pub(crate) fn tell_store(&self) {}
    }
}

use std::sync::atomic::{AtomicUsize, Ordering};

fn main() {
    let models: [(&str, fn()); 8] = [
        ("queue: every waiter gets a turn, never two at once", queue::every_waiter_gets_a_turn),
        ("queue: first come, first served", queue::first_come_first_served),
        ("queue: a cancelled waiter ends", queue::a_cancelled_waiter_ends),
        ("queue: a cancelled waiter costs nobody a turn", queue::a_cancelled_waiter_costs_nobody_a_turn),
        ("queue: a resting slot wakes whoever is first when it is free", queue::a_resting_slot_is_not_forgotten),
        ("queue: one limit for one institution, whoever comes first", queue::one_window_for_one_institution),
        ("handles: a client lives while it is used and dies once", handles::a_client_lives_while_it_is_used),
        ("handles: no handle is given twice", handles::no_handle_is_given_twice),
    ];
    for (name, model) in models {
        let orders = std::sync::Arc::new(AtomicUsize::new(0));
        let counter = std::sync::Arc::clone(&orders);
        let mut builder = loom::model::Builder::new();
        builder.preemption_bound = builder.preemption_bound.or(Some(3));
        builder.check(move || {
            counter.fetch_add(1, Ordering::Relaxed);
            model();
        });
        println!("{name}: {} orders", orders.load(Ordering::Relaxed));
    }
}
