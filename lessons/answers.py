"""A learner's answers: graded here, kept in a row for each question, and what the page may know of them."""

from __future__ import annotations

from html import escape
from typing import Any

from django.db import transaction
from django.utils import timezone

from lessons.blocks import Predict, Quiz
from lessons.models import Answer, CheckRequest
from lessons.tree import Step

COULD_NOT = "Could not check."
"""The begin of what is said when a truth cannot be read."""
PLACE = "{{truth}}"


def answer(learner: str, lesson: str, step: Step, block: str, value: Any) -> dict[str, Any]:
    """Take an answer; the channel's `answer` message without its type. A settled question stays as it is.

    `state` is `running` for a prediction whose truth must be asked for now. Raises Unreadable for what is no
    answer.
    """
    question = step.graded[block]
    given = question.read(value)
    with transaction.atomic():
        row, _ = Answer.objects.select_for_update().get_or_create(
            learner_id=learner, lesson=lesson, step=step.slug, block=block, defaults={"first": given}
        )
        if not row.settled:
            row.last, row.tries, row.answered_at = given, row.tries + 1, timezone.now()
            row.settled = isinstance(question, Quiz) and question.is_right(given)
            row.save(update_fields=["last", "tries", "answered_at", "settled"])
    return message(question, row, pending=True)


def note_truth(learner: str, lesson: str, step: Step, block: str, truth: str) -> None:
    """Keep what the sandbox has said of a prediction."""
    Answer.objects.filter(
        learner_id=learner, lesson=lesson, step=step.slug, block=block, settled=False
    ).update(truth=truth, settled=True)


def states(learner: str | None, lesson: str, step: Step, only: str = "") -> list[dict[str, Any]]:
    """The `answer` messages, without type, of what the learner has answered in a step, or of one block."""
    if learner is None or not step.graded:
        return []
    rows = Answer.objects.filter(
        learner_id=learner, lesson=lesson, step=step.slug, block__in=[only] if only else [*step.graded]
    )
    truths = {
        request.block: request
        for request in CheckRequest.objects.filter(
            learner_id=learner, lesson=lesson, step=step.slug, kind=CheckRequest.Kind.TRUTH
        ).order_by("requested_at")
    }
    found = []
    for row in rows:
        request = truths.get(row.block)
        pending = request is not None and request.state != CheckRequest.State.FINISHED
        hint = request.hint if request is not None and not pending else ""
        found.append(message(step.graded[row.block], row, pending=pending, hint=hint))
    return found


def message(question: Quiz | Predict, row: Answer, *, pending: bool, hint: str = "") -> dict[str, Any]:
    """What the page may know: explanations only of what was chosen until the answer is right, the truth once
    it has been read. `pending`: it is being read; `hint`: why it could not be."""
    told = {
        "step": row.step,
        "block": row.block,
        "value": row.last,
        "tries": row.tries,
        "hint": "",
        "why": "",
    }
    if isinstance(question, Quiz):
        chosen = _indexes(row.last) if question.options else set()
        whys = {
            str(index): option.why
            for index, option in enumerate(question.options)
            if option.why and (row.settled or index in chosen)
        }
        if not row.settled:
            return {**told, "state": "wrong", "hint": question.hint, "whys": whys}
        right = [index for index, option in enumerate(question.options) if option.right]
        return {**told, "state": "right", "why": question.why, "whys": whys, "right": right}
    if row.settled:
        why = question.why.replace(PLACE, f"<strong>{escape(row.truth)}</strong>")
        agrees = question.agrees(row.last, row.truth)
        return {**told, "state": "seen", "truth": row.truth, "agrees": agrees, "why": why}
    state = "running" if pending else "could-not"
    return {**told, "state": state, "hint": "" if pending else escape(hint)}


def _indexes(value: Any) -> set[int]:
    return set(value) if isinstance(value, list) else {value}
