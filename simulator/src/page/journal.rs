//! The latest requests, whole: what came, what was said about it, and what was answered.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Serialize, Serializer};

use crate::http::{Reply, Request};

/// How many requests are kept.
const KEPT: usize = 1_000;
/// How much of a body is kept, so that a thousand of them have a bound.
const MOST_OF_A_BODY: usize = 64 * 1024;
/// How much of a refusal is kept; it may show what came.
const MOST_OF_A_MESSAGE: usize = 1_000;

/// What the list of requests shows of one.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) id: u64,
    #[serde(rename = "atMs", serialize_with = "milliseconds")]
    pub(crate) at: Duration,
    pub(crate) src: String,
    pub(crate) sign_type: String,
    pub(crate) req_flow_id: String,
    pub(crate) sys_sign_flow_id: Option<String>,
    pub(crate) verdict: &'static str,
    pub(crate) message: Option<String>,
    pub(crate) over_limit: bool,
    /// The prefix that chose the answer, or `set` if a person did; none for the ordinary answer.
    pub(crate) played: Option<&'static str>,
    /// The fault that was played, by whatever chose it.
    pub(crate) fault: Option<&'static str>,
    /// The status that the answer tells.
    pub(crate) status: Option<&'static str>,
    /// None if nothing is answered.
    pub(crate) http: Option<u16>,
    /// From its arrival until its answer leaves, with the pause that was asked for.
    #[serde(rename = "tookMs", serialize_with = "milliseconds")]
    pub(crate) took: Duration,
}

/// A request as it is kept.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) row: Row,
    pub(crate) request: Kept,
    pub(crate) method: String,
    pub(crate) path: String,
    /// The answer that was meant; none for a connection that is closed or left hanging.
    pub(crate) answer: Option<Kept>,
}

/// The headers of a message and the beginning of its body.
#[derive(Debug)]
pub(crate) struct Kept {
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Box<[u8]>,
    /// How long the body was.
    pub(crate) length: usize,
}

impl Entry {
    /// All but the row's id, which the journal gives.
    pub(crate) fn new(mut row: Row, request: &Request, answer: Option<&Reply>) -> Self {
        if let Some((end, _)) = row.message.as_deref().and_then(|text| text.char_indices().nth(MOST_OF_A_MESSAGE)) {
            row.message = row.message.map(|text| format!("{}…", &text[..end]));
        }
        let answer = answer.map(|reply| {
            let mut headers = vec![("Content-Type".to_owned(), reply.content_type.to_owned())];
            headers.extend(reply.headers.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
            Kept::of(headers, &reply.body)
        });
        let kept = Kept::of(request.headers.clone(), &request.body);
        Self { row, request: kept, method: request.method.clone(), path: request.path.clone(), answer }
    }
}

impl Kept {
    fn of(headers: Vec<(String, String)>, body: &[u8]) -> Self {
        Self { headers, body: body[..body.len().min(MOST_OF_A_BODY)].into(), length: body.len() }
    }

    /// Whether only the beginning of the body is there.
    pub(crate) fn is_cut(&self) -> bool {
        self.body.len() < self.length
    }
}

/// The latest requests, in the order of their ids, without a gap.
#[derive(Debug, Default)]
pub(crate) struct Journal(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last_id: u64,
    latest: VecDeque<Arc<Entry>>,
}

impl Journal {
    fn with<T>(&self, action: impl FnOnce(&mut State) -> T) -> T {
        action(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// Notes a request; one has to go for it when there are a thousand.
    pub(crate) fn note(&self, mut entry: Entry) {
        let gone = self.with(|state| {
            state.last_id += 1;
            entry.row.id = state.last_id;
            let gone = if state.latest.len() == KEPT { state.latest.pop_front() } else { None };
            state.latest.push_back(Arc::new(entry));
            gone
        });
        // Freed after the lock.
        drop(gone);
    }

    /// Those after this id, the newest `most` of them, oldest first; how many that leaves out; and the last id.
    pub(crate) fn since(&self, id: u64, most: usize) -> (Vec<Arc<Entry>>, u64, u64) {
        self.with(|state| {
            let new = state.last_id.saturating_sub(id);
            let told = usize::try_from(new).unwrap_or(usize::MAX).min(most).min(state.latest.len());
            let entries = state.latest.range(state.latest.len() - told..).cloned().collect();
            (entries, new - told as u64, state.last_id)
        })
    }

    /// The request with this id, if it is still there.
    pub(crate) fn find(&self, id: u64) -> Option<Arc<Entry>> {
        self.with(|state| {
            let first = state.latest.front()?.row.id;
            state.latest.get(usize::try_from(id.checked_sub(first)?).ok()?).cloned()
        })
    }

    /// Forgets all; ids go on.
    pub(crate) fn clear(&self) {
        let gone = self.with(|state| std::mem::take(&mut state.latest));
        drop(gone);
    }
}

#[allow(clippy::trivially_copy_pass_by_ref, reason = "the signature that serde asks for")]
pub(crate) fn milliseconds<S: Serializer>(time: &Duration, serializer: S) -> Result<S::Ok, S::Error> {
    // Three digits are enough for a reader.
    serializer.serialize_f64(time.as_micros() as f64 / 1000.0)
}

#[cfg(test)]
mod tests {
    use super::{Entry, Journal, KEPT, MOST_OF_A_BODY, Row};
    use crate::http::{Reply, Request};

    fn request(body: &[u8]) -> Request {
        let headers = vec![("A".to_owned(), "b".to_owned())];
        Request { method: "POST".to_owned(), path: "/".to_owned(), headers, body: body.to_vec(), keep_alive: true }
    }

    fn ids(told: &[std::sync::Arc<Entry>]) -> Vec<u64> {
        told.iter().map(|entry| entry.row.id).collect()
    }

    #[test]
    fn the_last_thousand_are_kept() {
        let journal = Journal::default();
        for _ in 0..KEPT + 5 {
            journal.note(Entry::new(Row::default(), &request(b"x"), None));
        }
        assert!(journal.find(0).is_none() && journal.find(5).is_none() && journal.find(1006).is_none());
        assert_eq!((journal.find(6).map(|e| e.row.id), journal.find(1005).map(|e| e.row.id)), (Some(6), Some(1005)));
        let (entries, skipped, last) = journal.since(1000, 100);
        assert_eq!((ids(&entries), skipped, last), (vec![1001, 1002, 1003, 1004, 1005], 0, 1005));
        let (entries, skipped, _) = journal.since(1000, 2);
        assert_eq!((ids(&entries), skipped), (vec![1004, 1005], 3));
        assert_eq!(journal.since(0, usize::MAX).0.len(), KEPT);
        assert_eq!(journal.since(0, usize::MAX).1, 5);
        assert!(journal.since(1005, 100).0.is_empty());
        journal.clear();
        assert!(journal.find(1005).is_none());
        assert_eq!((journal.since(1000, 100).0.len(), journal.since(1000, 100).1), (0, 5));
        journal.note(Entry::new(Row::default(), &request(b"x"), None));
        assert_eq!(ids(&journal.since(1005, 100).0), [1006]);
        assert!(journal.find(1006).is_some());
    }

    #[test]
    fn a_body_and_a_message_have_a_bound() {
        let row = Row { message: Some("验".repeat(5000)), ..Row::default() };
        let entry = Entry::new(row, &request(&[b'x'; 1 << 20]), Some(&Reply::json(200, vec![b'y'; 2 << 20])));
        let answer = entry.answer.expect("an answer");
        assert_eq!((entry.request.body.len(), entry.request.length), (MOST_OF_A_BODY, 1 << 20));
        assert_eq!((answer.body.len(), answer.length), (MOST_OF_A_BODY, 2 << 20));
        assert!(entry.request.is_cut() && answer.is_cut());
        assert_eq!(entry.row.message.map(|text| text.chars().count()), Some(1001));
        let whole = Entry::new(Row::default(), &request(&[b'x'; MOST_OF_A_BODY]), None);
        assert!(!whole.request.is_cut() && whole.answer.is_none());
    }
}
