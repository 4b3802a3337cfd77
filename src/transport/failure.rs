//! Why an exchange failed, told so that its reader knows what to do.

use std::io;
use std::time::Duration;

use rustls::{AlertDescription, CertificateError, Error as TlsError, PeerIncompatible};
use ureq::Error;

use super::attempt::Unanswered;
use super::resolver::NotFound;
use super::socks::LoginRefused;
use crate::open_files;

/// An exchange without an answer.
#[derive(Debug)]
pub(crate) struct Failure {
    pub(crate) kind: FailureKind,
    /// What failed and what to try.
    pub(crate) message: String,
    /// False only if no byte of the request was written.
    pub(crate) sent: bool,
    /// The request, if the other side may yet read it.
    pub(crate) unanswered: Option<Unanswered>,
}

/// What the caller does with the failure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum FailureKind {
    /// The network or the other side.
    Transport,
    /// The same, and no repetition will help: whose certificate the server shows does not change by itself.
    Untrusted,
    /// The deadline came.
    Deadline,
    /// The call was cancelled.
    Cancelled,
    /// Our bug.
    Internal,
}

impl Failure {
    pub(super) fn deadline(sent: bool) -> Self {
        let message = if sent {
            "The answer did not come before the deadline. Raise timeoutMs, or ask again later."
        } else {
            "The connection was not ready before the deadline, so nothing was sent. Check the network, a firewall or the \
             proxy; or raise timeoutMs."
        };
        Failure { kind: FailureKind::Deadline, message: message.into(), sent, unanswered: None }
    }

    pub(super) fn cancelled() -> Self {
        let message = "The call was cancelled.".into();
        Failure { kind: FailureKind::Cancelled, message, sent: false, unanswered: None }
    }

    pub(super) fn panicked() -> Self {
        let message = "The HTTP exchange panicked; please report this.".into();
        Failure { kind: FailureKind::Internal, message, sent: false, unanswered: None }
    }

    /// `proxy` is the one that the exchange goes through, without its password.
    pub(super) fn of(
        error: &Error,
        sent: bool,
        deadline_passed: bool,
        connect_timeout: Duration,
        proxy: Option<&str>,
    ) -> Self {
        if deadline_passed || matches!(error, Error::Timeout(ureq::Timeout::Global)) {
            return Self::deadline(sent);
        }
        let message = describe(error, connect_timeout);
        let message = match proxy {
            Some(proxy) => through(proxy, error, &message),
            None => message,
        };
        let kind = if is_untrusted(error) { FailureKind::Untrusted } else { FailureKind::Transport };
        Failure { kind, message, sent, unanswered: None }
    }
}

/// Whether the server's certificate is another's than the one that is wanted.
fn is_untrusted(error: &Error) -> bool {
    let told = match error {
        Error::Rustls(error) => error,
        Error::Io(error) => match error.get_ref().and_then(|inner| inner.downcast_ref::<TlsError>()) {
            Some(error) => error,
            None => return false,
        },
        _ => return false,
    };
    matches!(
        told,
        TlsError::InvalidCertificate(
            CertificateError::UnknownIssuer
                | CertificateError::NotValidForName
                | CertificateError::NotValidForNameContext { .. }
        )
    )
}

/// Names the proxy, for it may be one of the environment's that nobody thinks of.
fn through(proxy: &str, error: &Error, message: &str) -> String {
    let io = if let Error::Io(error) = error { Some(error) } else { None };
    match io.and_then(NotFound::of) {
        Some(name) if is_host_of(proxy, &name.host) => {
            return format!("The host name of the proxy {proxy} was not found ({name}). {CHECK_PROXY}");
        }
        // socks5:// alone has us look up both.
        Some(_) => {
            return format!(
                "{message} With the proxy {proxy} it is looked up on this machine; with socks5h:// the proxy looks it up."
            );
        }
        None => {}
    }
    match io {
        // Nothing else is connected to.
        Some(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            format!("The proxy {proxy} refused the connection ({error}); nothing listens there. {CHECK_PROXY}")
        }
        Some(error) if LoginRefused::of(error).is_some() => format!(
            "The proxy {proxy} refuses the user and password, or wants some ({error}). Write them before its host, as in \
             socks5h://user:password@host:port."
        ),
        // HTTPS_PROXY is for https addresses, but its own is seldom one.
        Some(error) if proxy.starts_with("https://") && matches!(tls(error), Some(TlsError::InvalidMessage(_))) => {
            format!(
                "TLS: the answer is not TLS ({error}). Most proxies are spoken to in plain http: write http:// in place of \
                 https:// before the host of the proxy {proxy}. If it does take https, check that the endpoint's port does."
            )
        }
        _ => format!("{message} The call went through the proxy {proxy}; check it, too."),
    }
}

fn tls(error: &io::Error) -> Option<&TlsError> {
    error.get_ref()?.downcast_ref()
}

/// Whether it is the host of `scheme://host:port`.
fn is_host_of(proxy: &str, host: &str) -> bool {
    let place = proxy.split_once("://").map_or(proxy, |(_, place)| place);
    place.rsplit_once(':').is_some_and(|(name, _)| name.eq_ignore_ascii_case(host))
}

const CHECK_PROXY: &str = "Check the setting proxy, or the environment's HTTPS_PROXY and the like.";

/// What to try when nothing better is known.
const LATER: &str = "Ask again later; if it stays so, check the endpoint, the network and what is in between.";

fn describe(error: &Error, connect_timeout: Duration) -> String {
    match error {
        Error::Timeout(ureq::Timeout::Resolve) => format!(
            "Looking up the host name took longer than connectTimeoutMs ({} ms). Check the name server and the endpoint.",
            connect_timeout.as_millis()
        ),
        Error::Timeout(_) => format!(
            "Connecting took longer than connectTimeoutMs ({} ms). Check the endpoint's port, a firewall, or whether a proxy \
             is needed.",
            connect_timeout.as_millis()
        ),
        Error::HostNotFound => "The endpoint's host name was not found. Check its spelling and the name server.".into(),
        Error::ConnectProxyFailed(reason) => {
            format!(
                "The proxy refused to connect to the endpoint: {reason}. Check the proxy's rules and its user and password."
            )
        }
        Error::BodyExceedsLimit(limit) => format!(
            "The answer has more than {limit} bytes; the platform's own have some hundred. Something else answered; check the \
             endpoint."
        ),
        Error::LargeResponseHeader(..) => {
            "The answer's HTTP header is too large. Something else answered; check the endpoint.".into()
        }
        Error::Protocol(reason) => {
            format!(
                "The answer is not HTTP: {reason}. Something else listens there, or it wants https; check the endpoint."
            )
        }
        Error::Rustls(error) => describe_tls(error),
        Error::Tls(reason) => format!("TLS failed: {reason}. {LATER}"),
        Error::Io(error) => describe_io(error),
        // Our own words, from the look-up.
        Error::Other(told) => told.to_string(),
        other => format!("The HTTP exchange failed: {other}. {LATER}"),
    }
}

fn describe_io(error: &io::Error) -> String {
    if let Some(tls) = tls(error) {
        return describe_tls(tls);
    }
    match error.kind() {
        io::ErrorKind::ConnectionRefused => {
            format!("The connection was refused ({error}). Check the endpoint's host and port; nothing listens there.")
        }
        io::ErrorKind::ConnectionReset | io::ErrorKind::BrokenPipe | io::ErrorKind::UnexpectedEof => {
            format!("The other side closed the connection before its answer was complete ({error}). {LATER}")
        }
        io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable => {
            format!(
                "The endpoint cannot be reached from this machine ({error}). Check the network, or whether a proxy is needed."
            )
        }
        _ if open_files::is_reached(error) => format!("The connection failed: {error}. {}", open_files::ADVICE),
        _ if NotFound::of(error).is_some() => {
            format!("The endpoint's host name was not found ({error}). Check its spelling and the name server.")
        }
        _ => format!("The connection failed: {error}. {LATER}"),
    }
}

/// Says which side refused what.
fn describe_tls(error: &TlsError) -> String {
    match error {
        TlsError::InvalidCertificate(reason) => {
            let why = match reason {
                CertificateError::UnknownIssuer => {
                    "its issuer is not a trusted root. If a company proxy or a test server issued it, name the issuer's \
                     certificate in caFile"
                }
                CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => {
                    "it is for another host name. Check the endpoint's host"
                }
                CertificateError::Expired | CertificateError::ExpiredContext { .. } => {
                    "it has expired. Check this machine's clock; otherwise the platform must renew it"
                }
                CertificateError::NotValidYet | CertificateError::NotValidYetContext { .. } => {
                    "it is not valid yet. Check this machine's clock"
                }
                CertificateError::Revoked => "it was revoked. Check the endpoint",
                _ => "it does not verify. Check the endpoint",
            };
            format!("TLS: we refused the server's certificate: {why}. ({error})")
        }
        TlsError::AlertReceived(alert) => {
            let hint = match alert {
                AlertDescription::ProtocolVersion => {
                    " It wants another TLS version; this library speaks 1.2 and 1.3. Check the endpoint."
                }
                AlertDescription::CertificateRequired | AlertDescription::AccessDenied => {
                    " It wants a client certificate, which the protocol does not have; check the endpoint."
                }
                AlertDescription::UnrecognisedName => " It does not know the endpoint's host name. Check the endpoint.",
                _ => " Check the endpoint.",
            };
            format!("TLS: the server refused our handshake with the alert {alert:?}.{hint}")
        }
        TlsError::PeerIncompatible(PeerIncompatible::ServerTlsVersionIsDisabledByOurConfig)
        | TlsError::PeerIncompatible(PeerIncompatible::ServerDoesNotSupportTls12Or13) => {
            "TLS: we refused the server's version; it must speak TLS 1.2 or 1.3, and speaks only older ones. \
             Check the endpoint."
                .into()
        }
        TlsError::PeerIncompatible(reason) => {
            format!("TLS: we have nothing in common with the server: {reason:?}. Check the endpoint.")
        }
        TlsError::InvalidMessage(reason) => {
            format!("TLS: the server's answer is not TLS ({reason:?}). Check that the endpoint's port is for https.")
        }
        other => format!("TLS failed: {other}. {LATER}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A connect has no more time than the call, so both limits may pass at one moment.
    #[test]
    fn what_fails_after_the_deadline_is_late() {
        let kind = |error, late| Failure::of(&Error::Timeout(error), false, late, Duration::from_secs(1), None).kind;
        assert_eq!(kind(ureq::Timeout::Connect, true), FailureKind::Deadline);
        assert_eq!(kind(ureq::Timeout::Resolve, true), FailureKind::Deadline);
        assert_eq!(kind(ureq::Timeout::Connect, false), FailureKind::Transport);
        assert_eq!(kind(ureq::Timeout::Global, false), FailureKind::Deadline);
    }
}
