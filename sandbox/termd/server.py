"""termd's socket for web: each connection attaches to one terminal and then carries docs/protocol.md."""

from __future__ import annotations

import asyncio
import json
import logging
import os
from pathlib import Path
from typing import Any

from sandbox.termd import frames
from sandbox.termd.attachment import Attachment, Elsewhere, ProtocolError
from sandbox.termd.inbox import Full
from sandbox.termd.messages import BINARY, CLOSE, TEXT, Messages
from sandbox.termd.terminal import Terminal

log = logging.getLogger(__name__)

LINGER = 5.0
"""Seconds that a page may take to hang up after it was closed."""
KEEP_ENDED = 600.0
"""Seconds that an ended terminal is remembered: its ring and its descriptor are given back after that."""


class Connection(Messages):
    """One page, by way of web: its first message attaches it to a terminal, or tells termd something."""

    def __init__(self, server: Server) -> None:
        super().__init__()
        self.server = server
        self.closed = False
        self.terminal: Terminal | None = None
        self.attachment: Attachment | None = None

    # The page's end, as a terminal needs it

    def send_frame(self, data: bytes) -> None:
        if not self.closed:
            self.send(BINARY, data)

    def send_control(self, message: dict[str, Any]) -> None:
        if not self.closed:
            self.send_json(TEXT, message)

    def close(self, code: int) -> None:
        """Say the code, and nothing more. The peer hangs up: were it done here, while something that it
        sent is unread, it would see a reset instead of the code."""
        if self.closed:
            return
        self.send_json(CLOSE, {"code": code})
        self.closed = True
        if not self.transport.is_closing():
            self.transport.write_eof()
            asyncio.get_running_loop().call_later(LINGER, self.transport.abort)

    # What arrives

    def received(self, kind: int, data: bytes) -> None:
        if self.closed:
            return  # it has not heard of the close yet
        try:
            if self.terminal is not None and self.attachment is not None:
                _handle(self.terminal, self.attachment, kind, data)
            else:
                self._begin(kind, data)
        except (ProtocolError, frames.FrameError) as error:
            log.info("A page broke the protocol and was closed: %s", error)
            self._refuse(4400, "The page and the server do not understand each other; reload the page.")
        except Elsewhere:
            self._refuse(4409, "This terminal is open in another page or browser of yours.")
        except Full:
            self._refuse(
                4429, "The program in the terminal does not read what is typed; wait, or press Ctrl-C."
            )

    def overlong(self) -> None:
        log.info("A page broke the protocol and was closed: a message is too long")
        self._refuse(4400, "The page and the server do not understand each other; reload the page.")

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.server.connections.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.closed = True
        self.server.connections.discard(self)
        self._leave()

    def _refuse(self, code: int, sentence: str) -> None:
        self.send_control({"type": "error", "code": code, "message": sentence})
        self.close(code)
        self._leave()

    def _leave(self) -> None:
        terminal, self.terminal = self.terminal, None
        if terminal is not None and self.attachment is not None:
            terminal.detach(self.attachment)

    def _begin(self, kind: int, data: bytes) -> None:
        message = _control(data)
        if kind == TEXT and message.get("type") == "expel":
            self.server.expel(str(message.get("sandbox")))
            self.close(1000)
            return
        if kind != TEXT or message.get("type") != "attach":
            raise ProtocolError("the first message must be attach")
        epoch, received = _optional(message, "epoch"), _optional(message, "received")
        size = _size(message)
        if message.get("version") != 1:
            raise ProtocolError("only version 1 is spoken here")
        writer = _short(message, "writer")
        terminal = self.server.terminals.get(str(message.get("terminal")))
        if terminal is None or (terminal.exited and epoch != terminal.epoch):
            self.send_control({"type": "missing"})
            self.closed = True
            self.transport.close()
            return
        if message.get("role") == "viewer":
            name = _short(message, "name")
            self.attachment = terminal.watch(self, name, writer, epoch, received, size)
        else:
            tab, take = _short(message, "tab"), message.get("take") is True
            self.attachment = terminal.attach(self, writer, epoch, received, size, tab=tab, take=take)
        self.terminal = terminal


class Server:
    """All terminals of this lab, by id, and the socket that they are reached by."""

    def __init__(self) -> None:
        self.terminals: dict[str, Terminal] = {}
        self.connections: set[Connection] = set()

    async def listen(self, path: Path) -> asyncio.Server:
        """Serve on `path`, which only this user may connect to."""
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            loop = asyncio.get_running_loop()
            server = await loop.create_unix_server(lambda: Connection(self), path=str(fresh))
        finally:
            os.umask(before)
        fresh.rename(path)
        return server

    def add(self, terminal: Terminal) -> None:
        """Serve a new terminal in place of the one that had its id."""
        before = self.terminals.pop(terminal.id, None)
        if before is not None:
            before.send_away(4503)
            before.close()
        self.terminals[terminal.id] = terminal

    def end(self, terminal: Terminal, code: int | None) -> None:
        """The program has ended; its page has some minutes to come for what it printed last."""
        terminal.end(code)
        asyncio.get_running_loop().call_later(KEEP_ENDED, self._forget, terminal)

    def expel(self, sandbox: str) -> None:
        """Send everybody away from a sandbox's terminals who is not its learner."""
        for terminal in self.terminals.values():
            if terminal.id.startswith(f"{sandbox}/"):
                terminal.expel()

    def _forget(self, terminal: Terminal) -> None:
        if self.terminals.get(terminal.id) is not terminal:
            return
        if terminal.attachments:  # they read slowly: what they get is the end
            asyncio.get_running_loop().call_later(KEEP_ENDED, self._forget, terminal)
            return
        del self.terminals[terminal.id]
        terminal.close()


def _handle(terminal: Terminal, attachment: Attachment, kind: int, data: bytes) -> None:
    if kind == BINARY:
        frame = frames.decode(data)
        if frame.type is frames.Type.INPUT:
            terminal.type(attachment, frame.epoch, frame.offset, frame.payload)
        elif frame.type is frames.Type.ACK:
            terminal.acknowledge(attachment, frame.epoch, frame.offset)
        else:
            raise ProtocolError("output comes from the server")
        return
    message = _control(data)
    match message.get("type"):
        case "resize":
            terminal.resize(attachment, _size(message))
        case "ask":
            terminal.ask(attachment)
        case "grant" | "refuse" as answer:
            terminal.answer(attachment, _number(message, "viewer"), answer == "grant")
        case "take":
            terminal.take(attachment)
        case _:
            raise ProtocolError("an unknown control message")


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


def _number(message: dict[str, Any], field: str) -> int:
    value = _optional(message, field)
    if value is None:
        raise ProtocolError(f"{field} is missing")
    return value


def _short(message: dict[str, Any], field: str) -> str:
    value = message.get(field, "")
    if not isinstance(value, str) or len(value) > 64:
        raise ProtocolError(f"{field} must be a short string")
    return value
