"""Sockets in a sandbox's network, for processes that stay in the host's."""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from typing import TypeVar

CLONE_NEWNET = 0x40000000

_libc = ctypes.CDLL(None, use_errno=True)

T = TypeVar("T")


def in_network(pid: int, make: Callable[[], T]) -> T:
    """What `make` returns when it is called in the network namespace of process `pid`.

    A socket stays in the namespace that it was made in, so a thread enters, makes it, and ends: the rest of
    the process never leaves the host's. Raises OSError, also those of `make`.
    """
    made: list[T] = []
    failed: list[OSError] = []

    def enter() -> None:
        try:
            namespace = os.open(f"/proc/{pid}/ns/net", os.O_RDONLY | os.O_CLOEXEC)
            try:
                if _libc.setns(namespace, CLONE_NEWNET) != 0:
                    raise OSError(ctypes.get_errno(), "setns")
            finally:
                os.close(namespace)
            made.append(make())
        except OSError as error:
            failed.append(error)

    thread = threading.Thread(target=enter)
    thread.start()
    thread.join()
    if failed:
        raise failed[0]
    return made[0]
