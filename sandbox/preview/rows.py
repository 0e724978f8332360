"""Sandboxes as the preview process knows them: read from the database, believed for a second."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from channels.db import database_sync_to_async

from sandbox import service
from sandbox.drivers.base import Handle
from sandbox.models import Sandbox, State
from sandbox.preview.passes import Pass, holder_of

BELIEVED = 1.0
USED_EVERY = 20.0
KEPT = 5_000


@dataclass(frozen=True)
class Row:
    """What previews need of a sandbox that is ready."""

    key: str
    holder: str
    handle: Handle

    def admits(self, visit: Pass) -> bool:
        return (self.key, self.holder) == (visit.key, visit.holder)


class Rows:
    """Looks sandboxes up, and notes that they are in use."""

    def __init__(self) -> None:
        self._found: dict[str, tuple[float, asyncio.Future[Row | None]]] = {}
        self._used: dict[str, float] = {}

    async def find(self, key: str) -> Row | None:
        """The sandbox of that key, if it is ready; one question at a time to the database for each."""
        now = time.monotonic()
        until, found = self._found.get(key, (0.0, None))
        if found is None or now > until:
            if len(self._found) > KEPT:
                self._found.clear()
            found = asyncio.ensure_future(_in_thread(_look)(key))
            self._found[key] = (now + BELIEVED, found)
        try:
            return await asyncio.shield(found)
        except BaseException:
            if found.done():
                self._found.pop(key, None)
            raise

    async def use(self, row: Row) -> None:
        """Note, now and then, that the sandbox is in use, and wake it if it sleeps. Raises SandboxError."""
        now = time.monotonic()
        if now - self._used.get(row.key, -USED_EVERY) < USED_EVERY:
            return
        if len(self._used) > KEPT:
            self._used.clear()
        self._used[row.key] = now
        try:
            await _in_thread(_use)(row)
        except BaseException:
            self._used.pop(row.key, None)
            raise


def _in_thread(call: Callable[..., Any]) -> Callable[..., Awaitable[Any]]:
    wrapped: Callable[..., Awaitable[Any]] = database_sync_to_async(call, thread_sensitive=False)
    return wrapped


def _look(key: str) -> Row | None:
    row = Sandbox.objects.filter(key=key, state=State.READY).first()
    return Row(row.key, holder_of(row.owner), row.handle) if row is not None and row.owner else None


def _use(row: Row) -> None:
    service.touch(row.key)
    service.sandboxd().thaw(row.handle)
