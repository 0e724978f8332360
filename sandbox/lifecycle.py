"""A sandbox's way from claim to end, as the worker walks it; and the sweeper that mends what was lost."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from lab import lease
from lab.health import progress
from sandbox import service
from sandbox.drivers.base import Spec, Status
from sandbox.errors import Reason, SandboxError
from sandbox.models import LIVE, Sandbox, State

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)
"""How long a claim waits for a sandboxd that is away."""
RETRY = timedelta(seconds=2)
KEEP_ROWS = timedelta(days=1)


def prepare(key: str) -> None:
    """Make the sandbox of a row in state preparing. Does nothing when another worker is at it, or while
    set-up is still building what sandboxes are made of (the sweeper asks again)."""
    if progress() is not None or not Sandbox.lease_for(key, states=(State.PREPARING,), time=lease.LEASE):
        return
    row = Sandbox.objects.get(key=key)
    steps: list[str] = []

    def report(name: str, index: int, count: int) -> None:
        del steps[index:]
        steps.append(name)
        Sandbox.objects.filter(key=key).update(steps=steps, steps_total=count)
        service.announce(key)

    try:
        mine = Sandbox.objects.filter(key=key, state=State.PREPARING)
        with lease.keep(mine, f"sandbox {key}"):
            handle = service.sandboxd().create(key, Spec(profile=row.profile), report)
    except SandboxError as error:
        if error.reason is Reason.UNAVAILABLE and timezone.now() - row.created < PATIENCE:
            log.warning("Sandbox %s waits: %s %s", key, error.message, error.detail)
            Sandbox.objects.filter(key=key).update(lease=timezone.now() + RETRY)
            return
        log.error("Sandbox %s could not be made: %s %s", key, error.message, error.detail)
        Sandbox.move(key, frm=(State.PREPARING,), to=State.FAILED, message=error.message, lease=None)
        service.announce(key)
        return
    now = timezone.now()
    if not Sandbox.move(
        key, frm=(State.PREPARING,), to=State.READY, handle=handle, touched=now, lease=None, message=""
    ):
        destroy(key)
    service.announce(key)


def destroy(key: str) -> None:
    """Remove a sandbox that is ending, and note its end."""
    row = Sandbox.objects.filter(key=key).first()
    service.sandboxd().destroy((row.handle if row else None) or {"key": key})
    if Sandbox.move(key, frm=(State.ENDING,), to=State.ENDED, lease=None):
        service.announce(key)


def sweep() -> None:
    """Ask again for what was lost, end what is over, remove what nobody knows."""
    now = timezone.now()
    for row in Sandbox.objects.filter(state=State.PREPARING):
        if row.lease is None or row.lease < now:
            service.enqueue("sandbox.tasks.prepare", row.key)
    for key in Sandbox.objects.filter(state=State.ENDING).values_list("key", flat=True):
        with _going_on(key):
            destroy(key)
    idle = now - timedelta(seconds=settings.SANDBOX_LIFETIME)
    for key in Sandbox.objects.filter(state__in=LIVE, touched__lt=idle).values_list("key", flat=True):
        service.end(key, "The sandbox was not used for a long time and has been removed; start a fresh one.")
    with _going_on("all"):
        _look_at_those_ready()
    with _going_on("all"):
        _remove_orphans()
    Sandbox.objects.filter(state__in=(State.ENDED, State.FAILED), touched__lt=now - KEEP_ROWS).delete()


@contextmanager
def _going_on(key: str) -> Iterator[None]:
    """One sandbox that cannot be looked after must not keep the sweeper from the others."""
    try:
        yield
    except SandboxError as error:
        log.error("Sandbox %s: %s %s", key, error.message, error.detail)


def _look_at_those_ready() -> None:
    """End what died, and note where an engine has ended or come back."""
    for row in Sandbox.objects.filter(state=State.READY):
        with _going_on(row.key):
            if service.sandboxd().poll(row.handle) is Status.GONE:
                why = service.sandboxd().ending(row.key)
                service.end(row.key, why or "The sandbox has stopped; start a fresh one to go on.")
                continue
            alive = service.sandboxd().engine_alive(row.handle)
            if alive != row.engine_alive:
                Sandbox.objects.filter(key=row.key).update(engine_alive=alive)
                service.announce(row.key)


def _remove_orphans() -> None:
    found = service.sandboxd().list()  # first: a row is there before its sandbox is
    ended = (State.ENDED, State.FAILED)
    known = set(Sandbox.objects.exclude(state__in=ended).values_list("key", flat=True))
    for key in found - known:
        log.warning("Removing sandbox %s, which no row knows", key)
        with _going_on(key):
            service.sandboxd().destroy({"key": key})
