"""What the cache keeps: files named by what they hold, never more than a bound, least recently used out first.

A file appears under its name only when it is whole and on the disk. Removing one that is being read harms
nobody: who has opened it reads on.
"""

from __future__ import annotations

import os
import secrets
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

BLOCK = 4096
KINDS = ("blobs", "manifests", "tags")


@dataclass
class _Entry:
    size: int
    used: float


class Store:
    """`limit` bounds all files together, `reserve` is what stays free on the disk; both in bytes."""

    def __init__(self, folder: Path, limit: int, reserve: int = 0) -> None:
        self.folder, self.limit, self.reserve = folder, limit, reserve
        self._entries: dict[str, _Entry] = {}
        self.taken = 0
        """Bytes of files, and of drafts as they will be."""
        shutil.rmtree(folder / "drafts", ignore_errors=True)  # what a killed process was writing
        for name in (*KINDS, "drafts"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for path, status in _files(folder):
            self._entries[str(path.relative_to(folder))] = _Entry(_blocks(status.st_size), status.st_mtime)
        self.taken = sum(entry.size for entry in self._entries.values())
        self.make_room(0)

    def find(self, kind: str, name: str) -> Path | None:
        """The file, from now on the most recently used."""
        entry = self._entries.get(f"{kind}/{name}")
        if entry is None:
            return None
        path = self.folder / kind / name
        entry.used = time.time()
        try:
            os.utime(path, (entry.used, entry.used))
        except FileNotFoundError:
            self.forget(kind, name)
            return None
        return path

    def forget(self, kind: str, name: str) -> None:
        """Remove a file; nothing there is fine."""
        entry = self._entries.pop(f"{kind}/{name}", None)
        if entry:
            self.taken -= entry.size
        (self.folder / kind / name).unlink(missing_ok=True)

    def make_room(self, size: int) -> bool:
        """Remove what was used least recently until `size` more bytes fit; False where they cannot."""
        drafts = self.taken - sum(entry.size for entry in self._entries.values())
        if drafts + size > self.limit:
            return False
        for name in sorted(self._entries, key=lambda name: self._entries[name].used):
            if self.taken + size <= self.limit and self._free() - size >= self.reserve:
                break
            self.forget(*name.split("/", 1))
        return self.taken + size <= self.limit and self._free() - size >= self.reserve

    def begin(self, kind: str, name: str, size: int) -> Draft | None:
        """A file of `size` bytes to write; None where there is no room for it."""
        return Draft(self, kind, name, size) if self.make_room(_blocks(size)) else None

    def write(self, kind: str, name: str, content: bytes) -> None:
        """Keep a small file, if there is room. Raises OSError."""
        draft = self.begin(kind, name, len(content))
        if draft:
            with draft.file:
                try:
                    draft.file.write(content)
                    draft.sync()
                except OSError:
                    draft.drop()
                    raise
                draft.keep()

    def _free(self) -> int:
        found = os.statvfs(self.folder)
        return found.f_bavail * found.f_frsize

    def added(self, kind: str, name: str, size: int) -> None:
        """A draft of `size` bytes has got its name."""
        before = self._entries.pop(f"{kind}/{name}", None)
        if before:
            self.taken -= before.size
        self._entries[f"{kind}/{name}"] = _Entry(size, time.time())


class Draft:
    """A file without a name yet. Its room is taken from the beginning."""

    def __init__(self, store: Store, kind: str, name: str, size: int) -> None:
        self._store, self._kind, self._name, self._size = store, kind, name, _blocks(size)
        store.taken += self._size
        self._path = store.folder / "drafts" / secrets.token_hex(8)
        try:
            self.file: BinaryIO = self._path.open("w+b", buffering=0)
        except OSError:
            store.taken -= self._size
            raise

    def sync(self) -> None:
        """Wait until it is on the disk: a name must not outlive what it names. Raises OSError."""
        os.fsync(self.file.fileno())

    def keep(self) -> None:
        """Give it its name. Raises OSError."""
        self._path.rename(self._store.folder / self._kind / self._name)
        self._store.added(self._kind, self._name, self._size)

    def drop(self) -> None:
        """Give it up."""
        self._path.unlink(missing_ok=True)
        self._store.taken -= self._size


def _blocks(size: int) -> int:
    """What a file of this size takes on a disk."""
    return max(1, -(-size // BLOCK)) * BLOCK


def _files(folder: Path) -> Iterator[tuple[Path, os.stat_result]]:
    for kind in KINDS:
        for path in (folder / kind).iterdir():
            yield path, path.stat()
