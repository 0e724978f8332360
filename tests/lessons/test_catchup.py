"""Catching up: the earlier steps in order, what is told of it, and how it ends."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from lessons import catchup, checks, course, perform, scripts
from lessons.models import CheckRequest, Learner, StepReady
from sandbox import service
from sandbox.models import Sandbox, State

from .conftest import STEP, Shell, Write

SLUG = "010-first"
Kind = CheckRequest.Kind
Row = CheckRequest.State


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    monkeypatch.setattr(
        checks, "tell", lambda learner, event, **fields: events.append({"type": event, **fields})
    )
    return events


@pytest.fixture
def queued(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    sent: list[int] = []
    monkeypatch.setattr(checks, "_enqueue", sent.append)
    return sent


def ask(learner: Learner, step: str) -> int:
    return checks.request(learner.key, SLUG, step, kind=Kind.CATCH_UP)


@pytest.mark.usefixtures("content", "queued")
def test_the_earlier_steps_are_done_in_order_and_told(
    learner: Learner, sandbox: Sandbox, shell: Shell, told: list[dict[str, Any]]
) -> None:
    checks.run(ask(learner, "30-read"))
    assert sorted(path.name for path in shell.folder.iterdir()) == ["one", "ready", "two"]
    assert {event["type"] for event in told} == {"catch.up"}
    assert [(event["state"], event["progress"].get("at")) for event in told] == [
        ("running", "10-one"), ("running", "10-one"), ("running", "20-two"), ("running", "20-two"), ("done", "20-two"),
    ]  # fmt: skip
    assert StepReady.objects.get().step == "20-two"
    assert CheckRequest.objects.get().state == Row.FINISHED
    found = checks.catching_up(learner.key, SLUG, since=timedelta(minutes=1))
    assert found is not None
    row, state = found
    said = catchup.message(course.get().by_slug[SLUG], row.step, state, row.progress, row.hint)
    assert said["state"] == "done"
    assert [step["state"] for step in said["steps"]] == ["done", "done"]


@pytest.mark.usefixtures("sandbox", "queued")
def test_the_step_that_fails_is_named(
    write: Write, settings: Any, learner: Learner, shell: Shell, told: list[dict[str, Any]]
) -> None:
    settings.LESSONS_CONTENT = write({f"{SLUG}/20-two/solve.sh": "exit 3\n"})
    checks.run(ask(learner, "30-read"))
    assert (told[-1]["state"], told[-1]["progress"]["at"]) == ("failed", "20-two")
    assert told[-1]["hint"] == "Step 2, “A step”, could not be done by itself: its solution ended with 3."


@pytest.mark.usefixtures("content", "queued")
def test_another_worker_goes_on_where_a_dead_one_was(
    learner: Learner, sandbox: Sandbox, shell: Shell, told: list[dict[str, Any]]
) -> None:
    pk = ask(learner, "30-read")
    CheckRequest.objects.filter(pk=pk).update(
        progress={"sandbox": sandbox.key, "done": ["10-one"], "at": "20-two"}
    )
    checks.run(pk)
    assert not (shell.folder / "one").exists()
    assert (shell.folder / "two").exists()
    pk = ask(learner, "30-read")
    CheckRequest.objects.filter(pk=pk).update(progress={"sandbox": "another", "done": ["10-one"], "at": ""})
    checks.run(pk)
    assert (shell.folder / "one").exists(), "in another sandbox nothing is done yet"


@pytest.mark.usefixtures("content", "sandbox")
def test_it_can_be_stopped(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    ended: list[bytes] = []

    def learner_stops() -> None:
        shell.before = lambda: ended.append(b"")
        checks.stop_catching_up(learner.key)

    shell.before = learner_stops
    checks.run(ask(learner, "30-read"))
    assert (told[-1]["state"], told[-1]["hint"]) == ("stopped", catchup.STOPPED)
    assert not (shell.folder / "two").exists()
    assert ended, "what runs in the sandbox is ended too"
    told.clear()
    pk = ask(learner, "30-read")
    checks.stop_catching_up(learner.key)
    assert [event["state"] for event in told] == ["stopped"]
    checks.run(pk)
    assert len(told) == 1, "it waited, and is not begun"


@pytest.mark.usefixtures("content")
def test_nothing_else_is_done_in_the_sandbox_meanwhile(
    learner: Learner, sandbox: Sandbox, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    pk = ask(learner, "30-read")
    setup = checks.request(learner.key, SLUG, "20-two", kind=Kind.SETUP)
    checks.run(setup)
    assert CheckRequest.objects.get(pk=setup).state == Row.WAITING
    queued.clear()
    checks.run(pk)
    assert queued == [setup]
    checks.run(setup)
    assert CheckRequest.objects.get(pk=setup).state == Row.FINISHED
    assert (shell.folder / "ready").read_text() == "ready\n"


@pytest.mark.usefixtures("content", "queued", "shell")
def test_it_waits_for_the_sandbox(
    learner: Learner, told: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(perform, "LOOK", 0.01)
    made = Sandbox.objects.create(owner=learner.key, profile="docker", state=State.PREPARING, handle={})
    looks: list[State] = []

    def current(owner: str) -> Sandbox | None:
        if len(looks) == 3:
            Sandbox.move(made.key, frm=(State.PREPARING,), to=State.READY)
        found = Sandbox.objects.get(owner=owner)
        looks.append(State(found.state))
        return found

    monkeypatch.setattr(service, "current", current)
    checks.run(ask(learner, "30-read"))
    assert told[-1]["state"] == "done"
    Sandbox.objects.update(state=State.FAILED)
    checks.run(ask(learner, "30-read"))
    assert (told[-1]["state"], told[-1]["hint"]) == ("failed", scripts.NO_SANDBOX)


@pytest.mark.usefixtures("sandbox", "queued", "told")
def test_files_are_there_for_the_solution(
    write: Write, settings: Any, learner: Learner, shell: Shell
) -> None:
    file: Path = shell.folder / "file"
    settings.LESSONS_CONTENT = write(
        {
            f"{SLUG}/10-one/step.md": STEP + f"```file path={file}\nas given\n```\n",
            f"{SLUG}/10-one/check.sh": f"grep -q changed {file} || hint 'Not changed.'\n",
            f"{SLUG}/10-one/solve.sh": f"sed -i s/given/changed/ {file}\n",
        }
    )
    checks.run(ask(learner, "20-two"))
    assert file.read_text() == "as changed\n"


def test_what_has_to_be_done_for_a_step(content: Path) -> None:
    lesson = course.get().by_slug[SLUG]
    assert catchup.steps_before(lesson, "10-one") == ()
    assert [step.slug for step in catchup.steps_before(lesson, "30-read")] == ["10-one", "20-two"]


def test_an_old_end_is_not_told_again(learner: Learner) -> None:
    CheckRequest.objects.create(
        learner=learner, lesson=SLUG, step="30-read", kind=Kind.CATCH_UP, state=Row.FINISHED,
        finished_at=timezone.now() - timedelta(minutes=5), result="done",
    )  # fmt: skip
    assert checks.catching_up(learner.key, SLUG, since=timedelta(minutes=1)) is None
