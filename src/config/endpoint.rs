//! Where requests go.

use ureq::http::Uri;
use ureq::http::uri::Authority;

use super::error;
use super::host::Host;
use crate::error::Error;

/// The platform's published addresses.
const TEST: &str = "https://appdev.ysepay.com/saas/orgSign/querySignSts";
const PRODUCTION: &str = "https://ouser.ysepay.com:6443/saas/orgSign/querySignSts";

/// A checked address.
#[derive(Clone)]
pub(crate) struct Endpoint {
    /// The query may hold a token: for the request alone.
    pub(crate) url: String,
    /// In one form, whatever the setting's: a name in lower case or an address, without the brackets of IPv6.
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) is_https: bool,
    pub(crate) is_loopback: bool,
    /// One of the platform's own, for which its limit holds.
    pub(crate) is_platform: bool,
}

impl Endpoint {
    pub(crate) fn of_environment(name: &str) -> Result<Self, Error> {
        let url = match name {
            "test" => TEST,
            "production" => PRODUCTION,
            _ => {
                return Err(error(
                    r#"environment must be "test" or "production"; for any other address set endpoint instead."#,
                ));
            }
        };
        Self::parse(url, false)
    }

    /// The address for descriptions and logs, without its query.
    pub(crate) fn shown(&self) -> &str {
        self.url.split('?').next().unwrap_or_default()
    }

    pub(crate) fn parse(url: &str, allow_http: bool) -> Result<Self, Error> {
        let unusable = |reason: &str| error(format!("endpoint {reason}. It looks like {TEST}."));
        let uri: Uri = url.parse().map_err(|_| unusable("is not a URL"))?;
        let authority = uri.authority().ok_or_else(|| unusable("is not a whole URL"))?;
        if authority.as_str().contains('@') {
            // Not quoted: there may be a password in it.
            return Err(unusable("holds a user name or password, which the platform does not take"));
        }
        let is_https = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(unusable("must begin with https:// (or http://)")),
        };
        if authority.host().is_empty() {
            return Err(unusable("has no host"));
        }
        let host = Host::parse(authority.host()).ok_or_else(|| unusable("has a host that can be none"))?;
        let stated = port(authority).ok_or_else(|| unusable("has a port that is not from 1 to 65535"))?;
        let port = stated.unwrap_or(if is_https { 443 } else { 80 });
        let is_loopback = host.is_loopback();
        if !is_https && !is_loopback && !allow_http {
            return Err(error(
                "endpoint is plain http, so anybody on the way could read and replay answers. Use https; if the platform \
                 really gave you an http address, set allowHttp to true.",
            ));
        }
        // One form for the connections, too: not every notation of an address goes with TLS.
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        let stated = stated.map_or_else(String::new, |port| format!(":{port}"));
        let url = format!("{}://{}{stated}{path}", if is_https { "https" } else { "http" }, host.in_url());
        let is_platform = host.is_platform();
        Ok(Endpoint { url, host: host.to_string(), port, is_https, is_loopback, is_platform })
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.shown())
    }
}

/// The port of a URL: `None` when it is not one, `Some(None)` when the URL has none. (`Authority::port` does not tell the
/// two apart.)
pub(super) fn port(authority: &Authority) -> Option<Option<u16>> {
    let host_and_port = authority.as_str().rsplit('@').next()?;
    match host_and_port.strip_prefix(authority.host())?.strip_prefix(':') {
        None => Some(None),
        Some(port) => port.parse().ok().filter(|port| *port > 0).map(Some),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_taken_apart() {
        let of = |url: &str| Endpoint::parse(url, true).map(|e| (e.host, e.port, e.is_https, e.is_loopback));
        assert_eq!(of("https://Example.COM/a?b=c"), Ok(("example.com".into(), 443, true, false)));
        assert_eq!(of("http://example.com"), Ok(("example.com".into(), 80, false, false)));
        assert_eq!(of("http://LOCALHOST:8080/"), Ok(("localhost".into(), 8080, false, true)));
        assert_eq!(of("http://127.8.9.1:81/"), Ok(("127.8.9.1".into(), 81, false, true)));
        assert_eq!(of("https://[::1]:6443/"), Ok(("::1".into(), 6443, true, true)));
        let production = Endpoint::of_environment("production").unwrap();
        assert_eq!((production.host.as_str(), production.port), ("ouser.ysepay.com", 6443));
        // As the platform publishes them.
        assert_eq!(production.url, "https://ouser.ysepay.com:6443/saas/orgSign/querySignSts");
        assert_eq!(
            Endpoint::of_environment("test").unwrap().url,
            "https://appdev.ysepay.com/saas/orgSign/querySignSts"
        );
    }

    #[test]
    fn one_host_and_port_is_one_however_it_is_written() {
        let of = |url: &str| Endpoint::parse(url, true).map(|e| (e.url, e.host, e.port, e.is_loopback)).unwrap();
        for url in [
            "http://127.0.0.1:80/a?b=c",
            "http://0177.0.0.1:80/a?b=c",
            "HTTP://2130706433:80/a?b=c",
            "http://[::ffff:127.0.0.1]:80/a?b=c",
            "http://127.0.0.1:00080/a?b=c",
        ] {
            assert_eq!(of(url), ("http://127.0.0.1:80/a?b=c".into(), "127.0.0.1".into(), 80, true), "{url}");
        }
        assert_eq!(of("https://OUSER.ysepay.com.:6443/x").0, "https://ouser.ysepay.com:6443/x");
        assert!(Endpoint::parse("http://localhost./", false).is_ok());
    }

    #[test]
    fn the_platform_s_hosts_are_known_whichever_setting_names_them() {
        let of = |url: &str| Endpoint::parse(url, true).unwrap().is_platform;
        assert!(Endpoint::of_environment("test").unwrap().is_platform);
        assert!(of("https://ouser.ysepay.com:6443/a") && of("http://APPDEV.ysepay.com./") && !of("https://127.0.0.1/"));
    }

    #[test]
    fn a_query_is_not_shown() {
        let endpoint = Endpoint::parse("https://example.com/a?token=hunter2", true).unwrap();
        assert_eq!(endpoint.shown(), "https://example.com/a");
        assert!(endpoint.url.ends_with("hunter2"));
    }

    #[test]
    fn what_cannot_be_used_is_refused_without_showing_a_password() {
        for (url, reason) in [
            ("", "not a URL"),
            ("/path", "not a whole URL"),
            ("example.com", "must begin with https://"),
            ("ftp://example.com/", "https://"),
            ("https://user:hunter2@example.com/", "user name or password"),
            ("https://:443/", "no host"),
            ("https://1.2.3.256/", "can be none"),
            ("https://a..b/", "can be none"),
            ("https://example.com:0/", "port"),
            ("https://example.com:99999/", "port"),
            ("https://exa mple.com/", "not a URL"),
        ] {
            let error = Endpoint::parse(url, true).err().unwrap_or_else(|| panic!("{url} was taken"));
            assert_eq!(error.code, crate::error::Code::Config);
            assert!(!error.message.contains("hunter2"));
            assert!(error.message.contains(reason) || error.message.contains("not a URL"), "{url}: {}", error.message);
        }
    }

    #[test]
    fn plain_http_is_for_loopback_or_on_demand() {
        assert!(Endpoint::parse("http://example.com/", false).unwrap_err().message.contains("allowHttp"));
        assert!(Endpoint::parse("http://localhost.example.com/", false).is_err());
        assert!(Endpoint::parse("http://127.0.0.1.example.com/", false).is_err());
        assert!(Endpoint::parse("http://notlocalhost/", false).is_err());
        assert!(Endpoint::parse("http://127.0.0.1/", false).is_ok());
        assert!(Endpoint::parse("http://example.com/", true).is_ok());
    }
}
