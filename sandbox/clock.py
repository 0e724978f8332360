"""A clock of the day that jumps ends nobody's sandbox: what rows remember of times moves with it.

The kernel's monotonic clock is the same for all processes, stands still while the machine sleeps, and never jumps;
how far the clock of the day is ahead of it changes only when somebody sets that.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from pathlib import Path

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from sandbox.models import Clock, Sandbox

log = logging.getLogger(__name__)

JUMP = 5.0
"""Seconds: less, between two looks, is how clocks are set right all the time."""
DRIFT = 0.1
LONGEST_LEASE = timedelta(minutes=15)


def mend() -> None:
    """Move all rows' times by as much as the clock has jumped since the last look. One of many processes does it."""
    boot, offset = _boot(), time.time() - time.monotonic()
    with transaction.atomic():
        known = Clock.objects.first()
        if known is None or known.boot != boot:
            Clock.objects.update_or_create(pk=1, defaults={"boot": boot, "offset": offset})
            return
        jump = offset - known.offset
        if abs(jump) > DRIFT:
            Clock.objects.filter(pk=known.pk).update(offset=offset)
        if abs(jump) < JUMP:
            return
        log.warning("The clock has jumped by %.0f s; what sandboxes remember of times moves with it", jump)
        moved = timedelta(seconds=jump)
        Sandbox.objects.update(
            created=F("created") + moved,
            touched=F("touched") + moved,
            seen=F("seen") + moved,
            ended=F("ended") + moved,
        )
        Sandbox.objects.filter(lease__gt=timezone.now() + LONGEST_LEASE).update(lease=None)


def _boot() -> str:
    """What stands for this run of the machine; the monotonic clock counts from its beginning."""
    return Path("/proc/sys/kernel/random/boot_id").read_text().strip()
