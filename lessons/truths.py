"""Proof that what a lesson predicts can be looked up: each truth is read in a sandbox at its step's end."""

from __future__ import annotations

from lessons import scripts
from lessons.blocks import Predict, Unreadable, fold, number
from lessons.scripts import Run, Verdict
from lessons.tree import Step


def predictions(step: Step) -> tuple[Predict, ...]:
    """The step's questions whose answer is in the sandbox."""
    return tuple(one for one in step.graded.values() if isinstance(one, Predict))


def prove(step: Step, run: Run) -> str:
    """What is wrong with the truth of one of the step's predictions, or ''. Raises SandboxError.

    A step without check.sh is set up first; of others that is done by the proof of their check.
    """
    if step.setup and not step.checked and (code := scripts.set_up(step, run).exit_code):
        return f"setup.sh ended with {code}"
    for index, question in enumerate(predictions(step), 1):
        if problem := _prove(question, run):
            return f"step.md: predict {index}: {problem}"
    return ""


def _prove(question: Predict, run: Run) -> str:
    truth, outcome = scripts.truth(question.truth, run)
    if outcome.verdict is not Verdict.DONE:
        return f"its truth cannot be read: {outcome.hint}"
    if question.kind == "number":
        try:
            number(truth)
        except Unreadable:
            return f"its truth is {truth!r}, which is no number"
    if question.kind == "choice" and fold(truth) not in {fold(option) for option in question.options}:
        return f"its truth is {truth!r}, which is none of its options"
    return ""
