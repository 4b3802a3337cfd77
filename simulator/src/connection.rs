//! One connection: its requests, one after another, each sent to whoever answers it.

use std::convert::identity;
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rustls::ServerConfig;

use crate::answers;
use crate::behaviour::{self, Memory};
use crate::delivery::{Delivery, Ending, deliver};
use crate::http::{self, Reply, Request, Unreadable, read_request};
use crate::page::{self, Entry, Page, Row};
use crate::platform::{Platform, Question, Refusal};
use crate::stats::{Recorder, Seen};
use crate::stop::Stop;
use crate::wire::Wire;
use crate::{Options, PATH};

/// How many of the latest requests `GET /stats` lists.
const RECENT_IN_JSON: usize = 100;

/// What every connection needs.
#[derive(Debug)]
pub(crate) struct Service {
    pub(crate) platform: Platform,
    pub(crate) memory: Memory,
    pub(crate) stats: Arc<Recorder>,
    pub(crate) stop: Stop,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// The page for people, if there is one.
    pub(crate) page: Option<Arc<Page>>,
    pub(crate) options: Options,
}

/// Serves a connection until either side ends it.
pub(crate) fn serve(stream: Arc<TcpStream>, service: &Service) {
    let timeout = Some(service.options.idle_timeout);
    let _ = stream.set_nodelay(true);
    let _ = stream.set_read_timeout(timeout);
    let _ = stream.set_write_timeout(timeout);
    let Ok(mut wire) = Wire::new(stream, service.tls.as_ref()) else {
        service.stats.tls_failed();
        return;
    };
    let mut buffer = Vec::new();
    loop {
        let request = match read_request(&mut wire, &mut buffer) {
            Ok(request) => request,
            Err(Unreadable::Closed) => return wire.close(),
            Err(Unreadable::Refused(status, why)) => {
                service.stats.refused(if matches!(status, 411 | 413) { "length" } else { "http" });
                let reply = Reply::json(status, answers::refusal(why));
                let _ = deliver(&mut wire, &reply, Delivery::ConnectionClose, false, &service.stop);
                return wire.close_patiently();
            }
        };
        let (reply, delivery) = match service.page.as_ref().and_then(|page| page.answer(&request)) {
            Some(page::Answer::Events(reader)) => return reader.stream(wire, &service.stop),
            Some(page::Answer::Reply(reply)) => (reply, Delivery::Whole),
            None => answer(&request, service),
        };
        let reply = reply.with_header("Date", http::date(service.options.clock_ahead));
        match deliver(&mut wire, &reply, delivery, request.keep_alive, &service.stop) {
            Ok(Ending::Open) if !service.stop.is_set() => {}
            Ok(Ending::Open | Ending::Close) => return wire.close(),
            Ok(Ending::CloseAbruptly) | Err(_) => return wire.close_abruptly(),
            Ok(Ending::Reset) => return wire.reset(),
        }
    }
}

fn answer(request: &Request, service: &Service) -> (Reply, Delivery) {
    let reply = match (request.method.as_str(), request.path.as_str()) {
        (_, PATH) => return query_sign_sts(request, service),
        ("GET", "/stats") => {
            own(request, service, || Reply::json(200, service.stats.snapshot().to_json(RECENT_IN_JSON)))
        }
        ("POST", "/reset") => own(request, service, || {
            match &service.page {
                Some(page) => page.reset(),
                None => service.stats.reset(),
            }
            Reply::json(200, "{}")
        }),
        _ => {
            service.stats.refused("path");
            Reply::json(404, answers::refusal("no such path"))
        }
    };
    (reply, Delivery::Whole)
}

/// What a program may ask and no browser for another site: the page is why browsers come here.
fn own(request: &Request, service: &Service, reply: impl FnOnce() -> Reply) -> Reply {
    let allowed = service.page.as_ref().map_or(Ok(()), |page| page.not_for_another_site(request));
    allowed.map_or_else(identity, |()| reply())
}

/// What is answered, after which pause, and what the page shows of it.
struct Outcome {
    reply: Reply,
    delivery: Delivery,
    pause: Duration,
    message: Option<String>,
    played: Option<&'static str>,
    fault: Option<&'static str>,
    status: Option<&'static str>,
}

fn query_sign_sts(request: &Request, service: &Service) -> (Reply, Delivery) {
    let (at, over_limit) = service.stats.arrived();
    if let Some(page) = &service.page {
        page.arrived(at);
    }
    let mut seen = Seen { at, verdict: Seen::ACCEPTED, ..Seen::default() };
    let mut question = service.platform.judge(request, &mut seen);
    if over_limit && service.options.enforce_limit {
        question = Err(Refusal::new("over_limit", "请求过于频繁: too many requests a second"));
    }
    if let Err(refusal) = &question {
        seen.verdict = refusal.reason;
    }
    // The page must not show what the statistics do not know yet.
    let noted = service.page.as_ref().map(|_| seen.clone());
    service.stats.judged(seen);
    let outcome = match question {
        Ok(question) => answered(&question, at, service),
        Err(refusal) => refused(refusal, service),
    };
    if let Some((page, seen)) = service.page.as_ref().zip(noted) {
        page.note(entry(seen, over_limit, request, &outcome, service));
    }
    service.stop.sleep(outcome.pause);
    (outcome.reply, outcome.delivery)
}

fn answered(question: &Question, at: Duration, service: &Service) -> Outcome {
    let id = &question.sys_sign_flow_id;
    let (mut prefix, mut fault) = ("", behaviour::fault(id));
    let mut by_prefix = || {
        let (chosen, behaviour) = behaviour::choose(id, &service.memory);
        prefix = chosen;
        behaviour
    };
    let behaviour = match &service.page {
        None => by_prefix(),
        Some(page) => {
            let asked = page.ask(id, at, by_prefix);
            if asked.was_set {
                prefix = "set";
            }
            fault = asked.fault;
            asked.behaviour
        }
    };
    service.stats.behaved(prefix);
    Outcome {
        reply: answers::reply(&behaviour.answer, question, service.platform.keys()),
        delivery: behaviour.delivery,
        pause: service.options.response_delay + behaviour.delay,
        message: None,
        played: Some(prefix).filter(|prefix| !prefix.is_empty()),
        fault,
        status: behaviour.status_told(),
    }
}

fn refused(refusal: Refusal, service: &Service) -> Outcome {
    Outcome {
        reply: Reply::json(200, answers::refusal(&refusal.message)),
        delivery: Delivery::Whole,
        pause: service.options.response_delay,
        message: Some(refusal.message),
        played: None,
        fault: None,
        status: None,
    }
}

/// The request as the page shows it, while its answer waits for the pause that was asked for.
fn entry(seen: Seen, over_limit: bool, request: &Request, outcome: &Outcome, service: &Service) -> Entry {
    let answer = outcome.delivery.answers().then_some(&outcome.reply);
    let row = Row {
        id: 0,
        at: seen.at,
        src: seen.src,
        sign_type: seen.sign_type,
        req_flow_id: seen.req_flow_id,
        sys_sign_flow_id: Some(seen.sys_sign_flow_id).filter(|id| !id.is_empty()),
        verdict: seen.verdict,
        message: outcome.message.clone(),
        over_limit,
        played: outcome.played,
        fault: outcome.fault,
        status: outcome.status,
        http: answer.map(|reply| reply.status),
        took: service.stats.now().saturating_sub(seen.at) + outcome.pause,
    };
    Entry::new(row, request, answer)
}
