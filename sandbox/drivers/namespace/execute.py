"""Commands inside a sandbox without a terminal: bounded output, and nothing left when time is up."""

from __future__ import annotations

import os
import secrets
import selectors
import signal
import subprocess
import time
from contextlib import suppress
from pathlib import Path

from sandbox.drivers.base import RUN_OUTPUT_LIMIT, Result
from sandbox.drivers.namespace import children
from sandbox.drivers.namespace.cgroups import Cgroup
from sandbox.drivers.namespace.runc import Runc, home
from sandbox.errors import SandboxTimeout

MARK = "LAB_RUN"
CHUNK = 65536
ROUNDS = 100


def run(
    runc: Runc, cgroup: Cgroup, key: str, argv: list[str], *, user: str, timeout: float, stdin: bytes
) -> Result:
    """Run and collect. Raises SandboxTimeout once everything that the command started has been ended,
    SandboxNotFound when it cannot be started.

    What it started is known by a variable in its environment, which its children inherit.
    """
    mark = secrets.token_hex(8)
    deadline = time.monotonic() + timeout
    with Pipes() as pipes:
        pid = runc.start_inside(
            key, argv, user=user, env=(f"{MARK}={mark}", f"HOME={home(user)}"), streams=pipes.theirs
        )
        pipes.close_theirs()
        try:
            ended = os.pidfd_open(pid)
            try:
                output, errors, truncated = _communicate(pipes, ended, stdin, deadline)
            finally:
                os.close(ended)
        except TimeoutError:
            _end(pid, cgroup, mark)
            raise SandboxTimeout(f"The command did not finish within {timeout:g} seconds.") from None
    return Result(children.exit_code(pid), bytes(output), bytes(errors), truncated)


def attach(runc: Runc, key: str, argv: list[str], streams: tuple[int, int, int], *, user: str) -> int:
    """Run with the caller's streams until it ends; the exit code."""
    stdin, stdout, stderr = streams
    return subprocess.run(
        runc.exec_argv(key, argv, user=user, env=(f"HOME={home(user)}",)),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        check=False,
    ).returncode


class Pipes:
    """Three pipes: standard input, output and errors of a command; ours do not block."""

    def __init__(self) -> None:
        (self._in, self.stdin), (self.stdout, self._out), (self.stderr, self._err) = (
            os.pipe() for _ in range(3)
        )
        self._ours = {self.stdin, self.stdout, self.stderr}
        self._theirs = {self._in, self._out, self._err}
        for descriptor in self._ours:
            os.set_blocking(descriptor, False)

    @property
    def theirs(self) -> tuple[int, int, int]:
        return self._in, self._out, self._err

    def close_theirs(self) -> None:
        while self._theirs:
            os.close(self._theirs.pop())

    def close_stdin(self) -> None:
        self._ours.discard(self.stdin)
        os.close(self.stdin)

    def __enter__(self) -> Pipes:
        return self

    def __exit__(self, *_: object) -> None:
        self.close_theirs()
        while self._ours:
            os.close(self._ours.pop())


def _communicate(
    pipes: Pipes, ended: int, stdin: bytes, deadline: float
) -> tuple[bytearray, bytearray, bool]:
    """Feed and read until the command ends; its output, its errors, and whether some of them was cut.

    A child in the background may keep the outputs open: the command's end is what counts. Raises
    TimeoutError.
    """
    buffers = {pipes.stdout: bytearray(), pipes.stderr: bytearray()}
    truncated = False
    rest = memoryview(stdin)
    with selectors.DefaultSelector() as selector:
        for descriptor in (*buffers, ended):
            selector.register(descriptor, selectors.EVENT_READ)
        selector.register(pipes.stdin, selectors.EVENT_WRITE)
        running = True
        while running:
            left = deadline - time.monotonic()
            if left <= 0:
                raise TimeoutError
            for event, _ in selector.select(left):
                if event.fd == ended:
                    running = False
                elif event.fd == pipes.stdin:
                    rest = _feed(pipes.stdin, rest)
                    if not rest:
                        selector.unregister(pipes.stdin)
                        pipes.close_stdin()
                elif not _read(event.fd, buffers[event.fd]):
                    selector.unregister(event.fd)
    for descriptor, buffer in buffers.items():
        while len(buffer) <= RUN_OUTPUT_LIMIT and _read(descriptor, buffer):
            pass
        truncated |= len(buffer) > RUN_OUTPUT_LIMIT
        del buffer[RUN_OUTPUT_LIMIT:]
    return buffers[pipes.stdout], buffers[pipes.stderr], truncated


def _feed(descriptor: int, rest: memoryview) -> memoryview:
    try:
        return rest[os.write(descriptor, rest[:CHUNK]) :] if rest else rest
    except BrokenPipeError:  # the command does not want it
        return rest[:0]


def _read(descriptor: int, buffer: bytearray) -> bool:
    """Read what is there, keeping one byte more than the limit to know of a cut; False at the end,
    or when there is nothing now."""
    try:
        data = os.read(descriptor, CHUNK)
    except BlockingIOError:
        return False
    buffer += data[: max(0, RUN_OUTPUT_LIMIT + 1 - len(buffer))]
    return bool(data)


def _end(pid: int, cgroup: Cgroup, mark: str) -> None:
    wanted = f"{MARK}={mark}".encode()
    for _ in range(ROUNDS):
        marked = [other for other in cgroup.processes() if wanted in _environment(other)]
        for other in {*marked, pid}:
            with suppress(ProcessLookupError):
                os.kill(other, signal.SIGKILL)
        if not marked:
            break
        time.sleep(0.01)
    children.exit_code(pid)


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
