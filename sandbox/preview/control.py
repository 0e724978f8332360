"""How the lab's pages ask the preview process for a port of this machine: one JSON message each way on a
Unix socket that only the lab's user may open."""

from __future__ import annotations

import asyncio
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import suppress
from pathlib import Path

from django.conf import settings

from sandbox import wire
from sandbox.errors import Reason, SandboxError, SandboxUnavailable
from sandbox.preview.origins import Target

PATIENCE = 5.0
LONGEST = 4096
Assign = Callable[[Target], Awaitable[int]]


def path() -> Path:
    found: Path = settings.PATHS.run_lab / "preview.sock"
    return found


def assigned(target: Target) -> int:
    """The port of this machine where `target` opens. Raises SandboxError."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(PATIENCE)
        try:
            connection.connect(str(path()))
            wire.send(connection, {"key": target.key, "port": target.port})
            answer, _ = wire.receive(connection)
        except (OSError, ValueError) as error:
            said = "The part of the lab that shows previews is not running; try again in a moment."
            raise SandboxUnavailable(said, detail=str(error)) from error
    if "error" in answer:
        raise SandboxError(answer["error"], reason=Reason.CAPACITY)
    return int(answer["ok"])


async def serve(assign: Assign) -> asyncio.Server:
    """Answer such questions until the server is closed, or forgotten: uvloop closes one that nothing refers to."""

    async def one(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError, ValueError, KeyError, TypeError, asyncio.IncompleteReadError):
            (length,) = wire.LENGTH.unpack(await reader.readexactly(wire.LENGTH.size))
            if length <= LONGEST:
                asked = json.loads(await reader.readexactly(length))
                try:
                    answer: wire.Message = {"ok": await assign(Target(str(asked["key"]), int(asked["port"])))}
                except SandboxError as error:
                    answer = {"error": error.message}
                body = json.dumps(answer).encode()
                writer.write(wire.LENGTH.pack(len(body)) + body)
                await writer.drain()
        writer.close()

    path().unlink(missing_ok=True)
    server = await asyncio.start_unix_server(one, path())
    path().chmod(0o600)
    return server
