"""Who may open a preview: a token that the lab's page gets and the preview takes once, then a cookie of the
preview's own origin. Both are signed, and bound to sandbox, owner, port and origin."""

from __future__ import annotations

import secrets
from dataclasses import asdict, dataclass
from typing import Any

from django.core import signing
from django.core.cache import cache
from django.utils.crypto import salted_hmac

TOKEN_SALT = "lab.preview.token"  # noqa: S105 - says what is signed, is no secret
VISIT_SALT = "lab.preview.visit"
TOKEN_SECONDS = 60
VISIT_SECONDS = 12 * 3600


@dataclass(frozen=True)
class Pass:
    """`holder` stands for the sandbox's owner; `origin` is the preview's, `lab` that of the lab's page."""

    key: str
    port: int
    holder: str
    origin: str
    lab: str


def holder_of(owner: str) -> str:
    """What stands for an owner in tokens and cookies, and tells nothing about them."""
    return salted_hmac("lab.preview.holder", owner).hexdigest()[:32]


def issue(granted: Pass) -> str:
    """A token for one visit, to be used within a minute."""
    signer = signing.TimestampSigner(salt=TOKEN_SALT)
    return signer.sign_object({**asdict(granted), "nonce": secrets.token_urlsafe(12)})


def redeem(token: str, origin: str) -> Pass | None:
    """What a token grants at this origin; None when it is forged, too old, another origin's, or was used.

    Of several that bring the same token at once, one is let in. Raises redis.RedisError: nobody is let in
    while it cannot be known.
    """
    found = _read(token, TOKEN_SALT, TOKEN_SECONDS)
    if found is None or found.get("origin") != origin:
        return None
    nonce = found.pop("nonce", "")
    if not cache.add(f"preview-token-{nonce}", 1, timeout=2 * TOKEN_SECONDS):
        return None
    return _pass(found)


def seal(granted: Pass) -> str:
    """The cookie's value."""
    return signing.TimestampSigner(salt=VISIT_SALT).sign_object(asdict(granted))


def unseal(cookie: str, origin: str) -> Pass | None:
    """The pass in a cookie's value, for this origin; None when there is no good one."""
    found = _pass(_read(cookie, VISIT_SALT, VISIT_SECONDS) or {})
    return found if found is not None and found.origin == origin else None


def _read(value: str, salt: str, seconds: int) -> dict[str, Any] | None:
    try:
        found = signing.TimestampSigner(salt=salt).unsign_object(value, max_age=seconds)
    except (signing.BadSignature, ValueError):
        return None
    return found if isinstance(found, dict) else None


def _pass(fields: dict[str, Any]) -> Pass | None:
    try:
        return Pass(**fields)
    except TypeError:
        return None
