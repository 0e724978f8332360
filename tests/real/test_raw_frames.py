"""Ten thousand hostile frames over bare TCP, as no WebSocket library would send them: a neighbour notices nothing."""

from __future__ import annotations

import base64
import json
import random
import socket
import struct
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.real.learner import Learner, Shell
from tests.running import Lab, running_lab, wait

pytestmark = pytest.mark.lab

ALL = 10_000
FRAMES = 40
"""Tried on each connection; some of them end it."""
MOST = 2 * ALL // FRAMES
GROWTH = 64 << 20
"""Bytes that the lab's processes may grow by: an allocator's slack, and less than what was sent and kept would be."""
ATTACH = json.dumps(
    {"type": "attach", "version": 1, "cols": 80, "rows": 24, "writer": "w", "take": True}
).encode()


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab() as found:
        yield found


def visit(learner: Learner, path: str) -> socket.socket:
    """A TCP connection on which the WebSocket has been opened."""
    where = urlsplit(learner.lab.url)
    opened = socket.create_connection((where.hostname or "", where.port or 0), timeout=20)
    key = base64.b64encode(random.randbytes(16)).decode()
    opened.sendall(
        f"GET {path} HTTP/1.1\r\nHost: {where.netloc}\r\nOrigin: {learner.lab.url}\r\nCookie: {learner.cookie}\r\n"
        f"Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
        "Sec-WebSocket-Protocol: lab.terminal.1\r\n\r\n".encode()
    )
    answer = b""
    while b"\r\n\r\n" not in answer:
        answer += opened.recv(4096)
    assert answer.startswith(b"HTTP/1.1 101"), answer
    return opened


def frame(
    opcode: int, payload: bytes, *, first: int = 0x80, length: int | None = None, masked: bool = True
) -> bytes:
    """A WebSocket frame; `length` is what it says of its payload."""
    told = len(payload) if length is None else length
    flag = 0x80 if masked else 0
    if told < 126:
        size = bytes([flag | told])
    elif told < 1 << 16:
        size = bytes([flag | 126]) + struct.pack("!H", told)
    else:
        size = bytes([flag | 127]) + struct.pack("!Q", told)
    return bytes([first | opcode]) + size + (b"\0\0\0\0" if masked else b"") + payload


def hostile(dice: random.Random) -> bytes:
    """One frame that no page would send."""
    payload = dice.randbytes(dice.choice([0, 1, 5, 12, 13, 14, 60, 126, 4000]))
    header = struct.pack(
        "!BIQ", dice.choice([0, 1, 2, 3, 255]), dice.choice([0, 1, 2**32 - 1]), dice.getrandbits(64)
    )
    kind = dice.randrange(12)
    if kind == 0:
        return dice.randbytes(dice.randrange(1, 60))
    if kind == 1:
        return frame(2, payload, masked=False)
    if kind == 2:
        return frame(2, payload, length=dice.choice([2**63 - 1, 2**40, 1 << 20, 100_000]))
    if kind == 3:
        return frame(dice.choice([3, 4, 5, 6, 7, 11, 15]), payload)
    if kind == 4:
        return frame(2, payload, first=0x80 | dice.choice([0x10, 0x20, 0x40, 0x70]))
    if kind == 5:
        return frame(dice.choice([8, 9, 10]), dice.randbytes(200))
    if kind == 6:
        return frame(dice.choice([0, 1, 2]), payload, first=0)
    if kind == 7:
        return frame(1, b"\xff\xfe" + payload)
    if kind == 8:
        return frame(1, ATTACH)
    if kind == 9:
        return frame(2, header[: dice.randrange(13)])
    if kind == 10:
        return frame(2, header + b"x" * dice.choice([16_385, 33_000, 70_000]))
    return frame(2, header + payload)


def memory(lab: Lab) -> int:
    """Bytes that web and termd take together."""
    pids = lab.pids()
    sizes = (Path(f"/proc/{pids[name]}/statm").read_text() for name in ("web", "termd"))
    return sum(int(size.split()[1]) * 4096 for size in sizes)


def test_whatever_comes_over_the_wire_a_neighbour_never_notices(lab: Lab) -> None:
    ann, mallory = Learner(lab), Learner(lab)
    shell = Shell(ann, ann.claim())
    assert shell.command("echo before-$((1+1))") == "before-2"
    paths = [f"/ws/terminal/{mallory.claim()}/main", shell.path]
    before, pids = memory(lab), lab.pids()
    dice = random.Random(4)
    sent = number = 0
    while sent < ALL:
        number += 1
        assert number <= MOST, "most frames met a connection that was closed already"
        with (
            closing(visit(mallory, paths[number % 5 == 0])) as opened,
            suppress(BrokenPipeError, ConnectionResetError),
        ):
            if number % 2:
                opened.sendall(frame(1, ATTACH))
            opened.settimeout(0.05)
            for _ in range(FRAMES):
                sent += 1
                opened.sendall(hostile(dice))
            with suppress(TimeoutError):
                opened.recv(65536)
        if number % 25 == 0:
            assert shell.command(f"echo {number}-$((1+1))") == f"{number}-2"
    assert shell.command("echo after-$((1+1))") == "after-2"
    assert shell.connections == 1, "the neighbour was cut off"
    assert {name: pid for name, pid in lab.pids().items() if name in ("web", "termd")} == {
        name: pids[name] for name in ("web", "termd")
    }, "a process ended"
    wait(lambda: memory(lab) - before < GROWTH, "memory that is given back", 20)
    assert mallory.claim() == paths[0].split("/")[3]
    mine = Shell(mallory, paths[0].split("/")[3], "second")
    assert mine.command("echo mine-$((1+1))") == "mine-2"
    assert "Traceback" not in lab.log(), lab.log()[-3000:]
