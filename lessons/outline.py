"""The outline: all lessons and their steps, what of them a learner has done, and what comes next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse

from lessons import course, progress
from lessons.tree import Lesson


def lessons(learner: str | None) -> list[dict[str, Any]]:
    """Every lesson as the outline shows it; in the one suggested next, the step to go on with."""
    done = progress.done_by_lesson(learner)
    shown = [_lesson(lesson, done.get(lesson.slug, set())) for lesson in course.get().lessons]
    if found := suggested(shown):
        slug = progress.resume(learner, course.get().by_slug[found["slug"]])
        for step in found["steps"]:
            step["suggested"] = step["slug"] == slug
    return shown


def suggested(shown: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Of lessons, each with `done` and `steps_done`, the one to go on with: the first that is begun and not done, or
    else the first that is not done."""
    left = [one for one in shown if not one["done"]]
    return next((one for one in left if one["steps_done"]), left[0] if left else None)


def _lesson(lesson: Lesson, done: set[str]) -> dict[str, Any]:
    steps = [
        {
            "slug": step.slug,
            "title": step.title,
            "number": number,
            "url": reverse("step", args=[lesson.slug, step.slug]),
            "counts": step.counts,
            "done": step.slug in done,
            "suggested": False,
        }
        for number, step in enumerate(lesson.steps, 1)
    ]
    count = sum(slug in done for slug in lesson.checked)
    return {
        "slug": lesson.slug,
        "title": lesson.title,
        "minutes": lesson.minutes,
        "url": reverse("lesson", args=[lesson.slug]),
        "steps": steps,
        "steps_done": count,
        "steps_total": len(lesson.checked),
        "done": bool(lesson.checked) and count == len(lesson.checked),
    }
