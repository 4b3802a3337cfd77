//! The window and the waiting, tested against the promise itself.

mod schedules;
mod threads;

use super::window::{REST, Window};
use super::*;

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

#[test]
fn a_turn_that_nobody_has_taken_yet_is_not_earlier_than_now() {
    let mut window = Window::new(1);
    // Its slot is free, but it has not looked.
    window.join(Arc::default());
    assert_eq!(window.earliest_turn(Moment::from_secs(5)), Moment::from_secs(6));
}

#[test]
fn a_forked_child_rests_the_slots_that_its_parent_used() {
    let mut window = Window::new(3);
    let at = Moment::from_millis;
    assert!(window.take_at_once(at(0)) && window.take_at_once(at(0)) && window.take_at_once(at(0)));
    window.give_back(0, at(200), true);
    window.join(Arc::default());
    window.abandon_all(at(500));
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
