from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from lessons import checks, course, learners, progress
from lessons.models import Learner, StepProgress
from sandbox.errors import SandboxTimeout
from sandbox.models import Sandbox

from .conftest import Shell

pytestmark = pytest.mark.usefixtures("content")


def test_a_step_makes_a_learner_and_the_list_does_not(client: Client, db: None) -> None:
    client.get("/lessons/010-first/")
    assert not Learner.objects.exists()
    response = client.get("/lessons/010-first/10-one/")
    cookie = response.cookies["learner"]
    learner = Learner.objects.get()
    assert learners.read(cookie.value) == learner.key
    assert len(learner.key) == 20
    assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
    assert cookie["max-age"] == 365 * 86400
    again = client.get("/lessons/010-first/20-two/")
    assert "learner" not in again.cookies
    assert Learner.objects.count() == 1


def test_the_cookie_is_secure_over_https(client: Client, db: None) -> None:
    response = client.get("/lessons/010-first/10-one/", secure=True)
    assert response.cookies["learner"]["secure"]


def test_a_visit_on_another_day_renews_the_cookie(client: Client, learner: Learner) -> None:
    Learner.objects.update(seen=timezone.now() - timedelta(days=2))
    client.cookies["learner"] = learners.sign(learner.key)
    response = client.get("/lessons/010-first/10-one/")
    assert learners.read(response.cookies["learner"].value) == learner.key
    assert Learner.objects.get().seen > timezone.now() - timedelta(minutes=1)


@pytest.mark.parametrize(
    "forge", [lambda key: key, lambda key: learners.sign("x" * 20)[:-2] + "AA", lambda key: ""]
)
def test_a_forged_cookie_is_nobody(client: Client, learner: Learner, forge: Any) -> None:
    client.cookies["learner"] = forge(learner.key)
    client.get("/lessons/010-first/10-one/")
    assert Learner.objects.count() == 2


def test_a_cookie_signed_for_something_else_is_nobody(learner: Learner) -> None:
    assert learners.read(signing.TimestampSigner(salt="other").sign(learner.key)) is None


@pytest.mark.parametrize(
    ("header", "known"),
    [("learner={}", True), ("a=b; learner={}", True), ("learner=x:y:z", False), (None, False)],
)
def test_a_websocket_knows_its_learner(learner: Learner, header: str | None, known: bool) -> None:
    seen: dict[str, Any] = {}

    async def app(scope: dict[str, Any], receive: Any, send: Any) -> None:
        seen.update(scope)

    headers = [(b"cookie", header.format(learners.sign(learner.key)).encode())] if header else []
    asyncio.run(learners.LearnerScope(app)({"type": "websocket", "headers": headers}, None, None))
    assert seen["learner_key"] == (learner.key if known else None)


def test_done_is_done_once(learner: Learner) -> None:
    assert progress.mark_done(learner.key, "010-first", "10-one")
    assert not progress.mark_done(learner.key, "010-first", "10-one")
    assert StepProgress.objects.count() == 1
    assert progress.done_steps(learner.key, "010-first") == {"10-one"}
    assert progress.done_steps(None, "010-first") == set()
    assert progress.done_by_lesson(learner.key) == {"010-first": {"10-one"}}


def test_only_steps_with_a_check_count(learner: Learner) -> None:
    lesson = course.get().by_slug["010-first"]
    for step in ("99-gone", "30-read", "20-two"):
        progress.mark_done(learner.key, "010-first", step)
    assert progress.message(learner.key, lesson) == {"done": ["20-two"], "total": 2, "lesson_done": False}
    progress.mark_done(learner.key, "010-first", "10-one")
    assert progress.message(learner.key, lesson) == {
        "done": ["10-one", "20-two"], "total": 2, "lesson_done": True,
    }  # fmt: skip


def test_tries_are_counted_until_it_is_done(
    learner: Learner, sandbox: Sandbox, shell: Shell, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(checks, "_enqueue", lambda pk: None)

    def look(*, asked: bool) -> None:
        checks.run(checks.request(learner.key, "010-first", "10-one", asked=asked))

    look(asked=True)
    look(asked=False)
    shell.error = SandboxTimeout("It took too long.")
    look(asked=True)  # could not be checked: no try
    shell.error = None
    look(asked=True)
    (shell.folder / "one").touch()
    look(asked=True)
    look(asked=True)
    assert learner.tries.get().count == 3
