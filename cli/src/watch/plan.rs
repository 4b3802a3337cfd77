//! Whose turn it is: who has waited longest for being due comes first, so thousands share the limit fairly.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};
use std::time::{Duration, Instant};

/// How many times `--every` the pause grows to.
const CEILING: u32 = 16;

pub(super) struct Plan {
    every: Duration,
    /// When, and in which order among those of one moment.
    waiting: BinaryHeap<Reverse<(Instant, u64, String)>>,
    pauses: HashMap<String, Duration>,
    number: u64,
}

impl Plan {
    pub(super) fn new(every: Duration) -> Self {
        Plan { every, waiting: BinaryHeap::new(), pauses: HashMap::new(), number: 0 }
    }

    /// To be asked about as soon as there is a turn.
    pub(super) fn add(&mut self, id: String) {
        self.at(Instant::now(), id);
    }

    /// To be asked about again: soon after a change, else after twice the pause before.
    pub(super) fn again(&mut self, id: String, is_changed: bool) {
        let pause = match self.pauses.get(&id) {
            Some(pause) if !is_changed => (*pause * 2).min(self.every * CEILING),
            _ => self.every,
        };
        self.pauses.insert(id.clone(), pause);
        self.at(Instant::now() + pause, id);
    }

    fn at(&mut self, due: Instant, id: String) {
        self.number += 1;
        self.waiting.push(Reverse((due, self.number, id)));
    }

    /// The one that is due for the longest time, if any is.
    pub(super) fn due(&mut self, now: Instant) -> Option<String> {
        if self.next_due()? > now {
            return None;
        }
        self.waiting.pop().map(|Reverse((_, _, id))| id)
    }

    pub(super) fn next_due(&self) -> Option<Instant> {
        self.waiting.peek().map(|Reverse((due, _, _))| *due)
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn is_empty(&self) -> bool {
        self.waiting.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EVERY: Duration = Duration::from_secs(10);

    #[test]
    fn the_pause_grows_to_its_ceiling_and_begins_anew_with_a_change() {
        let mut plan = Plan::new(EVERY);
        let mut pause = |is_changed| {
            plan.again("A".into(), is_changed);
            let due = plan.next_due().unwrap();
            assert_eq!(plan.due(Instant::now()), None);
            assert_eq!(plan.due(due).as_deref(), Some("A"));
            due.saturating_duration_since(Instant::now()).as_secs_f64().round() as u64
        };
        let pauses: Vec<_> = (0..7).map(|_| pause(false)).collect();
        assert_eq!(pauses, [10, 20, 40, 80, 160, 160, 160]);
        assert_eq!((pause(true), pause(false)), (10, 20));
    }

    #[test]
    fn who_is_due_longest_comes_first() {
        let mut plan = Plan::new(EVERY);
        for id in ["A", "B", "C"] {
            plan.add(id.into());
        }
        let now = Instant::now() + EVERY * 3;
        assert_eq!(plan.due(now).as_deref(), Some("A"));
        plan.again("A".into(), false);
        let order: Vec<_> = std::iter::from_fn(|| plan.due(now)).collect();
        assert_eq!(order, ["B", "C", "A"]);
        assert!(plan.is_empty());
    }
}
