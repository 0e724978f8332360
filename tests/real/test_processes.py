"""kill -9 of every process of a running lab, with a learner at work: what the design promises."""

from __future__ import annotations

import json
import os
import signal
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import pytest

from sandbox.drivers.namespace import sysctls
from sandbox.drivers.namespace.holders import Record
from tests.real.learner import FIRST_STEP, Learner, Shell
from tests.running import Lab, running_lab, wait

pytestmark = pytest.mark.lab

SETTINGS = (*sysctls.AT_LEAST, *sysctls.EXACTLY, *sysctls.FORWARD)


def settings() -> dict[str, str]:
    """The kernel's settings that the lab may change."""
    paths = {name: Path("/proc/sys") / name.replace(".", "/") for name in SETTINGS}
    return {name: path.read_text().strip() for name, path in paths.items() if path.exists()}


def without_labs() -> dict[str, str]:
    """What those are, or will be again, when no lab runs; another may run beside the tests."""
    return settings() | {name: str(value) for name, value in Record.read().before.items()}


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    before = without_labs()
    with running_lab() as found:
        yield found
    assert without_labs() == before


@dataclass
class Class:
    """A learner at work: a sandbox, and a shell in it."""

    learner: Learner
    key: str
    shell: Shell
    pid: str


@pytest.fixture(scope="module")
def working(lab: Lab) -> Iterator[Class]:
    learner = Learner(lab)
    key = learner.claim()
    shell = Shell(learner, key)
    yield Class(learner, key, shell, shell.command("echo $$"))
    shell.close()


def serving(lab: Lab) -> int:
    """The process id of the sandboxd that serves: the child of the one that the supervisor knows."""
    reaper = lab.pids()["sandboxd"]
    for child in Path(f"/proc/{reaper}/task/{reaper}/children").read_text().split():
        with suppress(FileNotFoundError):  # one that has just ended
            if b"--serve" in Path(f"/proc/{child}/cmdline").read_bytes():
                return int(child)
    return 0


def kill_serving(lab: Lab) -> None:
    """kill -9 sandboxd itself, not its reaper, and wait until another serves."""
    before = wait(lambda: serving(lab), "sandboxd's start")
    os.kill(before, signal.SIGKILL)
    wait(lambda: serving(lab) not in (0, before), "sandboxd's return")


KILLS: dict[str, Callable[[Lab], object]] = {
    "web": lambda lab: lab.kill("web"),
    "worker": lambda lab: lab.kill("worker"),
    "checker": lambda lab: lab.kill("checker"),
    "beat": lambda lab: lab.kill("beat"),
    "redis": lambda lab: lab.kill("redis"),
    "registry": lambda lab: lab.kill("registry"),
    "resolver": lambda lab: lab.kill("resolver"),
    "termd": lambda lab: lab.kill("termd"),
    "sandboxd": kill_serving,
    "the reaper": lambda lab: lab.kill("sandboxd"),
}
BETWEEN = ("web", "termd")
"""The processes that a terminal's bytes pass through."""
KEEPING = [name for name in KILLS if name != "termd"]
"""What termd has read and not yet passed on goes with it."""


@pytest.mark.parametrize("name", KILLS)
def test_the_shell_lives_on(name: str, lab: Lab, working: Class) -> None:
    shell = working.shell
    shell.command(f"kept={name.replace(' ', '-')}")
    before = shell.connections
    KILLS[name](lab)
    if name in BETWEEN:
        shell.reconnected(before)
    assert shell.command('echo "$$ $kept"') == f"{working.pid} {name.replace(' ', '-')}"
    assert shell.connections == before + (name in BETWEEN)


@pytest.mark.parametrize("name", KILLS)
def test_checks_and_new_terminals_go_on(name: str, lab: Lab, working: Class) -> None:
    before = working.shell.connections
    KILLS[name](lab)
    if name in BETWEEN:
        working.shell.reconnected(before)
    if name in ("sandboxd", "the reaper"):  # without them a check may say that it could not run
        wait(lambda: working.learner.check() == "not-yet", "a check")
    else:
        assert working.learner.check() == "not-yet"
    second = Shell(working.learner, working.key, "second")
    assert second.command("hostname") == working.shell.command("hostname")
    second.type("exit\n")
    second.close()
    wait(lambda: working.key in lab.manage("sandbox", "list").stdout, "the sandbox's being listed")
    assert working.shell.command("docker run --rm busybox:1 echo run-$((1+1))", 60).endswith("run-2")


@pytest.mark.parametrize("name", KEEPING)
def test_no_byte_of_running_output_is_lost(name: str, lab: Lab, working: Class) -> None:
    shell = working.shell
    last = 400_000
    start, before = len(shell.output), shell.connections
    shell.type(f"clear; seq {last}; echo over''-{name[-3:]}\n")
    shell.wait_for(b"\r\n20000\r\n", since=start)
    KILLS[name](lab)
    shell.wait_for(f"over-{name[-3:]}\r\n".encode(), 60, since=start)
    expected = b"".join(b"%d\r\n" % number for number in range(1, last + 1))
    assert expected in bytes(shell.output[start:])
    assert shell.connections == before + (name in BETWEEN)


def test_what_is_typed_while_web_is_away_is_taken_once(lab: Lab, working: Class) -> None:
    shell = working.shell
    shell.command("rm -f ~/typed")
    with lab.without("web"):
        shell.type("echo once >> ~/typed\n")
    assert shell.command("cat ~/typed") == "once"


def test_a_check_that_runs_while_the_checker_is_killed_is_answered(lab: Lab, working: Class) -> None:
    with working.learner.connect(working.learner.channel_path) as channel:
        channel.send(json.dumps({"type": "check", "step": "10-a-process", "asked": True}))
        while json.loads(channel.recv(timeout=20))["type"] != "check":
            pass
        lab.kill("checker")
    assert working.learner.check() == "not-yet"


@pytest.mark.parametrize("name", ["worker", "sandboxd", "the reaper", "redis", "web"])
def test_killed_while_a_sandbox_is_made(name: str, lab: Lab) -> None:
    learner = Learner(lab)
    learner.ask({"type": "claim"}, lambda said: said["type"] == "sandbox" and len(said["steps"]) > 1)
    KILLS[name](lab)
    shell = Shell(learner, learner.claim(30))
    assert shell.command("echo made-$((1+1))") == "made-2"
    assert shell.command("docker info --format '{{.Containers}}'") == "0"
    shell.close()


def test_an_exit_code_outlives_sandboxd(lab: Lab, working: Class) -> None:
    shell = Shell(working.learner, working.key, "ends")
    shell.command("true")
    kill_serving(lab)
    shell.type("exit 7\n")
    shell.read(lambda: shell.ended, "the end")
    assert shell.exit_code == 7


def test_what_was_done_is_kept_through_it_all(lab: Lab, working: Class) -> None:
    working.shell.command("sleep 1000 & true")
    assert working.learner.check() == "done"
    lab.kill("web")
    said = working.learner.ask({"type": "claim"}, lambda said: said["type"] == "progress")
    assert FIRST_STEP.split("/")[3] in said["done"]
