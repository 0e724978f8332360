"""Who watches a terminal sees all of it, writes only by the learner's leave, and slows nobody."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox.termd import terminal as module
from sandbox.termd.attachment import LOW_WATER, WINDOW, ProtocolError
from sandbox.termd.terminal import RING, VIEWERS, Terminal
from tests.sandbox.ptys import FakePage, Program, until, writer_of

Start = Callable[..., Terminal]


class Viewer(FakePage):
    """Also takes gaps, as a page does that resets its screen."""

    def send_control(self, message: dict[str, Any]) -> None:
        super().send_control(message)
        if message["type"] == "gap":
            assert (message["from"], message["to"] > message["from"]) == (self.end, True)
            self.start, self.acked = message["to"], message["to"]
            self.data.clear()


@pytest.fixture
def start() -> Iterator[Start]:
    programs: list[Program] = []

    def open_one(*argv: str) -> Terminal:
        programs.append(Program(*argv))
        return Terminal("key/main", programs[-1].master, programs[-1].pid, 0)

    yield open_one
    for program in programs:
        program.kill()


def last(page: FakePage, kind: str) -> dict[str, Any]:
    return [message for message in page.controls if message["type"] == kind][-1]


async def test_a_viewer_gets_what_was_printed_and_what_comes(start: Start) -> None:
    terminal = start("cat")
    learner, viewer = FakePage(), FakePage()
    learner.attach(terminal, "a", None, None, (100, 30))
    learner.type(0, b"before|")
    await until(lambda: terminal.ring.end == 7)
    viewer.watch(terminal, "Eve")
    attached = viewer.control("attached")
    assert (attached["role"], attached["replay"], attached["cols"], attached["rows"]) == (
        "viewer",
        7,
        100,
        30,
    )
    number = viewer.place[1].number
    assert last(learner, "viewers")["viewers"] == [{"viewer": number, "name": "Eve", "writes": False}]
    learner.type(7, b"after")
    await until(lambda: viewer.data == b"before|after")
    viewer.type(0, b"rm -rf /\n")
    viewer.place[0].resize(viewer.place[1], (20, 5))
    learner.type(12, b".")
    await until(lambda: learner.data == b"before|after.")
    assert os.get_terminal_size(terminal.fd) == (100, 30), "a viewer resized the terminal"
    terminal.resize(learner.place[1], (90, 20))
    assert last(viewer, "size") == {"type": "size", "cols": 90, "rows": 20}
    viewer.detach()
    assert last(learner, "viewers")["viewers"] == []
    terminal.close()


async def test_a_viewer_that_never_reads_slows_nobody_and_costs_a_window(
    start: Start, tmp_path: Path
) -> None:
    noise = os.urandom(8_000_000)
    (tmp_path / "noise").write_bytes(noise)
    terminal = start("cat", str(tmp_path / "noise"))
    deaf = Viewer()
    deaf.watch(terminal)
    learner = FakePage(terminal)
    learner.attach(terminal, "a", None, None)
    await until(lambda: learner.end == len(noise), "all output at the learner's")
    assert learner.data == noise
    assert len(deaf.data) == WINDOW
    assert not [message for message in deaf.controls if message["type"] == "gap"], "skipped what is in flight"
    deaf.acknowledge(WINDOW - LOW_WATER)
    gap = deaf.control("gap")
    assert (gap["from"], gap["to"]) == (WINDOW, len(noise) - RING)
    deaf.terminal = terminal
    deaf.acknowledge(deaf.end)
    await until(lambda: deaf.end == len(noise), "the ring")
    assert deaf.data == noise[-RING:]
    terminal.close()


async def test_the_keyboard_changes_hands_by_the_learners_word_alone(start: Start) -> None:
    terminal = start("cat")
    learner, eve, mallory = FakePage(), FakePage(), FakePage()
    learner.attach(terminal, "a", None, None, (100, 30))
    eve.watch(terminal, "Eve", (70, 20))
    mallory.watch(terminal, "Mallory")
    terminal.ask(eve.place[1])
    terminal.ask(eve.place[1])
    number = eve.place[1].number
    assert learner.control("ask") == {"type": "ask", "viewer": number, "name": "Eve"}, "asked once"
    with pytest.raises(ProtocolError):
        terminal.answer(mallory.place[1], number, True)
    with pytest.raises(ProtocolError):
        terminal.take(mallory.place[1])
    terminal.answer(learner.place[1], number, False)
    assert eve.control("refused")
    assert writer_of(terminal).page is learner
    terminal.answer(learner.place[1], number, True)
    assert (last(eve, "role")["role"], last(learner, "role")["role"]) == ("writer", "viewer")
    assert last(learner, "viewers")["viewers"][0] == {"viewer": number, "name": "Eve", "writes": True}
    assert os.get_terminal_size(terminal.fd) == (70, 20)
    eve.type(0, b"from eve")
    learner.type(0, b"from the learner")
    await until(lambda: learner.data == b"from eve")
    terminal.take(learner.place[1])
    assert last(learner, "role") == {"type": "role", "role": "writer", "input": 0, "taken": 0}
    assert os.get_terminal_size(terminal.fd) == (100, 30)
    eve.type(8, b"again")
    learner.type(0, b"!")
    await until(lambda: learner.data == b"from eve!")
    terminal.close()


async def test_who_asks_while_the_learner_is_away_hears_so(start: Start) -> None:
    terminal = start("cat")
    learner, eve = FakePage(), FakePage()
    eve.watch(terminal, "Eve")
    terminal.ask(eve.place[1])
    assert eve.control("away") == {"type": "away"}
    learner.attach(terminal, "a", None, None)
    terminal.ask(eve.place[1])
    assert learner.control("ask")["name"] == "Eve", "an asking that nobody heard counts"
    eve.control("away")
    terminal.close()


async def test_a_guest_who_writes_and_leaves_gives_the_keyboard_back(start: Start) -> None:
    terminal = start("cat")
    learner, eve = FakePage(), FakePage()
    learner.attach(terminal, "a", None, None)
    eve.watch(terminal)
    terminal.answer(learner.place[1], eve.place[1].number, True)
    eve.detach()
    assert writer_of(terminal).page is learner
    assert last(learner, "role")["role"] == "writer"
    terminal.close()


async def test_a_learner_who_comes_back_writes(start: Start) -> None:
    terminal = start("cat")
    learner, again, eve = FakePage(), FakePage(), FakePage()
    learner.attach(terminal, "a", None, None)
    eve.watch(terminal)
    terminal.answer(learner.place[1], eve.place[1].number, True)
    again.attach(terminal, "b", None, None)
    assert writer_of(terminal).page is again
    assert (learner.code, last(eve, "role")["role"]) == (4409, "viewer")
    terminal.close()


async def test_who_is_sent_away_leaves_the_learner_alone(start: Start) -> None:
    terminal = start("cat")
    learner, eve, adam = FakePage(), FakePage(), FakePage()
    learner.attach(terminal, "a", None, None)
    eve.watch(terminal)
    adam.watch(terminal)
    terminal.answer(learner.place[1], eve.place[1].number, True)
    terminal.expel()
    assert (eve.code, adam.code, learner.code) == (4410, 4410, None)
    assert writer_of(terminal).page is learner
    terminal.close()


async def test_a_slow_guest_who_gets_the_keyboard_loses_no_more(start: Start, tmp_path: Path) -> None:
    noise = os.urandom(6_000_000)
    (tmp_path / "noise").write_bytes(noise)
    terminal = start("sh", "-c", f"cat {tmp_path}/noise; exec cat")
    learner, eve = FakePage(terminal), Viewer()
    learner.attach(terminal, "a", None, None)
    eve.watch(terminal)
    await until(lambda: learner.end == len(noise))
    terminal.answer(learner.place[1], eve.place[1].number, True)
    assert eve.control("gap")["to"] == len(noise) - RING
    eve.terminal = terminal
    eve.acknowledge(eve.end)
    await until(lambda: eve.end == len(noise), "what the ring holds")
    eve.type(0, b"on it goes")
    await until(lambda: eve.data.endswith(b"on it goes"))
    terminal.close()


async def test_the_end_reaches_everybody(start: Start) -> None:
    terminal = start("printf", "bye")
    learner, eve = FakePage(terminal), FakePage(terminal)
    learner.attach(terminal, "a", None, None)
    eve.watch(terminal)
    await until(lambda: terminal.drained)
    terminal.end(7)
    await until(lambda: (learner.code, eve.code) == (1000, 1000))
    assert eve.control("exit") == {"type": "exit", "code": 7, "offset": 3}
    assert terminal.attachments == []
    terminal.close()


async def test_a_crowd_is_refused(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "VIEWERS", 2)
    assert VIEWERS > 30, "a class may watch"
    terminal = start("cat")
    pages = [FakePage() for _ in range(3)]
    pages[0].watch(terminal)
    pages[1].watch(terminal)
    with pytest.raises(ProtocolError):
        pages[2].watch(terminal)
    pages[0].detach()
    pages[2].watch(terminal)
    await asyncio.sleep(0)
    terminal.close()
