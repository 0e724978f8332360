"""The lab as web and the worker see it, inside one process: a database, a queue that is only written to, a
channel layer in memory, and sandboxd over its real socket with the host driver."""

from __future__ import annotations

import os
import socket
import threading
from pathlib import Path
from typing import Any

from sandbox.lifecycle import destroy, prepare
from sandbox.sandboxd.operations import Operations
from sandbox.sandboxd.server import Server
from sandbox.sandboxd.terminals import Terminals
from tests.sandbox.hosts import HostDriver

TASKS = {"sandbox.tasks.prepare": prepare, "sandbox.tasks.destroy": destroy}


class Daemon:
    """sandboxd in this process; can be away."""

    def __init__(self, path: Path, driver: HostDriver) -> None:
        self.path = path
        self.driver = driver
        self.server: Server | None = None

    def start(self) -> None:
        exits = self.path.parent / "exits"
        exits.mkdir(exist_ok=True)
        operations = Operations(self.driver, Terminals(exits))
        self.server = Server(self.path, operations, {os.getuid()}, os.getgid())
        threading.Thread(target=self.server.serve, daemon=True).start()

    def stop(self) -> None:
        """As if the process had ended: nobody listens, and termd's connection breaks."""
        if self.server is not None:
            self.server.close()
            link = self.server.operations.terminals._link
            if link is not None:
                link.shutdown(socket.SHUT_RDWR)
            self.server = None
            self.path.unlink()


class Queue:
    """What was enqueued, in order, and a worker that does it when told to."""

    def __init__(self) -> None:
        self.tasks: list[tuple[str, str]] = []

    def __call__(self, task: str, key: str) -> None:
        self.tasks.append((task, key))

    def take(self) -> list[tuple[str, str]]:
        taken, self.tasks = self.tasks, []
        return taken

    def work(self) -> None:
        """Do everything that waits, and what comes of it."""
        while self.tasks:
            task, key = self.tasks.pop(0)
            function: Any = TASKS[task]
            function(key)
