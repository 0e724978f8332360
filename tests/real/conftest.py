"""Real sandboxes on this machine, in a data folder of their own below LAB_DATA, so that no lab is touched.

LAB_DATA must hold what set-up built (`current/rootfs`, `current/images`): `make test` sees to that.
"""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup.store import remove
from sandbox import services
from sandbox.drivers.base import Handle, Result, Spec
from sandbox.drivers.namespace import network
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.names import Names, claim_names
from sandbox.sandboxd.__main__ import SUBNET, clean_up

FACTOR = float(os.environ.get("LAB_TIME_FACTOR", "1"))
"""How much slower than a machine of its own this one is: emulated ones take many times as long."""

ROOT = Path(__file__).resolve().parents[2]
SMALL = Spec(memory=1 << 30, disk=2 << 30, inodes=100_000, pids=500)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.real)


def wait_for(condition: Callable[[], object], what: str, seconds: float = 10.0) -> None:
    """Wait until `condition` holds; fails with `what` when it does not in time."""
    deadline = time.monotonic() + seconds * FACTOR
    while not condition():
        assert time.monotonic() < deadline, f"{what} did not happen within {seconds * FACTOR:g} s"
        time.sleep(0.02)


@contextmanager
def works_on(neighbour: Handle, shell: Shell, pause: float) -> Iterator[None]:
    """A sandbox does its work every `pause` seconds during the body, and its engine answers after it."""
    stop, failures = threading.Event(), list[str]()

    def watch() -> None:
        while not stop.wait(pause * FACTOR):
            done = shell(neighbour, "echo here && touch /root/file && rm /root/file", timeout=10)
            if done.stdout != b"here\n":
                failures.append(repr(done))

    watcher = threading.Thread(target=watch)
    watcher.start()
    yield
    stop.set()
    watcher.join()
    assert not failures, failures
    assert shell(neighbour, "docker version").exit_code == 0


@pytest.fixture(scope="session")
def built() -> Paths:
    """The data folder with what set-up built."""
    paths = Paths.from_env()
    assert os.geteuid() == 0, "real sandboxes need root: run `make test` as root"
    assert paths.rootfs.is_dir(), f"no root filesystem below {paths.data}: run `make test`, which builds it"
    return paths


@pytest.fixture(scope="session")
def paths(built: Paths) -> Iterator[Paths]:
    """A fresh data folder that shares only what was built."""
    folder = built.data / "tests" / secrets.token_hex(4)
    folder.mkdir(parents=True)
    for path in (folder.parent, folder):
        path.chmod(0o755)
    found = Paths(folder)
    found.current.mkdir()
    for part in ("rootfs", "images", "tools"):
        if (built.current / part).exists():
            (found.current / part).symlink_to((built.current / part).resolve())
    found.run.mkdir()
    found.run_lab.mkdir()
    shutil.chown(found.run_lab, "lab", "lab")
    yield found
    remove(folder)


def where(paths: Paths) -> services.Services:
    """Where the registry and the resolver of this run listen."""
    found = services.read(paths)
    assert found
    return found


@pytest.fixture(scope="session")
def names(paths: Paths) -> Iterator[Names]:
    """This run's names on the host; everything under them is gone afterwards."""
    found, lock = claim_names(paths, SUBNET)
    services.write(paths, services.choose(found.service_address))
    network.set_up(found, False, where(paths))
    with lock:
        yield found
        clean_up(paths, found)
    assert f"lab{found.tag}" not in subprocess.check_output(["ip", "link"], text=True)


@pytest.fixture(scope="session")
def driver(paths: Paths, names: Names) -> NamespaceDriver:
    return NamespaceDriver(paths, names)


@pytest.fixture(scope="session")
def serving(paths: Paths, names: Names) -> Iterator[str]:
    """The registry and the resolver, on the service address that is returned."""
    found = where(paths)
    environment = {**os.environ, "LAB_DATA": str(paths.data), "PYTHONPATH": str(ROOT)}
    modules = ("sandbox.images.registry", "sandbox.resolver")
    running = [
        subprocess.Popen([sys.executable, "-m", module], env=environment, cwd=ROOT) for module in modules
    ]
    wait_for(lambda: _connects(found.address, found.registry), "the registry's start", 20)
    wait_for(lambda: _connects(found.address, found.resolver), "the resolver's start", 20)
    yield found.address
    for process in running:
        process.send_signal(signal.SIGTERM)
        process.wait(10 * FACTOR)


def _connects(address: str, port: int) -> bool:
    import socket

    try:
        socket.create_connection((address, port), timeout=1).close()
    except OSError:
        return False
    return True


Make = Callable[..., Handle]


@pytest.fixture(scope="module")
def make(driver: NamespaceDriver) -> Iterator[Make]:
    """Makes sandboxes that are removed when the module's tests are done."""
    made: list[Handle] = []

    def create(spec: Spec = SMALL) -> Handle:
        key = f"t-{secrets.token_hex(4)}"
        made.append({"key": key})
        return driver.create(key, spec, lambda name, index, count: None)

    yield create
    for handle in made:
        driver.destroy(handle)


@pytest.fixture(scope="module")
def sandbox(make: Make, serving: str) -> Handle:
    """One sandbox for all tests of a module that do it no harm."""
    return make()


Shell = Callable[..., Result]


@pytest.fixture(scope="session")
def shell(driver: NamespaceDriver) -> Shell:
    """Runs a script with bash inside a sandbox."""

    def run(handle: Handle, script: str, *, timeout: float = 60.0, user: str = "root") -> Result:
        return driver.run(handle, ["/bin/bash", "-c", script], timeout=timeout * FACTOR, user=user)

    return run
