"""One page that is attached to a terminal, and how much of the output it has been sent."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from typing import Protocol

from sandbox.termd import frames
from sandbox.termd.ring import Ring

WINDOW = 512 << 10
LOW_WATER = 128 << 10
FULL_FRAME = frames.MAX_PAYLOAD[frames.Type.OUTPUT]
FLOOD = 1024
"""Unsent bytes from which output counts as a flood worth gathering for a moment."""
GATHER = 0.004
LAST_ACK = 10.0
"""Seconds that the last acknowledgement may take after the program ended."""

Size = tuple[int, int]
"""Columns and rows."""


class Page(Protocol):
    """The page's end, as a terminal needs it."""

    def send_frame(self, data: bytes) -> None: ...
    def send_control(self, message: dict[str, object]) -> None: ...
    def close(self, code: int) -> None: ...


class ProtocolError(Exception):
    """The page did what docs/protocol.md does not allow; it is closed with 4400."""


class Elsewhere(Exception):
    """The terminal is open in another of the learner's pages, which keeps it unless they say otherwise."""


@dataclass(eq=False)
class Attachment:
    """A page's place at a terminal: what it is sent lies in the ring, and the window bounds what is in flight.

    `writer` names the page's input stream; `owner` says that it is the learner's own; `name` is shown to
    the learner; `number` tells it from the terminal's other pages; `tab` names the browser's tab that it is
    loaded in, again after a reload. All methods run on the event loop.
    """

    page: Page
    epoch: int
    ring: Ring
    writer: str
    size: Size
    owner: bool = True
    name: str = ""
    number: int = 0
    tab: str = ""
    sent: int = 0
    acked: int = 0
    closed: bool = False
    ask_again: float = 0.0
    _exit_sent: bool = False
    _last_send: float = 0.0
    _timer: asyncio.TimerHandle | None = None
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.get_running_loop)

    def acknowledge(self, offset: int) -> bool:
        """Whether it says something new. Raises ProtocolError for bytes that were never sent."""
        if offset > self.sent:
            raise ProtocolError("acknowledged more than was sent")
        if offset <= self.acked:
            return False
        self.acked = offset
        return True

    def pump(self, last: bool) -> None:
        """Send what the window allows, at once, or in a flood within 4 ms. `last`: nothing will follow."""
        unsent = self.ring.end - self.sent
        if not unsent or self.closed:
            return
        since = self._loop.time() - self._last_send
        if FLOOD <= unsent < FULL_FRAME and since < GATHER and not last:
            if self._timer is None:
                self._timer = self._loop.call_later(GATHER - since, self._send)
        else:
            self._send()

    def skip(self, most: int) -> None:
        """For a page that was too slow: go on at the ring's start, and tell it what it misses.

        Only when `most` bytes at most are in flight, since they are counted no more.
        """
        if self.sent < self.ring.start and self.sent - self.acked <= most:
            self.page.send_control({"type": "gap", "from": self.sent, "to": self.ring.start})
            self.sent = self.acked = self.ring.start

    def finish(self, code: int | None) -> None:
        """The program has ended with `code` and all its output is in the ring."""
        if self._timer is not None:
            self._send()
        if self.closed or self.sent < self.ring.end:
            return
        if not self._exit_sent:
            self._exit_sent = True
            self.page.send_control({"type": "exit", "code": code, "offset": self.ring.end})
            self._loop.call_later(LAST_ACK, self.close, 1000)
        if self.acked >= self.ring.end:
            self.close(1000)

    def close(self, code: int) -> None:
        """Send the page away, once."""
        if not self.closed:
            self.drop()
            self.page.close(code)

    def drop(self) -> None:
        """The page is gone, or is being sent away."""
        self.closed = True
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self.ring.start <= self.sent < self.ring.end:
            room = WINDOW - (self.sent - self.acked)
            if room <= 0:
                return
            data = self.ring.read(self.sent, min(room, FULL_FRAME))
            self.page.send_frame(frames.encode(frames.Type.OUTPUT, self.epoch, self.sent, data))
            self.sent += len(data)
            self._last_send = self._loop.time()
