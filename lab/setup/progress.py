"""How far set-up is: on the terminal, and in a file that the page shows."""

from __future__ import annotations

import contextlib
import json
import shutil
import sys
import threading
import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import IO, Any

BAR = 20
WRITE_EVERY = 0.2
PLAIN_EVERY = 15.0


@dataclass
class State:
    """One part's line. `state` is waiting, running, done or failed; `total` 0 means unknown."""

    name: str
    title: str
    state: str = "waiting"
    done: int = 0
    total: int = 0
    note: str = ""


class Progress:
    """The parts of one run, in order. Everything may be called from several threads.

    `file` is kept up to date, written anew in one step, once `publish` has named it.
    """

    def __init__(self, out: IO[str] | None = None) -> None:
        self.out = out or sys.stdout
        self.parts: list[State] = []
        self.failed: str | None = None
        self._file: Path | None = None
        self._lock = threading.RLock()
        self._began: dict[str, float] = {}
        self._written = 0.0
        self._printed = 0.0
        self._open_line = False
        self._tty = self.out.isatty()

    def expect(self, name: str, title: str) -> None:
        """Announce a part that will come."""
        with self._lock:
            self.parts.append(State(name, title))
            self._write(force=True)

    def snapshot(self) -> dict[str, Any]:
        """What the file holds: `{"parts": [...], "failed": null or a sentence}`."""
        with self._lock:
            return {"parts": [asdict(part) for part in self.parts], "failed": self.failed}

    def publish(self, file: Path | None) -> None:
        """From now on keep this file up to date; None removes the one there was."""
        with self._lock:
            if file is None and self._file is not None:
                self._file.unlink(missing_ok=True)
            self._file = file
            self._write(force=True)

    def start(self, name: str) -> None:
        with self._lock:
            part = self._find(name)
            part.state = "running"
            self._began[name] = time.monotonic()
            self._show(part, force=True)
            self._write(force=True)

    def report(self, name: str, done: int, total: int, note: str) -> None:
        """How far a running part is."""
        with self._lock:
            part = self._find(name)
            news = note != part.note  # which may be the last word for minutes
            part.done, part.total, part.note = done, total, note
            self._show(part)
            self._write(force=news)

    def finish(self, name: str, note: str = "") -> None:
        with self._lock:
            part = self._find(name)
            part.state, part.note = "done", note
            part.done = part.total
            if name in self._began:  # what was there already needs no line
                self._show(part, force=True)
            self._write(force=True)

    def fail(self, sentence: str) -> None:
        """Mark what runs as failed; the sentence is what the page shows."""
        with self._lock:
            self.failed = sentence
            for part in self.parts:
                if part.state == "running":
                    part.state = "failed"
                    self._show(part, force=True)
            self._write(force=True)

    def say(self, line: str) -> None:
        """A line of its own."""
        with self._lock:
            self._end_line()
            self._print(line + "\n")

    def _find(self, name: str) -> State:
        return next(part for part in self.parts if part.name == name)

    def _seconds(self, part: State) -> float:
        return time.monotonic() - self._began.get(part.name, time.monotonic())

    def _show(self, part: State, force: bool = False) -> None:
        now = time.monotonic()
        if not force and now - self._printed < (0.1 if self._tty else PLAIN_EVERY):
            return
        self._printed = now
        if self._tty:
            width = shutil.get_terminal_size().columns - 1
            self._print("\r\x1b[K" + self._line(part)[:width])
            self._open_line = True
            if part.state in ("done", "failed"):
                self._end_line()
        else:
            self._print(self._line(part) + "\n")

    def _line(self, part: State) -> str:
        title = f"{part.title:<30}"
        seconds = self._seconds(part)
        if part.state == "done":
            took = f"{seconds:5.1f} s" if seconds >= 0.05 else "ready"
            return f"  {title} {'█' * BAR if self._tty else 'done'}  {part.note or took}"
        if part.state == "failed":
            return f"  {title} failed after {seconds:.1f} s"
        share = part.done / part.total if part.total else 0.0
        count = f"{part.done}/{part.total}" if part.total else ""
        if not self._tty:
            return f"  {title} {' '.join(word for word in (count, part.note) if word) or 'begins'}"
        filled = min(BAR, int(share * BAR))
        note = part.note if len(part.note) <= 40 else part.note[:39] + "…"
        return f"  {title} {'█' * filled}{'░' * (BAR - filled)}  {count:>9} {seconds:4.0f} s  {note}"

    def _print(self, text: str) -> None:
        with contextlib.suppress(OSError):  # the terminal may be gone, and cleaning up must go on
            print(text, end="", file=self.out, flush=True)

    def _end_line(self) -> None:
        if self._open_line:
            self._print("\n")
            self._open_line = False

    def _write(self, force: bool = False) -> None:
        now = time.monotonic()
        if self._file is None or (not force and now - self._written < WRITE_EVERY):
            return
        self._written = now
        fresh = self._file.with_name(f".{self._file.name}.new")
        with contextlib.suppress(OSError):  # a full disk must not hide the failure that it caused
            fresh.write_text(json.dumps(self.snapshot()))
            fresh.replace(self._file)
