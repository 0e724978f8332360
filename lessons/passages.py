"""A step's HTML to the text that is searched: its prose, and the commands that it has typed.

Questions and files, which are forms, and outputs are left out: their options may be wrong, and an output may be what a
question before it asks for. Answers, hints and scripts are not in a step's HTML at all.
"""

from __future__ import annotations

from dataclasses import dataclass
from html.parser import HTMLParser

LEFT_OUT = frozenset({"form", "figure", "button"})
BREAKS = frozenset({"p", "h2", "h3", "h4", "h5", "h6", "li", "tr", "blockquote", "aside", "pre", "hr", "br"})
CELLS = frozenset({"th", "td"})


@dataclass(frozen=True)
class Passage:
    """One line of text: a paragraph, a heading, a row of a table, or, with `code`, a line of a block of commands."""

    text: str
    code: bool = False


def passages(html: str) -> tuple[Passage, ...]:
    """The passages of a step's HTML, as lessons/markup.py writes it, in their order."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    reader.end()
    return tuple(reader.found)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.found: list[Passage] = []
        self._text: list[str] = []
        self._code = False
        self._outside = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in LEFT_OUT:
            self._outside += 1
        elif tag in BREAKS:
            self.end()
            self._code = tag == "pre"
        elif tag in CELLS and self._text:
            self._text.append(" · ")

    def handle_endtag(self, tag: str) -> None:
        if tag in LEFT_OUT:
            self._outside -= 1
        elif tag in BREAKS:
            self.end()
            self._code = False

    def handle_data(self, data: str) -> None:
        if not self._outside and (self._text or data.strip()):
            self._text.append(data)

    def end(self) -> None:
        """What was read since the last passage becomes one, or one for each line of code."""
        text = "".join(self._text)
        self._text.clear()
        for line in text.splitlines() if self._code else [text]:
            if words := line.split():
                self.found.append(Passage(" ".join(words), self._code))
