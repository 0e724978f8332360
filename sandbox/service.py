"""What pages and tasks do with sandboxes: claim, reset, look, run. Synchronous; no call holds a transaction
while a driver works."""

from __future__ import annotations

import logging
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from redis.exceptions import RedisError

from lab.celery import app
from lab.health import progress
from sandbox import capacity, layout, limits, sharing
from sandbox.drivers.base import PROFILES, Result
from sandbox.errors import Reason, SandboxError, SandboxNotFound
from sandbox.models import LIVE, Sandbox, State
from sandbox.sandboxd.client import Sandboxd

log = logging.getLogger(__name__)


def sandboxd() -> Sandboxd:
    """The client of this lab's sandboxd."""
    return Sandboxd(settings.PATHS.sandboxd_socket)


def group(key: str) -> str:
    """The channel-layer group that hears of every change to this sandbox."""
    return f"sandbox-{key}"


def announce(key: str) -> None:
    """Tell every page that shows this sandbox to read its row again. Losing one does no harm: until the
    sandbox is ready they look by themselves."""
    try:
        async_to_sync(get_channel_layer().group_send)(group(key), {"type": "sandbox.changed", "key": key})
    except (OSError, RedisError) as error:
        log.warning("A change of sandbox %s could not be told: %s", key, error)


def current(owner: str) -> Sandbox | None:
    """The owner's newest sandbox, also when it failed or ended by itself; None when there is none.

    One that is on its way out by the owner's own wish is nothing to tell about.
    """
    given_up = Q(state=State.ENDING, message="")
    return Sandbox.objects.filter(owner=owner).exclude(given_up).order_by("-created").first()


def owned(owner: str, key: str) -> Sandbox | None:
    """The live sandbox of that key, if it belongs to this owner."""
    if not owner:
        return None
    return Sandbox.objects.filter(owner=owner, key=key, state__in=LIVE).first()


def claim(owner: str, profile: str, address: str = "") -> Sandbox:
    """The owner's live sandbox of that profile, or a new one whose making has been asked for.

    Raises SandboxError: INVALID for an unknown profile, CAPACITY when there is no room, REFUSED
    when this owner or network address asks too often.
    """
    with transaction.atomic():
        found = Sandbox.objects.filter(owner=owner, state__in=LIVE).order_by("-created").first()
        if found is not None and found.profile == profile:
            touch(found.key)
            return found
        return _instead_of([found.key] if found else [], owner, profile, address)


def reset(owner: str, profile: str, address: str = "") -> Sandbox:
    """End the owner's sandboxes and claim a fresh one. Raises as `claim` does, before anything ends."""
    with transaction.atomic():
        live = Sandbox.objects.filter(owner=owner, state__in=LIVE).values_list("key", flat=True)
        return _instead_of(list(live), owner, profile, address)


def _instead_of(keys: list[str], owner: str, profile: str, address: str) -> Sandbox:
    """A new sandbox in the place of these, which end once the transaction is over."""
    if profile not in PROFILES:
        raise SandboxError(f"There is no sandbox profile {profile!r}.", reason=Reason.INVALID)
    limits.check_claim(owner, address)
    asked_from = limits.network(address)
    limits.check_network(owner, asked_from)
    capacity.check_room(owner)
    before = Sandbox.objects.filter(owner=owner).order_by("-created").first()
    arranged = layout.for_another(before.layout) if owner and before else None
    made = Sandbox.objects.create(owner=owner, profile=profile, network=asked_from, layout=arranged)

    def follow() -> None:
        for key in keys:
            end(key)
        enqueue("sandbox.tasks.prepare", made.key)

    transaction.on_commit(follow)
    return made


def end(key: str, message: str = "") -> None:
    """Have a sandbox removed; without effect when that is under way already."""
    if Sandbox.move(key, frm=LIVE, to=State.ENDING, message=message, lease=None):
        enqueue("sandbox.tasks.destroy", key)
        announce(key)


def touch(key: str) -> None:
    """Note that somebody uses this sandbox."""
    Sandbox.objects.filter(key=key).update(touched=timezone.now())


def arrange(owner: str, key: str, arranged: Any) -> layout.Layout:
    """Keep how the terminals of the owner's sandbox are arranged. Raises SandboxError: INVALID, NOT_FOUND."""
    checked = layout.check(arranged)
    if not owner or not Sandbox.objects.filter(owner=owner, key=key, state__in=LIVE).update(layout=checked):
        raise SandboxNotFound("The sandbox has ended; start a fresh one.")
    sharing.tell(key)
    return checked


def close_terminal(owner: str, key: str, name: str) -> None:
    """End a terminal of the owner's sandbox with all that runs in it. Raises SandboxError, NOT_FOUND included."""
    sandbox = owned(owner, key)
    if sandbox is None or sandbox.state != State.READY:
        raise SandboxNotFound("The sandbox has ended; start a fresh one.")
    daemon = sandboxd()
    daemon.thaw(sandbox.handle)
    daemon.close_terminal(sandbox.handle, name)


def run(sandbox: Sandbox, argv: list[str], *, timeout: float = 30.0, stdin: bytes = b"") -> Result:
    """Run a command inside as root. Raises SandboxNotFound when it is gone, SandboxTimeout, SandboxError."""
    if sandbox.state != State.READY:
        raise SandboxNotFound("The sandbox is not running; start a fresh one.")
    return sandboxd().run(sandbox.handle, argv, timeout=timeout, stdin=stdin)


def open_ports(owner: str) -> list[dict[str, Any]]:
    """The open ports of the owner's sandbox as the page gets them; none while it is not ready, or cannot be
    asked. Wakes nobody."""
    found = current(owner)
    if found is None or found.state != State.READY:
        return []
    try:
        ports = sandboxd().ports(found.handle)
    except SandboxError:
        return []
    return [{"port": port.number, "published": port.published} for port in ports]


def state_message(sandbox: Sandbox | None) -> dict[str, Any]:
    """The state of a learner's sandbox as the page gets it (see docs/lesson-channel.md)."""
    setup = progress()
    if sandbox is None:
        return {
            "state": "none", "key": None, "steps": [], "message": "", "setup": setup, "layout": None,
        }  # fmt: skip
    state = str(sandbox.state)
    if state == State.ENDING:
        state = str(State.ENDED)
    if state == State.PREPARING and setup is not None:
        state = "waiting"
    done = len(sandbox.steps) - 1 if state == State.PREPARING else len(sandbox.steps)
    steps = [
        {"name": name, "state": "done" if index < done else "running"}
        for index, name in enumerate(sandbox.steps)
    ]
    return {
        "state": state,
        "key": sandbox.key,
        "steps": steps,
        "steps_total": sandbox.steps_total,
        "message": sandbox.message,
        "setup": setup,
        "layout": sandbox.layout,
    }


def enqueue(task: str, key: str) -> None:
    """Have a worker do a task of sandbox.tasks with that key."""
    app.send_task(task, args=[key], queue="lifecycle")
