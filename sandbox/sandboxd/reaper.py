"""The parent of sandboxd, and of every process of a sandbox that lost its own.

It keeps how each of them ended in `exits/<pid>-<start>` (an exit code, or 128 + the signal), so that a
restarted sandboxd still learns it; and it starts sandboxd again when that dies. Nothing else.
"""

from __future__ import annotations

import ctypes
import os
import signal
import sys
import time
from contextlib import suppress
from pathlib import Path

from sandbox.drivers.namespace.state import raw_start_time

PR_SET_PDEATHSIG = 1
PR_SET_CHILD_SUBREAPER = 36
PAUSE = 0.2

_libc = ctypes.CDLL(None, use_errno=True)


def supervise(argv: list[str], exits: Path) -> int:
    """Run `argv` until it ends by itself or this process is told to end; its exit code."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    exits.mkdir(mode=0o700, exist_ok=True)
    child = _start(argv)
    stopping = False

    def stop(number: int, frame: object) -> None:
        nonlocal stopping
        stopping = True
        with suppress(ProcessLookupError):
            os.kill(child, signal.SIGTERM)

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    while True:
        ended = os.waitid(os.P_ALL, 0, os.WEXITED | os.WNOWAIT)
        assert ended is not None
        pid = ended.si_pid
        code = ended.si_status if ended.si_code == os.CLD_EXITED else 128 + ended.si_status
        if pid != child:
            (exits / f"{pid}-{raw_start_time(pid)}").write_text(str(code))
            os.waitpid(pid, 0)
            continue
        os.waitpid(pid, 0)
        if stopping or ended.si_code == os.CLD_EXITED:
            return code
        print(f"sandboxd ended by signal {ended.si_status}; starting it again", file=sys.stderr, flush=True)
        time.sleep(PAUSE)
        child = _start(argv)


def _start(argv: list[str]) -> int:
    parent = os.getpid()
    pid = os.fork()
    if pid == 0:
        _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM, 0, 0, 0)
        if os.getppid() != parent:
            os._exit(1)
        os.execv(argv[0], argv)
    return pid
