"""The parent of sandboxd, and of every process of a sandbox that lost its own.

It keeps how each of them ended in `exits/<pid>-<start>` (an exit code, or 128 + the signal), so that a
restarted sandboxd still learns it; and it starts sandboxd again when that dies. Nothing else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
from pathlib import Path

from sandbox.drivers.namespace import children
from sandbox.drivers.namespace.state import raw_start_time

PR_SET_PDEATHSIG = 1
PAUSE = 0.2
STOPS = (signal.SIGTERM, signal.SIGINT)
WATCHED = (*STOPS, signal.SIGCHLD)

_libc = ctypes.CDLL(None, use_errno=True)


def supervise(argv: list[str], exits: Path) -> int:
    """Run `argv` until it ends by itself or this process is told to end; its exit code.

    Signals are waited for, not handled: a handler's news may come just before a wait that then never ends.
    """
    children.adopt()
    exits.mkdir(mode=0o700, exist_ok=True)
    signal.pthread_sigmask(signal.SIG_BLOCK, WATCHED)
    child = _start(argv)
    stopping = False
    while True:
        if signal.sigwait(WATCHED) != signal.SIGCHLD:
            stopping = True
            os.kill(child, signal.SIGTERM)  # not waited for yet, so the pid is still its own
            continue
        ended = _wait_for_all(child, exits)
        if ended is None:
            continue
        if stopping or ended.si_code == os.CLD_EXITED:
            return _code(ended)
        print(f"sandboxd ended by signal {ended.si_status}; starting it again", file=sys.stderr, flush=True)
        if signal.sigtimedwait(STOPS, PAUSE) is not None:
            return _code(ended)
        child = _start(argv)


def _wait_for_all(child: int, exits: Path) -> os.waitid_result | None:
    """Wait for all that have ended, and note how, but for the child: its end is returned."""
    found = None
    while True:
        try:
            ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOHANG | os.WNOWAIT)
        except ChildProcessError:
            return found
        if ended is None:
            return found
        if ended.si_pid == child:
            found = ended
        else:
            (exits / f"{ended.si_pid}-{raw_start_time(ended.si_pid)}").write_text(str(_code(ended)))
        os.waitpid(ended.si_pid, 0)


def _code(ended: os.waitid_result) -> int:
    return ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status


def _start(argv: list[str]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, WATCHED)
        os.execv(argv[0], argv)
    return pid
