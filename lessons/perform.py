"""The work behind a request: a check, a set-up, the truth of a prediction, catching up. Runs in the checks' worker."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from lessons import answers, catchup, course, scripts
from lessons.blocks import Predict, Unreadable, number
from lessons.models import CheckRequest, StepReady
from lessons.scripts import Outcome, Verdict
from lessons.tree import Lesson, Step
from sandbox import service
from sandbox.errors import SandboxError
from sandbox.models import Sandbox, State

log = logging.getLogger(__name__)

SANDBOX_SECONDS = 60.0
"""How long catching up waits for a fresh sandbox."""
LOOK = 0.25
OVER = (State.ENDING, State.ENDED, State.FAILED)
Kind = CheckRequest.Kind


def perform(row: CheckRequest, told: Callable[[], None]) -> Outcome:
    """What came of a request whose row is this worker's. `told` is called whenever a catching up got on, which
    the row's `progress` says."""
    lesson = course.get().by_slug.get(row.lesson)
    step = lesson.by_slug.get(row.step) if lesson else None
    if lesson is None or step is None:
        return Outcome(Verdict.COULD_NOT, "This step has been removed or renamed; reload the page.")
    if row.kind == Kind.CATCH_UP:
        return _catch_up(row, lesson, told)
    sandbox = service.current(row.learner_id)
    if sandbox is None or sandbox.state != State.READY or sandbox.profile != lesson.profile:
        return Outcome(Verdict.COULD_NOT, scripts.NO_SANDBOX)
    if not _prepared(sandbox, lesson, step):
        return Outcome(Verdict.COULD_NOT, scripts.NOT_PREPARED)
    if row.kind == Kind.SETUP:
        return Outcome(Verdict.DONE)
    if row.asked:  # a page asks by itself also when nobody is there
        service.touch(sandbox.key)
    if row.kind == Kind.TRUTH:
        return _find_truth(row, step, runner(sandbox))
    return scripts.check(step, lesson.profile, runner(sandbox), row.token)


def _find_truth(row: CheckRequest, step: Step, run_inside: scripts.Run) -> Outcome:
    question = step.graded.get(row.block)
    if not isinstance(question, Predict):
        return Outcome(Verdict.COULD_NOT, "This question has been changed; reload the page.")
    truth, outcome = scripts.truth(question.truth, run_inside, row.token)
    if question.kind == "number" and truth:
        try:
            number(truth)
        except Unreadable:
            log.error("The truth of %s in %s/%s is no number: %r", row.block, row.lesson, row.step, truth)
            return Outcome(Verdict.COULD_NOT, scripts.NO_TRUTH)
    if truth:
        answers.note_truth(row.learner_id, row.lesson, step, row.block, truth)
    return outcome


def _catch_up(row: CheckRequest, lesson: Lesson, told: Callable[[], None]) -> Outcome:
    """Wait for the sandbox, then do the earlier steps in it. Progress is kept in the row, so that another
    worker can go on."""
    mine = CheckRequest.objects.filter(pk=row.pk, token=row.token)
    deadline = time.monotonic() + SANDBOX_SECONDS
    while (sandbox := service.current(row.learner_id)) is None or sandbox.state != State.READY:
        if not mine.filter(superseded=False).exists():
            return Outcome(Verdict.COULD_NOT, catchup.STOPPED)
        if sandbox is None or sandbox.state in OVER or time.monotonic() > deadline:
            return Outcome(Verdict.COULD_NOT, scripts.NO_SANDBOX)
        if sandbox.state == State.QUEUED:  # for however long others are before them
            deadline = time.monotonic() + SANDBOX_SECONDS
        time.sleep(LOOK)
    same = row.progress.get("sandbox") == sandbox.key

    def report(done: list[str], at: str) -> None:
        row.progress = {"sandbox": sandbox.key, "done": done, "at": at}
        if not mine.filter(superseded=False).update(progress=row.progress):
            raise catchup.Stopped
        service.touch(sandbox.key)
        told()

    return catchup.run(
        lesson, row.step, runner(sandbox), done=row.progress.get("done", []) if same else [], mark=row.token,
        report=report, prepare=lambda step: _prepared(sandbox, lesson, step),
    )  # fmt: skip


def runner(sandbox: Sandbox) -> scripts.Run:
    """Runs commands in that sandbox."""

    def run_inside(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Any:
        return service.run(sandbox, argv, timeout=timeout, stdin=stdin)

    return run_inside


def _prepared(sandbox: Sandbox, lesson: Lesson, step: Step) -> bool:
    """Run the step's setup.sh unless it has run in this sandbox; whether the step can begin."""
    if not step.setup or is_ready(sandbox.key, lesson.slug, step.slug):
        return True
    try:
        result = scripts.set_up(step, runner(sandbox))
    except SandboxError as error:
        log.error("setup.sh of %s/%s: %s %s", lesson.slug, step.slug, error.message, error.detail)
        return False
    if result.exit_code:
        log.error(
            "setup.sh of %s/%s ended with %s: %r", lesson.slug, step.slug, result.exit_code, result.stderr
        )
        return False
    StepReady.objects.get_or_create(sandbox=sandbox.key, lesson=lesson.slug, step=step.slug)
    return True


def is_ready(sandbox: str, lesson: str, step: str) -> bool:
    """Whether the step's setup.sh has run in that sandbox."""
    return StepReady.objects.filter(sandbox=sandbox, lesson=lesson, step=step).exists()
