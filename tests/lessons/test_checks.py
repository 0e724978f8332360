from __future__ import annotations

import os
import signal
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from lab import lease
from lab.celery import app
from lessons import checks, progress, scripts
from lessons.models import CheckRequest, Learner, StepReady
from sandbox.models import Sandbox, State

from .conftest import Shell

LESSON, ONE, TWO = "010-first", "10-one", "20-two"
State_ = CheckRequest.State


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The events that pages would get, without the learner."""
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(
        checks, "tell", lambda learner, event, **fields: events.append({"type": event, **fields})
    )
    return events


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """What was put into the queue; nobody takes anything out."""
    sent: list[int] = []
    monkeypatch.setattr(checks, "_enqueue", sent.append)
    return sent


# From request to result


@pytest.mark.usefixtures("content", "sandbox", "queued")
def test_a_check_from_request_to_result(learner: Learner, shell: Shell, told: list[dict[str, Any]]) -> None:
    checks.run(checks.request(learner.key, LESSON, ONE, asked=True))
    hint = "There is no file one."
    assert told == [{"type": "check.result", "lesson": LESSON, "step": ONE, "state": "not-yet", "hint": hint}]
    assert progress.done_steps(learner.key, LESSON) == set()
    told.clear()
    (shell.folder / "one").touch()
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert [event["type"] for event in told] == ["check.result", "progress.changed"]
    assert told[0]["state"] == "done"
    assert progress.done_steps(learner.key, LESSON) == {ONE}
    assert CheckRequest.objects.get().state == State_.FINISHED


@pytest.mark.usefixtures("content", "sandbox", "queued")
def test_the_engine_message(learner: Learner, shell: Shell, told: list[dict[str, Any]]) -> None:
    shell.engine_alive = False
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert told[-1] == {"type": "engine.stopped", "message": scripts.ENGINE_STOPPED}


@pytest.mark.usefixtures("content", "queued", "shell")
@pytest.mark.parametrize("state", [None, State.PREPARING, State.ENDED])
def test_without_a_running_sandbox(learner: Learner, state: State | None, told: list[dict[str, Any]]) -> None:
    if state is not None:
        Sandbox.objects.create(owner=learner.key, profile="docker", state=state)
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert (told[0]["state"], told[0]["hint"]) == ("could-not", scripts.NO_SANDBOX)


@pytest.mark.usefixtures("content", "sandbox", "shell", "queued")
def test_a_step_that_is_no_longer_there(learner: Learner, told: list[dict[str, Any]]) -> None:
    checks.run(checks.request(learner.key, LESSON, "99-gone"))
    assert told[0]["state"] == "could-not"
    assert "removed or renamed" in told[0]["hint"]


@pytest.mark.usefixtures("content", "sandbox", "queued")
def test_a_fault_of_ours_is_not_the_learner_s(
    learner: Learner, shell: Shell, told: list[dict[str, Any]]
) -> None:
    shell.error = RuntimeError("a bug")
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert (told[0]["state"], told[0]["hint"]) == ("could-not", scripts.BROKEN)


@pytest.mark.usefixtures("content", "sandbox")
def test_requests_for_a_step_join_while_one_waits(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    first = checks.request(learner.key, LESSON, ONE)
    assert checks.request(learner.key, LESSON, ONE, asked=True) == first
    assert checks.request(learner.key, LESSON, ONE) == first
    assert CheckRequest.objects.get().asked
    assert checks.request(learner.key, LESSON, TWO) != first
    for pk in queued:
        checks.run(pk)
    assert [argv[0] for argv in shell.ran if argv[0] != "docker"] == [
        "/bin/bash"
    ] * 3  # two checks, one set-up
    assert len(told) == 2


@pytest.mark.usefixtures("content", "sandbox")
def test_a_newer_request_supersedes_a_running_check(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    second: list[int] = []

    def learner_asks_again() -> None:
        shell.before = lambda: None
        second.append(checks.request(learner.key, LESSON, ONE, asked=True))
        checks.run(second[0])  # a learner has one check running at a time: this one stays

    shell.before = learner_asks_again
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert told == []  # what it found is old
    assert queued[-1] == second[0]  # and the one that waited is up
    (shell.folder / "one").touch()
    checks.run(second[0])
    assert told[0]["state"] == "done"
    assert CheckRequest.objects.count() == 1


@pytest.mark.usefixtures("content", "sandbox")
def test_a_running_check_that_passes_answers_the_newer_request_too(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    (shell.folder / "one").touch()

    def learner_asks_again() -> None:
        shell.before = lambda: None
        checks.request(learner.key, LESSON, ONE, asked=True)

    shell.before = learner_asks_again
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert told[0]["state"] == "done"
    assert CheckRequest.objects.get().state == State_.FINISHED


def test_the_database_lets_one_check_run_for_a_learner(learner: Learner) -> None:
    fields = {"learner": learner, "lesson": LESSON, "state": State_.RUNNING}
    CheckRequest.objects.create(step=ONE, **fields)
    with pytest.raises(IntegrityError), transaction.atomic():
        CheckRequest.objects.create(step=TWO, **fields)
    CheckRequest.objects.create(step=TWO, **{**fields, "learner": Learner.objects.create()})


# Workers that die


@pytest.mark.usefixtures("content", "sandbox")
def test_a_dead_worker_s_check_goes_to_another(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    class Killed(BaseException):
        """The end of the process in the middle of the work."""

    def die() -> None:
        raise Killed

    shell.before = die
    pk = checks.request(learner.key, LESSON, ONE)
    with pytest.raises(Killed):
        checks.run(pk)
    queued.clear()
    checks.sweep()
    assert queued == []  # the lease still holds
    CheckRequest.objects.update(lease=timezone.now() - timedelta(seconds=1))
    checks.sweep()
    assert queued == [pk]
    shell.before = lambda: None
    checks.run(pk)
    assert told[0]["state"] == "not-yet"


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("content", "sandbox")
def test_a_check_outlives_kill_9(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    pk = checks.request(learner.key, LESSON, ONE, asked=True)
    connection.close()  # the child must not share it
    ready, reached = os.pipe()
    child = os.fork()
    if child == 0:

        def stay() -> None:
            os.write(reached, b".")
            signal.pause()

        shell.before = stay
        checks.run(pk)
        os._exit(1)
    assert os.read(ready, 1) == b"."  # it is in the middle of the check
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    CheckRequest.objects.update(lease=timezone.now())
    queued.clear()
    checks.sweep()
    assert queued == [pk]
    checks.run(pk)
    assert [event["state"] for event in told] == ["not-yet"]


@pytest.mark.usefixtures("content", "sandbox", "queued")
def test_a_worker_that_only_seemed_dead_does_not_tell_twice(
    learner: Learner, shell: Shell, told: list[dict[str, Any]]
) -> None:
    pk = checks.request(learner.key, LESSON, ONE)

    def lose_the_lease() -> None:
        shell.before = lambda: None
        CheckRequest.objects.update(lease=timezone.now() - timedelta(seconds=1))
        checks.sweep()
        checks.run(pk)

    shell.before = lose_the_lease
    checks.run(pk)
    assert [event["state"] for event in told] == ["not-yet"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("content", "queued", "told")
def test_a_long_check_keeps_its_lease(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lease, "RENEW", 0.05)
    learner = Learner.objects.create()
    Sandbox.objects.create(owner=learner.key, profile="docker", state=State.READY)
    leases: list[Any] = []

    def look_twice() -> None:
        deadline = time.monotonic() + 5
        leases.append(CheckRequest.objects.get().lease)
        while len(leases) == 1 and time.monotonic() < deadline:
            time.sleep(0.02)
            leases.extend({CheckRequest.objects.get().lease} - {leases[0]})

    shell.before = look_twice
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert leases[1] > leases[0]


def test_what_the_queue_lost_is_put_there_again(learner: Learner, queued: list[int]) -> None:
    pk = checks.request(learner.key, LESSON, ONE)
    queued.clear()
    checks.sweep()
    assert queued == []
    CheckRequest.objects.update(queued_at=timezone.now() - checks.ASK_AGAIN * 2)
    checks.sweep()
    checks.sweep()
    assert queued == [pk]


def test_a_freed_check_gives_way_to_a_newer_request(learner: Learner, queued: list[int]) -> None:
    late = timezone.now() - timedelta(seconds=1)
    fields = {"learner": learner, "lesson": LESSON, "step": ONE}
    CheckRequest.objects.create(state=State_.RUNNING, lease=late, token="t", **fields)
    newer = CheckRequest.objects.create(state=State_.WAITING, **fields)
    checks.sweep()
    assert CheckRequest.objects.get().pk == newer.pk


def test_old_results_are_removed(learner: Learner) -> None:
    old = timezone.now() - checks.KEEP * 2
    fields = {"learner": learner, "lesson": LESSON, "state": State_.FINISHED}
    CheckRequest.objects.create(step=ONE, finished_at=old, **fields)
    CheckRequest.objects.create(step=TWO, finished_at=timezone.now(), **fields)
    checks.sweep()
    assert CheckRequest.objects.get().step == TWO


def test_a_queue_that_does_not_answer_loses_no_check(
    learner: Learner, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:

    def refuse(*args: Any, **kwargs: Any) -> None:
        raise ConnectionRefusedError("no broker")

    monkeypatch.setattr(app, "send_task", refuse)
    checks.request(learner.key, LESSON, ONE)
    assert CheckRequest.objects.get().state == State_.WAITING
    assert "waits for the sweeper" in caplog.text


# Set-up of steps


@pytest.mark.usefixtures("content", "queued")
def test_setup_runs_once_per_sandbox_and_before_a_check(
    learner: Learner, sandbox: Sandbox, shell: Shell, told: list[dict[str, Any]]
) -> None:
    setup = CheckRequest.Kind.SETUP
    checks.run(checks.request(learner.key, LESSON, TWO, kind=setup))
    assert (shell.folder / "ready").read_text() == "ready\n"
    assert told == []
    assert StepReady.objects.get().sandbox == sandbox.key
    checks.run(checks.request(learner.key, LESSON, TWO, kind=setup))
    checks.run(checks.request(learner.key, LESSON, TWO))
    assert (shell.folder / "ready").read_text() == "ready\n"
    Sandbox.objects.update(state=State.ENDED)
    Sandbox.objects.create(owner=learner.key, profile="docker", state=State.READY)
    checks.run(checks.request(learner.key, LESSON, TWO))
    assert (shell.folder / "ready").read_text() == "ready\nready\n"


@pytest.mark.usefixtures("sandbox", "queued")
def test_a_setup_that_fails_is_told_and_tried_again(
    learner: Learner, content: Path, shell: Shell, told: list[dict[str, Any]]
) -> None:
    (content / "010-first/20-two/setup.sh").write_text("exit 1\n")
    setup = CheckRequest.Kind.SETUP
    checks.run(checks.request(learner.key, LESSON, TWO, kind=setup))
    assert told == [{"type": "learner.error", "lesson": LESSON, "message": scripts.NOT_PREPARED}]
    checks.run(checks.request(learner.key, LESSON, TWO))
    assert (told[1]["state"], told[1]["hint"]) == ("could-not", scripts.NOT_PREPARED)
    assert not StepReady.objects.exists()


# Pages that come back


def test_a_page_that_was_away_is_told(learner: Learner) -> None:
    now = timezone.now()
    fields = {"learner": learner, "lesson": LESSON, "hint": "h", "result": "not-yet"}
    finished = {**fields, "state": State_.FINISHED}
    CheckRequest.objects.create(step="a", asked=True, finished_at=now, **finished)
    CheckRequest.objects.create(step="b", asked=False, finished_at=now, **finished)
    CheckRequest.objects.create(step="c", asked=True, finished_at=now - timedelta(minutes=5), **finished)
    CheckRequest.objects.create(step="d", learner=learner, lesson=LESSON)
    CheckRequest.objects.create(step="e", learner=learner, lesson="020-other")
    assert checks.pending(learner.key, LESSON, since=timedelta(minutes=1)) == [
        {"step": "a", "state": "not-yet", "hint": "h"},
        {"step": "d", "state": "running", "hint": ""},
    ]
