"""Real sandboxes on a small disk: the one that fills it is ended, and the others go on."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections.abc import Iterator

import pytest

from lab.paths import Paths
from sandbox.drivers.base import Handle, Result, Spec, Status
from sandbox.drivers.namespace import network
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.names import claim_names
from sandbox.sandboxd.__main__ import SUBNET, clean_up
from sandbox.sandboxd.guard import DISK, SHARE, Guard
from sandbox.services import Services
from tests.real.conftest import FACTOR, Make, Shell, wait_for

SIZE = 2 << 30
RESERVE = 512 << 20
SPEC = Spec(memory=1 << 30, disk=4 << 30, inodes=100_000, pids=500)


@pytest.fixture(scope="module")
def paths(built: Paths) -> Iterator[Paths]:
    """A data folder on a disk of its own."""
    folder = built.data / "tests" / secrets.token_hex(4)
    folder.mkdir(parents=True)
    image = folder.with_suffix(".img")
    with image.open("xb") as file:
        file.truncate(SIZE)
    subprocess.run(["mkfs.ext4", "-q", "-F", "-m", "0", image], check=True)
    subprocess.run(["mount", "-o", "loop,discard", image, folder], check=True)
    found = Paths(folder)
    for part in (found.current, found.run):
        part.mkdir()
    (found.current / "rootfs").symlink_to(built.rootfs.resolve())
    yield found
    subprocess.run(["umount", folder], check=True)
    folder.rmdir()
    image.unlink()


@pytest.fixture(scope="module")
def driver(paths: Paths) -> Iterator[NamespaceDriver]:
    names, lock = claim_names(paths, SUBNET)
    network.set_up(names, False, Services(names.service_address))
    with lock:
        yield NamespaceDriver(paths, names)
        clean_up(paths, names)


@pytest.fixture
def guard(driver: NamespaceDriver) -> Guard:
    return Guard(driver, Services(driver.names.service_address), internet=False, reserve=RESERVE)


@pytest.fixture
def make(driver: NamespaceDriver) -> Iterator[Make]:
    made: list[Handle] = []

    def create(spec: Spec = SPEC) -> Handle:
        made.append(driver.create(f"t-{secrets.token_hex(4)}", spec, lambda *step: None))
        return made[-1]

    yield create
    for handle in made:
        driver.destroy(handle)


@pytest.fixture
def shell(driver: NamespaceDriver) -> Shell:
    def run(handle: Handle, script: str) -> Result:
        return driver.run(handle, ["/bin/bash", "-c", script], timeout=120 * FACTOR)

    return run


def free(paths: Paths) -> int:
    found = os.statvfs(paths.data)
    return found.f_bavail * found.f_frsize


def write(driver: NamespaceDriver, shell: Shell, handle: Handle, mebibytes: int) -> None:
    """Until the sandbox has ended or has written it all."""
    script = f"dd if=/dev/zero of=/big bs=1M count={mebibytes} conv=fsync"
    try:
        shell(handle, script)
    except Exception:
        assert driver.poll(handle) is Status.GONE


def test_who_takes_most_is_ended_and_the_others_go_on(
    driver: NamespaceDriver, guard: Guard, make: Make, shell: Shell, paths: Paths
) -> None:
    good, greedy = make(), make()
    assert shell(good, "dd if=/dev/urandom of=/kept bs=1M count=20 conv=fsync").exit_code == 0
    guard.look_at_disk()
    assert driver.poll(greedy) is Status.RUNNING
    writer = threading.Thread(target=write, args=(driver, shell, greedy, 3000))
    writer.start()

    def ended() -> bool:
        guard.look_at_disk()
        return driver.poll(greedy) is Status.GONE

    wait_for(ended, "the end of who fills the disk", 60)
    writer.join()
    assert greedy["key"] not in driver.list()
    wait_for(lambda: free(paths) > RESERVE, "the disk's being given back", 30)
    assert guard.ending(greedy["key"]) == DISK
    assert guard.ending(good["key"]) == ""
    assert driver.poll(good) is Status.RUNNING
    written = "dd if=/dev/urandom of=/more bs=1M count=20 conv=fsync && sync && ls -s /more"
    assert shell(good, written).exit_code == 0
    assert shell(good, "dmesg | grep -i 'i/o error' || true").stdout == b""


def test_no_sandbox_pays_for_what_others_fill(
    driver: NamespaceDriver, guard: Guard, make: Make, paths: Paths, caplog: pytest.LogCaptureFixture
) -> None:
    modest = make()
    assert driver.disk_taken()[modest["key"]] < SHARE
    filler = paths.data / "filler"
    with filler.open("xb") as file:
        os.posix_fallocate(file.fileno(), 0, free(paths) - RESERVE // 4)
    try:
        guard.look_at_disk()
        guard.look_at_disk()
        assert driver.poll(modest) is Status.RUNNING
        assert caplog.text.count("no sandbox has taken much of it") == 1
    finally:
        filler.unlink()


def test_what_is_removed_inside_is_given_back(driver: NamespaceDriver, make: Make, shell: Shell) -> None:
    handle = make()
    write(driver, shell, handle, 300)
    assert driver.disk_taken()[handle["key"]] > 300 << 20
    assert shell(handle, "rm /big && sync").exit_code == 0
    wait_for(lambda: driver.disk_taken()[handle["key"]] < 200 << 20, "the disk's being given back")
