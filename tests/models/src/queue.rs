//! The limiter's queue and the registry of limiters.

use std::sync::Arc;
use std::time::Duration;

use loom::thread;

use crate::cancel::CancelToken;
use crate::clock::{Clock, Moment};
use crate::limiter::{Limiter, Limiters, NoTurn, WindowKey, shared};
use crate::rate::Rate;
use crate::signal::{Signal, lock};
use crate::sync::Mutex;

const NEVER: Moment = Duration::from_secs(1_000_000);

/// Time that a model tells. A wait ends by a signal alone.
#[derive(Default)]
struct Told(Mutex<Moment>);

impl Clock for Told {
    fn now(&self) -> Moment {
        *lock(&self.0)
    }

    fn wait(&self, signal: &Signal, _until: Moment) {
        signal.wait_for(Duration::MAX);
    }
}

impl Told {
    /// Lets time pass, and wakes whoever may wait for it.
    fn pass(&self, time: Duration, waiting: &[Arc<Signal>]) {
        *lock(&self.0) += time;
        for signal in waiting {
            signal.give();
        }
    }
}

fn rate(slots: u8) -> Rate {
    Rate::new(slots.into()).expect("a whole number")
}

/// A limiter at a moment when all its slots are free.
fn limiter(slots: u8) -> (Arc<Limiter>, Arc<Told>) {
    let clock = Arc::new(Told::default());
    let limiter = Arc::new(Limiter::new(rate(slots), Arc::clone(&clock) as Arc<dyn Clock>));
    (limiter, clock)
}

/// How many stand in the queue of a limiter whose only slot is in use.
fn waiting(limiter: &Limiter) -> u64 {
    let seconds = lock(limiter.window()).earliest_turn(Moment::ZERO).as_secs();
    seconds - 1
}

/// Takes a turn, holds it for a moment, gives it back unused.
fn turn(limiter: &Arc<Limiter>, holders: &Mutex<u32>) {
    let turn = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    *lock(holders) += 1;
    assert_eq!(*lock(holders), 1, "two hold the only slot");
    *lock(holders) -= 1;
    turn.give_back_unused();
}

pub(crate) fn every_waiter_gets_a_turn() {
    let (limiter, _clock) = limiter(1);
    let holders = Arc::new(Mutex::new(0));
    let others: Vec<_> = (0..2)
        .map(|_| {
            let (limiter, holders) = (Arc::clone(&limiter), Arc::clone(&holders));
            thread::spawn(move || turn(&limiter, &holders))
        })
        .collect();
    turn(&limiter, &holders);
    for other in others {
        other.join().unwrap();
    }
}

pub(crate) fn first_come_first_served() {
    let (limiter, _clock) = limiter(1);
    let held = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    let served = Arc::new(Mutex::new(Vec::new()));
    let waiters: Vec<_> = (0..2)
        .map(|number| {
            let waiter = {
                let (limiter, served) = (Arc::clone(&limiter), Arc::clone(&served));
                thread::spawn(move || {
                    let turn = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
                    lock(&served).push(number);
                    turn.give_back_unused();
                })
            };
            // The next one comes after this one stands in the queue.
            while waiting(&limiter) <= number {
                thread::yield_now();
            }
            waiter
        })
        .collect();
    held.give_back_unused();
    // Comes last, though the slot may be free at this moment.
    let turn = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    lock(&served).push(2);
    turn.give_back_unused();
    for waiter in waiters {
        waiter.join().unwrap();
    }
    assert_eq!(*lock(&served), [0, 1, 2]);
}

/// Waits for a turn, and may be cancelled.
fn cancellable(limiter: &Arc<Limiter>, token: &CancelToken) -> thread::JoinHandle<Result<(), NoTurn>> {
    let (limiter, token) = (Arc::clone(limiter), token.clone());
    thread::spawn(move || {
        let signal = Arc::new(Signal::default());
        let _watch = token.watch(&signal);
        limiter.acquire(NEVER, &signal, Some(&token)).map(|turn| turn.give_back_unused())
    })
}

pub(crate) fn a_cancelled_waiter_ends() {
    let (limiter, _clock) = limiter(1);
    let held = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    let token = CancelToken::new();
    let cancelled = cancellable(&limiter, &token);
    token.trigger();
    assert_eq!(cancelled.join().unwrap(), Err(NoTurn::Cancelled));
    held.give_back_unused();
}

pub(crate) fn a_cancelled_waiter_costs_nobody_a_turn() {
    let (limiter, _clock) = limiter(1);
    let held = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    let token = CancelToken::new();
    let cancelled = cancellable(&limiter, &token);
    let patient = {
        let limiter = Arc::clone(&limiter);
        thread::spawn(move || limiter.acquire(NEVER, &Arc::default(), None).expect("a turn").give_back_unused())
    };
    token.trigger();
    held.give_back_unused();
    assert!(matches!(cancelled.join().unwrap(), Ok(()) | Err(NoTurn::Cancelled)));
    patient.join().unwrap();
}

pub(crate) fn a_resting_slot_is_not_forgotten() {
    let (limiter, clock) = limiter(1);
    let held = limiter.acquire(NEVER, &Arc::default(), None).expect("a turn");
    let signal = Arc::new(Signal::default());
    let waiter = {
        let (limiter, signal) = (Arc::clone(&limiter), Arc::clone(&signal));
        thread::spawn(move || {
            let turn = limiter.acquire(NEVER, &signal, None).expect("a turn");
            turn.give_back_unused();
        })
    };
    // Used, so the slot rests for a second, which passes in two steps.
    drop(held);
    clock.pass(Duration::from_millis(999), &[Arc::clone(&signal)]);
    clock.pass(Duration::from_millis(1), &[signal]);
    waiter.join().unwrap();
}

pub(crate) fn one_window_for_one_institution() {
    let limiters = Arc::new(Mutex::new(Limiters::new()));
    let key = WindowKey { host: "platform".into(), port: 443, src: "ORG".into() };
    let using = Arc::new(Mutex::new(0));
    let client = {
        let (limiters, using) = (Arc::clone(&limiters), Arc::clone(&using));
        move || {
            let limiter = shared(&mut lock(&limiters), key.clone(), rate(1), None).expect("a limiter");
            // Were there two limiters for the key, two would hold a turn at once.
            turn(&limiter, &using);
        }
    };
    let other = thread::spawn(client.clone());
    client();
    other.join().unwrap();
}
