"""How many sandboxes this machine can hold at once, how many of them it keeps ready, and how many it makes at once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from sandbox.drivers.base import PROFILES
from sandbox.errors import Reason, SandboxError
from sandbox.models import LIVE, SPARE, Sandbox, State

MEMORY_EACH = {"docker": 400 << 20, "kubernetes": 560 << 20}
"""Bytes that a sandbox of that profile with a few containers really uses (its limit is higher)."""
MEMORY_KEPT = 1 << 30
MEMORY_FROZEN = {"docker": 64 << 20, "kubernetes": 320 << 20}
"""Bytes that a sandbox of that profile uses in the pool."""
POOL_SHARE = 10
"""The pools of all profiles take at most one part in so many of the memory."""
DISK_EACH = 512 << 20
"""Bytes of disk that are kept for each sandbox until it has taken them (its limit is higher)."""
PER_CORE = 20
POOL_PER_CORE = 8
MAKERS_MOST = 6
"""Of the worker's eight threads the others end sandboxes and sweep."""
IN_USE = (*LIVE, State.ENDING)


def limit() -> int:
    """Sandboxes at once, of whatever profile: LAB_SANDBOX_LIMIT, or what memory and cores allow; at least one."""
    if settings.SANDBOX_LIMIT:
        return int(settings.SANDBOX_LIMIT)
    by_memory = (_memory() - MEMORY_KEPT) // max(MEMORY_EACH[profile] for profile in offered())
    return max(1, min(by_memory, _cores() * PER_CORE))


def offered() -> list[str]:
    """The profiles whose parts are built."""
    return [profile for profile in PROFILES if profile != "kubernetes" or settings.PATHS.tools.is_dir()]


def pool_size(profile: str) -> int:
    """Sandboxes of a profile that are kept ready: LAB_POOL_SIZE, or what memory and cores allow; none while its
    parts are not built."""
    profiles = offered()
    if profile not in profiles:
        return 0
    if profile in settings.POOL_SIZE:
        return int(settings.POOL_SIZE[profile])
    by_memory = _memory() // POOL_SHARE // len(profiles) // MEMORY_FROZEN[profile]
    return min(by_memory, _cores() * POOL_PER_CORE // len(profiles), limit())


def refill() -> int:
    """Members of the pool that are made at once: LAB_POOL_REFILL, or half of the cores."""
    return int(settings.POOL_REFILL) or max(1, min(MAKERS_MOST, _cores() // 2))


def makers() -> int:
    """Sandboxes that are made at once for people who wait: more would all be later."""
    return min(MAKERS_MOST, 2 * _cores())


def in_use(beside: str = "") -> int:
    """How many sandboxes there are that somebody has, those of the owner `beside` left out."""
    rows = Sandbox.objects.filter(state__in=IN_USE)
    return (rows.exclude(owner=beside) if beside else rows).count()


def has_place(owner: str) -> bool:
    """Whether a sandbox for this owner, in place of all they have, is within the limit."""
    return in_use(beside=owner) < limit()


def has_disk(owner: str) -> bool:
    """Whether the disk can hold one more for this owner, in place of all they have."""
    return _disk_to_give(owner) >= DISK_EACH


def has_memory(profile: str) -> bool:
    """Whether one more of that profile can be made without taking what the host needs."""
    return _memory_free() >= MEMORY_KEPT // 2 + MEMORY_EACH[profile] // 2


def check_place(owner: str) -> None:
    """Raises SandboxError (CAPACITY) when a sandbox for this owner, in place of all they have, would be one
    too many."""
    if not has_place(owner):
        raise SandboxError(
            f"All {limit()} sandboxes of this lab are in use; try again in a few minutes.",
            reason=Reason.CAPACITY,
        )


def check_disk(owner: str) -> None:
    """Raises SandboxError (CAPACITY) when the disk cannot hold one more for this owner, in place of all they have."""
    if not has_disk(owner):
        raise SandboxError(
            "The lab's disk is almost full; ask the person who runs it to make room.",
            reason=Reason.CAPACITY,
        )


def _disk_to_give(owner: str) -> int:
    """Bytes that are free beside the reserve and what the other sandboxes may count on and have not taken,
    once all that this owner has is removed."""
    disk = os.statvfs(_existing(settings.PATHS.data))
    free = disk.f_bavail * disk.f_frsize - settings.DISK_RESERVE
    for key, other in Sandbox.objects.filter(state__in=(*LIVE, *SPARE)).values_list("key", "owner"):
        taken = 0
        with suppress(OSError):  # not made yet
            taken = (settings.PATHS.sandboxes / key / "disk.img").stat().st_blocks * 512
        free += taken if owner and other == owner else -max(0, DISK_EACH - taken)
    return int(free)


def _existing(path: Path) -> Path:
    return path if path.exists() else path.parent


def _cores() -> int:
    return os.cpu_count() or 1


def _memory() -> int:
    return os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def _memory_free() -> int:
    """Bytes that programs can still have, by the kernel's own count; all of them where it does not count."""
    with suppress(OSError, ValueError):
        for line in Path("/proc/meminfo").read_text().splitlines():
            name, _, rest = line.partition(":")
            if name == "MemAvailable":
                return int(rest.split()[0]) << 10
    return _memory()
