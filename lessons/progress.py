"""What a learner has done."""

from __future__ import annotations

from typing import Any

from django.db import IntegrityError
from django.db.models import F
from django.utils import timezone

from lessons.models import Answer, LastStep, StepProgress, StepTries
from lessons.tree import Lesson, Step


def mark_done(learner: str, lesson: str, step: str) -> bool:
    """Note that a step is done; whether it was not before. Repeating it is harmless, and so is a learner who has
    erased their data meanwhile."""
    try:
        _, made = StepProgress.objects.get_or_create(learner_id=learner, lesson=lesson, step=step)
    except IntegrityError:
        return False
    return made


def note_check(learner: str, lesson: str, step: Step) -> bool:
    """Note that a step's check has passed; whether the step is done now and was not before."""
    if step.graded:
        Answer.objects.update_or_create(
            learner_id=learner, lesson=lesson, step=step.slug, block=Answer.CHECK, defaults={"settled": True}
        )
    return settle(learner, lesson, step)


def check_passed(learner: str, lesson: str, step: str) -> bool:
    """Whether the step's check need not be made again."""
    return step in done_steps(learner, lesson) or Answer.CHECK in settled_blocks(learner, lesson, step)


def settle(learner: str, lesson: str, step: Step) -> bool:
    """Mark a step as done if each of its proofs is there; whether this call did it."""
    proofs = {*step.graded, *([Answer.CHECK] if step.checked and step.graded else ())}
    return proofs <= settled_blocks(learner, lesson, step.slug) and mark_done(learner, lesson, step.slug)


def settled_blocks(learner: str, lesson: str, step: str) -> set[str]:
    """The ids of what is proven of a step with questions: those answered, and `check`."""
    rows = Answer.objects.filter(learner_id=learner, lesson=lesson, step=step, settled=True)
    return set(rows.values_list("block", flat=True))


def open_step(learner: str, lesson: str, step: str) -> None:
    """Note that this is where the learner is now."""
    LastStep.objects.update_or_create(
        learner_id=learner, lesson=lesson, defaults={"step": step, "opened_at": timezone.now()}
    )


def resume(learner: str | None, lesson: Lesson) -> str:
    """The slug of the step to go on with: the one opened last, or when that is done the next that is not; the
    very first when nothing has been opened or everything is done."""
    done = done_steps(learner, lesson.slug)
    left = [step.slug for step in lesson.steps if step.counts and step.slug not in done]
    row = LastStep.objects.filter(learner_id=learner, lesson=lesson.slug).first() if learner else None
    if not left or (row is None and len(left) == len(lesson.checked)):
        return lesson.steps[0].slug
    if row is None or row.step not in lesson.by_slug:
        return left[0]
    if row.step not in done:
        return row.step
    return next((slug for slug in left if slug > row.step), left[0])


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
    """The lesson channel's `progress` message, without its type. Only steps with something to do count."""
    done = done_steps(learner, lesson.slug)
    counted = [slug for slug in lesson.checked if slug in done]
    return {
        "done": counted,
        "total": len(lesson.checked),
        "lesson_done": bool(counted) and len(counted) == len(lesson.checked),
    }
