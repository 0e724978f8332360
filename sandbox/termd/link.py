"""termd's connection to sandboxd: new terminals and ended ones arrive here; it is made again when it breaks."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
import threading
import time
from pathlib import Path
from typing import Any

from sandbox import wire
from sandbox.termd.server import Server
from sandbox.termd.terminal import Terminal

log = logging.getLogger(__name__)

PAUSE = 0.2


class Link:
    """A thread that receives descriptors (which asyncio's streams cannot) and hands them to the loop."""

    def __init__(self, path: Path, server: Server, loop: asyncio.AbstractEventLoop) -> None:
        self.path = path
        self.server = server
        self.loop = loop

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True).start()

    def _run(self) -> None:
        lost = False
        while True:
            try:
                self._connect()
            except (OSError, ValueError) as error:
                if not lost:
                    log.info("No connection to sandboxd (%s); trying again", error)
                lost = True
                time.sleep(PAUSE)
            else:
                lost = False

    def _connect(self) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(os.fspath(self.path))
            wire.send(connection, {"op": "terminals"})
            held = self._call(self._held)
            try:
                for message, descriptor in held:
                    wire.send(connection, message, (descriptor,))
            finally:
                for _, descriptor in held:
                    os.close(descriptor)
            wire.send(connection, {"ready": True})
            log.info("Connected to sandboxd")
            while True:
                message, descriptors = wire.receive(connection, 1)
                if "exit" in message:
                    self._call(self._ended, message)
                elif descriptors:
                    self._call(self._opened, message, descriptors[0])
                    wire.send(connection, {"taken": message["terminal"]})

    def _call(self, function: Any, *arguments: Any) -> Any:
        """Run `function` on the event loop and wait for what it returns."""

        async def run() -> Any:
            return function(*arguments)

        return asyncio.run_coroutine_threadsafe(run(), self.loop).result()

    def _held(self) -> list[tuple[wire.Message, int]]:
        return [
            ({"terminal": item.id, "pid": item.pid, "started": item.started}, os.dup(item.fd))
            for item in self.server.terminals.values()
            if not item.exited
        ]

    def _opened(self, message: wire.Message, descriptor: int) -> None:
        identity = message["terminal"]
        self.server.add(Terminal(identity, descriptor, message["pid"], message["started"]))

    def _ended(self, message: wire.Message) -> None:
        terminal = self.server.terminals.get(message["exit"])
        if terminal is not None and terminal.pid == message["pid"]:
            self.server.end(terminal, message["code"])
