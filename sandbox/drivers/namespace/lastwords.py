"""What the programs inside a sandbox said before it failed, kept for the operator when all else of it is removed."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from pathlib import Path

from sandbox.drivers.namespace.state import Folder

WHERE = ("var", "log", "lab")
"""Logs inside: NAME.log, or NAME/current where svlogd writes them."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
EACH = 64 << 10
"""Bytes kept of each log, the newest."""
LOGS = 20
"""Logs kept of one sandbox, and sandboxes whose logs are kept."""


def keep(folder: Folder, key: str, kept: Path) -> Path | None:
    """Copy the ends of its logs into one file of the folder `kept`, which is root's; that file, None when it said
    nothing. The sandbox made these names: none is followed out of it, and nothing but plain files is read."""
    with suppress(OSError):
        said = _read(folder.disk / "upper")
        if said:
            kept.mkdir(mode=0o700, exist_ok=True)
            for old in sorted(kept.iterdir(), key=lambda path: path.stat().st_mtime)[: -LOGS + 1]:
                old.unlink()
            file = kept / f"{key}.log"
            file.write_bytes(said)
            return file
    return None


def _read(upper: Path) -> bytes:
    said = b""
    here = os.open(upper, FOLDER)
    try:
        for name in WHERE:
            below = os.open(name, FOLDER, dir_fd=here)
            os.close(here)
            here = below
        with os.scandir(here) as entries:
            names = sorted(entry.name for entry in entries)[:LOGS]
        for name in names:
            with suppress(OSError):
                said += b"==> %s\n%s\n" % (os.fsencode(name), _log(here, name))
    finally:
        os.close(here)
    return said


def _log(here: int, name: str) -> bytes:
    """The end of the log of that name. Raises OSError when there is none."""
    if stat.S_ISDIR(os.stat(name, dir_fd=here, follow_symlinks=False).st_mode):
        below = os.open(name, FOLDER, dir_fd=here)
        try:
            return _end(below, "current")
        finally:
            os.close(below)
    return _end(here, name)


def _end(here: int, name: str) -> bytes:
    with os.fdopen(os.open(name, FILE, dir_fd=here), "rb") as file:
        found = os.fstat(file.fileno())
        if not stat.S_ISREG(found.st_mode):
            raise OSError("no plain file")
        file.seek(max(0, found.st_size - EACH))
        return file.read(EACH)
