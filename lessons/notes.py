"""What learners write down: one note for a step, and one for a lesson as a whole."""

from __future__ import annotations

import secrets

from django.db import IntegrityError, transaction
from django.utils import timezone

from lessons.models import Learner, Note

LIMIT = 10_000
"""Characters of a note."""


class TooLong(Exception):
    """The text is one sentence for the learner."""


class Changed(Exception):
    """The note was written in another window meanwhile; `note` is what it says now, None where it was emptied."""

    def __init__(self, note: Note | None) -> None:
        super().__init__("This note was changed in another window.")
        self.note = note


def find(learner: str | None, lesson: str, step: str = "") -> Note | None:
    """The learner's note of that step, or of the lesson for an empty step."""
    return Note.objects.filter(learner_id=learner, lesson=lesson, step=step).first() if learner else None


def write(learner: Learner, lesson: str, step: str, text: str, version: int | None) -> int:
    """Keep a note, or remove it for a text of blanks; its version, 0 for none.

    `version` is the one that the writer has seen, 0 for none; None overwrites whatever there is. Raises TooLong and
    Changed.
    """
    text = _clean(text)
    if len(text) > LIMIT:
        raise TooLong(f"This note has {len(text):,} characters; {LIMIT:,} is the most, so it was not saved.")
    with transaction.atomic():
        note = find(learner.key, lesson, step)
        if note is not None and note.text == text:
            return note.version
        if version is not None and version != (note.version if note else 0):
            raise Changed(note)
        if not text:
            if note:
                note.delete()
            return 0
        if note is None:
            return _create(learner, lesson, step, text)
        seen = Note.objects.filter(pk=note.pk, version=note.version)
        if not seen.update(text=text, version=note.version + 1, changed=timezone.now()):
            raise Changed(find(learner.key, lesson, step))
        return note.version + 1


def _create(learner: Learner, lesson: str, step: str, text: str) -> int:
    try:
        with transaction.atomic():
            first = 1 + secrets.randbelow(1 << 30)  # never one that an earlier note in this place had
            made = Note.objects.create(learner=learner, lesson=lesson, step=step, text=text, version=first)
            return made.version
    except IntegrityError:  # another process was quicker
        raise Changed(find(learner.key, lesson, step)) from None


def _clean(text: str) -> str:
    """Unix line ends, no control characters but tabs, no blanks at the end."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(c for c in text if c in "\n\t" or c.isprintable() or c > "\x9f").rstrip()


def merge(frm: str, to: str) -> None:
    """One learner's notes become another's; where both wrote, one text follows the other."""
    for note in Note.objects.filter(learner_id=frm):
        mine = find(to, note.lesson, note.step)
        if mine is None:
            Note.objects.filter(pk=note.pk).update(learner_id=to)
        elif note.text not in mine.text:
            Note.objects.filter(pk=mine.pk).update(
                text=f"{mine.text}\n\n{note.text}", version=mine.version + 1, changed=timezone.now()
            )
