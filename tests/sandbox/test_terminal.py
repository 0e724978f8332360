"""A terminal's output on its way from a real program to a page: whole, in order, bounded."""

from __future__ import annotations

import asyncio
import hashlib
import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from sandbox.termd import attachment as module
from sandbox.termd.attachment import FLOOD, FULL_FRAME, LOW_WATER, WINDOW, Elsewhere, ProtocolError
from sandbox.termd.terminal import RING, Terminal
from tests.sandbox.ptys import FakePage, Program, acknowledge, type_into, until, writer_of

Start = Callable[..., tuple[Terminal, Program]]
OVERSHOOT = FULL_FRAME
"""What one look at a PTY may read beyond a limit."""


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program on a terminal."""
    programs: list[Program] = []
    terminals: list[Terminal] = []

    def open_one(*argv: str, raw: bool = True) -> tuple[Terminal, Program]:
        program = Program(*argv, raw=raw)
        programs.append(program)
        terminals.append(Terminal("key/main", program.master, program.pid, 0))
        return terminals[-1], program

    yield open_one
    for program in programs:
        program.kill()


@pytest.fixture
def noise(tmp_path: Path) -> Path:
    """5 MB that no two runs share."""
    path = tmp_path / "noise"
    path.write_bytes(os.urandom(5_000_000))
    return path


def stands(terminal: Terminal, program: Program) -> Callable[[], bool]:
    """Whether output has come to a halt: nobody reads, and the program waits."""
    return lambda: not terminal.source.reading and program.waits_to_write()


def digest(data: bytes | bytearray) -> str:
    return hashlib.sha256(data).hexdigest()


async def test_every_byte_arrives_once_and_in_order(start: Start, noise: Path) -> None:
    terminal, program = start("cat", str(noise))
    page = FakePage(terminal)
    page.attach(terminal, "a", None, None)
    await until(lambda: terminal.drained, "the end")
    assert program.end() == 0
    terminal.end(0)
    await until(lambda: page.code == 1000, "the close")
    assert (page.start, page.end) == (0, 5_000_000)
    assert digest(page.data) == digest(noise.read_bytes())
    assert page.highest <= WINDOW
    assert terminal.ring.end - terminal.ring.start <= RING
    assert page.order.count("output") < 5_000_000 / FULL_FRAME * 3, "a flood goes in full frames"
    terminal.close()


async def test_without_acknowledgements_the_program_waits(start: Start, noise: Path) -> None:
    terminal, program = start("cat", str(noise))
    page = FakePage()
    page.attach(terminal, "a", None, None)
    await until(stands(terminal, program), "a full terminal")
    await until(lambda: len(page.data) == WINDOW, "a full window")
    assert terminal.ring.end <= WINDOW + OVERSHOOT
    stood = terminal.ring.end
    acknowledge(terminal, terminal.epoch, WINDOW - LOW_WATER)
    await until(lambda: len(page.data) == stood, "what was read and fits again")
    acknowledge(terminal, terminal.epoch, stood - LOW_WATER)
    assert (terminal.source.reading, terminal.ring.end) == (False, stood), (
        "128 KiB are not fewer than 128 KiB"
    )
    acknowledge(terminal, terminal.epoch, stood - LOW_WATER + 1)
    await until(lambda: len(page.data) == stood - LOW_WATER + 1 + WINDOW, "more output")
    terminal.close()


async def test_a_fresh_page_gets_the_ring_as_replay(start: Start, noise: Path) -> None:
    terminal, _ = start("cat", str(noise))
    first = FakePage(terminal)
    first.attach(terminal, "a", None, None)
    await until(lambda: terminal.drained)
    second = FakePage(terminal)
    second.attach(terminal, "b", None, None)
    attached = second.control("attached")
    assert (attached["offset"], attached["replay"]) == (5_000_000 - RING, 5_000_000)
    assert attached["role"] == "writer"
    await until(lambda: second.end == 5_000_000, "the whole ring")
    assert digest(second.data) == digest(noise.read_bytes()[-RING:])
    assert second.highest <= WINDOW
    terminal.close()


async def test_a_live_page_goes_on_exactly_where_it_was(start: Start, noise: Path) -> None:
    terminal, program = start("cat", str(noise))
    first = FakePage()
    first.attach(terminal, "a", None, None)
    await until(stands(terminal, program))
    received = 300_001
    first.detach()
    second = FakePage(terminal)
    second.attach(terminal, "a", terminal.epoch, received)
    attached = second.control("attached")
    assert (attached["offset"], attached["replay"]) == (received, received), "none of it is a replay"
    await until(lambda: second.end == 5_000_000)
    assert digest(first.data[:received] + second.data) == digest(noise.read_bytes())
    terminal.close()


@pytest.mark.parametrize(("epoch", "received"), [(1, 3), (0, None), (0, 0), (None, 3), (1, 10**9)])
async def test_another_life_means_the_whole_ring(
    start: Start, epoch: int | None, received: int | None
) -> None:
    """An epoch of 0 stands here for the terminal's own, 1 for one before it."""
    terminal, _ = start("printf", "seven..")
    terminal.epoch = 77
    await until(lambda: terminal.drained)
    page = FakePage()
    page.attach(terminal, "a", 77 if epoch == 0 else epoch, received)
    attached = page.control("attached")
    expected = (0, 0) if (epoch, received) == (0, 0) else (0, 7)
    assert (attached["epoch"], attached["offset"], attached["replay"]) == (77, *expected)
    assert page.data == b"seven.."
    terminal.close()


async def test_what_fell_out_of_the_ring_cannot_be_continued(start: Start, noise: Path) -> None:
    terminal, _ = start("cat", str(noise))
    first = FakePage(terminal)
    first.attach(terminal, "a", None, None)
    await until(lambda: terminal.drained)
    page = FakePage()
    page.attach(terminal, "a", terminal.epoch, 5_000_000 - RING - 1)
    assert (page.start, page.control("attached")["replay"]) == (5_000_000 - RING, 5_000_000)
    terminal.close()


async def test_a_page_cannot_have_received_what_was_never_printed(start: Start) -> None:
    terminal, _ = start("printf", "seven..")
    page, liar = FakePage(terminal), FakePage()
    page.attach(terminal, "a", None, None)
    await until(lambda: terminal.drained)
    with pytest.raises(ProtocolError):
        liar.attach(terminal, "b", terminal.epoch, 8)
    assert (writer_of(terminal).page, page.code) == (page, None), "the liar pushed the writer away"
    assert liar.controls == []
    terminal.close()


async def test_acknowledgements(start: Start) -> None:
    terminal, _ = start("printf", "seven..")
    page = FakePage()
    page.attach(terminal, "a", None, None)
    await until(lambda: len(page.data) == 7)
    acknowledge(terminal, terminal.epoch, 5)
    acknowledge(terminal, terminal.epoch, 2)
    assert writer_of(terminal).acked == 5, "an acknowledgement went back"
    acknowledge(terminal, terminal.epoch % (2**32 - 1) + 1, 10**6)  # of another life: nobody minds
    with pytest.raises(ProtocolError):
        acknowledge(terminal, terminal.epoch, 8)
    acknowledge(terminal, terminal.epoch, 7)
    assert writer_of(terminal).acked == 7
    terminal.close()


async def test_a_second_page_takes_over(start: Start) -> None:
    terminal, _ = start("cat")
    first, second = FakePage(terminal), FakePage(terminal)
    first.attach(terminal, "a", None, None)
    second.attach(terminal, "b", None, None)
    assert (first.code, second.code) == (4409, None)
    first.detach()
    assert writer_of(terminal).page is second, "the first page's leaving took the second with it"
    type_into(terminal, terminal.epoch, 0, b"mine")
    await until(lambda: second.data == b"mine")
    assert first.data == b""
    terminal.close()


async def test_another_of_the_learners_pages_takes_over_only_by_their_word(start: Start) -> None:
    terminal, _ = start("cat")
    first, again, other, late = (FakePage(terminal) for _ in range(4))
    first.attach(terminal, "a", None, None, tab="left")
    with pytest.raises(Elsewhere):
        other.attach(terminal, "b", None, None, (50, 20), tab="right")
    assert (first.code, other.controls, terminal.attachments) == (None, [], [first.place[1]])
    assert os.get_terminal_size(terminal.fd) == (80, 24), "who was not let in changed the size"
    again.attach(
        terminal, "c", None, None, tab="left"
    )  # loaded again, before the server knew that it had gone
    assert (first.code, again.code) == (4409, None)
    other.attach(terminal, "b", None, None, tab="right", take=True)
    assert (again.code, other.code) == (4409, None)
    with pytest.raises(Elsewhere):
        again.attach(terminal, "c", None, None, tab="left")
    other.detach()
    late.attach(terminal, "d", None, None, tab="left")
    assert writer_of(terminal).page is late, "nobody is there, and yet it is not let in"
    terminal.close()


async def test_two_megabytes_are_kept_while_the_page_is_away_and_then_the_program_waits(
    start: Start, noise: Path
) -> None:
    terminal, program = start("cat", str(noise))
    first = FakePage()
    first.attach(terminal, "a", None, None)
    await until(lambda: len(first.data) > 100_000)
    received = len(first.data)
    acknowledge(terminal, terminal.epoch, 70_000)
    first.detach()
    await until(stands(terminal, program), "a full ring")
    assert terminal.ring.end == 70_000 + RING
    assert terminal.ring.start == 70_000, "what nobody has acknowledged was forgotten"
    second = FakePage(terminal)
    second.attach(terminal, "a", terminal.epoch, received)
    assert second.control("attached")["offset"] == received
    await until(lambda: second.end == 5_000_000)
    assert digest(first.data[:received] + second.data) == digest(noise.read_bytes())
    assert second.highest <= WINDOW
    terminal.close()


async def test_a_terminal_that_nobody_has_seen_yet_is_kept_too(start: Start, noise: Path) -> None:
    terminal, program = start("cat", str(noise))
    await until(stands(terminal, program))
    assert (terminal.ring.start, terminal.ring.end) == (0, RING)
    page = FakePage(terminal)
    page.attach(terminal, "a", None, None)
    await until(lambda: page.end == 5_000_000)
    assert digest(page.data) == digest(noise.read_bytes())
    terminal.close()


async def test_what_a_page_has_received_is_owed_to_nobody(start: Start, noise: Path) -> None:
    terminal, program = start("cat", str(noise))
    first, second = FakePage(), FakePage()
    first.attach(terminal, "a", None, None)
    await until(lambda: len(first.data) == WINDOW)
    first.detach()
    second.attach(terminal, "a", terminal.epoch, WINDOW)
    second.detach()
    await until(stands(terminal, program))
    assert terminal.ring.end == WINDOW + RING
    terminal.close()


async def test_small_output_goes_out_at_once_and_a_flood_is_gathered(
    start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "GATHER", 60.0)
    terminal, _ = start("cat")
    page = FakePage(terminal)
    page.attach(terminal, "a", None, None)
    type_into(terminal, terminal.epoch, 0, b"x" * FLOOD)
    await until(lambda: page.end == FLOOD, "the first output after a pause")
    for count in range(1, 20):
        type_into(terminal, terminal.epoch, FLOOD + count - 1, b"k")
        await until(lambda count=count: page.end == FLOOD + count, "a key's echo")  # type: ignore[misc]
    sent = page.end
    type_into(terminal, terminal.epoch, sent, b"y" * FLOOD)
    await until(lambda: terminal.ring.end == sent + FLOOD)
    assert page.end == sent, "a flood was sent in small frames"
    for offset in range(sent + FLOOD, sent + FLOOD + FULL_FRAME, 4096):
        type_into(terminal, terminal.epoch, offset, b"z" * 4096)
    await until(lambda: page.end >= sent + FULL_FRAME, "a full frame")
    terminal.close()


async def test_what_was_gathered_goes_out_by_itself(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "GATHER", 0.02)
    terminal, _ = start("cat")
    page = FakePage(terminal)
    page.attach(terminal, "a", None, None)
    for offset in range(0, 5 * FLOOD, FLOOD):
        type_into(terminal, terminal.epoch, offset, b"x" * FLOOD)
    await until(lambda: page.end == 5 * FLOOD)
    terminal.close()


async def test_closing_lets_go(start: Start) -> None:
    terminal, program = start("cat")
    attachment = FakePage().attach(terminal, "a", None, None)
    terminal.close()
    assert not asyncio.get_running_loop().remove_reader(program.master)
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(program.master)
    other, slave = os.openpty()  # gets the same number
    assert other == program.master
    terminal.resize(attachment, (11, 12))
    terminal.type(attachment, terminal.epoch, 0, b"for nobody\n")
    assert os.get_terminal_size(slave) == (0, 0), "a closed terminal changed one that came after it"
    os.set_blocking(slave, False)
    with pytest.raises(BlockingIOError):
        os.read(slave, 20)
    os.close(other)
    os.close(slave)
