"""Proof that each check is about its own step: it must not pass when only the steps beside it were done.

A sandbox in which every second step is left out shows it for all of those, before and after the next step's solution.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from lessons import prove, scripts
from lessons.prove import Proof
from lessons.scripts import Run, Verdict
from lessons.tree import Lesson, Step
from sandbox.drivers.base import Result
from sandbox.errors import SandboxError

PATIENCE = 20.0
"""Seconds for each script."""


@dataclass(frozen=True)
class Apart:
    """A lesson of which the steps with these slugs are left out."""

    lesson: Lesson
    left_out: tuple[str, ...]

    @property
    def begins(self) -> str:
        return self.left_out[0]

    def prove(self, run: Run) -> Iterator[Proof]:
        """What is found about each step that is left out, once the one after it has been done."""
        waiting: Step | None = None
        run = _impatient(run)
        for step in self.lesson.steps:
            began = time.monotonic()
            if step.slug in self.left_out:
                prove.set_up(step, run)
                waiting = step
                continue
            _do(step, self.lesson.profile, run)
            if waiting:
                yield self._look(waiting, step, run, began)
            waiting = None

    def _look(self, step: Step, neighbour: Step, run: Run, began: float) -> Proof:
        found = scripts.check(step, self.lesson.profile, run)
        problem = f"check.sh passes although only the steps beside it, such as {neighbour.slug}, were done"
        wrong = found.verdict is Verdict.DONE and step.slug not in neighbour.repeats
        return Proof(
            self.lesson.slug, step.slug, time.monotonic() - began, problem=problem * wrong, apart=True
        )


def halves(lesson: Lesson) -> list[Apart]:
    """The sandboxes that it takes for all of a lesson's checks that have a step after them."""
    every_second = (lesson.steps[:-1][first::2] for first in (0, 1))
    chosen = [tuple(step.slug for step in steps if step.check) for steps in every_second]
    return [Apart(lesson, slugs) for slugs in chosen if slugs]


def _impatient(run: Run) -> Run:
    """What rests on a step that was left out would wait for it as long as it may."""

    def inside(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        return run(argv, timeout=min(timeout, PATIENCE), stdin=stdin)

    return inside


def _do(step: Step, profile: str, run: Run) -> None:
    """Do what can be done of a step that may rest on one that was left out."""
    for way in prove.ways(step):
        try:
            way.reach(step, profile, run)
        except SandboxError:
            continue
