//! The promise tested against its definition, on a clock of the test's own and over random schedules.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::window::{REST, Window};
use super::*;

/// One caller of a schedule, all in milliseconds.
#[derive(Clone, Debug)]
struct Call {
    arrives: u64,
    patience: u64,
    /// From departure to arrival at the platform, and from there until the answer is back.
    out: u64,
    back: u64,
    /// The attempt writes no byte, and gives its turn back after `out`.
    unused: bool,
    /// Gives up this long after it came, if it still waits.
    gives_up: Option<u64>,
}

fn call() -> impl Strategy<Value = Call> {
    (
        0u64..6_000,
        0u64..8_000,
        // Often the shortest, where the edge of a second is.
        prop_oneof![Just(0), 0u64..400],
        // An answer comes after its request, here by a millisecond at least.
        prop_oneof![Just(1), 1u64..900],
        proptest::bool::weighted(0.1),
        proptest::option::weighted(0.15, 0u64..2_000),
    )
        .prop_map(|(arrives, patience, out, back, unused, gives_up)| Call {
            arrives,
            patience,
            out,
            back,
            unused,
            gives_up,
        })
}

/// What became of a schedule.
#[derive(Default)]
struct Outcome {
    departures: Vec<(u64, usize)>,
    platform_saw: Vec<u64>,
    refused: Vec<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
enum Event {
    Return { unused: bool },
    Arrive(usize),
    GiveUp(usize),
    Look,
}

/// Plays a schedule: waiters look when told to (`next_change` or a signal), as the threads do.
fn play(slots: usize, calls: &[Call]) -> Outcome {
    let ms = Moment::from_millis;
    let mut window = Window::new(slots);
    let mut events: BTreeMap<(u64, u64), Event> = BTreeMap::new();
    let mut sequence = 0;
    let mut push = |events: &mut BTreeMap<(u64, u64), Event>, at: u64, event: Event| {
        sequence += 1;
        events.insert((at, sequence), event);
    };
    for (index, call) in calls.iter().enumerate() {
        push(&mut events, call.arrives, Event::Arrive(index));
    }
    let mut waiting: Vec<(u64, usize)> = Vec::new();
    let mut outcome = Outcome::default();
    while let Some(((now, _), event)) = events.pop_first() {
        let depart = |index: usize, outcome: &mut Outcome| {
            let call = &calls[index];
            outcome.departures.push((now, index));
            if call.unused {
                (now + call.out, Event::Return { unused: true })
            } else {
                outcome.platform_saw.push(now + call.out);
                (now + call.out + call.back, Event::Return { unused: false })
            }
        };
        match event {
            Event::Return { unused } => window.give_back(0, ms(now), !unused),
            Event::Arrive(index) => {
                if window.take_at_once(ms(now)) {
                    let (at, event) = depart(index, &mut outcome);
                    push(&mut events, at, event);
                } else if window.earliest_turn(ms(now)) > ms(now + calls[index].patience) {
                    outcome.refused.push(index);
                } else {
                    waiting.push((window.join(Arc::new(Signal::default())), index));
                    push(&mut events, now + calls[index].patience + 1, Event::GiveUp(index));
                    if let Some(after) = calls[index].gives_up {
                        push(&mut events, now + after, Event::GiveUp(index));
                    }
                }
            }
            Event::GiveUp(index) => {
                if let Some(place) = waiting.iter().position(|(_, waiter)| *waiter == index) {
                    window.leave(waiting.remove(place).0);
                }
            }
            Event::Look => {}
        }
        // Everyone who may act now acts; nobody but the first can.
        while let Some(place) = waiting.iter().position(|(ticket, _)| window.take_in_turn(*ticket, ms(now))) {
            let (ticket, index) = waiting.remove(place);
            window.leave(ticket);
            let (at, event) = depart(index, &mut outcome);
            push(&mut events, at, event);
        }
        if let Some(at) = waiting.iter().find_map(|(ticket, _)| window.next_change(*ticket)) {
            push(&mut events, u64::try_from(at.as_millis()).unwrap(), Event::Look);
        }
    }
    assert!(waiting.is_empty(), "somebody waits for ever");
    outcome
}

/// The largest number of moments in any second, both its ends counted, wherever it starts. Two uses of one slot are
/// more than a second apart, for the slot rests a whole second after an answer that came after its request.
fn most_in_a_second(moments: &[u64]) -> usize {
    let mut sorted = moments.to_vec();
    sorted.sort_unstable();
    let second = u64::try_from(REST.as_millis()).unwrap();
    (0..sorted.len())
        .map(|first| sorted[first..].iter().take_while(|at| **at - sorted[first] <= second).count())
        .max()
        .unwrap_or(0)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_second_ever_holds_more_than_n(slots in 1usize..12, calls in proptest::collection::vec(call(), 0..80)) {
        let outcome = play(slots, &calls);
        prop_assert!(most_in_a_second(&outcome.platform_saw) <= slots, "the platform saw more");
        let used: Vec<u64> =
            outcome.departures.iter().filter(|(_, index)| !calls[*index].unused).map(|(at, _)| *at).collect();
        prop_assert!(most_in_a_second(&used) <= slots, "more departed");
    }

    #[test]
    fn turns_come_in_the_order_of_arrival(slots in 1usize..12, calls in proptest::collection::vec(call(), 0..80)) {
        let outcome = play(slots, &calls);
        // Arrivals at one moment are played in the order of their index.
        let order: Vec<_> = outcome.departures.iter().map(|(_, index)| (calls[*index].arrives, *index)).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn every_turn_is_within_the_deadline_and_none_is_refused_that_had_a_chance(
        slots in 1usize..6, calls in proptest::collection::vec(call(), 0..60),
    ) {
        let outcome = play(slots, &calls);
        for (at, index) in &outcome.departures {
            prop_assert!(*at <= calls[*index].arrives + calls[*index].patience);
        }
        for index in &outcome.refused {
            // Whoever came when fewer than all slots were taken within the last second had a turn at once.
            let arrives = calls[*index].arrives;
            let recent = outcome.departures.iter().filter(|(at, _)| *at <= arrives).count();
            prop_assert!(recent >= slots);
        }
    }
}

#[test]
fn the_earliest_turn_is_what_the_definition_says() {
    let second = |s: f64| Moment::from_secs_f64(s);
    let mut window = Window::new(2);
    assert!(window.take_at_once(second(5.0)) && window.take_at_once(second(5.0)));
    assert!(!window.take_at_once(second(5.1)));
    // Both under way: if an answer came now, its slot would be free in a second.
    assert_eq!(window.earliest_turn(second(5.1)), second(6.1));
    window.give_back(0, second(5.2), true);
    assert_eq!(window.earliest_turn(second(5.5)), second(6.2));
    let first = window.join(Arc::default());
    assert_eq!(window.earliest_turn(second(5.5)), second(6.5), "the second slot is still under way");
    let _second = window.join(Arc::default());
    assert_eq!(window.earliest_turn(second(5.5)), second(7.2), "the first slot once more");
    window.leave(first);
    assert_eq!(window.earliest_turn(second(5.5)), second(6.5));
}

#[test]
fn an_attempt_that_wrote_nothing_frees_its_slot_at_once() {
    let mut window = Window::new(1);
    assert!(window.take_at_once(Moment::ZERO));
    window.give_back(0, Moment::from_millis(10), false);
    assert!(window.take_at_once(Moment::from_millis(10)));
    window.give_back(0, Moment::from_millis(20), true);
    assert!(!window.take_at_once(Moment::from_millis(1_019)));
    assert!(window.take_at_once(Moment::from_millis(1_020)));
}

mod threads {
    //! The waiting itself, with real threads on the real clock and generous bounds.

    use std::sync::Mutex;
    use std::time::{Duration, Instant};

    use super::*;
    use crate::clock::Monotonic;

    fn limiter(per_second: u32) -> Arc<Limiter> {
        Arc::new(Limiter::new(per_second, Arc::new(Monotonic)))
    }

    fn in_time(duration: Duration) -> Moment {
        Monotonic.now() + duration
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
            let cancelled = scope.spawn(|| {
                let signal = Arc::new(Signal::default());
                let _watch = token.watch(&signal);
                limiter.acquire(in_time(Duration::from_secs(60)), &signal, Some(&token)).map(drop)
            });
            let patient = scope.spawn(|| {
                std::thread::sleep(Duration::from_millis(100));
                limiter.acquire(in_time(Duration::from_secs(60)), &Arc::default(), None).map(drop)
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
        while lock(&limiter.window).earliest_turn(Moment::ZERO) < REST * (callers + 1) {
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
            let cancelled = scope.spawn(|| {
                let signal = Arc::new(Signal::default());
                let _watch = token.watch(&signal);
                limiter.acquire(in_time(Duration::from_secs(60)), &signal, Some(&token)).map(drop)
            });
            until_queued(&limiter, 1);
            // Without the wake-up it would sleep until this deadline.
            let next =
                scope.spawn(|| limiter.acquire(in_time(Duration::from_secs(60)), &Arc::default(), None).map(drop));
            until_queued(&limiter, 2);
            // The slot rests: only who is first in the queue knows when it will be free.
            let begun = Instant::now();
            drop(turn);
            token.trigger();
            assert_eq!(cancelled.join().unwrap(), Err(NoTurn::Cancelled));
            assert_eq!(next.join().unwrap(), Ok(()));
            assert!(begun.elapsed() >= REST && begun.elapsed() < Duration::from_secs(30), "{:?}", begun.elapsed());
        });
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
}
