"""Connections into sandboxes for aiohttp's client: sockets that sandboxd connects and hands over."""

from __future__ import annotations

import asyncio
import socket
from collections import defaultdict
from concurrent.futures import Future, ThreadPoolExecutor

import aiohttp
from aiohttp.client_proto import ResponseHandler
from aiohttp.tracing import Trace

from sandbox import service
from sandbox.drivers.base import Handle
from sandbox.errors import Reason, SandboxError
from sandbox.preview.rows import Rows

AT_ONCE = 4
"""Connections that are being made into one sandbox: a port that swallows what comes holds up its own only."""
THREADS = 32


class Unanswered(aiohttp.ClientConnectionError):
    """No connection could be made. `reason` says whether nothing listens, or something is wrong; `message` is
    one sentence."""

    def __init__(self, reason: Reason, message: str) -> None:
        super().__init__(message)
        self.reason = reason
        self.message = message


class Dialler:
    """Makes the connections, in threads, since sandboxd's client blocks."""

    def __init__(self, rows: Rows) -> None:
        self._rows = rows
        self._threads = ThreadPoolExecutor(THREADS, thread_name_prefix="dial")
        self._turns: dict[str, asyncio.Semaphore] = defaultdict(lambda: asyncio.Semaphore(AT_ONCE))

    async def dial(self, key: str, port: int) -> socket.socket:
        """A connected socket, which does not block. Raises Unanswered."""
        row = await self._rows.find(key)
        if row is None:
            raise Unanswered(Reason.REFUSED, "The sandbox has ended.")
        async with self._turns[key]:
            made = self._threads.submit(_dial, row.handle, port)
            try:
                return await asyncio.wrap_future(made)
            except asyncio.CancelledError:
                made.add_done_callback(_close)
                raise
            except SandboxError as error:
                raise Unanswered(error.reason, error.message) from error
            except (OSError, ValueError) as error:
                said = "The part of the lab that reaches into sandboxes was interrupted; try again."
                raise Unanswered(Reason.UNAVAILABLE, said) from error

    def close(self) -> None:
        self._threads.shutdown(wait=False, cancel_futures=True)


def _dial(handle: Handle, port: int) -> socket.socket:
    made = service.sandboxd().dial(handle, port)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return made


def _close(made: Future[socket.socket]) -> None:
    """A connection that nobody waits for any more."""
    if not made.cancelled() and made.exception() is None:
        made.result().close()


class Connector(aiohttp.BaseConnector):
    """For URLs `http://KEY:PORT/…`. With `fresh` every request has a connection of its own: what must not be
    sent twice never meets one that the program has just given up."""

    def __init__(self, dialler: Dialler, *, fresh: bool) -> None:
        if fresh:
            super().__init__(force_close=True, limit=0)
        else:
            super().__init__(keepalive_timeout=KEEP, limit=0)
        self._dialler = dialler

    async def _create_connection(
        self,
        req: aiohttp.ClientRequest,
        traces: list[Trace],
        timeout: aiohttp.ClientTimeout,  # noqa: ASYNC109 - aiohttp's own
    ) -> ResponseHandler:
        connection = await self._dialler.dial(req.url.host or "", req.url.port or 0)
        try:
            _, protocol = await self._loop.create_connection(self._factory, sock=connection)
        except BaseException:
            connection.close()
            raise
        return protocol


KEEP = 2.0
"""Seconds that an idle connection is kept: shorter than servers keep theirs."""
