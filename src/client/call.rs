//! The story of one call: seal the question, wait for a turn, send, open the answer; repeat what may be repeated while
//! there is time.

use std::sync::Arc;
use std::time::Duration;

use super::Client;
use crate::cancel::CancelToken;
use crate::clock::Moment;
use crate::envelope::response::{self, Verified};
use crate::envelope::{ReqFlowId, SysSignFlowId, compressed_with};
use crate::error::{Code, Error};
use crate::limiter::{Limiter, NoTurn, Turn, UnderWay};
use crate::log::{Level, log};
use crate::report::Answer;
use crate::retry;
use crate::signal::Signal;
use crate::transport::{Failure, FailureKind, Manner, Notes, Reply, Unanswered};

/// One call under way.
pub(super) struct Call<'a> {
    client: &'a Client,
    flow_id: SysSignFlowId<'a>,
    begun: Moment,
    deadline: Moment,
    signal: Arc<Signal>,
    cancel: Option<&'a CancelToken>,
    attempts: u32,
    sent: bool,
    /// Whether a kept connection gave a stale answer: from then on each attempt has a connection of its own.
    afresh: bool,
    /// What each attempt, on a connection of its own, tells of its way.
    notes: Option<&'a Notes>,
    /// Of the last attempt.
    req_flow_id: Option<Box<str>>,
    /// The error of the last attempt.
    last: Option<Error>,
}

impl<'a> Call<'a> {
    /// Its time begins to run.
    pub(super) fn new(
        client: &'a Client,
        flow_id: SysSignFlowId<'a>,
        timeout: Duration,
        cancel: Option<&'a CancelToken>,
    ) -> Self {
        let begun = client.clock.now();
        Call {
            client,
            flow_id,
            begun,
            deadline: begun + timeout,
            signal: Arc::default(),
            cancel,
            attempts: 0,
            sent: false,
            afresh: false,
            notes: None,
            req_flow_id: None,
            last: None,
        }
    }

    /// Takes notes of the way, if they are wanted.
    pub(super) fn noted(mut self, notes: Option<&'a Notes>) -> Self {
        self.notes = notes;
        self
    }

    pub(super) fn run(mut self) -> Result<Answer, Error> {
        let client = self.client;
        let _watch = self.cancel.map(|token| token.watch(&self.signal));
        self.fail_if_cancelled()?;
        let sealed = client.sealer.seal(&self.flow_id)?;
        loop {
            let req_flow_id = ReqFlowId::generate()?;
            let body = sealed.body(&req_flow_id)?;
            // Told before the turn is taken: a callback may be slow, ask a question itself, or never return.
            log(Level::Trace, || {
                format!("{}: attempt {} to {}", req_flow_id.as_str(), self.attempts + 1, client.description.endpoint)
            });
            let turn = self.turn()?;
            self.attempts += 1;
            client.counters.attempts.add(1);
            client.counters.retries.add(u64::from(self.attempts > 1));
            self.req_flow_id = Some(req_flow_id.as_str().into());
            let manner = match self.notes {
                Some(notes) => Manner::Noted(notes),
                None if self.afresh => Manner::Afresh,
                None => Manner::Kept,
            };
            let mut reply = client.transport.post(body, self.deadline, &*client.clock, self.cancel, manner);
            self.sent |= reply.as_ref().map_or_else(|failure| failure.sent, |_| true);
            match &mut reply {
                Err(failure) if !failure.sent => turn.give_back_unused(),
                Err(failure) => match failure.unanswered.take() {
                    Some(request) => turn.abandon(Box::new(request)),
                    None => drop(turn),
                },
                Ok(_) => drop(turn),
            }
            let (retry_after, reused) = reply.as_ref().map_or((None, false), |reply| (reply.retry_after, reply.reused));
            match self.judge(reply) {
                Ok(verified) => {
                    return Ok(Answer {
                        verified,
                        req_flow_id: req_flow_id.as_str().to_owned(),
                        attempts: self.attempts,
                        elapsed: client.clock.now() - self.begun,
                    });
                }
                Err(error) => {
                    let error = self.tell(error);
                    let stale = reused && retry::may_be_stale(&error);
                    if stale {
                        client.transport.drop_kept();
                        self.afresh = true;
                    }
                    self.pause_before_repeating(error, stale, retry_after)?;
                }
            }
        }
    }

    fn turn(&mut self) -> Result<Turn, Error> {
        let begun = self.client.clock.now();
        let turn = self.client.limiter.acquire(self.deadline, &self.signal, self.cancel);
        // A call that is refused at once has not waited.
        if !matches!(turn, Err(NoTurn::TooLate { .. })) {
            self.client.counters.waits.add(self.client.clock.now() - begun);
        }
        turn.map_err(|reason| {
            match (reason, self.last.take()) {
                (NoTurn::Cancelled, _) => self.cancelled(),
                (NoTurn::NoStore(why), None) => {
                    self.tell(Error::new(Code::LimiterUnavailable, format!("{why} Nothing was sent.")))
                }
                // The last attempt's error says more than that there was no turn for another.
                (_, Some(last)) => last,
                (NoTurn::TooLate { wait }, None) => self.tell(rate_limited(
                    &self.client.limiter,
                    &format!("the queue is such that the wait would be {} ms at least", wait.as_millis()),
                )),
                (NoTurn::DeadlinePassed, None) => {
                    self.tell(rate_limited(&self.client.limiter, "none came free in time"))
                }
            }
        })
    }

    /// What one exchange came to.
    fn judge(&self, reply: Result<Reply, Failure>) -> Result<Verified, Error> {
        let reply = reply.map_err(|failure| {
            let code = match failure.kind {
                FailureKind::Transport => Code::Transport,
                FailureKind::Untrusted => return Error::new(Code::Transport, failure.message).lasting(),
                FailureKind::Deadline => Code::Timeout,
                FailureKind::Cancelled => Code::Cancelled,
                FailureKind::Internal => Code::Internal,
            };
            Error::new(code, failure.message)
        })?;
        if reply.status != 200 {
            let mut message = describe_status(reply.status);
            if let Some(how) = compressed_with(&reply.body, reply.coding.as_deref()) {
                message.push_str(&format!(" Its page is compressed with {how}, though asked for plain."));
            }
            let error = Error { http_status: Some(reply.status), ..Error::new(Code::HttpStatus, message) };
            return Err(error.with_unverified(&reply.body));
        }
        response::open(&reply.body, reply.coding.as_deref(), &self.flow_id, &self.client.verifier)
    }

    /// Returns when it is time to try again; else the error is final.
    fn pause_before_repeating(
        &mut self,
        error: Error,
        stale: bool,
        retry_after: Option<Duration>,
    ) -> Result<(), Error> {
        if !(stale || retry::repeats(&error)) || self.attempts >= self.client.max_attempts {
            return Err(error);
        }
        // An impatient Retry-After (0, or a date that is past) does not make us press.
        let pause = retry::pause(self.attempts).max(retry_after.unwrap_or_default());
        let clock = &self.client.clock;
        let until = clock.now().saturating_add(pause);
        if until >= self.deadline {
            return Err(error);
        }
        log(Level::Warn, || format!("attempt {} failed, another in {} ms: {error}", self.attempts, pause.as_millis()));
        while clock.now() < until {
            self.fail_if_cancelled()?;
            clock.wait(&self.signal, until);
        }
        self.last = Some(error);
        Ok(())
    }

    fn fail_if_cancelled(&self) -> Result<(), Error> {
        if self.cancel.is_some_and(CancelToken::is_triggered) { Err(self.cancelled()) } else { Ok(()) }
    }

    fn cancelled(&self) -> Error {
        self.tell(Error::new(Code::Cancelled, "The call was cancelled."))
    }

    /// Adds what is known of the whole call.
    fn tell(&self, error: Error) -> Error {
        Error { attempts: self.attempts, sent: self.sent, req_flow_id: self.req_flow_id.clone(), ..error }
    }
}

impl UnderWay for Unanswered {
    fn is_over(&mut self) -> bool {
        Unanswered::is_over(self)
    }
}

fn rate_limited(limiter: &Limiter, why: &str) -> Error {
    Error::new(
        Code::RateLimited,
        format!(
            "No turn before the deadline: {} share {} for this institution and address, and {why}. Nothing was sent. Ask less \
             often or for longer (timeoutMs).",
            limiter.sharers(),
            limiter.rate().in_words()
        ),
    )
}

fn describe_status(status: u16) -> String {
    let hint = match status {
        301..=303 | 307 | 308 => "Redirects are not followed; set endpoint to the final address.",
        401 | 403 => "Something in front of the platform refuses this machine; its address may have to be registered.",
        404 => "The endpoint's path is wrong.",
        407 => "The proxy wants a user and password.",
        408 => "Something in front of the platform waited for the request in vain. Check the network; ask again later.",
        429 => "The platform counts too many calls; does another process use this institution number?",
        500..=599 => "The platform or something in front of it is in trouble. Ask again later.",
        _ => "Check the endpoint.",
    };
    format!("The answer has HTTP status {status} instead of 200. {hint}")
}
