"""The driver's contract, on the real runtime: what sandbox/drivers/base.py promises, promise by promise."""

from __future__ import annotations

import os
import select
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.drivers.base import PTY, RUN_OUTPUT_LIMIT, Handle, Result, Status
from sandbox.drivers.namespace import children, execute
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.state import is_zombie_of, raw_start_time
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxTimeout
from tests.real.conftest import FACTOR, SMALL, Make, Shell, wait_for


def _quiet(name: str, index: int, count: int) -> None:
    """Progress that nobody reads."""


@pytest.mark.core
def test_this_machine_can(driver: NamespaceDriver) -> None:
    info = driver.info()
    assert info.available, info.problem
    assert {"memory", "pids", "disk", "inodes", "network"} <= set(info.enforces)


@pytest.mark.core
def test_create_names_its_steps_and_is_idempotent(driver: NamespaceDriver) -> None:
    steps: list[tuple[str, int, int]] = []
    handle = driver.create("steps-1", SMALL, lambda *step: steps.append(step))
    try:
        assert [index for _, index, _ in steps] == list(range(steps[0][2]))
        assert steps[-1][0] == "Starting the Docker engine"
        assert driver.create("steps-1", SMALL, lambda *step: steps.append(step)) == handle
        assert len(steps) == steps[0][2], "an existing sandbox was made again"
        assert "steps-1" in driver.list()
    finally:
        driver.destroy(handle)
    assert driver.poll(handle) is Status.GONE
    assert "steps-1" not in driver.list()
    driver.destroy(handle)


@pytest.mark.core
def test_a_failed_create_leaves_nothing(driver: NamespaceDriver) -> None:
    before = _mounts()
    with pytest.raises(SandboxError) as failure:
        driver.create("fails-1", replace(SMALL, disk=1 << 20), _quiet)
    assert failure.value.message.endswith("`make doctor`.")
    assert "fails-1" not in driver.list()
    assert _mounts() == before


@pytest.mark.parametrize("key", ["", "a", "../../etc", "A-b-c", "x" * 41, "-abc", "a/b/c"])
def test_what_is_no_key_is_refused(driver: NamespaceDriver, key: str) -> None:
    with pytest.raises(SandboxError) as failure:
        driver.create(key, SMALL, _quiet)
    assert failure.value.reason is Reason.INVALID
    assert driver.poll({"key": key}) is Status.GONE


def test_a_missing_sandbox_is_gone_and_not_an_exception(driver: NamespaceDriver) -> None:
    assert driver.poll({"key": "never-made"}) is Status.GONE
    with pytest.raises(SandboxNotFound):
        driver.run({"key": "never-made"}, ["true"])
    with pytest.raises(SandboxNotFound):
        driver.open_terminal({"key": "never-made"}, (80, 24))


@pytest.mark.core
def test_run_gives_output_and_exit_code(sandbox: Handle, shell: Shell) -> None:
    assert shell(sandbox, "echo out; echo err >&2; exit 7") == Result(7, b"out\n", b"err\n")
    assert shell(sandbox, "kill -9 $$").exit_code == 137


def test_run_passes_input_and_user(driver: NamespaceDriver, sandbox: Handle, shell: Shell) -> None:
    data = os.urandom(300_000)
    done = driver.run(sandbox, ["sha256sum"], stdin=data, timeout=30 * FACTOR)
    import hashlib

    assert done.stdout.split()[0].decode() == hashlib.sha256(data).hexdigest()
    assert shell(sandbox, "id -un; cd; pwd", user="learner").stdout == b"learner\n/home/learner\n"


def test_run_cuts_output(sandbox: Handle, shell: Shell) -> None:
    done = shell(sandbox, "head -c 5000000 /dev/zero")
    assert done.truncated
    assert len(done.stdout) == RUN_OUTPUT_LIMIT


@pytest.mark.core
def test_run_ends_everything_when_time_is_up(driver: NamespaceDriver, sandbox: Handle, shell: Shell) -> None:
    script = "setsid sleep 4242 & (trap '' TERM; sleep 4242) & sleep 4242"
    with pytest.raises(SandboxTimeout):
        driver.run(sandbox, ["bash", "-c", script], timeout=1.0 * FACTOR)
    assert shell(sandbox, "pgrep -cxf 'sleep 4242'").stdout == b"0\n"


def test_run_does_not_wait_for_what_stays_in_the_background(sandbox: Handle, shell: Shell) -> None:
    began = time.monotonic()
    assert shell(sandbox, "sleep 60 & echo now").stdout == b"now\n"
    assert time.monotonic() - began < 30 * FACTOR
    shell(sandbox, "pkill -xf 'sleep 60'")


@pytest.mark.core
def test_freeze_stops_everything_and_thaw_goes_on(
    driver: NamespaceDriver, sandbox: Handle, shell: Shell
) -> None:
    shell(sandbox, "setsid sh -c 'while :; do echo >>/tmp/ticks; done' >/dev/null 2>&1 </dev/null & echo $!")
    wait_for(
        lambda: int(shell(sandbox, "stat -c %s /tmp/ticks 2>/dev/null || echo 0").stdout) > 100, "ticking"
    )
    driver.freeze(sandbox)
    driver.freeze(sandbox)
    try:
        assert driver.poll(sandbox) is Status.FROZEN
        before = driver.stats(sandbox).cpu_seconds
        time.sleep(0.3)
        assert driver.stats(sandbox).cpu_seconds == before
    finally:
        driver.thaw(sandbox)
        driver.thaw(sandbox)
    assert driver.poll(sandbox) is Status.RUNNING
    wait_for(lambda: driver.stats(sandbox).cpu_seconds > before, "going on")
    shell(sandbox, "pkill -f ticks")


@pytest.mark.core
def test_an_engine_answers_in_time_or_not(driver: NamespaceDriver, make: Make, shell: Shell) -> None:
    handle = make()
    patient = 0.5 * FACTOR
    assert driver.answers(handle, patient)
    driver.freeze(handle)
    assert not driver.answers(handle, patient)
    driver.thaw(handle)
    assert driver.answers(handle, patient)
    shell(handle, "pkill -STOP -x dockerd")
    began = time.monotonic()
    assert not driver.answers(handle, patient)
    assert time.monotonic() - began < 5 * FACTOR
    shell(handle, "pkill -CONT -x dockerd")
    assert driver.answers(handle, patient)
    assert not driver.answers({"key": "not-there"}, patient)


@pytest.mark.core
def test_a_frozen_sandbox_can_be_destroyed(driver: NamespaceDriver, make: Make) -> None:
    handle = make()
    driver.freeze(handle)
    driver.destroy(handle)
    assert driver.poll(handle) is Status.GONE


@pytest.mark.core
def test_stats_follow_use(driver: NamespaceDriver, sandbox: Handle, shell: Shell) -> None:
    before = driver.stats(sandbox)
    assert before.memory > 10 << 20
    assert 5 < before.pids < 500
    shell(sandbox, "head -c 50000000 /dev/urandom >/root/big; sync")
    assert driver.stats(sandbox).disk_used - before.disk_used > 45_000_000
    shell(sandbox, "rm /root/big")


def _read_until(pty: PTY, wanted: bytes) -> bytes:
    found = b""
    deadline = time.monotonic() + 20 * FACTOR
    while wanted not in found:
        assert select.select([pty.fd], [], [], max(0, deadline - time.monotonic()))[0], found
        found += os.read(pty.fd, 65536)
    return found


@pytest.fixture
def terminal(driver: NamespaceDriver, sandbox: Handle) -> Iterator[Callable[..., PTY]]:
    opened: list[PTY] = []

    def open_one(user: str = "root") -> PTY:
        opened.append(driver.open_terminal(sandbox, (91, 17), user))
        return opened[-1]

    yield open_one
    for pty in opened:
        os.close(pty.fd)  # hangs up
        children.exit_code(pty.pid)


@pytest.mark.core
def test_a_terminal_is_a_login_shell_of_the_right_size(terminal: Callable[..., PTY]) -> None:
    pty = terminal()
    shown = _read_until(pty, b"# ")
    assert b"\x1b]133;A\x07" in shown
    os.write(pty.fd, b"stty size; tty; echo $TERM $((40+2))\n")
    answer = _read_until(pty, b" 42")
    assert b"17 91" in answer
    assert b"/dev/pts/" in answer
    assert b"xterm-256color 42" in answer
    os.write(pty.fd, b"exit\n")
    with pytest.raises(OSError, match="Input/output error"):
        _read_until(pty, b"never printed")


def test_a_learner_terminal_is_not_root(terminal: Callable[..., PTY]) -> None:
    pty = terminal("learner")
    _read_until(pty, b"$ ")
    os.write(pty.fd, b"id -u\n")
    assert b"1000" in _read_until(pty, b"1000\r\n")


@pytest.mark.core
def test_dial_reaches_a_port_on_loopback_inside(
    driver: NamespaceDriver, sandbox: Handle, shell: Shell
) -> None:
    with pytest.raises(SandboxError) as failure:
        driver.dial(sandbox, 8123)
    assert failure.value.reason is Reason.NOT_FOUND
    shell(
        sandbox,
        "echo hi >/tmp/page; cd /tmp; setsid busybox httpd -p 127.0.0.1:8123 >/dev/null 2>&1 </dev/null",
    )
    with driver.dial(sandbox, 8123) as connection:
        connection.sendall(b"GET /page HTTP/1.0\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)


@pytest.mark.core
def test_when_its_first_process_ends_it_is_gone(driver: NamespaceDriver, make: Make, shell: Shell) -> None:
    handle = make()
    shell(handle, "kill -TERM 1 </dev/null; true")
    wait_for(lambda: driver.poll(handle) is Status.GONE, "the end of the sandbox")
    assert handle["key"] in driver.list(), "its leftovers must be found"
    assert handle["key"] in list(driver.remove_leftovers())
    assert handle["key"] not in driver.list()


@pytest.mark.core
def test_it_is_gone_also_while_somebody_is_yet_to_be_waited_for(
    driver: NamespaceDriver, make: Make, shell: Shell
) -> None:
    handle = make()
    state = driver.register.folder(handle["key"]).read()
    assert state
    with execute.Pipes() as pipes:
        left = driver.runc.start_inside(
            state.key, ["sleep", "1000"], user="root", env=(), streams=pipes.theirs
        )
    shell(handle, "kill -TERM 1 </dev/null; true")
    wait_for(lambda: driver.poll(handle) is Status.GONE, "the end of the sandbox")
    assert raw_start_time(state.pid) == state.started, "the kernel keeps it until the other is waited for"
    wait_for(
        lambda: is_zombie_of(left, os.getpid()), "the other's end"
    )  # the first is ending while it has them end
    strays = children.Strays(unclaimed=0.5)
    assert strays.collect() == 0, "whoever waits for it gets the time to"
    wait_for(lambda: strays.collect() == 0 and raw_start_time(state.pid) == -1, "the end of both")
    assert raw_start_time(left) == -1
    driver.destroy(handle)


def _mounts() -> str:
    return Path("/proc/self/mounts").read_text()
