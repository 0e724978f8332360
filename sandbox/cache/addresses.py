"""Where the cache may connect to: the upstream that the operator named, and public addresses.

A registry answers with redirects and with the address of its token service. Without this, whoever writes those
answers would reach what the host reaches: its own services, private networks, metadata services.
"""

from __future__ import annotations

import ipaddress
import socket

from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.resolver import ThreadedResolver
from yarl import URL

GLOBAL_IPV6 = ipaddress.ip_network("2000::/3")


class Forbidden(OSError):
    """An address that is not the upstream's and not public."""


def public(text: str) -> bool:
    """Whether an address is of the public internet and not one of this host's own."""
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address) and (
        address not in GLOBAL_IPV6 or address.sixtofour or address.teredo
    ):
        return False
    return address.is_global and not address.is_multicast and not _own(address)


def _own(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> bool:
    """Only an address of this host's can be bound to."""
    family = socket.AF_INET if address.version == 4 else socket.AF_INET6
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.bind((str(address), 0))
        except OSError:
            return False
    return True


class Gate(AbstractResolver):
    """Looks names up for connections, and gives only addresses that may be connected to."""

    def __init__(self, upstream: URL) -> None:
        self._upstream = (upstream.host, upstream.port)
        self._names = ThreadedResolver()

    def check(self, url: URL) -> None:
        """Raises Forbidden for what is no web address, and for a forbidden address that is written as such."""
        if url.scheme not in ("http", "https") or not url.host:
            raise Forbidden(f"{url.scheme} is not a way to a registry")
        try:
            ipaddress.ip_address(url.host.partition("%")[0])
        except ValueError:
            return  # a name: `resolve` sees it
        self._admit(url.host, url.port or 0, url.host)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        found = await self._names.resolve(host, port, family)
        for one in found:
            self._admit(host, port, one["host"])
        return found

    def _admit(self, host: str, port: int, address: str) -> None:
        if (host, port) != self._upstream and not public(address):
            raise Forbidden(f"{host}:{port} is neither the upstream registry nor public")

    async def close(self) -> None:
        await self._names.close()
