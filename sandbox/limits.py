"""How often one visitor, or one network address, may ask for sandboxes."""

from __future__ import annotations

from lab import counters
from sandbox.errors import Reason, SandboxError

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
    if address and not counters.within(f"claim:address:{address}", ADDRESS_CLAIMS, WINDOW):
        raise SandboxError(
            "Too many sandboxes were asked for from your network; wait a few minutes, then try again.",
            reason=Reason.REFUSED,
        )
