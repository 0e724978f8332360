"""The sweeper, which looks every few seconds: asks again for what was lost, ends what is over, removes what nobody
knows, and lets those sleep whose learners are away."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from sandbox import clock, pool, service, waiting
from sandbox.drivers.base import Status
from sandbox.errors import SandboxError
from sandbox.lifecycle import MADE, destroy
from sandbox.models import LIVE, Sandbox, State

log = logging.getLogger(__name__)

KEEP_ROWS = timedelta(days=1)
EXPIRED = "The sandbox was not used for a long time and has been removed; start a fresh one."
UNUSED = "Nobody looked at this sandbox while others waited for one, and it went to them; start a fresh one."


def sweep() -> None:
    """One look at everything. What cannot be done now is done by the next."""
    clock.mend()
    now = timezone.now()
    for row in Sandbox.objects.filter(state__in=MADE):
        if row.lease is None or row.lease < now:
            service.enqueue("sandbox.tasks.prepare", row.key)
    for key in Sandbox.objects.filter(state=State.ENDING).values_list("key", flat=True):
        with _going_on(key):
            destroy(key)
    expired = now - timedelta(seconds=settings.SANDBOX_LIFETIME)
    for key in Sandbox.objects.filter(state__in=LIVE, touched__lt=expired).values_list("key", flat=True):
        service.end(key, EXPIRED)
    waiting.drop_gone()
    for key in waiting.unused():
        service.end(key, UNUSED)
    for key in pool.drain():
        service.enqueue("sandbox.tasks.destroy", key)
    for look in (_look_at_the_pool, _look_at_those_ready, _let_sleep, _remove_orphans, service.serve):
        with _going_on("all"):
            look()
    over = Sandbox.objects.filter(state__in=(State.ENDED, State.FAILED))
    over.filter(touched__lt=now - KEEP_ROWS).delete()


@contextmanager
def _going_on(key: str) -> Iterator[None]:
    """One sandbox that cannot be looked after must not keep the sweeper from the others."""
    try:
        yield
    except SandboxError as error:
        log.error("Sandbox %s: %s %s", key, error.message, error.detail)


def _look_at_the_pool() -> None:
    """End members that died or whose engine did, and freeze those that a crash left running."""
    for row in Sandbox.objects.filter(state=State.POOLED):
        with _going_on(row.key):
            status = service.sandboxd().poll(row.handle)
            if status is Status.GONE or not service.sandboxd().engine_alive(row.handle):
                if Sandbox.move(row.key, frm=(State.POOLED,), to=State.ENDING):
                    log.warning("Sandbox %s of the pool has died and is replaced", row.key)
                    service.enqueue("sandbox.tasks.destroy", row.key)
            elif status is Status.RUNNING:
                _freeze(row, Q(state=State.POOLED))


def _look_at_those_ready() -> None:
    """End what died, and note where an engine has ended or come back. One that is awake and yet frozen, or the
    other way round, was left so by a crash."""
    for row in Sandbox.objects.filter(state=State.READY):
        with _going_on(row.key):
            status = service.sandboxd().poll(row.handle)
            if status is Status.GONE:
                why = service.sandboxd().ending(row.key)
                service.end(row.key, why or "The sandbox has stopped; start a fresh one to go on.")
                continue
            if status is Status.FROZEN and not row.asleep:
                service.sandboxd().thaw(row.handle)
            elif status is Status.RUNNING and row.asleep:
                _freeze(row, Q(state=State.READY, asleep=True))
            alive = service.sandboxd().engine_alive(row.handle)
            if alive != row.engine_alive:
                Sandbox.objects.filter(key=row.key).update(engine_alive=alive)
                service.announce(row.key)


def _let_sleep() -> None:
    """Freeze the sandboxes of learners who are away: no input, no check, no visible page for a while."""
    if not settings.SANDBOX_IDLE:
        return
    since = timezone.now() - timedelta(seconds=settings.SANDBOX_IDLE)
    unseen = Q(seen__isnull=True) | Q(seen__lt=since)
    away = Sandbox.objects.filter(unseen, state=State.READY, asleep=False, touched__lt=since).exclude(
        owner=""
    )
    for row in away:
        still = Sandbox.objects.filter(
            unseen, key=row.key, state=State.READY, asleep=False, touched__lt=since
        )
        if still.update(asleep=True):
            with _going_on(row.key):
                _freeze(row, Q(state=State.READY, asleep=True))
            service.announce(row.key)


def _freeze(row: Sandbox, wanted: Q) -> None:
    """Freeze a sandbox as long as its row says so: who wants it meanwhile has changed that first, then thawed."""
    service.sandboxd().freeze(row.handle)
    if not Sandbox.objects.filter(wanted, key=row.key).exists():
        service.sandboxd().thaw(row.handle)


def _remove_orphans() -> None:
    found = service.sandboxd().list()  # first: a row is there before its sandbox is
    ended = (State.QUEUED, State.ENDED, State.FAILED)
    known = set(Sandbox.objects.exclude(state__in=ended).values_list("key", flat=True))
    for key in found - known:
        log.warning("Removing sandbox %s, which no row knows", key)
        with _going_on(key):
            service.sandboxd().destroy({"key": key})
