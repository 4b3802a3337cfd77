//! The texts that may have been signed in place of the right one.

use crate::message::Message;
use crate::mistake::Mistake;
use crate::rules;

/// A text, and the mistakes that led to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Candidate {
    pub(crate) mistakes: Vec<Mistake>,
    pub(crate) text: Vec<u8>,
}

/// The texts, by the number of mistakes; made when they are asked for.
pub(crate) struct Variants<'a> {
    message: &'a Message,
    by_mistakes: [Vec<Candidate>; 3],
}

impl<'a> Variants<'a> {
    pub(crate) fn of(message: &'a Message) -> Self {
        let right = Candidate { mistakes: Vec::new(), text: rules::signed_text(message).into_bytes() };
        Variants { message, by_mistakes: [vec![right], Vec::new(), Vec::new()] }
    }

    pub(crate) fn get(&mut self, mistakes: usize, at: usize) -> Option<&Candidate> {
        self.by_mistakes.get(mistakes)?.get(at)
    }

    /// Whether some were left out for their length.
    pub(crate) fn cut(&self) -> bool {
        self.message.body.len() > crate::message::MAX_BODY
    }
}
