"""Processes inside sandboxes whose parent, a runtime that has left, made this process their heir."""

from __future__ import annotations

import ctypes
import os
import time
from contextlib import suppress
from pathlib import Path

from sandbox.drivers.namespace.state import is_zombie_of
from sandbox.errors import SandboxError

PR_SET_CHILD_SUBREAPER, PR_GET_CHILD_SUBREAPER = 36, 37
REAP = 5.0
UNCLAIMED = 10.0
"""Seconds after which nobody will wait for a child that has ended: whoever does, does so at once."""

_libc = ctypes.CDLL(None, use_errno=True)


def adopt(wanted: bool = True) -> bool:
    """Have orphaned descendants become children of this process, so that it learns how they end, or no longer;
    whether they did before."""
    before = ctypes.c_int()
    _libc.prctl(PR_GET_CHILD_SUBREAPER, ctypes.byref(before), 0, 0, 0)
    _libc.prctl(PR_SET_CHILD_SUBREAPER, int(wanted), 0, 0, 0)
    return bool(before.value)


def exit_code(pid: int) -> int:
    """Wait for a child to end: its exit code, or 128 + the signal. Raises SandboxError when it is not ours."""
    try:
        _, status = os.waitpid(pid, 0)
    except ChildProcessError as error:
        raise SandboxError("How the command ended is not known; try again.", detail=f"pid {pid}") from error
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def reap(pid: int) -> None:
    """Take note of the end of a sandbox's first process, if it is a child of this one.

    It cannot end before every process of its namespace has been waited for, terminals' shells too:
    those are their openers' to wait for, so this gives up after some seconds.
    """
    deadline = time.monotonic() + REAP
    while pid and time.monotonic() < deadline:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return
        except ChildProcessError:
            return
        time.sleep(0.002)


class Strays:
    """Children of this process that have ended and that nobody waits for: what a runtime had begun when it failed in
    a sandbox that was just dying. As long as one is there, the first process of its sandbox cannot end."""

    def __init__(self, unclaimed: float = UNCLAIMED) -> None:
        """`unclaimed`: seconds after which a child that has ended counts as one."""
        self.unclaimed = unclaimed
        self._since: dict[int, float] = {}

    def collect(self) -> int:
        """Wait for those there are; how many. To be called now and then, by one thread."""
        now = time.monotonic()
        ended = {pid: self._since.get(pid, now) for pid in _ended()}
        overdue = [pid for pid, since in ended.items() if now - since >= self.unclaimed]
        for pid in overdue:
            del ended[pid]
            with suppress(ChildProcessError):
                os.waitpid(pid, os.WNOHANG)
        self._since = ended
        return len(overdue)


def _ended() -> list[int]:
    """The children that have ended and are yet to be waited for."""
    try:
        if os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return []
    except ChildProcessError:
        return []
    found = (int(path.name) for path in Path("/proc").glob("[0-9]*"))
    return [pid for pid in found if is_zombie_of(pid, os.getpid())]
