"""Blobs on their way from the upstream: fetched once for all who wait, and never whole unless they are right."""

from __future__ import annotations

import asyncio
import hashlib
import logging
import os
from collections.abc import AsyncIterator
from typing import BinaryIO

from aiohttp import StreamReader

from sandbox.cache.store import Draft, Store
from sandbox.cache.upstream import Refused, Unreachable, Upstream

log = logging.getLogger("cache")

CHUNK = 256 << 10
OPENING = 8.0
"""Seconds until the upstream begins to send."""
LONGEST = 3600.0
AT_ONCE = 16


class Unkept(Exception):
    """There is no room to keep it, or it does not say how long it is."""


async def verified(stream: StreamReader, digest: str) -> AsyncIterator[bytes]:
    """The stream's chunks; the last comes only when all together have this digest. Raises Unreachable."""
    hashed, held = hashlib.sha256(), b""
    async for chunk in stream.iter_chunked(CHUNK):
        hashed.update(chunk)
        if held:
            yield held
        held = chunk
    if f"sha256:{hashed.hexdigest()}" != digest:
        raise Refused(f"what it sends is not {digest}")
    yield held


class Download:
    """One blob, written to a draft from which everybody reads who asked for it meanwhile."""

    def __init__(self, name: str, digest: str) -> None:
        self.name, self.digest = name, digest
        self.size: asyncio.Future[int] = asyncio.get_running_loop().create_future()
        """Its size in bytes, once it comes. Raises Missing, Unreachable or Unkept."""
        self.size.add_done_callback(lambda done: done.cancelled() or done.exception())  # somebody has looked
        self.task: asyncio.Task[None] | None = None
        self._draft: Draft | None = None
        self._written, self._ended, self._readers = 0, False, 0
        self._news = asyncio.Condition()

    async def run(self, store: Store, upstream: Upstream) -> None:
        """Fetch and keep it. Raises nothing: who waits is told."""
        try:
            async with (
                asyncio.timeout(LONGEST),
                upstream.ask(self.name, f"blobs/{self.digest}") as answer,
            ):
                size = answer.content_length
                self._draft = store.begin("blobs", self.digest[7:], size) if size else None
                if size is None or self._draft is None:
                    raise Unkept
                self.size.set_result(size)
                async for chunk in verified(answer.content, self.digest):
                    await asyncio.to_thread(_write, self._draft.file, chunk)
                    await self._tell(len(chunk))
            await asyncio.to_thread(self._draft.sync)
            self._draft.keep()
        except BaseException as error:
            if self._draft:
                self._draft.drop()
            if not self.size.done():
                self.size.set_exception(Unreachable("stopped") if _is_stop(error) else error)
            elif not _is_stop(error):
                log.warning("%s of %s did not come whole: %s", self.digest[:19], self.name, error)
            if _is_stop(error):
                raise
        finally:
            self._ended = True
            await self._tell(0)
            self._close()

    async def read(self, start: int, size: int) -> AsyncIterator[bytes]:
        """The bytes from `start` to the end as they come. Raises Unreachable when they stop coming."""
        assert self._draft
        self._readers += 1
        try:
            while start < size:
                async with self._news:
                    while self._written <= start and not self._ended:
                        await self._news.wait()
                if self._written <= start:
                    raise Unreachable("it stopped")
                wanted = min(CHUNK, self._written - start)
                chunk = os.pread(self._draft.file.fileno(), wanted, start)
                start += len(chunk)
                yield chunk
        finally:
            self._readers -= 1
            self._close()

    async def _tell(self, more: int) -> None:
        async with self._news:
            self._written += more
            self._news.notify_all()

    def _close(self) -> None:
        if self._draft and self._ended and not self._readers:
            self._draft.file.close()


def _write(file: BinaryIO, chunk: bytes) -> None:
    view = memoryview(chunk)
    while view:
        view = view[file.write(view) :]


def _is_stop(error: BaseException) -> bool:
    return not isinstance(error, Exception)
