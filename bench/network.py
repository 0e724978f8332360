"""Ways to a server on this machine: directly, or by a network that takes its time."""

from __future__ import annotations

import ctypes
import itertools
import os
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bench.place import ROOT, BenchError

CLONE_NEWNET = 0x40000000
BLOCK = "192.0.2."
"""For documentation, so that no network uses it (RFC 5737); each namespace has four addresses of it."""
_quarters = itertools.count(secrets.randbelow(64))
PATIENCE = 20.0

Connect = Callable[[], socket.socket]


@dataclass(frozen=True)
class Route:
    """`connect` makes a TCP connection to the server, in a thread; `note` says what lies between."""

    connect: Connect
    note: str


def direct(port: int) -> Route:
    return Route(lambda: _connected("127.0.0.1", port), "on the loopback")


@contextmanager
def delayed(port: int, milliseconds: int) -> Iterator[Route]:
    """To 127.0.0.1:`port` with so much delay each way. Raises BenchError."""
    shape = ("netem", "delay", f"{milliseconds}ms", "limit", "100000")
    if has_netem():
        with namespace(port, shape) as route:
            yield route
    else:
        with _proxy(port, milliseconds) as own:
            note = f"{milliseconds} ms each way by a proxy: this kernel has no netem"
            yield Route(lambda: _connected("127.0.0.1", own), note)


def has_netem() -> bool:
    """Whether the kernel can delay packets; asked in a namespace that nobody sees."""
    asked = ["unshare", "--net", "tc", "qdisc", "add", "dev", "lo", "root", "netem", "delay", "1ms"]
    try:
        return subprocess.run(asked, capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextmanager
def namespace(port: int, shape: Sequence[str]) -> Iterator[Route]:
    """From a network namespace of its own by a veth pair, both ends with the queueing discipline `shape`.

    Raises BenchError.
    """
    token, first = secrets.token_hex(3), next(_quarters) % 64 * 4
    here, there = f"{BLOCK}{first + 1}", f"{BLOCK}{first + 2}"
    name, outer, inner = f"bench-{token}", f"bo{token}", f"bi{token}"
    within = ("ip", "netns", "exec", name)
    try:
        _run("ip", "netns", "add", name)
        _run("ip", "link", "add", outer, "type", "veth", "peer", "name", inner, "netns", name)
        for before, device, address in (((), outer, here), (within, inner, there)):
            _run(*before, "ip", "address", "add", f"{address}/30", "dev", device)
            _run(*before, "ip", "link", "set", device, "up")
            if shape:
                _run(*before, "tc", "qdisc", "add", "dev", device, "root", *shape)
        with _proxy(port, 0, here) as own:
            yield Route(lambda: _inside(name, here, own), f"{' '.join(shape)}, each way")
    finally:
        for words in (("link", "delete", outer), ("netns", "delete", name)):
            subprocess.run(["ip", *words], capture_output=True, check=False)


@contextmanager
def _proxy(port: int, milliseconds: int, bind: str = "127.0.0.1") -> Iterator[int]:
    argv = [sys.executable, "-m", "bench.delay", str(port), str(milliseconds), "--bind", bind]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            if not line:
                raise BenchError("The proxy that delays did not start.")
            yield int(line)
        finally:
            process.terminate()


def _inside(name: str, address: str, port: int) -> socket.socket:
    """A connection made in that namespace, by a thread that enters it and ends."""
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def work() -> None:
        try:
            libc = ctypes.CDLL(None, use_errno=True)
            with (Path("/run/netns") / name).open() as handle:
                if libc.setns(handle.fileno(), CLONE_NEWNET):
                    raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))
            made.append(_connected(address, port))
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]


def _connected(address: str, port: int) -> socket.socket:
    found = socket.create_connection((address, port), timeout=PATIENCE)
    found.setblocking(False)
    with suppress(OSError):
        found.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return found


def _run(*words: str) -> None:
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise BenchError(f"`{' '.join(words)}`: {done.stderr.strip()}")
