"""termd's socket: what pages may say, what they may not, and that nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
import stat
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from sandbox.termd import frames
from sandbox.termd import server as module
from sandbox.termd import terminal as terminal_module
from sandbox.termd.messages import BINARY, CLOSE, LONGEST, TEXT, pack
from sandbox.termd.server import Server
from sandbox.termd.terminal import Terminal
from tests.sandbox.peers import ATTACH, Peer
from tests.sandbox.ptys import FakePage, Program, until

OUTPUT, INPUT, ACK = frames.Type.OUTPUT, frames.Type.INPUT, frames.Type.ACK


class Lab:
    """A server with two terminals that echo, `key/main` and `key/other`."""

    def __init__(self, server: Server, path: Path) -> None:
        self.server = server
        self.path = path
        self.programs: dict[str, Program] = {}
        self.started: list[Program] = []

    def start(self, identity: str, *argv: str) -> Terminal:
        program = self.programs[identity] = Program(*argv)
        self.started.append(program)
        self.server.add(Terminal(identity, program.master, program.pid, 0))
        return self.server.terminals[identity]

    def page(self, identity: str = "key/main", **changes: Any) -> Any:
        return Peer.attach(self.path, identity, **changes)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Lab]:
    server = Server()
    listener = await server.listen(folder / "termd.sock")
    lab = Lab(server, folder / "termd.sock")
    lab.start("key/main", "cat")
    lab.start("key/other", "cat")
    yield lab
    listener.close()
    for program in lab.started:
        program.kill()
    for terminal in server.terminals.values():
        terminal.send_away(4503)
        terminal.close()
    await until(lambda: not server.connections, "the end of all connections")


@pytest.fixture
async def lab(tmp_path: Path) -> AsyncIterator[Lab]:
    async with running(tmp_path) as found:
        yield found


@pytest.fixture
async def neighbour(lab: Lab) -> AsyncIterator[Peer]:
    """A page of another terminal, which must go on undisturbed."""
    peer = await lab.page("key/other")
    yield peer
    peer.type(b"still here")
    assert await peer.until(b"still here") == b"still here"
    peer.close()


async def test_attach_type_and_leave(lab: Lab) -> None:
    peer = await lab.page()
    assert peer.attached | {"epoch": 0} == {
        "type": "attached", "epoch": 0, "offset": 0, "replay": 0, "input": 0, "taken": 0, "role": "writer",
        "cols": 80, "rows": 24,
    }  # fmt: skip
    peer.type(b"hello")
    assert await peer.until(b"hello") == b"hello"
    await peer.leave()
    again = await lab.page(epoch=peer.attached["epoch"], received=2)
    assert (again.attached["offset"], again.attached["input"]) == (2, 5)
    assert await again.until(b"o") == b"llo"
    again.close()


async def test_sizes_reach_the_program(lab: Lab) -> None:
    peer = await lab.page(cols=100, rows=30)
    terminal = lab.server.terminals["key/main"]
    assert os.get_terminal_size(terminal.fd) == (100, 30)
    peer.say({"type": "resize", "cols": 1000, "rows": 1})
    await until(lambda: os.get_terminal_size(terminal.fd) == (1000, 1))
    peer.close()


def attach(**changes: Any) -> bytes:
    message = {**ATTACH, "terminal": "key/main", **changes}
    return pack(TEXT, json.dumps({key: value for key, value in message.items() if value is not ...}).encode())


FIRST = {
    "a resize": pack(TEXT, b'{"type": "resize", "cols": 80, "rows": 24}'),
    "a frame": pack(BINARY, frames.encode(INPUT, 1, 0, b"x")),
    "attach as bytes": pack(BINARY, attach()[5:]),
    "no JSON": pack(TEXT, b"attach"),
    "no UTF-8": pack(TEXT, b'{"type": "\xff"}'),
    "no object": pack(TEXT, b'["attach"]'),
    "nothing": pack(TEXT, b""),
    "deep nesting": pack(TEXT, b"[" * 60_000),
    "too long": pack(TEXT, b" " * (LONGEST + 1)),
    "announced as 4 GB": b"\xff\xff\xff\xff\x01",
    "no version": attach(version=...),
    "version 2": attach(version=2),
    "version as text": attach(version="1"),
    "no columns": attach(cols=...),
    "no rows": attach(rows=...),
    "0 columns": attach(cols=0),
    "1001 rows": attach(rows=1001),
    "a fraction": attach(cols=80.5),
    "true": attach(rows=True),
    "text as size": attach(cols="80"),
    "negative epoch": attach(epoch=-1),
    "text as offset": attach(epoch=1, received="5"),
    "offset beyond 2^53": attach(epoch=1, received=2**53),
    "a number with 5,000 digits": pack(TEXT, b'{"type":"attach","cols":' + b"9" * 5000 + b"}"),
    "a writer of 65 characters": attach(writer="w" * 65),
    "a writer that is no text": attach(writer=["w"]),
}


@pytest.mark.parametrize("data", FIRST.values(), ids=FIRST)
async def test_mistakes_at_the_start(lab: Lab, neighbour: Peer, data: bytes) -> None:
    peer = await Peer.connect(lab.path)
    peer.raw(data)
    message, code = await peer.closed()
    assert code == 4400
    assert "reload the page" in message
    assert lab.server.terminals["key/main"].writer is None
    peer.close()


def frame(kind: frames.Type, offset: int, payload: bytes = b"") -> tuple[frames.Type, int, bytes]:
    return kind, offset, payload


LATER: dict[str, bytes | tuple[frames.Type, int, bytes]] = {
    "attach again": attach(),
    "an unknown message": pack(TEXT, b'{"type": "destroy"}'),
    "a message without type": pack(TEXT, b"{}"),
    "a list": pack(TEXT, b"[1]"),
    "0 rows": pack(TEXT, b'{"type": "resize", "cols": 80, "rows": 0}'),
    "1001 columns": pack(TEXT, b'{"type": "resize", "cols": 1001, "rows": 24}'),
    "a short frame": pack(BINARY, b"\x01\x00"),
    "no frame": pack(BINARY, b""),
    "an unknown kind of message": pack(7, b"\x00"),
    "a close": pack(CLOSE, b'{"code": 1000}'),
    "too long": pack(BINARY, b"\x01" * (LONGEST + 1)),
    "epoch 0": pack(BINARY, frames.HEADER.pack(INPUT, 0, 0) + b"x"),
    "an oversized frame": pack(BINARY, frames.HEADER.pack(INPUT, 1, 0) + b"x" * 16385),
    "output": frame(OUTPUT, 0, b"x"),
    "input with a gap": frame(INPUT, 1, b"x"),
    "an acknowledgement of what was never sent": frame(ACK, 1),
}


@pytest.mark.parametrize("data", LATER.values(), ids=LATER)
async def test_mistakes_later(
    lab: Lab, neighbour: Peer, data: bytes | tuple[frames.Type, int, bytes], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO", module.__name__)
    peer = await lab.page()
    if isinstance(data, tuple):
        kind, offset, payload = data
        data = pack(BINARY, frames.encode(kind, peer.attached["epoch"], offset, payload))
    peer.raw(data * 3)
    message, code = await peer.closed()
    assert (code, "reload the page" in message) == (4400, True)
    assert len(caplog.records) == 1, "one line in the log for each connection"
    await until(lambda: lab.server.terminals["key/main"].writer is None)
    peer.close()
    back = await lab.page()
    back.type(b"as before")
    assert (await back.until(b"as before")).endswith(b"as before")
    back.close()


@pytest.mark.parametrize("terminal", ["key/unknown", "key", "", None, 5, ["key/main"]])
async def test_unknown_terminals_are_missing(lab: Lab, terminal: Any) -> None:
    peer = await Peer.connect(lab.path)
    peer.raw(attach(terminal=terminal))
    assert await peer.hear() == {"type": "missing"}
    assert await peer.reader.read() == b""
    peer.close()


async def test_an_ended_terminal_is_there_only_for_those_who_knew_it(lab: Lab) -> None:
    terminal = lab.start("key/short", "echo", "bye")
    await until(lambda: terminal.drained)
    lab.server.end(terminal, 3)
    peer = await Peer.connect(lab.path)
    peer.raw(attach(terminal="key/short"))
    assert await peer.hear() == {"type": "missing"}
    peer.close()
    knows = await lab.page("key/short", epoch=terminal.epoch, received=1)
    assert await knows.hear() == {"type": "exit", "code": 3, "offset": 4}
    assert bytes(knows.output) == b"ye\n"
    knows.close()


async def test_ended_terminals_are_forgotten_after_a_while(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "KEEP_ENDED", 0.02)
    terminal = lab.start("key/short", "echo", "bye")
    page = FakePage()
    page.attach(terminal, "w", None, None)
    await until(lambda: terminal.drained)
    lab.server.end(terminal, 0)
    await asyncio.sleep(0.05)
    assert "key/short" in lab.server.terminals, "forgotten under its page's eyes"
    page.acknowledge(4)
    await until(lambda: "key/short" not in lab.server.terminals)
    with pytest.raises(OSError, match="Bad file"):
        os.fstat(lab.programs["key/short"].master)


async def test_one_that_ended_is_replaced_and_not_forgotten_in_its_place(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "KEEP_ENDED", 0.02)
    terminal = lab.start("key/short", "echo", "bye")
    await until(lambda: terminal.drained)
    lab.server.end(terminal, 0)
    fresh = lab.start("key/short", "cat")
    await asyncio.sleep(0.05)
    assert lab.server.terminals["key/short"] is fresh


async def test_a_new_terminal_takes_the_place_and_the_page_connects_again(lab: Lab) -> None:
    peer = await lab.page()
    lab.programs["key/main"].kill()
    lab.start("key/main", "cat")
    kind, data = await peer.next()
    assert (kind, json.loads(data)) == (CLOSE, {"code": 4503})
    peer.close()


async def test_who_takes_over_is_not_typed_into_by_who_had_it(lab: Lab) -> None:
    """A frame of the first page is already here when the second becomes the writer."""
    peer = await lab.page(writer="first")
    (connection,) = lab.server.connections
    terminal = lab.server.terminals["key/main"]
    second = FakePage(terminal)
    second.attach(terminal, "second", None, None)
    connection.data_received(pack(BINARY, frames.encode(INPUT, terminal.epoch, 0, b"late")))
    second.type(0, b"mine")
    await until(lambda: second.end == 4)
    assert second.data == b"mine"
    peer.close()


async def test_too_much_for_a_program_that_does_not_read(lab: Lab, neighbour: Peer) -> None:
    lab.start("key/deaf", "sleep", "1000")
    peer = await lab.page("key/deaf")
    for _ in range(40):
        peer.type(b"x" * 16384)
    message, code = await peer.closed()
    assert (code, "Ctrl-C" in message) == (4429, True)
    peer.close()


async def test_only_this_user_may_connect(lab: Lab) -> None:
    assert stat.S_IMODE(lab.path.stat().st_mode) == 0o600


TELLS_ITS_SIZE = """
import os, signal
signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGWINCH])
os.read(0, 1)
signal.sigtimedwait([signal.SIGWINCH], 0)
print("ready", flush=True)
while signal.sigwait([signal.SIGWINCH]):
    print(*os.get_terminal_size(0), flush=True)
"""


async def test_who_does_not_continue_has_the_program_draw_again(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal_module, "REDRAW", 2.0)
    terminal = lab.start("key/draws", sys.executable, "-c", TELLS_ITS_SIZE)
    first = await lab.page("key/draws")
    first.type(b"\n")  # it prints nothing before there is a page
    assert await first.until(b"ready\n") == b"ready\n"
    await first.leave()
    same = await lab.page("key/draws", epoch=first.attached["epoch"], received=terminal.ring.end)
    await same.leave()
    fresh = await lab.page("key/draws")
    assert await fresh.until(b"80 24\n") == b"ready\n80 23\n80 24\n"
    fresh.say({"type": "resize", "cols": 90, "rows": 30})
    await fresh.until(b"90 30\n")
    await fresh.leave()
    again = await lab.page("key/draws", cols=70, rows=1)
    assert os.get_terminal_size(terminal.fd) == (70, 2), "one row cannot become fewer"
    again.say({"type": "resize", "cols": 70, "rows": 20})
    await asyncio.sleep(2.1)
    assert os.get_terminal_size(terminal.fd) == (70, 20), "an earlier size came back"
    again.close()
