"""Programs of the host that listen everywhere, and a lab beside them: neither is in the other's way."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import ExitStack

import pytest

from sandbox import services
from tests.running import Lab, running_lab, wait

pytestmark = [pytest.mark.lab, pytest.mark.real]

USUAL = (services.REGISTRY_PORTS[0], services.RESOLVER_PORTS[0])


def program(port: int, kind: socket.SocketKind = socket.SOCK_STREAM) -> socket.socket:
    """One that listens on every address."""
    found = socket.socket(socket.AF_INET, kind)
    if kind == socket.SOCK_STREAM:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        found.bind(("0.0.0.0", port))
    except OSError:
        found.close()
        pytest.skip(f"port {port} is in use here, as by another lab that runs")
    if kind == socket.SOCK_STREAM:
        found.listen()
    return found


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with ExitStack() as others:
        for port in USUAL:
            for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
                others.enter_context(program(port, kind))
        with running_lab() as found:
            yield found


def greets(lab: Lab, key: str) -> bool:
    script = "docker image rm -f busybox:1 >/dev/null 2>&1; docker run --rm busybox:1 echo hello"
    done = lab.manage("sandbox", "run", key, "--", "sh", "-c", f"{script}; nslookup -timeout=3 registry.lab")
    return done.returncode == 0 and "hello" in done.stdout


def test_a_port_taken_before_and_one_taken_meanwhile(lab: Lab) -> None:
    made = lab.manage("sandbox", "create", "--profile", "docker")
    assert made.returncode == 0, made.stderr
    key = made.stdout.split()[-1]
    assert greets(lab, key), lab.log()
    before = services.read(lab.paths)
    assert before
    assert before.registry not in USUAL
    assert before.resolver not in USUAL
    with lab.without("registry"), program(before.registry):
        moved = wait(lambda: services.read(lab.paths) not in (None, before), "the registry's moving", 20)
        assert moved
    wait(lambda: greets(lab, key), "the registry's answering again", 30)
