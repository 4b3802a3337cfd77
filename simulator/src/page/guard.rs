//! Who may read and drive the page: a browser that shows the page itself, and nobody on behalf of another site.

use std::hint::black_box;
use std::net::{IpAddr, Ipv6Addr};

use serde_json::json;

use crate::http::{Reply, Request};
use crate::place::Place;

/// Why somebody may not, or may not so: one sentence in each language.
#[derive(Debug)]
pub(crate) struct Denied {
    status: u16,
    en: String,
    zh: String,
}

impl Denied {
    pub(crate) fn new(status: u16, en: impl Into<String>, zh: impl Into<String>) -> Self {
        Self { status, en: en.into(), zh: zh.into() }
    }

    /// The reply that says so.
    pub(crate) fn reply(&self) -> Reply {
        Reply::json(self.status, json!({ "error": self.en, "errorZh": self.zh }).to_string())
    }
}

/// The checks. The token is in the page and nowhere else.
pub(crate) struct Guard {
    place: Place,
    /// Names besides `localhost` by which the simulator is known.
    names: Vec<String>,
    token: String,
}

impl Guard {
    pub(crate) fn new(place: Place, names: &[String], token: String) -> Self {
        Self { place, names: names.to_vec(), token }
    }

    /// For the page to hold.
    pub(crate) fn token(&self) -> &str {
        &self.token
    }

    /// The page itself: to whoever asks for this very host, so that no other name leads to it (DNS rebinding).
    pub(crate) fn page(&self, request: &Request) -> Result<(), Denied> {
        self.own_host(request).map(|_| ())
    }

    /// Reading: the token stands in the address, for an `EventSource` sends no headers.
    pub(crate) fn reading(&self, request: &Request, token: Option<&str>) -> Result<(), Denied> {
        self.same_site(request)?;
        self.token_fits(token)
    }

    /// Driving: the token stands in a header, which no form of another site can send.
    pub(crate) fn driving(&self, request: &Request) -> Result<(), Denied> {
        self.same_site(request)?;
        let content_type = request.header("content-type").unwrap_or_default();
        let media_type = content_type.split(';').next().unwrap_or_default().trim();
        if !media_type.eq_ignore_ascii_case("application/json") {
            return Err(Denied::new(
                415,
                format!("The Content-Type is {content_type:?}, not application/json."),
                format!("Content-Type 是 {content_type:?}，应为 application/json。"),
            ));
        }
        self.token_fits(request.header("x-yspay-token"))
    }

    /// That no browser sends it for another site, which it says itself; who is no browser says nothing.
    pub(crate) fn not_for_another_site(&self, request: &Request) -> Result<(), Denied> {
        if request.header("sec-fetch-site").is_none() && request.header("origin").is_none() {
            return Ok(());
        }
        self.same_site(request)
    }

    fn same_site(&self, request: &Request) -> Result<(), Denied> {
        let host = self.own_host(request)?;
        let denied =
            || Denied::new(403, "Another site may not read or drive this page.", "其他网站不能读取或操作本页面。");
        let named = |name| request.headers.iter().filter(move |(other, _)| other.eq_ignore_ascii_case(name));
        if !named("sec-fetch-site").all(|(_, site)| matches!(site.as_str(), "same-origin" | "none")) {
            return Err(denied());
        }
        let own = format!("{}://{host}", self.place.scheme());
        if !named("origin").all(|(_, origin)| origin.eq_ignore_ascii_case(&own)) {
            return Err(denied());
        }
        Ok(())
    }

    /// The `Host` header, if it leads here whatever a name server says.
    fn own_host<'a>(&self, request: &'a Request) -> Result<&'a str, Denied> {
        let mut hosts = request.headers.iter().filter(|(name, _)| name.eq_ignore_ascii_case("host"));
        match (hosts.next(), hosts.next()) {
            (Some((_, host)), None) if self.is_own(host) => Ok(host),
            _ => Err(Denied::new(
                421,
                format!("This page is at {} alone; ask for it by that address.", self.place.url("/")),
                format!("本页面的地址只有 {}，请用这个地址访问。", self.place.url("/")),
            )),
        }
    }

    fn is_own(&self, host: &str) -> bool {
        let (name, port) = match host.strip_prefix('[').and_then(|rest| rest.split_once(']')) {
            Some((address, port)) if address.parse::<Ipv6Addr>().is_ok() => (None, port),
            Some(_) => return false,
            None => {
                let end = host.find(':').unwrap_or(host.len());
                (Some(&host[..end]), &host[end..])
            }
        };
        let usual = if self.place.tls { 443 } else { 80 };
        let port =
            if port.is_empty() { Some(usual) } else { port.strip_prefix(':').and_then(|port| port.parse().ok()) };
        port == Some(self.place.address.port())
            && name.is_none_or(|name| {
                let known = |other: &String| name.eq_ignore_ascii_case(other);
                // An address is no name: nobody can make it lead elsewhere.
                name.eq_ignore_ascii_case("localhost") || name.parse::<IpAddr>().is_ok() || self.names.iter().any(known)
            })
    }

    fn token_fits(&self, token: Option<&str>) -> Result<(), Denied> {
        if token.is_some_and(|token| equal(token.as_bytes(), self.token.as_bytes())) {
            return Ok(());
        }
        Err(Denied::new(
            403,
            "The token is missing or is not this start's: load the page anew.",
            "令牌缺失，或者不是本次启动的令牌：请重新加载页面。",
        ))
    }
}

/// In a time that says nothing about where they differ.
fn equal(one: &[u8], other: &[u8]) -> bool {
    let differences = one.iter().zip(other).fold(0, |found, (a, b)| black_box(found | (a ^ b)));
    one.len() == other.len() && differences == 0
}

#[cfg(test)]
mod tests {
    use super::{Guard, equal};
    use crate::place::Place;

    #[test]
    fn hosts_that_lead_here_whatever_a_name_server_says() {
        let guard = |address: &str, tls| {
            let place = Place { address: address.parse().expect("an address"), tls };
            Guard::new(place, &["sim.example".to_owned()], String::new())
        };
        let usual = guard("127.0.0.1:8080", false);
        for host in
            ["localhost:8080", "LocalHost:8080", "127.0.0.1:8080", "10.1.2.3:8080", "[::1]:8080", "SIM.example:8080"]
        {
            assert!(usual.is_own(host), "{host}");
        }
        for host in [
            "",
            ":8080",
            "localhost",
            "localhost:",
            "localhost:80",
            "localhost:8081",
            "localhost:08x",
            "localhost.:8080",
            "evil.example:8080",
            "127.0.0.1.evil.example:8080",
            "localhost.evil.example:8080",
            "0x7f.1:8080",
            "2130706433:8080",
            "[localhost]:8080",
            "[127.0.0.1]:8080",
            "[::1]",
            "::1:8080",
            "a@localhost:8080",
            "localhost:8080:8080",
        ] {
            assert!(!usual.is_own(host), "{host}");
        }
        // A browser leaves the usual port out.
        assert!(guard("127.0.0.1:80", false).is_own("localhost") && guard("127.0.0.1:443", true).is_own("127.0.0.1"));
        assert!(!guard("127.0.0.1:443", false).is_own("localhost") && !guard("127.0.0.1:80", true).is_own("localhost"));
    }

    #[test]
    fn tokens_are_equal_as_a_whole() {
        assert!(equal(b"abc", b"abc") && equal(b"", b""));
        for other in [&b""[..], b"ab", b"abd", b"abcd", b"xbc"] {
            assert!(!equal(other, b"abc") && !equal(b"abc", other), "{other:?}");
        }
    }
}
