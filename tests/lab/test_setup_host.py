"""What set-up asks of the machine: packages beside those that are there, and a system user."""

from __future__ import annotations

import io
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup import host, machine
from lab.setup.commands import run
from lab.setup.conflicts import conflicts_told
from lab.setup.control import leftovers
from lab.setup.errors import SetupError
from lab.setup.plan import Plan
from lab.setup.progress import Progress

REFUSAL = """Reading package lists...
The following packages will be REMOVED:
  containerd.io docker-ce
  docker-ce-cli
The following NEW packages will be installed:
  runc
0 upgraded, 1 newly installed, 3 to remove and 0 not upgraded.
E: Packages need to be removed but remove is disabled.
"""


def program(folder: Path, name: str, script: str = "exit 0") -> None:
    (folder / name).write_text(f"#!/bin/sh\n{script}\n")
    (folder / name).chmod(0o755)


def test_a_package_that_another_stands_in_for_is_not_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    program(tmp_path, "dpkg-query", "exit 1")
    assert host.missing(["runc", "docker.io", "uidmap"]) == ["runc", "docker.io", "uidmap"]
    program(tmp_path, "runc")
    program(tmp_path, "docker")
    assert host.missing(["runc", "docker.io", "uidmap"]) == ["docker.io", "uidmap"]
    program(tmp_path, "dockerd")
    assert host.missing(["runc", "docker.io", "uidmap"]) == ["uidmap"]


def test_apt_s_refusal_to_remove_is_told_with_the_mend(tmp_path: Path) -> None:
    refuse = ["sh", "-c", f"echo '{REFUSAL}'; exit 100"]
    with (
        (tmp_path / "log").open("w") as log,
        pytest.raises(SetupError) as told,
        conflicts_told(["runc"], log),
    ):
        run(refuse, log, what="Host packages", where=tmp_path)
    assert told.value.message == (
        "Host packages: runc cannot be installed beside containerd.io, docker-ce, docker-ce-cli; if this machine "
        "can do without, run apt-get remove containerd.io docker-ce docker-ce-cli, otherwise use another machine."
    )


def test_other_failures_of_apt_stay_what_they_are(tmp_path: Path) -> None:
    with (
        (tmp_path / "log").open("w") as log,
        pytest.raises(SetupError) as told,
        conflicts_told(["runc"], log),
    ):
        run(["false"], log, what="Host packages", where=tmp_path)
    assert told.value.message == "Host packages: failed; the last lines of its log say why."


@pytest.mark.skipif(os.geteuid() != 0, reason="only root may install packages")
def test_apt_is_told_to_remove_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(host, "POLICY", tmp_path / "none" / "policy-rc.d")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    program(tmp_path, "apt-get", f"case \"$*\" in *--no-remove*) echo '{REFUSAL}';; esac; exit 100")
    paths = Paths(tmp_path / "data")
    paths.log.mkdir(parents=True)
    progress = Progress(io.StringIO())
    progress.expect("packages", "Packages of this machine")
    with pytest.raises(SetupError, match="lab-nothing cannot be installed beside containerd"):
        Plan(paths, progress).host_packages(["lab-nothing"])


def test_a_person_s_account_is_not_taken_for_the_lab_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "USER", "daemon")  # a system user
    machine.ensure_user()
    monkeypatch.setattr(machine, "USER", "root")  # has a login shell
    with pytest.raises(SetupError, match=r"an account named root .* usermod --login NEW-NAME root"):
        machine.ensure_user()


def test_a_user_id_of_people_is_not_taken_for_the_lab_s(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "USER", "nobody")  # 65534, without a login shell
    with pytest.raises(SetupError, match="an account named nobody "):
        machine.ensure_user()


@pytest.fixture
def left(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[int]:
    """A process that says it is a lab's, begun by these words."""
    env = {"PATH": os.environ["PATH"], "LAB_DATA": str(tmp_path), "LAB_PROCESS": "web"}
    process = subprocess.Popen([*request.param, "sleep", "60"], env=env, start_new_session=True)
    deadline = time.monotonic() + 10
    while b"sleep\0" not in Path(f"/proc/{process.pid}/cmdline").read_bytes()[:6]:
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.01)
    yield process.pid
    process.kill()
    process.wait()


@pytest.mark.parametrize("left", [()], indirect=True, ids=["plain"])
def test_what_a_killed_supervisor_left_is_found(left: int, tmp_path: Path) -> None:
    assert leftovers(Paths(tmp_path)) == {left: "web"}


@pytest.mark.parametrize("left", [("unshare", "--user")], indirect=True, ids=["in a user namespace"])
def test_what_a_sandbox_says_of_itself_is_not_believed(left: int, tmp_path: Path) -> None:
    assert leftovers(Paths(tmp_path)) == {}
