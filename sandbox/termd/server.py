"""termd's socket for web: each connection attaches to one terminal and then carries docs/protocol.md."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import struct
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox.termd import frames
from sandbox.termd.inbox import Full
from sandbox.termd.terminal import ProtocolError, Terminal

log = logging.getLogger(__name__)

HEADER = struct.Struct("!IB")
BINARY, TEXT, CLOSE = 0, 1, 2
LONGEST = 64 << 10
LINGER = 5.0
"""Seconds that a page may take to hang up after it was closed."""
KEEP_ENDED = 600.0
"""Seconds that an ended terminal is remembered: its ring and its descriptor are given back after that."""


def pack(kind: int, data: bytes) -> bytes:
    """One message with its five-byte header."""
    return HEADER.pack(len(data), kind) + data


async def read(reader: asyncio.StreamReader) -> tuple[int, bytes]:
    """One message. Raises asyncio.IncompleteReadError at the end, ProtocolError when it is too long."""
    length, kind = HEADER.unpack(await reader.readexactly(HEADER.size))
    if length > LONGEST:
        raise ProtocolError("a message is too long")
    return kind, await reader.readexactly(length)


class Connection:
    """One page, by way of web."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.reader = reader
        self.writer = writer
        self.closed = False

    def send_frame(self, data: bytes) -> None:
        self._send(BINARY, data)

    def send_control(self, message: dict[str, Any]) -> None:
        self._send(TEXT, json.dumps(message).encode())

    def close(self, code: int) -> None:
        """Say the code, and nothing more. The peer hangs up: were it done here, while something that it
        sent is unread, it would see a reset instead of the code."""
        if self.closed:
            return
        self._send(CLOSE, json.dumps({"code": code}).encode())
        self.closed = True
        if not self.writer.is_closing():
            self.writer.write_eof()
            asyncio.get_running_loop().call_later(LINGER, self.writer.close)

    def _send(self, kind: int, data: bytes) -> None:
        if not self.closed and not self.writer.is_closing():
            self.writer.write(pack(kind, data))


class Server:
    """All terminals of this lab, by id, and the socket that they are reached by."""

    def __init__(self) -> None:
        self.terminals: dict[str, Terminal] = {}

    async def listen(self, path: Path) -> asyncio.Server:
        """Serve on `path`, which only this user may connect to."""
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            server = await asyncio.start_unix_server(self._serve, path=str(fresh))
        finally:
            os.umask(before)
        fresh.rename(path)
        return server

    def add(self, terminal: Terminal) -> None:
        """Serve a new terminal in place of the one that had its id."""
        before = self.terminals.pop(terminal.id, None)
        if before is not None:
            if before.writer is not None:
                before.writer.close(4503)
            before.close()
        self.terminals[terminal.id] = terminal

    def end(self, terminal: Terminal, code: int | None) -> None:
        """The program has ended; its page has some minutes to come for what it printed last."""
        terminal.end(code)
        asyncio.get_running_loop().call_later(KEEP_ENDED, self._forget, terminal)

    def _forget(self, terminal: Terminal) -> None:
        if self.terminals.get(terminal.id) is not terminal:
            return
        if terminal.writer is not None:  # it reads slowly: what it gets is the end
            asyncio.get_running_loop().call_later(KEEP_ENDED, self._forget, terminal)
            return
        del self.terminals[terminal.id]
        terminal.close()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = Connection(reader, writer)
        try:
            await self._talk(connection)
            while connection.closed and await reader.read(LONGEST):
                pass  # what it sent before it heard of the close
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            with suppress(OSError):
                writer.close()

    async def _talk(self, connection: Connection) -> None:
        """Until the page leaves, or is closed. Raises asyncio.IncompleteReadError, ConnectionError."""
        terminal: Terminal | None = None
        try:
            terminal = self._attach(connection, await self._hello(connection.reader))
            while terminal is not None and not connection.closed:
                kind, data = await read(connection.reader)
                if not connection.closed:  # while it waited, another page may have become the writer
                    _handle(terminal, kind, data)
        except (ProtocolError, frames.FrameError) as error:
            log.info("A page broke the protocol and was closed: %s", error)
            said = "The page and the server do not understand each other; reload the page."
            connection.send_control({"type": "error", "code": 4400, "message": said})
            connection.close(4400)
        except Full:
            said = "The program in the terminal does not read what is typed; wait, or press Ctrl-C."
            connection.send_control({"type": "error", "code": 4429, "message": said})
            connection.close(4429)
        finally:
            if terminal is not None:
                terminal.detach(connection)

    async def _hello(self, reader: asyncio.StreamReader) -> dict[str, Any]:
        kind, data = await read(reader)
        message = _control(data)
        if kind != TEXT or message.get("type") != "attach":
            raise ProtocolError("the first message must be attach")
        return message

    def _attach(self, connection: Connection, message: dict[str, Any]) -> Terminal | None:
        """The terminal that is now the page's; None when there is none that it could want."""
        terminal = self.terminals.get(str(message.get("terminal")))
        epoch, received = _optional(message, "epoch"), _optional(message, "received")
        size = _size(message)
        if message.get("version") != 1:
            raise ProtocolError("only version 1 is spoken here")
        if terminal is None or (terminal.exited and epoch != terminal.epoch):
            connection.send_control({"type": "missing"})
            return None
        writer = message.get("writer", "")
        if not isinstance(writer, str) or len(writer) > 64:
            raise ProtocolError("writer must be a short string")
        terminal.resize(*size)
        if not terminal.attach(connection, writer, epoch, received):
            terminal.redraw()
        return terminal


def _handle(terminal: Terminal, kind: int, data: bytes) -> None:
    if kind == BINARY:
        frame = frames.decode(data)
        if frame.type is frames.Type.INPUT:
            terminal.type(frame.epoch, frame.offset, frame.payload)
        elif frame.type is frames.Type.ACK:
            terminal.acknowledge(frame.epoch, frame.offset)
        else:
            raise ProtocolError("output comes from the server")
        return
    message = _control(data)
    if message.get("type") != "resize":
        raise ProtocolError("an unknown control message")
    terminal.resize(*_size(message))


def _control(data: bytes) -> dict[str, Any]:
    try:
        message = json.loads(data)
    except (ValueError, RecursionError):
        message = None
    if not isinstance(message, dict):
        raise ProtocolError("a control message that is no JSON object")
    return message


def _size(message: dict[str, Any]) -> tuple[int, int]:
    columns, rows = message.get("cols"), message.get("rows")
    for value in (columns, rows):
        if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
            raise ProtocolError("columns and rows go from 1 to 1000")
    assert isinstance(columns, int) and isinstance(rows, int)
    return columns, rows


def _optional(message: dict[str, Any], field: str) -> int | None:
    value = message.get(field)
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value <= frames.MAX_OFFSET:
        raise ProtocolError(f"{field} is not an offset")
    return value
