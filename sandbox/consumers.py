"""The terminals' WebSockets: check who asks, then carry frames between browser and termd, unread.

Plain ASGI rather than a Channels consumer: that makes two tasks for every message received, which a typed key
would wait for. Output is sent by a task of its own, so that the acknowledgement that termd waits for is
never stuck behind the output that it would release.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import deque
from contextlib import suppress
from typing import Any

from asgiref.sync import sync_to_async
from channels.db import database_sync_to_async
from django.conf import settings

from sandbox import service, sharing
from sandbox.buckets import Bucket
from sandbox.errors import Reason, SandboxError
from sandbox.models import Sandbox, State
from sandbox.termd.frames import Type
from sandbox.termd.messages import BINARY, CLOSE, TEXT, Messages

log = logging.getLogger(__name__)

PROTOCOL = "lab.terminal.1"
INPUT_RATE = 512 << 10
INPUT_BURST = 4 << 20
MESSAGES_RATE = 4000.0
LARGEST = 32 << 10
TOUCH_EVERY = 30.0
INPUT = bytes([Type.INPUT])
"""How a frame begins that was typed: what acknowledges output says nothing of anybody's being there."""
CODES = {Reason.NOT_FOUND: 4404, Reason.CAPACITY: 4403}
RELOAD = "The first message must be attach; reload the page."


class Refusal(Exception):
    """The socket is closed with this code, and the sentence is shown."""

    def __init__(self, code: int, sentence: str) -> None:
        super().__init__(sentence)
        self.code = code
        self.sentence = sentence


class Termd(Messages):
    """The connection to termd: what it says waits here until it is sent on."""

    def __init__(self) -> None:
        super().__init__()
        self._waiting: deque[tuple[int, bytes]] = deque()
        self._arrival: asyncio.Future[None] | None = None
        self._lost = False

    def received(self, kind: int, data: bytes) -> None:
        self._waiting.append((kind, data))
        self._wake()

    def connection_lost(self, error: Exception | None) -> None:
        self._lost = True
        self._wake()

    async def next(self) -> tuple[int, bytes]:
        """The next message. Raises ConnectionError once termd is gone and everything is read."""
        while not self._waiting:
            if self._lost:
                raise ConnectionResetError("termd is gone")
            self._arrival = asyncio.get_running_loop().create_future()
            await self._arrival
        return self._waiting.popleft()

    def _wake(self) -> None:
        if self._arrival is not None and not self._arrival.done():
            self._arrival.set_result(None)

    def close(self) -> None:
        self.transport.close()


class TerminalSocket:
    """One WebSocket of the learner's own. `scope["learner_key"]` says whose it is."""

    def __init__(self, scope: dict[str, Any], receive: Any, send: Any) -> None:
        self.scope = scope
        self._receive = receive
        self._send = send
        self.words: dict[str, str] = scope["url_route"]["kwargs"]
        self.bytes_in = Bucket(INPUT_RATE, INPUT_BURST)
        self.messages_in = Bucket(MESSAGES_RATE, 2 * MESSAGES_RATE)
        self.termd: Termd | None = None
        self.sandbox: Sandbox | None = None
        self.touched = 0.0
        self.closed = False

    @classmethod
    def as_asgi(cls) -> Any:
        """The application that serves one connection, for Channels' routing."""

        async def application(scope: dict[str, Any], receive: Any, send: Any) -> None:
            await cls(scope, receive, send).serve()

        return application

    async def serve(self) -> None:
        """From the request to the close, whoever closes."""
        await self._receive()  # websocket.connect
        if PROTOCOL not in self.scope["subprotocols"]:
            await self._send({"type": "websocket.close", "code": 4400})
            return
        await self._send({"type": "websocket.accept", "subprotocol": PROTOCOL})
        output: asyncio.Task[None] | None = None
        try:
            self.sandbox = await self.authorize()
            hello = await self._hello()
            if hello is None:
                return
            output = asyncio.create_task(self._output(hello))
            await self._input()
        except Refusal as refusal:
            await self._refuse(refusal)
        finally:
            self.closed = True
            if output is not None:
                output.cancel()
            if self.termd is not None:
                self.termd.close()

    # What differs between the learner and those who watch

    async def authorize(self) -> Sandbox:
        """The sandbox that is asked for. Raises Refusal."""
        key, owner = self.words["key"], self.scope.get("learner_key") or ""
        found = await sync_to_async(service.owned)(owner, key)
        if found is None or found.state != State.READY:
            foreign = not owner or await sync_to_async(_exists)(key, owner)
            raise Refusal(4401 if foreign else 4404, "There is no such sandbox here, or it has ended.")
        return found

    def claims(self) -> dict[str, str]:
        """What termd must know about this page, whatever that says of itself."""
        return {"role": "writer"}

    async def missing(self, size: tuple[int, int]) -> None:
        """termd has no such terminal: have sandboxd open it. Raises SandboxError."""
        assert self.sandbox is not None
        await database_sync_to_async(_open, thread_sensitive=False)(self.sandbox, self.words["name"], size)

    # Browser to termd

    async def _hello(self) -> dict[str, Any] | None:
        """The page's first message, with what termd is to believe; None when the page leaves."""
        message = await self._receive()
        if message["type"] == "websocket.disconnect":
            return None
        text = message.get("text")
        try:
            hello = json.loads(text) if text is not None and len(text) <= LARGEST else None
        except (ValueError, RecursionError):
            hello = None
        if not isinstance(hello, dict):
            raise Refusal(4400, RELOAD)
        assert self.sandbox is not None
        return {**hello, **self.claims(), "terminal": f"{self.sandbox.key}/{self.words['name']}"}

    async def _input(self) -> None:
        while True:
            message = await self._receive()
            if message["type"] == "websocket.disconnect":
                return
            if self.closed:
                continue
            data = message.get("bytes")
            kind = TEXT if data is None else BINARY
            if data is None:
                data = (message.get("text") or "").encode()
            if len(data) > LARGEST:
                raise Refusal(4400, "A frame was too large; reload the page.")
            if not (self.bytes_in.take(len(data)) and self.messages_in.take(1)):
                raise Refusal(4429, "That was too much input in too short a time; wait a moment.")
            if self.termd is None:
                raise Refusal(4400, RELOAD)
            self.termd.send(kind, data)
            if kind == BINARY and data[:1] == INPUT:
                await self.touch()

    # termd to browser

    async def _output(self, hello: dict[str, Any]) -> None:
        """Attach, then carry output until either side ends."""
        try:
            termd = await self._attach(hello)
            while not self.closed:
                kind, data = await termd.next()
                if kind == BINARY:
                    await self._send({"type": "websocket.send", "bytes": data})
                elif kind == TEXT:
                    await self._send({"type": "websocket.send", "text": data.decode()})
                elif kind == CLOSE:
                    await self._close(json.loads(data)["code"])
        except ValueError:
            await self._refuse(Refusal(4400, RELOAD))
        except Refusal as refusal:
            await self._refuse(refusal)
        except SandboxError as error:
            await self._refuse(Refusal(CODES.get(error.reason, 4503), error.message))
        except OSError:
            await self._refuse(Refusal(4503, "The terminal was interrupted; connecting again."))
        except RuntimeError:  # the server's way to say that the page has left
            log.debug("A page left while output was sent to it")

    async def _attach(self, hello: dict[str, Any]) -> Termd:
        """Attach to the terminal that termd holds. Raises SandboxError, Refusal, OSError, ValueError for a size."""
        loop = asyncio.get_running_loop()
        path = str(settings.PATHS.termd_socket)
        for fresh in (False, True):
            if fresh:
                await self.missing((_within(hello.get("cols")), _within(hello.get("rows"))))
            _, termd = await loop.create_unix_connection(Termd, path)
            try:
                termd.send_json(TEXT, hello)
                kind, data = await termd.next()
                if kind != TEXT:
                    raise ConnectionResetError("termd did not answer attach")
                if json.loads(data).get("type") != "missing":
                    self.termd = termd
                    await self._send({"type": "websocket.send", "text": data.decode()})
                    return termd
            finally:
                if self.termd is not termd:  # missing, lost, or the page has left meanwhile
                    termd.close()
        raise SandboxError("The terminal could not be opened; try again.")

    async def _refuse(self, refusal: Refusal) -> None:
        if self.closed:
            return
        if refusal.code == 4400:
            log.info("Closed a terminal's WebSocket: %s", refusal.sentence)
        said = json.dumps({"type": "error", "code": refusal.code, "message": refusal.sentence})
        with suppress(RuntimeError, OSError):  # the page has left
            await self._send({"type": "websocket.send", "text": said})
            await self._close(refusal.code)

    async def _close(self, code: int) -> None:
        if not self.closed:
            self.closed = True
            await self._send({"type": "websocket.close", "code": code})

    async def touch(self) -> None:
        """Note, now and then, that the learner uses the sandbox."""
        now = asyncio.get_running_loop().time()
        if now - self.touched > TOUCH_EVERY and self.sandbox is not None:
            self.touched = now
            await database_sync_to_async(service.touch, thread_sensitive=False)(self.sandbox.key)


class WatchSocket(TerminalSocket):
    """One WebSocket of somebody who was given the learner's link. It reads, unless the learner lets it write."""

    async def authorize(self) -> Sandbox:
        found = await sync_to_async(sharing.watched)(self.words["token"])
        if found is None:
            raise Refusal(4410, "This link shows nothing any more; ask for a new one.")
        return found

    def claims(self) -> dict[str, str]:
        return {"role": "viewer"}

    async def missing(self, size: tuple[int, int]) -> None:
        raise Refusal(4404, "That terminal is not open.")

    async def touch(self) -> None:
        """Who watches keeps no sandbox alive."""

    async def _attach(self, hello: dict[str, Any]) -> Termd:
        termd = await super()._attach(hello)
        await self.authorize()  # it may have been taken back while this went on
        return termd


def _open(sandbox: Sandbox, name: str, size: tuple[int, int]) -> None:
    service.touch(sandbox.key)
    daemon = service.sandboxd()
    daemon.thaw(sandbox.handle)
    daemon.open_terminal(sandbox.handle, name, size)


def _exists(key: str, owner: str) -> bool:
    """Whether a sandbox of that key, be it live or ended, belongs to somebody else than `owner`."""
    return Sandbox.objects.filter(key=key).exclude(owner=owner).exists()


def _within(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 1 <= value <= 1000:
        raise ValueError("a size")
    return value
