"""Standard streams for a command in a sandbox that must not get hold of the caller's terminal."""

from __future__ import annotations

import os
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress

CHUNK = 65536


@contextmanager
def without_terminal(streams: tuple[int, int, int]) -> Iterator[tuple[int, int, int]]:
    """The same streams, with a pipe in place of each that is a terminal.

    Whoever holds a terminal's descriptor can read what is typed there long after the command has ended.
    What was written is passed on before this ends.
    """
    given: list[int] = []
    pumps: list[threading.Thread] = []
    ours: list[int] = []
    for number, stream in enumerate(streams):
        if not os.isatty(stream):
            given.append(stream)
            continue
        read, write = os.pipe()
        ours.append(read if number == 0 else write)
        given.append(ours[-1])
        pump = threading.Thread(
            target=_pump, args=(stream, write) if number == 0 else (read, stream, read), daemon=True
        )
        pump.start()
        if number:
            pumps.append(pump)
    try:
        yield given[0], given[1], given[2]
    finally:
        for descriptor in ours:
            os.close(descriptor)
        for pump in pumps:
            pump.join(timeout=5.0)


def _pump(source: int, target: int, close: int | None = None) -> None:
    """Carry bytes until the source ends, then close the pipe's end."""
    with suppress(OSError):
        while data := os.read(source, CHUNK):
            view = memoryview(data)
            while view:
                view = view[os.write(target, view) :]
    with suppress(OSError):
        os.close(target if close is None else close)
