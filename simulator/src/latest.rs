//! A memory of the latest keys: bounded, the oldest forgotten first.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

/// Values by key, at most so many; a key that is new when it is full takes the place of the one noted first.
#[derive(Debug)]
pub(crate) struct Latest<K, V> {
    most: usize,
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Clone + Eq + Hash, V: Default> Latest<K, V> {
    /// An empty memory for `most` keys, at least one.
    pub(crate) fn of(most: usize) -> Self {
        Self { most: most.max(1), values: HashMap::new(), order: VecDeque::new() }
    }

    /// The value of a key, and whether it was known; one that was not is noted with the default value.
    pub(crate) fn note(&mut self, key: K) -> (bool, &mut V) {
        let is_full = self.order.len() == self.most && !self.values.contains_key(&key);
        if is_full && let Some(oldest) = self.order.pop_front() {
            self.values.remove(&oldest);
        }
        match self.values.entry(key) {
            Entry::Occupied(known) => (true, known.into_mut()),
            Entry::Vacant(free) => {
                self.order.push_back(free.key().clone());
                (false, free.insert(V::default()))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Latest;

    #[test]
    fn the_oldest_is_forgotten_first_and_no_other() {
        let mut latest = Latest::<u32, u32>::of(3);
        for key in [1, 2, 3] {
            assert!(!latest.note(key).0);
        }
        *latest.note(1).1 = 10;
        // What is known again is no newer for it: 1 was noted first and goes first.
        assert!(latest.note(1).0 && !latest.note(4).0);
        assert_eq!([2, 3, 4].map(|key| latest.note(key).0), [true; 3]);
        assert_eq!(latest.note(1), (false, &mut 0), "with its value");
        assert!(!latest.note(2).0, "which 1 replaced");
    }

    #[test]
    fn its_memory_is_bounded() {
        let mut latest = Latest::<u64, ()>::of(1000);
        let mut capacities = Vec::new();
        for key in 0..100_000 {
            latest.note(key);
            if key % 20_000 == 10_000 {
                capacities.push((latest.values.capacity(), latest.order.capacity()));
            }
        }
        assert_eq!((latest.values.len(), latest.order.len()), (1000, 1000));
        assert!(capacities.iter().all(|&(values, order)| values < 4000 && order < 4000), "{capacities:?}");
    }

    #[test]
    fn one_is_kept_at_least() {
        let mut latest = Latest::<u8, ()>::of(0);
        assert!(!latest.note(1).0 && latest.note(1).0);
    }
}
