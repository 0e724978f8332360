"""The few frames of Engine.IO and Socket.IO that wetty speaks. Examples: the protocol pages of socket.io."""

from __future__ import annotations

import pytest

from bench.wetty import event, parsed, units


@pytest.mark.parametrize(
    ("frame", "expected"),
    [
        ('0{"sid":"a","upgrades":[],"pingInterval":3000}', ("0", None)),
        ("2", ("2", None)),
        ('40{"sid":"b"}', ("40", None)),
        ('42["data","\\u001b[0mé"]', ("data", "\x1b[0mé")),
        ('42["logout"]', ("logout", None)),
    ],
)
def test_parsed(frame: str, expected: tuple[str, str | None]) -> None:
    assert parsed(frame) == expected


def test_an_event_is_what_is_parsed() -> None:
    assert event("input", "x\r") == '42["input", "x\\r"]'
    assert parsed(event("commit", 262144)) == ("commit", 262144)


def test_units_are_those_of_javascript() -> None:
    assert [units(text) for text in ("abc", "né", "🐳")] == [3, 2, 2]
