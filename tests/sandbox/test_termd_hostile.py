"""Whatever a page says to termd, by chance and by the thousand: it is answered or dropped, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.termd import frames
from sandbox.termd.messages import BINARY, TEXT, pack
from sandbox.termd.terminal import Terminal
from tests.sandbox.peers import Peer
from tests.sandbox.ptys import until
from tests.sandbox.test_termd_server import running

EPOCHS = st.sampled_from(["own", 0, 1, 2**32 - 1])
HOSTILE_FRAME = st.tuples(
    st.sampled_from([0, 1, 2, 3, 255]),
    EPOCHS,
    st.integers(0, 40) | st.integers(0, 2**64 - 1),
    st.binary(max_size=40),
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
FIELDS = [
    "type",
    "terminal",
    "version",
    "cols",
    "rows",
    "epoch",
    "received",
    "writer",
    "role",
    "viewer",
    "name",
]
HOSTILE_TEXT = st.dictionaries(
    st.sampled_from(FIELDS),
    JSON | st.sampled_from(["attach", "resize", "ask", "grant", "refuse", "take", "viewer", "key/main", 1]),
)
HOSTILE = st.one_of(
    st.binary(max_size=60).map(lambda data: ("raw", data)),
    st.tuples(st.just("packed"), st.tuples(st.integers(0, 9), st.binary(max_size=60))),
    st.tuples(st.just("frame"), HOSTILE_FRAME),
    st.tuples(st.just("text"), HOSTILE_TEXT | JSON),
)


def spell(terminal: Terminal, kind: str, what: Any) -> bytes:
    """The bytes of one hostile message."""
    if kind == "raw":
        return bytes(what)
    if kind == "packed":
        return pack(*what)
    if kind == "text":
        return pack(TEXT, json.dumps(what).encode())
    number, epoch, offset, payload = what
    return pack(
        BINARY, frames.HEADER.pack(number, terminal.epoch if epoch == "own" else epoch, offset) + payload
    )


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


def test_whatever_one_page_says_a_neighbour_never_notices(tmp_path: Path, runner: asyncio.Runner) -> None:
    context = running(tmp_path)
    lab = runner.run(context.__aenter__())
    neighbour: Peer = runner.run(lab.page("key/other"))
    count = sent = 0

    async def attack(polite: bool, messages: list[tuple[str, Any]]) -> None:
        nonlocal count, sent
        count += 1
        sent += len(messages)
        terminal = lab.server.terminals["key/main"]
        peer = await (lab.page() if polite else Peer.connect(lab.path))
        peer.raw(b"".join(spell(terminal, *message) for message in messages))
        await peer.leave()
        await until(lambda: terminal.writer is None)
        token = f"<{count}>".encode()
        neighbour.output.clear()
        neighbour.attached["offset"] = lab.server.terminals["key/other"].ring.end
        neighbour.type(token)
        assert await neighbour.until(token) == token

    @settings(max_examples=600, deadline=None)
    @given(st.booleans(), st.lists(HOSTILE, min_size=20, max_size=20))
    def attacks(polite: bool, messages: list[tuple[str, Any]]) -> None:
        runner.run(attack(polite, messages))

    attacks()
    assert sent >= 10_000
    assert lab.server.terminals["key/main"].pid == lab.programs["key/main"].pid
    assert lab.programs["key/main"].process.poll() is None
    neighbour.close()
    runner.run(context.__aexit__(None, None, None))
