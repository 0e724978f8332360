"""Proof that a lesson can be done: in a real sandbox each check fails before the work and passes after it.

What can be proven about a step, and how, stands in `WAYS`; another kind of proof is one entry more there.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from lessons import files, scripts, truths
from lessons.scripts import Run, Verdict
from lessons.tree import Lesson, Step
from sandbox.errors import SandboxError

PASS_SECONDS = 10.0
"""How long after the solution the check may take to pass: `docker run` and others return early."""
PAUSE = 0.3


@dataclass(frozen=True)
class Finding:
    """`hint` is what a learner is told before the work; `problem` is one sentence that begins with the file's
    name, empty when all was well."""

    hint: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Way:
    """One kind of proof. `applies` says whether a step has it; `prove` tries it in a sandbox at the step's beginning
    and leaves the sandbox at its end; `reach` only brings the sandbox to the step's end; `rests_on` is what of the
    step's files the proof depends on: when that changes, it must be proven again."""

    applies: Callable[[Step], bool]
    prove: Callable[[Step, str, Run], Finding]
    reach: Callable[[Step, str, Run], Finding]
    rests_on: Callable[[Step], tuple[str, ...]]


@dataclass(frozen=True)
class Proof:
    """What came of one step. `hint` and `problem` as in Finding. `tried` is false where the step was not reached, so
    that nothing is known of it; `apart` is true where only that was tried, whether its check tells it from others."""

    lesson: str
    step: str
    seconds: float = 0.0
    hint: str = ""
    problem: str = ""
    tried: bool = True
    apart: bool = False

    def __str__(self) -> str:
        return f"{self.lesson}/{self.step}: {self.problem or 'proven'}"


@dataclass(frozen=True)
class Stretch:
    """A lesson's steps from one index up to another, to be proven in one sandbox."""

    lesson: Lesson
    first: int
    end: int

    @property
    def begins(self) -> str:
        return self.lesson.steps[self.first].slug

    def prove(self, run: Run) -> Iterator[Proof]:
        """Go through the steps as a learner would, after catching up to the first; ends at the first that fails."""
        for index, step in enumerate(self.lesson.steps[: self.end]):
            if not ways(step):
                continue
            ahead = index < self.first
            began = time.monotonic()
            finding = _go_through(step, self.lesson.profile, run, ahead=ahead)
            took = time.monotonic() - began
            if ahead and finding.problem:
                why = f"was not reached: in {step.slug}, {finding.problem}"
                yield Proof(self.lesson.slug, self.begins, took, problem=why, tried=False)
            elif not ahead:
                yield Proof(self.lesson.slug, step.slug, took, finding.hint, finding.problem)
            if finding.problem:
                return


def stretches(lesson: Lesson, jobs: int) -> list[Stretch]:
    """Cut a lesson into at most `jobs` stretches, in each about as much to prove. Each but the first costs the
    work of the steps before it once more, which also proves that one can catch up to there."""
    at = [index for index, step in enumerate(lesson.steps) if ways(step)]
    count = max(1, min(jobs, len(at)))
    begins = [at[len(at) * number // count] for number in range(count)] if at else []
    ends = [*begins[1:], len(lesson.steps)]
    return [Stretch(lesson, first, end) for first, end in zip(begins, ends, strict=False)]


def ways(step: Step) -> list[Way]:
    """How this step is proven; none for one that is only read."""
    return [way for way in WAYS if way.applies(step)]


def provable(lesson: Lesson) -> list[str]:
    """The slugs of the lesson's steps that can be proven."""
    return [step.slug for step in lesson.steps if ways(step)]


def fingerprint(lesson: Lesson) -> str:
    """A text that changes when anything does that the lesson's proof rests on. Steps share a sandbox, so that each
    one's proof rests on the whole lesson; its words are no part of it."""
    parts = [scripts.PRELUDE, lesson.profile]
    for step in lesson.steps:
        parts += [step.slug, *(part for way in ways(step) for part in way.rests_on(step))]
    digest = hashlib.sha256()
    for part in parts:
        digest.update(f"{len(part)}\0{part}".encode())
    return digest.hexdigest()[:16]


def _go_through(step: Step, profile: str, run: Run, *, ahead: bool) -> Finding:
    """All of a step's ways one after the other; the first hint, and the first problem, which ends it."""
    hint = ""
    try:
        for way in ways(step):
            found = (way.reach if ahead else way.prove)(step, profile, run)
            hint = hint or found.hint
            if found.problem:
                return Finding(hint, found.problem)
    except SandboxError as error:
        return Finding(hint, " ".join(filter(None, (error.message, error.detail))))
    return Finding(hint)


def _prove_scripts(step: Step, profile: str, run: Run) -> Finding:
    """setup.sh runs, check.sh says what is missing, solve.sh runs, check.sh passes."""
    if problem := set_up(step, run):
        return Finding(problem=problem)
    before = scripts.check(step, profile, run)
    if before.verdict is Verdict.DONE:
        return Finding(problem="check.sh passes before the work is done")
    if before.verdict is Verdict.COULD_NOT:
        return Finding(problem=f"check.sh could not run before the work: {before.hint}")
    if before.hint == scripts.NOT_YET:
        return Finding(before.hint, "check.sh gives no hint before the work is done")
    return Finding(before.hint, _solve(step, profile, run))


def _reach_by_scripts(step: Step, profile: str, run: Run) -> Finding:
    return Finding(problem=set_up(step, run) or _solve(step, profile, run))


def set_up(step: Step, run: Run) -> str:
    """What is wrong with setup.sh, or ''."""
    result = scripts.set_up(step, run) if step.setup else None
    if result is None or result.exit_code == 0:
        return ""
    return f"setup.sh ended with {result.exit_code}: {_tail(result.stderr)}"


def _solve(step: Step, profile: str, run: Run) -> str:
    """What keeps solve.sh from making check.sh pass, or ''."""
    files.write_initial(step, run)
    result = scripts.solve(step, run)
    if result.exit_code:
        return f"solve.sh ended with {result.exit_code}: {_tail(result.stderr)}"
    deadline = time.monotonic() + PASS_SECONDS
    while True:
        after = scripts.check(step, profile, run)
        if after.verdict is Verdict.DONE:
            return ""
        if time.monotonic() > deadline:
            return f"check.sh still says, after solve.sh: {after.hint}"
        time.sleep(PAUSE)


def _tail(output: bytes) -> str:
    return output.decode(errors="replace").strip()[-300:] or "it printed nothing"


WAYS: tuple[Way, ...] = (
    Way(
        applies=lambda step: bool(step.check),
        prove=_prove_scripts,
        reach=_reach_by_scripts,
        rests_on=lambda step: (
            step.setup,
            step.check,
            step.solve,
            str(step.engine_may_stop),
            *(text for file in step.files.values() for text in (file.path, str(file.mode), file.text)),
        ),
    ),
    Way(
        applies=lambda step: bool(step.graded),
        prove=lambda step, profile, run: Finding(problem=truths.prove(step, run)),
        reach=lambda step, profile, run: Finding(problem="" if step.check else set_up(step, run)),
        rests_on=lambda step: (step.setup, *(question.truth for question in truths.predictions(step))),
    ),
)
