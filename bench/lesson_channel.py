"""The lesson channel, by docs/lesson-channel.md, as a page speaks it."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from websockets.asyncio.client import ClientConnection

from bench.place import BenchError
from bench.terminals import PATIENCE, Web

Message = dict[str, Any]


class LessonChannel:
    """One WebSocket of an open page."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    @classmethod
    async def open(cls, port: int, path: str, cookie: str) -> LessonChannel:
        """Raises BenchError."""
        return cls(await Web.dial(f"ws://127.0.0.1:{port}{path}", headers={"Cookie": cookie}))

    async def say(self, kind: str, **fields: Any) -> None:
        await self._socket.send(json.dumps({"type": kind, **fields}))

    async def hear(self, wanted: Callable[[Message], bool]) -> Message:
        """The next message that is wanted. Raises BenchError when the lab refuses or fails, TimeoutError."""
        async with asyncio.timeout(PATIENCE):
            while True:
                said: Message = json.loads(await self._socket.recv())
                if said["type"] == "error" or (said["type"], said.get("state")) == ("sandbox", "failed"):
                    raise BenchError(f"The lab said: {said['message']}")
                if wanted(said):
                    return said

    async def claim(self) -> str:
        """The key of a sandbox that is ready. Raises BenchError, TimeoutError."""
        await self.say("claim")
        said = await self.hear(lambda said: (said["type"], said.get("state")) == ("sandbox", "ready"))
        return str(said["key"])

    async def aclose(self) -> None:
        await self._socket.close()
