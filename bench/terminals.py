"""Terminals to be compared, each behind the same few calls: type bytes, read bytes, close.

All WebSocket ones share one client, `websockets` on uvloop without compression, so that only what serves
them differs.
"""

from __future__ import annotations

import asyncio
import json
import os
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Origin, Subprotocol

from bench.place import BenchError
from bench.shells import end, open_on_terminal

PATIENCE = 60.0
SIZE = (80, 24)
QUEUE = 1024
"""Frames that wait in the client before it stops reading."""


class TerminalEnded(BenchError):
    """The program has ended; `code` is its exit code where the server says it."""

    def __init__(self, code: int | None = None) -> None:
        super().__init__("The terminal's program has ended.")
        self.code = code


@dataclass(frozen=True)
class Address:
    """Where a terminal is opened. `kind`: lab, pty, terminado, ttyd, wetty. `sandboxd`: that socket of the lab."""

    kind: str
    url: str = ""
    cookie: str = ""
    sandboxd: str = ""


class Terminal(ABC):
    """One open terminal."""

    @abstractmethod
    async def type(self, data: bytes) -> None:
        """Send `data` to the program."""

    @abstractmethod
    async def read(self) -> bytes:
        """The next bytes that the program printed; never empty. Raises TerminalEnded, BenchError."""

    @abstractmethod
    async def close(self) -> None:
        """End the terminal with what runs in it."""

    async def read_until(self, wanted: bytes) -> bytes:
        """Read until `wanted` has come; what was read, of which the last 64 KiB are kept. Raises BenchError."""
        seen = b""
        try:
            async with asyncio.timeout(PATIENCE):
                while wanted not in seen:
                    seen = seen[-65536:] + await self.read()
        except TimeoutError:
            raise BenchError(f"A terminal never printed {wanted!r}, but {seen[-200:]!r}") from None
        return seen

    async def read_past(self, mark: bytes, wanted: bytes) -> bytes:
        """Read until `wanted` has come after `mark`; what was read. Raises BenchError, TimeoutError."""
        seen = b""
        async with asyncio.timeout(PATIENCE):
            while wanted not in seen.partition(mark)[2]:
                seen += await self.read()
        return seen

    async def run(self, script: str) -> None:
        """Have the shell become a bash that runs `script`, and wait until that prints READY."""
        quoted = script.replace("'", "'\\''")
        await self.type(f"exec bash -c '{quoted}'\r".encode())
        await self.read_until(b"READY")


class Raw(Terminal):
    """A PTY of this process: the kernel's own speed, with no server, no socket and no client between."""

    def __init__(self, argv: list[str]) -> None:
        self.descriptor, self.pid = open_on_terminal(argv)

    async def type(self, data: bytes) -> None:
        os.write(self.descriptor, data)

    async def read(self) -> bytes:
        try:
            data = os.read(self.descriptor, 65536)
        except OSError:  # EIO: nobody has it open any more
            data = b""
        if not data:
            raise TerminalEnded
        return data

    async def close(self) -> None:
        end(self.descriptor, self.pid)


class Web(Terminal):
    """What the WebSocket terminals share."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    async def dial(
        cls,
        url: str,
        *,
        headers: dict[str, str] | None = None,
        protocol: str = "",
        queue: int = QUEUE,
        **more: Any,
    ) -> ClientConnection:
        """A WebSocket to `url`; `more` is for `websockets`. Raises BenchError when it does not open."""
        try:
            return await connect(
                url, origin=Origin(f"http://{urlsplit(url).netloc}"), additional_headers=headers, compression=None,
                max_size=None, max_queue=queue, subprotocols=[Subprotocol(protocol)] if protocol else None,
                ping_interval=None, open_timeout=PATIENCE, close_timeout=2, **more,
            )  # fmt: skip
        except (OSError, TimeoutError) as error:
            raise BenchError(f"{url} did not open: {error}") from error

    async def receive(self) -> str | bytes:
        """The next message. Raises TerminalEnded when the server has closed."""
        try:
            return await self.socket.recv()
        except ConnectionClosed as closed:
            raise TerminalEnded from closed

    def cut(self) -> None:
        """Lose the connection as a network loses it: nothing is said, and what is under way is lost."""
        self.socket.transport.abort()

    async def close(self) -> None:
        with suppress(OSError):
            await self.socket.close()


class Terminado(Web):
    """Jupyter's terminal server."""

    @classmethod
    async def open(cls, address: Address, queue: int = QUEUE, **more: Any) -> Terminado:
        """`more` is for `dial`. Raises BenchError."""
        return cls(await cls.dial(address.url, queue=queue, **more))

    async def type(self, data: bytes) -> None:
        await self.socket.send(json.dumps(["stdin", data.decode()]))

    async def read(self) -> bytes:
        while True:
            kind, *rest = json.loads(await self.receive())
            if kind == "stdout" and rest[0]:
                return str(rest[0]).encode()
            if kind == "disconnect":
                raise TerminalEnded


class Ttyd(Web):
    """The terminal server in C."""

    @classmethod
    async def open(cls, address: Address, queue: int = QUEUE) -> Ttyd:
        socket = await cls.dial(address.url, protocol="tty", queue=queue)
        columns, rows = SIZE
        await socket.send(json.dumps({"AuthToken": "", "columns": columns, "rows": rows}).encode())
        return cls(socket)

    async def type(self, data: bytes) -> None:
        await self.socket.send(b"0" + data)

    async def read(self) -> bytes:
        while True:
            frame = await self.receive()
            raw = frame.encode() if isinstance(frame, str) else frame
            if raw[:1] == b"0" and len(raw) > 1:
                return raw[1:]
