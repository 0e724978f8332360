"""A learner without a browser: the same pages, channels and frames, with every byte accounted for."""

from __future__ import annotations

import http.cookiejar
import json
import re
import secrets
import time
import urllib.request
from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from typing import Any

from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect
from websockets.typing import Subprotocol

from sandbox.termd.frames import Type, decode, encode
from tests.running import FACTOR, Lab

FIRST_STEP = "/lessons/010-what-is-a-container/10-a-process/"
LOST = (None, 1001, 1006, 1011, 4503)
"""Close codes after which a page connects again."""
PATIENCE = 30.0
PAUSE = 0.1

Message = dict[str, Any]


class Learner:
    """Somebody who has opened the first lesson, or another page of one."""

    def __init__(self, lab: Lab, page: str = FIRST_STEP) -> None:
        self.lab = lab
        jar = http.cookiejar.CookieJar()
        opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(jar))
        with opener.open(lab.url + page, timeout=20) as answer:
            found = re.search(r'data-channel="([^"]+)"', answer.read().decode())
        assert found
        self.channel_path = found[1]
        self.cookie = "; ".join(f"{cookie.name}={cookie.value}" for cookie in jar)

    def connect(
        self, path: str, protocol: str = "", **changes: Any
    ) -> AbstractContextManager[ClientConnection]:
        """A WebSocket, as a page of the lab opens it; entering it raises OSError, InvalidStatus."""
        opening: AbstractContextManager[ClientConnection] = connect(
            self.lab.url.replace("http", "ws", 1) + path,
            additional_headers={"Cookie": self.cookie},
            subprotocols=[Subprotocol(protocol)] if protocol else None,
            **{"origin": self.lab.url, "open_timeout": 10, "close_timeout": 2, "max_size": None, **changes},
        )
        return opening

    def ask(
        self, question: Message, answered: Callable[[Message], bool], seconds: float = PATIENCE
    ) -> Message:
        """Say something on the lesson channel and wait for the answer, connecting again as a page does."""
        deadline = time.monotonic() + seconds * FACTOR
        heard: list[Message] = []
        while (left := deadline - time.monotonic()) > 0:
            try:
                with self.connect(self.channel_path) as channel:
                    channel.send(json.dumps(question))
                    while True:
                        heard.append(json.loads(channel.recv(timeout=left)))
                        if answered(heard[-1]):
                            return heard[-1]
                        left = max(0.0, deadline - time.monotonic())
            except (OSError, ConnectionClosed, InvalidStatus):
                time.sleep(PAUSE)
        raise AssertionError(f"no answer to {question} within {seconds * FACTOR:g} s, only {heard[-5:]}")

    def claim(self, seconds: float = PATIENCE) -> str:
        """A sandbox that is ready; its key."""
        return str(self.ask({"type": "claim"}, is_ready, seconds)["key"])

    def reset(self, seconds: float = PATIENCE) -> str:
        """A fresh sandbox in place of the one there is; its key."""
        before = self.claim()

        def answered(said: Message) -> bool:
            return is_ready(said) and said["key"] != before

        return str(self.ask({"type": "reset"}, answered, seconds)["key"])

    def check(self, step: str = "10-a-process") -> str:
        """Have a step checked; `done`, `not-yet` or `could-not`."""
        begun = False

        def answered(said: Message) -> bool:
            nonlocal begun
            if (said["type"], said.get("step")) != ("check", step):
                return False
            begun = begun or said["state"] == "running"  # what comes before that is an earlier check's
            return bool(said["state"] == "done" or (begun and said["state"] != "running"))

        return str(self.ask({"type": "check", "step": step, "asked": True}, answered)["state"])


def is_ready(said: Message) -> bool:
    return (said["type"], said.get("state")) == ("sandbox", "ready")


class Shell:
    """A terminal that connects again when it is lost. `output` is all of this epoch that has arrived."""

    def __init__(self, learner: Learner, key: str, name: str = "main") -> None:
        self.learner = learner
        self.path = f"/ws/terminal/{key}/{name}"
        self.writer = secrets.token_hex(8)
        self.epoch = 0
        self.start = 0
        self.output = bytearray()
        self.typed = b""
        self.connections = 0
        self.ended = False
        self.exit_code: int | None = None
        self._socket: ClientConnection | None = None
        self._opened = ExitStack()

    @property
    def received(self) -> int:
        return self.start + len(self.output)

    def type(self, text: str) -> None:
        """Type at the keyboard; what a lost connection swallows is sent again by the next one."""
        offset, data = len(self.typed), text.encode()
        self.typed += data
        if self._socket is not None:
            try:
                self._socket.send(encode(Type.INPUT, self.epoch, offset, data))
            except ConnectionClosed:
                self.close()

    def wait_for(self, part: bytes, seconds: float = PATIENCE, *, since: int = 0) -> None:
        """Read until `part` has been printed after the `since`th byte of `output`."""
        self.read(lambda: self.output.find(part, since) >= 0, repr(part), seconds)

    def read(self, condition: Callable[[], bool], what: str, seconds: float = PATIENCE) -> None:
        """Read until the condition holds, connecting again where necessary."""
        deadline = time.monotonic() + seconds * FACTOR
        while not condition():
            left = deadline - time.monotonic()
            assert left > 0, f"{what} did not come in {seconds * FACTOR:g} s: {bytes(self.output[-2000:])!r}"
            try:
                if self._socket is None:
                    self._attach(left)
                else:
                    self._receive(self._socket, left)
            except ConnectionClosed as closed:
                code = closed.rcvd.code if closed.rcvd else None
                self.close()
                self.ended = code == 1000
                if self.ended and condition():
                    return
                assert code in LOST, f"closed with {code}: {bytes(self.output[-500:])!r}"
            except TimeoutError:
                continue
            except (OSError, InvalidStatus):
                time.sleep(PAUSE)

    def command(self, text: str, seconds: float = PATIENCE) -> str:
        """Run a command; what it printed."""
        mark = secrets.token_hex(4)
        first, last = f"first-{mark}\r\n".encode(), f"last-{mark}\r\n".encode()
        self.type(f"echo first''-{mark}; {text}; echo last''-{mark}\n")
        self.wait_for(last, seconds)
        return self.output.partition(first)[2].partition(last)[0].decode().replace("\r\n", "\n").strip()

    def reconnected(self, before: int) -> None:
        """Wait until this is another connection than the `before`th."""
        self.read(lambda: self.connections > before, "another connection", 15)

    def close(self) -> None:
        self._socket = None
        self._opened.close()

    def _attach(self, seconds: float) -> None:
        socket = self._opened.enter_context(self.learner.connect(self.path, "lab.terminal.1"))
        hello: Message = {"type": "attach", "version": 1, "cols": 200, "rows": 50, "writer": self.writer}
        if self.epoch:
            hello |= {"epoch": self.epoch, "received": self.received}
        socket.send(json.dumps(hello))
        said = json.loads(socket.recv(timeout=seconds))
        if said["type"] == "error":
            socket.recv(timeout=seconds)  # the close that follows
        assert said["type"] == "attached", said
        if said["epoch"] != self.epoch:
            self.typed = b"" if self.epoch else self.typed  # nothing meant for another shell
            self.epoch = said["epoch"]
            self.start, self.output = said["offset"], bytearray()
        assert said["offset"] == self.received, "bytes were lost or come twice"
        self.connections += 1
        self._socket = socket
        for offset in range(said["input"], len(self.typed), 16_384):
            socket.send(encode(Type.INPUT, self.epoch, offset, self.typed[offset : offset + 16_384]))

    def _receive(self, socket: ClientConnection, seconds: float) -> None:
        data = socket.recv(timeout=seconds)
        if isinstance(data, str):
            said = json.loads(data)
            assert said["type"] != "error" or said["code"] in LOST, said
            self.exit_code = said.get("code") if said["type"] == "exit" else self.exit_code
            return
        frame = decode(data)
        assert (frame.type, frame.epoch, frame.offset) == (Type.OUTPUT, self.epoch, self.received)
        self.output += frame.payload
        socket.send(encode(Type.ACK, self.epoch, self.received))
