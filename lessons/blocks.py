"""The blocks of a step that a learner answers or edits, as the course holds them in memory.

What is in the page of a question is its `question` and the options' texts; answers, explanations and the
command that finds the truth stay on the server until the learner has answered.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from typing import Any

ANSWER_LENGTH = 500
"""Characters in an answer."""
NUMBER = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,30})?")
GROUPED = re.compile(r"[+-]?[0-9]{1,3}([\s_'’,][0-9]{3})+([.,][0-9]+)?")
"""With thousands apart, whatever parts them."""
GAPS = re.compile(r"[\s_'’]")


class Unreadable(ValueError):
    """No answer to this question at all; the text is one sentence for the learner."""


def block_id(kind: str, *parts: str) -> str:
    """A block's name, the same as long as what it asks is the same: an answer to another question is none."""
    return f"{kind}-{hashlib.sha256(chr(0).join(parts).encode()).hexdigest()[:10]}"


def fold(text: str) -> str:
    """A text as it is compared: case, and how much space there is, do not matter."""
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def number(text: str) -> Decimal:
    """The number that a person wrote: 20971520, 20 971 520, 20,971,520, 1.5 or 1,5. Raises Unreadable."""
    plain = text.strip()
    if GROUPED.fullmatch(plain):
        head, comma, tail = plain.rpartition(",")
        decimals = comma and "," not in head and len(tail) != 3
        plain = GAPS.sub("", f"{head}.{tail}" if decimals else plain.replace(",", ""))
    plain = plain.replace(",", ".")
    if not NUMBER.fullmatch(plain):
        raise Unreadable("Write a number, such as 42 or 1.5, without a unit.")
    try:
        return Decimal(plain)
    except InvalidOperation:  # pragma: no cover - the pattern leaves nothing for it
        raise Unreadable("Write a number, such as 42 or 1.5, without a unit.") from None


def _line(value: Any) -> str:
    if not isinstance(value, str) or not value.strip():
        raise Unreadable("Write an answer first.")
    if len(value) > ANSWER_LENGTH:
        raise Unreadable(f"An answer may have {ANSWER_LENGTH} characters; shorten it.")
    return value.strip()


def _choice(value: Any, count: int) -> int:
    if not isinstance(value, int) or isinstance(value, bool) or not 0 <= value < count:
        raise Unreadable("Choose one of the answers first.")
    return value


@dataclass(frozen=True)
class Option:
    """One answer to choose; `text` and `why` are safe HTML."""

    text: str
    right: bool = False
    why: str = ""


@dataclass(frozen=True)
class Quiz:
    """A question with a known answer. `kind` is choice, choices, number or text; texts are safe HTML but
    those in `accepted`, which are folded."""

    id: str
    kind: str
    question: str
    options: tuple[Option, ...] = ()
    answer: Decimal = Decimal(0)
    tolerance: Decimal = Decimal(0)
    accepted: frozenset[str] = frozenset()
    shown_answer: str = ""
    why: str = ""
    hint: str = ""

    def read(self, value: Any) -> Any:
        """The learner's answer in the form that is kept. Raises Unreadable."""
        if self.kind == "choice":
            return _choice(value, len(self.options))
        if self.kind == "choices":
            if not isinstance(value, list) or not 0 < len(value) <= len(self.options):
                raise Unreadable("Choose at least one of the answers first.")
            return sorted({_choice(one, len(self.options)) for one in value})
        text = _line(value)
        if self.kind == "number":
            number(text)
        return text

    def is_right(self, value: Any) -> bool:
        """Whether what `read` gave answers the question."""
        if self.kind == "choice":
            return self.options[int(value)].right
        if self.kind == "choices":
            return list(value) == [index for index, option in enumerate(self.options) if option.right]
        if self.kind == "number":
            return abs(number(value) - self.answer) <= self.tolerance
        return fold(value) in self.accepted


@dataclass(frozen=True)
class Predict:
    """A question whose answer the sandbox knows. `kind` is text, number or choice; `truth` is a bash script
    whose last line of output is the answer; `why` is safe HTML that may hold {{truth}}."""

    id: str
    kind: str
    question: str
    truth: str
    options: tuple[str, ...] = ()
    why: str = ""

    def read(self, value: Any) -> Any:
        """The learner's answer in the form that is kept. Raises Unreadable."""
        if self.kind == "choice":
            return _choice(value, len(self.options))
        text = _line(value)
        if self.kind == "number":
            number(text)
        return text

    def agrees(self, value: Any, truth: str) -> bool:
        """Whether the learner foresaw it. Raises Unreadable when the truth is no number but should be one."""
        if self.kind == "number":
            return number(value) == number(truth)
        return fold(self.options[value] if self.kind == "choice" else value) == fold(truth)


@dataclass(frozen=True)
class File:
    """A file that the learner edits in the page and saves into the sandbox. `mode` is octal, such as 0644."""

    id: str
    path: str
    text: str
    mode: str = "0644"


Block = Quiz | Predict | File
