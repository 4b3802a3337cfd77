//! The two scripts that run in the store, what they are asked and what they answer. All times are in microseconds.

use std::time::Duration;

use once_cell::sync::Lazy;
use sha1::{Digest, Sha1};

use super::connection::Command;
use super::reply::Value;
use crate::clock::Moment;

const CLOCK: &str = include_str!("now.lua");
const MEMORY: &str = include_str!("memory.lua");

pub(super) static ACQUIRE: Lazy<Script> = Lazy::new(|| Script::of(include_str!("acquire.lua")));
pub(super) static SETTLE: Lazy<Script> = Lazy::new(|| Script::of(include_str!("settle.lua")));

pub(super) struct Script {
    text: String,
    /// What the store knows it by, once it has seen it.
    digest: String,
}

impl Script {
    fn of(text: &str) -> Self {
        let text = [CLOCK, MEMORY, text].join("\n");
        Script { digest: Sha1::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(), text }
    }
}

/// The keys of one institution: one slot of a cluster.
pub(super) struct Keys([String; 4]);

impl Keys {
    pub(super) fn new(prefix: &str, of: &str) -> Self {
        // The braces of a hash tag end at the first that closes.
        let tag = of.replace(['{', '}'], "_");
        Keys(["slots", "queue", "waiters", "mark"].map(|name| format!("{prefix}:{{{tag}}}:{name}")))
    }
}

/// One run of a script.
pub(super) struct Run {
    script: &'static Script,
    arguments: Vec<String>,
}

impl Run {
    /// Asks for a turn.
    pub(super) fn acquire(slots: usize, rest: Duration, patience: Duration, ticket: &str) -> Self {
        let arguments = vec![slots.to_string(), micros(rest), micros(patience), ticket.to_owned()];
        Run { script: &ACQUIRE, arguments }
    }

    /// Tells what became of a turn or a waiter.
    pub(super) fn settle(settlement: &Settlement, now: Moment) -> Self {
        let what = match settlement.what {
            What::Answered => "answered",
            What::Unsent => "unsent",
            What::Kept => "kept",
            What::Left => "left",
        };
        let us = micros(settlement.until.saturating_sub(now));
        Run { script: &SETTLE, arguments: vec![what.to_owned(), settlement.ticket.clone(), us] }
    }

    /// The command, by the script's digest or with the whole `text`.
    pub(super) fn command<'a>(&'a self, keys: &'a Keys, text: bool) -> Command<'a> {
        let (name, script) = if text { ("EVAL", &self.script.text) } else { ("EVALSHA", &self.script.digest) };
        [name, script.as_str(), "4"]
            .into_iter()
            .chain(keys.0.iter().chain(&self.arguments).map(String::as_str))
            .map(str::as_bytes)
            .collect()
    }
}

/// What became of a turn or a waiter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum What {
    /// The slot rests `until` then.
    Answered,
    /// No byte was written.
    Unsent,
    /// Nobody waits for the answer; the slot stays taken `until` then.
    Kept,
    /// The waiter gave up; its ticket is refused `until` then.
    Left,
}

/// What the store has yet to be told.
#[derive(Clone, Debug)]
pub(super) struct Settlement {
    pub(super) what: What,
    pub(super) ticket: String,
    pub(super) until: Moment,
    /// Not worth telling any more after that.
    pub(super) tell_by: Moment,
}

/// The answer to a question for a turn.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    Granted,
    /// Ask again after exactly this long.
    Wait(Duration),
    /// The wait would outlast the patience; out of the queue.
    Hopeless(Duration),
    /// The ticket is refused: it left, or the store lost a part of its memory.
    Refused,
}

impl Answer {
    /// `None` if it is not one that the script gives.
    pub(super) fn of(value: &Value, patience: Duration) -> Option<Self> {
        let Value::Array(parts) = value else { return None };
        match parts.as_slice() {
            [Value::Int(1), Value::Int(_), Value::Int(_)] => Some(Answer::Granted),
            [Value::Int(-1), Value::Int(_), Value::Int(_)] => Some(Answer::Refused),
            [Value::Int(0), Value::Int(wait), Value::Int(_)] => {
                let wait = Duration::from_micros(u64::try_from(*wait).ok()?);
                Some(if wait > patience { Answer::Hopeless(wait) } else { Answer::Wait(wait) })
            }
            _ => None,
        }
    }
}

fn micros(duration: Duration) -> String {
    duration.as_micros().to_string()
}
