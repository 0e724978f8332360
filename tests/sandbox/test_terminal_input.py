"""What is typed reaches the program once, in order; sizes reach it; and a program's end is told properly."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox.termd import attachment as module
from sandbox.termd.attachment import FULL_FRAME, WINDOW, ProtocolError
from sandbox.termd.inbox import PENDING, TELL, WRITERS, Full
from sandbox.termd.terminal import RING, Terminal
from tests.sandbox.ptys import FakePage, Program, acknowledge, resize, type_into, until

Start = Callable[..., tuple[Terminal, Program, FakePage]]


@pytest.fixture
def start() -> Iterator[Start]:
    """Starts a program on a terminal, with a page as writer "a"."""
    programs: list[Program] = []

    def open_one(*argv: str, raw: bool = True) -> tuple[Terminal, Program, FakePage]:
        program = Program(*argv, raw=raw)
        programs.append(program)
        terminal = Terminal("key/main", program.master, program.pid, 0)
        page = FakePage(terminal)
        page.attach(terminal, "a", None, None)
        return terminal, program, page

    yield open_one
    for program in programs:
        program.kill()


async def turn() -> None:
    """Let everything happen that the event loop has been asked for so far."""
    for _ in range(3):
        await asyncio.sleep(0)


# Input


async def test_repeated_input_is_taken_once(start: Start) -> None:
    terminal, _, page = start("cat")
    type_into(terminal, terminal.epoch, 0, b"first")
    type_into(terminal, terminal.epoch, 0, b"first")
    type_into(terminal, terminal.epoch, 3, b"st|second")  # two bytes of it are known
    type_into(terminal, terminal.epoch, 2, b"rst")
    type_into(terminal, terminal.epoch, 12, b".")
    await until(lambda: page.data.endswith(b"."))
    assert page.data == b"first|second."
    terminal.close()


async def test_input_with_a_gap_is_refused(start: Start) -> None:
    terminal, _, page = start("cat")
    type_into(terminal, terminal.epoch, 0, b"ab")
    with pytest.raises(ProtocolError):
        type_into(terminal, terminal.epoch, 3, b"x")
    type_into(terminal, terminal.epoch, 2, b"c")
    await until(lambda: page.data == b"abc")
    terminal.close()


async def test_input_of_another_life_goes_nowhere(start: Start) -> None:
    terminal, _, page = start("cat")
    type_into(terminal, terminal.epoch % (2**32 - 1) + 1, 0, b"rm -rf /\n")
    type_into(terminal, terminal.epoch, 0, b"safe")
    await until(lambda: page.data == b"safe")
    terminal.close()


async def test_each_writer_has_offsets_of_its_own(start: Start) -> None:
    terminal, _, _ = start("cat")
    type_into(terminal, terminal.epoch, 0, b"from a.")
    other = FakePage(terminal)
    other.attach(terminal, "b", None, None)
    assert other.control("attached")["input"] == 0
    type_into(terminal, terminal.epoch, 0, b"from b.")
    back = FakePage(terminal)
    back.attach(terminal, "a", None, None)
    assert back.control("attached")["input"] == 7, "what a has typed was forgotten"
    type_into(terminal, terminal.epoch, 0, b"from a. again.")
    await until(lambda: back.data.endswith(b"again."))
    assert back.data == b"from a.from b. again."
    terminal.close()


async def test_only_the_last_writers_are_remembered(start: Start) -> None:
    terminal, _, _ = start("cat")
    for number in range(1000):
        terminal.inbox.start(f"writer {number}")
    assert len(terminal.inbox._taken) == WRITERS
    type_into(terminal, terminal.epoch, 0, b"x")
    assert terminal.inbox.start("writer 999") == 1
    terminal.close()


async def test_a_program_that_never_reads_bounds_what_is_kept(start: Start) -> None:
    terminal, program, _ = start("sleep", "1000")
    chunk, taken = b"x" * 16384, 0
    with suppress(Full):
        while taken < 1 << 20:
            type_into(terminal, terminal.epoch, taken, chunk)
            taken += len(chunk)
    assert taken < 1 << 20, "everything was taken"
    assert len(terminal.inbox._pending) <= PENDING
    assert terminal.inbox.start("a") == taken, "refused input was counted as taken"
    program.kill()
    await until(lambda: terminal.drained)
    terminal.close()


async def test_the_page_is_told_what_the_program_took(start: Start, tmp_path: Path) -> None:
    pipe = tmp_path / "go"
    os.mkfifo(pipe)
    terminal, _, _page = start("bash", "-c", f"read < {pipe}; cat >/dev/null")
    for offset in range(0, 98304, 16384):
        type_into(terminal, terminal.epoch, offset, b"x" * 16384)
    waiting = FakePage(terminal)
    waiting.attach(terminal, "a", None, None)
    attached = waiting.control("attached")
    assert attached["input"] == 98304 and 0 < attached["taken"] < 98304
    pipe.write_text("\n")
    await until(lambda: terminal.inbox.written == 98304)
    told = [message["offset"] for message in waiting.controls if message["type"] == "taken"]
    steps = [after - before for before, after in zip([attached["taken"], *told], told, strict=False)]
    assert told and min(steps) >= TELL and 98304 - told[-1] < TELL
    terminal.close()


async def test_what_waited_is_written_when_the_program_reads(start: Start, tmp_path: Path) -> None:
    typed = os.urandom(200_000)
    pipe = tmp_path / "go"
    os.mkfifo(pipe)
    terminal, program, page = start("bash", "-c", f"read < {pipe}; exec head -c {len(typed)}")
    for offset in range(0, len(typed), 16384):
        type_into(terminal, terminal.epoch, offset, typed[offset : offset + 16384])
    assert terminal.inbox._waiting, "the terminal took more than a terminal takes"
    pipe.write_text("\n")
    await until(lambda: page.end == len(typed))
    assert page.data == typed
    assert not asyncio.get_running_loop().remove_writer(terminal.fd), "still watched, with nothing to write"
    assert program.end() == 0
    terminal.close()


# Sizes


async def test_a_new_size_reaches_the_program(start: Start) -> None:
    script = 'trap "stty size" WINCH; echo ready; while :; do read -t 0.05; done'
    terminal, _, page = start("bash", "-c", script)
    await until(lambda: b"ready" in page.data)
    resize(terminal, 101, 37)
    await until(lambda: b"37 101" in page.data, "SIGWINCH with the new size")
    assert os.get_terminal_size(terminal.fd) == (101, 37)
    terminal.close()


# The end


async def test_the_exit_comes_after_all_output_and_the_close_after_the_last_acknowledgement(
    start: Start,
) -> None:
    terminal, program, page = start("bash", "-c", "head -c 300000 /dev/zero; exit 7")
    page.terminal = None
    await until(lambda: terminal.drained)
    assert program.end() == 7
    terminal.end(7)
    assert page.control("exit") == {"type": "exit", "code": 7, "offset": 300_000}
    assert (page.end, page.order[-1]) == (300_000, "exit")
    acknowledge(terminal, terminal.epoch, 299_999)
    assert page.code is None
    acknowledge(terminal, terminal.epoch, 300_000)
    assert page.code == 1000
    terminal.close()


async def test_an_exit_that_is_known_before_the_output_waits_for_it(start: Start, tmp_path: Path) -> None:
    """More output than the window holds, an unknown code, and the news of the end in the middle of it."""
    noise = os.urandom(WINDOW + 12_000)  # what the window does not hold, the kernel does
    (tmp_path / "noise").write_bytes(noise)
    terminal, program, page = start("bash", "-c", f"trap '' HUP; cat {tmp_path}/noise")
    page.terminal = None
    await until(lambda: not terminal.source.reading and program.process.poll() is not None)
    terminal.end(None)
    terminal.end(3)  # told twice: the first counts
    stood = terminal.ring.end
    await turn()
    assert terminal.ring.end == stood, "read more than the window allows"
    assert [message["type"] for message in page.controls] == ["attached"]
    page.terminal = terminal
    page.acknowledge(page.end)
    await until(lambda: page.code == 1000)
    assert page.data == noise
    assert page.control("exit") == {"type": "exit", "code": None, "offset": len(noise)}
    assert program.end() == 0
    terminal.close()


async def test_a_full_ring_loses_nothing_at_the_end(start: Start, tmp_path: Path) -> None:
    """The page is away, the program has printed more than the ring holds and is gone."""
    noise = os.urandom(RING + 40_000)
    (tmp_path / "noise").write_bytes(noise)
    terminal, program, page = start("bash", "-c", f"trap '' HUP; cat {tmp_path}/noise")
    page.terminal = None
    await until(lambda: not terminal.source.reading)
    acknowledge(terminal, terminal.epoch, page.end)
    kept = page.end
    page.detach()
    await until(lambda: terminal.ring.end == len(noise) or not terminal.source.reading)
    terminal.end(0)
    await turn()
    assert terminal.ring.start <= kept
    back = FakePage(terminal)
    back.attach(terminal, "a", terminal.epoch, kept)
    await until(lambda: back.code == 1000)
    assert page.data[:kept] + back.data == noise
    assert back.order[-2:] == ["exit", "close"]
    assert program.end() == 0
    terminal.close()


@pytest.mark.parametrize("printed", [10, FULL_FRAME, 4 * FULL_FRAME, WINDOW, WINDOW + 8_000])
async def test_a_program_in_the_background_does_not_hold_up_the_exit(
    start: Start, tmp_path: Path, printed: int
) -> None:
    """It keeps the terminal open and prints nothing, so that nothing more ever arrives from the PTY."""
    script = f"trap '' HUP; sleep 1000 & echo $! >{tmp_path}/pid; head -c {printed} /dev/zero; exit 4"
    terminal, program, page = start("bash", "-c", script)
    page.terminal = None
    await until(lambda: page.end == min(printed, WINDOW))
    await until(lambda: program.process.poll() is not None, "the program's end")
    terminal.end(program.end())
    await turn()
    page.terminal = terminal
    page.acknowledge(page.end)
    await until(lambda: page.code == 1000, "the exit")
    assert page.control("exit") == {"type": "exit", "code": 4, "offset": printed}
    os.kill(int((tmp_path / "pid").read_text()), 9)
    terminal.close()


async def test_a_page_that_comes_after_the_end_hears_of_it(start: Start) -> None:
    terminal, program, page = start("echo", "bye")
    page.detach()
    await until(lambda: terminal.drained)
    terminal.end(program.end())
    late = FakePage(terminal)
    late.attach(terminal, "a", terminal.epoch, 0)
    await until(lambda: late.code == 1000)
    assert (bytes(late.data), late.order) == (b"bye\n", ["attached", "output", "exit", "close"])
    again = FakePage(terminal)
    again.attach(terminal, "a", terminal.epoch, 4)
    assert again.order == ["attached", "exit", "close"]
    again.type(0, b"anybody there?")  # nobody is, and that is no error
    terminal.close()


async def test_the_close_does_not_wait_for_ever(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "LAST_ACK", 0.02)
    terminal, program, page = start("echo", "bye")
    page.terminal = None
    await until(lambda: terminal.drained)
    terminal.end(program.end())
    assert page.code is None
    await until(lambda: page.code == 1000)
    terminal.close()
