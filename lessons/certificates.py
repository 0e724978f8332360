"""Certificates: what a learner has done, in a link that holds all of it and the lab's signature; nothing is kept.

The link's token is this list as JSON, compressed and signed (django.core.signing); days are `date.toordinal`s:

    [issued, name, course, of, [[slug, title, steps, checks, questions, last], ...]]

Who changes the shape takes another salt, and still reads the old one by its own: links are in other people's hands.
"""

from __future__ import annotations

import hashlib
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.core import signing
from django.utils import timezone

from lab import counters
from lessons import prove, transcript
from lessons.transcript import LessonRecord
from lessons.tree import Course

SALT = "lessons.certificate"
NAME = 60
"""Characters of a name."""
MADE_BY_ONE = 20
WINDOW = 600
"""Seconds that this limit is counted over."""
JOINERS = "\u200c\u200d"
"""They have no shape either, but Persian and the scripts of India need them inside names."""


class Refused(Exception):
    """No certificate is made now; the text is one sentence for the learner, `status` that of the answer."""

    def __init__(self, message: str, status: int) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Done:
    """A lesson of which every step that counts is done, the last one on the day `last` (UTC). `checks` and
    `questions` are how many of each its steps had when the certificate was issued."""

    slug: str
    title: str
    steps: int
    checks: int
    questions: int
    last: date


@dataclass(frozen=True)
class Certificate:
    """What a token says. `course` is the `version` of then, `of` how many lessons could be done in it."""

    issued: date
    name: str
    course: str
    of: int
    lessons: tuple[Done, ...]


def make(learner: str | None, course: Course, name: str) -> str:
    """The token of what this learner has done, for a name as they typed it. Raises Refused."""
    lessons = done(transcript.gather(learner, course), course)
    if not lessons:
        raise Refused("There is nothing to certify yet: do all steps of a lesson first.", 409)
    name = clean(name)
    if len(name) > NAME:
        raise Refused(f"This name has {len(name):,} characters; {NAME} is the most.", 413)
    if not counters.within(f"certificate:{learner}", MADE_BY_ONE, WINDOW):
        raise Refused(
            "You have made many certificates in a short time; wait a few minutes, then try again.", 429
        )
    of = sum(bool(lesson.checked) for lesson in course.lessons)
    return sign(Certificate(timezone.now().date(), name, version(course), of, lessons))


def done(records: Iterable[LessonRecord], course: Course) -> tuple[Done, ...]:
    """What can be certified of a learner's records: lessons that the course has, and that are done to the end."""
    found = []
    for record in records:
        lesson = course.by_slug.get(record.slug)
        if lesson is None or record.finished is None:
            continue
        checks = sum(step.checked for step in lesson.steps)
        questions = sum(len(step.graded) for step in lesson.steps)
        last = record.finished.date()
        found.append(Done(lesson.slug, lesson.title, len(lesson.checked), checks, questions, last))
    return tuple(found)


def sign(certificate: Certificate) -> str:
    """The token of a certificate, safe in URLs."""
    lessons = [
        [one.slug, one.title, one.steps, one.checks, one.questions, one.last.toordinal()]
        for one in certificate.lessons
    ]
    fields = [certificate.issued.toordinal(), certificate.name, certificate.course, certificate.of, lessons]
    return signing.Signer(salt=SALT).sign_object(fields, compress=True)


def read(token: str) -> Certificate | None:
    """What a token says; None for one that this lab has not signed."""
    try:
        issued, name, course, of, lessons = signing.Signer(salt=SALT).unsign_object(token)
    except signing.BadSignature:
        return None
    rows = tuple(
        Done(slug, title, steps, checks, questions, date.fromordinal(last))
        for slug, title, steps, checks, questions, last in lessons
    )
    return Certificate(date.fromordinal(issued), name, course, of, rows)


def version(course: Course) -> str:
    """Eight digits that change when anything does that the course's checks rest on."""
    parts = "".join(f"{lesson.slug} {prove.fingerprint(lesson)}\n" for lesson in course.lessons)
    return hashlib.sha256(parts.encode()).hexdigest()[:8]


def clean(name: str) -> str:
    """A name in one line, without control characters and what has no shape of its own, such as marks that turn the
    direction of what follows."""
    name = " ".join(unicodedata.normalize("NFC", name).split())
    shown = (c for c in name if c in JOINERS or unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co"))
    return " ".join("".join(shown).split()).strip(JOINERS)
