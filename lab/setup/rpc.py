"""XML-RPC over a Unix socket, as supervisord speaks it."""

from __future__ import annotations

import contextlib
import http.client
import socket
import xmlrpc.client
from pathlib import Path
from typing import Any

SECONDS = 60


def call(path: Path, method: str, *words: Any) -> Any:
    """The answer of one method. Raises OSError, xmlrpc.client.Error or http.client.HTTPException."""
    body = xmlrpc.client.dumps(words, method).encode()
    with contextlib.closing(_Connection(path)) as connection:
        connection.request("POST", "/RPC2", body, {"Content-Type": "text/xml"})
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            raise http.client.HTTPException(f"status {answer.status}")
    return xmlrpc.client.loads(content)[0][0]


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("supervisor", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))
