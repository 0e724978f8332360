"""What a PTY prints, read as it comes: on the event loop while that is little, by a thread in a flood.

To read a terminal, or to poll it, waits in the kernel until what was just written has been worked through, also where
the descriptor does not block (`__flush_work` in `n_tty_read`, Linux 6.18). Beside a program that prints without
end that takes milliseconds each time, in which nobody else's keys would be served.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from sandbox.termd.attachment import FLOOD, FULL_FRAME, GATHER

THREADS = 16
"""More floods than that take turns."""


@dataclass(frozen=True)
class Output:
    """Bytes that have come. `empty`: nothing more was there then; `over`: nothing will ever come."""

    data: bytes
    empty: bool = False
    over: bool = False


def take(fd: int, most: int, seconds: float = 0.0) -> Output:
    """Up to `most` bytes that are there, in one go, or for so many seconds in as many as it takes."""
    found = bytearray()
    deadline = time.monotonic() + seconds
    while len(found) < most:
        try:
            data = os.read(fd, most - len(found))
        except BlockingIOError:
            return Output(bytes(found), empty=True)
        except OSError:  # EIO: the last program has closed the terminal
            data = b""
        if not data:
            return Output(bytes(found), over=True)
        found += data
        if time.monotonic() >= deadline:
            break
    return Output(bytes(found))


class Source:
    """Reads a PTY master, which it closes at its end, between `start` and `stop`. All methods run on the event loop.

    `room` says how many bytes may be taken now. `arrived` is called with what has come; after `stop` once more at most.
    """

    _threads: ThreadPoolExecutor | None = None

    def __init__(self, fd: int, room: Callable[[], int], arrived: Callable[[Output], None]) -> None:
        self.fd = fd
        self.reading = False
        self._room = room
        self._arrived = arrived
        self._loop = asyncio.get_running_loop()
        self._watched = False
        self._away: asyncio.Future[Output] | None = None
        self._flood = False
        os.set_blocking(fd, False)

    def start(self) -> None:
        self.reading = True
        self._go_on()

    def stop(self) -> None:
        self.reading = False
        self._unwatch()

    def look(self) -> None:
        """Look once although nothing has announced itself, as may be when the program has ended."""
        self._loop.call_soon(self._readable)

    def close(self) -> None:
        """Let go of the PTY, as soon as no thread is reading it."""
        self.stop()
        fd, self.fd = self.fd, -1  # the number may soon be another terminal's
        if self._away is None:
            os.close(fd)
        else:
            self._away.add_done_callback(lambda _: os.close(fd))

    def _go_on(self) -> None:
        if not self.reading or self._away is not None:
            return
        if self._flood:
            self._unwatch()
            self._send_thread()
        elif not self._watched:
            self._loop.add_reader(self.fd, self._readable)
            self._watched = True

    def _unwatch(self) -> None:
        if self._watched:
            self._loop.remove_reader(self.fd)
            self._watched = False

    def _readable(self) -> None:
        if not self.reading or self._away is not None or (most := min(FULL_FRAME, self._room())) <= 0:
            return
        self._took(take(self.fd, most))

    def _send_thread(self) -> None:
        if (most := min(FULL_FRAME, self._room())) <= 0:
            return
        if Source._threads is None:
            Source._threads = ThreadPoolExecutor(THREADS, "pty")
        self._away = self._loop.run_in_executor(Source._threads, take, self.fd, most, GATHER)
        self._away.add_done_callback(self._returned)

    def _returned(self, done: asyncio.Future[Output]) -> None:
        self._away = None
        if self.fd >= 0:
            self._took(done.result())

    def _took(self, output: Output) -> None:
        self._flood = len(output.data) >= FLOOD and not output.over
        self._arrived(output)
        if self.fd >= 0:
            self._go_on()
