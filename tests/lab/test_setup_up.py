"""The whole lab, started by `up` from what set-up has built, harmed, and stopped by `down`."""

from __future__ import annotations

import os
import pwd
import shutil
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup import up
from lab.setup.address import Address
from lab.setup.down import remains
from lab.setup.plan import SOURCE
from tests.running import Lab, running, running_lab, wait

pytestmark = pytest.mark.real
NAMES = {
    "log",
    "redis",
    "sandboxd",
    "registry",
    "resolver",
    "termd",
    "preview",
    "web",
    "worker",
    "checker",
    "beat",
}


@pytest.fixture(scope="module")
def lab(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Lab]:
    """From a copy of the project, which nobody edits meanwhile."""
    clone = tmp_path_factory.mktemp("clone") / "project"
    shutil.copytree(SOURCE, clone, ignore=shutil.ignore_patterns(".git", "__pycache__", "screenshots"))
    with running_lab(clone) as found:
        yield found


def test_the_page_answers_and_every_process_runs(lab: Lab) -> None:
    assert lab.page() == 200
    assert set(lab.pids()) == NAMES
    assert not lab.paths.progress_file.exists()


def test_only_sandboxd_and_the_supervisor_are_root(lab: Lab) -> None:
    owners = {name: Path(f"/proc/{pid}").stat().st_uid for name, pid in lab.pids().items()}
    user = pwd.getpwnam("lab").pw_uid
    assert owners == dict.fromkeys(NAMES, user) | {"sandboxd": 0}


def test_secrets_are_not_for_everybody(lab: Lab) -> None:
    for file in (lab.paths.secret, lab.paths.code):
        found = file.stat()
        assert (found.st_mode & 0o777, found.st_uid) == (0o640, 0)
    assert lab.paths.database.stat().st_uid == pwd.getpwnam("lab").pw_uid


def test_a_second_start_changes_nothing(lab: Lab) -> None:
    before = lab.pids()
    assert f"The lab is running: http://127.0.0.1:{lab.port}/" in lab.run("up")
    assert lab.pids() == before


def test_the_code_is_printed_where_visitors_need_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = Paths(tmp_path)
    paths.code.write_text("abcd-efgh\n")

    def told(host: str, proxy: str) -> tuple[bool, bool]:
        monkeypatch.setenv("LAB_TRUST_PROXY", proxy)
        up._tell(paths, Address(host, 8000), [], False, 1.0)
        said = capsys.readouterr().out
        return "Visitors enter this code: abcd-efgh\n" in said, "plain HTTP" in said

    assert told("127.0.0.1", "0") == (False, False)
    assert told("127.0.0.1", "1") == (True, False)
    assert told("192.0.2.1", "0") == (True, True)
    assert told("192.0.2.1", "1") == (True, False)


def test_a_changed_setting_restarts_the_processes_that_read_it(lab: Lab) -> None:
    before = lab.pids()
    lab.env["LAB_SANDBOX_MINUTES"] = "200"
    lab.run("up")
    after = lab.pids()
    assert {name for name in NAMES if after[name] == before[name]} == {"log", "redis"}
    assert lab.page() == 200


def test_manage_py_run_by_root_goes_on_as_the_lab_s_user(lab: Lab) -> None:
    script = "import os; print(os.getuid(), os.getgid(), os.getcwd() != '/root')"
    done = lab.manage("shell", "--verbosity=0", "--command", script)
    account = pwd.getpwnam("lab")
    assert done.stdout.split() == [str(account.pw_uid), str(account.pw_gid), "True"], done.stderr
    assert {file.stat().st_uid for file in lab.paths.database.parent.iterdir()} == {account.pw_uid}


def test_operators_are_served_whatever_state_the_clone_is_in(lab: Lab) -> None:
    before = lab.paths.app.resolve()
    step = next((lab.source / "lessons" / "content").glob("*/*/step.md"))
    good = step.read_text()
    step.write_text(f"{good}\n```run bogus=1\ntrue\n```\n")
    try:
        listed = lab.manage("sandbox", "list")
        proven = lab.manage("checklessons", "--run")
    finally:
        step.write_text(good)
    assert listed.returncode == 0, listed.stderr
    assert proven.returncode == 1 and "bogus" in proven.stdout + proven.stderr
    assert lab.paths.app.resolve() == before


def test_others_are_told_to_be_root(lab: Lab) -> None:
    done = subprocess.run(
        ["/usr/bin/python3", "-B", lab.paths.app.resolve() / "manage.py", "sandbox", "list"],
        env={"PATH": os.environ["PATH"], "LAB_DATA": str(lab.paths.data), "LAB_STORE": lab.env["LAB_STORE"]},
        user="nobody", cwd="/", capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1 and "sudo" in done.stderr


@pytest.mark.parametrize("name", sorted(NAMES))
def test_a_killed_process_is_back_at_once(lab: Lab, name: str) -> None:
    lab.kill(name)
    wait(lambda: set(lab.pids()) == NAMES, "the others' going on")


def test_the_log_names_each_process(lab: Lab) -> None:
    lines = (lab.paths.log / "lab.log").read_text().splitlines()
    assert all(line.split()[2] in {*NAMES, "lab"} for line in lines), lines
    assert any("web ended unexpectedly" in line for line in lines)


def test_a_killed_supervisor_is_replaced(lab: Lab) -> None:
    before = lab.supervisor.pid()
    assert before is not None
    os.kill(before, signal.SIGKILL)
    wait(lambda: lab.supervisor.pid() is None, "the supervisor's end")
    lab.run("up")
    assert lab.supervisor.pid() not in (None, before)
    assert lab.page() == 200


def test_down_leaves_nothing(lab: Lab) -> None:
    assert lab.run("down") == "The lab is stopped.\n"
    assert running(lab.paths.data) == []
    assert remains(lab.paths) == []
    assert lab.run("down") == "The lab was not running.\n"
