"""Whether orphans become this process's children, for tests that have made it so."""

from __future__ import annotations

import ctypes
from collections.abc import Iterator
from contextlib import contextmanager

SET, GET = 36, 37
"""PR_SET_CHILD_SUBREAPER and PR_GET_CHILD_SUBREAPER of prctl(2)."""

_libc = ctypes.CDLL(None, use_errno=True)


@contextmanager
def disinherited() -> Iterator[None]:
    """In the body, processes that lose their parents go to the machine's first process, and stay its children."""
    before = ctypes.c_int()
    _libc.prctl(GET, ctypes.byref(before), 0, 0, 0)
    _libc.prctl(SET, 0, 0, 0, 0)
    try:
        yield
    finally:
        _libc.prctl(SET, before.value, 0, 0, 0)
