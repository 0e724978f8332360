"""Ending a terminal as closing its window does: a hang-up for all of its session, and nothing left of it."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

GRACE = 1.0
"""Seconds that the session may take to end by itself after the hang-up."""
TICK = 0.02
HANGUP_BIT = 1 << (signal.SIGHUP - 1)


def hang_up(leader: int, pidfd: int) -> None:
    """End the session that the process `leader`, of which `pidfd` is the descriptor, began.

    Its shell tells its jobs; what remains after a moment is killed, unless it ignores hang-ups, as what
    `nohup` starts does on purpose. Programs in sessions of their own are nobody's here.
    """
    with suppress(ProcessLookupError):
        signal.pidfd_send_signal(pidfd, signal.SIGHUP)
        signal.pidfd_send_signal(pidfd, signal.SIGCONT)  # one that was stopped hears of it too
    deadline = time.monotonic() + GRACE
    while time.monotonic() < deadline and any(_session(leader)):
        time.sleep(TICK)
    for pid in _session(leader):
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)


def _session(leader: int) -> Iterator[int]:
    """The living processes of a session that hang-ups end: its leader, and all that do not ignore them."""
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        with suppress(OSError, ValueError):
            stat = (entry / "stat").read_text()
            state, _, _, session = stat[stat.rindex(")") + 2 :].split()[:4]
            if int(session) != leader or state in "ZX":
                continue
            if int(entry.name) == leader or not _ignores_hangups(entry):
                yield int(entry.name)


def _ignores_hangups(process: Path) -> bool:
    for line in (process / "status").read_text().splitlines():
        name, _, value = line.partition(":")
        if name == "SigIgn":
            return bool(int(value, 16) & HANGUP_BIT)
    return False
