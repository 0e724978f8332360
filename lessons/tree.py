"""The course in memory: immutable, shared by every request of a process."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from types import MappingProxyType

from lessons.blocks import Block, File, Predict, Quiz


@dataclass(frozen=True)
class Step:
    """One step of a lesson. Scripts are whole bash scripts, empty where the step has none.

    `html` is safe to show. `solution` holds solve.sh's commands one by one. `engine_may_stop`
    is true where a stopped Docker engine is part of the step, `uses_engine` where the check asks it.
    `blocks` are what the learner answers or edits, in the order of the text.
    """

    slug: str
    title: str
    html: str
    check: str = ""
    solve: str = ""
    setup: str = ""
    solution: tuple[str, ...] = ()
    engine_may_stop: bool = False
    blocks: tuple[Block, ...] = ()
    slides: tuple[str, ...] = ()
    repeats: tuple[str, ...] = ()

    @property
    def checked(self) -> bool:
        """Whether the step has a check.sh."""
        return bool(self.check)

    @property
    def counts(self) -> bool:
        """Whether there is something to do here: a check to pass, or a question to answer."""
        return self.checked or bool(self.graded)

    @cached_property
    def graded(self) -> Mapping[str, Quiz | Predict]:
        """The step's questions by their ids."""
        return MappingProxyType({one.id: one for one in self.blocks if isinstance(one, Quiz | Predict)})

    @cached_property
    def files(self) -> Mapping[str, File]:
        """The step's editable files by their ids."""
        return MappingProxyType({one.id: one for one in self.blocks if isinstance(one, File)})

    @property
    def uses_engine(self) -> bool:
        return "docker" in self.check


@dataclass(frozen=True)
class Lesson:
    """One lesson: what its front matter says, and its steps in order. `minutes` is for a newcomer; `part` is the part
    of the course that it belongs to, if that has any."""

    slug: str
    title: str
    summary: str
    minutes: int
    profile: str
    slides: tuple[str, ...]
    needs: tuple[str, ...]
    steps: tuple[Step, ...]
    part: str = ""

    @cached_property
    def by_slug(self) -> Mapping[str, Step]:
        return MappingProxyType({step.slug: step for step in self.steps})

    @cached_property
    def checked(self) -> tuple[str, ...]:
        """The slugs of the steps that count: those with a check or a question."""
        return tuple(step.slug for step in self.steps if step.counts)


@dataclass(frozen=True)
class Course:
    """All lessons in order. `version` changes whenever a file of the content folder does; `slides` are those of the
    talk that the course follows, if it lists any."""

    lessons: tuple[Lesson, ...]
    version: str = field(default="", compare=False)
    slides: tuple[str, ...] = ()

    @cached_property
    def by_slug(self) -> Mapping[str, Lesson]:
        return MappingProxyType({lesson.slug: lesson for lesson in self.lessons})

    def step(self, lesson: str, step: str) -> Step | None:
        """The step of those slugs, or None."""
        found = self.by_slug.get(lesson)
        return found.by_slug.get(step) if found else None
