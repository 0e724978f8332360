"""Ports of containers that no program of the engine stands in front of: a rule of the firewall leads there."""

from __future__ import annotations

from sandbox.drivers.base import Port, Status
from sandbox.drivers.namespace.driver import NamespaceDriver
from tests.real.conftest import Make, Shell, wait_for

WITHOUT_PROXY = """
pkill -x dockerd; while pgrep -x dockerd; do sleep 0.1; done; rm -f /run/docker.pid
setsid dockerd --userland-proxy=false >/dev/null 2>&1 </dev/null & /usr/lib/lab/wait-ready
"""


def test_a_port_that_only_a_rule_publishes_is_open(
    driver: NamespaceDriver, make: Make, serving: str, shell: Shell
) -> None:
    handle = make()
    assert shell(handle, WITHOUT_PROXY).exit_code == 0
    done = shell(handle, "docker run -d --name web -p 8080:80 -p 127.0.0.1:8081:80 nginx:1.26", timeout=120)
    assert done.exit_code == 0, done.stderr
    assert not shell(handle, "pgrep docker-proxy").stdout, "the engine still has its proxies"
    both = [Port(8080, published=True), Port(8081, published=True)]
    assert list(driver.ports(handle)) == both
    wait_for(lambda: b"<title>" in shell(handle, "curl -s http://127.0.0.1:8080/").stdout, "the page")
    for port in (8080, 8081):
        with driver.dial(handle, port) as connection:
            connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
            assert b"200 OK" in connection.recv(4096)
    driver.freeze(handle)
    assert list(driver.ports(handle)) == both
    assert driver.poll(handle) is Status.FROZEN, "looking wakes nobody"
    driver.thaw(handle)
    shell(handle, "docker rm -f web")
    assert list(driver.ports(handle)) == []
