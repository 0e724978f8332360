"""How the bytes of a run with cuts are accounted for."""

from __future__ import annotations

import pytest

from bench.resume import account, expected

WHOLE = expected(200)


def test_all_of_it() -> None:
    assert account(WHOLE, 200) == (0, 0)


@pytest.mark.parametrize(
    ("received", "lost", "doubled"),
    [
        (WHOLE.replace(b"\n150\n151\n", b"\n"), 8, 0),
        (WHOLE.replace(b"\n150\n", b"\n150\n150\n150\n"), 0, 8),
        (WHOLE.replace(b"\n150\n", b"\n1:50\n"), 4, 0),
        (WHOLE + expected(9), 0, 18),
        (b"", len(WHOLE), 0),
    ],
)
def test_lost_twice_and_torn(received: bytes, lost: int, doubled: int) -> None:
    assert account(received, 200) == (lost, doubled)
