"""The servers behind the terminals: labs of the benchmarks' own, terminado, ttyd and wetty."""

from __future__ import annotations

import http.cookiejar
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.error
import urllib.request
from asyncio import to_thread
from collections.abc import Iterator, Sequence
from contextlib import aclosing, contextmanager
from dataclasses import dataclass

from bench.lesson_channel import LessonChannel
from bench.peers import Built
from bench.place import ROOT, BenchError, fresh
from bench.sandboxes import wait_for_port
from bench.terminals import PATIENCE
from lab.paths import Paths
from lab.setup.control import Supervisor

SETUP = ("/usr/bin/python3", "-B", "-m", "lab.setup")
START = 20.0
STOP = 10.0
LOG = 4000
"""Characters of the lab's log that are shown when a measurement in it fails."""
MOUNTS = 'mount --rbind /dev "$0/dev" && mount -t proc proc "$0/proc" && mount -t tmpfs tmpfs "$0/tmp"'
CHROOT = f'{MOUNTS} && exec chroot "$0" "$@"'
"""In a mount namespace of its own, with which the mounts go."""


@dataclass(frozen=True)
class Running:
    """A lab that runs."""

    port: int
    paths: Paths

    def processes(self) -> dict[str, int]:
        """All of the lab's own processes by name; sandboxes are not among them."""
        supervisor = Supervisor(self.paths)
        found = {name: int(about["pid"]) for name, about in supervisor.processes().items() if about["pid"]}
        return found | {"supervisord": supervisor.pid() or 0}


@dataclass(frozen=True)
class Place:
    """Where a learner's terminals are: `url` lacks the terminal's name."""

    url: str
    cookie: str


@contextmanager
def lab(base: Paths, **settings: str) -> Iterator[Running]:
    """A whole lab as `make up` starts it, on a free port, with these settings. Raises BenchError."""
    port = free_port()
    with fresh(base) as paths:
        environment = {
            **os.environ, "LAB_DATA": str(paths.data), "LAB_STORE": str(base.store), "PORT": str(port),
            "LAB_PREVIEW_PORT": str(free_port()),
            "LAB_POOL_SIZE": "0",  # nothing else is made while something is measured
            **settings,
        }  # fmt: skip
        environment.pop("HOST", None)
        try:
            _setup("up", environment)
            yield Running(port, paths)
        except Exception:
            log = paths.log / "lab.log"
            if log.exists():
                print(log.read_text(errors="replace")[-LOG:], file=sys.stderr)
            raise
        finally:
            _setup("down", environment)


async def claim(port: int) -> Place:
    """Be a new learner of that lab, open the first lesson and wait for its sandbox. Raises BenchError."""
    site = f"127.0.0.1:{port}"
    lesson, cookie = await to_thread(_visit, f"http://{site}")
    async with aclosing(await LessonChannel.open(port, f"/ws/lesson/{lesson}/", cookie)) as channel:
        return Place(f"ws://{site}/ws/terminal/{await channel.claim()}", cookie)


@dataclass(frozen=True)
class Peer:
    """A peer's server; `url` is where terminals are opened."""

    url: str
    pid: int


@contextmanager
def terminado(command: Sequence[str]) -> Iterator[Peer]:
    """terminado with this command in each terminal."""
    argv = [sys.executable, "-m", "bench.terminado_server", *command]
    with _server(argv, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        line = process.stdout.readline().strip().decode()
        if not line:
            raise BenchError("terminado did not start.")
        yield Peer(f"ws://127.0.0.1:{line}/ws", process.pid)


@contextmanager
def ttyd(built: Built, command: Sequence[str]) -> Iterator[Peer]:
    """ttyd likewise."""
    port = free_port()
    argv = [*built.argv, "--interface", "127.0.0.1", "--port", str(port), "--writable", *command]
    if built.root:
        argv = ["unshare", "--mount", "--propagation", "private", "sh", "-c", CHROOT, str(built.root), *argv]
    with _server(argv) as process:
        wait_for_port("127.0.0.1", port, START)
        yield Peer(f"ws://127.0.0.1:{port}/ws", process.pid)


@contextmanager
def wetty(built: Built, command: Sequence[str]) -> Iterator[Peer]:
    """wetty likewise: it starts a command instead of ssh, for root on the machine itself."""
    port = free_port()
    argv = [*built.argv, "--host", "127.0.0.1", "--port", str(port), "--command", " ".join(command)]
    with tempfile.TemporaryDirectory(prefix="bench-wetty-") as folder, _server(argv, folder) as process:
        wait_for_port("127.0.0.1", port, START)
        yield Peer(f"ws://127.0.0.1:{port}/socket.io/?EIO=4&transport=websocket", process.pid)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def _server(
    argv: Sequence[str], cwd: str = str(ROOT), stdout: int = subprocess.DEVNULL
) -> Iterator[subprocess.Popen[bytes]]:
    """A program until the end of the block."""
    environment = {**os.environ, "NODE_ENV": "production"}
    with subprocess.Popen(
        argv, stdin=subprocess.DEVNULL, stdout=stdout, stderr=subprocess.DEVNULL, cwd=cwd, env=environment
    ) as process:
        try:
            yield process
        finally:
            process.send_signal(signal.SIGTERM)
            try:
                process.wait(STOP)
            except subprocess.TimeoutExpired:
                process.kill()


def _setup(command: str, environment: dict[str, str]) -> None:
    done = subprocess.run(
        [*SETUP, command], env=environment, cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        words = (done.stderr or done.stdout).strip().splitlines()
        raise BenchError(f"The benchmarks' lab ({command}): {words[-1] if words else 'no reason given'}")


def _visit(site: str) -> tuple[str, str]:
    """The first lesson's slug and the learner's cookie."""
    jar = http.cookiejar.CookieJar()
    opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
    try:
        home = opener.open(f"{site}/", timeout=PATIENCE).read().decode()
        found = re.search(r'href="/lessons/([^/"]+)/', home)
        if not found:
            raise BenchError("The lab's page lists no lesson.")
        opener.open(f"{site}/lessons/{found[1]}/", timeout=PATIENCE).read()
    except urllib.error.HTTPError as error:
        raise BenchError(f"The lab's page {error.url} answers {error.code} {error.reason}.") from error
    return found[1], "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)
