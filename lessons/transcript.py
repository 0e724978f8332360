"""What a learner has done and written, as the page "Your progress" shows it and as Markdown to take away."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from lessons.models import Note, StepProgress, StepTries
from lessons.tree import Course

PUNCTUATION = re.compile(r"([!-/:-@\[-`{-~])")


@dataclass(frozen=True)
class StepRecord:
    """One step: `done_at` is None while it is not done; `tries` is how often a check was asked for, 0 for never;
    `counts` is whether there is anything to do in it."""

    slug: str
    title: str
    number: int
    counts: bool
    done_at: datetime | None = None
    tries: int = 0
    note: str = ""


@dataclass(frozen=True)
class LessonRecord:
    """One lesson that the learner has begun or written about. `note` is about it as a whole."""

    slug: str
    title: str
    steps: tuple[StepRecord, ...]
    note: str = ""
    removed: bool = False

    @property
    def done(self) -> int:
        return sum(step.done_at is not None for step in self.steps if step.counts)

    @property
    def total(self) -> int:
        return sum(step.counts for step in self.steps)

    @property
    def finished(self) -> datetime | None:
        """When the last step was done, if all are."""
        dates = [step.done_at for step in self.steps if step.counts and step.done_at]
        return max(dates) if dates and len(dates) == self.total else None


@dataclass
class _Rows:
    """A learner's rows of one lesson, by step."""

    done: dict[str, datetime] = field(default_factory=dict)
    tries: dict[str, int] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)


def gather(learner: str | None, course: Course) -> list[LessonRecord]:
    """The lessons that the learner has begun, in the course's order; those that it no longer has come last."""
    rows: dict[str, _Rows] = {}
    if learner:
        for done in StepProgress.objects.filter(learner_id=learner):
            rows.setdefault(done.lesson, _Rows()).done[done.step] = done.done_at
        for tried in StepTries.objects.filter(learner_id=learner):
            rows.setdefault(tried.lesson, _Rows()).tries[tried.step] = tried.count
        for note in Note.objects.filter(learner_id=learner):
            rows.setdefault(note.lesson, _Rows()).notes[note.step] = note.text
    known = [lesson.slug for lesson in course.lessons if lesson.slug in rows]
    removed = sorted(rows.keys() - set(known))
    return [_lesson(slug, rows[slug], course) for slug in [*known, *removed]]


def _lesson(slug: str, rows: _Rows, course: Course) -> LessonRecord:
    lesson = course.by_slug.get(slug)
    titles = {step.slug: step.title for step in lesson.steps} if lesson else {}
    counting = set(lesson.checked) if lesson else set(rows.done)
    others = sorted((set(rows.done) | set(rows.notes)) - set(titles) - {""})
    steps = tuple(
        StepRecord(
            slug=step,
            title=titles.get(step, step),
            number=number,
            counts=step in counting,
            done_at=rows.done.get(step),
            tries=rows.tries.get(step, 0),
            note=rows.notes.get(step, ""),
        )
        for number, step in enumerate([*titles, *others], 1)
    )
    return LessonRecord(slug, lesson.title if lesson else slug, steps, rows.notes.get("", ""), lesson is None)


def file_name(now: datetime) -> str:
    """What a browser calls the file."""
    return f"container-lab-{now:%Y-%m-%d}.md"


def markdown(lessons: list[LessonRecord], now: datetime) -> str:
    """The transcript. Titles are escaped and notes stand in fenced blocks, so that nothing in them is markup."""
    return "\n".join(_lines(lessons, now)) + "\n"


def _lines(lessons: list[LessonRecord], now: datetime) -> Iterator[str]:
    yield "# docker run vs. kubectl apply: what I did"
    yield ""
    yield f"Written on {_date(now)}. All times are UTC."
    if not lessons:
        yield ""
        yield "Nothing yet."
    for lesson in lessons:
        yield ""
        yield f"## {escape(lesson.title)}"
        yield ""
        yield _summary(lesson)
        if lesson.note:
            yield from ("", *_quoted(lesson.note))
        yield from ("", "| | step | done | checks asked for |", "|---|---|---|---|")
        for step in lesson.steps:
            yield f"| {step.number} | {escape(step.title)} | {_when(step)} | {step.tries or ''} |"
        for step in lesson.steps:
            if step.note:
                yield from ("", f"### Notes on step {step.number}, {escape(step.title)}", "")
                yield from _quoted(step.note)


def _summary(lesson: LessonRecord) -> str:
    if lesson.removed:
        return "This lesson is no longer part of the course."
    if lesson.finished:
        return f"Finished on {_date(lesson.finished)}."
    return f"{lesson.done} of {lesson.total} steps done."


def _when(step: StepRecord) -> str:
    if step.done_at:
        return _date(step.done_at)
    return "not yet" if step.counts else "to read"


def _date(when: datetime) -> str:
    return f"{when.day} {when:%B %Y, %H:%M}"


def escape(text: str) -> str:
    """One line of text as Markdown shows it: every ASCII punctuation character is escaped (CommonMark 2.4)."""
    return PUNCTUATION.sub(r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> Iterator[str]:
    """A fenced block whose fence is longer than any run of backticks in it (CommonMark 4.5)."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    yield f"{fence}text"
    yield text
    yield fence
