"""Starting, changing and stopping the supervisor and, through it, the lab's processes."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from lab.paths import Paths
from lab.setup.commands import clean_environment
from lab.setup.errors import SetupError
from lab.setup.rpc import call

STOP_SECONDS = 60


@dataclass(frozen=True)
class Supervisor:
    """The lab's one supervisord, known by its configuration file."""

    paths: Paths

    @property
    def configuration(self) -> Path:
        return self.paths.run / "supervisord.conf"

    @property
    def state(self) -> Path:
        """JSON: the `venv` it runs from and the `host` and `port` of the page."""
        return self.paths.run / "supervisor.json"

    def pid(self) -> int | None:
        """Its process id while it runs; a stale or foreign id in its file counts for nothing."""
        try:
            found = int((self.paths.run / "supervisord.pid").read_text())
            words = Path(f"/proc/{found}/cmdline").read_bytes().split(b"\0")
        except (OSError, ValueError):
            return None
        return found if str(self.configuration).encode() in words else None

    def running_from(self) -> dict[str, Any]:
        """What `state` holds while it runs; otherwise nothing."""
        if self.pid() is None:
            return {}
        try:
            found = json.loads(self.state.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def start(self, text: str, *, app: Path, venv: Path, about: dict[str, Any]) -> None:
        """Start it with this configuration. Raises SetupError when it does not come up."""
        self._write(text, about)
        started = subprocess.run(
            [venv / "bin" / "python", "-m", "supervisor.supervisord", "-c", self.configuration],
            capture_output=True, text=True, check=False, cwd=app,
            env=clean_environment(), stdin=subprocess.DEVNULL,
        )  # fmt: skip
        if started.returncode != 0:
            said = (started.stderr or started.stdout).strip().splitlines()
            raise SetupError(f"The supervisor did not start: {said[-1] if said else 'it said nothing'}.")
        wait_until(self._answers, 20, "The supervisor did not answer.")

    def update(self, text: str, *, about: dict[str, Any]) -> list[str]:
        """Give it a new configuration; the names of the processes that were started or restarted."""
        self._write(text, about)
        added, changed, gone = self._call("reloadConfig")[0]
        leaving = {*gone, *changed}
        for name in leaving:
            self._call("stopProcessGroup", name, False)
        wait_until(
            lambda: not any(about["pid"] for name, about in self.processes().items() if name in leaving),
            STOP_SECONDS,
            f"These processes do not stop: {', '.join(sorted(leaving))}.",
        )
        for name in leaving:
            self._call("removeProcessGroup", name)
        for name in [*added, *changed]:
            self._call("addProcessGroup", name)
        return [*added, *changed]

    def restart(self, *names: str) -> None:
        """Stop and start these processes."""
        for name in names:
            with contextlib.suppress(xmlrpc.client.Fault):  # it may not be running
                self._call("stopProcess", name)
            with contextlib.suppress(xmlrpc.client.Fault):  # or be back already
                self._call("startProcess", name, False)

    def processes(self) -> dict[str, dict[str, Any]]:
        """By name, what supervisord knows of each process: `statename`, `pid`, ..."""
        return {about["name"]: about for about in self._call("getAllProcessInfo")}

    def stop(self) -> bool:
        """Stop it and all its processes and wait for their end; whether there was one."""
        found = self.pid()
        if found is None:
            return False
        os.kill(found, signal.SIGTERM)
        wait_until(
            lambda: self.pid() is None, STOP_SECONDS,
            f"The supervisor (process {found}) did not stop; look at {self.paths.run / 'supervisord.log'}.",
        )  # fmt: skip
        return True

    def _write(self, text: str, about: dict[str, Any]) -> None:
        for file, content in ((self.configuration, text), (self.state, json.dumps(about))):
            fresh = file.with_name(f".{file.name}.new")
            fresh.touch(mode=0o600)
            fresh.write_text(content)
            fresh.rename(file)

    def _answers(self) -> bool:
        try:
            self._call("getState")
        except (OSError, xmlrpc.client.Error, http.client.HTTPException):
            return False
        return True

    def _call(self, method: str, *words: object) -> Any:
        return call(self.paths.run / "supervisor.sock", f"supervisor.{method}", *words)


def leftovers(paths: Paths) -> dict[int, str]:
    """Processes of this lab that no supervisor looks after: process id to process name.

    They carry LAB_DATA and LAB_PROCESS in their environment and lead their process group, as
    supervisord starts them; what a sandbox consists of does not. What lives in another user namespace is
    no process of the lab, whatever its environment claims.
    """
    found = {}
    data = f"LAB_DATA={paths.data}".encode()
    ours = Path("/proc/self/ns/user").readlink()
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError, ValueError, IndexError):
            variables = (process / "environ").read_bytes().split(b"\0")
            if data not in variables or (process / "ns" / "user").readlink() != ours:
                continue
            names = [word[12:].decode() for word in variables if word.startswith(b"LAB_PROCESS=")]
            pid = int(process.name)
            if names and os.getpgid(pid) == pid and _main(process, names[0]):
                found[pid] = names[0]
    return found


def _main(process: Path, name: str) -> bool:
    """Whether it is the process itself; helpers that sandboxd starts outlive it on purpose."""
    words = (process / "cmdline").read_bytes().decode(errors="replace").split("\0")
    return name != "sandboxd" or "sandbox.sandboxd" in words


def stop_leftovers(paths: Paths) -> list[str]:
    """End processes that a killed supervisor left behind; their names."""
    found = leftovers(paths)
    for number, wait in ((signal.SIGTERM, 10.0), (signal.SIGKILL, 5.0)):
        for pid in found:
            if pid in leftovers(paths):
                with contextlib.suppress(ProcessLookupError):
                    os.kill(pid, number)
        deadline = time.monotonic() + wait
        while leftovers(paths) and time.monotonic() < deadline:
            time.sleep(0.1)
    return sorted(found.values())


def wait_until(true: Callable[[], bool], seconds: float, sentence: str) -> None:
    """Ask until it is so; raises SetupError with the sentence when it never is."""
    deadline = time.monotonic() + seconds
    while not true():
        if time.monotonic() > deadline:
            raise SetupError(sentence)
        time.sleep(0.1)
