"""Terminals to be compared, each behind the same two calls: type bytes, read bytes.

All WebSocket ones share one client, `websockets` on uvloop without compression, so that only what serves
them differs.
"""

from __future__ import annotations

import asyncio
import json
import os
import secrets
import struct
from abc import ABC, abstractmethod
from contextlib import suppress

from websockets.asyncio.client import ClientConnection, connect
from websockets.typing import Origin, Subprotocol

from bench.place import BenchError
from bench.shells import end, open_on_terminal

HEADER = struct.Struct("!BIQ")
OUTPUT, INPUT, ACK = 0, 1, 2
ACK_EVERY = 16 << 10
PATIENCE = 60.0
SIZE = (80, 24)


class Terminal(ABC):
    """One open terminal; `note` says what carries its bytes."""

    note: str

    @abstractmethod
    async def type(self, data: bytes) -> None:
        """Send `data` to the program."""

    @abstractmethod
    async def read(self) -> bytes:
        """The next bytes that the program printed; never empty. Raises BenchError when the terminal ends."""

    @abstractmethod
    async def close(self) -> None: ...

    async def read_until(self, wanted: bytes) -> None:
        seen = b""
        async with asyncio.timeout(PATIENCE):
            while wanted not in seen:
                seen = seen[-4096:] + await self.read()


class Raw(Terminal):
    """A PTY of this process: the kernel's own speed, with no server, no socket and no client between."""

    note = "read and write on a PTY master; no server, no WebSocket"

    def __init__(self, argv: list[str]) -> None:
        self.descriptor, self.pid = open_on_terminal(argv)

    async def type(self, data: bytes) -> None:
        os.write(self.descriptor, data)

    async def read(self) -> bytes:
        return os.read(self.descriptor, 65536)

    async def close(self) -> None:
        end(self.descriptor, self.pid)


class Web(Terminal):
    """What the WebSocket terminals share."""

    def __init__(self, socket: ClientConnection) -> None:
        self.socket = socket

    @classmethod
    async def dial(
        cls, url: str, *, headers: dict[str, str] | None = None, protocol: str = ""
    ) -> ClientConnection:
        origin = Origin(url.replace("ws://", "http://").split("/ws", 1)[0])
        return await connect(
            url, origin=origin, additional_headers=headers, compression=None, max_size=None, max_queue=1024,
            subprotocols=[Subprotocol(protocol)] if protocol else None, ping_interval=None, open_timeout=PATIENCE,
        )  # fmt: skip

    async def close(self) -> None:
        with suppress(OSError):
            await self.socket.close()


class Lab(Web):
    """A terminal of a running lab, by docs/protocol.md: output is acknowledged as the pages do it."""

    note = "web (Daphne, Channels), termd, PTY in a sandbox; acknowledged, resumable"

    def __init__(self, socket: ClientConnection, epoch: int, offset: int, typed: int) -> None:
        super().__init__(socket)
        self.epoch, self.offset, self.typed = epoch, offset, typed
        self.acknowledged = offset

    @classmethod
    async def open(cls, url: str, cookie: str) -> Lab:
        socket = await cls.dial(url, headers={"Cookie": cookie}, protocol="lab.terminal.1")
        columns, rows = SIZE
        hello = {
            "type": "attach",
            "version": 1,
            "cols": columns,
            "rows": rows,
            "writer": secrets.token_hex(8),
        }
        await socket.send(json.dumps(hello))
        message = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        if message["type"] != "attached":
            raise BenchError(f"The lab's terminal did not open: {message}")
        return cls(socket, message["epoch"], message["offset"], message["input"])

    async def type(self, data: bytes) -> None:
        await self.socket.send(HEADER.pack(INPUT, self.epoch, self.typed) + data)
        self.typed += len(data)

    async def read(self) -> bytes:
        frame = await self.socket.recv()
        if isinstance(frame, str):
            raise BenchError(f"The lab's terminal said {frame}")
        kind, epoch, offset = HEADER.unpack_from(frame)
        if (kind, epoch, offset) != (OUTPUT, self.epoch, self.offset):
            raise BenchError(
                f"An output frame of epoch {epoch} at {offset}, not of {self.epoch} at {self.offset}"
            )
        data = frame[HEADER.size :]
        self.offset += len(data)
        if self.offset - self.acknowledged >= ACK_EVERY or len(data) < ACK_EVERY:
            self.acknowledged = self.offset
            await self.socket.send(HEADER.pack(ACK, self.epoch, self.offset))
        return data


class Terminado(Web):
    """Jupyter's terminal server."""

    note = "Tornado, PTY on the host; JSON text, no flow control"

    @classmethod
    async def open(cls, url: str) -> Terminado:
        return cls(await cls.dial(url))

    async def type(self, data: bytes) -> None:
        await self.socket.send(json.dumps(["stdin", data.decode()]))

    async def read(self) -> bytes:
        while True:
            kind, *rest = json.loads(await self.socket.recv())
            if kind == "stdout":
                return str(rest[0]).encode()
            if kind == "disconnect":
                raise BenchError("terminado's terminal ended.")


class Ttyd(Web):
    """The terminal server in C."""

    note = "libwebsockets and libuv, PTY on the host; one-byte frame types, pause and resume"

    @classmethod
    async def open(cls, url: str) -> Ttyd:
        socket = await cls.dial(url, protocol="tty")
        columns, rows = SIZE
        await socket.send(json.dumps({"AuthToken": "", "columns": columns, "rows": rows}).encode())
        return cls(socket)

    async def type(self, data: bytes) -> None:
        await self.socket.send(b"0" + data)

    async def read(self) -> bytes:
        while True:
            frame = await self.socket.recv()
            raw = frame.encode() if isinstance(frame, str) else frame
            if raw[:1] == b"0" and len(raw) > 1:
                return raw[1:]
