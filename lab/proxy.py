"""Who a visitor is when a proxy stands between."""

from __future__ import annotations

from django.conf import settings


def client_address(peer: str, forwarded: str) -> str:
    """The address to count a visitor by. `peer` is who is connected, `forwarded` the header X-Forwarded-For.

    Only the last entry of the header is the proxy's own word: what precedes it, the visitor may have sent.
    """
    last = forwarded.rpartition(",")[2].strip()
    return last if settings.TRUST_PROXY and last else peer
