"""What a page may say on the lesson channel, checked before anybody acts on it."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from lessons.fences import FILE_LIMIT
from lessons.tree import Lesson, Step
from sandbox.buckets import Bucket

SIZE_LIMIT = 4096
"""Bytes in one message."""
SAVE_LIMIT = 4 * FILE_LIMIT
"""Bytes in one that holds a file; some characters take more than one there."""
TOO_LONG = "That is too long to send; shorten it."
PLAIN = ("claim", "give-up", "reset", "present", "wake", "keep", "ports", "stop")
"""Types that have no fields."""
UNKNOWN = "The page sent something the lab does not know; reload it."


ABOUT_STEPS: dict[str, Callable[[Step], bool]] = {
    "check": lambda step: step.checked,
    "solve": lambda step: step.checked,
    "leave": lambda step: True,
    "answer": lambda step: True,
    "save": lambda step: True,
    "catch-up": lambda step: True,
}
"""Messages that name a step, and whether it can be that one."""


class Malformed(Exception):
    """No message at all: the connection is closed."""


class Refused(Exception):
    """A message that cannot be followed; the text is one sentence for the page."""


@dataclass(frozen=True)
class Message:
    """`type` is one of PLAIN or of ABOUT_STEPS, layout or close-terminal; `step` is a step of the lesson for
    ABOUT_STEPS. `key` is the sandbox that layout and close-terminal are about, `layout` what the page says
    it is. `block` is the question or file of that step that an answer or a text, `value`, is for."""

    type: str
    step: str = ""
    asked: bool = False
    key: str = ""
    name: str = ""
    layout: Any = None
    block: str = ""
    value: Any = None


def parse(text: str, lesson: Lesson) -> Message:
    """Raises Malformed for what is no JSON object, Refused for what is too long or says nothing known."""
    size = len(text) if len(text) > SAVE_LIMIT else len(text.encode("utf-8", errors="surrogatepass"))
    if size > SAVE_LIMIT:
        raise Refused(TOO_LONG)
    try:
        data = json.loads(text)
    except (ValueError, RecursionError):
        raise Malformed("A message must be JSON.") from None
    if not isinstance(data, dict):
        raise Malformed("A message must be a JSON object.")
    kind = data.get("type")
    if size > SIZE_LIMIT and kind != "save":
        raise Refused(TOO_LONG)
    if kind in PLAIN:
        return Message(kind)
    if kind in ("layout", "close-terminal"):
        return _about_terminals(kind, data)
    if not isinstance(kind, str) or kind not in ABOUT_STEPS:
        raise Refused(UNKNOWN)
    slug, asked = data.get("step"), data.get("asked", False)
    step = lesson.by_slug.get(slug) if isinstance(slug, str) else None
    if step is None or not ABOUT_STEPS[kind](step) or not isinstance(asked, bool):
        raise Refused("This step has been removed or renamed; reload the page.")
    if kind in ("answer", "save"):
        return _about_a_block(kind, step, data)
    return Message(kind, step.slug, asked)


def _about_a_block(kind: str, step: Step, data: dict[str, Any]) -> Message:
    block = data.get("block")
    if not isinstance(block, str) or block not in (step.graded if kind == "answer" else step.files):
        raise Refused("This step has been changed since the page was loaded; reload it.")
    return Message(kind, step.slug, block=block, value=data.get("value"))


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
