"""sandboxd's socket and its client: what is asked is checked, what fails is said, strangers are not served."""

from __future__ import annotations

import json
import os
import socket
import stat
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from sandbox import wire
from sandbox.drivers.base import Port, Result, Spec, Stats, Status
from sandbox.errors import Reason, SandboxError, SandboxNotFound, SandboxTimeout, SandboxUnavailable
from sandbox.sandboxd import client as client_module
from sandbox.sandboxd.client import Sandboxd
from sandbox.sandboxd.operations import Operations
from sandbox.sandboxd.server import Server
from sandbox.sandboxd.terminals import Terminals
from tests.sandbox.hosts import STEPS, HostDriver
from tests.sandbox.ptys import until_sync


@pytest.fixture
def driver(tmp_path: Path) -> HostDriver:
    (tmp_path / "sandboxes").mkdir()
    return HostDriver(tmp_path / "sandboxes")


Request = dict[str, Any]


def serving(path: Path, driver: HostDriver, allowed: set[int]) -> Server:
    path.parent.joinpath("exits").mkdir(exist_ok=True)
    operations = Operations(driver, Terminals(path.parent / "exits"))
    server = Server(path, operations, allowed, os.getgid())
    threading.Thread(target=server.serve, daemon=True).start()
    return server


@pytest.fixture
def daemon(tmp_path: Path, driver: HostDriver) -> Iterator[Sandboxd]:
    server = serving(tmp_path / "sandboxd.sock", driver, {os.getuid()})
    yield Sandboxd(tmp_path / "sandboxd.sock")
    server.close()


@pytest.fixture
def handle(daemon: Sandboxd) -> dict[str, Any]:
    return daemon.create("key-1", Spec())


# What works


def test_the_life_of_a_sandbox(daemon: Sandboxd) -> None:
    steps: list[tuple[str, int, int]] = []
    handle = daemon.create("key-1", Spec(memory=5), lambda *step: steps.append(step))
    assert steps == [(name, index, 3) for index, name in enumerate(STEPS)]
    assert handle == {"key": "key-1", "memory": 5}
    assert daemon.list() == {"key-1"}
    assert daemon.poll(handle) is Status.RUNNING
    daemon.freeze(handle)
    assert daemon.poll(handle) is Status.FROZEN
    daemon.thaw(handle)
    assert daemon.stats(handle) == Stats(memory=1, cpu_seconds=0.5, pids=2, disk_used=3)
    daemon.destroy(handle)
    assert daemon.poll(handle) is Status.GONE
    assert daemon.list() == set()


def test_what_the_driver_can(daemon: Sandboxd, driver: HostDriver) -> None:
    assert daemon.info() == driver.info()


def test_commands_and_any_bytes(daemon: Sandboxd, handle: dict[str, Any]) -> None:
    every = bytes(range(256)) * 1000
    assert daemon.run(handle, ["cat"], stdin=every) == Result(0, every, b"")
    said = daemon.run(handle, ["sh", "-c", "printf '\\377' >&2; exit 3"])
    assert said == Result(3, b"", b"\xff")


def test_streams_are_attached(daemon: Sandboxd, handle: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "in").write_text("typed")
    with (
        (tmp_path / "in").open() as given,
        (tmp_path / "out").open("w") as out,
        (tmp_path / "err").open("w") as err,
    ):
        streams = (given.fileno(), out.fileno(), err.fileno())
        assert daemon.attach(handle, ["sh", "-c", "cat; echo oh >&2; exit 9"], streams) == 9
    assert ((tmp_path / "out").read_text(), (tmp_path / "err").read_text()) == ("typed", "oh\n")


def test_ports_are_dialled(daemon: Sandboxd, handle: dict[str, Any]) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        with daemon.dial(handle, port) as connection:
            peer, _ = listener.accept()
            with peer:
                peer.sendall(b"hello")
                assert connection.recv(10) == b"hello"
    with pytest.raises(SandboxError, match="Nothing answers"):
        daemon.dial(handle, port)


def test_open_ports_are_told(daemon: Sandboxd, driver: HostDriver, handle: dict[str, Any]) -> None:
    driver.open = [Port(80), Port(8080, published=True)]
    assert daemon.ports(handle) == driver.open
    with pytest.raises(SandboxNotFound):
        daemon.ports({"key": "nobody"})


# What is refused


def ask(daemon: Sandboxd, **request: Any) -> Any:
    return daemon._ask({"handle": {"key": "key-1"}, "user": "root", **request})


RUN = {"op": "run", "argv": ["true"], "timeout": 5, "stdin": ""}
OPEN = {"op": "open_terminal", "name": "main", "size": [80, 24]}
SIZES: list[Any] = [
    None,
    [],
    [80],
    [80, 24, 1],
    5,
    "80",
    [0, 24],
    [80, 1001],
    [80.5, 24],
    [True, 24],
    {"a": 1},
]
SPECS: list[Any] = [
    None,
    5,
    [],
    {"unknown": 1},
    {"profile": "windows"},
    {"memory": "1"},
    {"disk": 0},
    {"pids": 1.5},
]
BAD: list[tuple[str, Request]] = [
    *[("handle", {**RUN, "handle": value}) for value in (None, "key-1", ["key-1"], 5)],
    *[("handle", {"op": op, "handle": "x"}) for op in ("poll", "freeze", "thaw", "stats", "destroy")],
    *[("argv", {**RUN, "argv": value}) for value in (None, [], "true", ["true", 5], [None], ["tr\0ue"])],
    *[("user", {**RUN, "user": value}) for value in (None, "", "daemon", 0, ["root"])],
    *[("timeout", {**RUN, "timeout": value}) for value in (None, 0, -1, 3601, "5", True, float("nan"))],
    *[("stdin", {**RUN, "stdin": value}) for value in (None, 5, "no base64!", "abc")],
    *[
        ("size", {**OPEN, "size": value})
        for value in SIZES
    ],
    *[
        ("name", {**OPEN, "name": value})
        for value in (None, "", "-", "a/b", "..", "a b", "é", "x" * 41, 5, "a\0", "a\n")
    ],
    *[("port", {"op": "dial", "port": value}) for value in (None, 0, 65536, "80", True)],
    *[
        ("spec", {"op": "create", "key": "key-2", "spec": value})
        for value in SPECS
    ],
    *[("key", {"op": "create", "spec": {}, "key": value}) for value in (None, 5)],
    ("descriptors", {"op": "attach", "argv": ["true"]}),
]  # fmt: skip


@pytest.mark.parametrize(("field", "request_"), BAD)
def test_requests_of_a_wrong_shape(
    daemon: Sandboxd, handle: dict[str, Any], field: str, request_: dict[str, Any]
) -> None:
    with pytest.raises(SandboxError, match=f"The request's {field} is wrong") as refusal:
        ask(daemon, **request_)
    assert refusal.value.reason is Reason.INVALID


@pytest.mark.parametrize("operation", [None, "", "rm", "__init__", "driver", "add", 5, ["run"], "serve"])
def test_unknown_operations(daemon: Sandboxd, operation: Any) -> None:
    with pytest.raises(SandboxError, match="no such operation") as refusal:
        ask(daemon, op=operation)
    assert refusal.value.reason is Reason.INVALID


def test_strangers_are_not_served(tmp_path: Path, driver: HostDriver) -> None:
    server = serving(tmp_path / "sandboxd.sock", driver, {os.getuid() + 1})
    with pytest.raises(SandboxUnavailable):
        Sandboxd(tmp_path / "sandboxd.sock").create("key-1", Spec())
    assert driver.list() == set(), "it was made all the same"
    server.close()


def test_the_socket_is_for_its_group_alone(daemon: Sandboxd) -> None:
    assert stat.S_IMODE(daemon.path.stat().st_mode) == 0o660


@pytest.mark.parametrize(
    "sent", [b"", b"\x00", b"\xff\xff\xff\xff", b"\x00\x00\x00\x02[]", b"\x00\x00\x00\x01{"]
)
def test_noise_ends_a_connection_and_nothing_else(daemon: Sandboxd, sent: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as noisy:
        noisy.connect(str(daemon.path))
        noisy.sendall(sent)
        noisy.shutdown(socket.SHUT_WR)
        noisy.settimeout(10)
        assert noisy.recv(100) == b""
    assert daemon.list() == set()


# What fails


@pytest.mark.parametrize(
    ("error", "kind", "reason"),
    [
        (SandboxError("Full.", reason=Reason.CAPACITY), SandboxError, Reason.CAPACITY),
        (SandboxError("No.", reason=Reason.REFUSED), SandboxError, Reason.REFUSED),
        (SandboxError("Broken."), SandboxError, Reason.FAILED),
        (SandboxNotFound("Gone."), SandboxNotFound, Reason.NOT_FOUND),
        (SandboxTimeout("Slow."), SandboxTimeout, Reason.TIMEOUT),
        (SandboxUnavailable("Away."), SandboxUnavailable, Reason.UNAVAILABLE),
    ],
)
def test_errors_keep_their_kind_and_words(
    daemon: Sandboxd, driver: HostDriver, error: SandboxError, kind: type[SandboxError], reason: Reason
) -> None:
    error.detail = "exit 1"
    driver.error = error
    with pytest.raises(kind) as raised:
        daemon.create("key-1", Spec())
    assert type(raised.value) is kind
    assert (raised.value.message, raised.value.reason, raised.value.detail) == (
        error.message,
        reason,
        "exit 1",
    )


def test_a_bug_is_logged_and_not_shown(
    daemon: Sandboxd, driver: HostDriver, caplog: pytest.LogCaptureFixture
) -> None:
    driver.error = KeyError("secret")
    with pytest.raises(SandboxError) as raised:
        daemon.create("key-1", Spec())
    assert "log" in raised.value.message
    assert "secret" not in raised.value.message + raised.value.detail
    assert "KeyError: 'secret'" in caplog.text
    assert daemon.list() == set(), "still there for others"


def test_a_command_that_takes_too_long(daemon: Sandboxd, handle: dict[str, Any]) -> None:
    with pytest.raises(SandboxTimeout):
        daemon.run(handle, ["sleep", "60"], timeout=0.05)


def test_a_sandbox_that_is_gone(daemon: Sandboxd, handle: dict[str, Any]) -> None:
    daemon.destroy(handle)
    for call in (daemon.freeze, daemon.thaw, daemon.stats, lambda it: daemon.run(it, ["true"])):
        with pytest.raises(SandboxNotFound):
            call(handle)


def test_nobody_listens(tmp_path: Path) -> None:
    with pytest.raises(SandboxUnavailable, match="make up"):
        Sandboxd(tmp_path / "nothing.sock").list()


def test_sandboxd_that_goes_away_meanwhile(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / "s.sock"))
        listener.listen()

        def hang_up() -> None:
            connection, _ = listener.accept()
            wire.receive(connection)
            wire.send(connection, {"step": {"name": "a", "index": 0, "count": 2}})
            connection.close()

        thread = threading.Thread(target=hang_up)
        thread.start()
        steps: list[str] = []
        with pytest.raises(SandboxUnavailable, match="try again"):
            Sandboxd(tmp_path / "s.sock").create("key-1", Spec(), lambda name, *_: steps.append(name))
        assert steps == ["a"]
        thread.join()


def test_silence_is_given_up(daemon: Sandboxd, driver: HostDriver, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client_module, "PATIENCE", 0.05)
    monkeypatch.setattr(
        Sandboxd._ask, "__kwdefaults__", {**(Sandboxd._ask.__kwdefaults__ or {}), "patience": 0.05}
    )
    driver.go.clear()
    with pytest.raises(SandboxUnavailable):
        daemon.create("key-1", Spec())
    driver.go.set()
    until_sync(lambda: driver.list() == {"key-1"}, "the end of what was begun, though nobody listens")


def test_one_slow_request_holds_up_nobody(daemon: Sandboxd, driver: HostDriver) -> None:
    driver.go.clear()
    steps: list[str] = []
    slow = threading.Thread(target=daemon.create, args=("key-1", Spec(), lambda name, *_: steps.append(name)))
    slow.start()
    until_sync(lambda: steps == list(STEPS[:2]), "two steps")
    assert daemon.list() == set()
    driver.go.set()
    slow.join()
    assert daemon.list() == {"key-1"}


def test_out_of_descriptors_is_not_the_end(tmp_path: Path, driver: HostDriver) -> None:
    """Accepting fails for a while; the server waits, and serves again."""
    server = serving(tmp_path / "sandboxd.sock", driver, {os.getuid()})
    listener, failures = server.listener, 3

    class Exhausted:
        def accept(self) -> Any:
            nonlocal failures
            if failures:
                failures -= 1
                raise OSError(24, "Too many open files")
            return listener.accept()

        def __getattr__(self, name: str) -> Any:
            return getattr(listener, name)

    server.listener = Exhausted()  # type: ignore[assignment]
    daemon = Sandboxd(tmp_path / "sandboxd.sock")
    for _ in range(3):
        assert daemon.list() == set()
    assert failures == 0
    server.close()


def test_descriptors_that_come_with_a_request_are_closed(daemon: Sandboxd) -> None:
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(20):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(str(daemon.path))
            wire.send(connection, {"op": "list"}, (0, 1, 2))
            assert wire.receive(connection)[0] == {"ok": []}
    until_sync(lambda: len(list(Path("/proc/self/fd").iterdir())) == before, "all descriptors closed")


def test_answers_are_json(daemon: Sandboxd, handle: dict[str, Any]) -> None:
    """A handle lives in the database."""
    assert json.loads(json.dumps(handle)) == handle
