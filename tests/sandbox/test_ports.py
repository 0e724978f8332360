"""What listens, read from the kernel's tables of this process's own network namespace."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Iterator

import pytest

from sandbox.drivers.base import Port
from sandbox.drivers.namespace.ports import Ports, listening

pytestmark = pytest.mark.skipif(
    os.geteuid() != 0,
    reason="the kernel tells a firewall's rules, which are a part of the answer, to root alone",
)
OWN = "192.0.2.7"


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server(("127.0.0.1", 0)) as found:
        yield found


def found_by(ports: Ports) -> dict[int, bool]:
    return {port.number: port.published for port in ports.look(os.getpid(), OWN, lambda: [os.getpid()])}


def test_a_listener_is_found_until_it_closes(listener: socket.socket) -> None:
    port, ports = listener.getsockname()[1], Ports()
    assert found_by(ports)[port] is False
    listener.close()
    assert port not in found_by(ports)


def test_one_on_loopback_of_the_newer_protocol_is_found() -> None:
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listener:
        assert listener.getsockname()[1] in found_by(Ports())


def test_one_on_the_older_loopback_by_the_newer_protocol_is_found() -> None:
    with socket.socket(socket.AF_INET6, socket.SOCK_STREAM) as listener:  # as Java's programs do it
        listener.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
        listener.bind(("::ffff:127.0.0.1", 0))
        listener.listen()
        assert listener.getsockname()[1] in listening(os.getpid(), "127.0.0.2")


def test_one_on_an_address_that_is_not_dialled_is_not() -> None:
    with socket.create_server(("127.0.0.2", 0)) as listener:
        assert listener.getsockname()[1] not in found_by(Ports())
        assert listener.getsockname()[1] in listening(os.getpid(), "127.0.0.2")


def test_a_connection_is_no_listener(listener: socket.socket) -> None:
    with socket.create_connection(listener.getsockname()) as connection:
        assert connection.getsockname()[1] not in found_by(Ports())


@pytest.mark.parametrize(("name", "told"), [
    ("docker-proxy", Port(0, published=True)), ("python3", Port(0)), ("dockerd", None),
    ("kube-controller-manager", None),
])  # fmt: skip
def test_who_listens_decides_what_is_told(name: str, told: Port | None) -> None:
    script = (
        "import ctypes, socket, sys\n"
        f"ctypes.CDLL(None).prctl(15, {name.encode()!r}, 0, 0, 0)\n"
        "listener = socket.create_server(('127.0.0.1', 0))\n"
        "print(listener.getsockname()[1], flush=True)\n"
        "sys.stdin.read()\n"
    )
    argv = [sys.executable, "-c", script]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None and process.stdin is not None
        number = int(process.stdout.readline())
        ports = Ports()
        for pids in ([process.pid], list[int]()):  # the second time from memory
            found = {port.number: port for port in ports.look(os.getpid(), OWN, pids.copy)}
            assert found.get(number) == (told and Port(number, told.published))
        process.stdin.close()


def test_a_process_that_is_gone() -> None:
    process = subprocess.Popen(["true"])
    process.wait()
    with pytest.raises(OSError, match="No such file"):
        Ports().look(process.pid, OWN, list)
