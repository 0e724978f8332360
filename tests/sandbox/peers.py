"""A page's end of termd's socket, as web holds it."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

from sandbox.termd import frames
from sandbox.termd.messages import BINARY, CLOSE, HEADER, TEXT, pack
from tests.sandbox.ptys import PATIENCE

ATTACH = {"type": "attach", "version": 1, "cols": 80, "rows": 24, "writer": "w"}


async def read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One message. Raises asyncio.IncompleteReadError at the end."""
    length, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
    return kind, await reader.readexactly(length)


class Peer:
    """One connection; `output` and `typed` count from where the terminal said."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.attached: dict[str, Any] = {}
        self.output = bytearray()
        self.typed = 0

    @classmethod
    async def connect(cls, path: Path) -> Peer:
        return cls(*await asyncio.open_unix_connection(str(path)))

    @classmethod
    async def attach(cls, path: Path, terminal: str, **changes: Any) -> Peer:
        """A connection that has been let in."""
        peer = await cls.connect(path)
        peer.say({**ATTACH, "terminal": terminal, **changes})
        peer.attached = await peer.hear()
        assert peer.attached["type"] == "attached", peer.attached
        peer.typed = peer.attached["input"]
        return peer

    def say(self, message: object) -> None:
        self.raw(pack(TEXT, json.dumps(message).encode()))

    def raw(self, data: bytes) -> None:
        self.writer.write(data)

    def type(self, data: bytes) -> None:
        self.raw(pack(BINARY, frames.encode(frames.Type.INPUT, self.attached["epoch"], self.typed, data)))
        self.typed += len(data)

    async def next(self) -> tuple[int, bytes]:
        async with asyncio.timeout(PATIENCE):
            return await read(self.reader)

    async def hear(self) -> dict[str, Any]:
        """The next text message; output before it is kept."""
        while True:
            kind, data = await self.next()
            if kind == BINARY:
                self._take(data)
                continue
            assert kind == TEXT, (kind, data)
            message: dict[str, Any] = json.loads(data)
            return message

    async def until(self, end: bytes) -> bytes:
        """All output so far, once it ends like that."""
        while not self.output.endswith(end):
            kind, data = await self.next()
            assert kind == BINARY, (kind, data)
            self._take(data)
        return bytes(self.output)

    async def closed(self) -> tuple[str, int]:
        """The message and the code of the error that the terminal was closed with."""
        error = await self.hear()
        kind, data = await self.next()
        assert (error["type"], kind) == ("error", CLOSE)
        assert json.loads(data)["code"] == error["code"]
        assert await self.reader.read() == b"", "something came after the close"
        return error["message"], error["code"]

    async def leave(self) -> None:
        """Say no more, and hear the rest until the server closes too."""
        self.writer.write_eof()
        async with asyncio.timeout(PATIENCE):
            await self.reader.read()
        self.close()

    def close(self) -> None:
        self.writer.close()

    def _take(self, data: bytes) -> None:
        frame = frames.decode(data)
        assert frame.offset == self.attached["offset"] + len(self.output)
        self.output += frame.payload
        end = frame.offset + len(frame.payload)
        self.raw(pack(BINARY, frames.encode(frames.Type.ACK, frame.epoch, end)))
