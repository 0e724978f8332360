"""A driver whose sandboxes are folders on this host and whose commands are this host's own: real processes
and terminals without root. It can be told to fail, to wait, and to lose what it made."""

from __future__ import annotations

import math
import shutil
import socket
import subprocess
import threading
from collections.abc import Sequence
from pathlib import Path

from sandbox.drivers.base import PTY, Driver, DriverInfo, Handle, Port, Report, Result, Spec, Stats, Status
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxTimeout
from tests.sandbox.ptys import PATIENCE, Program

STEPS = ("Making a folder", "Starting nothing", "Waiting for nobody")


class HostDriver(Driver):
    """`base` holds a folder for each sandbox, so that they outlive this object."""

    name = "host"

    def __init__(self, base: Path) -> None:
        self.base = base
        self.error: Exception | None = None
        """Raised by `create`, after its second step."""
        self.failures: float = math.inf
        """How many times it is raised."""
        self.go = threading.Event()
        """`create` waits for it after its second step."""
        self.go.set()
        self.frozen: set[str] = set()
        self.without_engine: set[str] = set()
        self.open: list[Port] = []
        """What `ports` answers."""

    def info(self) -> DriverInfo:
        return DriverInfo("host", True, enforces=("memory", "pids"), versions={"bash": "5"})

    def create(self, key: str, spec: Spec, report: Report) -> Handle:
        for index, name in enumerate(STEPS):
            report(name, index, len(STEPS))
            if index == 1:
                assert self.go.wait(PATIENCE)
                if self.error is not None and self.failures > 0:
                    self.failures -= 1
                    raise self.error
        (self.base / key).mkdir(exist_ok=True)
        return {"key": key, "memory": spec.memory}

    def poll(self, handle: Handle) -> Status:
        if not (self.base / str(handle.get("key"))).is_dir():
            return Status.GONE
        return Status.FROZEN if handle["key"] in self.frozen else Status.RUNNING

    def run(
        self,
        handle: Handle,
        argv: list[str],
        *,
        user: str = "root",
        timeout: float = 30.0,
        stdin: bytes = b"",
    ) -> Result:
        folder = self._folder(handle)
        try:
            done = subprocess.run(
                argv, input=stdin, capture_output=True, cwd=folder, timeout=timeout, check=False
            )
        except subprocess.TimeoutExpired:
            raise SandboxTimeout("The command took too long.", detail=argv[0]) from None
        return Result(done.returncode, done.stdout, done.stderr)

    def attach(
        self, handle: Handle, argv: list[str], streams: tuple[int, int, int], user: str = "root"
    ) -> int:
        stdin, stdout, stderr = streams
        folder = self._folder(handle)
        return subprocess.run(
            argv, stdin=stdin, stdout=stdout, stderr=stderr, cwd=folder, check=False
        ).returncode

    def freeze(self, handle: Handle) -> None:
        self.frozen.add(self._folder(handle).name)

    def thaw(self, handle: Handle) -> None:
        self.frozen.discard(self._folder(handle).name)

    def stats(self, handle: Handle) -> Stats:
        self._folder(handle)
        return Stats(memory=1, cpu_seconds=0.5, pids=2, disk_used=3)

    def destroy(self, handle: Handle) -> None:
        shutil.rmtree(self.base / str(handle["key"]), ignore_errors=True)

    def list(self) -> set[str]:
        return {path.name for path in self.base.iterdir()}

    def open_terminal(self, handle: Handle, size: tuple[int, int], user: str = "root") -> PTY:
        self._folder(handle)
        program = Program("bash", "--norc", "--noprofile", raw=False)
        program.process.returncode = 0  # the caller waits for it, not this object
        return PTY(program.master, program.pid)

    def dial(self, handle: Handle, port: int) -> socket.socket:
        self._folder(handle)
        try:
            return socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        except OSError as error:
            said = "Nothing answers on that port."
            raise SandboxError(said, reason=Reason.NOT_FOUND, detail=str(error)) from error

    def engine_alive(self, handle: Handle) -> bool:
        return self._folder(handle).name not in self.without_engine

    def answers(self, handle: Handle, seconds: float) -> bool:
        return self.poll(handle) is Status.RUNNING and str(handle["key"]) not in self.without_engine

    def ports(self, handle: Handle) -> Sequence[Port]:
        self._folder(handle)
        return self.open

    def _folder(self, handle: Handle) -> Path:
        if self.poll(handle) is Status.GONE:
            raise SandboxNotFound("The sandbox is not running; start a fresh one.")
        return self.base / str(handle["key"])
