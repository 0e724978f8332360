"""How many sandboxes this machine can hold at once."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from sandbox.errors import Reason, SandboxError
from sandbox.models import LIVE, Sandbox, State

MEMORY_EACH = 400 << 20
"""Bytes that a docker sandbox with a few containers really uses (its limit is higher)."""
MEMORY_KEPT = 1 << 30
DISK_EACH = 512 << 20
"""Bytes of disk that are kept for each sandbox until it has taken them (its limit is higher)."""
PER_CORE = 20


def limit() -> int:
    """Sandboxes at once: LAB_SANDBOX_LIMIT, or what memory and cores allow; at least one."""
    if settings.SANDBOX_LIMIT:
        return int(settings.SANDBOX_LIMIT)
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    by_memory = (total - MEMORY_KEPT) // MEMORY_EACH
    by_cores = (os.cpu_count() or 1) * PER_CORE
    return max(1, min(by_memory, by_cores))


def check_room(owner: str) -> None:
    """Raises SandboxError (CAPACITY) when a sandbox for this owner, in place of all they have, would be one
    too many."""
    states = (State.PREPARING, State.READY, State.ENDING)
    others = Sandbox.objects.filter(state__in=states)
    if owner:
        others = others.exclude(owner=owner)
    taken = others.count()
    if taken >= limit():
        raise SandboxError(
            f"All {limit()} sandboxes of this lab are in use; try again in a few minutes.",
            reason=Reason.CAPACITY,
        )
    if _disk_to_give(owner) < DISK_EACH:
        raise SandboxError(
            "The lab's disk is almost full; ask the person who runs it to make room.",
            reason=Reason.CAPACITY,
        )


def _disk_to_give(owner: str) -> int:
    """Bytes that are free beside the reserve and what the other sandboxes may count on and have not taken,
    once all that this owner has is removed."""
    disk = os.statvfs(_existing(settings.PATHS.data))
    free = disk.f_bavail * disk.f_frsize - settings.DISK_RESERVE
    for key, other in Sandbox.objects.filter(state__in=LIVE).values_list("key", "owner"):
        taken = 0
        with suppress(OSError):  # not made yet
            taken = (settings.PATHS.sandboxes / key / "disk.img").stat().st_blocks * 512
        free += taken if owner and other == owner else -max(0, DISK_EACH - taken)
    return int(free)


def _existing(path: Path) -> Path:
    return path if path.exists() else path.parent
