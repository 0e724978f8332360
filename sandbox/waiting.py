"""The queue of those who cannot be served at once: rows in state queued. Only the database is spoken to here.

Whose network has the fewest sandboxes is next, and among equals who came first: three hundred who ask from one
place take turns with one who asks from another.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Avg, QuerySet
from django.utils import timezone

from lab import lease
from sandbox import capacity, limits, recipe
from sandbox.models import SPARE, Sandbox, State

GONE = timedelta(seconds=45)
"""So long after the last page of somebody who waits has left, their place is free: a reload takes less, and so
does a restart of the lab's processes."""
HEARD = timedelta(seconds=5)
"""Between two notes that a page still waits."""
UNUSED = timedelta(minutes=2)
"""While somebody waits, a sandbox that nobody has looked at for so long since it was claimed is given to them."""
SAMPLE = 10
"""How many makings, the latest, an estimate is made of."""
PAST = timedelta(hours=1)
"""How long the endings count that an estimate is made of."""


@dataclass(frozen=True)
class Served:
    """`key`: the sandbox that somebody gets; `queued`: the row that stood for them until now, which may be the same;
    `pooled`: it comes from the pool, frozen; `warming`: a worker is at it already."""

    key: str
    queued: str
    pooled: bool = False
    warming: bool = False


@dataclass(frozen=True)
class Place:
    """`place` counts from 1; `seconds` until they are served, None when nobody can say."""

    place: int
    seconds: int | None


def join(owner: str, profile: str, network: str, arranged: object) -> Sandbox:
    """A place in the queue."""
    return Sandbox.objects.create(
        owner=owner, profile=profile, network=network, layout=arranged, state=State.QUEUED
    )


def order() -> list[Sandbox]:
    """Those who wait, in the order in which they are served if nobody else comes."""
    rows = list(Sandbox.objects.filter(state=State.QUEUED).order_by("created", "key"))
    turns: Counter[str] = limits.held() if rows else Counter()
    ranked = []
    for row in rows:
        network = row.network or row.owner
        ranked.append((turns[network], row.created, row.key, row))
        turns[network] += 1
    return [row for *_, row in sorted(ranked, key=lambda entry: entry[:3])]


def take_next() -> Served | None:
    """Serve the next of those who wait, from the pool if it has one; None when nobody waits or nobody can be
    served now. Of several processes that try, one serves each."""
    if not Sandbox.objects.filter(state=State.QUEUED).exists():
        return None
    with transaction.atomic():
        taken = list(Sandbox.objects.filter(state__in=capacity.IN_USE).values_list("owner", "network"))
        making = Sandbox.objects.filter(state=State.PREPARING, handle={}).exclude(owner="").count()
        may_make = making < capacity.makers()
        spare = Sandbox.objects.filter(state__in=SPARE).exists()
        for row in order() if spare or may_make else []:
            others = [network for owner, network in taken if owner != row.owner]  # theirs end for this one
            crowded = row.network and others.count(row.network) >= limits.per_network()
            if crowded or len(others) >= capacity.limit():
                continue
            if spare and (found := _from_pool(row)) is not None:
                return found
            if not (may_make and capacity.has_memory(row.profile) and capacity.has_disk(row.owner)):
                continue
            if Sandbox.move(row.key, frm=(State.QUEUED,), to=State.PREPARING, touched=timezone.now()):
                return Served(row.key, row.key)
    return None


def _from_pool(row: Sandbox) -> Served | None:
    """Give a member of the pool to who waits in that row, one that is being made where none is ready."""
    now = timezone.now()
    members = Sandbox.objects.filter(profile=row.profile, recipe=recipe.current(row.profile)).order_by(
        "created"
    )
    given = {"owner": row.owner, "network": row.network, "layout": row.layout, "created": now, "touched": now}
    for member in members.filter(state=State.POOLED):
        if Sandbox.move(
            member.key, frm=(State.POOLED,), to=State.PREPARING, lease=now + lease.LEASE, steps=[], **given
        ):
            row.delete()
            return Served(member.key, row.key, pooled=True)
    for member in members.filter(state=State.WARMING):
        if Sandbox.move(member.key, frm=(State.WARMING,), to=State.PREPARING, **given):
            row.delete()
            return Served(member.key, row.key, warming=True)
    return None


def give_back(key: str) -> bool:
    """A member of the pool was no good: end it, and let who was to have it wait for another, at their old place."""
    with transaction.atomic():
        row = Sandbox.objects.filter(key=key, state=State.PREPARING).first()
        if row is None or not Sandbox.move(
            key, frm=(State.PREPARING,), to=State.ENDING, lease=None, owner="", network=""
        ):
            return False
        fresh = join(row.owner, row.profile, row.network, row.layout)
        Sandbox.objects.filter(key=fresh.key).update(created=row.created)
    return True


def note(key: str) -> None:
    """A page still waits in that row."""
    now = timezone.now()
    Sandbox.objects.filter(key=key, state=State.QUEUED, touched__lt=now - HEARD).update(touched=now)


def drop_gone() -> None:
    """Free the places of those whose pages have all left."""
    Sandbox.objects.filter(state=State.QUEUED, touched__lt=timezone.now() - GONE).delete()


def unused() -> list[str]:
    """The keys of sandboxes that nobody has ever looked at, if others wait for whom there is no place."""
    if not Sandbox.objects.filter(state=State.QUEUED).exists() or capacity.in_use() < capacity.limit():
        return []
    before = timezone.now() - UNUSED
    rows = Sandbox.objects.filter(state=State.READY, seen__isnull=True, created__lt=before).exclude(owner="")
    return list(rows.values_list("key", flat=True))


def place(key: str) -> Place | None:
    """Where that row stands in the queue; None when it no longer waits."""
    waiting = order()
    for number, row in enumerate(waiting, 1):
        if row.key == key:
            return Place(number, _estimate(row, waiting[: number - 1]))
    return None


def _estimate(row: Sandbox, before: list[Sandbox]) -> int | None:
    """Seconds until who waits in that row, after those `before`, has a sandbox: from what making took lately and,
    where somebody else's must end first, from how often one has ended, or must end. None when nobody can say."""
    making = _making(row.profile)
    if making is None:
        return None
    taken = Sandbox.objects.filter(state__in=capacity.IN_USE).exclude(owner=row.owner)
    theirs = taken.filter(network=row.network)
    if row.network and theirs.count() >= limits.per_network():
        ahead = sum(other.network == row.network for other in before)
        until = _until_ended(ahead + 1, theirs, Sandbox.objects.filter(network=row.network))
    else:
        free = max(0, capacity.limit() - taken.count())
        number = len(before) + 1
        if number <= free:
            return math.ceil(number / capacity.makers()) * math.ceil(making)
        until = _until_ended(number - free, taken, Sandbox.objects.all())
    return None if until is None else math.ceil(until + making)


def _making(profile: str) -> float | None:
    """Seconds that it took lately to make a sandbox of that profile, or any while none was made; None for never."""
    made = Sandbox.objects.filter(made_in__isnull=False)
    same = made.filter(profile=profile)
    latest = (same if same.exists() else made).order_by("-created").values("made_in")[:SAMPLE]
    average: float | None = latest.aggregate(average=Avg("made_in"))["average"]
    return average


def _until_ended(number: int, taken: QuerySet[Sandbox], among: QuerySet[Sandbox]) -> float | None:
    """Seconds until so many of the sandboxes `taken` have ended, at the rate of the last hour's endings `among`
    others; no longer than until they must, because nobody uses them."""
    now = timezone.now()
    ended = among.filter(ended__gt=now - PAST, owner__gt="").count()
    known = [number * PAST.total_seconds() / ended] if ended else []
    for used in taken.order_by("touched").values_list("touched", flat=True)[number - 1 : number]:
        known.append(max(0.0, settings.SANDBOX_LIFETIME - (now - used).total_seconds()))
    return min(known) if known else None
