"""What a page does with the blocks of a step: answers a question, saves a file. Synchronous."""

from __future__ import annotations

from typing import Any

from lessons import answers, checks, files, perform, progress
from lessons.models import CheckRequest
from lessons.tree import Lesson, Step
from sandbox import service
from sandbox.errors import SandboxError, SandboxNotFound
from sandbox.models import Sandbox, State

Told = tuple[dict[str, Any], bool]
"""A message for the learner's pages, and whether the step is done now and was not before."""


def take_answer(learner: str, lesson: Lesson, step: Step, block: str, value: Any) -> Told:
    """Grade an answer; for a prediction, ask for the truth. Raises Unreadable for what is no answer."""
    message = answers.answer(learner, lesson.slug, step, block, value)
    if message["state"] == "running":
        checks.request(learner, lesson.slug, step.slug, kind=CheckRequest.Kind.TRUTH, block=block, asked=True)
    newly = message["state"] == "right" and progress.settle(learner, lesson.slug, step)
    return {"type": "answer", **message}, newly


def save_file(learner: str, lesson: Lesson, step: Step, block: str, value: Any) -> Told:
    """Save a file of a step into the learner's sandbox. Raises ValueError, SandboxError."""
    text = files.check_text(value)
    sandbox = _ready(learner)
    service.touch(sandbox.key)
    files.write(step.files[block], text, perform.runner(sandbox))
    row = files.keep(learner, lesson.slug, step.slug, block, text, sandbox.key)
    return {"type": "file", **files.message(row)}, False


def provide_files(learner: str, step: Step) -> None:
    """Save the step's files that are not in the sandbox yet, as its text gives them."""
    if not step.files:
        return
    try:
        run = perform.runner(_ready(learner))
        for file in step.files.values():
            if run(["/usr/bin/test", "-e", file.path], timeout=files.SECONDS).exit_code:
                files.write(file, file.text, run)
    except SandboxError:  # then the solution's commands cannot be run either, and say so
        return


def states(learner: str, lesson: str, step: Step, block: str = "") -> list[dict[str, Any]]:
    """The messages that say what the learner has answered and saved in a step, or of one question."""
    found: list[dict[str, Any]] = [
        {"type": "answer", **one} for one in answers.states(learner, lesson, step, only=block)
    ]
    if not block:
        found += [{"type": "file", **one} for one in files.states(learner, lesson, step)]
    return found


def _ready(learner: str) -> Sandbox:
    sandbox = service.current(learner)
    if sandbox is None or sandbox.state != State.READY:
        raise SandboxNotFound("There is no running sandbox to save it in. Start one, then save again.")
    return sandbox
