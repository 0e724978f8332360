"""Where a learner goes on, and what the outline says."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from lessons import course, learners, outline, progress
from lessons.models import LastStep, Learner

from .conftest import LESSON, STEP, Write

SLUG = "010-first"


@pytest.fixture
def client(learner: Learner) -> Client:
    found = Client()
    found.cookies[learners.COOKIE] = learners.sign(learner.key)
    return found


def resumed(learner: Learner) -> str:
    return progress.resume(learner.key, course.get().by_slug[SLUG])


@pytest.mark.usefixtures("content")
def test_a_learner_goes_on_at_the_step_that_was_opened_last(learner: Learner) -> None:
    assert resumed(learner) == "10-one"
    progress.open_step(learner.key, SLUG, "20-two")
    assert resumed(learner) == "20-two"
    progress.mark_done(learner.key, SLUG, "20-two")
    assert resumed(learner) == "10-one", "what is left"
    progress.open_step(learner.key, SLUG, "10-one")
    progress.open_step(learner.key, SLUG, "30-read")
    assert resumed(learner) == "30-read", "also where there is nothing to do"
    progress.mark_done(learner.key, SLUG, "10-one")
    assert resumed(learner) == "10-one", "once more from the start"
    assert LastStep.objects.count() == 1


@pytest.mark.usefixtures("content")
def test_after_a_step_that_is_done_comes_the_next_that_is_not(learner: Learner) -> None:
    progress.mark_done(learner.key, SLUG, "10-one")
    assert resumed(learner) == "20-two"
    progress.open_step(learner.key, SLUG, "10-one")
    assert resumed(learner) == "20-two"
    LastStep.objects.update(step="15-removed")
    assert resumed(learner) == "20-two"


@pytest.mark.usefixtures("content")
def test_opening_pages_keeps_the_place(client: Client, learner: Learner) -> None:
    assert client.get(f"/lessons/{SLUG}/30-read/").status_code == 200
    assert client.get(f"/lessons/{SLUG}/").headers["Location"] == f"/lessons/{SLUG}/30-read/"
    assert Client().get(f"/lessons/{SLUG}/").headers["Location"] == f"/lessons/{SLUG}/10-one/"


def test_the_outline(write: Write, settings: Settings, learner: Learner, client: Client) -> None:
    root: Path = write({"020-second/lesson.md": LESSON, "020-second/10-a/step.md": STEP})
    settings.LESSONS_CONTENT = root
    progress.mark_done(learner.key, SLUG, "10-one")
    first, second = outline.lessons(learner.key)
    assert (first["steps_done"], first["steps_total"], first["done"], first["minutes"]) == (1, 2, False, 10)
    assert [(step["done"], step["suggested"], step["counts"]) for step in first["steps"]] == [
        (True, False, True), (False, True, True), (False, False, False),
    ]  # fmt: skip
    assert not any(step["suggested"] for step in second["steps"])
    progress.mark_done(learner.key, SLUG, "20-two")
    first, second = outline.lessons(learner.key)
    assert first["done"]
    assert second["steps"][0]["suggested"], "the next lesson is suggested"
    page = client.get("/lessons/").content.decode()
    assert page.count('class="outline-number"') == 4
    assert "go on here" in page
    assert outline.lessons(None)[0]["steps"][0]["suggested"]


@pytest.mark.usefixtures("content")
def test_a_new_learner_is_not_enrolled_by_looking_at_the_outline(db: None) -> None:
    assert Client().get("/lessons/").status_code == 200
    assert not Learner.objects.exists()
