"""Whatever a page says to termd, by chance and by the thousand: it is answered or dropped, and nobody else notices."""

from __future__ import annotations

import asyncio
import json
import os
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sandbox.termd import frames
from sandbox.termd.messages import BINARY, CLOSE, HEADER, TEXT, pack
from sandbox.termd.terminal import Terminal
from tests.sandbox.peers import ATTACH, Peer
from tests.sandbox.ptys import until
from tests.sandbox.test_termd_server import Lab, running

EPOCHS = st.sampled_from(["own", 0, 1, 2**32 - 1])
LIMITS = [16_384, 16_385, 32_768, 40_000]
"""Sizes of payloads around what frames may carry."""
OFFSETS = [2**53 - 1, 2**53, 2**63, 2**64 - 1]
HOSTILE_FRAME = st.tuples(
    st.sampled_from([0, 1, 2, 3, 255]),
    EPOCHS,
    st.integers(0, 40) | st.integers(0, 2**64 - 1) | st.sampled_from(OFFSETS),
    st.binary(max_size=40) | st.sampled_from(LIMITS).map(bytes),
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
ELSEWHERE = st.fixed_dictionaries(
    {},
    optional={
        "role": st.sampled_from(["viewer", "writer"]),
        "take": st.booleans(),
        "received": st.integers(-(2**63), 2**63),
        "epoch": st.integers(-1, 2**32),
    },
).map(lambda changes: {**ATTACH, "terminal": "key/other", **changes})
"""Whoever is attached asks for somebody else's terminal."""
HOSTILE = st.one_of(
    st.binary(max_size=60).map(lambda data: ("raw", data)),
    st.tuples(st.just("packed"), st.tuples(st.integers(0, 9), st.binary(max_size=60))),
    st.tuples(st.just("frame"), HOSTILE_FRAME),
    st.tuples(st.just("cut"), st.tuples(HOSTILE_FRAME, st.integers(0, frames.HEADER.size))),
    st.tuples(
        st.just("announced"), st.tuples(st.integers(0, 2**32 - 1), st.integers(0, 2), st.binary(max_size=9))
    ),
    st.tuples(st.just("text"), HOSTILE_TEXT | JSON),
)
STAGES = ["before attach", "attached", "watching", "after exit"]


def spell(terminal: Terminal, kind: str, what: Any) -> bytes:
    """The bytes of one hostile message."""
    if kind == "raw":
        return bytes(what)
    if kind == "packed":
        return pack(*what)
    if kind == "announced":
        length, number, data = what
        return HEADER.pack(length, number) + bytes(data)
    if kind == "text":
        return pack(TEXT, json.dumps(what).encode())
    (number, epoch, offset, payload), end = what if kind == "cut" else (what, None)
    frame = frames.HEADER.pack(number, terminal.epoch if epoch == "own" else epoch, offset) + payload
    return pack(BINARY, frame[:end])


@pytest.fixture
def runner() -> Iterator[asyncio.Runner]:
    with asyncio.Runner() as found:
        yield found


@contextmanager
def lab_with_neighbour(folder: Path, runner: asyncio.Runner) -> Iterator[tuple[Lab, Callable[[], Any]]]:
    """A lab, and a check that the page of another terminal is where it was: what it types comes, and nothing else."""
    context = running(folder)
    lab = runner.run(context.__aenter__())
    neighbour: Peer = runner.run(lab.page("key/other"))
    count = 0

    async def undisturbed() -> None:
        nonlocal count
        count += 1
        token = f"<{count}>".encode()
        neighbour.output.clear()
        neighbour.attached["offset"] = lab.server.terminals["key/other"].ring.end
        neighbour.type(token)
        assert await neighbour.until(token) == token
        assert os.get_terminal_size(lab.server.terminals["key/other"].fd) == (80, 24)

    yield lab, undisturbed
    neighbour.close()
    runner.run(context.__aexit__(None, None, None))


async def come(lab: Lab, stage: str) -> tuple[Terminal, Peer]:
    """The page that attacks, where it is then, and its terminal."""
    if stage == "after exit":
        terminal = lab.server.terminals["key/ended"]
        return terminal, await lab.page("key/ended", epoch=terminal.epoch, received=0)
    terminal = lab.server.terminals["key/main"]
    if stage == "before attach":
        return terminal, await Peer.connect(lab.path)
    return terminal, await lab.page(role="viewer" if stage == "watching" else "writer")


async def end_one(lab: Lab) -> None:
    """A terminal whose program has ended."""
    terminal = lab.start("key/ended", "echo", "bye")
    await until(lambda: terminal.drained or terminal.ring.end == 4)
    lab.server.end(terminal, 0)
    await until(lambda: terminal.drained)


def test_whatever_one_page_says_a_neighbour_never_notices(tmp_path: Path, runner: asyncio.Runner) -> None:
    sent = 0
    with lab_with_neighbour(tmp_path, runner) as (lab, undisturbed):
        runner.run(end_one(lab))

        async def attack(stage: str, messages: list[tuple[str, Any]]) -> None:
            nonlocal sent
            sent += len(messages)
            terminal, peer = await come(lab, stage)
            peer.raw(b"".join(spell(terminal, *message) for message in messages))
            await peer.leave()
            await until(lambda: not terminal.attachments)
            await undisturbed()

        @settings(max_examples=600, deadline=None)
        @given(st.sampled_from(STAGES), st.lists(HOSTILE, min_size=20, max_size=20))
        def attacks(stage: str, messages: list[tuple[str, Any]]) -> None:
            runner.run(attack(stage, messages))

        attacks()
        assert sent >= 10_000
        assert lab.server.terminals["key/main"].pid == lab.programs["key/main"].pid
        assert lab.programs["key/main"].process.poll() is None


def test_each_hostile_frame_alone_is_answered_with_a_code_or_dropped(
    tmp_path: Path, runner: asyncio.Runner
) -> None:
    """Each has a page of its own, so that none hides behind the close that the one before it earned."""
    answers: Counter[str] = Counter()
    with lab_with_neighbour(tmp_path, runner) as (lab, undisturbed):
        runner.run(end_one(lab))

        async def attack(stage: str, message: tuple[str, Any]) -> None:
            terminal, peer = await come(lab, stage)
            peer.raw(spell(terminal, *message))
            answers[await answer(peer)] += 1
            await until(lambda: not terminal.attachments)
            await undisturbed()

        @settings(max_examples=1000, deadline=None)
        @given(st.sampled_from(STAGES), HOSTILE | st.tuples(st.just("text"), ELSEWHERE))
        def attacks(stage: str, message: tuple[str, Any]) -> None:
            if (stage, message[0]) != (
                "before attach",
                "text",
            ):  # termd believes web, which says whose page it is
                runner.run(attack(stage, message))

        attacks()
    assert answers["4400"] > 200 and answers["dropped"] > 30, answers
    assert answers.keys() <= {"4400", "4429", "1000", "dropped"}, answers


async def answer(peer: Peer) -> str:
    """The code that the page is closed with; "dropped" when it leaves by itself before it hears of any."""
    peer.writer.write_eof()
    try:
        while True:
            kind, data = await peer.next()
            if kind == CLOSE:
                return str(json.loads(data)["code"])
    except (asyncio.IncompleteReadError, ConnectionResetError):
        return "dropped"
    finally:
        peer.close()
