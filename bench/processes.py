"""What processes hold and use, from /proc."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

T = TypeVar("T")
PROC = Path("/proc")
TICKS = os.sysconf("SC_CLK_TCK")


def memory(pid: int) -> int:
    """Bytes: the anonymous part of the proportional set size, which is what a process has taken for itself. Pages of
    files are left out, since their share falls when others map the same. Raises OSError."""
    for line in (PROC / str(pid) / "smaps_rollup").read_text().splitlines():
        if line.startswith("Pss_Anon:"):
            return int(line.split()[1]) << 10
    return 0


def resident(pid: int) -> int:
    """Bytes of anonymous memory that are mapped and there (RssAnon), what is shared counting whole. Raises OSError."""
    for line in (PROC / str(pid) / "status").read_text().splitlines():
        if line.startswith("RssAnon:"):
            return int(line.split()[1]) << 10
    return 0


def program(pid: int) -> str:
    """The name it was started by, without its folder; empty for a zombie. Raises OSError."""
    first = (PROC / str(pid) / "cmdline").read_bytes().partition(b"\0")[0]
    return first.decode(errors="replace").rpartition("/")[2]


def cpu(pid: int) -> float:
    """Seconds that a process has used, its threads' included and its children's not. Raises OSError."""
    fields = _stat(pid)
    return (int(fields[11]) + int(fields[12])) / TICKS


def descriptors(pid: int) -> int:
    """How many files it has open. Raises OSError."""
    return len(list((PROC / str(pid) / "fd").iterdir()))


def zombies(pids: Iterable[int]) -> int:
    """How many ended children of these processes nobody has taken note of."""
    parents = set(pids)
    count = 0
    for folder in PROC.glob("[0-9]*"):
        try:
            fields = _stat(int(folder.name))
        except OSError:
            continue
        count += fields[0] == "Z" and int(fields[1]) in parents
    return count


def children(pid: int) -> list[int]:
    """Those that `pid` started itself and that have not ended."""
    found: list[int] = []
    for folder in PROC.glob("[0-9]*"):
        try:
            fields = _stat(int(folder.name))
        except OSError:
            continue
        if int(fields[1]) == pid and fields[0] != "Z":
            found.append(int(folder.name))
    return found


def _stat(pid: int) -> list[str]:
    """The fields of stat from the third on, its state; the name before may hold anything. Source: proc(5)."""
    return (PROC / str(pid) / "stat").read_text().rpartition(")")[2].split()


def each(pids: Mapping[str, int], measure: Callable[[int], T]) -> dict[str, T]:
    """By name, what `measure` says of each process; one that has ended meanwhile is left out."""
    found = {}
    for name, pid in pids.items():
        with suppress(OSError):
            found[name] = measure(pid)
    return found
