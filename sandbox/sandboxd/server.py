"""sandboxd's socket: a thread for each connection, one request on each."""

from __future__ import annotations

import logging
import os
import socket
import threading
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

from sandbox import wire
from sandbox.errors import Reason, SandboxError
from sandbox.sandboxd.operations import Operations

log = logging.getLogger(__name__)

PLAIN = (
    "info", "poll", "engine_alive", "answers", "run", "freeze", "thaw", "stats", "destroy", "ending", "list", "ports",
    "open_terminal", "close_terminal",
)  # fmt: skip
STREAMS = 3
PAUSE = 0.1


class Server:
    """Serves `path` to the users named in `allowed`; `group` may connect to it."""

    def __init__(self, path: Path, operations: Operations, allowed: set[int], group: int) -> None:
        self.operations = operations
        self.allowed = allowed
        fresh = path.with_suffix(".new")
        fresh.unlink(missing_ok=True)
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.listener.bind(str(fresh))
        os.chown(fresh, -1, group)
        fresh.chmod(0o660)
        self.listener.listen(128)
        self._closed = False
        fresh.rename(path)

    def serve(self) -> None:
        """Accept until `close`; when descriptors run out, wait for some to be given back."""
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError as error:
                if self._closed:
                    return
                log.error("A connection could not be accepted: %s", error)
                time.sleep(PAUSE)
                continue
            threading.Thread(target=self._serve_one, args=(connection,), daemon=True).start()

    def close(self) -> None:
        self._closed = True
        with suppress(OSError):
            self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()

    def _serve_one(self, connection: socket.socket) -> None:
        descriptors: list[int] = []
        try:
            if wire.peer_uid(connection) not in self.allowed:
                log.warning("Refused a request of user id %s", wire.peer_uid(connection))
                return
            request, descriptors = wire.receive(connection, STREAMS)
            if request.get("op") == "terminals":
                self.operations.terminals.serve_termd(connection, request)
                return
            self._answer(connection, request, descriptors)
        except (OSError, ValueError) as error:
            log.info("A request ended early: %s", error)
        finally:
            for descriptor in descriptors:
                os.close(descriptor)
            connection.close()

    def _answer(self, connection: socket.socket, request: wire.Message, descriptors: list[int]) -> None:
        try:
            answer = self._do(connection, request, descriptors)
        except SandboxError as error:
            if error.detail:
                log.info("%s: %s (%s)", request.get("op"), error.message, error.detail)
            answer = _failure(error)
        except Exception:
            log.exception("%s failed", request.get("op"))
            said = "Something went wrong in the part of the lab that makes sandboxes; its log says what."
            answer = _failure(SandboxError(said))
        if answer is not None:
            wire.send(connection, answer)

    def _do(
        self, connection: socket.socket, request: wire.Message, descriptors: list[int]
    ) -> dict[str, Any] | None:
        operation = request.get("op")
        if operation == "create":
            return {"ok": self.operations.create(request, lambda step: _step(connection, step))}
        if operation == "attach":
            return {"ok": self.operations.attach(request, descriptors)}
        if operation == "dial":
            descriptor = self.operations.dial(request)
            try:
                wire.send(connection, {"ok": None}, (descriptor,))
            finally:
                os.close(descriptor)
            return None
        if operation in PLAIN:
            return {"ok": getattr(self.operations, operation)(request)}
        raise SandboxError("There is no such operation.", reason=Reason.INVALID, detail=str(operation)[:80])


def _step(connection: socket.socket, step: dict[str, Any]) -> None:
    """Progress is a courtesy: a client that has gone does not stop the work."""
    with suppress(OSError):
        wire.send(connection, {"step": step})


def _failure(error: SandboxError) -> dict[str, Any]:
    return {"error": {"message": error.message, "reason": error.reason, "detail": error.detail}}
