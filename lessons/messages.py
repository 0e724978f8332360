"""What a page may say on the lesson channel, checked before anybody acts on it."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from lessons.tree import Lesson
from sandbox.buckets import Bucket

SIZE_LIMIT = 4096
"""Bytes in one message."""
PLAIN = ("claim", "leave", "reset", "present", "wake", "keep", "ports")
"""Types that have no fields."""
UNKNOWN = "The page sent something the lab does not know; reload it."


class Malformed(Exception):
    """No message at all: the connection is closed."""


class Refused(Exception):
    """A message that cannot be followed; the text is one sentence for the page."""


@dataclass(frozen=True)
class Message:
    """`type` is one of PLAIN, check, solve, layout or close-terminal; `step` is a step of the lesson for check and
    solve. `key` is the sandbox that layout and close-terminal are about, `layout` what the page says it is."""

    type: str
    step: str = ""
    asked: bool = False
    key: str = ""
    name: str = ""
    layout: Any = None


def parse(text: str, lesson: Lesson) -> Message:
    """Raises Malformed for what is no JSON object or too long, Refused for what says nothing known."""
    if len(text.encode("utf-8", errors="surrogatepass")) > SIZE_LIMIT:
        raise Malformed(f"A message may have {SIZE_LIMIT} bytes.")
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("A message must be JSON.") from None
    if not isinstance(data, dict):
        raise Malformed("A message must be a JSON object.")
    kind = data.get("type")
    if kind in PLAIN:
        return Message(kind)
    if kind in ("layout", "close-terminal"):
        return _about_terminals(kind, data)
    if kind not in ("check", "solve"):
        raise Refused(UNKNOWN)
    slug, asked = data.get("step"), data.get("asked", False)
    step = lesson.by_slug.get(slug) if isinstance(slug, str) else None
    if step is None or not step.checked or not isinstance(asked, bool):
        raise Refused("This step has been removed or renamed; reload the page.")
    return Message(kind, step.slug, asked)


def _about_terminals(kind: str, data: dict[str, Any]) -> Message:
    key, name = data.get("key"), data.get("name", "")
    if not isinstance(key, str) or not isinstance(name, str) or (kind == "close-terminal" and not name):
        raise Refused(UNKNOWN)
    return Message(kind, key=key, name=name, layout=data.get("layout"))


class Allowances:
    """One bucket for each name, however many connections share it. For use within one event loop."""

    def __init__(self, rate: float, burst: float, keep: int = 1000) -> None:
        self.rate = rate
        self.burst = burst
        self.keep = keep
        self._by_name: dict[str, Bucket] = {}

    def take(self, name: str) -> bool:
        """Whether one more is allowed for `name` now."""
        if len(self._by_name) > self.keep:
            self._by_name = {key: value for key, value in self._by_name.items() if not value.full}
        return self._by_name.setdefault(name, Bucket(self.rate, self.burst)).take()
