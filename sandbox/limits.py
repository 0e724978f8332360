"""How often one visitor, or one network, may ask for sandboxes, and how many it may hold at once.

A visitor who drops their cookies is another visitor; their network stays the same.
"""

from __future__ import annotations

import ipaddress
from collections import Counter

from django.conf import settings
from django.utils.crypto import salted_hmac

from lab import counters
from sandbox import capacity
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

OWNER_CLAIMS = 12
ADDRESS_CLAIMS = 120
"""Generous: a whole class may sit behind one address."""
WINDOW = 600


def check_claim(owner: str, address: str) -> None:
    """Count one claim. Raises SandboxError (REFUSED) beyond what ten minutes allow."""
    if owner and not counters.within(f"claim:owner:{owner}", OWNER_CLAIMS, WINDOW):
        raise SandboxError(
            "You have asked for many sandboxes in a short time; wait a few minutes, then try again.",
            reason=Reason.REFUSED,
        )
    if address and not counters.within(f"claim:address:{network(address)}", ADDRESS_CLAIMS, WINDOW):
        raise SandboxError(
            "Too many sandboxes were asked for from your network; wait a few minutes, then try again.",
            reason=Reason.REFUSED,
        )


def network(address: str) -> str:
    """What stands for a visitor's network in the database, where no address is kept: of IPv6 the /64, which one
    household or machine has for itself. Empty for no address."""
    if not address:
        return ""
    try:
        found = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:  # a proxy may say what it likes
        found = None
    if isinstance(found, ipaddress.IPv6Address):
        found = found.ipv4_mapped or ipaddress.ip_network((found, 64), strict=False).network_address
    return salted_hmac("sandbox.network", str(found or address), algorithm="sha256").hexdigest()[:32]


def per_network() -> int:
    """How many sandboxes one network may have: LAB_SANDBOXES_PER_NETWORK, or four fifths of all, so that somebody
    from elsewhere finds a place whatever one network asks for."""
    return int(settings.SANDBOXES_PER_NETWORK) or capacity.limit() - capacity.limit() // 5


def held(beside: str = "") -> Counter[str]:
    """By network (see `network`), how many sandboxes it has, those of the owner `beside` left out."""
    rows = Sandbox.objects.filter(state__in=capacity.IN_USE).exclude(network="")
    return Counter((rows.exclude(owner=beside) if beside else rows).values_list("network", flat=True))


def check_network(owner: str, asked_from: str) -> None:
    """Raises SandboxError (CAPACITY) when the network (see `network`) of this owner has as many sandboxes as one
    may, and as many people who wait, beside them."""
    waiting = Sandbox.objects.filter(network=asked_from, state=State.QUEUED).exclude(owner=owner)
    if asked_from and held(owner)[asked_from] >= per_network() <= waiting.count():
        raise SandboxError(
            f"Your network already has {per_network()} sandboxes of this lab, as many as one may have, and as many "
            "people who wait; try again when one has ended, or ask the person who runs the lab.",
            reason=Reason.CAPACITY,
        )
