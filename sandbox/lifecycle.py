"""A sandbox's way from a row to its end, as the worker walks it."""

from __future__ import annotations

import logging
import time

from lab import lease
from lab.health import progress
from sandbox import capacity, recipe, service
from sandbox.drivers.base import Handle, Report, Spec
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

log = logging.getLogger(__name__)

AT_REST = ["/usr/lib/lab/wait-ready", "docker", "dns"]
REST_SECONDS = 60.0
MADE = (State.WARMING, State.PREPARING)
ATTEMPTS = 2
"""A sandbox that does not start is removed, and another made in its place, so often in all."""


def prepare(key: str) -> None:
    """Make the sandbox of a row in state preparing or warming, or hand it over if it is a pool's. Does nothing when
    another worker is at it, or while set-up is still building what sandboxes are made of (the sweeper asks again)."""
    if progress() is not None or not Sandbox.lease_for(key, states=MADE, time=lease.LEASE):
        return
    row = Sandbox.objects.get(key=key)
    if row.handle:
        service.hand_over(key)
    else:
        _make(row)
    service.serve()


def _make(row: Sandbox) -> None:
    key = row.key
    steps: list[str] = []

    def report(name: str, index: int, count: int) -> None:
        del steps[index:]
        steps.append(name)
        Sandbox.objects.filter(key=key).update(steps=steps, steps_total=count)
        service.announce(key)

    Sandbox.objects.filter(key=key).update(recipe=recipe.current(row.profile))
    try:
        mine = Sandbox.objects.filter(key=key, state__in=MADE)
        with lease.keep(mine, f"sandbox {key}"):
            _settle(row, _create(row, report))
    except SandboxError as error:
        if error.reason is Reason.UNAVAILABLE and row.profile in capacity.offered():
            service.postpone(row, error)
        else:
            service.fail(key, error)
    service.announce(key)


def _create(row: Sandbox, report: Report) -> Handle:
    """Raises SandboxError once the last attempt has failed."""
    attempts = 0
    while True:
        attempts += 1
        began = time.monotonic()
        try:
            handle = service.sandboxd().create(row.key, Spec(profile=row.profile), report)
        except SandboxError as error:
            wanted = Sandbox.objects.filter(key=row.key, state__in=MADE).exists()
            if error.reason is not Reason.FAILED or attempts == ATTEMPTS or not wanted:
                raise
            log.warning("Sandbox %s is made once more: %s %s", row.key, error.message, error.detail)
            continue
        Sandbox.objects.filter(key=row.key).update(made_in=time.monotonic() - began)
        return handle


def _settle(row: Sandbox, handle: Handle) -> None:
    """Say of a sandbox that is made for whom it is: for the pool, or for who claimed it, perhaps just now. If it
    was ended meanwhile it is removed. Raises SandboxError when it cannot be thawed."""
    key = row.key
    if Sandbox.objects.filter(key=key, state=State.WARMING).exists():
        if row.profile == "kubernetes":
            _come_to_rest(key, handle)
        try:
            service.sandboxd().freeze(handle)
        except SandboxError as error:  # on a machine that is very busy; the sweeper tries again
            log.warning("Sandbox %s of the pool is awake for now: %s %s", key, error.message, error.detail)
        if Sandbox.move(key, frm=(State.WARMING,), to=State.POOLED, handle=handle, lease=None):
            return
        service.sandboxd().thaw(handle)
    ready = {"handle": handle, "lease": None, "message": ""}
    if Sandbox.move(key, frm=(State.PREPARING,), to=State.READY, **ready):
        return
    kept = (*MADE, State.POOLED, State.READY)  # another worker, taken for dead or not, was quicker
    if not Sandbox.objects.filter(key=key, state__in=kept).exists():
        destroy(key)


def _come_to_rest(key: str, handle: Handle) -> None:
    """Let a cluster for the pool finish what goes on beside and after its node's becoming ready: Docker, the cluster's
    names. What is frozen in the middle of that would go on with it in front of whoever claims it."""
    try:
        service.sandboxd().run(handle, AT_REST, timeout=REST_SECONDS)
    except SandboxError as error:
        log.warning("Sandbox %s of the pool is frozen unfinished: %s %s", key, error.message, error.detail)


def destroy(key: str) -> None:
    """Remove a sandbox that is ending, and note its end."""
    row = Sandbox.objects.filter(key=key).first()
    service.sandboxd().destroy((row.handle if row else None) or {"key": key})
    if Sandbox.move(key, frm=(State.ENDING,), to=State.ENDED, lease=None):
        service.announce(key)
        service.serve()
