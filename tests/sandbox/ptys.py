"""Real programs on real terminals, and a page that remembers what it was sent."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from sandbox.termd import frames
from sandbox.termd.attachment import Attachment, Size
from sandbox.termd.terminal import Terminal

PATIENCE = 15.0


async def until(condition: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> None:
    """Wait for a state; fails with `what` when it does not come."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        await asyncio.sleep(0.002)


def until_sync(condition: Callable[[], object], what: str = "it", seconds: float = PATIENCE) -> None:
    """The same without an event loop."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds:g} s"
        time.sleep(0.005)


class Program:
    """A command on a terminal of its own. `master` is the caller's to close."""

    def __init__(self, *argv: str, raw: bool = True) -> None:
        self.master, slave = os.openpty()
        if raw:
            subprocess.run(["stty", "raw", "-echo"], stdin=slave, check=True)
        environment = {"PATH": os.environ["PATH"], "TERM": "dumb", "PS1": "$ ", "HISTFILE": ""}
        self.process = subprocess.Popen(
            ["setsid", "--ctty", *argv], stdin=slave, stdout=slave, stderr=slave, env=environment
        )
        self.pid = self.process.pid
        os.close(slave)

    def waits_to_write(self) -> bool:
        """Whether it sleeps in write(2) (or another call that prints): the terminal takes no more."""
        try:
            waiting_in = Path(f"/proc/{self.pid}/wchan").read_text()
            state = Path(f"/proc/{self.pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
            call = Path(f"/proc/{self.pid}/syscall").read_text().split()[0]
        except OSError:
            return False
        return state == "S" and (call == "1" or "write" in waiting_in)

    def end(self) -> int:
        """Its exit code, or minus the signal."""
        return self.process.wait(PATIENCE)

    def kill(self) -> None:
        if self.process.poll() is None:
            os.kill(self.pid, signal.SIGKILL)
            self.process.wait(PATIENCE)


def writer_of(terminal: Terminal) -> Attachment:
    assert terminal.writer is not None
    return terminal.writer


def type_into(terminal: Terminal, epoch: int, offset: int, data: bytes) -> None:
    """As its writer."""
    terminal.type(writer_of(terminal), epoch, offset, data)


def acknowledge(terminal: Terminal, epoch: int, offset: int) -> None:
    """As its writer."""
    terminal.acknowledge(writer_of(terminal), epoch, offset)


def resize(terminal: Terminal, columns: int, rows: int) -> None:
    """As its writer."""
    terminal.resize(writer_of(terminal), (columns, rows))


class FakePage:
    """What a browser does: takes frames, in order, and acknowledges each when told to."""

    def __init__(self, terminal: Terminal | None = None) -> None:
        self.terminal = terminal
        """Acknowledges to it at once; None: never by itself."""
        self.data = bytearray()
        self.start: int | None = None
        self.acked = 0
        self.highest = 0
        """Bytes sent and not acknowledged at the worst moment."""
        self.controls: list[dict[str, Any]] = []
        self.order: list[str] = []
        self.code: int | None = None
        self.place: tuple[Terminal, Attachment]

    @property
    def end(self) -> int:
        return (self.start or 0) + len(self.data)

    def control(self, kind: str) -> dict[str, Any]:
        """The only message of that type."""
        (found,) = [message for message in self.controls if message["type"] == kind]
        return found

    def send_frame(self, data: bytes) -> None:
        assert self.code is None, "a frame after the close"
        frame = frames.decode(data)
        assert frame.type is frames.Type.OUTPUT
        attached = self.control("attached")
        if self.start is None:
            self.start = self.acked = attached["offset"]
        assert (frame.epoch, frame.offset) == (attached["epoch"], self.end), "output with a gap"
        self.data += frame.payload
        self.order.append("output")
        self.highest = max(self.highest, self.end - self.acked)
        if self.terminal is not None:  # by then it knows its place
            asyncio.get_running_loop().call_soon(self.acknowledge, self.end)

    def attach(
        self,
        terminal: Terminal,
        writer: str,
        epoch: int | None,
        received: int | None,
        size: Size = (80, 24),
        **how: Any,
    ) -> Attachment:
        """Become the writer."""
        self.place = terminal, terminal.attach(self, writer, epoch, received, size, **how)
        return self.place[1]

    def watch(self, terminal: Terminal, name: str = "eve", size: Size = (80, 24)) -> Attachment:
        """Become a viewer."""
        self.place = terminal, terminal.watch(self, name, f"writer-{name}", None, None, size)
        return self.place[1]

    def detach(self) -> None:
        terminal, attachment = self.place
        terminal.detach(attachment)

    def type(self, offset: int, data: bytes) -> None:
        terminal, attachment = self.place
        terminal.type(attachment, terminal.epoch, offset, data)

    def acknowledge(self, offset: int) -> None:
        self.acked = max(self.acked, offset)
        if self.code is None:
            terminal, attachment = self.place
            terminal.acknowledge(attachment, terminal.epoch, offset)

    def send_control(self, message: dict[str, Any]) -> None:
        assert self.code is None, "a message after the close"
        self.controls.append(message)
        self.order.append(message["type"])

    def close(self, code: int) -> None:
        assert self.code is None, "closed twice"
        self.code = code
        self.order.append("close")
