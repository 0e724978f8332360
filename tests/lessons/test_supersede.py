"""Checks that nobody waits for any more are ended, and those of another page are not."""

from __future__ import annotations

from typing import Any

import pytest

from lessons import checks, progress, scripts
from lessons.models import CheckRequest, Learner

from .conftest import Shell

LESSON, ONE, TWO = "010-first", "10-one", "20-two"
Row = CheckRequest.State

pytestmark = pytest.mark.usefixtures("content", "sandbox")


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


def ends(shell: Shell) -> int:
    """How often something in the sandbox was ended."""
    return sum(argv[2] == scripts.END for argv in shell.ran if argv[0] == "/bin/bash")


def test_asking_anew_ends_the_check_that_runs(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    def learner_asks() -> None:
        shell.before = lambda: None
        checks.request(learner.key, LESSON, ONE, asked=True)

    first = checks.request(learner.key, LESSON, ONE)
    queued.clear()
    shell.before = learner_asks
    checks.run(first)
    assert ends(shell) == 1
    assert told == [], "what it found is old"
    (second,) = queued
    assert second != first, "the new one is up as soon as the other has ended, and not before"
    checks.run(second)
    assert [event["state"] for event in told] == ["not-yet"]


def test_a_page_that_asks_by_itself_waits(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    def page_asks() -> None:
        shell.before = lambda: None
        checks.request(learner.key, LESSON, ONE)

    shell.before = page_asks
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert ends(shell) == 0


def test_two_tabs_on_two_steps_both_hear(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    def other_tab_asks() -> None:
        shell.before = lambda: None
        checks.run(checks.request(learner.key, LESSON, TWO, asked=True))

    (shell.folder / "two").touch()
    shell.before = other_tab_asks
    checks.run(checks.request(learner.key, LESSON, ONE, asked=True))
    assert ends(shell) == 0
    checks.run(queued[-1])
    assert [(event["step"], event["state"]) for event in told if event["type"] == "check.result"] == [
        (ONE, "not-yet"), (TWO, "done"),
    ]  # fmt: skip


def test_leaving_a_step_ends_its_check_quietly(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    def learner_leaves() -> None:
        shell.before = lambda: None
        checks.leave(learner.key, LESSON, ONE)

    shell.before = learner_leaves
    checks.run(checks.request(learner.key, LESSON, ONE, asked=True))
    assert ends(shell) == 1
    assert [event["state"] for event in told] == ["dropped"]
    assert not CheckRequest.objects.exists()
    checks.request(learner.key, LESSON, ONE)
    checks.leave(learner.key, LESSON, ONE)
    assert not CheckRequest.objects.exists(), "one that waits is forgotten"


def test_a_check_that_has_passed_counts_although_the_step_was_left(
    learner: Learner, shell: Shell, told: list[dict[str, Any]], queued: list[int]
) -> None:
    def learner_leaves() -> None:
        shell.before = lambda: None
        checks.leave(learner.key, LESSON, ONE)

    (shell.folder / "one").touch()
    shell.before = learner_leaves
    checks.run(checks.request(learner.key, LESSON, ONE))
    assert progress.done_steps(learner.key, LESSON) == {ONE}
    assert [event["type"] for event in told] == ["check.result", "progress.changed"]


def test_only_this_learner_s_check_is_ended(learner: Learner, shell: Shell, queued: list[int]) -> None:
    other = Learner.objects.create()
    CheckRequest.objects.create(learner=other, lesson=LESSON, step=ONE, state=Row.RUNNING, token="t")
    checks.leave(learner.key, LESSON, ONE)
    assert ends(shell) == 0
    assert not CheckRequest.objects.get().superseded
