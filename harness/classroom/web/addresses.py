"""Under which addresses this machine is reached from the class's network."""

from __future__ import annotations

import ipaddress
import socket

# Nothing is sent there: connecting a datagram socket only asks the system which address it would use.
ELSEWHERE = (("192.0.2.1", socket.AF_INET), ("2001:db8::1", socket.AF_INET6))
ANY = frozenset({"", "0.0.0.0", "::"})  # noqa: S104 - compared with, not bound to


def lan_addresses() -> tuple[str, ...]:
    """Addresses that phones on the same network can type, the likeliest first; empty without a network."""
    found = [address for place, family in ELSEWHERE if (address := _source(place, family))]
    return tuple(dict.fromkeys(address for address in found if _usable(address)))


def site_url(host: str, port: int) -> str:
    """The address of a site on a host; port 80 is left out."""
    name = f"[{host}]" if ":" in host else host
    return f"http://{name}" if port == 80 else f"http://{name}:{port}"


def _source(place: str, family: socket.AddressFamily) -> str | None:
    try:
        with socket.socket(family, socket.SOCK_DGRAM) as probe:
            probe.connect((place, 9))
            return str(probe.getsockname()[0])
    except OSError:
        return None


def _usable(address: str) -> bool:
    parsed = ipaddress.ip_address(address.partition("%")[0])
    return not (parsed.is_loopback or parsed.is_unspecified or parsed.is_link_local)
