"""sandboxd and termd as real processes: each is killed in turn, and no shell and no exit code is lost."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import pytest

from lab.paths import Paths
from sandbox.drivers.base import Handle, Spec
from sandbox.drivers.namespace.state import raw_start_time
from sandbox.errors import SandboxError, SandboxNotFound, SandboxUnavailable
from sandbox.sandboxd.client import Sandboxd
from tests.sandbox.peers import Peer
from tests.sandbox.ptys import PATIENCE, until, until_sync

ROOT = Path(__file__).parents[2]


class Lab:
    """Both processes, on a data folder of their own."""

    def __init__(self, paths: Paths) -> None:
        self.paths = paths
        self.sandboxd = Sandboxd(paths.sandboxd_socket)
        self.reaper = self._start("tests.sandbox.daemon", str(paths.data))
        self.termd = self._start("sandbox.termd")
        until_sync(lambda: paths.sandboxd_socket.exists() and paths.termd_socket.exists(), "the start")
        self.handle = self.sandboxd.create("key-1", Spec())

    def _start(self, *module: str) -> subprocess.Popen[bytes]:
        environment = {**os.environ, "LAB_DATA": str(self.paths.data), "PYTHONPATH": str(ROOT)}
        return subprocess.Popen([sys.executable, "-m", *module], env=environment, cwd=ROOT)

    def kill_sandboxd(self, number: signal.Signals = signal.SIGKILL) -> int:
        """Its pid; the reaper starts another."""
        pid_file = self.paths.run / "pid"
        pid = int(pid_file.read_text())
        pid_file.unlink()
        os.kill(pid, number)
        return pid

    def kill_termd(self) -> None:
        self.termd.kill()
        self.termd.wait(PATIENCE)

    def start_termd(self) -> None:
        self.termd = self._start("sandbox.termd")

    def open(self, handle: Handle | None = None) -> str:
        """Open the terminal, as soon as that can be done again."""
        identity = ""

        def opened() -> bool:
            nonlocal identity
            try:
                identity = self.sandboxd.open_terminal(handle or self.handle, "main", (80, 24))
            except SandboxUnavailable:
                return False
            return True

        until_sync(opened, "a terminal")
        return identity

    def close(self) -> None:
        for process in (self.termd, self.reaper):
            process.terminate()
            process.wait(PATIENCE)


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    paths = Paths(tmp_path)
    for folder in (paths.run_lab, paths.sandboxes):
        folder.mkdir(parents=True)
    found = Lab(paths)
    yield found
    found.close()


class Shell(Peer):
    """A page with a shell in it."""

    async def ask(self, command: str) -> str:
        """What a command prints."""
        self.type(f"echo '<'$({command})'>'\r".encode())
        while not (found := re.search(r"<([^'<>$]*)>", self.output.decode(errors="replace"))):
            kind, data = await self.next()
            assert kind == 0, data
            self._take(data)
        self.attached["offset"] += len(self.output)
        self.output.clear()
        return found[1]


@asynccontextmanager
async def shell(lab: Lab, **changes: object) -> AsyncIterator[Shell]:
    page = await Shell.attach(lab.paths.termd_socket, "key-1/main", **changes)
    assert isinstance(page, Shell)
    yield page
    page.close()


async def test_a_terminal_is_opened_once(lab: Lab) -> None:
    assert lab.open() == lab.open() == "key-1/main"
    async with shell(lab) as page:
        pid = await page.ask("echo $$")
        assert lab.open() == "key-1/main"
        assert await page.ask("echo $$") == pid
        assert await page.ask("tty") != ""


async def test_killing_termd_loses_no_shell(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        assert await page.ask("cd /usr; echo $$") == (pid := await page.ask("echo $$"))
        epoch = page.attached["epoch"]
        lab.kill_termd()
        with suppress(ConnectionError):
            await page.reader.read()
    lab.start_termd()
    lab.open()
    async with shell(lab, epoch=epoch, received=10) as page:
        assert page.attached["epoch"] != epoch, "bytes of two lives under one epoch"
        assert await page.ask("echo $$") == pid


async def test_killing_sandboxd_disturbs_no_page(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        pid = await page.ask("echo $$")
        lab.kill_sandboxd()
        assert await page.ask("echo $$") == pid, "while sandboxd is away"
        assert lab.open() == "key-1/main"
        assert await page.ask("echo $$") == pid, "a new shell was opened beside the one that was there"


async def test_both_killed_one_after_the_other(lab: Lab) -> None:
    """Whoever comes back gets the terminals from the one who stayed."""
    lab.open()
    async with shell(lab) as page:
        pid = await page.ask("echo $$")
    for _ in range(2):
        lab.kill_sandboxd()
        lab.open()
        lab.kill_termd()
        lab.start_termd()
        lab.open()
    async with shell(lab) as page:
        assert await page.ask("echo $$") == pid
        page.type(b"exit 6\r")
        await exits(page, 6)


async def exits(page: Shell, code: int | None) -> None:
    message = await page.hear()
    assert (message["type"], message["code"]) == ("exit", code)


async def test_the_exit_code_of_a_shell(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        page.type(b"exit 5\r")
        await exits(page, 5)
    lab.open()
    async with shell(lab) as page:
        page.type(b"kill -9 $$\r")
        await exits(page, 128 + 9)


async def test_the_exit_code_of_a_shell_that_outlived_its_sandboxd(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        await page.ask("echo $$")
        lab.kill_sandboxd()
        lab.open()
        page.type(b"exit 7\r")
        await exits(page, 7)


async def test_the_exit_code_of_a_shell_that_ended_while_sandboxd_was_away(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        pid = int(await page.ask("echo $$"))
        lab.kill_sandboxd()
        page.type(b"exit 8\r")
        await until(lambda: not Path(f"/proc/{pid}").exists(), "the shell's end")
        await exits(page, 8)
    lab.open()
    async with shell(lab) as page:
        assert int(await page.ask("echo $$")) != pid


async def test_a_shell_that_ended_while_termd_was_away_is_replaced(lab: Lab) -> None:
    lab.open()
    async with shell(lab) as page:
        pid = int(await page.ask("echo $$"))
    lab.kill_termd()
    os.kill(pid, signal.SIGKILL)
    until_sync(lambda: not Path(f"/proc/{pid}").exists(), "the shell's end")
    lab.start_termd()
    lab.open()
    async with shell(lab) as page:
        assert int(await page.ask("echo $$")) != pid


def test_without_termd_a_terminal_is_refused_in_words(lab: Lab) -> None:
    lab.kill_termd()
    with pytest.raises(SandboxError, match="try again"):
        lab.sandboxd.open_terminal(lab.handle, "main", (80, 24))


def test_a_terminal_of_a_sandbox_that_is_gone(lab: Lab) -> None:
    lab.open()
    with pytest.raises(SandboxNotFound):
        lab.sandboxd.open_terminal({"key": "key-2"}, "main", (80, 24))


# The reaper


def test_the_reaper_ends_with_its_child(lab: Lab) -> None:
    lab.kill_sandboxd(signal.SIGTERM)  # it ends by itself, with exit code 0
    assert lab.reaper.wait(PATIENCE) == 0


def test_the_reaper_passes_on_the_order_to_end(lab: Lab) -> None:
    pid = int((lab.paths.run / "pid").read_text())
    lab.reaper.terminate()
    assert lab.reaper.wait(PATIENCE) == 0
    assert not Path(f"/proc/{pid}").exists()


def test_an_order_to_end_while_the_child_is_being_started_again(lab: Lab) -> None:
    pid = lab.kill_sandboxd()
    until_sync(lambda: not Path(f"/proc/{pid}").exists(), "the end of sandboxd")
    lab.reaper.terminate()  # within the pause before the next start
    assert lab.reaper.wait(PATIENCE) == 128 + signal.SIGKILL, "the last word of who was killed"
    assert not (lab.paths.run / "pid").exists(), "started once more"


def test_an_order_to_end_at_the_very_start(tmp_path: Path) -> None:
    """Whenever it comes, also between fork and exec, the reaper and its child end."""
    script = "import pathlib, sys; from sandbox.sandboxd.reaper import supervise; "
    script += "sys.exit(supervise(['/bin/sleep', '1000'], pathlib.Path(sys.argv[1])))"
    for attempt in range(20):
        exits = tmp_path / str(attempt)
        reaper = subprocess.Popen([sys.executable, "-c", script, str(exits)], cwd=ROOT)
        until_sync(exits.exists, "the start")
        time.sleep(attempt / 5000)  # not to wait for something: to come at different moments
        reaper.terminate()
        assert reaper.wait(PATIENCE) in (0, -signal.SIGTERM, 128 + signal.SIGTERM)


def test_orphans_are_waited_for_and_their_ends_noted(tmp_path: Path) -> None:
    """A process whose parent has left becomes the reaper's; how it ends is found under its pid and start."""
    orphan = "(sh -c 'echo $$ >pid; read x <go; exit 42') &"
    child = f"if [ ! -e pid ]; then {orphan} fi; exec sleep 1000"  # the next start of it leaves none
    script = "import pathlib, sys; from sandbox.sandboxd.reaper import supervise; "
    script += f"supervise(['/bin/sh', '-c', {child!r}], pathlib.Path('exits'))"
    os.mkfifo(tmp_path / "go")
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    reaper = subprocess.Popen([sys.executable, "-c", script], cwd=tmp_path, env=environment)
    until_sync(lambda: (tmp_path / "pid").exists() and (tmp_path / "pid").read_text(), "the orphan")
    pid = int((tmp_path / "pid").read_text())
    started = raw_start_time(pid)
    sleeping = subprocess.run(
        ["pgrep", "-P", str(reaper.pid), "sleep"], capture_output=True, text=True, check=True
    )
    os.kill(int(sleeping.stdout), signal.SIGKILL)
    until_sync(lambda: _parent(pid) == reaper.pid, "its adoption")
    (tmp_path / "go").write_text("\n")
    note = tmp_path / "exits" / f"{pid}-{started}"
    until_sync(lambda: note.exists() and note.read_text() == "42", "the note of its end")
    until_sync(lambda: not Path(f"/proc/{pid}").exists(), "the end of the zombie")
    reaper.terminate()
    reaper.wait(PATIENCE)


def test_the_childs_death_is_not_the_reapers(lab: Lab) -> None:
    before = lab.kill_sandboxd()
    until_sync(lambda: (lab.paths.run / "pid").exists(), "the next sandboxd")
    after = int((lab.paths.run / "pid").read_text())
    assert after != before
    assert lab.sandboxd.list() == {"key-1"}
    assert lab.reaper.poll() is None


def test_the_death_of_the_reaper_ends_sandboxd(lab: Lab) -> None:
    pid = int((lab.paths.run / "pid").read_text())
    lab.reaper.kill()
    lab.reaper.wait(PATIENCE)
    until_sync(lambda: not _runs(pid), "the end of sandboxd")


def _parent(pid: int) -> int:
    return int(Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[1])


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
