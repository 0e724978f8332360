"""Who a command of manage.py runs as."""

from __future__ import annotations

import pytest

from lab.setup.handover import writes_lessons


@pytest.mark.parametrize(
    ("words", "author"),
    [
        (["newlesson", "020-x"], True),
        (["newstep", "010-first", "20-x"], True),
        (["checklessons"], True),
        (["checklessons", "--content", "x"], True),
        (["checklessons", "--run", "010-first"], False),
        (["migrate"], False),
        (["sandbox", "newlesson"], False),
        ([], False),
    ],
)
def test_only_what_needs_no_lab_runs_as_an_author(words: list[str], author: bool) -> None:
    assert writes_lessons(words) is author
