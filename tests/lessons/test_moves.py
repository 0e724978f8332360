"""One learner in several browsers, by a code; and a learner who wants to be forgotten."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.apps import apps
from django.core.cache import cache
from django.test import Client
from django.utils import timezone

from lessons import codes, learners, notes, progress
from lessons.models import CheckRequest, FormerKey, Learner, MoveCode, Note, StepProgress, StepReady
from sandbox import service
from sandbox.models import Sandbox, Share, State

pytestmark = [pytest.mark.usefixtures("content", "told"), pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """What the worker was asked to do."""
    asked: list[tuple[str, str]] = []
    monkeypatch.setattr(service, "enqueue", lambda task, key: asked.append((task, key)))
    return asked


def browser(learner: Learner | None = None, **options: Any) -> Client:
    """Somebody's browser; a learner's, if it has been to a step."""
    client = Client(**options)
    if learner is not None:
        client.cookies["learner"] = learners.sign(learner.key)
    return client


def key_of(client: Client) -> str | None:
    return learners.known(client.cookies["learner"].value) if "learner" in client.cookies else None


def made_code(client: Client) -> str:
    page = client.post("/progress/code/").content.decode()
    found = re.search(r'data-part="code">([a-z0-9-]+)<', page)
    assert found, page
    return found[1]


def enter(client: Client, code: str) -> str:
    """Where entering a code leads."""
    answer = client.post("/progress/enter/", {"code": code})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"].removesuffix("#main")


def test_a_code_is_easy_to_read_and_nowhere_kept(learner: Learner) -> None:
    code = made_code(browser(learner))
    assert re.fullmatch(r"[a-hjkmnp-z2-9]{4}-[a-hjkmnp-z2-9]{4}", code)
    row = MoveCode.objects.get()
    assert code not in str(vars(row)) and code.replace("-", "") not in str(vars(row))
    assert timedelta(minutes=9) < row.expires - timezone.now() <= timedelta(minutes=10)


@pytest.mark.parametrize("typed", ["{}", " {}\n", "no hyphen", "CAPITALS"])
def test_a_new_browser_becomes_the_learner(learner: Learner, typed: str) -> None:
    progress.mark_done(learner.key, "010-first", "10-one")
    code = made_code(browser(learner))
    typed = {"no hyphen": code.replace("-", " "), "CAPITALS": code.upper()}.get(typed, typed.format(code))
    other = browser()
    assert enter(other, typed) == "/progress/?arrived=moved"
    assert key_of(other) == learner.key
    cookie = other.cookies["learner"]
    assert (cookie["httponly"], cookie["samesite"], cookie["max-age"]) == (True, "Lax", 365 * 86400)
    assert "1 of 2 steps" in other.get("/progress/?arrived=moved").content.decode()


def test_a_code_is_good_once_and_only_the_newest(learner: Learner) -> None:
    first, second = made_code(browser(learner)), made_code(browser(learner))
    assert browser().post("/progress/enter/", {"code": first}).status_code == 403
    enter(browser(), second)
    late = browser().post("/progress/enter/", {"code": second})
    assert late.status_code == 403 and "good once, for ten minutes" in late.content.decode()
    assert "learner" not in late.cookies


def test_an_old_code_is_not_good_and_goes(learner: Learner) -> None:
    code = made_code(browser(learner))
    MoveCode.objects.update(expires=timezone.now() - timedelta(seconds=1))
    assert browser().post("/progress/enter/", {"code": code}).status_code == 403
    assert not MoveCode.objects.exists()


@pytest.mark.parametrize(
    "code", ["", "abcd", "abcd-efgh-jkmn", "l0l0-1i1i", "äöüß-abcd", "x" * 100_000, "\0" * 8]
)
def test_what_is_no_code(code: str) -> None:
    assert browser().post("/progress/enter/", {"code": code}).status_code == 403


def test_one_network_cannot_try_for_ever(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "TRIES_OF_A_NETWORK", 3)
    tries = [browser().post("/progress/enter/", {"code": "aaaa-aaaa"}).status_code for _ in range(4)]
    assert tries == [403, 403, 403, 429]
    good = made_code(browser(learner))
    assert browser().post("/progress/enter/", {"code": good}).status_code == 429
    enter(browser(REMOTE_ADDR="192.0.2.9"), good)  # a refused try does not use it up


def test_all_together_cannot_try_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "TRIES_OF_ALL", 2)
    tries = [
        browser(REMOTE_ADDR=f"192.0.2.{n}").post("/progress/enter/", {"code": "aaaa-aaaa"}).status_code
        for n in range(3)
    ]
    assert tries == [403, 403, 429]


def test_one_learner_cannot_make_codes_for_ever(learner: Learner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(codes, "MADE_BY_ONE", 1)
    made_code(browser(learner))
    answer = browser(learner).post("/progress/code/")
    assert answer.status_code == 429 and "wait a few minutes" in answer.content.decode()


def test_other_sites_cannot_move_or_erase(learner: Learner) -> None:
    code = made_code(browser(learner))
    victim = browser(Learner.objects.create(), enforce_csrf_checks=True)
    for path in ("/progress/code/", "/progress/enter/", "/progress/erase/", "/notes/010-first/10-one/"):
        assert victim.post(path, {"code": code, "text": "x"}).status_code == 403
    assert Learner.objects.count() == 2 and not Note.objects.exists()


def test_forms_work_with_their_token(learner: Learner) -> None:
    client = browser(learner, enforce_csrf_checks=True)
    page = client.get("/progress/").content.decode()
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', page)[0]
    assert client.post("/progress/code/", {"csrfmiddlewaretoken": token}).status_code == 200


def test_what_was_done_in_both_comes_together(learner: Learner) -> None:
    other = Learner.objects.create()
    progress.mark_done(learner.key, "010-first", "10-one")
    early = timezone.now() - timedelta(days=3)
    StepProgress.objects.create(learner=other, lesson="010-first", step="10-one", done_at=early)
    progress.mark_done(other.key, "010-first", "20-two")
    for who, count in ((learner, 1), (other, 2)):
        for _ in range(count):
            progress.count_try(who.key, "010-first", "30-read")
    notes.write(learner, "010-first", "10-one", "mine", 0)
    notes.write(other, "010-first", "10-one", "theirs", 0)
    notes.write(other, "010-first", "", "whole", 0)
    CheckRequest.objects.create(learner=other, lesson="010-first", step="10-one")
    client = browser(other)
    assert enter(client, made_code(browser(learner))) == "/progress/?arrived=moved&steps=1"
    assert key_of(client) == learner.key
    assert progress.done_steps(learner.key, "010-first") == {"10-one", "20-two"}
    assert StepProgress.objects.get(step="10-one").done_at == early
    assert learner.tries.get().count == 3
    texts = {note.step: note.text for note in learner.notes.all()}
    assert texts == {"10-one": "mine\n\ntheirs", "": "whole"}
    assert list(Learner.objects.all()) == [learner]
    said = client.get("/progress/?arrived=moved&steps=1").content.decode()
    assert "1 step that you had done only here came along." in said


def test_a_third_browser_of_the_learner_who_moved_comes_along(learner: Learner) -> None:
    other = Learner.objects.create()
    third = browser(other)
    enter(browser(other), made_code(browser(learner)))
    progress.mark_done(learner.key, "010-first", "10-one")
    assert "1 of 2 steps" in third.get("/progress/").content.decode()
    third.get("/lessons/010-first/20-two/")
    assert list(Learner.objects.all()) == [learner]
    last = Learner.objects.create()
    enter(third, made_code(browser(last)))
    assert {key_of(third), key_of(browser(other)), key_of(browser(learner))} == {last.key}


def test_the_code_of_oneself_changes_nothing(learner: Learner) -> None:
    client = browser(learner)
    assert enter(client, made_code(client)) == "/progress/?arrived=same"
    assert Learner.objects.get() == learner and not FormerKey.objects.exists()


def claimed(owner: Learner, state: State = State.READY) -> Sandbox:
    return Sandbox.objects.create(owner=owner.key, profile="docker", state=state, handle={})


def test_the_only_sandbox_comes_along(learner: Learner, told: list[tuple[str, str]]) -> None:
    other = Learner.objects.create()
    mine = claimed(other)
    over = claimed(learner, State.FAILED)  # newer, but over
    assert enter(browser(other), made_code(browser(learner))).endswith("sandbox=kept")
    current = service.current(learner.key)
    assert current is not None and current.key == mine.key and current.state == State.READY
    assert not Sandbox.objects.filter(key=over.key).exists()
    assert told == []


def test_of_two_sandboxes_that_of_the_code_goes_on(learner: Learner, told: list[tuple[str, str]]) -> None:
    other = Learner.objects.create()
    kept, ended = claimed(learner), claimed(other)
    client = browser(other)
    assert enter(client, made_code(browser(learner))).endswith("sandbox=ended")
    assert service.owned(learner.key, kept.key) is not None
    assert Sandbox.objects.get(key=ended.key).state == State.ENDING
    assert told == [("sandbox.tasks.destroy", ended.key)]
    assert "has ended" in client.get("/progress/?arrived=moved&sandbox=ended").content.decode()


def test_a_code_may_not_say_anything_it_likes() -> None:
    page = (
        browser()
        .get("/progress/", {"arrived": "moved", "steps": "<b>", "sandbox": "<script>"})
        .content.decode()
    )
    assert "<b>." not in page and "<script>" not in page.partition("</head>")[2]


def everything_about(*words: str) -> list[str]:
    """Where any of these stands in any column of any table."""
    return [
        f"{model.__name__}.{name}"
        for model in apps.get_models()
        for row in model._default_manager.values()
        for name, value in row.items()
        if any(word in str(value) for word in words)
    ]


def test_erasing_leaves_nothing(learner: Learner, told: list[tuple[str, str]]) -> None:
    former = Learner.objects.create()
    enter(browser(former), made_code(browser(learner)))
    running = claimed(learner)
    Sandbox.objects.filter(key=running.key).update(layout={"tabs": ["secret title"]}, network="n" * 32)
    Share.objects.create(sandbox=claimed(learner, State.ENDED))
    StepReady.objects.create(sandbox=running.key, lesson="010-first", step="20-two")
    progress.mark_done(learner.key, "010-first", "10-one")
    progress.count_try(learner.key, "010-first", "20-two")
    notes.write(learner, "010-first", "", "secret note", 0)
    CheckRequest.objects.create(learner=learner, lesson="010-first", step="20-two")
    client = browser(learner)
    made_code(client)
    asked = client.get("/progress/erase/").content.decode()
    assert "1 step)" in asked and "your notes (1)" in asked and "Your sandbox ends" in asked
    assert Learner.objects.exists()
    said = client.post("/progress/erase/")
    assert "Your sandbox is being removed" in said.content.decode()
    assert client.cookies["learner"].value == ""
    assert everything_about(learner.key, former.key, "secret", "n" * 32) == []
    assert told == [("sandbox.tasks.destroy", running.key)]
    assert Sandbox.objects.get().state == State.ENDING and not StepReady.objects.exists()
    assert "Nothing yet" in client.get("/progress/").content.decode()


def test_a_check_that_ends_after_the_erasing_notes_nothing(learner: Learner) -> None:
    key = learner.key
    learner.delete()
    assert not progress.mark_done(key, "010-first", "10-one")
    progress.count_try(key, "010-first", "10-one")
    assert everything_about(key) == []


def test_strangers_have_nothing_to_erase() -> None:
    client = browser()
    assert client.get("/progress/erase/").headers["Location"] == "/progress/"
    assert client.post("/progress/erase/").headers["Location"] == "/progress/"
    page = client.get("/progress/").content.decode()
    assert "Erase my data" not in page and "Make a code" not in page
    assert not Learner.objects.exists() and "learner" not in client.cookies
