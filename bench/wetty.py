"""wetty's terminal, by the few frames of Engine.IO 4 and Socket.IO 5 that it takes.

Sources: the protocol pages of socket.io (engine-io-protocol and socket-io-protocol), and wetty's own client for its
events: `data`, `input`, `resize`, `commit`, `login`, `logout`.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import suppress
from typing import Any

from websockets.asyncio.client import ClientConnection

from bench.place import BenchError
from bench.terminals import PATIENCE, QUEUE, SIZE, Address, TerminalEnded, Web

OPEN, PING, PONG, CONNECT, EVENT = "0", "2", "3", "40", "42"
COMMIT = 262_144
"""UTF-16 units after which wetty's page says that it has written as many."""


def event(name: str, value: Any) -> str:
    """The text frame of an event."""
    return EVENT + json.dumps([name, value])


def parsed(frame: str) -> tuple[str, Any]:
    """An event's name and its first argument; for any other frame its type and None."""
    if not frame.startswith(EVENT):
        return (CONNECT if frame.startswith(CONNECT) else frame[:1]), None
    name, *rest = json.loads(frame[len(EVENT) :])
    return str(name), rest[0] if rest else None


def units(text: str) -> int:
    """The length of `text` as JavaScript counts it, which is how wetty does."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le")) // 2


class Wetty(Web):
    """Node.js with socket.io. A task answers its pings, since it hangs up after seven seconds without an answer."""

    def __init__(self, socket: ClientConnection) -> None:
        super().__init__(socket)
        self._arrived: asyncio.Queue[str | None] = asyncio.Queue()
        self._written = 0
        self._reader = asyncio.create_task(self._read())

    @classmethod
    async def open(cls, address: Address, queue: int = QUEUE, *, reads: bool = True) -> Wetty:
        """With `reads` false nothing is read after the shell has been started."""
        socket = await cls.dial(address.url, queue=queue)
        async with asyncio.timeout(PATIENCE):
            if parsed(str(await socket.recv()))[0] != OPEN:
                raise BenchError("wetty did not open its connection.")
            await socket.send(CONNECT)
            while parsed(str(await socket.recv()))[0] != "login":
                pass
        columns, rows = SIZE
        await socket.send(event("resize", {"cols": columns, "rows": rows}))
        found = cls(socket)
        if not reads:
            found._reader.cancel()
        return found

    async def type(self, data: bytes) -> None:
        await self.socket.send(event("input", data.decode()))

    async def read(self) -> bytes:
        text = await self._arrived.get()
        if text is None:
            raise TerminalEnded
        self._written += units(text)
        while self._written >= COMMIT:
            self._written -= COMMIT
            await self.socket.send(event("commit", COMMIT))
        return text.encode()

    async def close(self) -> None:
        self._reader.cancel()
        await super().close()

    async def _read(self) -> None:
        with suppress(TerminalEnded):
            while True:
                name, value = parsed(str(await self.receive()))
                if name == PING:
                    await self.socket.send(PONG)
                elif name == "data" and value:
                    self._arrived.put_nowait(str(value))
                elif name == "logout":
                    break
        self._arrived.put_nowait(None)
