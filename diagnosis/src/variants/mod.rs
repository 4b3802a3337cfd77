//! The texts that may have been signed in place of the right one: the rules with one change, or with two.

mod build;
mod changes;
mod values;

use std::collections::HashSet;
use std::hash::{BuildHasher, RandomState};

use zeroize::Zeroizing;

use crate::message::Message;
use crate::mistake::Mistake;
use crate::rules;
use build::Source;
use changes::Change;

/// A text, and the mistakes that led to it.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) mistakes: Vec<Mistake>,
    /// Wiped, for a key may have been appended.
    pub(crate) text: Zeroizing<Vec<u8>>,
}

impl Candidate {
    /// The text, to be shown; `None` if a key is in it, or it is no UTF-8.
    pub(crate) fn shown(&self) -> Option<&str> {
        let has_key = self.mistakes.contains(&Mistake::KeyAppended);
        std::str::from_utf8(&self.text).ok().filter(|_| !has_key)
    }
}

/// So many bytes of texts are made at most: with longer messages not everything is tried.
const MAX_BYTES: usize = 12 << 20;
/// Two changes are not combined in a longer message.
const MAX_COMBINED: usize = 16 << 10;

/// The texts, by the number of mistakes; made when they are asked for, each text once.
pub(crate) struct Variants<'a> {
    source: Source<'a>,
    changes: Vec<Change>,
    by_mistakes: [Option<Vec<Candidate>>; 3],
    seen: HashSet<u64>,
    hasher: RandomState,
    bytes: usize,
    cut: bool,
}

impl<'a> Variants<'a> {
    /// `plain` are the texts that `data` of a request may be in clear; `des_key` is the whole key string.
    pub(crate) fn of(message: &'a Message, plain: &[String], des_key: Option<&str>) -> Self {
        let mut variants = Variants {
            source: Source::of(message),
            changes: changes::all(message, plain, des_key),
            by_mistakes: [None, None, None],
            seen: HashSet::new(),
            hasher: RandomState::new(),
            bytes: 0,
            cut: false,
        };
        let right = rules::signed_text(message).into_bytes();
        variants.seen.insert(variants.hasher.hash_one(right.as_slice()));
        variants.by_mistakes[0] = Some(vec![Candidate { mistakes: Vec::new(), text: Zeroizing::new(right) }]);
        variants
    }

    pub(crate) fn get(&mut self, mistakes: usize, at: usize) -> Option<&Candidate> {
        if self.by_mistakes.get(mistakes)?.is_none() {
            self.by_mistakes[mistakes] = Some(self.made(mistakes));
        }
        self.by_mistakes[mistakes].as_ref()?.get(at)
    }

    /// Whether some were left out for their length.
    pub(crate) fn cut(&self) -> bool {
        self.cut
    }

    fn made(&mut self, mistakes: usize) -> Vec<Candidate> {
        let count = self.changes.len();
        let mut made = Vec::new();
        if mistakes == 1 {
            for at in 0..count {
                self.make(&[at], &mut made);
            }
        } else if self.source.length() > MAX_COMBINED {
            self.cut = true;
        } else {
            for first in 0..count {
                for second in first + 1..count {
                    if self.changes[first].goes_with(&self.changes[second]) {
                        self.make(&[first, second], &mut made);
                    }
                }
            }
        }
        made
    }

    fn make(&mut self, places: &[usize], made: &mut Vec<Candidate>) {
        if self.bytes > MAX_BYTES {
            self.cut = true;
            return;
        }
        let changes: Vec<_> = places.iter().map(|at| &self.changes[*at]).collect();
        let Some(text) = self.source.text(&changes) else { return };
        self.bytes += text.len();
        if self.seen.insert(self.hasher.hash_one(text.as_slice())) {
            made.push(Candidate { mistakes: changes.iter().map(|change| change.mistake.clone()).collect(), text });
        }
    }
}
