"""Messages between the lab's own processes: JSON with a length before it, and file descriptors beside it."""

from __future__ import annotations

import json
import os
import socket
import struct
from typing import Any

LENGTH = struct.Struct("!I")
LIMIT = 16 << 20
"""Bytes in one message; more is a sign of a confused peer."""

Message = dict[str, Any]


class Closed(ConnectionError):
    """The peer closed the connection between two messages."""


def send(connection: socket.socket, message: Message, descriptors: tuple[int, ...] = ()) -> None:
    """Send one message. Raises OSError."""
    body = json.dumps(message).encode()
    data = LENGTH.pack(len(body)) + body
    if descriptors:
        sent = socket.send_fds(connection, [data], list(descriptors))
        data = data[sent:]
    if data:  # sending nothing would still fail when the peer has answered and left already
        connection.sendall(data)


def receive(connection: socket.socket, descriptors: int = 0) -> tuple[Message, list[int]]:
    """One message and up to that many descriptors, which are the caller's to close.

    Raises Closed at the end of the stream, ValueError for what is no message, OSError.
    """
    found: list[int] = []
    try:
        head = _read(connection, LENGTH.size, descriptors, found)
        (length,) = LENGTH.unpack(head)
        if length > LIMIT:
            raise ValueError("the message is too long")
        body = _read(connection, length, 0, found)
        try:
            message = json.loads(body)
        except RecursionError as error:
            raise ValueError("the message is nested too deeply") from error
        if not isinstance(message, dict):
            raise ValueError("the message is not an object")
    except BaseException:
        for descriptor in found:
            os.close(descriptor)
        raise
    return message, found


def _read(connection: socket.socket, size: int, descriptors: int, found: list[int]) -> bytes:
    data = b""
    while len(data) < size:
        if descriptors and not found:
            part, fresh, _, _ = socket.recv_fds(connection, size - len(data), descriptors)
            found += fresh
        else:
            part = connection.recv(min(size - len(data), 1 << 20))
        if not part:
            raise Closed("the connection ended")
        data += part
    return data


def peer_uid(connection: socket.socket) -> int:
    """The user id of the process at the other end of a Unix socket, as the kernel knows it."""
    raw = connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    return int(struct.unpack("3i", raw)[1])
