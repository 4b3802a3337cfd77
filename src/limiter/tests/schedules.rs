//! Random schedules on a clock of the test's own, against the promise and a second implementation of its definition.
//!
//! Whoever waits looks only when `Limiter::acquire` would: when signalled, or at the moment that the last look named. So a
//! wake-up that is lost shows as somebody who waits for ever, or past a turn that was free.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::test_runner::RngSeed;

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
    /// Is cancelled this long after it came, if it still waits.
    cancelled: Option<u64>,
    /// Gives up this long after departure, if the answer is not back by then.
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
        .prop_map(|(arrives, patience, out, back, unused, cancelled)| Call {
            arrives,
            patience,
            out,
            back,
            unused,
            cancelled,
            gives_up: None,
        })
}

/// Callers of a platform that stalls, many of whom do not wait for it.
fn impatient_call() -> impl Strategy<Value = Call> {
    // Read within the time that an abandoned request is kept for.
    let kept = u64::try_from(ABANDONED_FOR.as_millis()).expect("some seconds");
    let out = prop_oneof![3 => 0..400u64, 1 => 0..kept];
    (call(), out, proptest::option::weighted(0.6, 0u64..1_000)).prop_map(|(call, out, gives_up)| Call {
        out,
        gives_up,
        ..call
    })
}

/// The definition once more, as simple as can be: when each slot is free, and how many are in use.
struct Reference {
    rest: u64,
    free: Vec<u64>,
    in_use: usize,
}

impl Reference {
    fn take(&mut self) {
        let longest_free = (0..self.free.len()).min_by_key(|slot| self.free[*slot]).expect("a slot");
        self.free.swap_remove(longest_free);
        self.in_use += 1;
    }

    fn give_back(&mut self, free: u64) {
        self.in_use -= 1;
        self.free.push(free);
    }

    /// When whoever comes now behind `ahead` others has a turn, if every answer under way came now and everyone ahead
    /// took the earliest turn, answered at once.
    fn earliest_turn(&self, now: u64, ahead: usize) -> u64 {
        let under_way = std::iter::repeat_n(now + self.rest, self.in_use);
        let mut free: Vec<u64> = self.free.iter().map(|free| now.max(*free)).chain(under_way).collect();
        for _ in 0..ahead {
            let earliest = free.iter_mut().min().expect("a slot");
            *earliest += self.rest;
        }
        free.into_iter().min().expect("a slot")
    }
}

/// The slots of a window and how many milliseconds each rests, mostly a second; a fraction is one slot that rests longer.
fn window(slots: std::ops::Range<usize>) -> impl Strategy<Value = (usize, u64)> {
    prop_oneof![3 => (slots, Just(1_000)), 2 => (Just(1), 1_001u64..6_000), 1 => (1usize..4, 1_001u64..6_000)]
}

/// Somebody in the queue.
struct Waiter {
    index: usize,
    ticket: u64,
    signal: Arc<Signal>,
    /// When the next look is due without a signal.
    look_at: u64,
    is_cancelled: bool,
}

/// What became of a schedule.
#[derive(Default)]
struct Outcome {
    departures: Vec<(u64, usize)>,
    platform_saw: Vec<u64>,
    /// Who was refused at entry, and the earliest turn by the definition.
    refused: Vec<(usize, u64)>,
    /// Who was let wait, and the same.
    joined: Vec<(usize, u64)>,
    gave_up: Vec<(u64, usize)>,
}

#[derive(Clone, Copy, Debug)]
enum Event {
    Return {
        unused: bool,
    },
    GiveUp(usize),
    /// The answer to a request that was given up comes, or its connection ends.
    End(usize),
    Arrive(usize),
    Cancel(usize),
    Look,
}

/// A schedule under way.
struct Play<'a> {
    calls: &'a [Call],
    window: Window,
    /// None where somebody gives up: when a slot is free again then depends on who looks when.
    reference: Option<Reference>,
    /// By time, and events of one moment in the order in which they were made.
    events: BTreeMap<(u64, usize), Event>,
    made: usize,
    waiting: Vec<Waiter>,
    /// Requests that were given up, by call.
    abandoned: BTreeMap<usize, Request>,
    outcome: Outcome,
}

impl Play<'_> {
    fn push(&mut self, at: u64, event: Event) {
        self.made += 1;
        self.events.insert((at, self.made), event);
    }

    fn depart(&mut self, now: u64, index: usize) {
        let call = &self.calls[index];
        if let Some(reference) = &mut self.reference {
            reference.take();
        }
        self.outcome.departures.push((now, index));
        if call.unused {
            self.push(now + call.out, Event::Return { unused: true });
            return;
        }
        self.outcome.platform_saw.push(now + call.out);
        let answered = call.out + call.back;
        match call.gives_up.filter(|after| *after < answered) {
            None => self.push(now + answered, Event::Return { unused: false }),
            Some(after) => {
                self.push(now + after, Event::GiveUp(index));
                self.push(now + answered, Event::End(index));
            }
        }
    }

    /// As `Limiter::acquire` begins.
    fn arrive(&mut self, now: u64, index: usize) {
        let call = &self.calls[index];
        let defined = self.reference.as_ref().map(|reference| reference.earliest_turn(now, self.waiting.len()));
        if self.window.take_at_once(ms(now)) {
            assert!(defined.is_none_or(|at| at == now), "a turn at once that the definition does not give");
            self.depart(now, index);
            return;
        }
        let earliest = u64::try_from(self.window.earliest_turn(ms(now)).as_millis()).expect("a moment");
        assert!(defined.is_none_or(|at| at == earliest), "not the earliest turn of the definition");
        if earliest > now + call.patience {
            self.outcome.refused.push((index, earliest));
            return;
        }
        self.outcome.joined.push((index, earliest));
        let signal = Arc::new(Signal::default());
        let ticket = self.window.join(Arc::clone(&signal));
        self.waiting.push(Waiter { index, ticket, signal, look_at: now, is_cancelled: false });
        if let Some(after) = call.cancelled {
            self.push(now + after, Event::Cancel(index));
        }
    }

    /// One look, as `Limiter::acquire` looks.
    fn look(&mut self, now: u64, place: usize) {
        let Waiter { index, ticket, is_cancelled, .. } = self.waiting[place];
        let deadline = self.calls[index].arrives + self.calls[index].patience;
        let has_turn = !is_cancelled && now <= deadline && self.window.take_in_turn(ticket, ms(now));
        if has_turn || is_cancelled || now > deadline {
            self.window.leave(ticket);
            self.waiting.remove(place);
            if has_turn {
                self.depart(now, index);
            } else {
                self.outcome.gave_up.push((now, index));
            }
            return;
        }
        let change =
            self.window.next_change(ticket, ms(now)).map(|at| u64::try_from(at.as_millis()).expect("a moment"));
        let look_at = match change {
            Some(change) if change <= deadline => change,
            _ => deadline + 1,
        };
        self.waiting[place].look_at = look_at;
        self.push(look_at, Event::Look);
    }

    /// Nobody waits while a slot has been free since before this moment: no wake-up is lost, and nobody starves.
    fn assert_nothing_left_lying(&self, now: u64) {
        let Some(reference) = &self.reference else { return };
        let free = reference.free.iter().filter(|free| **free < now).count();
        assert!(free == 0 || self.waiting.is_empty(), "at {now}, {free} slots are free and somebody waits");
    }

    fn run(mut self) -> Outcome {
        while let Some(((now, _), event)) = self.events.pop_first() {
            self.assert_nothing_left_lying(now);
            match event {
                Event::Return { unused } => {
                    self.window.give_back(0, ms(now), !unused);
                    if let Some(reference) = &mut self.reference {
                        let rest = if unused { 0 } else { reference.rest };
                        reference.give_back(now + rest);
                    }
                }
                Event::GiveUp(index) => {
                    let request = Request::default();
                    self.window.abandon(0, ms(now), Box::new(request.clone()));
                    self.abandoned.insert(index, request);
                }
                Event::End(index) => self.abandoned[&index].ends(),
                Event::Arrive(index) => self.arrive(now, index),
                Event::Cancel(index) => {
                    if let Some(waiter) = self.waiting.iter_mut().find(|waiter| waiter.index == index) {
                        waiter.is_cancelled = true;
                        waiter.signal.give();
                    }
                }
                Event::Look => {}
            }
            // Whoever is told to looks; the last comer first, so that order does not come from the order of looks.
            while let Some(place) =
                self.waiting.iter().rposition(|waiter| waiter.signal.take() || waiter.look_at <= now)
            {
                self.look(now, place);
            }
            self.assert_nothing_left_lying(now + 1);
        }
        assert!(self.waiting.is_empty(), "somebody waits for ever");
        self.outcome
    }
}

fn ms(time: u64) -> Moment {
    Moment::from_millis(time)
}

fn play((slots, rest): (usize, u64), calls: &[Call]) -> Outcome {
    let mut play = Play {
        calls,
        window: Window::new(slots, ms(rest)),
        reference: calls.iter().all(|call| call.gives_up.is_none()).then(|| Reference {
            rest,
            free: vec![0; slots],
            in_use: 0,
        }),
        events: BTreeMap::new(),
        made: 0,
        waiting: Vec::new(),
        abandoned: BTreeMap::new(),
        outcome: Outcome::default(),
    };
    for (index, call) in calls.iter().enumerate() {
        play.push(call.arrives, Event::Arrive(index));
    }
    play.run()
}

/// The largest number of moments in any interval as long as a rest, both its ends counted, wherever it starts. Two uses of
/// one slot are further apart, for the slot rests as long after an answer that came after its request.
fn most_in(rest: u64, moments: &[u64]) -> usize {
    let mut sorted = moments.to_vec();
    sorted.sort_unstable();
    (0..sorted.len())
        .map(|first| sorted[first..].iter().take_while(|at| **at - sorted[first] <= rest).count())
        .max()
        .unwrap_or(0)
}

fn from_environment() -> ProptestConfig {
    let config = ProptestConfig::default();
    let set = |name| std::env::var_os(name).is_some();
    ProptestConfig {
        cases: if set("PROPTEST_CASES") { config.cases } else { 500 },
        rng_seed: if set("PROPTEST_RNG_SEED") { config.rng_seed } else { RngSeed::Fixed(2026) },
        ..config
    }
}

proptest! {
    // The same schedules in every run; PROPTEST_RNG_SEED and PROPTEST_CASES play others.
    #![proptest_config(ProptestConfig { failure_persistence: None, ..from_environment() })]

    #[test]
    fn no_interval_of_a_rest_ever_holds_more_than_n((slots, rest) in window(1..12), calls in proptest::collection::vec(call(), 0..80)) {
        let outcome = play((slots, rest), &calls);
        prop_assert!(most_in(rest, &outcome.platform_saw) <= slots, "the platform saw more");
        let used: Vec<u64> =
            outcome.departures.iter().filter(|(_, index)| !calls[*index].unused).map(|(at, _)| *at).collect();
        prop_assert!(most_in(rest, &used) <= slots, "more departed");
    }

    #[test]
    fn no_interval_of_a_rest_holds_more_than_n_though_a_platform_stalls_and_callers_give_up(
        (slots, rest) in window(1..12), calls in proptest::collection::vec(impatient_call(), 0..80),
    ) {
        let outcome = play((slots, rest), &calls);
        prop_assert!(most_in(rest, &outcome.platform_saw) <= slots, "the platform saw more");
        let order: Vec<_> = outcome.departures.iter().map(|(_, index)| (calls[*index].arrives, *index)).collect();
        prop_assert!(order.is_sorted());
        prop_assert_eq!(outcome.departures.len() + outcome.refused.len() + outcome.gave_up.len(), calls.len());
    }

    #[test]
    fn turns_come_in_the_order_of_arrival(window in window(1..12), calls in proptest::collection::vec(call(), 0..80)) {
        let outcome = play(window, &calls);
        // Arrivals at one moment are played in the order of their index.
        let order: Vec<_> = outcome.departures.iter().map(|(_, index)| (calls[*index].arrives, *index)).collect();
        prop_assert!(order.is_sorted());
    }

    #[test]
    fn everyone_ends_and_exactly_the_hopeless_are_refused(
        window in window(1..6), calls in proptest::collection::vec(call(), 0..60),
    ) {
        let outcome = play(window, &calls);
        let deadline = |index: usize| calls[index].arrives + calls[index].patience;
        for (at, index) in &outcome.departures {
            prop_assert!(*at <= deadline(*index), "a turn after the deadline");
        }
        for (index, earliest) in &outcome.refused {
            prop_assert!(*earliest > deadline(*index), "refused with hope");
        }
        for (index, earliest) in &outcome.joined {
            prop_assert!(*earliest <= deadline(*index), "let wait without hope");
        }
        for (at, index) in &outcome.gave_up {
            let cancelled = calls[*index].cancelled.map(|after| calls[*index].arrives + after);
            prop_assert!(*at == deadline(*index) + 1 || cancelled == Some(*at), "gave up for no reason");
        }
        prop_assert_eq!(outcome.departures.len() + outcome.refused.len() + outcome.gave_up.len(), calls.len());
    }
}
