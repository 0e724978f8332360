"""What a learner has done."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.models import F

from lessons.models import StepProgress, StepTries
from lessons.tree import Lesson


def mark_done(learner: str, lesson: str, step: str) -> bool:
    """Note that a step is done; whether it was not before. Repeating it is harmless, and so is a learner who has
    erased their data meanwhile."""
    try:
        _, made = StepProgress.objects.get_or_create(learner_id=learner, lesson=lesson, step=step)
    except IntegrityError:
        return False
    return made


def count_try(learner: str, lesson: str, step: str) -> None:
    """Note that the learner had this step checked, or answered it, once more; without effect once it is done."""
    same: dict[str, Any] = {"learner_id": learner, "lesson": lesson, "step": step}
    if StepProgress.objects.filter(**same).exists():
        return
    try:
        StepTries.objects.get_or_create(**same)
    except IntegrityError:
        return
    StepTries.objects.filter(**same).update(count=F("count") + 1)


def done_steps(learner: str | None, lesson: str) -> set[str]:
    """The slugs of the lesson's steps that this learner has done, among them steps that no longer exist."""
    if learner is None:
        return set()
    rows = StepProgress.objects.filter(learner_id=learner, lesson=lesson)
    return set(rows.values_list("step", flat=True))


def done_by_lesson(learner: str | None) -> dict[str, set[str]]:
    """`done_steps` of every lesson in one query, by the lesson's slug."""
    found: dict[str, set[str]] = {}
    rows = StepProgress.objects.filter(learner_id=learner) if learner else StepProgress.objects.none()
    for lesson, step in rows.values_list("lesson", "step"):
        found.setdefault(lesson, set()).add(step)
    return found


def message(learner: str, lesson: Lesson) -> dict[str, Any]:
    """The lesson channel's `progress` message, without its type. Only steps with a check count."""
    done = done_steps(learner, lesson.slug)
    counted = [slug for slug in lesson.checked if slug in done]
    return {
        "done": counted,
        "total": len(lesson.checked),
        "lesson_done": bool(counted) and len(counted) == len(lesson.checked),
    }
