//! Which hosts `NO_PROXY` excepts. There is no standard: this reads it as Go and curl do where they agree, and takes what
//! either of them takes where they do not.

use std::net::IpAddr;

/// Whether one of the list's entries, between commas or blanks, excepts this host (without brackets) at this port.
pub(super) fn excepts(list: &str, host: &str, port: u16) -> bool {
    // The same address in any notation; an IPv4 address may come as one of IPv6.
    let address = host.parse().ok().map(|address: IpAddr| address.to_canonical());
    list.split([',', ' ', '\t']).any(|entry| entry_excepts(entry, host, address, port))
}

fn entry_excepts(entry: &str, host: &str, address: Option<IpAddr>, port: u16) -> bool {
    if entry == "*" {
        return true;
    }
    if let (Some((network, bits)), Some(address)) = (entry.split_once('/'), address) {
        return is_within(address, network, bits);
    }
    let (name, its_port) = split_port(entry);
    if !its_port.is_none_or(|its_port| its_port.parse() == Ok(port)) {
        return false;
    }
    match address {
        // No address is below another one, as names are.
        Some(address) => parse_address(name) == Some(address),
        None => is_domain_of(name, host),
    }
}

/// `host:port`, `[address]:port`, or either without the port, or an address of IPv6 without brackets. An empty port is
/// none.
fn split_port(entry: &str) -> (&str, Option<&str>) {
    if entry.parse::<IpAddr>().is_ok() {
        return (entry, None);
    }
    match entry.rsplit_once(':') {
        Some((name, port)) if !port.contains(']') => (name, Some(port).filter(|port| !port.is_empty())),
        _ => (entry, None),
    }
}

fn parse_address(name: &str) -> Option<IpAddr> {
    let bare = name.strip_prefix('[').and_then(|name| name.strip_suffix(']')).unwrap_or(name);
    bare.parse().ok().map(|address: IpAddr| address.to_canonical())
}

/// `example.com`, `.example.com` and `*.example.com` are that domain and all below it, a dot at the end or not.
fn is_domain_of(name: &str, host: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let domain = name.trim_start_matches('*').trim_start_matches('.').to_ascii_lowercase();
    !domain.is_empty() && (host == domain || host.strip_suffix(&domain).is_some_and(|rest| rest.ends_with('.')))
}

/// Whether the first `bits` bits are the network's.
fn is_within(address: IpAddr, network: &str, bits: &str) -> bool {
    let (Ok(network), Ok(bits)) = (network.parse::<IpAddr>(), bits.parse::<u32>()) else { return false };
    let (address, network, width) = match (address, network) {
        (IpAddr::V4(address), IpAddr::V4(network)) => {
            (u128::from(address.to_bits()), u128::from(network.to_bits()), 32)
        }
        (IpAddr::V6(address), IpAddr::V6(network)) => (address.to_bits(), network.to_bits(), 128),
        _ => return false,
    };
    // A shift by all bits is none that the machine can do: no bit is compared.
    bits <= width && (address ^ network).checked_shr(width - bits).unwrap_or(0) == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn excepted(list: &str, hosts: &[(&str, u16)]) {
        for (host, port) in hosts {
            assert!(excepts(list, host, *port), "{list:?}: {host} {port}");
        }
    }

    #[track_caller]
    fn proxied(list: &str, hosts: &[(&str, u16)]) {
        for (host, port) in hosts {
            assert!(!excepts(list, host, *port), "{list:?}: {host} {port}");
        }
    }

    #[test]
    fn names() {
        for list in [
            "a.com",
            "A.Com",
            ".a.com",
            "*.a.com",
            "b.com,,a.com ",
            "b.com a.com",
            "b.com\ta.com",
            "a.com:",
            "a.com.",
            ".a.com.",
        ] {
            excepted(list, &[("a.com", 443), ("x.a.com", 80), ("y.x.a.com", 6443)]);
            proxied(list, &[("xa.com", 443), ("com", 443), ("a.com.cn", 443)]);
        }
        excepted("*", &[("a.com", 443), ("10.0.0.1", 443), ("2001:db8::1", 443)]);
        excepted("b.com, *", &[("a.com", 443)]);
        for list in ["", ",", " , ", ".", "*.", "*..", "a", "b.a.com", "https://a.com", "1.2.3.0/24", "/", "a.com/8"] {
            proxied(list, &[("a.com", 443)]);
        }
    }

    #[test]
    fn ports() {
        excepted("a.com:8443", &[("a.com", 8443), ("x.a.com", 8443)]);
        proxied("a.com:8443", &[("a.com", 443), ("x.a.com", 80)]);
        excepted("10.0.0.1:8443,[2001:db8::1]:8443", &[("10.0.0.1", 8443), ("2001:db8::1", 8443)]);
        proxied("10.0.0.1:8443,[2001:db8::1]:8443", &[("10.0.0.1", 443), ("2001:db8::1", 443)]);
        proxied("a.com:x,a.com:99999,:443,a.com:-1", &[("a.com", 443)]);
    }

    #[test]
    fn addresses() {
        excepted("10.0.0.1", &[("10.0.0.1", 443), ("::ffff:10.0.0.1", 443)]);
        proxied("10.0.0.1", &[("110.0.0.1", 443), ("10.0.0.10", 443), ("10.0.0.1.a.com", 443)]);
        proxied("0.1,.0.0.1,*.0.1", &[("10.0.0.1", 443)]);
        for list in ["2001:db8::1", "[2001:db8::1]", "2001:DB8:0:0::1", "[2001:DB8::0:1]"] {
            excepted(list, &[("2001:db8::1", 443), ("2001:db8::1", 80)]);
            proxied(list, &[("2001:db8::2", 443), ("1:2001:db8::1", 443)]);
        }
    }

    #[test]
    fn networks() {
        excepted("10.0.0.0/8", &[("10.0.0.0", 443), ("10.255.255.255", 80), ("::ffff:10.1.2.3", 443)]);
        proxied("10.0.0.0/8", &[("11.0.0.0", 443), ("9.255.255.255", 443), ("a.com", 443), ("a00::1", 443)]);
        // Bits behind the prefix do not count.
        excepted("192.168.77.1/16", &[("192.168.0.1", 443)]);
        excepted("192.168.1.128/25", &[("192.168.1.128", 443), ("192.168.1.255", 443)]);
        proxied("192.168.1.128/25", &[("192.168.1.127", 443)]);
        excepted("10.0.0.1/32", &[("10.0.0.1", 443)]);
        proxied("10.0.0.1/32", &[("10.0.0.0", 443)]);
        excepted("0.0.0.0/0", &[("8.8.8.8", 443)]);
        proxied("0.0.0.0/0", &[("2001:db8::1", 443), ("a.com", 443)]);
        excepted("fe80::/10,2001:db8::/32", &[("febf::1", 443), ("2001:db8:ffff::1", 443)]);
        proxied("fe80::/10,2001:db8::/32", &[("fec0::1", 443), ("2001:db9::1", 443)]);
        excepted("::/0", &[("2001:db8::1", 443)]);
        proxied("::/0", &[("8.8.8.8", 443)]);
        proxied(
            "10.0.0.0/33,10.0.0.0/x,10.0.0.0/,10.0.0.0/-1,10/8,10.0.0.0/8:443,2001:db8::/129",
            &[("10.0.0.0", 443)],
        );
    }
}
