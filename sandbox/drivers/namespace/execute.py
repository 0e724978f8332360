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
from typing import IO

from sandbox.drivers.base import RUN_OUTPUT_LIMIT, Result
from sandbox.drivers.namespace.cgroups import Cgroup
from sandbox.drivers.namespace.runc import Runc
from sandbox.errors import SandboxTimeout

MARK = "LAB_RUN"
CHUNK = 65536


def run(
    runc: Runc, cgroup: Cgroup, key: str, argv: list[str], *, user: str, timeout: float, stdin: bytes
) -> Result:
    """Run and collect. Raises SandboxTimeout once everything that the command started has been ended.

    What it started is known by a variable in its environment, which its children inherit.
    """
    mark = secrets.token_hex(8)
    process = subprocess.Popen(
        runc.exec_argv(key, argv, user=user, env=(f"{MARK}={mark}", f"HOME={_home(user)}")),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdin and process.stdout and process.stderr
    try:
        collected, truncated = _communicate(process, stdin, time.monotonic() + timeout)
    except TimeoutError:
        _end(process, cgroup, mark)
        raise SandboxTimeout(f"The command did not finish within {timeout:g} seconds.") from None
    finally:
        for stream in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                stream.close()
    return Result(process.returncode, bytes(collected[0]), bytes(collected[1]), truncated)


def attach(runc: Runc, key: str, argv: list[str], streams: tuple[int, int, int], *, user: str) -> int:
    """Run with the caller's streams until it ends; the exit code."""
    stdin, stdout, stderr = streams
    return subprocess.run(
        runc.exec_argv(key, argv, user=user, env=(f"HOME={_home(user)}",)),
        stdin=stdin,
        stdout=stdout,
        stderr=stderr,
        check=False,
    ).returncode


def _home(user: str) -> str:
    return "/root" if user == "root" else f"/home/{user}"


def _communicate(
    process: subprocess.Popen[bytes], stdin: bytes, deadline: float
) -> tuple[tuple[bytearray, bytearray], bool]:
    """Feed and read until both outputs end or the command does. Raises TimeoutError.

    A child in the background may keep the outputs open: the command's end is what counts.
    """
    assert process.stdin and process.stdout and process.stderr
    collected = (bytearray(), bytearray())
    truncated = False
    with selectors.DefaultSelector() as selector:
        ended = os.pidfd_open(process.pid)
        try:
            for stream, buffer in zip((process.stdout, process.stderr), collected, strict=True):
                os.set_blocking(stream.fileno(), False)
                selector.register(stream, selectors.EVENT_READ, buffer)
            os.set_blocking(process.stdin.fileno(), False)
            selector.register(process.stdin, selectors.EVENT_WRITE)
            selector.register(ended, selectors.EVENT_READ)
            rest = memoryview(stdin)
            while True:
                left = deadline - time.monotonic()
                if left <= 0:
                    raise TimeoutError
                for event, _ in selector.select(left):
                    if event.fileobj is process.stdin:
                        rest = _feed(selector, process.stdin, rest)
                    elif event.fileobj == ended:
                        process.wait()
                    else:
                        truncated |= _read(selector, event.fileobj, event.data)  # type: ignore[arg-type]
                if process.returncode is not None:
                    for stream, buffer in zip((process.stdout, process.stderr), collected, strict=True):
                        truncated |= _drain(stream, buffer)
                    return collected, truncated
        finally:
            os.close(ended)


def _feed(selector: selectors.BaseSelector, stream: IO[bytes], rest: memoryview) -> memoryview:
    try:
        rest = rest[os.write(stream.fileno(), rest[:CHUNK]) :] if rest else rest
    except BrokenPipeError:
        rest = rest[:0]
    except BlockingIOError:
        return rest
    if not rest:
        selector.unregister(stream)
        with suppress(BrokenPipeError):
            stream.close()
    return rest


def _read(selector: selectors.BaseSelector, stream: IO[bytes], buffer: bytearray) -> bool:
    try:
        data = os.read(stream.fileno(), CHUNK)
    except BlockingIOError:
        return False
    if not data:
        selector.unregister(stream)
    return _keep(buffer, data)


def _drain(stream: IO[bytes], buffer: bytearray) -> bool:
    truncated = False
    with suppress(BlockingIOError, ValueError):
        while data := os.read(stream.fileno(), CHUNK):
            truncated |= _keep(buffer, data)
            if truncated:
                break
    return truncated


def _keep(buffer: bytearray, data: bytes) -> bool:
    """Append what still fits; whether some did not."""
    room = RUN_OUTPUT_LIMIT - len(buffer)
    buffer += data[:room]
    return len(data) > room


def _end(process: subprocess.Popen[bytes], cgroup: Cgroup, mark: str) -> None:
    wanted = f"{MARK}={mark}".encode()
    for _ in range(50):
        marked = [pid for pid in cgroup.processes() if wanted in _environment(pid)]
        for pid in marked:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        if not marked and process.poll() is not None:
            return
        time.sleep(0.01)
    process.kill()
    process.wait()


def _environment(pid: int) -> list[bytes]:
    try:
        return Path(f"/proc/{pid}/environ").read_bytes().split(b"\0")
    except OSError:
        return []
