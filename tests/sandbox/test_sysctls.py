"""Several labs share the kernel's settings. The kernel is a folder here, and labs are processes."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import Paths
from sandbox.drivers.namespace import holders, sysctls
from sandbox.drivers.namespace.holders import Record
from sandbox.drivers.namespace.state import Register, start_time

STRICT = "kernel.kptr_restrict"
PTYS = "kernel.pty.max"
FORWARD = "net.ipv4.ip_forward"
BEFORE = {STRICT: 1, PTYS: 4096, FORWARD: 0}
CHANGED = {STRICT: 2, PTYS: 65536, FORWARD: 1}

LAB = """
import sys
from pathlib import Path
from lab.paths import Paths
from sandbox.drivers.namespace import holders, sysctls
holders.FOLDER, sysctls.ROOT = Path(sys.argv[1]), Path(sys.argv[2])
for line in sys.stdin:
    word = line.strip()
    if word == "release":
        sysctls.release(Paths(Path(sys.argv[3])))
    else:
        sysctls.hold(Paths(Path(sys.argv[3])), internet=word == "hold-internet")
    print("done", flush=True)
"""


class Host:
    """A kernel's settings as files, and labs."""

    def __init__(self, base: Path) -> None:
        self.base = base
        self.kernel = base / "sys"
        self.record = base / "run"
        self.labs: list[Lab] = []
        for name, value in BEFORE.items():
            self.set(name, value)

    def set(self, name: str, value: int) -> None:
        file = self.kernel / name.replace(".", "/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(f"{value}\n")

    def settings(self) -> dict[str, int]:
        return {name: int((self.kernel / name.replace(".", "/")).read_text()) for name in BEFORE}

    def lab(self, name: str) -> Lab:
        self.labs.append(Lab(self, name))
        return self.labs[-1]


class Lab:
    """One sandboxd, as far as settings go: a process with a data folder."""

    def __init__(self, host: Host, name: str) -> None:
        self.paths = Paths(host.base / name)
        self.paths.data.mkdir(exist_ok=True)
        self.process = subprocess.Popen(
            [sys.executable, "-c", LAB, host.record, host.kernel, self.paths.data],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
            env={**os.environ, "PYTHONPATH": str(Path.cwd())},
        )  # fmt: skip

    def do(self, word: str) -> None:
        assert self.process.stdin and self.process.stdout
        self.process.stdin.write(f"{word}\n")
        self.process.stdin.flush()
        assert self.process.stdout.readline() == "done\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        for stream in (self.process.stdin, self.process.stdout):
            assert stream
            stream.close()


@pytest.fixture
def host(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Host]:
    found = Host(tmp_path)
    monkeypatch.setattr(holders, "FOLDER", found.record)
    monkeypatch.setattr(sysctls, "ROOT", found.kernel)
    yield found
    for lab in found.labs:
        if lab.process.returncode is None:
            lab.kill()


def test_the_last_to_leave_puts_back_what_was_there(host: Host) -> None:
    first, second = host.lab("first"), host.lab("second")
    first.do("hold-internet")
    assert host.settings() == CHANGED
    second.do("hold-internet")
    first.do("release")
    assert host.settings() == CHANGED, "the second lab still runs"
    second.do("release")
    assert host.settings() == BEFORE
    assert not host.record.exists()


def test_what_only_one_needs_goes_with_that_one(host: Host) -> None:
    online, offline = host.lab("online"), host.lab("offline")
    offline.do("hold")
    online.do("hold-internet")
    online.do("release")
    assert host.settings() == {**CHANGED, FORWARD: 0}
    online.do("hold-internet")
    online.do("hold")  # started anew, without the internet
    assert host.settings() == {**CHANGED, FORWARD: 0}


def test_a_killed_lab_neither_counts_nor_leaves_a_wrong_original(host: Host) -> None:
    killed, other = host.lab("killed"), host.lab("other")
    killed.do("hold-internet")
    killed.kill()
    other.do("hold-internet")
    other.do("release")
    assert host.settings() == BEFORE
    assert not host.record.exists()


def test_a_killed_lab_gives_back_when_it_is_taken_down(host: Host) -> None:
    lab = host.lab("killed")
    lab.do("hold-internet")
    lab.kill()
    sysctls.release(lab.paths)
    assert host.settings() == BEFORE
    assert not host.record.exists()


@pytest.mark.parametrize("folder", ["kept", "removed"])
def test_sandboxes_that_outlive_sandboxd_count_while_their_folder_is_there(host: Host, folder: str) -> None:
    killed, other = host.lab("killed"), host.lab("other")
    killed.do("hold-internet")
    other.do("hold-internet")
    killed.kill()
    register = Register(killed.paths.sandboxes)
    state = register.reserve("abcd", "docker")
    inside = {"pid": os.getpid(), "started": start_time(os.getpid())}
    register.folder("abcd").state_file.write_text(json.dumps({**vars(state), **inside}))
    if folder == "removed":
        shutil.rmtree(killed.paths.data)
    other.do("release")
    assert host.settings() == (CHANGED if folder == "kept" else BEFORE)


def test_what_somebody_else_has_set_since_stays(host: Host) -> None:
    lab = host.lab("lab")
    lab.do("hold")
    host.set(STRICT, 0)
    lab.do("release")
    assert host.settings() == {**BEFORE, STRICT: 0}


def test_higher_limits_are_left_alone(host: Host) -> None:
    host.set(PTYS, 100_000)
    lab = host.lab("lab")
    lab.do("hold")
    assert host.settings()[PTYS] == 100_000
    assert PTYS not in Record.read().before


def test_many_that_come_and_go_at_once_leave_nothing(host: Host) -> None:
    labs = [host.lab(f"lab-{number}") for number in range(4)]
    for lab in labs:
        assert lab.process.stdin
        lab.process.stdin.write("hold-internet\nrelease\n" * 25)
        lab.process.stdin.flush()
    for lab in labs:
        assert lab.process.stdout
        assert [lab.process.stdout.readline() for _ in range(50)] == ["done\n"] * 50
    assert host.settings() == BEFORE
    assert not host.record.exists()
