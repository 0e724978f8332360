"""A whole lab of its own for tests: started by the product's set-up, harmed at will, stopped without a trace."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from lab.paths import Paths
from lab.setup.control import Supervisor
from lab.setup.down import remains
from lab.setup.plan import SOURCE
from lab.setup.rpc import call
from sandbox.drivers.namespace import children

FACTOR = float(os.environ.get("LAB_TIME_FACTOR", "1"))
"""How much slower than a machine of its own this one is: emulated ones take many times as long."""

T = TypeVar("T")


def set_up(
    *words: str,
    data: Path,
    before: tuple[str, ...] = (),
    env: Mapping[str, str] | None = None,
    source: Path = SOURCE,
) -> subprocess.CompletedProcess[str]:
    """Runs set-up on the system's Python, as `make` does. Kubernetes is there where `make test` has built it; no
    test builds it by the way.

    What it leaves running must not become this process's child when a test of drivers has made it their heir:
    nobody here waits for a lab's processes, and those of a sandbox cannot end before all have been waited for.
    """
    store = Path((env or {}).get("LAB_STORE", data / "store"))
    inherited = {
        name: value for name, value in os.environ.items()
        if name not in ("HOST", "PORT", "DJANGO_SETTINGS_MODULE") and not name.startswith(("LAB_", "PYTEST"))
    }  # fmt: skip
    heir = children.adopt(False)
    try:
        return subprocess.run(
            [*before, "/usr/bin/python3", "-B", "-m", "lab.setup", *words],
            cwd=source, capture_output=True, text=True, check=False, timeout=300,
            env={**inherited, "LAB_DATA": str(data), "PORT": str(free_port()),
                 "LAB_PREVIEW_PORT": str(free_port()),
                 "LAB_TOOLS": "build" if any(store.glob("tools-*")) else "none", **(env or {})},
        )  # fmt: skip
    finally:
        children.adopt(heir)


def free_port() -> int:
    """One that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def running(data: Path) -> list[str]:
    """Command lines of processes that work in a data folder."""
    listed = subprocess.run(["ps", "-eo", "args"], capture_output=True, text=True, check=True)
    return [line for line in listed.stdout.splitlines() if str(data) in line]


def wait(condition: Callable[[], T], what: str, seconds: float = 60.0) -> T:
    """Wait until `condition` gives something true, which is returned; fails with `what` if it never does."""
    deadline = time.monotonic() + seconds * FACTOR
    while not (found := condition()):
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds * FACTOR:g} s"
        time.sleep(0.05)
    return found


class Lab:
    """A lab that shares only the store with the test run. `env` is what it is started with."""

    def __init__(self, data: Path, store: Path, source: Path = SOURCE, /, **env: str) -> None:
        self.paths = Paths(data)
        self.source = source
        self.port = free_port()
        self.preview_port = free_port()
        self.env = {
            "LAB_STORE": str(store), "PORT": str(self.port), "LAB_PREVIEW_PORT": str(self.preview_port),
            "LAB_POOL_SIZE": "0",  # tests count sandboxes: those about the pool say otherwise
            **env,
        }  # fmt: skip
        self.supervisor = Supervisor(self.paths)

    @property
    def url(self) -> str:
        """The page's address, without a slash at its end."""
        return f"http://127.0.0.1:{self.port}"

    def run(self, *words: str) -> str:
        """Run set-up for this lab; what it prints."""
        done = set_up(*words, data=self.paths.data, env=self.env, source=self.source)
        assert done.returncode == 0, f"{done.stdout}{done.stderr}\n{self.log()[-4000:]}"
        return done.stdout

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        """Run manage.py as an operator would, from anywhere."""
        env = {"PATH": os.environ["PATH"], "LAB_DATA": str(self.paths.data), **self.env}
        return subprocess.run(
            ["/usr/bin/python3", "-B", self.source / "manage.py", *words],
            env=env, capture_output=True, text=True, check=False, cwd="/root",
        )  # fmt: skip

    def pids(self) -> dict[str, int]:
        """Of the processes that run."""
        known = self.supervisor.processes()
        return {name: about["pid"] for name, about in known.items() if about["statename"] == "RUNNING"}

    def kill(self, name: str) -> int:
        """kill -9 one process, and wait until the supervisor has started another; the old one's id."""
        before = self.pids()[name]
        os.kill(before, signal.SIGKILL)
        wait(lambda: self.pids().get(name, before) != before, f"{name}'s return")
        return before

    @contextmanager
    def without(self, name: str) -> Iterator[None]:
        """One process stands still in the body, and runs again after it."""
        socket_path = self.paths.run / "supervisor.sock"
        call(socket_path, "supervisor.stopProcess", name, True)
        try:
            yield
        finally:
            call(socket_path, "supervisor.startProcess", name, True)

    def page(self) -> int:
        """The status that the home page answers with."""
        with urllib.request.urlopen(f"{self.url}/", timeout=10) as answer:
            return int(answer.status)

    def log(self) -> str:
        """All that the processes have logged."""
        file = self.paths.log / "lab.log"
        return file.read_text() if file.exists() else ""


@contextmanager
def running_lab(source: Path = SOURCE, /, **env: str) -> Iterator[Lab]:
    """A lab that runs; afterwards it is stopped, and must have left nothing. `env` as for `make up`, from the clone
    `source`."""
    built = Paths.from_env()
    assert os.geteuid() == 0, "a lab needs root: run `make test` as root"
    assert built.rootfs.is_dir(), f"nothing is built in {built.data}: run `make test`, which does that"
    data = built.data / "tests" / secrets.token_hex(4)  # short: Unix sockets lie below it
    data.parent.mkdir(exist_ok=True)
    lab = Lab(data, built.store, source, **env)
    try:
        lab.run("up")
        yield lab
        lab.run("down")
        assert running(data) == []
        assert remains(lab.paths) == []
    finally:
        set_up("down", data=data, env=lab.env)
        shutil.rmtree(data, ignore_errors=True)
