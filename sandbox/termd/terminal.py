"""One terminal: its PTY, what it printed last, and who writes in it.

Output flows PTY → ring → writer, and stops at the PTY when the writer does not acknowledge: that is the
only thing that bounds memory, because neither Daphne nor a browser pushes back. Rules: docs/protocol.md.
"""

from __future__ import annotations

import asyncio
import fcntl
import logging
import os
import secrets
import struct
import termios
from contextlib import suppress
from typing import Protocol

from sandbox.termd import frames
from sandbox.termd.inbox import Inbox
from sandbox.termd.ring import Ring

log = logging.getLogger(__name__)

WINDOW = 512 << 10
LOW_WATER = 128 << 10
RING = 2 << 20
READ = 64 << 10
FULL_FRAME = frames.MAX_PAYLOAD[frames.Type.OUTPUT]
FLOOD = 1024
"""Unsent bytes from which output counts as a flood worth gathering for a moment."""
GATHER = 0.004
REDRAW = 0.05
"""Seconds at another size, so that a program that looks at the size it has now sees a change."""
LAST_ACK = 10.0
"""Seconds that the last acknowledgement may take after the program ended."""


class Page(Protocol):
    """The writer's end, as a terminal needs it."""

    def send_frame(self, data: bytes) -> None: ...
    def send_control(self, message: dict[str, object]) -> None: ...
    def close(self, code: int) -> None: ...


class ProtocolError(Exception):
    """The page did what docs/protocol.md does not allow; it is closed with 4400."""


class Terminal:
    """A PTY master and its ring. All methods run on the event loop."""

    def __init__(self, identity: str, fd: int, pid: int, started: int) -> None:
        self.id = identity
        self.fd = fd
        self.pid = pid
        self.started = started
        self.epoch = secrets.randbelow(2**32 - 1) + 1
        self.ring = Ring(RING)
        self.inbox = Inbox(fd, self._taken)
        self.writer: Page | None = None
        self.sent = 0
        self.acked = 0
        self._kept = 0  # the furthest acknowledgement of any writer: below it nothing is owed to anyone
        self.exited = False
        self.code: int | None = None
        self.drained = False  # everything that the program printed is in the ring
        self._exit_sent = False
        self._reading = False
        self._last_send = 0.0
        self._size = (80, 24)
        self._timer: asyncio.TimerHandle | None = None
        self._loop = asyncio.get_running_loop()
        os.set_blocking(fd, False)
        self._update_reading()

    # The writer

    def attach(self, page: Page, writer: str, epoch: int | None, received: int | None) -> bool:
        """Make `page` the writer and tell it where output continues; a previous one is sent away. Whether
        it continues what the page has, rather than beginning anew with the ring.

        Raises ProtocolError, and changes nothing, for a page that cannot have received what it says.
        """
        if received is not None and epoch == self.epoch and received > self.ring.end:
            raise ProtocolError("more received than was ever printed")
        previous, self.writer = self.writer, page
        if previous is not None:
            previous.close(4409)
        fits = epoch == self.epoch and received is not None and received >= self.ring.start
        self.sent = self.acked = received if fits and received is not None else self.ring.start
        self._kept = max(self._kept, self.acked)
        self._exit_sent = False
        page.send_control(
            {
                "type": "attached",
                "epoch": self.epoch,
                "offset": self.sent,
                "replay": self.sent if fits else self.ring.end,
                "input": self.inbox.start(writer),
                "taken": self.inbox.written,
                "role": "writer",
            }
        )
        self._pump()
        return fits

    def detach(self, page: Page) -> None:
        """The page is gone; nothing is lost, see `_update_reading`."""
        if self.writer is page:
            self.writer = None
            self._update_reading()

    def acknowledge(self, epoch: int, offset: int) -> None:
        """Raises ProtocolError for bytes that were never sent."""
        if epoch != self.epoch:
            return  # of an earlier life, overtaken by a restart
        if offset > self.sent:
            raise ProtocolError("acknowledged more than was sent")
        if offset <= self.acked:
            return
        self.acked = offset
        self._kept = max(self._kept, offset)
        self._pump()

    def type(self, epoch: int, offset: int, data: bytes) -> None:
        """Input at an absolute offset. Raises ProtocolError for a gap."""
        if epoch == self.epoch and not self.exited and not self.inbox.add(offset, data):
            raise ProtocolError("input with a gap")

    def _taken(self, offset: int) -> None:
        """The program's side has taken input up to `offset`: the page may send as much more."""
        if self.writer is not None:
            self.writer.send_control({"type": "taken", "offset": offset})

    def resize(self, columns: int, rows: int) -> None:
        """Tell the program of a new size; the kernel sends SIGWINCH only when it differs."""
        self._size = columns, rows
        self._tell_size(columns, rows)

    def redraw(self) -> None:
        """Have a program that has drawn something draw it again: for a moment its terminal has another size."""
        if self.ring.end == 0:
            return
        columns, rows = self._size
        self._tell_size(columns, rows - 1 if rows > 1 else 2)
        self._loop.call_later(REDRAW, lambda: self._tell_size(*self._size))

    def _tell_size(self, columns: int, rows: int) -> None:
        if self.fd < 0:
            return
        with suppress(OSError):
            fcntl.ioctl(self.fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))

    # Output

    def _update_reading(self) -> None:
        """Read the PTY while there is room: in the window, or without a writer in the ring."""
        stop, go = (WINDOW, LOW_WATER) if self.writer else (RING, RING)
        wanted = not self.drained and self._owed() < (stop if self._reading else go)
        if wanted and not self._reading:
            self._loop.add_reader(self.fd, self._readable)
            self._look_again()
        elif self._reading and not wanted:
            self._loop.remove_reader(self.fd)
        self._reading = wanted

    def _owed(self) -> int:
        """Bytes in the ring that somebody has yet to see."""
        return self.ring.end - (self.acked if self.writer else self._kept)

    def _look_again(self) -> None:
        """After the program's end nothing may come any more that would wake the reader."""
        if self.exited:
            self._loop.call_soon(self._readable)

    def _readable(self) -> None:
        """Take what has arrived, up to a full frame, and never what would push owed bytes out of the ring."""
        if not self._reading:
            return
        taken = 0
        while taken < FULL_FRAME and (room := RING - self._owed()) > 0:
            try:
                data = os.read(self.fd, min(READ, room))
            except BlockingIOError:
                if self.exited:  # a program in the background may keep the terminal open for ever
                    self.drained = True
                break
            except OSError:  # EIO: the last program has closed the terminal
                data = b""
            if not data:
                self.drained = True
                break
            self.ring.append(data)
            taken += len(data)
        else:
            self._look_again()
        self._pump()

    def _pump(self) -> None:
        """Send what the window allows, at once, or in a flood within 4 ms."""
        unsent = self.ring.end - self.sent
        if self.writer is not None and unsent:
            since = self._loop.time() - self._last_send
            if FLOOD <= unsent < FULL_FRAME and since < GATHER and not self.drained:
                if self._timer is None:
                    self._timer = self._loop.call_later(GATHER - since, self._gathered)
            else:
                self._send()
        self._finish()
        self._update_reading()

    def _gathered(self) -> None:
        self._timer = None
        self._send()
        self._finish()
        self._update_reading()

    def _send(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        while self.writer is not None and self.sent < self.ring.end:
            room = WINDOW - (self.sent - self.acked)
            if room <= 0:
                return
            data = self.ring.read(self.sent, min(room, FULL_FRAME))
            self.writer.send_frame(frames.encode(frames.Type.OUTPUT, self.epoch, self.sent, data))
            self.sent += len(data)
            self._last_send = self._loop.time()

    # The end

    def end(self, code: int | None) -> None:
        """The program has ended; its last output may still be on the way."""
        if self.exited:
            return
        self.exited, self.code = True, code
        self._look_again()
        self._pump()

    def _finish(self) -> None:
        if not (self.exited and self.drained) or self.writer is None or self.sent < self.ring.end:
            return
        if not self._exit_sent:
            self._exit_sent = True
            self.writer.send_control({"type": "exit", "code": self.code, "offset": self.ring.end})
            self._loop.call_later(LAST_ACK, self._close_page, self.writer)
        if self.acked >= self.ring.end:
            self._close_page(self.writer)

    def _close_page(self, page: Page) -> None:
        if self.writer is page:
            self.writer = None
            page.close(1000)

    def close(self) -> None:
        """Let go of the PTY: this terminal is replaced by a new one, or its sandbox is gone."""
        if self._timer is not None:
            self._timer.cancel()
        if self._reading:
            self._loop.remove_reader(self.fd)
            self._reading = False
        self.drained = True
        self.inbox.close()
        os.close(self.fd)
        self.fd = -1  # the number may soon be another terminal's
