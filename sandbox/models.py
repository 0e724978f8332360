"""Sandboxes as the database knows them: the row is the truth, the queue only a hint."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any

from django.db import models
from django.db.models import Q
from django.utils import timezone

KEY_ALPHABET = "abcdefghijkmnpqrstuvwxyz23456789"


def new_key() -> str:
    """Twelve characters that are easy to read aloud and safe in every name on the host."""
    return "".join(secrets.choice(KEY_ALPHABET) for _ in range(12))


def new_token() -> str:
    """Nobody can guess it, and it stands in an address as it is."""
    return secrets.token_urlsafe(32)


class State(models.TextChoices):
    WARMING = "warming"
    """It is being made for the pool, ahead of any claim."""
    POOLED = "pooled"
    """It is ready and frozen in the pool; nobody has it yet."""
    QUEUED = "queued"
    """Somebody waits for a sandbox; there is none of this key."""
    PREPARING = "preparing"
    READY = "ready"
    ENDING = "ending"
    ENDED = "ended"
    FAILED = "failed"


LIVE = (State.PREPARING, State.READY)
"""Somebody has it, or will in a moment."""
SPARE = (State.WARMING, State.POOLED)
"""Members of the pool."""


class Sandbox(models.Model):
    """One sandbox, from its claim to its end. `owner` is a learner's key, or empty for operators'."""

    key = models.CharField(max_length=40, primary_key=True, default=new_key)
    profile = models.CharField(max_length=20)
    driver = models.CharField(max_length=20, default="namespace")
    state = models.CharField(max_length=10, choices=State.choices, default=State.PREPARING)
    owner = models.CharField(max_length=40, blank=True, db_index=True)
    network = models.CharField(max_length=32, blank=True, default="", db_index=True)
    """Stands for the network that it was asked for from, see sandbox.limits; empty for operators'."""
    handle = models.JSONField(default=dict, blank=True)
    steps = models.JSONField(default=list, blank=True)
    """Names of the steps of its making, the one under way last."""
    steps_total = models.PositiveSmallIntegerField(default=0)
    message = models.TextField(blank=True)
    """One sentence for its owner, when it failed or ended by itself."""
    engine_alive = models.BooleanField(default=True)
    """Whether its container engine ran when the sweeper last looked."""
    asleep = models.BooleanField(default=False)
    """Frozen while its learner is away, see sandbox.sleep."""
    recipe = models.CharField(max_length=32, blank=True, default="")
    """What it was made from, see sandbox.recipe."""
    made_in = models.FloatField(null=True, blank=True)
    """Seconds that its making took."""
    layout = models.JSONField(null=True, blank=True)
    """How its terminals are arranged, see sandbox.layout; null before anybody has arranged any."""
    created = models.DateTimeField(default=timezone.now)
    touched = models.DateTimeField(default=timezone.now)
    """When it was last used: typed in, checked, visited, claimed. Of a queued one: when a page last waited."""
    seen = models.DateTimeField(null=True, blank=True)
    """When it was last used, a check ran in it, or a page that shows it was visible; null before any of that."""
    ended = models.DateTimeField(null=True, blank=True)
    """When its end began."""
    lease = models.DateTimeField(null=True, blank=True)
    """Until when a worker has this row in hand; past that another may take it."""

    class Meta:
        indexes = [models.Index(fields=["state"])]

    def __str__(self) -> str:
        return f"{self.key} ({self.state})"

    @classmethod
    def move(cls, key: str, *, frm: tuple[State, ...], to: State, **changes: Any) -> bool:
        """Change the state of one sandbox if it is still one of `frm`; whether this call did it.

        The only way that a state changes: a filtered update, so that of two who try one wins.
        """
        if to is State.ENDING:
            changes.setdefault("ended", timezone.now())
        return cls.objects.filter(key=key, state__in=frm).update(state=to, **changes) == 1

    @classmethod
    def lease_for(cls, key: str, *, states: tuple[State, ...], time: timedelta) -> bool:
        """Take a row in hand for a time; False when another worker holds it or its state is other."""
        now = timezone.now()
        free = Q(lease__isnull=True) | Q(lease__lt=now)
        held = cls.objects.filter(free, key=key, state__in=states)
        return held.update(lease=now + time) == 1


class Clock(models.Model):
    """How this machine's clock of the day stood to the one that never jumps, see sandbox.clock. One row."""

    boot = models.CharField(max_length=40)
    offset = models.FloatField()

    def __str__(self) -> str:
        return f"{self.offset} s in boot {self.boot}"


class Share(models.Model):
    """A learner's leave to watch their terminals: whoever has the token may. Taken back, the row is gone."""

    sandbox = models.OneToOneField(Sandbox, on_delete=models.CASCADE, related_name="share")
    token = models.CharField(max_length=43, unique=True, default=new_token)
    created = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"share of {self.sandbox_id}"
