"""Processes inside sandboxes whose parent, a runtime that has left, made this process their heir."""

from __future__ import annotations

import ctypes
import os
import time

from sandbox.errors import SandboxError

PR_SET_CHILD_SUBREAPER = 36
REAP = 5.0

_libc = ctypes.CDLL(None, use_errno=True)


def adopt() -> None:
    """Have orphaned descendants become children of this process, so that it learns how they end."""
    _libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)


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
