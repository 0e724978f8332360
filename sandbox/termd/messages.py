"""Messages between web and termd: on a Unix socket, each with a five-byte header (docs/protocol.md)."""

from __future__ import annotations

import asyncio
import json
import struct
from typing import Any, cast

HEADER = struct.Struct("!IB")
BINARY, TEXT, CLOSE = 0, 1, 2
LONGEST = 64 << 10
"""Bytes in one message, the header not counted."""


def pack(kind: int, data: bytes) -> bytes:
    """One message with its header."""
    return HEADER.pack(len(data), kind) + data


class Messages(asyncio.Protocol):
    """One end of the socket. Subclasses say what happens with each message, in `received`."""

    transport: asyncio.Transport

    def __init__(self) -> None:
        self._arrived = bytearray()

    def received(self, kind: int, data: bytes) -> None:
        """One whole message has arrived."""
        raise NotImplementedError

    def overlong(self) -> None:
        """A message announces more than LONGEST bytes; what follows cannot be read."""
        self.transport.abort()

    def send(self, kind: int, data: bytes) -> None:
        """Queue one message; nothing is sent to a peer that has gone."""
        if not self.transport.is_closing():
            self.transport.write(pack(kind, data))

    def send_json(self, kind: int, message: dict[str, Any]) -> None:
        self.send(kind, json.dumps(message).encode())

    # asyncio's side

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)  # uvloop's is one by its methods alone

    def data_received(self, data: bytes) -> None:
        arrived = self._arrived
        arrived += data
        while len(arrived) >= HEADER.size:
            length, kind = HEADER.unpack_from(arrived)
            if length > LONGEST:
                arrived.clear()
                self.overlong()
                return
            end = HEADER.size + length
            if len(arrived) < end:
                return
            whole = bytes(arrived[HEADER.size : end])
            del arrived[:end]
            self.received(kind, whole)
