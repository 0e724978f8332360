"""A request that may be passed on: where it goes, and in whose name."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from aiohttp import web

from sandbox.preview.origins import Target
from sandbox.preview.passes import Pass
from sandbox.preview.rows import Row, Rows

log = logging.getLogger(__name__)

MOST = 100
"""Requests and WebSockets at once into one sandbox."""
LOOK = 1.5
"""Seconds between looks whether the sandboxes of open connections are still their visitors'."""


@dataclass(frozen=True)
class Visit:
    """`names` are the lab's cookies, `frame` the lab's origins that may show the preview in a frame."""

    target: Target
    origin: str
    granted: Pass
    row: Row
    names: frozenset[str]
    frame: Sequence[str]
    cross_site: bool


class Full(Exception):
    """Too many connections into one sandbox."""


class Visits:
    """Those under way. They are cut off when the sandbox ends or becomes another's."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._open: dict[int, tuple[web.BaseRequest, Pass]] = {}
        self._count: Counter[str] = Counter()

    @contextmanager
    def under_way(self, request: web.BaseRequest, granted: Pass) -> Iterator[None]:
        """Count one for as long as the body takes. Raises Full."""
        if self._count[granted.key] >= MOST:
            raise Full
        self._count[granted.key] += 1
        self._open[id(request)] = (request, granted)
        try:
            yield
        finally:
            del self._open[id(request)]
            self._count[granted.key] -= 1
            if not self._count[granted.key]:
                del self._count[granted.key]

    async def watch(self) -> None:
        """Go on forever: cut off what is no longer allowed."""
        while True:
            await asyncio.sleep(LOOK)
            for key in {granted.key for _, granted in self._open.values()}:
                try:
                    row = await self._rows.find(key)
                except Exception:
                    log.exception("Sandbox %s could not be looked up", key)
                    continue
                for request, granted in list(self._open.values()):
                    allowed = row is not None and row.admits(granted)
                    if granted.key == key and not allowed and request.transport is not None:
                        request.transport.abort()
