"""Which TCP ports are open in a sandbox, as the kernel knows it; nothing inside is asked or woken.

What listens is open, and so is what a rule of the firewall leads to a container: engines that publish ports
without a proxy of their own leave nobody who listens, or listen themselves to keep the port.
"""

from __future__ import annotations

import ipaddress
import re
import sys
from collections.abc import Callable, Iterable
from contextlib import suppress
from itertools import islice
from pathlib import Path

from sandbox.drivers.base import Port
from sandbox.drivers.namespace.redirects import redirected

LISTEN = "0A"
FORWARDER = "docker-proxy"
"""The engine's program that holds a published port."""
PLUMBING = frozenset((
    "dockerd", "containerd", "containerd-shim", "containerd-shim-runc-v2", "kubelet", "kube-apiserver",
    "kube-controller", "kube-controller-manager", "kube-scheduler", "kube-proxy", "etcd", "coredns", "kwok",
    "metrics-server", "local-path-prov",
))  # fmt: skip
"""Programs of the engine and the cluster; what they listen on is nobody's web page. The kernel keeps 15
characters of a name."""
SOCKET = re.compile(r"socket:\[(\d+)\]")
NAMES = frozenset(name[:15] for name in PLUMBING)
SOCKETS = 5_000
Address = ipaddress.IPv4Address | ipaddress.IPv6Address
LOOPBACK: tuple[Address, ...] = tuple(map(ipaddress.ip_address, ("127.0.0.1", "::1", "::ffff:127.0.0.1")))
MOST = 100
"""Ports told of one sandbox."""


def listening(pid: int, own: str) -> dict[int, int]:
    """Ports that a connection from inside can reach, each with its socket's inode: what listens in the
    network namespace of process `pid` on every address, on loopback or on `own`.

    Source: the kernel's proc_net_tcp document. Raises OSError when the process is gone.
    """
    found: dict[int, int] = {}
    reachable = {*LOOPBACK, ipaddress.ip_address(own)}
    for table in ("tcp", "tcp6"):
        with Path(f"/proc/{pid}/net/{table}").open() as lines:
            for line in islice(lines, 1, SOCKETS):
                field = line.split()
                if field[3] != LISTEN:  # the kernel tells of all that listen first
                    break
                raw, _, port = field[1].rpartition(":")
                address = _address(raw)
                if address.is_unspecified or address in reachable:
                    found.setdefault(int(port, 16), int(field[9]))
    return found


def _address(raw: str) -> Address:
    """An address as the kernel prints it: 32-bit words of the machine's byte order, each in network order."""
    words = [bytes.fromhex(raw[at : at + 8]) for at in range(0, len(raw), 8)]
    packed = b"".join(word[::-1] if sys.byteorder == "little" else word for word in words)
    return ipaddress.ip_address(packed)


def owners(inodes: Iterable[int], pids: Iterable[int]) -> dict[int, str]:
    """The name of a program that holds each socket; those that nobody holds any more are left out."""
    wanted = set(inodes)
    found: dict[int, str] = {}
    for pid in pids:
        if not wanted:
            break
        with suppress(OSError):
            for descriptor in Path(f"/proc/{pid}/fd").iterdir():
                with suppress(OSError):
                    match = SOCKET.fullmatch(str(descriptor.readlink()))
                    if match and int(match[1]) in wanted:
                        found[int(match[1])] = Path(f"/proc/{pid}/comm").read_text().strip()
                        wanted.discard(int(match[1]))
    return found


class Ports:
    """The open ports of one sandbox. Remembers who holds a socket, so that looking again costs little."""

    def __init__(self) -> None:
        self._names: dict[int, str] = {}

    def look(self, pid: int, own: str, pids: Callable[[], Iterable[int]]) -> list[Port]:
        """What is open now, by number. `pids` finds the sandbox's processes, asked only for sockets not seen
        before. Raises OSError when process `pid` is gone."""
        ports = listening(pid, own)
        fresh = set(ports.values()) - self._names.keys()
        named = owners(fresh, pids()) if fresh else {}
        names = {inode: self._names.get(inode) or named.get(inode, "") for inode in ports.values()}
        self._names = {inode: name for inode, name in names.items() if name}
        led = redirected(pid, ("127.0.0.1", own))
        told = [
            Port(number, published=number in led or names[ports[number]] == FORWARDER)
            for number in sorted(ports.keys() | led)
            if number in led or names[ports[number]] not in NAMES
        ]
        return told[:MOST]
