from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from lessons import course
from lessons.messages import Allowances, Malformed, Message, Refused, parse
from lessons.tree import Lesson
from sandbox.buckets import Bucket


@pytest.fixture
def lesson(content: Path) -> Lesson:
    return course.get().by_slug["010-first"]


@pytest.mark.parametrize(
    ("data", "message"),
    [
        ({"type": "claim"}, Message("claim")),
        ({"type": "reset", "more": 1}, Message("reset")),
        ({"type": "give-up"}, Message("give-up")),
        ({"type": "present"}, Message("present")),
        ({"type": "wake"}, Message("wake")),
        ({"type": "keep"}, Message("keep")),
        ({"type": "check", "step": "10-one"}, Message("check", "10-one", False)),
        ({"type": "check", "step": "10-one", "asked": True}, Message("check", "10-one", True)),
        ({"type": "solve", "step": "20-two"}, Message("solve", "20-two")),
        ({"type": "layout", "key": "k", "layout": {"x": 1}}, Message("layout", key="k", layout={"x": 1})),
        ({"type": "close-terminal", "key": "k", "name": "t2"}, Message("close-terminal", key="k", name="t2")),
    ],
)
def test_good_messages(lesson: Lesson, data: dict[str, Any], message: Message) -> None:
    assert parse(json.dumps(data), lesson) == message


@pytest.mark.parametrize("text", ["", "{", "[]", '"claim"', "7", "null", "[" * 3000, "NaN"])
def test_what_is_no_message(lesson: Lesson, text: str) -> None:
    with pytest.raises(Malformed):
        parse(text, lesson)


@pytest.mark.parametrize(
    "data",
    [
        {},
        {"type": None},
        {"type": ["claim"]},
        {"type": "destroy"},
        {"type": "layout", "layout": {}},
        {"type": "layout", "key": 7, "layout": {}},
        {"type": "close-terminal", "key": "k"},
        {"type": "close-terminal", "key": "k", "name": ["t2"]},
        {"type": "check"},
        {"type": "check", "step": 10},
        {"type": "check", "step": "99-no"},
        {"type": "check", "step": "30-read"},
        {"type": "check", "step": "10-one", "asked": 1},
        {"type": "solve", "step": {}},
    ],
)
def test_messages_that_cannot_be_followed(lesson: Lesson, data: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        parse(json.dumps(data), lesson)


def test_a_bucket_fills_up_again(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sandbox.buckets.time.monotonic", lambda: now[0])
    bucket = Bucket(rate=2, burst=3)
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]
    now[0] += 0.5
    assert [bucket.take() for _ in range(2)] == [True, False]
    now[0] += 100
    assert [bucket.take() for _ in range(4)] == [True, True, True, False]


def test_allowances_are_by_name_and_forget_the_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sandbox.buckets.time.monotonic", lambda: now[0])
    allowances = Allowances(rate=1, burst=1, keep=2)
    assert [allowances.take(name) for name in ("a", "a", "b")] == [True, False, True]
    now[0] += 2
    assert allowances.take("c")
    assert allowances.take("d")
    assert len(allowances._by_name) <= 3
    assert not allowances.take("d")
