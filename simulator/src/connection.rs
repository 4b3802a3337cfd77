//! One connection: its requests, one after another, each sent to whoever answers it.

use std::net::TcpStream;
use std::sync::Arc;

use rustls::ServerConfig;

use crate::answers;
use crate::behaviour::{self, Memory};
use crate::delivery::{Delivery, Ending, deliver};
use crate::http::{self, Reply, Request, Unreadable, read_request};
use crate::platform::{Platform, Refusal};
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
        let (reply, delivery) = answer(&request, service);
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
        ("GET", "/stats") => Reply::json(200, service.stats.snapshot().to_json(RECENT_IN_JSON)),
        ("POST", "/reset") => {
            service.stats.reset();
            Reply::json(200, "{}")
        }
        _ => {
            service.stats.refused("path");
            Reply::json(404, answers::refusal("no such path"))
        }
    };
    (reply, Delivery::Whole)
}

fn query_sign_sts(request: &Request, service: &Service) -> (Reply, Delivery) {
    let (at, over_limit) = service.stats.arrived();
    let mut seen = Seen { at, verdict: Seen::ACCEPTED, ..Seen::default() };
    let mut question = service.platform.judge(request, &mut seen);
    if over_limit && service.options.enforce_limit {
        question = Err(Refusal::new("over_limit", "请求过于频繁: too many requests a second"));
    }
    let question = match question {
        Ok(question) => question,
        Err(refusal) => {
            seen.verdict = refusal.reason;
            service.stats.judged(seen);
            service.stop.sleep(service.options.response_delay);
            return (Reply::json(200, answers::refusal(&refusal.message)), Delivery::Whole);
        }
    };
    service.stats.judged(seen);
    let (prefix, behaviour) = behaviour::choose(&question.sys_sign_flow_id, &service.memory);
    service.stats.behaved(prefix);
    let reply = answers::reply(&behaviour.answer, &question, service.platform.keys());
    service.stop.sleep(service.options.response_delay + behaviour.delay);
    (reply, behaviour.delivery)
}
