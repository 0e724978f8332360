"""sandboxd and termd for tests of what lies before them."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from lab.paths import Paths
from tests.sandbox.hosts import HostDriver
from tests.sandbox.ptys import PATIENCE, until_sync
from tests.sandbox.web import Daemon

ROOT = Path(__file__).parents[2]


class Lab:
    """sandboxd in this process, and termd as one of its own."""

    def __init__(self, data: Path) -> None:
        self.paths = Paths(data)
        for folder in (self.paths.run_lab, self.paths.sandboxes):
            folder.mkdir(parents=True)
        self.driver = HostDriver(self.paths.sandboxes)
        self.daemon = Daemon(self.paths.sandboxd_socket, self.driver)
        self.daemon.start()
        self.start_termd()

    def linked(self) -> bool:
        assert self.daemon.server is not None
        return self.daemon.server.operations.terminals._linked.is_set()

    def start_termd(self) -> None:
        self.termd = subprocess.Popen(
            [sys.executable, "-m", "sandbox.termd"],
            env={**os.environ, "LAB_DATA": str(self.paths.data)}, cwd=ROOT,
        )  # fmt: skip
        until_sync(self.linked, "termd's connection to sandboxd")

    def stop_termd(self) -> None:
        self.termd.kill()
        self.termd.wait(PATIENCE)
        self.paths.termd_socket.unlink(missing_ok=True)
        until_sync(lambda: not self.linked(), "the end of termd's connection")
