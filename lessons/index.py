"""Search over what anybody may read of the course: titles, summaries, and the texts of steps (lessons/passages.py).

A query's words must all occur, each as the beginning of a word. Which case they have, and which accents, does not
matter; what is neither letter nor digit parts words, so that `cgroup.procs` is two of them.
"""

from __future__ import annotations

import re
import threading
import unicodedata
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence, Set
from dataclasses import dataclass

from lessons import course
from lessons.passages import passages
from lessons.tree import Course, Lesson, Step

QUERY_LENGTH = 100
"""Characters of a query that are looked at."""
MOST = 30
"""Results that are shown."""
EXCERPT_LENGTH = 220
BEFORE = 60
"""Characters of an excerpt before its first match, where it does not begin with its line."""

WORD = re.compile(r"[^\W_]+")
LESSON_TITLE, STEP_TITLE, SUMMARY, TEXT = 12.0, 8.0, 4.0, 1.0
"""What a match is worth by where it is; twice that where it is a whole word."""
CONTEXT = 1.0
"""What a match is worth in the title of a step's lesson."""
IN_A_ROW = 6.0
"""What it is worth that all words stand side by side."""

Marked = Sequence[tuple[str, bool]]
"""A text in pieces, each with whether it matches."""


@dataclass(frozen=True)
class Hit:
    """One result: a step, or with None a lesson. `code` says that the excerpt is a command."""

    lesson: Lesson
    step: Step | None
    title: Marked
    excerpt: Marked
    code: bool


@dataclass(frozen=True)
class Found:
    """The best hits, and how many there are in all."""

    hits: tuple[Hit, ...] = ()
    count: int = 0


@dataclass(frozen=True)
class _Line:
    """A line of text; `row` are its folded words, each with a space before and after."""

    text: str
    row: str
    code: bool


@dataclass(frozen=True)
class _Entry:
    """What can be a hit. Its lines are numbers in the index: `title`, and `lines`, which are all of them; `worth` is
    that of a match in the title and below it. `parent` is the title of its lesson."""

    lesson: Lesson
    step: Step | None
    title: int
    lines: frozenset[int]
    worth: tuple[float, float]
    parent: int


@dataclass(frozen=True)
class _Match:
    """The lines that have a word of the query, and of those the ones that have it whole."""

    lines: Set[int]
    whole: Set[int]


def clean(query: str) -> tuple[str, bool]:
    """A query as it is shown and looked for, and whether it was cut. What cannot be printed becomes a space."""
    start = query[: 10 * QUERY_LENGTH]
    printable = "".join(char if char.isprintable() else " " for char in start)
    text = " ".join(unicodedata.normalize("NFC", printable).split())
    return text[:QUERY_LENGTH].rstrip(), len(text) > QUERY_LENGTH or len(query) > len(start)


def words(text: str) -> list[str]:
    """The words of a text as they are compared."""
    found: list[str] = []
    for word in WORD.findall(unicodedata.normalize("NFC", text)):
        if word.isascii():
            found.append(word.lower())
        else:
            plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
            found += WORD.findall("".join(char for char in plain if not unicodedata.combining(char)))
    return found


class Index:
    """A course's words. Never changes, so that any number of threads may ask it."""

    def __init__(self, source: Course) -> None:
        self._lines: list[_Line] = []
        self._entries: list[_Entry] = []
        self._having: dict[str, set[int]] = {}
        """By word, the lines that have it."""
        for lesson in source.lessons:
            self._add_lesson(lesson)
        self._words = sorted(self._having)

    def _add_lesson(self, lesson: Lesson) -> None:
        parent = len(self._lines)
        texts = [(lesson.title, False), (lesson.summary, False)]
        self._entries.append(_Entry(lesson, None, parent, self._add(texts), (LESSON_TITLE, SUMMARY), parent))
        for step in lesson.steps:
            title = len(self._lines)
            texts = [(step.title, False), *((one.text, one.code) for one in passages(step.html))]
            self._entries.append(_Entry(lesson, step, title, self._add(texts), (STEP_TITLE, TEXT), parent))

    def _add(self, texts: Iterable[tuple[str, bool]]) -> frozenset[int]:
        first = len(self._lines)
        for given, code in texts:
            text = unicodedata.normalize("NFC", given)
            found = words(text)
            for word in found:
                self._having.setdefault(word, set()).add(len(self._lines))
            self._lines.append(_Line(text, f" {' '.join(found)} ", code))
        return frozenset(range(first, len(self._lines)))

    def find(self, query: str, most: int = MOST) -> Found:
        """The entries in which all words of a query occur, best first, among equals in the course's order."""
        wanted = tuple(dict.fromkeys(words(query)))
        if not wanted:
            return Found()
        phrase = " " + " ".join(wanted)
        matches = [self._match(word) for word in wanted]
        scored = [(self._score(entry, matches, phrase), entry) for entry in self._entries]
        ranked = sorted((one for one in scored if one[0]), key=lambda one: -one[0])
        hits = tuple(self._hit(entry, matches, wanted, phrase) for _, entry in ranked[:most])
        return Found(hits, len(ranked))

    def _match(self, word: str) -> _Match:
        first = end = bisect_left(self._words, word)
        while end < len(self._words) and self._words[end].startswith(word):
            end += 1
        lines = set[int]().union(*(self._having[one] for one in self._words[first:end]))
        return _Match(lines, self._having.get(word, frozenset()))

    def _score(self, entry: _Entry, matches: Sequence[_Match], phrase: str) -> float:
        """How good a hit this is; 0 for none. For each word its best place and in how many lines it is, and for all
        of them the best line that has them together."""
        score, together = 0.0, entry.lines
        own = False
        for match in matches:
            lines = match.lines & entry.lines
            if lines:
                own = True
                score += _worth(entry, lines, match.whole) + min(len(lines), 10) / 10
            elif entry.parent in match.lines:
                score += CONTEXT
            else:
                return 0.0
            together &= lines
        if not own:
            return 0.0
        if len(matches) > 1 and together:
            score += max(
                entry.worth[line != entry.title] + IN_A_ROW * (phrase in self._lines[line].row)
                for line in together
            )
        return score

    def _hit(self, entry: _Entry, matches: Sequence[_Match], wanted: tuple[str, ...], phrase: str) -> Hit:
        """The entry with its title, and the line below it that shows most of what was asked for."""
        title, below = self._lines[entry.title].text, sorted(entry.lines - {entry.title})
        marked = _marked(title, _spans(title, wanted))
        if not below:
            return Hit(entry.lesson, entry.step, marked, (), False)
        has = Counter(line for match in matches for line in match.lines & entry.lines)
        whole = Counter(line for match in matches for line in match.whole & entry.lines)
        shown = max(below, key=lambda line: (has[line], phrase in self._lines[line].row, whole[line], -line))
        best = self._lines[shown]
        return Hit(entry.lesson, entry.step, marked, _excerpt(best.text, wanted), best.code)


def _worth(entry: _Entry, lines: Set[int], whole: Set[int]) -> float:
    """What a word is worth that is in these lines of an entry, and whole in those."""
    title = (entry.title in lines) * (1 + (entry.title in whole)) * entry.worth[0]
    below = (1 + (not whole.isdisjoint(entry.lines))) * entry.worth[1]
    return max(title, below)


def _spans(text: str, wanted: tuple[str, ...]) -> list[tuple[int, int]]:
    """Where in a text the words are that match."""
    return [
        found.span()
        for found in WORD.finditer(text)
        if any(word.startswith(wanted) for word in words(found[0]))
    ]


def _marked(text: str, spans: Iterable[tuple[int, int]]) -> Marked:
    """A text's pieces, none of them empty."""
    pieces, at = list[tuple[str, bool]](), 0
    for start, end in spans:
        pieces += [(text[at:start], False), (text[start:end], True)]
        at = end
    pieces.append((text[at:], False))
    return tuple(piece for piece in pieces if piece[0])


def _excerpt(text: str, wanted: tuple[str, ...]) -> Marked:
    """A line, or of a long one the part that has most matches, whole words between dots."""
    if len(text) <= EXCERPT_LENGTH:
        return _marked(text, _spans(text, wanted))
    starts = [start for start, _ in _spans(text, wanted)] or [0]
    room = EXCERPT_LENGTH - BEFORE
    first = starts[max(range(len(starts)), key=lambda at: bisect_left(starts, starts[at] + room) - at)]
    begin = text.find(" ", first - BEFORE, first) + 1 or first if first > BEFORE else 0
    end = begin + EXCERPT_LENGTH
    if end < len(text):
        end = text.rfind(" ", first, end) if " " in text[first:end] else end
    part = ("… " if begin else "") + text[begin:end] + (" …" if end < len(text) else "")
    return _marked(part, _spans(part, wanted))


_built: tuple[Course, Index] | None = None
_lock = threading.Lock()


def current() -> Index:
    """The index of the course as it is now. Built once for each, by who asks first; others wait for it."""
    global _built
    found = course.get()
    with _lock:
        if _built is None or _built[0] is not found:
            _built = (found, Index(found))
        return _built[1]
