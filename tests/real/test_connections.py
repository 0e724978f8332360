"""One sandbox's connections are counted: the host's table of them is for all. The internet is a network
namespace beside the sandboxes."""

from __future__ import annotations

import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.drivers.base import Handle
from sandbox.drivers.namespace import network
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.drivers.namespace.network import CONNECTIONS, CONNECTIONS_OUTWARD, STARTS_AT_ONCE
from tests.real.conftest import Make, Shell, wait_for, where

OUTSIDE = "203.0.113.80"
PORT = 8080
SERVER = f"""
import resource, socket
_, most = resource.getrlimit(resource.RLIMIT_NOFILE)
resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
server = socket.create_server(("0.0.0.0", {PORT}), backlog=4096)
print("ready", flush=True)
kept = []
while True:
    kept.append(server.accept())
"""
CLIENT = """
import socket, time
open_, refused, kept = 0, 0, []
for number in range({tries}):
    time.sleep({pause})
    one = socket.socket()
    one.settimeout(5)
    try:
        one.connect(("{address}", {port}))
    except OSError:
        refused += 1
    else:
        open_ += 1
        kept.append(one)
print(open_, refused)
"""


@pytest.fixture(scope="module")
def outside(driver: NamespaceDriver, serving: str) -> Iterator[str]:
    """An address that counts as public, and something that takes every connection there."""
    link = f"t{secrets.token_hex(4)}"
    argv = ["unshare", "--net", "--", sys.executable, "-c", SERVER]
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            assert server.stdout.readline() == "ready\n"
            inside = ["nsenter", "-t", str(server.pid), "-n", "ip"]
            ip = ["ip", "link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", str(server.pid)]
            subprocess.run(ip, check=True)
            subprocess.run(["ip", "link", "set", link, "up"], check=True)
            subprocess.run([*inside, "link", "set", "eth0", "up"], check=True)
            subprocess.run([*inside, "address", "add", f"{OUTSIDE}/32", "dev", "eth0"], check=True)
            subprocess.run([*inside, "route", "add", "default", "dev", "eth0"], check=True)
            subprocess.run(["ip", "route", "add", f"{OUTSIDE}/32", "dev", link], check=True)
            for name in ("forwarding", "proxy_arp"):
                Path(f"/proc/sys/net/ipv4/conf/{link}/{name}").write_text("1")
            network.set_up(driver.names, True, where(driver.paths), driver.members())
            yield OUTSIDE
        finally:
            network.set_up(driver.names, False, where(driver.paths), driver.members())
            subprocess.run(["ip", "link", "del", link], check=False)
            server.kill()


@pytest.fixture(scope="module")
def greedy(make: Make, outside: str) -> Handle:
    return make()


def connect(shell: Shell, handle: Handle, address: str, port: int, tries: int, pause: float) -> list[int]:
    """How many connections were made and are held, and how many were refused."""
    program = CLIENT.format(tries=tries, address=address, port=port, pause=pause)
    done = shell(handle, f"ulimit -n 5000; python3 -c '{program}'", timeout=120)
    assert done.exit_code == 0, done.stderr
    return [int(word) for word in done.stdout.split()]


def test_connections_outward_are_counted_for_each(
    greedy: Handle, make: Make, shell: Shell, outside: str
) -> None:
    made, refused = connect(shell, greedy, outside, PORT, CONNECTIONS_OUTWARD + 200, 0.012)
    assert abs(made - CONNECTIONS_OUTWARD) <= 20
    assert refused >= 180
    neighbour = make()
    assert connect(shell, neighbour, outside, PORT, 20, 0) == [20, 0]


def test_connections_to_the_labs_services_are_counted(greedy: Handle, shell: Shell, serving: str) -> None:
    made, refused = connect(shell, greedy, serving, network.REGISTRY_PORT, CONNECTIONS + 50, 0.012)
    assert abs(made - CONNECTIONS) <= 20
    assert refused >= 30


def test_new_connections_come_at_a_bounded_rate(make: Make, shell: Shell, outside: str) -> None:
    program = (
        "import socket\nmade = 0\n"
        f"for number in range({4 * STARTS_AT_ONCE}):\n"
        "    one = socket.socket()\n"
        f"    made += one.connect_ex(('{outside}', {PORT})) == 0\n"
        "    one.close()\n"
        "print(made)"
    )
    handle = make()
    made = int(shell(handle, f'python3 -c "{program}"').stdout)
    assert STARTS_AT_ONCE <= made < 3 * STARTS_AT_ONCE
    wait_for(lambda: connect(shell, handle, outside, PORT, 5, 0.1) == [5, 0], "being let through again")
