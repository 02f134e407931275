"""Where a request comes from, when proxies stand between: only what a trusted proxy says is believed."""

from collections.abc import Sequence
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from starlette.requests import HTTPConnection

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

# What one household or one rented machine gets: a single IPv6 address costs nothing to change.
IPV6_PREFIX = 64


def client_address(connection: HTTPConnection, trusted: Sequence[Network]) -> str | None:
    """The address of whoever asks, as text; None when it cannot be told, as on a Unix socket."""
    peer = connection.client.host if connection.client else None
    address = address_behind(peer, connection.headers.getlist("x-forwarded-for"), trusted)
    return str(address) if address else None


def address_behind(peer: str | None, forwarded: Sequence[str], trusted: Sequence[Network]) -> Address | None:
    """The rightmost address of `X-Forwarded-For` that no trusted proxy has; left of it anybody can write anything."""
    address = parsed(peer)
    hops = [hop.strip() for header in forwarded for hop in header.split(",")]
    while address is not None and hops and _within(address, trusted):
        before = parsed(hops.pop())
        if before is None:
            break
        address = before
    return address


def parsed(value: str | None) -> Address | None:
    """The address in `value`; IPv4 that was mapped into IPv6 is IPv4 again."""
    try:
        address = ip_address(value) if value else None
    except ValueError:
        return None
    if isinstance(address, IPv6Address):
        if address.ipv4_mapped:
            return address.ipv4_mapped
        # A zone belongs to one machine, and PostgreSQL's inet cannot keep it.
        return IPv6Address(int(address))
    return address


def neighbourhood(address: Address) -> Network:
    """What counts as one place: an IPv4 address, or the /64 of an IPv6 address."""
    prefix = IPV6_PREFIX if isinstance(address, IPv6Address) else address.max_prefixlen
    return ip_network(f"{address}/{prefix}", strict=False)


def _within(address: Address, networks: Sequence[Network]) -> bool:
    return any(address.version == network.version and address in network for network in networks)
