"""Proof that a lesson can be done: in a real sandbox each check fails before the work and passes after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from lessons import files, scripts
from lessons.blocks import Predict, Unreadable, number
from lessons.scripts import Run, Verdict
from lessons.tree import Lesson, Step
from sandbox.errors import SandboxError


@dataclass(frozen=True)
class Proof:
    """What came of one step. `hint` is what the check said before; `problem` is empty when all was well."""

    lesson: str
    step: str
    seconds: float
    hint: str = ""
    problem: str = ""


def prove(lesson: Lesson, run: Run) -> Iterator[Proof]:
    """Go through the lesson's steps in one sandbox, as a learner would; ends at the first that fails."""
    for step in lesson.steps:
        if not step.counts and not step.setup:
            continue
        began = time.monotonic()
        hint, problem = "", ""
        try:
            hint, problem = _prove_step(step, lesson.profile, run)
        except SandboxError as error:
            problem = " ".join(filter(None, (error.message, error.detail)))
        yield Proof(lesson.slug, step.slug, time.monotonic() - began, hint, problem)
        if problem:
            return


def _prove_step(step: Step, profile: str, run: Run) -> tuple[str, str]:
    """The hint before the work, and what is wrong, or ''."""
    if step.setup:
        result = scripts.set_up(step, run)
        if result.exit_code:
            return "", f"setup.sh ended with {result.exit_code}: {_tail(result.stderr)}"
    hint, problem = _prove_check(step, profile, run) if step.checked else ("", "")
    for question in step.graded.values():
        problem = problem or (_prove_truth(question, run) if isinstance(question, Predict) else "")
    return hint, problem


def _prove_check(step: Step, profile: str, run: Run) -> tuple[str, str]:
    before = scripts.check(step, profile, run)
    if before.verdict is Verdict.DONE:
        return "", "check.sh passes before the work is done"
    if before.verdict is Verdict.COULD_NOT:
        return "", f"check.sh could not run before the work: {before.hint}"
    if before.hint == scripts.NOT_YET:
        return before.hint, "check.sh gives no hint before the work is done"
    files.write_initial(step, run)
    result = scripts.solve(step, run)
    if result.exit_code:
        return before.hint, f"solve.sh ended with {result.exit_code}: {_tail(result.stderr)}"
    after = scripts.passes(step, profile, run)
    if after.verdict is not Verdict.DONE:
        return before.hint, f"check.sh still says, after solve.sh: {after.hint}"
    return before.hint, ""


def _prove_truth(question: Predict, run: Run) -> str:
    """What is wrong with a prediction's script once the step's work is done, or ''."""
    truth, outcome = scripts.truth(question.truth, run)
    if outcome.verdict is not Verdict.DONE:
        return f"the truth of {question.id} cannot be read: {outcome.hint}"
    if question.kind == "number":
        try:
            number(truth)
        except Unreadable:
            return f"the truth of {question.id} is {truth!r}, which is no number"
    return ""


def _tail(output: bytes) -> str:
    return output.decode(errors="replace").strip()[-300:] or "it printed nothing"
