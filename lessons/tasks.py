"""Celery's side of the checks: each task may run twice and may be lost."""

from __future__ import annotations

from typing import Any

from celery import shared_task
from celery.signals import worker_init

from lessons import checks, course


@shared_task(name="lessons.tasks.check", acks_late=True, ignore_result=True)
def check(request: int) -> None:
    checks.run(request)


@shared_task(name="lessons.tasks.sweep", ignore_result=True)
def sweep() -> None:
    checks.sweep()


@worker_init.connect
def load_course(**kwargs: Any) -> None:
    """A worker does not start on broken lessons."""
    course.require()
