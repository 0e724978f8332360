"""Checks from request to result. The row in the database is the truth; the queue only says that there is one.

A newer request for a step joins the one that waits; a learner has one check running at a time. Whoever
runs one holds a lease that a thread renews, so that a dead worker's check goes to another within seconds.
A run that nobody wants any more is ended rather than waited for.
"""

from __future__ import annotations

import logging
import secrets
from collections.abc import Collection
from datetime import timedelta
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from lab import lease
from lab.celery import app
from lessons import catchup, course, perform, progress, scripts
from lessons.models import CheckRequest
from lessons.scripts import Outcome, Verdict
from lessons.tree import Step
from sandbox import service
from sandbox.errors import SandboxError
from sandbox.models import State

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(seconds=5)
"""How long a waiting row may lie before the sweeper puts it into the queue once more."""
STOPPED = "stopped"
KEEP = timedelta(minutes=10)
"""How long a finished row stays."""

Kind = CheckRequest.Kind
Waiting, Running, Finished = (
    CheckRequest.State.WAITING,
    CheckRequest.State.RUNNING,
    CheckRequest.State.FINISHED,
)


def group(learner: str) -> str:
    """The channel-layer group of all pages that a learner has open."""
    return f"learner-{learner}"


def tell(learner: str, event: str, **fields: Any) -> None:
    """Send an event to all pages of a learner. Losing one does no harm: pages read the rows."""
    try:
        async_to_sync(get_channel_layer().group_send)(group(learner), {"type": event, **fields})
    except (OSError, RedisError) as error:
        log.warning("An event for a learner was lost: %s", error)


def request(
    learner: str, lesson: str, step: str, *, asked: bool = False, kind: Kind = Kind.CHECK, block: str = ""
) -> int:
    """Ask for a check (or another kind of work) of a step; the request's id. Joins one that still waits; a
    check that runs is ended when a person asks anew."""
    same = CheckRequest.objects.filter(learner_id=learner, lesson=lesson, step=step, kind=kind, block=block)
    now = timezone.now()
    with transaction.atomic():
        same.filter(state=Finished).delete()
        waiting = same.filter(state=Waiting).select_for_update().first()
        if waiting is None:
            try:
                with transaction.atomic():
                    waiting = CheckRequest.objects.create(
                        learner_id=learner, lesson=lesson, step=step, kind=kind, block=block, asked=asked
                    )
            except IntegrityError:  # another process was quicker
                waiting = same.get(state=Waiting)
        waiting.asked = waiting.asked or asked
        waiting.requested_at = waiting.queued_at = now
        waiting.save(update_fields=["asked", "requested_at", "queued_at"])
    others = same.exclude(pk=waiting.pk)  # a worker may have taken this one already
    if not (asked and kind == Kind.CHECK and _supersede(others)):
        _enqueue(waiting.pk)  # otherwise the one that is ended does it
    return int(waiting.pk)


def leave(learner: str, lesson: str, step: str) -> None:
    """Nobody looks at this step any more: its check is not made, or ended."""
    checks = CheckRequest.objects.filter(learner_id=learner, lesson=lesson, step=step, kind=Kind.CHECK)
    checks.filter(state=Waiting).delete()
    _supersede(checks)


def stop_catching_up(learner: str) -> None:
    """End what the learner's sandbox is being brought to, wherever that is."""
    rows = CheckRequest.objects.filter(learner_id=learner, kind=Kind.CATCH_UP)
    for row in rows.filter(state=Waiting):
        over = {"state": Finished, "finished_at": timezone.now(), "result": Verdict.COULD_NOT}
        if rows.filter(pk=row.pk, state=Waiting).update(hint=catchup.STOPPED, **over):
            _tell_catch_up(row, STOPPED, catchup.STOPPED)
    _supersede(rows)


def _supersede(rows: QuerySet[CheckRequest]) -> bool:
    """End those that run; whether one did. What has ended by itself meanwhile is told as ever."""
    running = rows.filter(state=Running).first()
    if running is None or not rows.filter(pk=running.pk, state=Running).update(superseded=True):
        return False
    sandbox = service.current(running.learner_id)
    if sandbox is not None and sandbox.state == State.READY:
        try:
            scripts.end(running.token, perform.runner(sandbox))
        except SandboxError as error:  # then it is waited for; it ends by itself in seconds
            log.info("%s could not be ended: %s", running, error.message)
    return True


def _enqueue(pk: int) -> None:
    try:
        app.send_task("lessons.tasks.check", args=[pk], queue="checks")
    except (OperationalError, OSError) as error:
        log.warning("Check %s waits for the sweeper: the queue does not answer (%s)", pk, error)


def run(pk: int) -> None:
    """Do a request that waits. Does nothing when it is done, or this learner has another one running."""
    row = _take(pk)
    if row is None:
        return
    mine = CheckRequest.objects.filter(pk=row.pk, token=row.token)
    with lease.keep(mine, str(row)):
        try:
            outcome = perform.perform(row, lambda: _tell_catch_up(row, "running", ""))
        except Exception:
            log.exception("%s failed", row)
            outcome = Outcome(Verdict.COULD_NOT, scripts.BROKEN)
    _finish(row, outcome)
    following = CheckRequest.objects.filter(learner_id=row.learner_id, state=Waiting).order_by("requested_at")
    if next_pk := following.values_list("pk", flat=True).first():
        _enqueue(next_pk)


def _take(pk: int) -> CheckRequest | None:
    now, token = timezone.now(), secrets.token_urlsafe(12)
    row = CheckRequest.objects.filter(pk=pk).first()
    if row is None or (row.kind != Kind.CATCH_UP and _catching_up(row.learner_id)):
        return None  # what follows would be amid the work; whoever does it looks for what waits
    try:
        with transaction.atomic():
            taken = CheckRequest.objects.filter(pk=pk, state=Waiting).update(
                state=Running, token=token, started_at=now, lease=now + lease.LEASE, superseded=False
            )
    except IntegrityError:
        return None
    return CheckRequest.objects.filter(pk=pk, token=token).first() if taken else None


def _catching_up(learner: str) -> bool:
    live = CheckRequest.objects.filter(learner_id=learner, kind=Kind.CATCH_UP, state__in=(Waiting, Running))
    return live.exists()


def _tell_catch_up(row: CheckRequest, state: str, hint: str) -> None:
    fields = {"step": row.step, "state": state, "progress": row.progress, "hint": hint}
    tell(row.learner_id, "catch.up", lesson=row.lesson, **fields)


def _finish(row: CheckRequest, outcome: Outcome) -> None:
    """Note and tell the result. One that a newer request will tell better, or nobody wants, is kept quiet."""
    step = course.get().step(row.lesson, row.step)
    done = outcome.verdict is Verdict.DONE
    if row.kind == Kind.CHECK and row.asked and outcome.verdict is not Verdict.COULD_NOT:
        progress.count_try(row.learner_id, row.lesson, row.step)
    newly = done and step is not None and _note(row, step)
    same = Q(learner_id=row.learner_id, lesson=row.lesson, step=row.step, kind=row.kind, block=row.block)
    mine = CheckRequest.objects.filter(pk=row.pk, token=row.token, state=Running)
    newer = CheckRequest.objects.filter(same, state=Waiting)
    if done:
        newer.delete()
    elif newer.exists():
        mine.delete()
        return
    elif row.kind == Kind.CHECK and mine.filter(superseded=True).delete()[0]:
        tell(row.learner_id, "check.result", lesson=row.lesson, step=row.step, state="dropped", hint="")
        return
    if not mine.update(
        state=Finished, finished_at=timezone.now(), lease=None, result=outcome.verdict, hint=outcome.hint
    ):
        return  # another worker has taken it over, and will tell
    if row.kind == Kind.CHECK:
        fields = {"step": row.step, "state": str(outcome.verdict), "hint": outcome.hint}
        tell(row.learner_id, "check.result", lesson=row.lesson, **fields)
    elif row.kind == Kind.TRUTH:
        tell(row.learner_id, "answer.graded", lesson=row.lesson, step=row.step, block=row.block)
    elif row.kind == Kind.CATCH_UP:
        _tell_catch_up(row, catch_up_state(outcome.verdict, outcome.hint), outcome.hint)
    elif outcome.verdict is Verdict.COULD_NOT and outcome.hint != scripts.NO_SANDBOX:
        tell(row.learner_id, "learner.error", lesson=row.lesson, message=outcome.hint)
    if newly:
        tell(row.learner_id, "progress.changed", lesson=row.lesson)
    if outcome.broken:
        tell(row.learner_id, "engine.stopped", message=outcome.broken)


def _note(row: CheckRequest, step: Step) -> bool:
    """Note what a good outcome proves; whether the step is done now and was not before."""
    if row.kind == Kind.CHECK:
        return progress.note_check(row.learner_id, row.lesson, step)
    return row.kind == Kind.TRUTH and progress.settle(row.learner_id, row.lesson, step)


def catch_up_state(result: str, hint: str) -> str:
    """How a finished attempt to catch up ended, as the page gets it."""
    if result == Verdict.DONE:
        return "done"
    return STOPPED if hint == catchup.STOPPED else "failed"


def catching_up(learner: str, lesson: str, *, since: timedelta) -> tuple[CheckRequest, str] | None:
    """The attempt to catch up that is under way, or has ended within `since`, with its state for the page."""
    rows = CheckRequest.objects.filter(learner_id=learner, lesson=lesson, kind=Kind.CATCH_UP)
    recent = Q(state__in=(Waiting, Running)) | Q(state=Finished, finished_at__gte=timezone.now() - since)
    row = rows.filter(recent).order_by("requested_at").last()
    if row is None:
        return None
    return row, catch_up_state(row.result, row.hint) if row.state == Finished else "running"


def pending(
    learner: str, lesson: str, *, since: timedelta, awaited: Collection[str] = ()
) -> list[dict[str, str]]:
    """For a page that may have missed something: `check` messages (without type) of what runs, and of what
    ended within `since` if a person asked for it or the page awaits that step's result."""
    rows = CheckRequest.objects.filter(learner_id=learner, lesson=lesson, kind=Kind.CHECK)
    told = Q(state=Finished, finished_at__gte=timezone.now() - since) & (Q(asked=True) | Q(step__in=awaited))
    return [
        {
            "step": row.step,
            "state": row.result if row.state == Finished else "running",
            "hint": row.hint,
        }
        for row in rows.filter(Q(state__in=(Waiting, Running)) | told).order_by("requested_at")
    ]


def sweep() -> None:
    """Free what dead workers held, queue again what was lost, remove what is long over."""
    now = timezone.now()
    for row in CheckRequest.objects.filter(state=Running, lease__lt=now):
        _free(row)
    busy = CheckRequest.objects.filter(state=Running).values("learner_id")
    lost = CheckRequest.objects.filter(state=Waiting, queued_at__lt=now - ASK_AGAIN).exclude(
        learner_id__in=busy
    )
    for pk in list(lost.values_list("pk", flat=True)):
        CheckRequest.objects.filter(pk=pk, state=Waiting).update(queued_at=now)
        _enqueue(pk)
    CheckRequest.objects.filter(state=Finished, finished_at__lt=now - KEEP).delete()


def _free(row: CheckRequest) -> None:
    """Let another worker have a row; where a newer request waits already, that one stands for both."""
    held = CheckRequest.objects.filter(pk=row.pk, token=row.token, state=Running)
    try:
        with transaction.atomic():
            freed = held.update(state=Waiting, token="", lease=None, queued_at=timezone.now())
    except IntegrityError:
        held.delete()
        return
    if freed:
        log.warning("%s goes to another worker", row)
        _enqueue(row.pk)
