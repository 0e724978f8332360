"""Sandboxes that are made ahead and wait, frozen, for those who will claim them. The worker keeps it filled.

A member is a row in state warming while it is made, pooled when it is ready. Whoever claims it moves it on.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.utils import timezone

from lab.health import progress
from sandbox import capacity, recipe
from sandbox.drivers.base import PROFILES
from sandbox.models import SPARE, Sandbox, State

log = logging.getLogger(__name__)

REST = timedelta(seconds=30)
"""After a member could not be made, none is begun for so long."""
CALM = timedelta(seconds=3)
"""Nor after a claim, as long as there are members left: where one comes many do, and the making would slow them all."""


def next_member() -> str | None:
    """A new row for a member that is to be made now; None when the pool is full, or others need the machine more."""
    if progress() is not None or not any(map(capacity.pool_size, PROFILES)):
        return None
    with transaction.atomic():
        if _others_need_it():
            return None
        for profile in PROFILES:
            members = Sandbox.objects.filter(profile=profile, state__in=SPARE, recipe=recipe.current(profile))
            if members.count() >= capacity.pool_size(profile) or not capacity.has_memory(profile):
                continue
            if not (members.filter(state=State.POOLED).exists() and _claimed_lately()):
                made = Sandbox.objects.create(
                    profile=profile, state=State.WARMING, recipe=recipe.current(profile)
                )
                return made.key
    return None


def _others_need_it() -> bool:
    now = timezone.now()
    members = Sandbox.objects.filter(state__in=SPARE).count()
    busy = Sandbox.objects.filter(state=State.WARMING).count()
    wanted = Sandbox.objects.filter(state__in=(State.QUEUED, State.PREPARING)).exclude(owner="")
    failed = Sandbox.objects.filter(state=State.FAILED, owner="", touched__gt=now - REST)
    return (
        busy >= capacity.refill()
        or members + capacity.in_use() >= capacity.limit()
        or not capacity.has_disk("")
        or wanted.exists()
        or failed.exists()
    )


def _claimed_lately() -> bool:
    return Sandbox.objects.exclude(owner="").filter(created__gt=timezone.now() - CALM).exists()


def surplus() -> list[str]:
    """The keys of members that are to end: made from an outdated recipe, too many for the pool, or in the way of
    what people have."""
    gone: list[str] = []
    for profile in PROFILES:
        pooled = Sandbox.objects.filter(profile=profile, state=State.POOLED).order_by("created")
        fresh = list(pooled.filter(recipe=recipe.current(profile)).values_list("key", flat=True))
        gone += pooled.exclude(recipe=recipe.current(profile)).values_list("key", flat=True)
        gone += fresh[capacity.pool_size(profile) :]
    pooled = Sandbox.objects.filter(state=State.POOLED).exclude(key__in=gone).order_by("-created")
    over = pooled.count() + capacity.in_use() - capacity.limit()
    return [*gone, *pooled.values_list("key", flat=True)[: max(0, over)]]


def drain() -> list[str]:
    """Begin the end of those that are to end; their keys."""
    return [key for key in surplus() if Sandbox.move(key, frm=(State.POOLED,), to=State.ENDING)]
