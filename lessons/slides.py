"""The talk's slides and the steps that cover them.

A course that follows a talk lists its slides in `slides.txt`, one a line, in their order. Each of them must then be
covered: a step names those that it is about, its lesson those of all its steps, and nobody names any other.
"""

from __future__ import annotations

from collections.abc import Mapping

from lessons.problems import Report
from lessons.tree import Course, Lesson, Step

FILE = "slides.txt"


def listed(text: str, report: Report) -> dict[str, int]:
    """The slides of a list, each with its line."""
    found: dict[str, int] = {}
    for number, line in enumerate(text.splitlines(), 1):
        name = line.strip()
        if name in found:
            report.add(FILE, number, f"{name} stands in line {found[name]} already; tell the two apart")
        elif name:
            found[name] = number
    return found


def check(
    course: Course, slides: Mapping[str, int], lines: Mapping[str, Mapping[str, int]], report: Report
) -> None:
    """Report what is not covered, or named and not there. `lines` says in which line each file has its keys."""
    covered: set[str] = set()
    for lesson in course.lessons:
        file = f"{lesson.slug}/lesson.md"
        by_steps = {name for step in lesson.steps for name in step.slides}
        for name in lesson.slides:
            if name not in slides:
                report.add(file, lines[file]["slides"], f"there is no slide {name} in {FILE}")
            elif name not in by_steps:
                report.add(file, lines[file]["slides"], f"no step of the lesson is about the slide {name}")
        for step in lesson.steps:
            file = f"{lesson.slug}/{step.slug}/step.md"
            for name in step.slides:
                if name not in lesson.slides:
                    report.add(
                        file, lines[file]["slides"], f"the slide {name} is none of those of its lesson"
                    )
        covered |= by_steps
    for name, line in slides.items():
        if name not in covered:
            report.add(FILE, line, f"no step covers the slide {name}")


def table(course: Course) -> str:
    """Every slide with the steps that cover it, as a table in Markdown."""
    rows = ["| slide | where it is done |", "|---|---|"]
    for number, name in enumerate(course.slides, 1):
        where = "; ".join(_covers(lesson, name) for lesson in course.lessons if name in lesson.slides)
        rows.append(f"| {number}. {name} | {where} |")
    return "\n".join(rows) + "\n"


def _covers(lesson: Lesson, name: str) -> str:
    steps = " · ".join(_titled(step) for step in lesson.steps if name in step.slides)
    return f"**{lesson.title}**: {steps}"


def _titled(step: Step) -> str:
    return f"{step.slug[:2]} {step.title}"
