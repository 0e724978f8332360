"""The lab's terminal, by docs/protocol.md: output is acknowledged as the pages do it, and goes on after a cut."""

from __future__ import annotations

import asyncio
import json
import secrets
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from bench.place import BenchError
from bench.terminals import PATIENCE, QUEUE, SIZE, Address, TerminalEnded, Web
from sandbox.sandboxd.client import Sandboxd

PROTOCOL = "lab.terminal.1"
HEADER = struct.Struct("!BIQ")
OUTPUT, INPUT, ACK = 0, 1, 2
ACK_EVERY = 16 << 10
MOMENT = 0.02
"""Seconds until less than that is acknowledged."""


class Lab(Web):
    """`offset` is the position behind the last byte received. With `acknowledges` false nothing is ever said to
    have been parsed."""

    acknowledges = True

    def __init__(self, address: Address, writer: str, socket: ClientConnection, said: dict[str, Any]) -> None:
        super().__init__(socket)
        self.address, self.writer = address, writer
        self.epoch: int = said["epoch"]
        self.offset: int = said["offset"]
        self.typed: int = said["input"]
        self.acknowledged = self.offset
        self._later: asyncio.Task[None] | None = None

    @classmethod
    async def open(cls, address: Address, queue: int = QUEUE, **more: Any) -> Lab:
        """`more` is for `dial`. Raises BenchError."""
        writer = secrets.token_hex(8)
        socket, said = await cls._attach(address, {"writer": writer}, queue, **more)
        return cls(address, writer, socket, said)

    async def resume(self, **more: Any) -> int:
        """Connect again as a live page does; where output goes on, which is `offset` if nothing is lost or comes
        twice. `more` is for `dial`. Raises BenchError."""
        hello = {"writer": self.writer, "epoch": self.epoch, "received": self.offset}
        self.socket, said = await self._attach(self.address, hello, QUEUE, **more)
        self.epoch, self.offset, self.typed = said["epoch"], said["offset"], said["input"]
        self.acknowledged = min(self.acknowledged, self.offset)
        return self.offset

    @classmethod
    async def _attach(
        cls, address: Address, hello: dict[str, Any], queue: int, **more: Any
    ) -> tuple[ClientConnection, dict[str, Any]]:
        headers = {"Cookie": address.cookie}
        socket = await cls.dial(address.url, headers=headers, protocol=PROTOCOL, queue=queue, **more)
        columns, rows = SIZE
        await socket.send(
            json.dumps({"type": "attach", "version": 1, "cols": columns, "rows": rows, **hello})
        )
        said = json.loads(await asyncio.wait_for(socket.recv(), PATIENCE))
        if said["type"] != "attached":
            raise BenchError(f"The lab's terminal did not open: {said}")
        return socket, said

    async def type(self, data: bytes) -> None:
        await self.socket.send(HEADER.pack(INPUT, self.epoch, self.typed) + data)
        self.typed += len(data)

    async def read(self) -> bytes:
        while isinstance(frame := await self.receive(), str):
            self._told(json.loads(frame))
        kind, epoch, offset = HEADER.unpack_from(frame)
        if (kind, epoch, offset) != (OUTPUT, self.epoch, self.offset):
            raise BenchError(
                f"An output frame of epoch {epoch} at {offset}, not of {self.epoch} at {self.offset}"
            )
        data = frame[HEADER.size :]
        self.offset += len(data)
        if self.acknowledges and self.offset - self.acknowledged >= ACK_EVERY:
            await self._acknowledge()
        elif self.acknowledges and self._later is None:
            self._later = asyncio.create_task(self._acknowledge_soon())
        return data

    async def _acknowledge_soon(self) -> None:
        await asyncio.sleep(MOMENT)
        self._later = None
        await self._acknowledge()

    async def _acknowledge(self) -> None:
        if self.acknowledged < self.offset:
            self.acknowledged = self.offset
            with suppress(ConnectionClosed):  # then it is resumed, or was ended
                await self.socket.send(HEADER.pack(ACK, self.epoch, self.offset))

    def _told(self, message: dict[str, Any]) -> None:
        if message["type"] == "exit":
            if message["offset"] != self.offset:
                raise BenchError(f"The end was told at {message['offset']}, after {self.offset} bytes.")
            raise TerminalEnded(message["code"])
        if message["type"] == "error":
            raise BenchError(f"The lab's terminal said: {message['message']}")

    async def close(self) -> None:
        await super().close()
        *_, key, name = urlsplit(self.address.url).path.split("/")
        await asyncio.to_thread(Sandboxd(Path(self.address.sandboxd)).close_terminal, {"key": key}, name)
