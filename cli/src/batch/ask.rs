//! Asks about every contract that has no final answer yet, by as many threads as the limit can use; each answer is kept in
//! the journal before it counts.

use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, sync_channel};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use yspay::{CancelToken, Client, Code, Error, QueryOptions};

use super::ids::{Ids, Index};
use super::journal::{Entry, Journal};
use super::progress::Progress;
use super::status::Known;
use super::stop::Stop;
use super::time;
use crate::exit;
use crate::lang::Lang;

/// So many failures of one kind in a row, none of them the contract's own, are everybody's.
const ALIKE: usize = 20;
/// How often a contract may wait in vain for its turn, before that counts as its failure.
const TURNS: usize = 100;
/// The most lines that one write to disk holds.
const GROUP: usize = 4096;
/// How long the wait for answers lasts before the progress is shown anew.
const TICK: Duration = Duration::from_millis(200);

/// How a run came to its end.
#[derive(Debug)]
pub(crate) enum Ending {
    /// Every contract was asked about.
    Complete,
    /// Ctrl-C or a signal.
    Cancelled,
}

/// As many calls as the limit lets begin in a second, and half as many again for answers that take longer.
fn threads(per_second: f64, pending: usize) -> usize {
    ((per_second * 1.5).ceil() as usize).clamp(2, 48).min(pending)
}

pub(crate) fn all(
    client: &Client,
    ids: &Ids,
    journal: &mut Journal,
    cancel: &CancelToken,
    progress: &mut Progress,
    lang: Lang,
) -> Result<Ending, Stop> {
    let mut pending: Vec<Index> = (0..ids.len() as Index).filter(|&index| !journal.known(index).is_final()).collect();
    // Those of which nothing is known first: a run that is ended again and again still gets further.
    pending.sort_by_key(|&index| match journal.known(index) {
        Known::Nothing => 0,
        Known::Failed => 1,
        Known::Status(_) => 2,
    });
    let threads = threads(client.describe().rate_limit.per_second.per_second(), pending.len());
    let next = AtomicUsize::new(0);
    // Ends the threads, also when the journal cannot be written or everything fails, which is no cancellation by the user.
    let halt = CancelToken::new();
    let streak = Streak { lang, halt: halt.clone(), state: Mutex::default() };
    let ended = AtomicBool::new(false);
    let result = std::thread::scope(|scope| {
        let (sender, receiver) = sync_channel(GROUP);
        for _ in 0..threads {
            let (sender, next, pending, streak) = (sender.clone(), &next, &pending, &streak);
            scope.spawn(move || {
                while let Some(&index) = pending.get(next.fetch_add(1, Ordering::Relaxed)) {
                    let Some(entry) = ask(client, ids.get(index), streak) else { break };
                    if sender.send((index, entry)).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Who cancels wants the calls that wait for their turn to end, too.
        scope.spawn(|| {
            while !cancel.is_triggered() && !ended.load(Ordering::Relaxed) {
                std::thread::sleep(TICK / 4);
            }
            halt.trigger();
        });
        let result = collect(&receiver, journal, cancel, progress);
        ended.store(true, Ordering::Relaxed);
        halt.trigger();
        // Who still wants to hand over what cannot be kept must not wait for ever.
        for _ in receiver {}
        result
    });
    progress.finish();
    result?;
    match streak.state.into_inner().unwrap_or_else(PoisonError::into_inner).stop {
        Some(stop) => Err(stop),
        None if cancel.is_triggered() => Ok(Ending::Cancelled),
        None => Ok(Ending::Complete),
    }
}

/// Asks once; `None` when there is nothing more to do.
fn ask(client: &Client, id: &str, streak: &Streak) -> Option<Entry> {
    let halt = &streak.halt;
    let options = QueryOptions { cancel: Some(halt.clone()), ..QueryOptions::default() };
    let mut turns = 0;
    let result = loop {
        if halt.is_triggered() {
            return None;
        }
        turns += 1;
        match client.query_sign_sts_with(id, &options) {
            // Others were before it, in this process or in others; nothing was sent.
            Err(error) if error.code == Code::RateLimited && turns < TURNS => {}
            result => break result,
        }
    };
    match result {
        Err(error) if error.code == Code::Cancelled => None,
        Err(error) => {
            streak.failed(&error);
            Some(Entry {
                id: id.to_owned(),
                at: time::now(),
                code: error.platform_code.map(Into::into),
                note: error.platform_note.map(Into::into),
                error: Some(error.code.name().to_owned()),
                message: Some(error.message),
                ..Entry::default()
            })
        }
        Ok(answer) => {
            streak.answered();
            let verified = answer.verified;
            Some(Entry {
                id: id.to_owned(),
                at: time::now(),
                sts: Some(verified.status().as_text().to_owned()),
                code: Some(verified.code().to_owned()),
                note: verified.note().map(str::to_owned),
                ..Entry::default()
            })
        }
    }
}

/// Failures in a row, and when there are too many of one kind, the end of the run.
struct Streak {
    lang: Lang,
    halt: CancelToken,
    state: Mutex<StreakState>,
}

#[derive(Default)]
struct StreakState {
    alike: Option<(Code, usize)>,
    stop: Option<Stop>,
}

impl Streak {
    fn state(&self) -> MutexGuard<'_, StreakState> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn answered(&self) {
        self.state().alike = None;
    }

    fn failed(&self, error: &Error) {
        // These are about the one contract, and the last three show that the platform answers.
        if matches!(error.code, Code::InvalidArgument | Code::Business | Code::GatewayTimeout | Code::Mismatch) {
            return self.answered();
        }
        let mut state = self.state();
        let count = state.alike.filter(|(code, _)| *code == error.code).map_or(0, |(_, count)| count) + 1;
        state.alike = Some((error.code, count));
        let hopeless = matches!(error.code, Code::Config | Code::Credential);
        if state.stop.is_none() && (count >= ALIKE || hopeless) {
            state.stop = Some(everybodys(error, count, self.lang));
            self.halt.trigger();
        }
    }
}

/// Keeps what comes until nothing comes any more.
fn collect(
    receiver: &Receiver<(Index, Entry)>,
    journal: &mut Journal,
    cancel: &CancelToken,
    progress: &mut Progress,
) -> Result<(), Stop> {
    let mut shown = Instant::now();
    loop {
        let entries: Vec<_> = match receiver.recv_timeout(TICK) {
            Ok(first) => std::iter::once(first).chain(receiver.try_iter()).take(GROUP).collect(),
            Err(RecvTimeoutError::Timeout) => Vec::new(),
            Err(RecvTimeoutError::Disconnected) => return Ok(()),
        };
        if !entries.is_empty() {
            let before: Vec<_> = entries.iter().map(|(index, _)| journal.known(*index)).collect();
            journal.keep(&entries)?;
            for (before, (_, entry)) in before.into_iter().zip(&entries) {
                progress.count(before, entry.known());
            }
        }
        if shown.elapsed() >= TICK {
            shown = Instant::now();
            progress.show(cancel.is_triggered());
        }
    }
}

fn everybodys(error: &Error, count: usize, lang: Lang) -> Stop {
    let (code, text) = (error.code, &error.message);
    let status = if matches!(code, Code::Config | Code::Credential) { exit::CONFIGURATION } else { exit::UNANSWERED };
    let text = lang.of(
        format!(
            "{count} call(s) in a row failed alike, so the rest was not asked; what was answered is kept, and the same command \
             goes on where it was. {code}: {text}"
        ),
        format!(
            "连续 {count} 次查询以同样的原因失败，其余合同没有再查；已得到的结果都已保存，排除原因后重新运行同一条命令即可继续。{code}: {text}"
        ),
    );
    Stop { text, status }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn there_are_as_many_threads_as_the_limit_can_use() {
        assert_eq!(threads(10.0, 1_000), 15);
        assert_eq!(threads(0.01, 1_000), 2);
        assert_eq!(threads(1_000.0, 10_000), 48);
        assert_eq!(threads(10.0, 3), 3);
        assert_eq!(threads(10.0, 0), 0);
    }
}
