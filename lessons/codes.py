"""Codes by which a learner goes on in another browser: short, read aloud easily, good once and for minutes."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from lab import counters
from lessons.models import Learner, MoveCode
from sandbox.limits import network

ALPHABET = "abcdefghjkmnpqrstuvwxyz23456789"
"""Nothing in it reads or sounds like something else: no i, l, o, 0 or 1."""
GROUPS, GROUP = 2, 4
"""31^8 codes: all tries that are allowed while a code is good find one of a hundred once in 14 million times."""
GOOD_FOR = timedelta(minutes=10)

WINDOW = 600
"""Seconds that the limits below are counted over."""
MADE_BY_ONE = 10
TRIES_OF_A_NETWORK = 60
"""A whole class may sit behind one address."""
TRIES_OF_ALL = 600


class Refused(Exception):
    """No code is made or taken now; the text is one sentence for the learner."""


def make(learner: Learner) -> tuple[str, datetime]:
    """A new code for this learner and when it ends; an earlier one is no longer good. Raises Refused."""
    if not counters.within(f"code:made:{learner.key}", MADE_BY_ONE, WINDOW):
        raise Refused("You have made many codes in a short time; wait a few minutes, then make another.")
    code = "".join(secrets.choice(ALPHABET) for _ in range(GROUPS * GROUP))
    expires = timezone.now() + GOOD_FOR
    MoveCode.objects.filter(learner=learner).delete()
    MoveCode.objects.create(digest=_digest(code), learner=learner, expires=expires)
    return "-".join(code[at : at + GROUP] for at in range(0, len(code), GROUP)), expires


def take(given: str, address: str) -> Learner | None:
    """The learner whose code this is, which then is used up; None for a wrong, used or old one. Raises Refused.

    `given` is as people type it: in capitals, with blanks or hyphens anywhere. Within a transaction that is
    rolled back the code stays good.
    """
    allowed = counters.within(f"code:tried:{network(address)}", TRIES_OF_A_NETWORK, WINDOW)
    if not allowed or not counters.within("code:tried", TRIES_OF_ALL, WINDOW):
        raise Refused("Codes were tried too often; wait a few minutes, then try again.")
    MoveCode.objects.filter(expires__lte=timezone.now()).delete()
    code = "".join(c for c in given.lower() if c.isalnum())
    if len(code) != GROUPS * GROUP or set(code) - set(ALPHABET):
        return None
    found = MoveCode.objects.filter(digest=_digest(code)).select_related("learner").first()
    # of two who enter it at once, the one whose deletion finds the row wins
    return found.learner if found and MoveCode.objects.filter(digest=found.digest).delete()[0] else None


def _digest(code: str) -> str:
    return salted_hmac("lessons.codes", code, algorithm="sha256").hexdigest()
