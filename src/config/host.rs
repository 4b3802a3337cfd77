//! The host of an address in one form, however it was written: what is one host to the network has one window.

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// The platform's domain: whoever answers below it counts calls.
const PLATFORM: &str = "ysepay.com";

/// A host in one form: a name in lower case without the dot at its end, or an address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Host {
    Name(String),
    Address(IpAddr),
}

impl Host {
    /// `text` as a URL has it, with or without the brackets of an IPv6 address. `None` if it can be no host.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let bare = match text.strip_prefix('[') {
            Some(rest) => return rest.strip_suffix(']')?.parse().ok().map(Self::of_v6),
            None => text.strip_suffix('.').unwrap_or(text),
        };
        if let Ok(address) = bare.parse() {
            return Some(Self::of_v6(address));
        }
        if bare.is_empty() || bare.split('.').any(str::is_empty) {
            return None;
        }
        if is_numeric(bare) {
            return Some(Host::Address(v4(bare)?.into()));
        }
        Some(Host::Name(bare.to_ascii_lowercase()))
    }

    /// An IPv4 address that is written as an IPv6 one reaches the same host.
    fn of_v6(address: Ipv6Addr) -> Self {
        Host::Address(IpAddr::V6(address).to_canonical())
    }

    pub(super) fn is_loopback(&self) -> bool {
        match self {
            Host::Name(name) => name == "localhost",
            Host::Address(address) => address.is_loopback(),
        }
    }

    /// Whether the host is one of the platform's own.
    pub(super) fn is_platform(&self) -> bool {
        let Host::Name(name) = self else { return false };
        name.strip_suffix(PLATFORM).is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
    }

    /// As a URL has it: an address in the usual notation, IPv6 in brackets.
    pub(super) fn in_url(&self) -> String {
        match self {
            Host::Address(IpAddr::V6(address)) => format!("[{address}]"),
            _ => self.to_string(),
        }
    }
}

impl std::fmt::Display for Host {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Host::Name(name) => f.write_str(name),
            Host::Address(address) => address.fmt(f),
        }
    }
}

/// A host whose last part is a number is an IPv4 address (WHATWG URL, "ends in a number").
fn is_numeric(host: &str) -> bool {
    let last = host.rsplit('.').next().unwrap_or_default();
    last.bytes().all(|byte| byte.is_ascii_digit()) || number(last).is_some()
}

/// As `inet_aton` takes it: up to four parts, each decimal, octal (`0…`) or hexadecimal (`0x…`); the last part fills what
/// is left.
fn v4(text: &str) -> Option<Ipv4Addr> {
    let parts = text.split('.').map(number).collect::<Option<Vec<u32>>>()?;
    let (last, first) = parts.split_last()?;
    let bits_left = 32u32.checked_sub(8 * u32::try_from(first.len()).ok()?).filter(|bits| *bits > 0)?;
    if first.iter().any(|part| *part > 255) || u64::from(*last) >> bits_left != 0 {
        return None;
    }
    let high = first.iter().fold(0u32, |sum, part| sum << 8 | part);
    let high = if bits_left == 32 { 0 } else { high << bits_left };
    Some(Ipv4Addr::from(high | last))
}

fn number(part: &str) -> Option<u32> {
    let (digits, radix) = match part.strip_prefix("0x").or_else(|| part.strip_prefix("0X")) {
        Some(digits) => (digits, 16),
        None if part.len() > 1 && part.starts_with('0') => (part, 8),
        None => (part, 10),
    };
    // from_str_radix would take a sign.
    digits.bytes().all(|byte| byte.is_ascii_hexdigit()).then(|| u32::from_str_radix(digits, radix).ok())?
}

#[cfg(test)]
mod tests {
    use std::net::ToSocketAddrs;

    use super::*;

    /// Each with what the system's own resolver makes of it.
    #[test]
    fn every_notation_of_an_address_is_one_host() {
        for text in
            ["127.0.0.1", "0177.0.0.1", "0x7f.1", "2130706433", "127.1", "127.0.1", "0x7F000001", "017700000001"]
        {
            let host = Host::parse(text).unwrap();
            assert_eq!(host, Host::parse("127.0.0.1").unwrap(), "{text}");
            let resolved = (text, 1).to_socket_addrs().unwrap().next().unwrap().ip();
            assert_eq!(Host::Address(resolved), host, "{text}");
        }
        for text in ["[::ffff:127.0.0.1]", "[::FFFF:7f00:1]", "127.0.0.1."] {
            assert_eq!(Host::parse(text), Host::parse("127.0.0.1"), "{text}");
        }
        assert_eq!(Host::parse("[0:0:0:0:0:0:0:1]").unwrap().in_url(), "[::1]");
        assert_eq!(Host::parse("[2001:DB8::1]").unwrap().to_string(), "2001:db8::1");
        assert_eq!(Host::parse("1.2.3.4").unwrap().in_url(), "1.2.3.4");
        assert_eq!(Host::parse("1.256").unwrap().in_url(), "1.0.1.0");
    }

    #[test]
    fn a_name_has_one_form() {
        for text in ["ouser.ysepay.com", "OUSER.ysepay.COM", "ouser.ysepay.com."] {
            assert_eq!(Host::parse(text).unwrap().to_string(), "ouser.ysepay.com");
        }
        for text in
            ["", ".", "a..b", "..", "a.b..", "[::1", "[a]", "1.2.3.4.5", "256.1.1.1", "1.2.3.256", "09", "4294967296"]
        {
            assert!(Host::parse(text).is_none(), "{text}");
        }
    }

    #[test]
    fn the_platform_is_known_by_its_domain() {
        for (text, expected) in [
            ("ysepay.com", true),
            ("appdev.YSEPAY.com.", true),
            ("a.b.ysepay.com", true),
            ("notysepay.com", false),
            ("ysepay.com.example.com", false),
            ("ysepay.com.cn", false),
            ("127.0.0.1", false),
        ] {
            assert_eq!(Host::parse(text).unwrap().is_platform(), expected, "{text}");
        }
    }
}
