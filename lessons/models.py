"""What the database knows of learners: who there is, what they have done, and what is being checked."""

from __future__ import annotations

import secrets

from django.db import models
from django.db.models import Q
from django.utils import timezone


def new_key() -> str:
    """Twenty random characters that are safe in URLs: 120 bits."""
    return secrets.token_urlsafe(15)


class Learner(models.Model):
    """Somebody who opened a lesson. There is no account: a signed cookie holds the key."""

    key = models.CharField(max_length=20, primary_key=True, default=new_key)
    created = models.DateTimeField(default=timezone.now)
    seen = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return self.key


class StepProgress(models.Model):
    """A step that a learner has done."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="progress")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["learner", "lesson", "step"], name="lessons_step_done_once"),
        )

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step}"


class StepReady(models.Model):
    """A step whose setup.sh has run in a sandbox."""

    sandbox = models.CharField(max_length=40)
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    done_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["sandbox", "lesson", "step"], name="lessons_setup_once"),
        )

    def __str__(self) -> str:
        return f"{self.sandbox}: {self.lesson}/{self.step}"


class Answer(models.Model):
    """What a learner has answered to a question of a step; `block` is the question's id, or `check` for a
    step's check that has passed while a question was open."""

    CHECK = "check"

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="answers")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    block = models.CharField(max_length=40)
    first = models.JSONField(null=True, blank=True)
    last = models.JSONField(null=True, blank=True)
    tries = models.PositiveIntegerField(default=0)
    settled = models.BooleanField(default=False)
    """A quiz: answered rightly. A prediction: its truth has been seen. From then on it stays as it is."""
    truth = models.TextField(blank=True)
    """What a prediction was about, as the sandbox said it."""
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["learner", "lesson", "step", "block"], name="lessons_one_answer_a_block"
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step} {self.block}"


class FileText(models.Model):
    """A file of a step as the learner saved it last, and the sandbox that it was saved into."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="files")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    block = models.CharField(max_length=40)
    text = models.TextField(blank=True)
    sandbox = models.CharField(max_length=40, blank=True)
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["learner", "lesson", "step", "block"], name="lessons_one_text_a_file"
            ),
        )

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step} {self.block}"


class LastStep(models.Model):
    """The step of a lesson that a learner opened last."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="last_steps")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    opened_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (models.UniqueConstraint(fields=["learner", "lesson"], name="lessons_one_last_step"),)

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step}"


class CheckRequest(models.Model):
    """Somebody wants something done in their sandbox for a step. This row is the truth, the queue a hint.

    A step has at most one waiting row of each kind (and block) per learner, and a learner at most one running
    row. `token` names the run that holds the row until `lease`; past that its worker is taken for dead.
    Finished rows keep their result for a page that was away when it came, until the next request for that step.
    """

    class State(models.TextChoices):
        WAITING = "waiting"
        RUNNING = "running"
        FINISHED = "finished"

    class Kind(models.TextChoices):
        CHECK = "check"
        SETUP = "setup"
        TRUTH = "truth"
        """Read what a prediction is about."""
        CATCH_UP = "catch-up"
        """Do the earlier steps of the lesson."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="checks")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.CHECK)
    block = models.CharField(max_length=40, blank=True)
    """The question that a truth is for."""
    asked = models.BooleanField(default=False)
    """Whether a person asked, rather than the page by itself."""
    state = models.CharField(max_length=8, choices=State.choices, default=State.WAITING)
    requested_at = models.DateTimeField(default=timezone.now)
    queued_at = models.DateTimeField(default=timezone.now)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    lease = models.DateTimeField(null=True, blank=True)
    token = models.CharField(max_length=20, blank=True)
    superseded = models.BooleanField(default=False)
    """Nobody wants this run any more: it is ended, and what it finds is not told."""
    progress = models.JSONField(default=dict, blank=True)
    """How far catching up is: `sandbox`, the slugs of the steps `done`, and the one it is `at`."""
    result = models.CharField(max_length=10, blank=True)
    hint = models.TextField(blank=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(
                fields=["learner", "lesson", "step", "kind", "block"],
                condition=Q(state="waiting"),
                name="lessons_one_waiting_check",
            ),
            models.UniqueConstraint(
                fields=["learner"], condition=Q(state="running"), name="lessons_one_running_check"
            ),
        )
        indexes = (models.Index(fields=["state", "lease"]),)

    def __str__(self) -> str:
        return f"{self.kind} of {self.lesson}/{self.step} for {self.learner_id} ({self.state})"


class StepTries(models.Model):
    """How often a learner asked for a step to be checked until it was done."""

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="tries")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100)
    count = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["learner", "lesson", "step"], name="lessons_tries_once"),
        )

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step} ({self.count})"


class Note(models.Model):
    """What a learner wrote down about a step, or about a whole lesson (then `step` is empty).

    `version` grows with each writing, so that of two windows the later one cannot overwrite unseen.
    """

    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="notes")
    lesson = models.CharField(max_length=100)
    step = models.CharField(max_length=100, blank=True)
    text = models.TextField()
    version = models.PositiveIntegerField()
    changed = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["learner", "lesson", "step"], name="lessons_note_once"),
        )

    def __str__(self) -> str:
        return f"{self.learner_id}: {self.lesson}/{self.step}"


class MoveCode(models.Model):
    """A code that makes another browser this learner's, once and for some minutes. Only its digest is kept."""

    digest = models.CharField(max_length=64, primary_key=True)
    learner = models.OneToOneField(Learner, on_delete=models.CASCADE, related_name="move_code")
    expires = models.DateTimeField()

    def __str__(self) -> str:
        return f"code of {self.learner_id}"


class FormerKey(models.Model):
    """A key that cookies may still hold, whose learner has become one with another."""

    key = models.CharField(max_length=20, primary_key=True)
    learner = models.ForeignKey(Learner, on_delete=models.CASCADE, related_name="former_keys")

    def __str__(self) -> str:
        return f"{self.key}, now {self.learner_id}"
