//! Where the simulator listens, and the URLs by which it is reached there.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};

/// An address that is bound, and whether it speaks TLS.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Place {
    pub(crate) address: SocketAddr,
    pub(crate) tls: bool,
}

impl Place {
    /// An address of this machine that leads here: one that stands for all of them is itself none to connect to.
    pub(crate) fn reachable(&self) -> SocketAddr {
        let mut address = self.address;
        match address.ip() {
            IpAddr::V4(Ipv4Addr::UNSPECIFIED) => address.set_ip(Ipv4Addr::LOCALHOST.into()),
            IpAddr::V6(Ipv6Addr::UNSPECIFIED) => address.set_ip(Ipv6Addr::LOCALHOST.into()),
            _ => {}
        }
        address
    }

    /// The URL of a path, for a client on this machine.
    pub(crate) fn url(&self, path: &str) -> String {
        let reachable = self.reachable();
        // Who connects by TLS asks for a name first of all.
        if self.tls && reachable.ip() == Ipv4Addr::LOCALHOST {
            return format!("https://localhost:{}{path}", reachable.port());
        }
        format!("{}://{reachable}{path}", self.scheme())
    }

    /// `http` or `https`.
    pub(crate) fn scheme(&self) -> &'static str {
        if self.tls { "https" } else { "http" }
    }

    /// Whether only this machine reaches it.
    pub(crate) fn is_loopback(&self) -> bool {
        self.address.ip().is_loopback()
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_url_leads_there() {
        for (address, tls, url, loopback) in [
            ("127.0.0.1:80", false, "http://127.0.0.1:80/x", true),
            ("127.0.0.1:8080", true, "https://localhost:8080/x", true),
            ("127.0.0.2:8080", true, "https://127.0.0.2:8080/x", true),
            ("0.0.0.0:8080", false, "http://127.0.0.1:8080/x", false),
            ("0.0.0.0:8080", true, "https://localhost:8080/x", false),
            ("192.0.2.7:8080", true, "https://192.0.2.7:8080/x", false),
            ("[::1]:8080", true, "https://[::1]:8080/x", true),
            ("[::]:8080", false, "http://[::1]:8080/x", false),
        ] {
            let place = Place { address: address.parse().expect("an address"), tls };
            assert_eq!((place.url("/x").as_str(), place.is_loopback()), (url, loopback));
        }
    }
}
