"""Asking sandboxd. One connection per request, so that a client may be used from any thread."""

from __future__ import annotations

import base64
import os
import socket
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from sandbox import wire
from sandbox.drivers.base import DriverInfo, Handle, Port, Report, Result, Spec, Stats, Status
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxTimeout, SandboxUnavailable

ERRORS = {
    Reason.UNAVAILABLE: SandboxUnavailable,
    Reason.NOT_FOUND: SandboxNotFound,
    Reason.TIMEOUT: SandboxTimeout,
}
PATIENCE = 240.0
"""Seconds without a word from sandboxd after which a request is given up."""


def _no_report(name: str, index: int, count: int) -> None:
    """For callers that do not show progress."""


class Sandboxd:
    """The narrow protocol of sandboxd, as functions. All raise SandboxError or a child of it."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def info(self) -> DriverInfo:
        found = self._ask({"op": "info"})
        found["enforces"] = tuple(found["enforces"])
        return DriverInfo(**found)

    def create(self, key: str, spec: Spec, report: Report = _no_report) -> Handle:
        """See Driver.create; `report` is called in this thread."""
        request = {"op": "create", "key": key, "spec": spec.to_json()}
        handle: Handle = self._ask(
            request, on_step=lambda step: report(step["name"], step["index"], step["count"])
        )
        return handle

    def poll(self, handle: Handle) -> Status:
        return Status(self._ask({"op": "poll", "handle": handle}))

    def engine_alive(self, handle: Handle) -> bool:
        return bool(self._ask({"op": "engine_alive", "handle": handle}))

    def answers(self, handle: Handle, seconds: float) -> bool:
        """See Driver.answers."""
        return bool(self._ask({"op": "answers", "handle": handle, "seconds": seconds}))

    def run(
        self,
        handle: Handle,
        argv: list[str],
        *,
        user: str = "root",
        timeout: float = 30.0,
        stdin: bytes = b"",
    ) -> Result:
        """See Driver.run."""
        request = {
            "op": "run", "handle": handle, "argv": argv, "user": user, "timeout": timeout,
            "stdin": base64.b64encode(stdin).decode(),
        }  # fmt: skip
        found = self._ask(request, patience=timeout + 15.0)
        return Result(
            exit_code=found["exit_code"],
            stdout=base64.b64decode(found["stdout"]),
            stderr=base64.b64decode(found["stderr"]),
            truncated=found["truncated"],
        )

    def attach(
        self, handle: Handle, argv: list[str], streams: tuple[int, int, int], user: str = "root"
    ) -> int:
        """Run a command on these file descriptors (input, output, errors) until it ends; its exit code."""
        request = {"op": "attach", "handle": handle, "argv": argv, "user": user}
        return int(self._ask(request, descriptors=streams, patience=None))

    def freeze(self, handle: Handle) -> None:
        self._ask({"op": "freeze", "handle": handle})

    def thaw(self, handle: Handle) -> None:
        self._ask({"op": "thaw", "handle": handle})

    def stats(self, handle: Handle) -> Stats:
        return Stats(**self._ask({"op": "stats", "handle": handle}))

    def destroy(self, handle: Handle) -> None:
        self._ask({"op": "destroy", "handle": handle})

    def ending(self, key: str) -> str:
        """Why sandboxd has ended that sandbox by itself, for its owner; empty when it has not."""
        return str(self._ask({"op": "ending", "key": key}))

    def list(self) -> set[str]:
        return set(self._ask({"op": "list"}))

    def open_terminal(self, handle: Handle, name: str, size: tuple[int, int], user: str = "root") -> str:
        """The id, for termd, of the terminal of that name: the one that is open, or a new one."""
        request = {"op": "open_terminal", "handle": handle, "name": name, "size": list(size), "user": user}
        return str(self._ask(request))

    def close_terminal(self, handle: Handle, name: str) -> None:
        """End the terminal of that name, if it is open, with all that runs in it."""
        self._ask({"op": "close_terminal", "handle": handle, "name": name})

    def ports(self, handle: Handle) -> Sequence[Port]:
        """See Driver.ports."""
        return [Port(**port) for port in self._ask({"op": "ports", "handle": handle})]

    def dial(self, handle: Handle, port: int) -> socket.socket:
        """See Driver.dial."""
        with self._connect(PATIENCE) as connection:
            wire.send(connection, {"op": "dial", "handle": handle, "port": port})
            answer, descriptors = wire.receive(connection, 1)
            _raise_if_error(answer)
            return socket.socket(fileno=descriptors[0])

    def _connect(self, patience: float | None) -> socket.socket:
        connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        connection.settimeout(patience)
        try:
            connection.connect(os.fspath(self.path))
        except OSError as error:
            connection.close()
            raise SandboxUnavailable(
                "The part of the lab that makes sandboxes is not running; start the lab with `make up`.",
                detail=f"{self.path}: {error}",
            ) from error
        return connection

    def _ask(
        self,
        request: wire.Message,
        *,
        on_step: Callable[[dict[str, Any]], None] | None = None,
        descriptors: tuple[int, ...] = (),
        patience: float | None = PATIENCE,
    ) -> Any:
        with self._connect(patience) as connection:
            try:
                wire.send(connection, request, descriptors)
                while True:
                    answer, _ = wire.receive(connection)
                    if "step" in answer:
                        if on_step is not None:
                            on_step(answer["step"])
                        continue
                    _raise_if_error(answer)
                    return answer["ok"]
            except (OSError, ValueError) as error:
                raise SandboxUnavailable(
                    "The part of the lab that makes sandboxes was interrupted; try again.",
                    detail=f"{request['op']}: {error}",
                ) from error


def _raise_if_error(answer: wire.Message) -> None:
    if "error" not in answer:
        return
    said = answer["error"]
    reason = Reason(said["reason"])
    raise ERRORS.get(reason, SandboxError)(said["message"], reason=reason, detail=said["detail"])
