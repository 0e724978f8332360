"""Connections from the host to a port inside a sandbox, loopback included."""

from __future__ import annotations

import ctypes
import os
import socket
import threading

from sandbox.errors import Reason, SandboxError

CLONE_NEWNET = 0x40000000
TIMEOUT = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


def dial_inside(pid: int, port: int) -> socket.socket:
    """A connected TCP socket to 127.0.0.1:`port` in the network namespace of process `pid`.

    A socket stays in the namespace that it was made in, so a thread enters, makes it, and ends: the
    rest of the process never leaves the host's. Raises SandboxError.
    """
    if not 1 <= port <= 65535:
        raise SandboxError(f"{port} is not a port; give 1 to 65535.", reason=Reason.INVALID)
    made: list[socket.socket | OSError] = []

    def enter() -> None:
        try:
            namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(namespace, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
                made.append(socket.socket(socket.AF_INET, socket.SOCK_STREAM))
            finally:
                os.close(namespace)
        except OSError as error:
            made.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    found = made[0]
    if isinstance(found, OSError):
        raise SandboxError("The sandbox's network could not be entered; try again.", detail=str(found))
    found.settimeout(TIMEOUT)
    try:
        found.connect(("127.0.0.1", port))
    except OSError as error:
        found.close()
        raise SandboxError(
            f"Nothing answers on port {port} in the sandbox; start something that listens there.",
            reason=Reason.NOT_FOUND,
            detail=str(error),
        ) from error
    found.settimeout(None)
    return found
