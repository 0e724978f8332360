"""Shells that are asked things: over pipes to time commands, over terminals to time prompts."""

from __future__ import annotations

import os
import pty
import select
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress

from bench.place import BenchError

PROMPT = b"\x1b]133;B"
"""What the sandboxes' shell prints where its prompt ends (OSC 133)."""
PATIENCE = 30.0


class Shell:
    """A bash that stays, so that starting it is no part of what is measured."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        assert process.stdin is not None and process.stdout is not None
        self._in, self._out = process.stdin, process.stdout

    def time(self, command: str) -> float:
        """Seconds until `command` has ended. Raises BenchError unless it succeeds."""
        began = time.perf_counter()
        self._in.write(f"{command} </dev/null >/dev/null; echo $?\n".encode())
        self._in.flush()
        line = self._out.readline()
        if line.strip() != b"0":
            raise BenchError(f"`{command}` failed with {line.decode().strip() or 'no answer'}.")
        return time.perf_counter() - began


@contextmanager
def shell(argv: Sequence[str]) -> Iterator[Shell]:
    """A bash that `argv` starts, until the end of the block."""
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        yield Shell(process)
        assert process.stdin is not None
        process.stdin.close()
        process.wait(PATIENCE)


def read_until(descriptor: int, wanted: bytes) -> None:
    """Read a terminal until it has printed `wanted`. Raises BenchError."""
    seen = b""
    deadline = time.monotonic() + PATIENCE
    while wanted not in seen:
        if not select.select([descriptor], [], [], deadline - time.monotonic())[0]:
            raise BenchError(f"The terminal did not print what was waited for: {seen[-200:]!r}")
        seen = seen[-4096:] + os.read(descriptor, 65536)


def open_on_terminal(argv: Sequence[str]) -> tuple[int, int]:
    """Start a host program on a new PTY: the master's descriptor, the caller's to close, and the pid."""
    pid, master = pty.fork()
    if pid == 0:
        os.execvp(argv[0], list(argv))
    return master, pid


def end(descriptor: int, pid: int) -> None:
    """Close a terminal and take note of the end of its program."""
    os.close(descriptor)
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGHUP)
    deadline = time.monotonic() + 1
    with suppress(ChildProcessError):
        while os.waitpid(pid, os.WNOHANG)[0] == 0:
            if time.monotonic() > deadline:
                os.kill(pid, signal.SIGKILL)
            time.sleep(0.002)
