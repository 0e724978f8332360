"""The one log: a supervisord event listener that writes every process's lines with its name.

`python logs.py FILE`: it imports nothing of the project, and runs from a copy. The protocol
is supervisord's: this says READY, reads a header line and its payload, and acknowledges. http://supervisord.org/events.html
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import IO

LIMIT = 10 * 1024 * 1024
KEPT = 4
LONGEST = 16 * 1024
STATES = {
    "PROCESS_STATE_RUNNING": "runs",
    "PROCESS_STATE_EXITED": "ended",
    "PROCESS_STATE_BACKOFF": "ended right after its start; it is tried again",
    "PROCESS_STATE_FATAL": "was given up",
    "PROCESS_STATE_STOPPED": "stopped",
}


class Log:
    """A file that is rotated by size: FILE, FILE.1, … FILE.4, each up to 10 MiB."""

    def __init__(self, file: Path, *, limit: int = LIMIT, kept: int = KEPT) -> None:
        self.file, self.limit, self.kept = file, limit, kept
        self._out = file.open("ab")

    def write(self, name: str, line: bytes) -> None:
        """One line, with the time and its process's name before it."""
        stamp = time.strftime("%Y-%m-%d %H:%M:%S")
        self._out.write(f"{stamp} {name:<9} ".encode() + line + b"\n")

    def flush(self) -> None:
        self._out.flush()
        if self._out.tell() >= self.limit:
            self._rotate()

    def close(self) -> None:
        self._out.close()

    def _rotate(self) -> None:
        self._out.close()
        for number in range(self.kept, 0, -1):
            older = self._numbered(number)
            newer = self._numbered(number - 1)
            if newer.exists():
                newer.replace(older)
        self._out = self.file.open("ab")

    def _numbered(self, number: int) -> Path:
        return self.file if number == 0 else self.file.with_name(f"{self.file.name}.{number}")


class Lines:
    """Puts chunks together to lines, for each process and channel on its own."""

    def __init__(self, log: Log) -> None:
        self.log = log
        self._rest: dict[tuple[str, str], bytes] = {}

    def feed(self, name: str, channel: str, data: bytes) -> None:
        *lines, rest = (self._rest.pop((name, channel), b"") + data).split(b"\n")
        for line in lines:
            self.log.write(name, line.rstrip(b"\r"))
        while len(rest) > LONGEST:
            self.log.write(name, rest[:LONGEST])
            rest = rest[LONGEST:]
        if rest:
            self._rest[name, channel] = rest

    def close(self, name: str) -> None:
        """What a process left without a line's end is written as a line."""
        for key in [key for key in self._rest if key[0] == name]:
            self.log.write(name, self._rest.pop(key))


def fields(line: str) -> dict[str, str]:
    """`a:b c:d` as a dict."""
    return dict(word.split(":", 1) for word in line.split())


def handle(lines: Lines, event: str, payload: bytes) -> None:
    """Write one event to the log."""
    head, _, data = payload.partition(b"\n")
    about = fields(head.decode(errors="replace"))
    name = about.get("processname", "?")
    if event.startswith("PROCESS_LOG"):
        lines.feed(name, about.get("channel", ""), data)
    elif event in STATES:
        lines.close(name)
        expected = "" if about.get("expected", "1") == "1" else " unexpectedly"
        process = f" as process {about['pid']}" if event == "PROCESS_STATE_RUNNING" else ""
        lines.log.write("lab", f"{name} {STATES[event]}{expected}{process}".encode())
    lines.log.flush()


def listen(lines: Lines, read: IO[bytes], write: IO[bytes]) -> None:
    """Until supervisord closes the pipe."""
    while True:
        write.write(b"READY\n")
        write.flush()
        header = read.readline()
        if not header:
            return
        about = fields(header.decode())
        payload = read.read(int(about["len"]))
        handle(lines, about["eventname"], payload)
        write.write(b"RESULT 2\nOK")
        write.flush()


if __name__ == "__main__":
    listen(Lines(Log(Path(sys.argv[1]))), sys.stdin.buffer, sys.stdout.buffer)
