"""How many sandboxes this machine can hold at once."""

from __future__ import annotations

import os
from pathlib import Path

from django.conf import settings

from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State

MEMORY_EACH = 400 << 20
"""Bytes that a docker sandbox with a few containers really uses (its limit is higher)."""
MEMORY_KEPT = 1 << 30
DISK_KEPT = 2 << 30
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
    disk = os.statvfs(_existing(settings.PATHS.data))
    if disk.f_bavail * disk.f_frsize < DISK_KEPT:
        raise SandboxError(
            "The lab's disk is almost full; ask the person who runs it to make room.",
            reason=Reason.CAPACITY,
        )


def _existing(path: Path) -> Path:
    return path if path.exists() else path.parent
