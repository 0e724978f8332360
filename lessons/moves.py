"""One learner in several browsers: two become one by a code; and a learner erases what is known of them."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from lessons import checks, codes, notes
from lessons.models import CheckRequest, FormerKey, Learner, StepProgress, StepReady, StepTries
from sandbox import owners
from sandbox.models import Sandbox


@dataclass(frozen=True)
class Moved:
    """`key` is the learner that this browser now is; `steps` how many it brought along; `sandbox` as
    `owners.hand_over` says; `same` that it was this learner before."""

    key: str
    steps: int = 0
    sandbox: str = ""
    same: bool = False


def enter(code: str, address: str, here: str | None) -> Moved | None:
    """Follow a code in the browser of the learner `here`: what they did is added to the code's learner. None for a
    code that is not good. Raises codes.Refused."""
    with transaction.atomic():
        learner = codes.take(code, address)
        if learner is None:
            return None
        if here == learner.key:
            return Moved(learner.key, same=True)
        if here is None or not Learner.objects.filter(key=here).exists():
            return Moved(learner.key)
        moved = _merge(here, learner.key)
        transaction.on_commit(lambda: _tell_gone(here))
    return moved


def erase(key: str) -> int:
    """Remove everything that the lab keeps about a learner, in all their browsers; how many sandboxes end."""
    with transaction.atomic():
        mine = Sandbox.objects.filter(owner=key).values_list("key", flat=True)
        StepReady.objects.filter(sandbox__in=list(mine)).delete()
        ended = owners.forget(key)
        Learner.objects.filter(key=key).delete()
        transaction.on_commit(lambda: _tell_gone(key))
    return ended


def _merge(frm: str, to: str) -> Moved:
    """All that is one learner's becomes the other's; the first is gone afterwards, their key leads to the other."""
    steps = _merge_progress(frm, to)
    _merge_tries(frm, to)
    notes.merge(frm, to)
    sandbox = owners.hand_over(frm, to)
    CheckRequest.objects.filter(learner_id=frm).delete()
    FormerKey.objects.filter(learner_id=frm).update(learner_id=to)
    Learner.objects.filter(key=frm).delete()
    FormerKey.objects.create(key=frm, learner_id=to)
    return Moved(to, steps, sandbox)


def _merge_progress(frm: str, to: str) -> int:
    """The earlier of two dates counts; how many steps the receiver had not done."""
    have = {(row.lesson, row.step): row for row in StepProgress.objects.filter(learner_id=to)}
    brought = 0
    for row in StepProgress.objects.filter(learner_id=frm):
        mine = have.get((row.lesson, row.step))
        if mine is None:
            brought += StepProgress.objects.filter(pk=row.pk).update(learner_id=to)
        elif row.done_at < mine.done_at:
            StepProgress.objects.filter(pk=mine.pk).update(done_at=row.done_at)
    return brought


def _merge_tries(frm: str, to: str) -> None:
    for row in StepTries.objects.filter(learner_id=frm):
        mine, _ = StepTries.objects.get_or_create(learner_id=to, lesson=row.lesson, step=row.step)
        StepTries.objects.filter(pk=mine.pk).update(count=mine.count + row.count)


def _tell_gone(key: str) -> None:
    """Pages that are open as this learner connect anew, and are then whom their cookie names. Losing this does
    no harm: what they ask for is refused until they do."""
    checks.tell(key, "learner.gone")
