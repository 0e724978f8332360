"""XML-RPC over a Unix socket, as supervisord speaks it."""

from __future__ import annotations

import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any

SECONDS = 60


def call(path: Path, method: str, *words: object) -> Any:
    """The answer of one method. Raises OSError, xmlrpc.client.Error or http.client.HTTPException."""
    proxy = xmlrpc.client.ServerProxy("http://supervisor", transport=_Transport(path))
    return getattr(proxy, method)(*words)


class _Transport(xmlrpc.client.Transport):
    """XML-RPC over a Unix socket."""

    def __init__(self, path: Path) -> None:
        super().__init__()
        self.path = path

    def make_connection(self, host: Any) -> http.client.HTTPConnection:
        return _Connection(self.path)


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("supervisor", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))
