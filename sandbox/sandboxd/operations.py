"""What sandboxd does for one request: checks its shape, asks the driver, shapes the answer."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import asdict
from typing import Any

from sandbox.drivers.base import PROFILES, Driver, Handle, Spec
from sandbox.errors import Reason, SandboxError
from sandbox.sandboxd.terminals import Terminals
from sandbox.wire import Message

USERS = ("root", "learner")
LONGEST = 3600.0


class Operations:
    """One method for each operation; each takes the request and returns what JSON can hold."""

    def __init__(
        self, driver: Driver, terminals: Terminals, why_ended: Callable[[str], str] = lambda key: ""
    ) -> None:
        """`why_ended` says of a key why sandboxd ended that sandbox by itself."""
        self.driver = driver
        self.terminals = terminals
        self.why_ended = why_ended

    def info(self, request: Message) -> Any:
        return asdict(self.driver.info())

    def create(self, request: Message, step: Callable[[dict[str, Any]], None]) -> Any:
        spec = _spec(request)

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
            stdin=_bytes(request, "stdin"),
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

    def engine_alive(self, request: Message) -> Any:
        return self.driver.engine_alive(_handle(request))

    def answers(self, request: Message) -> Any:
        return self.driver.answers(_handle(request), _number(request, "seconds", LONGEST))

    def freeze(self, request: Message) -> Any:
        self.driver.freeze(_handle(request))

    def thaw(self, request: Message) -> Any:
        self.driver.thaw(_handle(request))

    def stats(self, request: Message) -> Any:
        return asdict(self.driver.stats(_handle(request)))

    def destroy(self, request: Message) -> Any:
        self.driver.destroy(_handle(request))

    def ending(self, request: Message) -> Any:
        return self.why_ended(_text(request, "key"))

    def list(self, request: Message) -> Any:
        return sorted(self.driver.list())

    def open_terminal(self, request: Message) -> Any:
        size = _size(request)
        name = _terminal(request)
        return self.terminals.open(self.driver, _handle(request), name, size, _user(request))

    def close_terminal(self, request: Message) -> Any:
        self.terminals.close(_handle(request), _terminal(request))

    def ports(self, request: Message) -> Any:
        return [asdict(port) for port in self.driver.ports(_handle(request))]

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


def _terminal(request: Message) -> str:
    name = _text(request, "name")
    if not name.isascii() or not name.replace("-", "").isalnum() or len(name) > 40:
        raise _invalid("name")
    return name


def _number(request: Message, field: str, most: float) -> float:
    value = request.get(field)
    if not isinstance(value, int | float) or isinstance(value, bool) or not 0 < value <= most:
        raise _invalid(field)
    return float(value)


def _handle(request: Message) -> Handle:
    value = request.get("handle")
    if not isinstance(value, dict):
        raise _invalid("handle")
    return value


def _argv(request: Message) -> list[str]:
    value = request.get("argv")
    if not isinstance(value, list) or not value or not all(_argument(part) for part in value):
        raise _invalid("argv")
    return value


def _argument(part: Any) -> bool:
    return isinstance(part, str) and "\0" not in part


def _bytes(request: Message, field: str) -> bytes:
    try:
        return base64.b64decode(_text(request, field), validate=True)
    except ValueError as error:
        raise _invalid(field) from error


def _size(request: Message) -> tuple[int, int]:
    value = request.get("size")
    if not isinstance(value, list) or len(value) != 2:
        raise _invalid("size")
    columns, rows = value
    for number in value:
        if not isinstance(number, int) or isinstance(number, bool) or not 1 <= number <= 1000:
            raise _invalid("size")
    return columns, rows


def _spec(request: Message) -> Spec:
    value = request.get("spec")
    if not isinstance(value, dict):
        raise _invalid("spec")
    try:
        spec = Spec.from_json(value)
    except TypeError as error:
        raise _invalid("spec") from error
    if spec.profile not in PROFILES:
        raise _invalid("spec")
    for name, kind in (("memory", int), ("disk", int), ("inodes", int), ("pids", int), ("cpus", int | float)):
        number = getattr(spec, name)
        if not isinstance(number, kind) or isinstance(number, bool) or number <= 0:
            raise _invalid("spec")
    return spec


def _user(request: Message) -> str:
    value = request.get("user")
    if value not in USERS:
        raise _invalid("user")
    return str(value)
