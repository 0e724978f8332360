"""What stops set-up, said in one sentence, with the mend."""

from __future__ import annotations

import errno
import re
import shutil
from pathlib import Path

FULL = re.compile(
    r"No space left on device|ENOSPC|Disk quota exceeded|not have enough free space"
    r"|database or disk is full"
)
UNREACHABLE = re.compile(
    r"Connection refused|ECONNREFUSED|ENOTFOUND|EAI_AGAIN|ETIMEDOUT|ECONNRESET|Network is unreachable"
    r"|Temporary failure in name resolution|Temporary failure resolving|Could not resolve"
    r"|Failed to establish a new connection|Could not connect|Unable to connect|connection timed out"
    r"|tcp connect error|dns error|error sending request|Failed to fetch|Could not find a version",
    re.IGNORECASE,
)
NOTHING = 1 << 20
"""Bytes of free disk with which nothing can be done."""


class SetupError(Exception):
    """`message` is one sentence for the person; `log`, if any, is the file that shows what led to it."""

    def __init__(self, message: str, *, log: Path | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.log = log


def full(where: Path) -> str:
    """The sentence for a disk without room below `where`."""
    return f"The disk that holds {where} is full; free some space, or choose another folder with LAB_DATA."


def too_little(where: Path, wanted: int, free: int) -> str:
    """The sentence for a disk that has `free` bytes where `wanted` are needed."""
    return (
        f"Set-up needs {wanted / 2**30:.1f} GiB of free disk in {where}, and {free / 2**30:.1f} GiB are there; "
        "free some space, or choose another folder with LAB_DATA."
    )


def is_full(error: OSError) -> bool:
    """Whether an error of the system means that there is no room left."""
    return error.errno in (errno.ENOSPC, errno.EDQUOT)


def _nothing_left(where: Path) -> bool:
    try:
        return shutil.disk_usage(where).free < NOTHING
    except FileNotFoundError:
        return False


def explain(what: str, output: str, where: Path) -> str:
    """One sentence for a command of the part `what` that failed, judged by what it printed last."""
    if FULL.search(output) or _nothing_left(where):  # then that may not have been said either
        return full(where)
    if UNREACHABLE.search(output):
        return (
            f"{what}: the package index cannot be reached; check this machine's network and its proxy "
            "settings, and run it again."
        )
    return f"{what}: failed; the last lines of its log say why."


def tail(path: Path, lines: int = 15) -> list[str]:
    """The last lines of a log; none when it cannot be read."""
    try:
        return path.read_text(errors="replace").rstrip("\n").split("\n")[-lines:]
    except OSError:
        return []
