//! Which addresses are connected to at all. A listed name may resolve to something else tomorrow (DNS rebinding), so it is not
//! the name but each address it resolves to that is looked at, and the connection goes to exactly those.

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

/// Whether no metrics server can stand there: link-local (where clouds keep their credentials), multicast, broadcast, nowhere;
/// also when written as IPv6.
pub(super) fn is_forbidden(address: IpAddr) -> bool {
    match plain(address) {
        IpAddr::V4(v4) => {
            v4.is_link_local() || v4.is_multicast() || v4.is_broadcast() || v4.octets()[0] == 0 || v4.octets()[0] >= 240
        }
        IpAddr::V6(v6) => v6.is_unspecified() || v6.is_multicast() || v6.is_unicast_link_local() || is_metadata(v6),
    }
}

/// Amazon's metadata service on IPv6.
fn is_metadata(address: Ipv6Addr) -> bool {
    address == Ipv6Addr::new(0xfd00, 0xec2, 0, 0, 0, 0, 0, 0x254)
}

/// An IPv4 address in any of its IPv6 forms (mapped, compatible, NAT64, 6to4) as IPv4.
fn plain(address: IpAddr) -> IpAddr {
    let IpAddr::V6(v6) = address else { return address };
    let s = v6.segments();
    let v4 = |high: u16, low: u16| {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        IpAddr::from([a, b, c, d])
    };
    match s {
        [0, 0, 0, 0, 0, 0xffff, high, low] => v4(high, low),
        [0x64, 0xff9b, 0, 0, 0, 0, high, low] => v4(high, low),
        [0x2002, high, low, ..] => v4(high, low),
        [0, 0, 0, 0, 0, 0, high, low] if high != 0 => v4(high, low),
        _ => address,
    }
}

/// Resolves names and keeps only addresses that may be connected to.
#[derive(Debug, Clone, Copy)]
pub(super) struct Guard {
    /// Whether the operator listed this machine itself.
    pub(super) local: bool,
}

impl Guard {
    fn allows(self, address: IpAddr) -> bool {
        !is_forbidden(address) && (self.local || !plain(address).is_loopback())
    }
}

impl Resolve for Guard {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = *self;
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            let allowed: Vec<SocketAddr> = found.filter(|address| guard.allows(address.ip())).collect();
            if allowed.is_empty() {
                return Err("the name resolves to no address that may be connected to".into());
            }
            Ok(Box::new(allowed.into_iter()) as Addrs)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses() {
        // address, allowed for a target elsewhere, allowed for one on this machine
        let rows = [
            ("10.0.0.7", true, true),
            ("192.168.1.5", true, true),
            ("93.184.216.34", true, true),
            ("fd00::7", true, true),
            ("2606:4700::1", true, true),
            ("127.0.0.1", false, true),
            ("127.8.8.8", false, true),
            ("::1", false, true),
            ("::ffff:127.0.0.1", false, true),
            ("169.254.169.254", false, false),
            ("::ffff:169.254.169.254", false, false),
            ("::169.254.169.254", false, false),
            ("64:ff9b::a9fe:a9fe", false, false),
            ("2002:a9fe:a9fe::1", false, false),
            ("fd00:ec2::254", false, false),
            ("fe80::1", false, false),
            ("0.0.0.0", false, false),
            ("0.1.2.3", false, false),
            ("::", false, false),
            ("224.0.0.1", false, false),
            ("255.255.255.255", false, false),
            ("240.0.0.1", false, false),
            ("ff02::1", false, false),
        ];
        for (text, elsewhere, here) in rows {
            let address = text.parse().expect("address");
            assert_eq!(Guard { local: false }.allows(address), elsewhere, "{text}");
            assert_eq!(Guard { local: true }.allows(address), here, "{text} from here");
        }
    }
}
