"""What an address to listen on means. Standard library only: set-up asks before anything is installed."""

from __future__ import annotations

import ipaddress


def loopback_only(host: str) -> bool:
    """Whether it can be reached from this machine alone."""
    address = _literal(host)
    return host == "localhost" if address is None else address.is_loopback


def everywhere(host: str) -> bool:
    """Whether it stands for every address of this machine."""
    address = _literal(host)
    return address is not None and address.is_unspecified


def loopback_of(host: str) -> str:
    """The loopback address of the same family."""
    return "::1" if ":" in host else "127.0.0.1"


def _literal(host: str) -> ipaddress.IPv4Address | ipaddress.IPv6Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None
