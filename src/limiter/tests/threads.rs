//! The waiting itself, with real threads on the real clock and generous bounds.

use std::sync::Mutex;
use std::time::{Duration, Instant};

use super::*;
use crate::clock::Monotonic;

fn limiter(per_second: impl Into<f64>) -> Arc<Limiter> {
    Arc::new(Limiter::new(Rate::new(per_second.into()).unwrap(), Arc::new(Monotonic)))
}

fn in_time(duration: Duration) -> Moment {
    Monotonic.now() + duration
}

/// Takes a turn, which rests at once.
fn wait(limiter: &Arc<Limiter>, cancel: Option<&CancelToken>) -> Result<(), NoTurn> {
    let signal = Arc::new(Signal::default());
    let _watch = cancel.map(|token| token.watch(&signal));
    limiter.acquire(in_time(Duration::from_secs(60)), &signal, cancel).map(drop)
}

#[test]
fn thirty_threads_share_ten_a_second() {
    let limiter = limiter(10);
    let departed = Mutex::new(Vec::new());
    let begun = Instant::now();
    std::thread::scope(|scope| {
        for _ in 0..30 {
            scope.spawn(|| {
                let signal = Arc::new(Signal::default());
                let turn = limiter.acquire(in_time(Duration::from_secs(30)), &signal, None).unwrap();
                lock(&departed).push(u64::try_from(begun.elapsed().as_millis()).unwrap());
                drop(turn);
            });
        }
    });
    let departed = departed.into_inner().unwrap();
    assert_eq!(departed.len(), 30);
    assert!(begun.elapsed() >= Duration::from_secs(2));
    // The moments are taken just after the turn, so a late look may seem to bring two seconds closer together.
    assert!(departed.iter().filter(|at| **at < 950).count() <= 10, "{departed:?}");
}

#[test]
fn cancelling_ends_a_wait_at_once_and_costs_nobody_a_turn() {
    let limiter = limiter(1);
    let turn = limiter.acquire(in_time(Duration::from_secs(30)), &Arc::default(), None).unwrap();
    let token = CancelToken::new();
    std::thread::scope(|scope| {
        let cancelled = scope.spawn(|| wait(&limiter, Some(&token)));
        let patient = scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(100));
            wait(&limiter, None)
        });
        std::thread::sleep(Duration::from_millis(300));
        let triggered = Instant::now();
        token.trigger();
        assert_eq!(cancelled.join().unwrap(), Err(NoTurn::Cancelled));
        assert!(triggered.elapsed() < Duration::from_secs(1));
        turn.give_back_unused();
        assert_eq!(patient.join().unwrap(), Ok(()));
    });
}

/// Waits until so many callers stand in the queue of a limiter whose only slot is in use.
fn until_queued(limiter: &Limiter, callers: u32) {
    let begun = Instant::now();
    while lock(&limiter.window).earliest_turn(Moment::ZERO) < SECOND * (callers + 1) {
        assert!(begun.elapsed() < Duration::from_secs(30), "nobody joined the queue");
        std::thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn who_leaves_the_head_of_the_queue_wakes_the_next() {
    let limiter = limiter(1);
    let turn = limiter.acquire(in_time(Duration::from_secs(60)), &Arc::default(), None).unwrap();
    let token = CancelToken::new();
    std::thread::scope(|scope| {
        let cancelled = scope.spawn(|| wait(&limiter, Some(&token)));
        until_queued(&limiter, 1);
        // Without the wake-up it would sleep until this deadline.
        let next = scope.spawn(|| wait(&limiter, None));
        until_queued(&limiter, 2);
        // The slot rests: only who is first in the queue knows when it will be free.
        let begun = Instant::now();
        drop(turn);
        token.trigger();
        assert_eq!(cancelled.join().unwrap(), Err(NoTurn::Cancelled));
        assert_eq!(next.join().unwrap(), Ok(()));
        assert!(begun.elapsed() >= SECOND && begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
    });
}

#[test]
fn a_thousand_threads_are_served_in_the_order_in_which_they_came() {
    const THREADS: u32 = 1_000;
    let limiter = limiter(1);
    let turn = limiter.acquire(in_time(Duration::from_secs(600)), &Arc::default(), None).unwrap();
    let served = Mutex::new(Vec::new());
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let (limiter, served) = (&limiter, &served);
            let wait = move || {
                let turn = limiter.acquire(in_time(Duration::from_secs(5_000)), &Arc::default(), None).unwrap();
                lock(served).push(number);
                turn.give_back_unused();
            };
            std::thread::Builder::new().stack_size(128 << 10).spawn_scoped(scope, wait).unwrap();
            until_queued(limiter, number + 1);
        }
        turn.give_back_unused();
    });
    assert_eq!(served.into_inner().unwrap(), (0..THREADS).collect::<Vec<_>>());
}

#[test]
fn a_wait_ends_with_its_deadline_or_is_refused_at_entry() {
    let limiter = limiter(1);
    let _turn = limiter.acquire(in_time(Duration::from_secs(30)), &Arc::default(), None).unwrap();
    let begun = Instant::now();
    let refused = limiter.acquire(in_time(Duration::from_millis(500)), &Arc::default(), None).map(drop);
    assert!(matches!(refused, Err(NoTurn::TooLate { .. })), "{refused:?}");
    let waited = limiter.acquire(in_time(Duration::from_millis(1_200)), &Arc::default(), None).map(drop);
    assert_eq!(waited, Err(NoTurn::DeadlinePassed));
    assert!(begun.elapsed() >= Duration::from_millis(1_200) && begun.elapsed() < Duration::from_secs(10));
}

#[test]
fn a_turn_lost_to_a_panic_is_given_back() {
    let limiter = limiter(1);
    let thread = Arc::clone(&limiter);
    let panicked = std::thread::spawn(move || {
        let _turn = thread.acquire(Moment::MAX / 2, &Arc::default(), None).unwrap();
        panic!("as a test");
    });
    assert!(panicked.join().is_err());
    assert!(limiter.acquire(in_time(Duration::from_secs(30)), &Arc::default(), None).is_ok());
}
