"""Making, removing and looking after sandboxes. Every task may run twice and may be lost."""

from __future__ import annotations

import logging

from celery import shared_task

from sandbox import lifecycle, sweeper

log = logging.getLogger(__name__)


@shared_task(name="sandbox.tasks.prepare")
def prepare(key: str) -> None:
    lifecycle.prepare(key)


@shared_task(name="sandbox.tasks.destroy")
def destroy(key: str) -> None:
    lifecycle.destroy(key)


@shared_task(name="sandbox.tasks.sweep")
def sweep() -> None:
    sweeper.sweep()
