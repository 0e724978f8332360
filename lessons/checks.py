"""Checks from request to result. The row in the database is the truth; the queue only says that there is one.

A newer request for a step joins the one that waits; a learner has one check running at a time. Whoever
runs one holds a lease that a thread renews, so that a dead worker's check goes to another within seconds.
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
from django.db.models import Q
from django.utils import timezone
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError

from lab import lease
from lab.celery import app
from lessons import course, progress, scripts
from lessons.models import CheckRequest, StepReady
from lessons.scripts import Outcome, Verdict
from lessons.tree import Lesson, Step
from sandbox import service
from sandbox.errors import SandboxError
from sandbox.models import Sandbox, State

log = logging.getLogger(__name__)

ASK_AGAIN = timedelta(seconds=5)
"""How long a waiting row may lie before the sweeper puts it into the queue once more."""
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


def request(learner: str, lesson: str, step: str, *, asked: bool = False, kind: Kind = Kind.CHECK) -> int:
    """Ask for a check (or a set-up) of a step; the request's id. Joins one that still waits."""
    same = CheckRequest.objects.filter(learner_id=learner, lesson=lesson, step=step, kind=kind)
    now = timezone.now()
    with transaction.atomic():
        same.filter(state=Finished).delete()
        waiting = same.filter(state=Waiting).select_for_update().first()
        if waiting is None:
            try:
                with transaction.atomic():
                    waiting = CheckRequest.objects.create(
                        learner_id=learner, lesson=lesson, step=step, kind=kind, asked=asked
                    )
            except IntegrityError:  # another process was quicker
                waiting = same.get(state=Waiting)
        waiting.asked = waiting.asked or asked
        waiting.requested_at = waiting.queued_at = now
        waiting.save(update_fields=["asked", "requested_at", "queued_at"])
    _enqueue(waiting.pk)
    return int(waiting.pk)


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
            outcome = _perform(row)
        except Exception:
            log.exception("%s failed", row)
            outcome = Outcome(Verdict.COULD_NOT, scripts.BROKEN)
    _finish(row, outcome)
    following = CheckRequest.objects.filter(learner_id=row.learner_id, state=Waiting).order_by("requested_at")
    if next_pk := following.values_list("pk", flat=True).first():
        _enqueue(next_pk)


def _take(pk: int) -> CheckRequest | None:
    now, token = timezone.now(), secrets.token_urlsafe(12)
    try:
        with transaction.atomic():
            taken = CheckRequest.objects.filter(pk=pk, state=Waiting).update(
                state=Running, token=token, started_at=now, lease=now + lease.LEASE
            )
    except IntegrityError:
        return None
    return CheckRequest.objects.filter(pk=pk, token=token).first() if taken else None


def _perform(row: CheckRequest) -> Outcome:
    lesson = course.get().by_slug.get(row.lesson)
    step = lesson.by_slug.get(row.step) if lesson else None
    if lesson is None or step is None:
        return Outcome(Verdict.COULD_NOT, "This step has been removed or renamed; reload the page.")
    sandbox = service.current(row.learner_id)
    if sandbox is None or sandbox.state != State.READY or sandbox.profile != lesson.profile:
        return Outcome(Verdict.COULD_NOT, scripts.NO_SANDBOX)
    if not _prepared(sandbox, lesson, step):
        return Outcome(Verdict.COULD_NOT, scripts.NOT_PREPARED)
    if row.kind == Kind.SETUP:
        return Outcome(Verdict.DONE)
    if row.asked:  # a page asks by itself also when nobody is there
        service.touch(sandbox.key)
    return scripts.check(step, lesson.profile, _runner(sandbox))


def _runner(sandbox: Sandbox) -> scripts.Run:
    def run_inside(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Any:
        return service.run(sandbox, argv, timeout=timeout, stdin=stdin)

    return run_inside


def _prepared(sandbox: Sandbox, lesson: Lesson, step: Step) -> bool:
    """Run the step's setup.sh unless it has run in this sandbox; whether the step can begin."""
    if not step.setup or is_ready(sandbox.key, lesson.slug, step.slug):
        return True
    try:
        result = scripts.set_up(step, _runner(sandbox))
    except SandboxError as error:
        log.error("setup.sh of %s/%s: %s %s", lesson.slug, step.slug, error.message, error.detail)
        return False
    if result.exit_code:
        log.error(
            "setup.sh of %s/%s ended with %s: %r", lesson.slug, step.slug, result.exit_code, result.stderr
        )
        return False
    StepReady.objects.get_or_create(sandbox=sandbox.key, lesson=lesson.slug, step=step.slug)
    return True


def is_ready(sandbox: str, lesson: str, step: str) -> bool:
    """Whether the step's setup.sh has run in that sandbox."""
    return StepReady.objects.filter(sandbox=sandbox, lesson=lesson, step=step).exists()


def _finish(row: CheckRequest, outcome: Outcome) -> None:
    """Note and tell the result. One that a newer request will tell better is kept quiet."""
    done = outcome.verdict is Verdict.DONE and row.kind == Kind.CHECK
    newly = done and progress.mark_done(row.learner_id, row.lesson, row.step)
    same = Q(learner_id=row.learner_id, lesson=row.lesson, step=row.step, kind=row.kind)
    mine = CheckRequest.objects.filter(pk=row.pk, token=row.token, state=Running)
    newer = CheckRequest.objects.filter(same, state=Waiting)
    if done:
        newer.delete()
    elif newer.exists():
        mine.delete()
        return
    if not mine.update(
        state=Finished, finished_at=timezone.now(), lease=None, result=outcome.verdict, hint=outcome.hint
    ):
        return  # another worker has taken it over, and will tell
    if row.kind == Kind.CHECK:
        fields = {"step": row.step, "state": str(outcome.verdict), "hint": outcome.hint}
        tell(row.learner_id, "check.result", lesson=row.lesson, **fields)
    elif outcome.verdict is Verdict.COULD_NOT and outcome.hint != scripts.NO_SANDBOX:
        tell(row.learner_id, "learner.error", lesson=row.lesson, message=outcome.hint)
    if newly:
        tell(row.learner_id, "progress.changed", lesson=row.lesson)
    if outcome.engine_alive is False:
        tell(row.learner_id, "engine.stopped", message=scripts.ENGINE_STOPPED)


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
