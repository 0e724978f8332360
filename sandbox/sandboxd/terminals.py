"""Open terminals: sandboxd opens them, termd serves them, and each can lose the other without loss of a shell.

termd keeps one connection here. Both hold a descriptor of every PTY master, and whoever comes back
after a crash gets the others' back over that connection.
"""

from __future__ import annotations

import logging
import os
import select
import socket
import threading
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from weakref import WeakValueDictionary

from sandbox import wire
from sandbox.drivers.base import Driver, Handle
from sandbox.drivers.namespace import children
from sandbox.drivers.namespace.state import raw_start_time, start_time
from sandbox.errors import Reason, SandboxError, SandboxUnavailable
from sandbox.sandboxd.hangup import hang_up

log = logging.getLogger(__name__)

HANDOVER = 5.0
"""Seconds that termd may take to accept a terminal."""
EXIT_KNOWN = 2.0
"""Seconds to wait for the reaper to note how a process ended."""
EXITS_KEPT = 600.0
CLOSED = 5.0
"""Seconds that a killed shell may take to be gone."""
AT_ONCE = 8
"""Terminals that one sandbox may have open."""


@dataclass
class Terminal:
    """One open terminal; `started` tells its process from a later one with the same pid."""

    id: str
    fd: int
    pid: int
    started: int
    taken: threading.Event
    ended: threading.Event = field(default_factory=threading.Event)


class Opening:
    """One opening at a time of one terminal; forgotten with the last that opens it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()


class Terminals:
    """All open terminals, by id `<sandbox key>/<name>`. Safe for threads."""

    def __init__(self, exits: Path) -> None:
        self.exits = exits
        self._open: dict[str, Terminal] = {}
        self._lock = threading.Lock()
        self._opening: WeakValueDictionary[str, Opening] = WeakValueDictionary()
        self._starting: set[str] = set()
        self._link: socket.socket | None = None
        self._linked = threading.Event()

    def open(self, driver: Driver, handle: Handle, name: str, size: tuple[int, int], user: str) -> str:
        """The id of the sandbox's terminal of that name, a new one if none is open and known to termd.

        Raises SandboxNotFound when the sandbox is gone, SandboxUnavailable when termd is, and SandboxError
        (CAPACITY) when the sandbox has as many terminals as it may have.
        """
        identity = f"{handle.get('key')}/{name}"
        with self._lock:
            opening = self._opening.setdefault(identity, Opening())
        with opening.lock:
            if not self._linked.wait(HANDOVER):
                raise SandboxUnavailable("The part of the lab that holds terminals is starting; try again.")
            with self._lock:
                terminal = self._open.get(identity)
            if terminal is None:
                terminal = self._start(driver, handle, identity, size, user)
            if not terminal.taken.wait(HANDOVER):
                raise SandboxUnavailable(
                    "The part of the lab that holds terminals does not answer; try again."
                )
            return identity

    def _start(
        self, driver: Driver, handle: Handle, identity: str, size: tuple[int, int], user: str
    ) -> Terminal:
        sandbox = identity.rpartition("/")[0] + "/"
        with self._lock:
            taken = sum(name.startswith(sandbox) for name in self._open.keys() | self._starting)
            if taken >= AT_ONCE:
                raise SandboxError(
                    f"This sandbox has {AT_ONCE} terminals open; end one with exit, then try again.",
                    reason=Reason.CAPACITY,
                )
            self._starting.add(identity)
        try:
            pty = driver.open_terminal(handle, size, user)
            terminal = Terminal(identity, pty.fd, pty.pid, raw_start_time(pty.pid), threading.Event())
            self._add(terminal)
        finally:
            with self._lock:
                self._starting.discard(identity)
        self._hand_over(terminal)
        return terminal

    def close(self, handle: Handle, name: str) -> None:
        """End the sandbox's terminal of that name with all that runs in it; without effect when none is open.

        Raises SandboxError when it does not end.
        """
        with self._lock:
            terminal = self._open.get(f"{handle.get('key')}/{name}")
        if terminal is None:
            return
        with suppress(ProcessLookupError):
            held = os.pidfd_open(terminal.pid)
            try:
                if raw_start_time(terminal.pid) == terminal.started:
                    hang_up(terminal.pid, held)
            finally:
                os.close(held)
        if not terminal.ended.wait(CLOSED):
            raise SandboxError("The terminal did not end; try again.")

    def serve_termd(self, connection: socket.socket, hello: wire.Message) -> None:
        """Serve termd until it goes: take what it has, give what it has not, then tell it of new and ended ones."""
        del hello
        held: set[str] = set()
        while True:
            message, descriptors = wire.receive(connection, 1)
            if message.get("ready"):
                break
            held.add(message["terminal"])
            self._take_back(connection, message, descriptors[0])
        with self._lock:
            previous, self._link = self._link, connection
            waiting = [terminal for terminal in self._open.values() if terminal.id not in held]
        self._linked.set()
        if previous is not None:
            with suppress(OSError):
                previous.shutdown(socket.SHUT_RDWR)
        for terminal in waiting:
            terminal.taken.clear()
            self._hand_over(terminal)
        try:
            while True:
                message, _ = wire.receive(connection)
                with self._lock:
                    known = self._open.get(message.get("taken", ""))
                if known is not None:
                    known.taken.set()
        finally:
            with self._lock:
                if self._link is connection:
                    self._link = None
                    self._linked.clear()

    def _take_back(self, connection: socket.socket, message: wire.Message, fd: int) -> None:
        identity, pid, started = message["terminal"], message["pid"], message["started"]
        with self._lock:
            known = self._open.get(identity)
        if known is not None and known.pid == pid:
            os.close(fd)
            known.taken.set()
        elif start_time(pid) == started:
            terminal = Terminal(identity, fd, pid, started, threading.Event())
            terminal.taken.set()
            self._add(terminal)
        else:
            os.close(fd)
            wire.send(connection, {"exit": identity, "pid": pid, "code": self._exit_code(pid, started)})

    def _add(self, terminal: Terminal) -> None:
        with self._lock:
            self._open[terminal.id] = terminal
        threading.Thread(target=self._watch, args=(terminal,), daemon=True).start()

    def _hand_over(self, terminal: Terminal) -> None:
        message = {"terminal": terminal.id, "pid": terminal.pid, "started": terminal.started}
        with self._lock:
            link = self._link
            if link is not None:
                with suppress(OSError):
                    wire.send(link, message, (terminal.fd,))

    def _watch(self, terminal: Terminal) -> None:
        """Wait for the end of a terminal's process, and say how it ended."""
        with suppress(ProcessLookupError):
            ended = os.pidfd_open(terminal.pid)
            try:
                if raw_start_time(terminal.pid) == terminal.started:
                    poll = select.poll()
                    poll.register(ended, select.POLLIN)
                    poll.poll()
            finally:
                os.close(ended)
        try:
            code: int | None = children.exit_code(terminal.pid)
        except SandboxError:  # it outlived the sandboxd that was its parent
            code = self._exit_code(terminal.pid, terminal.started)
        with self._lock:
            if self._open.get(terminal.id) is terminal:
                del self._open[terminal.id]
            link = self._link
            if link is not None:
                with suppress(OSError):
                    wire.send(link, {"exit": terminal.id, "pid": terminal.pid, "code": code})
        os.close(terminal.fd)
        terminal.ended.set()
        self._forget_old_exits()

    def _exit_code(self, pid: int, started: int) -> int | None:
        """What the reaper noted; None when nobody knows. `started` is -1 for one that ended at once."""
        pattern = f"{pid}-*" if started < 0 else f"{pid}-{started}"
        deadline = time.monotonic() + EXIT_KNOWN
        while time.monotonic() < deadline:
            for path in self.exits.glob(pattern):
                text = path.read_text()
                if text:
                    return int(text)
            time.sleep(0.005)
        return None

    def _forget_old_exits(self) -> None:
        limit = time.time() - EXITS_KEPT
        for path in self.exits.iterdir():
            with suppress(OSError):
                if path.stat().st_mtime < limit:
                    path.unlink()
