"""A learner's sandboxes when the learner becomes another, or nobody."""

from __future__ import annotations

import logging
from functools import partial

from django.db import transaction
from django.db.models import Q
from kombu.exceptions import OperationalError

from sandbox import service
from sandbox.models import LIVE, Sandbox, State

log = logging.getLogger(__name__)


def hand_over(frm: str, to: str) -> str:
    """Give the sandboxes of one owner to another, within a transaction: "kept" when the receiver now has the
    live one, "ended" when they had one themselves and this one ends, "" when there was none."""
    live = list(Sandbox.objects.filter(owner=frm, state__in=LIVE).values_list("key", flat=True))
    if not live:
        _disown(frm)
        return ""
    if Sandbox.objects.filter(owner=to, state__in=LIVE).exists():
        forget(frm)
        return "ended"
    _disown(to)  # those are over, and must not be taken for the newest
    Sandbox.objects.filter(key__in=live).update(owner=to)
    _disown(frm)
    return "kept"


def forget(owner: str) -> int:
    """End an owner's sandboxes and remove what the database knows of whose they were; how many ran."""
    keys = list(Sandbox.objects.filter(owner=owner, state__in=LIVE).values_list("key", flat=True))
    for key in keys:
        if Sandbox.move(key, frm=LIVE, to=State.ENDING, message="", lease=None):
            transaction.on_commit(partial(_follow, key))
    _disown(owner)
    return len(keys)


def _disown(owner: str) -> None:
    """Rows of what still ends stay without a name until that is over; the others go."""
    Sandbox.objects.filter(owner=owner, state__in=(State.ENDED, State.FAILED)).delete()
    rest = Sandbox.objects.filter(~Q(state__in=LIVE), owner=owner)
    rest.update(owner="", network="", layout=None, message="")


def _follow(key: str) -> None:
    try:
        service.enqueue("sandbox.tasks.destroy", key)
    except (OperationalError, OSError) as error:
        log.warning("Sandbox %s waits for the sweeper: the queue does not answer (%s)", key, error)
    service.announce(key)
