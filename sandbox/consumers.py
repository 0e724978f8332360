"""The terminal's WebSocket: checks who asks, then carries frames between the browser and termd, unread.

Reading from termd and sending is a task of its own; `receive` only passes on, so that the acknowledgement
that termd waits for is never stuck behind the output that it would release.
"""

from __future__ import annotations

import asyncio
import json
import logging
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from channels.generic.websocket import AsyncWebsocketConsumer
from django.conf import settings

from sandbox import service
from sandbox.buckets import Bucket
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State
from sandbox.termd.server import BINARY, CLOSE, TEXT, pack, read

log = logging.getLogger(__name__)

PROTOCOL = "lab.terminal.1"
INPUT_RATE = 512 << 10
INPUT_BURST = 4 << 20
MESSAGES_RATE = 4000.0
LARGEST = 32 << 10
TOUCH_EVERY = 30.0
CODES = {Reason.NOT_FOUND: 4404, Reason.CAPACITY: 4403}


class TerminalConsumer(AsyncWebsocketConsumer):
    """One WebSocket. `scope["learner_key"]` says whose it is."""

    sandbox: Sandbox
    writer: asyncio.StreamWriter | None = None
    task: asyncio.Task[None] | None = None

    async def dispatch(self, message: dict[str, Any]) -> None:
        """Frames go straight on: Channels would look for stale database connections before each of them."""
        if message["type"] == "websocket.receive":
            await self.receive(text_data=message.get("text"), bytes_data=message.get("bytes"))
        else:
            await super().dispatch(message)

    async def connect(self) -> None:
        self.bytes_in = Bucket(INPUT_RATE, INPUT_BURST)
        self.messages_in = Bucket(MESSAGES_RATE, 2 * MESSAGES_RATE)
        self.ended = False
        self.touched = 0.0
        if PROTOCOL not in self.scope["subprotocols"]:
            await self.close(4400)
            return
        await self.accept(PROTOCOL)
        key = self.scope["url_route"]["kwargs"]["key"]
        owner = self.scope.get("learner_key") or ""
        found = await sync_to_async(service.owned)(owner, key)
        if found is None or found.state != State.READY:
            code = 4401 if not owner or await sync_to_async(_exists)(key, owner) else 4404
            await self._refuse(code, "There is no such sandbox here, or it has ended.")
            return
        self.sandbox = found

    async def receive(self, text_data: str | None = None, bytes_data: bytes | None = None) -> None:
        if self.ended or not hasattr(self, "sandbox"):
            return
        data = bytes_data if bytes_data is not None else (text_data or "").encode()
        if len(data) > LARGEST:
            await self._refuse(4400, "A frame was too large; reload the page.")
        elif not (self.bytes_in.take(len(data)) and self.messages_in.take(1)):
            await self._refuse(4429, "That was too much input in too short a time; wait a moment.")
        elif self.writer is not None:
            self.writer.write(pack(BINARY if bytes_data is not None else TEXT, data))
            await self._touch()
        elif self.task is None and text_data is not None:
            self.task = asyncio.create_task(self._serve(data))
        else:
            await self._refuse(4400, "The first message must be attach; reload the page.")

    async def disconnect(self, code: int) -> None:
        self.ended = True
        if self.task is not None:
            self.task.cancel()
        if self.writer is not None:
            self.writer.close()

    async def _serve(self, hello: bytes) -> None:
        """Attach, then carry output until either side ends."""
        try:
            message = json.loads(hello)
            if not isinstance(message, dict):
                raise ValueError
            message["terminal"] = f"{self.sandbox.key}/{self.scope['url_route']['kwargs']['name']}"
            reader = await self._attach(message)
            while not self.ended:
                kind, data = await read(reader)
                if kind == BINARY:
                    await self.send(bytes_data=data)
                elif kind == TEXT:
                    await self.send(text_data=data.decode())
                elif kind == CLOSE:
                    self.ended = True
                    await self.close(json.loads(data)["code"])
        except (ValueError, RecursionError):
            await self._refuse(4400, "The first message must be attach; reload the page.")
        except SandboxError as error:
            await self._refuse(CODES.get(error.reason, 4503), error.message)
        except (OSError, asyncio.IncompleteReadError):
            await self._refuse(4503, "The terminal was interrupted; connecting again.")

    async def _attach(self, message: dict[str, Any]) -> asyncio.StreamReader:
        """Attach to the terminal that termd holds, or have sandboxd open it. Raises SandboxError, OSError."""
        for fresh in (False, True):
            if fresh:
                size = (_within(message.get("cols")), _within(message.get("rows")))
                await sync_to_async(self._open, thread_sensitive=False)(size)
            reader, writer = await asyncio.open_unix_connection(str(settings.PATHS.termd_socket))
            try:
                writer.write(pack(TEXT, json.dumps(message).encode()))
                kind, data = await read(reader)
                if kind != TEXT or json.loads(data).get("type") != "missing":
                    self.writer = writer
                    await self._pass_on(kind, data)
                    return reader
            finally:
                if self.writer is not writer:  # missing, lost, or the page has left meanwhile
                    writer.close()
        raise SandboxError("The terminal could not be opened; try again.")

    async def _pass_on(self, kind: int, data: bytes) -> None:
        if kind == TEXT:
            await self.send(text_data=data.decode())
        else:
            raise ValueError("termd did not answer attach")

    def _open(self, size: tuple[int, int]) -> None:
        name = self.scope["url_route"]["kwargs"]["name"]
        daemon = service.sandboxd()
        daemon.thaw(self.sandbox.handle)
        daemon.open_terminal(self.sandbox.handle, name, size)

    async def _refuse(self, code: int, sentence: str) -> None:
        if self.ended:
            return
        self.ended = True
        if code == 4400:
            log.info("Closed a terminal's WebSocket: %s", sentence)
        with suppress(RuntimeError):
            await self.send(text_data=json.dumps({"type": "error", "code": code, "message": sentence}))
            await self.close(code)

    async def _touch(self) -> None:
        """Note, now and then, that the sandbox is in use."""
        now = asyncio.get_running_loop().time()
        if now - self.touched > TOUCH_EVERY:
            self.touched = now
            await sync_to_async(service.touch)(self.sandbox.key)


def _exists(key: str, owner: str) -> bool:
    """Whether a sandbox of that key, be it live or ended, belongs to somebody else than `owner`."""
    return Sandbox.objects.filter(key=key).exclude(owner=owner).exists()


def _within(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise ValueError("a size")
    return value
