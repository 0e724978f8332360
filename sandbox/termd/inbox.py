"""What is typed into a terminal: each page's input is taken once, in order, however often it is sent."""

from __future__ import annotations

import asyncio
import os
from collections import OrderedDict
from collections.abc import Callable

WRITERS = 8
PENDING = 256 << 10
"""Bytes that may wait for a program that does not read; more are refused until it does."""
TELL = 16 << 10
"""The page is told each time that the program's side has taken this many bytes more."""


class Full(Exception):
    """The program does not read what is typed; the page may send it again later."""


class Inbox:
    """Writes to a PTY master without blocking. Offsets count each writer's own bytes. `tell` is called with
    the offset below which nothing of the writer's waits any more, every `TELL` bytes."""

    def __init__(self, fd: int, tell: Callable[[int], None]) -> None:
        self.fd = fd
        self._tell = tell
        self._told = 0
        self._taken: OrderedDict[str, int] = OrderedDict()
        self._writer = ""
        self._pending = bytearray()
        self._waiting = False

    def start(self, writer: str) -> int:
        """Make `writer` the current one; the next offset expected of it."""
        self._writer = writer
        self._taken.setdefault(writer, 0)
        self._taken.move_to_end(writer)
        while len(self._taken) > WRITERS:
            self._taken.popitem(last=False)
        self._told = self.written
        return self._taken[writer]

    @property
    def written(self) -> int:
        """The offset below which all of the current writer's bytes have gone to the PTY."""
        return max(0, self._taken.get(self._writer, 0) - len(self._pending))

    def add(self, offset: int, data: bytes) -> bool:
        """Take what is new of `data`; False when bytes before it are missing. Raises Full."""
        taken = self._taken[self._writer]
        if offset > taken:
            return False
        fresh = data[taken - offset :]
        if not fresh:
            return True
        if len(self._pending) + len(fresh) > PENDING:
            raise Full
        self._taken[self._writer] = taken + len(fresh)
        self._pending += fresh
        if not self._waiting:
            self._write()
        return True

    def close(self) -> None:
        """Drop what waits, and let go of the descriptor, which is its owner's to close."""
        if self._waiting:
            asyncio.get_running_loop().remove_writer(self.fd)
            self._waiting = False
        self._pending.clear()
        self.fd = -1

    def _write(self) -> None:
        try:
            del self._pending[: os.write(self.fd, self._pending)]
        except BlockingIOError:
            pass
        except OSError:  # the program has ended; nobody will read this
            self._pending.clear()
        loop = asyncio.get_running_loop()
        if self._pending and not self._waiting:
            loop.add_writer(self.fd, self._write)
        elif not self._pending and self._waiting:
            loop.remove_writer(self.fd)
        self._waiting = bool(self._pending)
        if self.written - self._told >= TELL:
            self._told = self.written
            self._tell(self._told)
