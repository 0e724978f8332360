from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.core import checks


class LessonsConfig(AppConfig):
    name = "lessons"

    def ready(self) -> None:
        checks.register(check_lessons)


def check_lessons(app_configs: Any, **kwargs: Any) -> list[checks.CheckMessage]:
    """Django's system check: broken lessons stop every command that checks, the start among them."""
    from lessons import course
    from lessons.problems import LessonsBroken

    try:
        course.get()
    except LessonsBroken as broken:
        hint = "docs/authors.md says how a lesson is made; `manage.py checklessons` checks all of them."
        return [checks.Error(str(problem), hint=hint, id="lessons.E001") for problem in broken.problems]
    return []
