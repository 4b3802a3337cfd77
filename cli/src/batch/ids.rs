//! The contract numbers of a list, each once, in the order in which they come: a million of them in a few tens of megabytes.

use std::hash::{BuildHasher, RandomState};

/// Which of the numbers, counted from 0.
pub(crate) type Index = u32;

const FREE: Index = Index::MAX;

#[derive(Default)]
pub(crate) struct Ids {
    /// All of them, one behind the other; `ends` says where each stops.
    text: String,
    ends: Vec<usize>,
    /// Open addressing, at most half full.
    table: Vec<Index>,
    hasher: RandomState,
}

impl Ids {
    pub(crate) fn len(&self) -> usize {
        self.ends.len()
    }

    pub(crate) fn get(&self, index: Index) -> &str {
        let index = index as usize;
        let begin = if index == 0 { 0 } else { self.ends[index - 1] };
        &self.text[begin..self.ends[index]]
    }

    pub(crate) fn find(&self, id: &str) -> Option<Index> {
        if self.table.is_empty() {
            return None;
        }
        Some(self.table[self.place(id)]).filter(|&index| index != FREE)
    }

    /// Its index, and whether it is new. `None`: there are more than can be counted.
    pub(crate) fn insert(&mut self, id: &str) -> Option<(Index, bool)> {
        if self.table.len() < (self.len() + 1) * 2 {
            self.grow();
        }
        let place = self.place(id);
        if self.table[place] != FREE {
            return Some((self.table[place], false));
        }
        let index = Index::try_from(self.len()).ok().filter(|&index| index != FREE)?;
        self.text.push_str(id);
        self.ends.push(self.text.len());
        self.table[place] = index;
        Some((index, true))
    }

    /// Where it is, or where it would be put.
    fn place(&self, id: &str) -> usize {
        let mask = self.table.len() - 1;
        let mut place = self.hasher.hash_one(id) as usize & mask;
        while self.table[place] != FREE && self.get(self.table[place]) != id {
            place = (place + 1) & mask;
        }
        place
    }

    fn grow(&mut self) {
        self.table = vec![FREE; (self.table.len() * 2).max(64)];
        for index in 0..self.len() as Index {
            let place = self.place(self.get(index));
            self.table[place] = index;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_kept_once_and_found_again() {
        let mut ids = Ids::default();
        assert_eq!(ids.find("A"), None);
        for n in 0..10_000u32 {
            assert_eq!(ids.insert(&format!("MAN{n}")), Some((n, true)));
            assert_eq!(ids.insert(&format!("MAN{}", n / 2)), Some((n / 2, false)));
        }
        assert_eq!(ids.len(), 10_000);
        for n in 0..10_000u32 {
            assert_eq!(ids.find(&format!("MAN{n}")), Some(n));
            assert_eq!(ids.get(n), format!("MAN{n}"));
        }
        assert_eq!((ids.find("MAN10000"), ids.find("")), (None, None));
    }
}
