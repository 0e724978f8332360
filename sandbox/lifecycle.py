"""A sandbox's way from claim to end, as the worker walks it; and the sweeper that mends what was lost."""

from __future__ import annotations

import logging
from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from lab.health import progress
from sandbox import service
from sandbox.drivers.base import Spec, Status
from sandbox.errors import Reason, SandboxError
from sandbox.models import LIVE, Sandbox, State

log = logging.getLogger(__name__)

LEASE = 60.0
"""Seconds without a reported step after which a worker is taken for dead."""
PATIENCE = timedelta(minutes=2)
"""How long a claim waits for a sandboxd that is away."""
RETRY = timedelta(seconds=2)
KEEP_ROWS = timedelta(days=1)


def prepare(key: str) -> None:
    """Make the sandbox of a row in state preparing. Does nothing when another worker is at it, or while
    set-up is still building what sandboxes are made of (the sweeper asks again)."""
    if progress() is not None or not Sandbox.lease_for(key, states=(State.PREPARING,), seconds=LEASE):
        return
    row = Sandbox.objects.get(key=key)
    steps: list[str] = []

    def report(name: str, index: int, count: int) -> None:
        del steps[index:]
        steps.append(name)
        until = timezone.now() + timedelta(seconds=LEASE)
        Sandbox.objects.filter(key=key).update(steps=steps, steps_total=count, lease=until)
        service.announce(key)

    try:
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
        destroy(key)
    idle = now - timedelta(seconds=settings.SANDBOX_LIFETIME)
    for key in Sandbox.objects.filter(state__in=LIVE, touched__lt=idle).values_list("key", flat=True):
        service.end(key, "The sandbox was not used for a long time and has been removed; start a fresh one.")
    _end_what_died()
    _remove_orphans()
    Sandbox.objects.filter(state__in=(State.ENDED, State.FAILED), touched__lt=now - KEEP_ROWS).delete()


def _end_what_died() -> None:
    for row in Sandbox.objects.filter(state=State.READY):
        if service.sandboxd().poll(row.handle) is Status.GONE:
            service.end(row.key, "The sandbox has stopped; start a fresh one to go on.")


def _remove_orphans() -> None:
    found = service.sandboxd().list()  # first: a row is there before its sandbox is
    ended = (State.ENDED, State.FAILED)
    known = set(Sandbox.objects.exclude(state__in=ended).values_list("key", flat=True))
    for key in found - known:
        log.warning("Removing sandbox %s, which no row knows", key)
        service.sandboxd().destroy({"key": key})
