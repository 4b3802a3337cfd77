//! The way to the platform, layer by layer: name, proxy, TCP, TLS, and the clock against the platform's.

use yspay::{Answer, Code, Description, Error, Layer, Route, RouteReason, Trace};

use super::answer;
use super::check::{Checks, Status};
use super::stated::Stated;

/// A server's certificate is renewed by then, if anybody renews it.
const DAYS_SOON: i64 = 7;

/// `Date` has whole seconds and has been on its way; nearer than that clocks cannot be compared.
const CLOCK_SAME_MS: i64 = 2_000;
const CLOCK_WARNING_MS: i64 = 30_000;
const CLOCK_FAILED_MS: i64 = 300_000;

/// No client was made.
pub(super) fn skipped(checks: &mut Checks) {
    for id in ["name", "proxy", "tcp", "tls", "clock", "answer", "limit"] {
        checks.skip(id, "not looked at: what is above comes first", "未检查：请先解决上面的问题");
    }
}

/// The network is to be left out.
pub(super) fn offline(checks: &mut Checks, route: &Route, stated: &Stated, client: &Description) {
    let skip = |checks: &mut Checks, id| {
        checks.skip(id, "left out: --offline", "未检查：--offline");
    };
    skip(checks, "name");
    proxy(checks, route);
    for id in ["tcp", "tls", "clock", "answer"] {
        skip(checks, id);
    }
    answer::limit(checks, stated, client, None);
}

pub(super) fn online(checks: &mut Checks, route: &Route, trace: &Trace, result: &Result<Answer, Error>) {
    let failure = match result {
        Err(error) if is_of_way(error, trace) => Some((trace.reached, error)),
        _ => None,
    };
    name(checks, route, trace, failure);
    let failed_proxy = failure.filter(|(layer, _)| *layer == Layer::Proxy);
    match failed_proxy {
        None => proxy(checks, route),
        Some((_, error)) => {
            let advice = checks.lang.of(
                "Ask who runs the proxy to let this host and port through; a user and password stand before its host in \
                 `proxy` or the variable.",
                "请代理管理员放行该主机和端口；用户名和密码写在 `proxy` 或环境变量中代理主机之前。",
            );
            let (named, reason) = (route.proxy.clone(), why(route, checks.lang));
            let check = checks.fail("proxy", error);
            check.found = format!("{} · {reason} · {error}", named.as_deref().unwrap_or("-"));
            check.fact("proxy", named).advise(advice);
        }
    }
    tcp(checks, route, trace, failure);
    tls(checks, route, trace, failure);
    clock(checks, trace);
}

/// Whether a layer below the answer failed.
pub(super) fn is_of_way(error: &Error, trace: &Trace) -> bool {
    matches!(error.code, Code::Transport | Code::Timeout)
        && matches!(trace.reached, Layer::Name | Layer::Connect | Layer::Proxy | Layer::Tls)
}

type Failure<'a> = Option<(Layer, &'a Error)>;

fn name(checks: &mut Checks, route: &Route, trace: &Trace, failure: Failure<'_>) {
    let lang = checks.lang;
    if let Some((Layer::Name, error)) = failure {
        let advice = if route.proxy.is_some() {
            lang.of(
                "Check the host in `proxy` (or the variable that names it), and this machine's name server.",
                "请检查 `proxy`（或相应环境变量）中的主机名以及本机的 DNS 设置。",
            )
        } else {
            lang.of(
                "Check the spelling of endpoint and this machine's name server (getent hosts, nslookup); where only a proxy \
                 knows names, set `proxy`.",
                "请检查 endpoint 的拼写和本机的 DNS（getent hosts、nslookup）；若只有代理能解析域名，请设置 `proxy`。",
            )
        };
        let name = trace.names.last().map(|looked_up| looked_up.name.as_str()).unwrap_or_default();
        let check = checks.fail("name", error);
        check.found = format!("{name} · {}", check.found);
        check.advise(advice);
        return;
    }
    let found: Vec<String> = trace
        .names
        .iter()
        .map(|looked_up| {
            let addresses: Vec<String> = looked_up.addresses.iter().map(|address| address.ip().to_string()).collect();
            format!("{} → {}", looked_up.name, addresses.join(", "))
        })
        .collect();
    if found.is_empty() {
        checks.skip("name", "nothing was looked up", "没有进行解析");
        return;
    }
    let whose = if route.proxy.is_some() && trace.names.len() == 1 {
        lang.of(" · the proxy's; the proxy looks the platform up", " · 代理的主机名；平台域名由代理解析")
    } else {
        ""
    };
    let addresses: Vec<String> =
        trace.names.iter().flat_map(|looked_up| &looked_up.addresses).map(|address| address.ip().to_string()).collect();
    checks.add("name", Status::Ok, format!("{}{whose}", found.join("; "))).fact("addresses", addresses);
}

/// Which one is used, and why.
fn proxy(checks: &mut Checks, route: &Route) {
    let lang = checks.lang;
    let used = route.proxy.as_deref();
    let found = format!("{} · {}", used.unwrap_or(lang.of("none", "不使用")), why(route, lang));
    let reason = match route.reason {
        RouteReason::Setting => "setting",
        RouteReason::Environment(_) => "environment",
        RouteReason::SetToNone => "setToNone",
        RouteReason::Loopback => "loopback",
        RouteReason::Excepted(_) => "excepted",
        _ => "unset",
    };
    checks.add("proxy", Status::Ok, found).fact("proxy", used).fact("reason", reason);
}

fn why(route: &Route, lang: crate::lang::Lang) -> String {
    match route.reason {
        RouteReason::Setting => lang.of("the setting `proxy`", "来自配置项 `proxy`").into(),
        RouteReason::Environment(name) => lang.of(format!("the variable {name}"), format!("来自环境变量 {name}")),
        RouteReason::SetToNone => lang.of("`proxy` is \"none\"", "配置项 `proxy` 为 \"none\"").into(),
        RouteReason::Loopback => lang.of("this machine itself", "目标是本机").into(),
        RouteReason::Excepted(name) => {
            lang.of(format!("the variable {name} excepts the host"), format!("环境变量 {name} 排除了该主机"))
        }
        _ => lang.of("neither `proxy` nor a variable names one", "配置项和环境变量都未指定").into(),
    }
}

fn tcp(checks: &mut Checks, route: &Route, trace: &Trace, failure: Failure<'_>) {
    let lang = checks.lang;
    match failure {
        Some((Layer::Connect, error)) => {
            let advice = if route.proxy.is_some() {
                lang.of(
                    "Check the proxy's host and port, and whether it runs.",
                    "请检查代理的主机和端口，以及代理是否在运行。",
                )
            } else {
                lang.of(
                    "Check the endpoint's port; ask for a firewall rule to it, or set `proxy` where only a proxy gets out.",
                    "请检查 endpoint 的端口；申请防火墙放行，若只能经代理出网，请设置 `proxy`。",
                )
            };
            checks.fail("tcp", error).advise(advice);
        }
        _ if trace.reached <= Layer::Name => {
            checks.skip("tcp", "not reached", "未到达");
        }
        _ => {
            let peer = trace.peer.map(|peer| peer.to_string());
            let to = match (&peer, &route.proxy) {
                (Some(peer), Some(_)) => lang.of(format!("to the proxy, {peer}"), format!("已连接代理 {peer}")),
                (Some(peer), None) => lang.of(format!("to {peer}"), format!("已连接 {peer}")),
                (None, _) => lang.of("to the proxy".to_owned(), "已连接代理".to_owned()),
            };
            checks.add("tcp", Status::Ok, to).fact("peer", peer);
        }
    }
}

fn tls(checks: &mut Checks, route: &Route, trace: &Trace, failure: Failure<'_>) {
    let lang = checks.lang;
    if !route.is_https {
        let host: Option<std::net::IpAddr> = route.host.parse().ok();
        if route.host == "localhost" || host.is_some_and(|address| address.is_loopback()) {
            checks.skip("tls", "plain http, to this machine", "明文 http，目标是本机");
        } else {
            checks.add("tls", Status::Warning, lang.of("plain http (allowHttp)", "明文 http（allowHttp）")).advise(
                lang.of(
                    "Anybody on the way can read and replay: use https.",
                    "途中任何人都能读取和重放：请改用 https。",
                ),
            );
        }
        return;
    }
    let failed = failure.filter(|(layer, _)| *layer == Layer::Tls);
    let Some(seen) = trace.tls.as_ref().filter(|seen| seen.version.is_some() || failed.is_some()) else {
        match failed {
            // Nothing of TLS came.
            Some((_, error)) => checks.fail("tls", error).advise(not_tls(lang)),
            None => checks.skip("tls", "not reached", "未到达"),
        };
        return;
    };
    let mut facts = Vec::new();
    if let Some(version) = &seen.version {
        facts.push(version.replace('_', ".").replace("TLSv", "TLS "));
    }
    if let Some(certificate) = &seen.certificate {
        let until = certificate.not_after.as_deref().unwrap_or("?");
        facts.push(certificate.subject.clone());
        facts.push(lang.of(format!("issuer {}", certificate.issuer), format!("颁发者 {}", certificate.issuer)));
        facts.push(lang.of(format!("until {until}"), format!("有效期至 {until}")));
    }
    match &seen.root {
        Some(root) => {
            let from = if root.is_of_ca_file { "caFile" } else { lang.of("built in", "内置") };
            let name = &root.certificate.subject;
            facts.push(lang.of(format!("root {name} ({from})"), format!("根证书 {name}（{from}）")));
        }
        None if seen.certificate.is_some() => {
            facts.push(lang.of("of no trusted root", "不属于任何受信任的根证书").into());
        }
        None => {}
    }
    let check = match failed {
        None => checks.add("tls", Status::Ok, facts.join(" · ")),
        Some((_, error)) => {
            let advice = match &seen.certificate {
                None => not_tls(lang),
                Some(certificate) if certificate.days_left.is_some_and(|days| days < 0) => lang.of(
                    "The server's certificate has ended. Check this machine's clock; if it is right, the server's side must \
                     renew it.",
                    "服务器证书已过期。请先核对本机时钟；若时钟无误，须由对方更新证书。",
                ),
                Some(_) if seen.root.is_none() => lang.of(
                    "If a company's proxy or firewall opens TLS, name its root certificate in `caFile`; else somebody else \
                     answers there: check endpoint.",
                    "若公司代理或防火墙会解密 TLS，请在 `caFile` 中指定其根证书；否则应答的另有其人：请检查 endpoint。",
                ),
                Some(_) => lang.of(
                    "Check that endpoint's host is the one that the certificate names.",
                    "请检查 endpoint 的主机名是否与证书一致。",
                ),
            };
            let check = checks.fail("tls", error);
            if !facts.is_empty() {
                check.found = format!("{} · {}", check.found, facts.join(" · "));
            }
            check.advise(advice)
        }
    };
    check.fact("version", seen.version.as_deref());
    if let Some(certificate) = &seen.certificate {
        check.certificate(certificate);
        if failed.is_none() && certificate.days_left.is_some_and(|days| days < DAYS_SOON) {
            check.status = Status::Warning;
            check.advise(lang.of(
                "The server's certificate ends soon, and calls with it: ask YSEPAY whether it will be renewed.",
                "服务器证书即将到期，届时将无法调用：请向银盛确认是否会更新。",
            ));
        }
    }
    if let Some(root) = &seen.root {
        check
            .fact("root", root.certificate.subject.as_str())
            .fact("rootFrom", if root.is_of_ca_file { "caFile" } else { "builtIn" });
    }
}

fn not_tls(lang: crate::lang::Lang) -> &'static str {
    lang.of(
        "What answers at this port does not speak TLS, or breaks off: check endpoint's port and scheme, and what is in between.",
        "该端口的应答不是 TLS，或握手被中断：请检查 endpoint 的端口和协议，以及中间设备。",
    )
}

fn clock(checks: &mut Checks, trace: &Trace) {
    let lang = checks.lang;
    let Some(ahead) = trace.http.as_ref().and_then(|http| http.clock_ahead_ms()) else {
        checks.skip("clock", "no answer with a Date to compare with", "没有带 Date 的应答可供比对");
        return;
    };
    let seconds = ahead.unsigned_abs().div_ceil(1_000);
    let found = if ahead.abs() <= CLOCK_SAME_MS {
        lang.of("as the platform's".to_owned(), "与平台一致".to_owned())
    } else if ahead > 0 {
        lang.of(format!("{seconds} s ahead of the platform's"), format!("比平台快 {seconds} 秒"))
    } else {
        lang.of(format!("{seconds} s behind the platform's"), format!("比平台慢 {seconds} 秒"))
    };
    let status = if ahead.abs() <= CLOCK_WARNING_MS {
        Status::Ok
    } else if ahead.abs() <= CLOCK_FAILED_MS {
        Status::Warning
    } else {
        Status::Failed
    };
    let check = checks.add("clock", status, found);
    check.fact("aheadMs", ahead);
    if status != Status::Ok {
        check.advise(lang.of(
            "Let this machine keep time (timedatectl set-ntp true): TLS and logs go by its clock.",
            "请启用时间同步（timedatectl set-ntp true）：TLS 和日志都依赖本机时钟。",
        ));
    }
}
