"""Proof that a lesson can be done: in a real sandbox each check fails before the work and passes after it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from lessons import files, scripts, truths
from lessons.scripts import Run, Verdict
from lessons.tree import Lesson, Step
from sandbox.errors import SandboxError

PASS_SECONDS = 10.0
"""How long after the solution the check may take to pass: `docker run` and others return early."""
PAUSE = 0.3


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
        if not step.counts:
            continue
        began = time.monotonic()
        hint, problem = "", ""
        try:
            hint, problem = _prove_step(step, lesson.profile, run) if step.checked else ("", "")
            problem = problem or truths.prove(step, run)
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
    deadline = time.monotonic() + PASS_SECONDS
    while True:
        after = scripts.check(step, profile, run)
        if after.verdict is Verdict.DONE:
            return before.hint, ""
        if time.monotonic() > deadline:
            return before.hint, f"check.sh still says, after solve.sh: {after.hint}"
        time.sleep(PAUSE)


def _tail(output: bytes) -> str:
    return output.decode(errors="replace").strip()[-300:] or "it printed nothing"
