//! The window and the waiting, tested against the promise itself.

mod schedules;
mod threads;

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use std::time::Duration;

use super::window::{ABANDONED_FOR, LOOK_EVERY, Window};
use super::*;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn the_earliest_turn_is_what_the_definition_says() {
    let second = |s: f64| Moment::from_secs_f64(s);
    let mut window = Window::new(2, SECOND);
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

/// One call every two seconds: everything that a slot waits for takes as long.
#[test]
fn a_slot_that_rests_for_two_seconds_does_so_wherever_it_rests() {
    let at = Moment::from_millis;
    let mut window = Window::new(1, SECOND * 2);
    assert!(window.take_at_once(at(0)));
    assert_eq!(window.earliest_turn(at(100)), at(2_100), "its answer may come now");
    window.give_back(0, at(300), true);
    let ticket = window.join(Arc::default());
    assert_eq!(window.next_change(ticket, at(300)), Some(at(2_300)));
    assert_eq!(window.earliest_turn(at(300)), at(4_300), "behind another");
    assert!(!window.take_in_turn(ticket, at(2_299)) && !window.is_idle(at(2_299)));
    assert!(window.take_in_turn(ticket, at(2_300)));
    window.leave(ticket);
    // The child of a fork rests what its parent held; so does who learns of an abandoned request's end.
    window.start_anew(at(2_400));
    assert!(!window.is_idle(at(4_399)) && window.is_idle(at(4_400)));
    assert!(window.take_at_once(at(4_400)));
    let request = Request::default();
    window.abandon(1, at(4_500), Box::new(request.clone()));
    request.ends();
    assert!(!window.take_at_once(at(5_000)), "seen only now");
    assert!(!window.take_at_once(at(6_999)) && window.take_at_once(at(7_000)));
}

#[test]
fn an_attempt_that_wrote_nothing_frees_its_slot_at_once() {
    let mut window = Window::new(1, SECOND);
    assert!(window.take_at_once(Moment::ZERO));
    window.give_back(0, Moment::from_millis(10), false);
    assert!(window.take_at_once(Moment::from_millis(10)));
    window.give_back(0, Moment::from_millis(20), true);
    assert!(!window.take_at_once(Moment::from_millis(1_019)));
    assert!(window.take_at_once(Moment::from_millis(1_020)));
}

#[test]
fn what_a_window_does_can_be_seen() {
    let at = Moment::from_millis;
    let (mut window, request) = (Window::new(4, Duration::from_secs(1)), Request::default());
    let told = |window: &mut Window, now| {
        let Figures { in_use, resting, waiting, turns } = window.figures(at(now));
        (in_use, resting, waiting, turns)
    };
    assert_eq!(told(&mut window, 0), (0, 0, 0, 0));
    for _ in 0..3 {
        assert!(window.take_at_once(at(0)));
    }
    window.give_back(0, at(10), true);
    window.give_back(0, at(20), false);
    assert_eq!(told(&mut window, 30), (1, 1, 0, 3), "what wrote nothing does not rest");
    window.abandon(0, at(40), Box::new(request.clone()));
    let ticket = window.join(Arc::default());
    assert_eq!(told(&mut window, 50), (1, 1, 1, 3), "given up is still under way");
    request.ends();
    assert_eq!(told(&mut window, 500), (0, 2, 1, 3), "who looks sees that it is over");
    window.leave(ticket);
    assert_eq!(told(&mut window, 1_009), (0, 2, 0, 3));
    assert_eq!(told(&mut window, 1_010), (0, 1, 0, 3), "a second after its answer a slot is free");
    assert!(window.take_at_once(at(1_010)));
    let _gone = window.join(Arc::default());
    window.start_anew(at(1_020));
    assert_eq!(told(&mut window, 1_020), (0, 2, 0, 4), "a child of a fork goes on from the count");
}

/// A request that is over when the test says so.
#[derive(Clone, Default)]
struct Request(Arc<AtomicBool>);

impl Request {
    fn ends(&self) {
        self.0.store(true, Ordering::SeqCst);
    }
}

impl UnderWay for Request {
    fn is_over(&mut self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

#[test]
fn an_abandoned_request_keeps_its_slot_until_it_is_over_and_rests_from_then() {
    let at = Moment::from_millis;
    let (mut window, request) = (Window::new(1, SECOND), Request::default());
    assert!(window.take_at_once(at(0)));
    window.abandon(0, at(300), Box::new(request.clone()));
    assert!(!window.take_at_once(at(5_000)) && !window.is_idle(at(5_000)));
    assert_eq!(window.earliest_turn(at(5_000)), at(6_000), "its answer may come now");
    request.ends();
    assert!(!window.take_at_once(at(7_000)), "seen only now");
    assert!(!window.take_at_once(at(7_999)));
    assert!(window.take_at_once(at(8_000)));
}

#[test]
fn an_abandoned_request_keeps_its_slot_for_a_time_that_has_an_end() {
    let at = Moment::from_millis;
    let mut window = Window::new(1, SECOND);
    assert!(window.take_at_once(at(0)));
    window.abandon(0, at(300), Box::new(Request::default()));
    let end = at(300) + ABANDONED_FOR;
    assert!(!window.take_at_once(end - at(1)) && !window.take_at_once(end));
    assert!(!window.take_at_once(end + SECOND - at(1)));
    assert!(window.take_at_once(end + SECOND));
}

/// Nobody need look for the time to pass: whoever comes later finds every slot rested.
#[test]
fn a_slot_whose_time_ended_unseen_has_rested_since_then() {
    let at = Moment::from_millis;
    let mut window = Window::new(2, SECOND);
    for given_up in [at(300), at(400)] {
        assert!(window.take_at_once(at(0)));
        window.abandon(0, given_up, Box::new(Request::default()));
    }
    let both_rested = at(400) + ABANDONED_FOR + SECOND;
    assert!(window.take_at_once(both_rested - at(1)), "the first one");
    assert!(!window.take_at_once(both_rested - at(1)));
    assert!(window.take_at_once(both_rested));
    let (mut window, request) = (Window::new(1, SECOND), Request::default());
    assert!(window.take_at_once(at(0)));
    window.abandon(0, at(300), Box::new(request.clone()));
    // Seen late, it may have been read until its time ended, but no later.
    request.ends();
    assert!(!window.take_at_once(at(300) + ABANDONED_FOR + at(500)));
    assert!(window.is_idle(at(300) + ABANDONED_FOR + SECOND));
}

#[test]
fn who_is_first_in_the_queue_looks_at_abandoned_requests_again_and_again() {
    let at = Moment::from_millis;
    let (mut window, request) = (Window::new(2, SECOND), Request::default());
    assert!(window.take_at_once(at(0)) && window.take_at_once(at(0)));
    window.abandon(0, at(0), Box::new(request.clone()));
    let (first, second) = (window.join(Arc::default()), window.join(Arc::default()));
    assert_eq!(window.next_change(first, at(50)), Some(at(50) + LOOK_EVERY));
    assert_eq!(window.next_change(second, at(50)), None, "whoever leaves the head of the queue wakes the next");
    window.give_back(0, at(50), true);
    assert_eq!(window.next_change(first, at(980)), Some(at(1_050)), "a slot comes free before the next look");
    request.ends();
    assert!(!window.take_in_turn(first, at(150)));
    assert_eq!(window.next_change(first, at(150)), Some(at(1_050)), "nothing is left to look at");
}

/// Counts how often it is looked at, which behind a SOCKS proxy takes a millisecond under the window's lock.
#[derive(Clone, Default)]
struct Looked(Arc<AtomicUsize>);

impl UnderWay for Looked {
    fn is_over(&mut self) -> bool {
        self.0.fetch_add(1, Ordering::SeqCst);
        false
    }
}

#[test]
fn abandoned_requests_are_not_looked_at_more_often_because_many_ask() {
    let at = Moment::from_millis;
    let (mut window, looked) = (Window::new(2, SECOND), Looked::default());
    assert!(window.take_at_once(at(0)) && window.take_at_once(at(0)));
    window.abandon(0, at(0), Box::new(looked.clone()));
    window.abandon(0, at(0), Box::new(looked.clone()));
    for now in 1_000..2_000 {
        assert!(!window.take_at_once(at(now)) && !window.is_idle(at(now)));
    }
    let looks = looked.0.load(Ordering::SeqCst);
    assert!((18..=22).contains(&looks), "{looks} looks at two requests in a second");
    // Who comes between two looks wakes up for the next one.
    window.take_at_once(at(3_000));
    let ticket = window.join(Arc::default());
    assert_eq!(window.next_change(ticket, at(3_030)), Some(at(3_000) + LOOK_EVERY));
}

#[test]
fn a_forked_child_lets_go_of_its_parents_abandoned_requests() {
    let at = Moment::from_millis;
    let (mut window, request) = (Window::new(1, SECOND), Request::default());
    assert!(window.take_at_once(at(0)));
    window.abandon(0, at(0), Box::new(request.clone()));
    window.start_anew(at(500));
    assert_eq!(Arc::strong_count(&request.0), 1, "the connection is the parent's");
    assert!(!window.take_at_once(at(1_499)));
    assert!(window.take_at_once(at(1_500)));
    // A turn of before the fork keeps nothing.
    window.abandon(0, at(1_600), Box::new(request.clone()));
    assert_eq!(Arc::strong_count(&request.0), 1);
}

#[test]
fn a_turn_that_nobody_has_taken_yet_is_not_earlier_than_now() {
    let mut window = Window::new(1, SECOND);
    // Its slot is free, but it has not looked.
    window.join(Arc::default());
    assert_eq!(window.earliest_turn(Moment::from_secs(5)), Moment::from_secs(6));
}

#[test]
fn a_forked_child_rests_the_slots_that_its_parent_used() {
    let mut window = Window::new(3, SECOND);
    let at = Moment::from_millis;
    assert!(window.take_at_once(at(0)) && window.take_at_once(at(0)) && window.take_at_once(at(0)));
    window.give_back(0, at(200), true);
    window.join(Arc::default());
    window.start_anew(at(500));
    // The queue was the parent's; one slot rests since its answer, two since the fork.
    assert_eq!(window.earliest_turn(at(500)), at(1_200));
    assert!(!window.take_at_once(at(1_199)) && window.take_at_once(at(1_200)));
    assert!(!window.take_at_once(at(1_499)) && window.take_at_once(at(1_500)) && window.take_at_once(at(1_500)));
    // A turn from before the fork is not given back in the child.
    window.give_back(0, at(1_500), false);
    assert!(!window.take_at_once(at(1_500)));
    window.give_back(window.epoch(), at(1_500), false);
    assert!(window.take_at_once(at(1_500)));
}
