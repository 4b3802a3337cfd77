//! Which proxy carries the calls: the `proxy` setting, else the usual environment variables, never for loopback.

use super::endpoint::{Endpoint, port};
use super::error;
use super::no_proxy::excepts;
use crate::error::Error;
use crate::trace::RouteReason;

/// A proxy; its URL may hold a password, so it is shown without it.
#[derive(Clone)]
pub(crate) struct Proxy(pub(crate) ureq::Proxy);

impl Proxy {
    /// `setting` is a URL, `"none"`, or absent; `environment` gives a variable, and is asked only where `setting` is absent.
    pub(crate) fn choose(
        setting: Option<&str>,
        endpoint: &Endpoint,
        environment: impl Fn(&str) -> Option<String>,
    ) -> Result<(Option<Self>, RouteReason), Error> {
        let (origin, url, reason) = match setting {
            Some("none") => return Ok((None, RouteReason::SetToNone)),
            // A bare host is for the environment alone: here "off" would be one.
            Some(url) if !url.contains("://") => ("proxy".to_owned(), String::new(), RouteReason::Setting),
            Some(url) => ("proxy".to_owned(), url.to_owned(), RouteReason::Setting),
            None => match from_environment(endpoint, environment) {
                Ok((name, url)) => (format!("The environment variable {name}"), url, RouteReason::Environment(name)),
                Err(reason) => return Ok((None, reason)),
            },
        };
        let proxy = parse(&url).map_err(|unusable| {
            error(match unusable {
                Unusable::Url => format!(
                    r#"{origin} is not a proxy URL. It looks like http://host:port, https://…, socks5://… or socks5h://…, with user:password@ before the host if need be; set proxy to "none" to use no proxy."#
                ),
                Unusable::Credentials => format!(
                    "{origin} has a user or password with characters that must be percent-encoded before the @, as UTF-8: \
                     @ is %40, / is %2F, : is %3A, # is %23, ? is %3F, \\ is %5C, % is %25, a blank %20."
                ),
            })
        })?;
        Ok(if endpoint.is_loopback { (None, RouteReason::Loopback) } else { (Some(Proxy(proxy)), reason) })
    }
}

impl std::fmt::Debug for Proxy {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}://{}:{}", self.0.protocol().to_string().to_lowercase(), self.0.host(), self.0.port())
    }
}

/// What cannot be read of a proxy's URL.
enum Unusable {
    Url,
    Credentials,
}

fn parse(url: &str) -> Result<ureq::Proxy, Unusable> {
    let (scheme, rest) = url.split_once("://").unwrap_or(("http", url));
    if !["http", "https", "socks5", "socks5h"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(Unusable::Url);
    }
    let Some((credentials, host)) = rest.rsplit_once('@') else { return read(scheme, rest).ok_or(Unusable::Url) };
    // With a good host, only they can be to blame.
    read(scheme, host).ok_or(Unusable::Url)?;
    if !are_encoded(credentials) {
        return Err(Unusable::Credentials);
    }
    read(scheme, rest).ok_or(Unusable::Credentials)
}

/// Whether nothing in a user and password would be taken for the beginning of a host, a path or an escape.
fn are_encoded(credentials: &str) -> bool {
    let is_escape =
        |rest: &str| rest.get(..2).is_some_and(|digits| digits.bytes().all(|byte| byte.is_ascii_hexdigit()));
    !credentials.contains(['@', '/', '?', '#', '\\']) && credentials.split('%').skip(1).all(is_escape)
}

fn read(scheme: &str, rest: &str) -> Option<ureq::Proxy> {
    let proxy = ureq::Proxy::new(&format!("{scheme}://{rest}")).ok()?;
    // ureq takes a port that is none for its default.
    port(proxy.uri().authority()?)?;
    (!proxy.host().is_empty()).then_some(proxy)
}

/// The variable for the scheme, then the one for all, lower case first; `NO_PROXY` excepts hosts. Or why there is none.
fn from_environment(
    endpoint: &Endpoint,
    environment: impl Fn(&str) -> Option<String>,
) -> Result<(&'static str, String), RouteReason> {
    if endpoint.is_loopback {
        return Err(RouteReason::Loopback);
    }
    let set =
        |name: &'static str| environment(name).filter(|value| !value.trim().is_empty()).map(|value| (name, value));
    let excepted = set("no_proxy").or_else(|| set("NO_PROXY"));
    let excepted = excepted.filter(|(_, list)| excepts(list, &endpoint.host, endpoint.port));
    let names = if endpoint.is_https {
        ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]
    } else {
        ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]
    };
    let named = names.into_iter().find_map(set).ok_or(RouteReason::Unset)?;
    // What would not be asked anyway is not excepted from it.
    excepted.map_or(Ok(named), |(name, _)| Err(RouteReason::Excepted(name)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(setting: Option<&str>, url: &str, environment: &[(&str, &str)]) -> Result<Option<String>, String> {
        let endpoint = Endpoint::parse(url, true).unwrap();
        let variable = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, value)| (*value).to_owned());
        Proxy::choose(setting, &endpoint, variable)
            .map(|(proxy, _)| proxy.map(|proxy| format!("{proxy:?}")))
            .map_err(|error| error.message)
    }

    #[test]
    fn the_setting_comes_before_the_environment() {
        let env = [("HTTPS_PROXY", "http://env:1"), ("http_proxy", "plain:2"), ("NO_PROXY", "other.com, .example.com")];
        assert_eq!(chosen(Some("socks5h://u:p@set:3"), "https://a.com", &env), Ok(Some("socks5h://set:3".into())));
        assert_eq!(chosen(None, "https://a.com", &env), Ok(Some("http://env:1".into())));
        assert_eq!(chosen(None, "http://a.com", &env), Ok(Some("http://plain:2".into())));
        assert_eq!(chosen(Some("none"), "https://a.com", &env), Ok(None));
        assert_eq!(chosen(None, "https://sub.example.com", &env), Ok(None));
        assert_eq!(chosen(None, "https://example.com", &env), Ok(None));
        assert_eq!(chosen(None, "https://notexample.com", &env), Ok(Some("http://env:1".into())));
        assert_eq!(chosen(None, "https://a.com", &[("https_proxy", " ")]), Ok(None));
    }

    #[test]
    fn it_is_told_why_there_is_a_proxy_or_none() {
        let reason = |setting: Option<&str>, url: &str, environment: &[(&str, &str)]| {
            let endpoint = Endpoint::parse(url, true).unwrap();
            let variable = |name: &str| environment.iter().find(|(n, _)| *n == name).map(|(_, v)| (*v).to_owned());
            Proxy::choose(setting, &endpoint, variable).unwrap().1
        };
        let env = [("https_proxy", "http://env:1"), ("NO_PROXY", "a.com")];
        assert_eq!(reason(Some("http://set:1"), "https://b.com", &env), RouteReason::Setting);
        assert_eq!(reason(Some("none"), "https://b.com", &env), RouteReason::SetToNone);
        assert_eq!(reason(None, "https://b.com", &env), RouteReason::Environment("https_proxy"));
        assert_eq!(reason(None, "https://a.com", &env), RouteReason::Excepted("NO_PROXY"));
        assert_eq!(reason(None, "https://a.com", &env[1..]), RouteReason::Unset);
        assert_eq!(reason(None, "https://127.0.0.1", &env), RouteReason::Loopback);
        assert_eq!(reason(Some("http://set:1"), "https://localhost", &env), RouteReason::Loopback);
    }

    #[test]
    fn which_variable_counts_and_which_hosts_are_excepted() {
        let of = |url: &str, environment: &[(&str, &str)]| chosen(None, url, environment).unwrap();
        // Each comes before those below it.
        for (url, names) in [
            ("https://a.com", ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"]),
            ("http://a.com", ["http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"]),
        ] {
            let set = names.map(|name| (name, name));
            for first in 0..set.len() {
                assert_eq!(of(url, &set[first..]), Some(format!("http://{}:80", names[first])), "{url}");
            }
        }
        let with = |list| [("https_proxy", "http://env:1"), ("NO_PROXY", list)];
        for list in ["*", "a.com", "A.Com", ".a.com", "*.a.com", "b.com,,a.com ", "b.com , *"] {
            assert_eq!(of("https://a.com", &with(list)), None, "{list}");
        }
        for list in ["b.a.com", "xa.com", "*x", ",", "a"] {
            assert!(of("https://a.com", &with(list)).is_some(), "{list}");
        }
        let lower_first = [("https_proxy", "http://env:1"), ("no_proxy", "a.com"), ("NO_PROXY", "b.com")];
        assert_eq!(of("https://a.com", &lower_first), None);
        assert!(of("https://b.com", &lower_first).is_some());
    }

    #[test]
    fn loopback_never_goes_through_a_proxy() {
        assert_eq!(chosen(None, "https://127.0.0.1:1/", &[("ALL_PROXY", "http://env:1")]), Ok(None));
        assert_eq!(chosen(Some("http://set:1"), "https://localhost:1/", &[]), Ok(None));
    }

    #[test]
    fn a_password_that_wants_encoding_is_told_so_and_not_shown() {
        let told = |url: &str| chosen(Some(url), "https://a.com", &[]);
        for password in [
            "hunter2@",
            "@hunter2",
            "hunter/2",
            "12/hunter",
            "hunter#2",
            "12#hunter",
            "hunter?2",
            "12?hunter",
            "hunter%zz",
            "hunter%",
            "hunter%2",
            "hunter 2",
            "hunter密码",
            "hunter%b3%c9",
            "hunter\\2",
            "hunter[2",
            "hunter>2",
        ] {
            for scheme in ["http", "https", "socks5", "socks5h"] {
                let message = told(&format!("{scheme}://user:{password}@proxy.test:3128")).unwrap_err();
                assert!(message.starts_with("proxy has a user or password"), "{password}: {message}");
                assert!(message.contains("@ is %40") && !message.contains("hunter"), "{password}: {message}");
            }
            // A scheme may be left out here.
            let url = format!("user:{password}@proxy.test:3128");
            let message = chosen(None, "https://a.com", &[("HTTPS_PROXY", &url)]).unwrap_err();
            assert!(message.contains("variable HTTPS_PROXY has a user or password"), "{password}: {message}");
            assert!(!message.contains("hunter"), "{password}: {message}");
        }
        for password in ["hunter%40%2F%23%3f%25", "hunter2!$&'()*+,;=:-._~", ""] {
            assert_eq!(told(&format!("http://user:{password}@proxy.test:1")), Ok(Some("http://proxy.test:1".into())));
        }
        // As Windows domains have it.
        let message = told(r"http://DOMAIN\user:hunter2@proxy.test:3128").unwrap_err();
        assert!(message.contains(r"\ is %5C") && !message.contains("hunter2"), "{message}");
        assert!(told("http://DOMAIN%5Cuser:hunter2@proxy.test:3128").is_ok());
        // There the host is to blame.
        assert!(told("http://user:hunter2@:1").unwrap_err().contains("not a proxy URL"));
    }

    #[test]
    fn a_proxy_that_cannot_be_used_is_refused_without_showing_its_password() {
        for url in [
            "off",
            "ftp://u:hunter2@host:1",
            "http://u:hunter2@",
            "socks4://u:hunter2@h:1",
            "http://u:hunter2@h:x",
            "",
            "http://",
        ] {
            let message = chosen(Some(url), "https://a.com", &[]).unwrap_err();
            assert!(message.contains("not a proxy URL") && !message.contains("hunter2"), "{url}: {message}");
        }
        assert!(chosen(None, "https://a.com", &[("ALL_PROXY", "ftp://x")]).unwrap_err().contains("variable ALL_PROXY"));
    }
}
