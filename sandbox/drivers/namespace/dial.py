"""Connections from the host to a port inside a sandbox, loopback included."""

from __future__ import annotations

import socket
import time

from sandbox.drivers.namespace.enter import in_network
from sandbox.errors import Reason, SandboxError

TIMEOUT = 5.0


def dial_inside(pid: int, port: int, own: str = "") -> socket.socket:
    """A connected TCP socket to `port` in the network namespace of process `pid`: on 127.0.0.1, on ::1 where
    only that answers, or on `own`, the sandbox's address, for ports that exist only as a rule of its firewall.

    Raises SandboxError.
    """
    if not 1 <= port <= 65535:
        raise SandboxError(f"{port} is not a port; give 1 to 65535.", reason=Reason.INVALID)
    addresses = ["127.0.0.1", "::1", *([own] if own else [])]
    made: list[socket.socket] = []

    def make() -> None:
        for address in addresses:
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            made.append(socket.socket(family, socket.SOCK_STREAM))

    try:
        try:
            in_network(pid, make)
        except OSError as error:
            said = "The sandbox's network could not be entered; try again."
            raise SandboxError(said, detail=str(error)) from error
        return _first_connected(made, addresses, port)
    finally:
        for other in made:
            other.close()


def _first_connected(made: list[socket.socket], addresses: list[str], port: int) -> socket.socket:
    """The first that connects, taken from the list. Raises SandboxError when none does in time."""
    deadline = time.monotonic() + TIMEOUT
    problem: OSError | None = None
    for tried, address in zip(list(made), addresses, strict=True):
        tried.settimeout(max(0.1, deadline - time.monotonic()))
        try:
            tried.connect((address, port))
        except OSError as error:
            problem = problem or error
            continue
        tried.settimeout(None)
        made.remove(tried)
        return tried
    raise SandboxError(
        f"Nothing answers on port {port} in the sandbox; start something that listens there.",
        reason=Reason.NOT_FOUND,
        detail=str(problem),
    )
