"""Connections from the host to a port inside a sandbox, loopback included."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
import time

from sandbox.errors import Reason, SandboxError

CLONE_NEWNET = 0x40000000
TIMEOUT = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


def dial_inside(pid: int, port: int, own: str = "") -> socket.socket:
    """A connected TCP socket to `port` in the network namespace of process `pid`: on 127.0.0.1, on ::1 where
    only that answers, or on `own`, the sandbox's address, for ports that exist only as a rule of its firewall.

    A socket stays in the namespace that it was made in, so a thread enters, makes them, and ends: the
    rest of the process never leaves the host's. Raises SandboxError.
    """
    if not 1 <= port <= 65535:
        raise SandboxError(f"{port} is not a port; give 1 to 65535.", reason=Reason.INVALID)
    addresses = ["127.0.0.1", "::1", *([own] if own else [])]
    made: list[socket.socket] = []
    failed: list[OSError] = []

    def enter() -> None:
        try:
            namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(namespace, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
                for address in addresses:
                    family = socket.AF_INET6 if ":" in address else socket.AF_INET
                    made.append(socket.socket(family, socket.SOCK_STREAM))
            finally:
                os.close(namespace)
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    try:
        if failed:
            said = "The sandbox's network could not be entered; try again."
            raise SandboxError(said, detail=str(failed[0]))
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
