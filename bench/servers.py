"""The servers behind the terminals: a lab of the benchmarks' own, terminado, and ttyd where it is installed."""

from __future__ import annotations

import asyncio
import http.cookiejar
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from bench.place import ROOT, BenchError, fresh
from bench.sandboxes import wait_for_port
from bench.terminals import PATIENCE, Web
from lab.paths import Paths

SETUP = ("/usr/bin/python3", "-B", "-m", "lab.setup")
START = 20.0
LOG = 4000
"""Characters of the lab's log that are shown when a measurement in it fails."""


@dataclass(frozen=True)
class Place:
    """Where a learner's terminals are: `url` lacks the terminal's name."""

    url: str
    cookie: str


@contextmanager
def lab(base: Paths) -> Iterator[int]:
    """A whole lab as `make up` starts it, on a free port, which is returned. Raises BenchError."""
    port = free_port()
    with fresh(base) as paths:
        environment = {
            **os.environ, "LAB_DATA": str(paths.data), "LAB_STORE": str(base.store), "PORT": str(port),
            "LAB_PREVIEW_PORT": str(free_port()),
            "LAB_POOL_SIZE": "0",  # nothing else is made while something is measured
        }  # fmt: skip
        environment.pop("HOST", None)
        try:
            _setup("up", environment)
            yield port
        except BaseException:
            print((paths.log / "lab.log").read_text(errors="replace")[-LOG:], file=sys.stderr)
            raise
        finally:
            _setup("down", environment)


async def claim(port: int) -> Place:
    """Be a new learner of that lab, open the first lesson and wait for its sandbox. Raises BenchError."""
    site = f"127.0.0.1:{port}"
    lesson, cookie = await asyncio.to_thread(_visit, f"http://{site}")
    socket = await Web.dial(f"ws://{site}/ws/lesson/{lesson}/", headers={"Cookie": cookie})
    async with socket, asyncio.timeout(PATIENCE):
        await socket.send(json.dumps({"type": "claim"}))
        while True:
            message = json.loads(await socket.recv())
            if message["type"] == "error" or message.get("state") == "failed":
                raise BenchError(f"The lab gave no sandbox: {message['message']}")
            if message["type"] == "sandbox" and message["state"] == "ready":
                return Place(f"ws://{site}/ws/terminal/{message['key']}", cookie)


@contextmanager
def terminado(command: Sequence[str]) -> Iterator[str]:
    """terminado with this command in each terminal; its WebSocket's address."""
    argv = [sys.executable, "-m", "bench.terminado_server", *command]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, cwd=ROOT, text=True) as process:
        try:
            assert process.stdout is not None
            line = process.stdout.readline().strip()
            if not line:
                raise BenchError("terminado did not start.")
            yield f"ws://127.0.0.1:{line}/ws"
        finally:
            process.send_signal(signal.SIGTERM)


@contextmanager
def ttyd(command: Sequence[str]) -> Iterator[str | None]:
    """ttyd likewise; None where it is not installed."""
    program = shutil.which("ttyd")
    if program is None:
        yield None
        return
    port = free_port()
    argv = [program, "--interface", "127.0.0.1", "--port", str(port), "--writable", *command]
    with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            wait_for_port("127.0.0.1", port, START)
            yield f"ws://127.0.0.1:{port}/ws"
        finally:
            process.send_signal(signal.SIGTERM)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


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
