"""What pages and tasks do with sandboxes: claim, reset, look, use, run. Synchronous; no call holds a transaction
while a driver works."""

from __future__ import annotations

import logging
import math
from dataclasses import asdict
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from lab.celery import app
from sandbox import capacity, layout, limits, offer, pool, sharing, waiting
from sandbox.drivers.base import PROFILES, Result
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxUnavailable
from sandbox.models import LIVE, SPARE, Sandbox, State
from sandbox.sandboxd.client import Sandboxd

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)
"""How long a claim waits for a sandboxd that is away."""
RETRY = timedelta(seconds=2)
ANSWERS_WITHIN = {"docker": 0.5, "kubernetes": 3.0}
"""Seconds within which the engine of a pool's member must answer. A cluster does so within 0.3 when it is woken alone,
and later where thirty are woken in ten seconds: they must not be taken for dead."""
GIVEN_UP = "You have given up your place in the queue; ask again whenever you like."
ANNOUNCED = 600
"""Seconds before its end from disuse that an owner is told."""
SEEN_EVERY = timedelta(seconds=15)
"""Between two notes that a page is visible: less than any time after which a sandbox falls asleep."""


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
    """The owner's sandbox of that profile, or their place in the queue for one: it is served at once, from the pool
    or by making one, unless others are before them or there is no room.

    Raises SandboxError: INVALID for an unknown profile, UNAVAILABLE for one whose parts are not built, CAPACITY when
    the disk is full or their network has and waits for as many as one may, REFUSED when this owner or network address
    asks too often.
    """
    with transaction.atomic():
        found = _wanted(owner).first()
        known = found is not None and found.profile == profile
        if found is None or not known:
            if not _in_pool(profile):
                capacity.check_disk(owner)
            found = _instead_of([found] if found else [], owner, profile, address)
    if known and found.state == State.READY:
        touch(found.key)
    serve()
    return current(owner) or found


def reset(owner: str, profile: str, address: str = "") -> Sandbox:
    """End the owner's sandboxes and claim a fresh one. Raises as `claim` does, and CAPACITY when there is no room,
    before anything ends."""
    with transaction.atomic():
        capacity.check_place(owner)
        if not _in_pool(profile):
            capacity.check_disk(owner)
        fresh = _instead_of(list(_wanted(owner)), owner, profile, address)
    serve()
    return current(owner) or fresh


def _wanted(owner: str) -> QuerySet[Sandbox]:
    """What the owner has or waits for, the newest first."""
    return Sandbox.objects.filter(owner=owner, state__in=(State.QUEUED, *LIVE)).order_by("-created")


def _in_pool(profile: str) -> bool:
    return Sandbox.objects.filter(profile=profile, state__in=SPARE).exists()


def _instead_of(rows: list[Sandbox], owner: str, profile: str, address: str) -> Sandbox:
    """A place in the queue instead of these rows, which end once the transaction is over."""
    if profile not in PROFILES:
        raise SandboxError(f"There is no sandbox profile {profile!r}.", reason=Reason.INVALID)
    offer.check(profile)
    limits.check_claim(owner, address)
    asked_from = limits.network(address)
    limits.check_network(owner, asked_from)
    before = Sandbox.objects.filter(owner=owner).order_by("-created").first()
    arranged = layout.for_another(before.layout) if owner and before else None
    keys = [row.key for row in rows]
    Sandbox.objects.filter(key__in=keys, state=State.QUEUED).delete()

    def end_them() -> None:
        for key in keys:
            end(key)

    transaction.on_commit(end_them)
    return waiting.join(owner, profile, asked_from, arranged)


def give_up(owner: str) -> None:
    """Leave the queue."""
    for key in Sandbox.objects.filter(owner=owner, state=State.QUEUED).values_list("key", flat=True):
        if Sandbox.move(key, frm=(State.QUEUED,), to=State.ENDED, message=GIVEN_UP):
            announce(key)


def serve() -> None:
    """Serve those who wait as far as there is room, and have the pool refilled."""
    while (found := waiting.take_next()) is not None:
        if found.pooled:
            hand_over(found.key)
        elif not found.warming:
            enqueue("sandbox.tasks.prepare", found.key)
        announce(found.queued)
    refill()


def refill() -> None:
    """Have the next members of the pool made."""
    while (key := pool.next_member()) is not None:
        enqueue("sandbox.tasks.prepare", key)


def hand_over(key: str) -> None:
    """Wake a member of the pool that has been claimed and see that its engine answers; if it does not, it ends and
    who claimed it waits for another, at their old place. While sandboxd is away, the sweeper asks again."""
    row = Sandbox.objects.get(key=key)
    try:
        sandboxd().thaw(row.handle)
        good = sandboxd().answers(row.handle, ANSWERS_WITHIN[row.profile])
    except SandboxUnavailable as error:
        postpone(row, error)
        return
    except SandboxError as error:
        log.warning("Sandbox %s of the pool: %s %s", key, error.message, error.detail)
        good = False
    if good:
        Sandbox.move(key, frm=(State.PREPARING,), to=State.READY, lease=None, touched=timezone.now())
    elif waiting.give_back(key):
        log.warning("Sandbox %s of the pool is of no use and is replaced", key)
        enqueue("sandbox.tasks.destroy", key)
    announce(key)


def postpone(row: Sandbox, error: SandboxError) -> None:
    """sandboxd is away: have the sweeper ask again soon, or tell the owner when that has gone on for long."""
    if row.state == State.WARMING or timezone.now() - row.created < PATIENCE:
        log.warning("Sandbox %s waits: %s %s", row.key, error.message, error.detail)
        Sandbox.objects.filter(key=row.key).update(lease=timezone.now() + RETRY)
        return
    fail(row.key, error)


def fail(key: str, error: SandboxError) -> None:
    """Note that a sandbox could not be made."""
    log.error("Sandbox %s could not be made: %s %s", key, error.message, error.detail)
    Sandbox.move(
        key, frm=(State.WARMING, State.PREPARING), to=State.FAILED, message=error.message, lease=None,
        touched=timezone.now(),
    )  # fmt: skip
    announce(key)


def end(key: str, message: str = "") -> None:
    """Have a sandbox removed; without effect when that is under way already."""
    if Sandbox.move(key, frm=LIVE, to=State.ENDING, message=message, lease=None):
        enqueue("sandbox.tasks.destroy", key)
        announce(key)


def touch(key: str) -> None:
    """Note that somebody uses this sandbox, and wake it if it sleeps. One that cannot be reached now is woken by
    the sweeper."""
    _wake(key, "touched", "seen")


def _wake(key: str, *signs: str) -> None:
    """Let the sandbox be awake, and note that in the fields `signs`."""
    rows = Sandbox.objects.filter(key=key)
    now = dict.fromkeys(signs, timezone.now())
    if rows.exclude(state=State.READY, asleep=True).update(**now):
        return  # the sweeper, which lets only those sleep that are not used, sees that
    if rows.filter(state=State.READY, asleep=True).update(asleep=False, **now):
        _thaw(rows.get())
        announce(key)


def _thaw(sandbox: Sandbox) -> None:
    try:
        sandboxd().thaw(sandbox.handle)
    except SandboxError as error:
        log.warning("Sandbox %s could not be woken: %s %s", sandbox.key, error.message, error.detail)


def use(owner: str) -> None:
    """The owner wants to go on with the sandbox they have: wake it, and do not let it expire."""
    for key in Sandbox.objects.filter(owner=owner, state=State.READY).values_list("key", flat=True):
        touch(key)
        announce(key)


def see(owner: str) -> None:
    """A page that shows the owner's sandbox is visible."""
    now = timezone.now()
    stale = Q(seen__isnull=True) | Q(seen__lt=now - SEEN_EVERY)
    Sandbox.objects.filter(stale, owner=owner, state=State.READY).update(seen=now)


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
    touch(key)
    sandboxd().close_terminal(sandbox.handle, name)


def run(sandbox: Sandbox, argv: list[str], *, timeout: float = 30.0, stdin: bytes = b"") -> Result:
    """Run a command inside as root, for which it is awake. That is not to say that a person uses it. Raises
    SandboxNotFound when it is gone, SandboxTimeout, SandboxError."""
    if sandbox.state != State.READY:
        raise SandboxNotFound("The sandbox is not running; start a fresh one.")
    _wake(sandbox.key, "seen")
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


def state_message(sandbox: Sandbox | None, profile: str = PROFILES[0]) -> dict[str, Any]:
    """The state of a learner's sandbox as the page gets it (see docs/lesson-channel.md); `profile` is what they want
    as long as they have none."""
    if sandbox is None:
        setup = offer.lacking(profile)
        return {
            "state": "none" if setup is None else "waiting", "key": None, "queue": None, "expires": None,
            "steps": [], "message": "", "setup": setup, "layout": None,
        }  # fmt: skip
    unmade = sandbox.state in (State.QUEUED, State.PREPARING)
    setup = offer.lacking(sandbox.profile if unmade else PROFILES[0])
    state = "asleep" if sandbox.asleep and sandbox.state == State.READY else str(sandbox.state)
    if state in (State.ENDING, State.ENDED):
        state = "left" if sandbox.message == GIVEN_UP else str(State.ENDED)
    if unmade and setup is not None:
        state = "waiting"
    place = waiting.place(sandbox.key) if state == State.QUEUED else None
    done = len(sandbox.steps) - 1 if state == State.PREPARING else len(sandbox.steps)
    steps = [
        {"name": name, "state": "done" if index < done else "running"}
        for index, name in enumerate(sandbox.steps)
    ]
    return {
        "state": state,
        "key": sandbox.key,
        "queue": asdict(place) if place else None,
        "expires": _expires(sandbox),
        "steps": steps,
        "steps_total": sandbox.steps_total,
        "message": sandbox.message,
        "setup": setup,
        "layout": sandbox.layout,
    }


def _expires(sandbox: Sandbox) -> int | None:
    """Minutes, counted up, until it ends because nobody uses it; None while that is not to be announced yet."""
    idle = (timezone.now() - sandbox.touched).total_seconds()
    left = settings.SANDBOX_LIFETIME - idle
    if sandbox.state != State.READY or left > min(ANNOUNCED, settings.SANDBOX_LIFETIME / 2):
        return None
    return max(1, math.ceil(left / 60))


def enqueue(task: str, key: str) -> None:
    """Have a worker do a task of sandbox.tasks with that key; while the queue is away, the sweeper asks again."""
    try:
        app.send_task(task, args=[key], queue="lifecycle")
    except (OperationalError, OSError) as error:
        log.warning(
            "%s of sandbox %s waits for the sweeper: the queue does not answer (%s)", task, key, error
        )
