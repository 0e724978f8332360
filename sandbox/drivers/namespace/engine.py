"""Whether a sandbox's container engine or cluster lives, as the kernel knows it, and how to ask whether it answers."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

from sandbox.drivers.namespace.ports import listening

SOCKET = "/run/docker.sock"
CLUSTER_PORTS = {2379, 6443}
"""Those of etcd and the API server, which without etcd listens on and can do nothing."""
ACCEPTS = 1 << 16
"""The kernel's __SO_ACCEPTCON: the socket is one that connections are made to."""
SOCKETS = 100_000


def listens(pid: int) -> bool:
    """Whether a program listens on the engine's socket in the network namespace of process `pid`; nothing inside is
    asked or woken. The kernel closes it with the last that holds it, however that ends. Raises OSError when the
    process is gone."""
    with Path(f"/proc/{pid}/net/unix").open(errors="replace") as lines:
        for line in islice(lines, 1, SOCKETS):
            fields = line.split()
            if len(fields) == 8 and fields[7].endswith(SOCKET) and int(fields[3], 16) & ACCEPTS:
                return True
    return False


def cluster_listens(pid: int, own: str) -> bool:
    """The same for a cluster's API server and its etcd, in a sandbox with the address `own`."""
    return listening(pid, own).keys() >= CLUSTER_PORTS


def ping(seconds: float) -> list[str]:
    """The command that ends with 0, inside, when the engine answers within so many seconds."""
    return [
        "curl", "--silent", "--fail", "--output", "/dev/null", "--max-time", f"{seconds:g}",
        "--unix-socket", SOCKET, "http://docker/_ping",
    ]  # fmt: skip
