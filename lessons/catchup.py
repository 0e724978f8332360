"""Catch up: do the earlier steps of a lesson in a fresh sandbox, by their set-ups and solutions, in order."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from lessons import files, scripts
from lessons.scripts import Outcome, Run, Verdict
from lessons.tree import Lesson, Step
from sandbox.errors import SandboxError

STOPPED = "Stopped. The steps before are done in your sandbox; go on from there, or catch up again."
LOST = "Your sandbox has gone meanwhile. Ask to be caught up again."


class Stopped(Exception):
    """The learner no longer wants it."""


def steps_before(lesson: Lesson, slug: str) -> tuple[Step, ...]:
    """What has to be done for that step: the steps before it that change anything in a sandbox."""
    at = [step.slug for step in lesson.steps].index(slug)
    return tuple(step for step in lesson.steps[:at] if step.setup or step.solve or step.files)


def run(
    lesson: Lesson,
    slug: str,
    run_inside: Run,
    *,
    done: list[str],
    mark: str,
    report: Callable[[list[str], str], None],
    prepare: Callable[[Step], bool],
) -> Outcome:
    """Do what is not in `done` of the steps before that one; DONE, or COULD_NOT with the step that failed.

    `report(done, at)` is called before and after each step, and raises Stopped to end it; `prepare` runs a
    step's set-up once a sandbox, whether it could. A step that was begun before is checked first, for its
    solution may have been through.
    """
    done = list(done)
    for step in steps_before(lesson, slug):
        if step.slug in done:
            continue
        try:
            report(done, step.slug)
            problem = _do(step, lesson.profile, run_inside, mark, prepare)
            report(done, step.slug)
        except Stopped:
            return Outcome(Verdict.COULD_NOT, STOPPED)
        except SandboxError as error:
            problem = error.message
        if problem:
            at = [one.slug for one in lesson.steps].index(step.slug) + 1
            said = f"Step {at}, “{step.title}”, could not be done by itself: {problem}"
            return Outcome(Verdict.COULD_NOT, said)
        done.append(step.slug)
    return Outcome(Verdict.DONE)


def _do(step: Step, profile: str, run_inside: Run, mark: str, prepare: Callable[[Step], bool]) -> str:
    """What went wrong, or ''. Raises SandboxError."""
    if not prepare(step):
        return "what it begins with could not be prepared."
    if step.checked and scripts.check(step, profile, run_inside, mark).verdict is Verdict.DONE:
        return ""
    files.write_initial(step, run_inside)
    if not step.solve:
        return ""
    result = scripts.solve(step, run_inside, mark)
    if result.exit_code:
        return f"its solution ended with {result.exit_code}."
    outcome = scripts.passes(step, profile, run_inside)
    return "" if outcome.verdict is Verdict.DONE else outcome.hint


def message(lesson: Lesson, slug: str, state: str, progress: dict[str, Any], hint: str) -> dict[str, Any]:
    """The channel's `catch-up` message, without its type."""
    finished = set(progress.get("done", ()))
    steps = [
        {
            "title": step.title,
            "state": "done"
            if step.slug in finished or state == "done"
            else ("failed" if state == "failed" else "running")
            if step.slug == progress.get("at")
            else "waiting",
        }
        for step in steps_before(lesson, slug)
    ]
    return {"step": slug, "state": state, "steps": steps, "message": hint}
