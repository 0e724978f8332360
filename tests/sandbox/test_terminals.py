"""How many terminals a sandbox may have, and what closing one ends."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path

import pytest

from sandbox import wire
from sandbox.drivers.base import PTY, Handle
from sandbox.errors import Reason, SandboxError
from sandbox.sandboxd.terminals import AT_ONCE, Terminals
from tests.sandbox.hosts import HostDriver
from tests.sandbox.ptys import until_sync

SIZE = (80, 24)


class Shells(HostDriver):
    """Remembers the processes that it started."""

    def __init__(self, base: Path) -> None:
        super().__init__(base)
        self.pids: list[int] = []

    def open_terminal(self, handle: Handle, size: tuple[int, int], user: str = "root") -> PTY:
        pty = super().open_terminal(handle, size, user)
        self.pids.append(pty.pid)
        return pty


@pytest.fixture
def driver(tmp_path: Path) -> Iterator[Shells]:
    for key in ("one", "two"):
        (tmp_path / "sandboxes" / key).mkdir(parents=True)
    found = Shells(tmp_path / "sandboxes")
    yield found
    for pid in found.pids:  # of each the whole session, whose leader may be gone
        subprocess.run(["pkill", "-KILL", "-s", str(pid)], check=False)


@pytest.fixture
def terminals(tmp_path: Path) -> Iterator[Terminals]:
    """With a termd that takes every terminal."""
    (tmp_path / "exits").mkdir()
    found = Terminals(tmp_path / "exits")
    ours, theirs = socket.socketpair()

    def termd() -> None:
        wire.send(theirs, {"ready": True})
        with suppress(OSError, EOFError, ValueError):
            while True:
                message, descriptors = wire.receive(theirs, 1)
                for descriptor in descriptors:
                    os.close(descriptor)
                if "terminal" in message:
                    wire.send(theirs, {"taken": message["terminal"]})

    def serve() -> None:
        with suppress(OSError, EOFError, ValueError):
            found.serve_termd(ours, {})

    for target in (termd, serve):
        threading.Thread(target=target, daemon=True).start()
    yield found
    for end in (ours, theirs):
        with suppress(OSError):
            end.shutdown(socket.SHUT_RDWR)
        end.close()


def test_a_sandbox_has_eight_terminals_and_no_more(terminals: Terminals, driver: Shells) -> None:
    one, two = {"key": "one"}, {"key": "two"}

    refused: list[SandboxError] = []

    def open_one(number: int) -> str:
        try:
            return terminals.open(driver, one, f"t{number}", SIZE, "root")
        except SandboxError as error:
            refused.append(error)
            return ""

    with ThreadPoolExecutor(12) as pool:
        opened = [identity for identity in pool.map(open_one, range(12)) if identity]
    assert len(opened) == len(driver.pids) == AT_ONCE == 8
    assert {error.reason for error in refused} == {Reason.CAPACITY}
    assert "exit" in refused[0].message
    assert terminals.open(driver, one, opened[0].partition("/")[2], SIZE, "root") == opened[0]
    assert terminals.open(driver, two, "main", SIZE, "root") == "two/main"
    os.kill(driver.pids[0], signal.SIGKILL)
    until_sync(lambda: open_one(12), "room for another")


def session(leader: int) -> set[str]:
    """Command lines of the processes of a session."""
    listed = subprocess.run(
        ["ps", "-o", "args=", "-s", str(leader)], capture_output=True, text=True, check=False
    )
    return {line for line in listed.stdout.splitlines() if "<defunct>" not in line}


def type_into(terminals: Terminals, identity: str, text: str) -> None:
    os.write(terminals._open[identity].fd, text.encode())


def test_closing_a_terminal_ends_what_runs_in_it(terminals: Terminals, driver: Shells) -> None:
    one = {"key": "one"}
    terminals.open(driver, one, "t1", SIZE, "root")
    terminals.open(driver, one, "t2", SIZE, "root")
    first, second = driver.pids
    type_into(
        terminals, "one/t1", "nohup sleep 4001 >/dev/null &\nsleep 4002 &\n(trap '' TERM INT; sleep 4003)\n"
    )
    until_sync(lambda: {"sleep 4001", "sleep 4002", "sleep 4003"} <= session(first), "three programs")
    terminals.close(one, "t1")
    assert "one/t1" not in terminals._open
    assert session(first) == {"sleep 4001"}, "what nohup started stays, and nothing else"
    assert session(second), "the other terminal was closed too"
    subprocess.run(["pkill", "-9", "-s", str(first)], check=True)
    terminals.close(one, "t1")  # which is closed already
    terminals.close({"key": "two"}, "t2")
    assert session(second)


def test_a_shell_that_ignores_hangups_is_killed(terminals: Terminals, driver: Shells) -> None:
    one = {"key": "one"}
    terminals.open(driver, one, "t1", SIZE, "root")
    type_into(
        terminals,
        "one/t1",
        "trap '' HUP; exec 3< <(sleep 4004)\nbash -c 'trap : HUP; sleep 4005; sleep 4006'\n",
    )
    until_sync(lambda: "sleep 4005" in session(driver.pids[0]), "the program")
    terminals.close(one, "t1")
    assert not terminals._open
