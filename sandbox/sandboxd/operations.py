"""What sandboxd does for one request: checks its shape, asks the driver, shapes the answer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.drivers.base import Handle, Spec
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.errors import Reason, SandboxError
from sandbox.sandboxd.terminals import Terminals
from sandbox.wire import Message

USERS = ("root", "learner")
LONGEST = 3600.0


class Operations:
    """One method for each operation; each takes the request and returns what JSON can hold."""

    def __init__(self, driver: NamespaceDriver, terminals: Terminals) -> None:
        self.driver = driver
        self.terminals = terminals

    def info(self, request: Message) -> Any:
        return asdict(self.driver.info())

    def create(self, request: Message, step: Callable[[dict[str, Any]], None]) -> Any:
        try:
            spec = Spec.from_json(request["spec"])
        except TypeError as error:
            raise _invalid("spec") from error

        def report(name: str, index: int, count: int) -> None:
            step({"name": name, "index": index, "count": count})

        return self.driver.create(_text(request, "key"), spec, report)

    def poll(self, request: Message) -> Any:
        return self.driver.poll(_handle(request))

    def run(self, request: Message) -> Any:
        done = self.driver.run(
            _handle(request),
            _argv(request),
            user=_user(request),
            timeout=_number(request, "timeout", LONGEST),
            stdin=base64.b64decode(_text(request, "stdin")),
        )
        return {
            "exit_code": done.exit_code,
            "stdout": base64.b64encode(done.stdout).decode(),
            "stderr": base64.b64encode(done.stderr).decode(),
            "truncated": done.truncated,
        }

    def attach(self, request: Message, descriptors: list[int]) -> Any:
        if len(descriptors) != 3:
            raise _invalid("descriptors")
        streams = (descriptors[0], descriptors[1], descriptors[2])
        return self.driver.attach(_handle(request), _argv(request), streams, _user(request))

    def freeze(self, request: Message) -> Any:
        self.driver.freeze(_handle(request))

    def thaw(self, request: Message) -> Any:
        self.driver.thaw(_handle(request))

    def stats(self, request: Message) -> Any:
        return asdict(self.driver.stats(_handle(request)))

    def destroy(self, request: Message) -> Any:
        self.driver.destroy(_handle(request))

    def list(self, request: Message) -> Any:
        return sorted(self.driver.list())

    def open_terminal(self, request: Message) -> Any:
        columns, rows = request.get("size") or (0, 0)
        if not (
            isinstance(columns, int) and isinstance(rows, int) and 1 <= columns <= 1000 and 1 <= rows <= 1000
        ):
            raise _invalid("size")
        name = _text(request, "name")
        if not name.isascii() or not name.replace("-", "").isalnum() or len(name) > 40:
            raise _invalid("name")
        return self.terminals.open(self.driver, _handle(request), name, (columns, rows), _user(request))

    def dial(self, request: Message) -> int:
        """The descriptor of the connection, to be sent and closed."""
        return self.driver.dial(_handle(request), int(_number(request, "port", 65535))).detach()


def _invalid(field: str) -> SandboxError:
    return SandboxError(f"The request's {field} is wrong.", reason=Reason.INVALID)


def _text(request: Message, field: str) -> str:
    value = request.get(field)
    if not isinstance(value, str):
        raise _invalid(field)
    return value


def _number(request: Message, field: str, most: float) -> float:
    value = request.get(field)
    if not isinstance(value, int | float) or not 0 < value <= most:
        raise _invalid(field)
    return float(value)


def _handle(request: Message) -> Handle:
    value = request.get("handle")
    if not isinstance(value, dict):
        raise _invalid("handle")
    return value


def _argv(request: Message) -> list[str]:
    value = request.get("argv")
    if not isinstance(value, list) or not value or not all(isinstance(part, str) for part in value):
        raise _invalid("argv")
    return value


def _user(request: Message) -> str:
    value = request.get("user")
    if value not in USERS:
        raise _invalid("user")
    return str(value)
