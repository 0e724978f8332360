"""Waiting for apt: another program, such as unattended-upgrades, may be using it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import struct
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from lab.setup.errors import SetupError

LOCKS = (
    Path("/var/lib/dpkg/lock-frontend"),
    Path("/var/lib/dpkg/lock"),
    Path("/var/lib/apt/lists/lock"),
    Path("/var/cache/apt/archives/lock"),
)
SECONDS = 900
TRIES = 10
"""How often apt is started when another program takes the lock just before it."""
FLOCK = "hhqqi4x"
"""struct flock of fcntl(2) on 64-bit Linux: type, whence, start, length, process id."""
BUSY = "Could not get lock"
"""What apt says when another took a lock in the meantime."""


def wait_for_locks(
    say: Callable[[str], None], *, locks: Sequence[Path] = LOCKS, seconds: float = SECONDS
) -> None:
    """Return once nobody holds a lock of apt's; the first time somebody does, say who.

    Raises SetupError when that takes longer than `seconds`.
    """
    deadline = time.monotonic() + seconds
    said = ""
    while holder := next((found for found in map(_holder, locks) if found), None):
        if time.monotonic() > deadline:
            raise SetupError(
                f"Another program, {holder}, has kept apt for {seconds / 60:.0f} minutes; wait until it ends, "
                "or end it, and run this again."
            )
        if holder != said:
            say(f"Another program, {holder}, is using apt; waiting for it.")
            said = holder
        time.sleep(0.5)


def _holder(lock: Path) -> str | None:
    """`program (process N)` for who holds a lock, if somebody does."""
    try:
        descriptor = os.open(lock, os.O_RDWR | os.O_CLOEXEC)
    except OSError:  # there is none before the first use, and only root may look
        return None
    try:
        wanted = struct.pack(FLOCK, fcntl.F_WRLCK, os.SEEK_SET, 0, 0, 0)
        kind, *_, holder = struct.unpack(FLOCK, fcntl.fcntl(descriptor, fcntl.F_GETLK, wanted))
    finally:
        os.close(descriptor)
    if kind == fcntl.F_UNLCK:
        return None
    name = "apt"
    with contextlib.suppress(OSError):
        name = Path(f"/proc/{holder}/comm").read_text().strip()
    return f"{name} (process {holder})"
