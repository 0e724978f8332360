"""Walking cgroups that a sandbox made: as deep as it likes, so without recursion and without paths.

One descriptor is open at a time; the way back up is "..", which in a cgroup filesystem cannot be moved.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC
PAUSE = 0.005


def walk(base: Path) -> Iterator[int]:
    """A descriptor of `base` and of every cgroup below it, parents first; each is closed by this function.

    What disappears meanwhile is passed over. Nothing there is fine.
    """
    try:
        here = os.open(base, FOLDER)
    except FileNotFoundError:
        return
    try:
        yield here
        pending = [_children(here)]
        while pending:
            if not pending[-1]:
                pending.pop()
                if pending:
                    try:
                        here = _move(here, "..")
                    except OSError:  # removed under our feet: whoever needs all of them walks again
                        return
                continue
            try:
                here = _move(here, pending[-1].pop())
            except FileNotFoundError:
                continue
            yield here
            pending.append(_children(here))
    finally:
        os.close(here)


def remove(base: Path, deadline: float) -> None:
    """Remove `base` and every cgroup below it, leaves first. Raises OSError when one is still in use at
    `deadline` (time.monotonic): a dying process may linger for a moment."""
    try:
        here = os.open(base.parent, FOLDER)
    except FileNotFoundError:
        return
    names = [base.name]  # from the parent's child down to the one that goes next
    try:
        while names:
            try:
                with suppress(FileNotFoundError):
                    os.rmdir(names[-1], dir_fd=here)
                names.pop()
                if names:
                    here = _move(here, "..")
            except OSError:
                try:
                    below = os.open(names[-1], FOLDER, dir_fd=here)
                except FileNotFoundError:
                    continue
                children = _children(below)
                if children:
                    os.close(here)
                    here = below
                    names.append(children[-1])
                    continue
                os.close(below)
                if time.monotonic() > deadline:
                    raise
                time.sleep(PAUSE)
    finally:
        os.close(here)


def read(folder: int, name: str) -> str:
    """A file's text; empty when it or its cgroup is gone."""
    try:
        with os.fdopen(os.open(name, os.O_RDONLY | os.O_CLOEXEC, dir_fd=folder)) as file:
            return file.read()
    except OSError:
        return ""


def write(folder: int, name: str, text: str) -> None:
    """Write a file, unless it or its cgroup is gone, or it refuses."""
    with suppress(OSError):
        descriptor = os.open(name, os.O_WRONLY | os.O_CLOEXEC, dir_fd=folder)
        try:
            os.write(descriptor, text.encode())
        finally:
            os.close(descriptor)


def _move(here: int, name: str) -> int:
    """Open `name` seen from `here`, and close `here`. Raises FileNotFoundError, with `here` left open."""
    there = os.open(name, FOLDER, dir_fd=here)
    os.close(here)
    return there


def _children(folder: int) -> list[str]:
    try:
        with os.scandir(folder) as entries:
            return [entry.name for entry in entries if entry.is_dir(follow_symlinks=False)]
    except OSError:
        return []
