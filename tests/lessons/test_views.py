from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lessons import course, learners, progress
from lessons.models import Learner
from sandbox.models import Sandbox, State

from .conftest import LESSON, STEP, Write

pytestmark = [pytest.mark.usefixtures("content"), pytest.mark.django_db]


@pytest.fixture
def visitor(client: Client, learner: Learner) -> Client:
    client.cookies["learner"] = learners.sign(learner.key)
    return client


def context(response: Any) -> Any:
    """What the view gave to its template."""
    return response.context


def test_home_lists_lessons_with_progress(visitor: Client, learner: Learner) -> None:
    def card() -> tuple[int, int, str]:
        (found,) = context(visitor.get("/"))["lessons"]
        assert (found["slug"], found["title"], found["minutes"]) == ("010-first", "A lesson", 10)
        assert found["url"] == "/lessons/010-first/"
        return found["steps_done"], found["steps_total"], found["state"]

    assert card() == (0, 2, "new")
    progress.mark_done(learner.key, "010-first", "10-one")
    progress.mark_done(learner.key, "010-first", "99-gone")
    assert card() == (1, 2, "started")
    progress.mark_done(learner.key, "010-first", "20-two")
    assert card() == (2, 2, "done")


def test_home_shows_the_parts_of_a_course_and_what_comes_next(
    visitor: Client, write: Write, settings: Settings, learner: Learner
) -> None:
    more = {
        f"{slug}/{name}": text
        for slug, part in (("020-second", "part: Docker\n"), ("030-third", "part: Docker\n"))
        for name, text in (
            ("lesson.md", LESSON.replace("profile:", f"{part}profile:")),
            ("10-one/step.md", STEP),
            ("10-one/check.sh", "hint No\n"),
            ("10-one/solve.sh", "true\n"),
        )
    }
    settings.LESSONS_CONTENT = write(dict(more))
    page = visitor.get("/").content.decode()
    assert page.count('<h2 class="part">Docker</h2>') == 1
    assert page.index("/lessons/010-first/") < page.index(">Docker<") < page.index("/lessons/020-second/")

    def suggested() -> list[str]:
        return [one["slug"] for one in context(visitor.get("/"))["lessons"] if one["suggested"]]

    assert suggested() == ["010-first"]
    progress.mark_done(learner.key, "010-first", "10-one")
    progress.mark_done(learner.key, "010-first", "20-two")
    assert suggested() == ["020-second"]
    for slug in ("020-second", "030-third"):
        progress.mark_done(learner.key, slug, "10-one")
    assert suggested() == []


def test_only_authors_see_problems(
    client: Client, content: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)
    course.get()
    (content / "010-first/lesson.md").write_text("broken")
    problem = "010-first/lesson.md:1: must begin with front matter between two lines of ---"
    assert problem not in client.get("/").content.decode()
    settings.DEBUG = True
    page = client.get("/")
    assert problem in page.content.decode()
    assert context(page)["lessons"]
    files = {"version": course.get().version, "problems": [problem]}
    assert context(page)["authors"] == files, "what the open page compares with later"
    assert client.get("/authors.json").json() == files
    settings.DEBUG = False
    assert client.get("/authors.json").status_code == 404


def test_a_lesson_opens_where_it_was_left(visitor: Client, learner: Learner) -> None:
    def leads_to() -> str:
        return visitor.get("/lessons/010-first/").headers["Location"]

    assert leads_to() == "/lessons/010-first/10-one/"
    progress.mark_done(learner.key, "010-first", "10-one")
    assert leads_to() == "/lessons/010-first/20-two/"
    progress.mark_done(learner.key, "010-first", "20-two")
    assert leads_to() == "/lessons/010-first/10-one/"


def test_a_step_page(visitor: Client, learner: Learner) -> None:
    progress.mark_done(learner.key, "010-first", "10-one")
    response = visitor.get("/lessons/010-first/20-two/")
    found = context(response)
    assert found["lesson"] == {
        "slug": "010-first",
        "title": "A lesson",
        "summary": "What it is about.",
        "minutes": 10,
        "profile": "docker",
    }
    assert found["step"] == {
        "slug": "20-two",
        "title": "A step",
        "html": "<p>Some text.</p>\n",
        "number": 2,
        "checked": True,
        "counts": True,
        "has_solution": True,
        "can_catch_up": True,
    }
    assert [(step["number"], step["done"], step["current"]) for step in found["steps"]] == [
        (1, True, False),
        (2, False, True),
        (3, False, False),
    ]
    assert (found["previous_url"], found["next_url"]) == (
        "/lessons/010-first/10-one/",
        "/lessons/010-first/30-read/",
    )
    assert found["channel_url"] == "/ws/lesson/010-first/?step=20-two"
    assert found["terminal_base"] == "/ws/terminal/"
    assert found["done"] is False
    assert "<p>Some text.</p>" in response.content.decode()
    assert response.headers["Cache-Control"].startswith("max-age=0")


def test_the_step_page_relaxes_styles_only(visitor: Client) -> None:
    policy = visitor.get("/lessons/010-first/10-one/").headers["Content-Security-Policy"]
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";") if " " in rule.strip())
    assert "'unsafe-inline'" in rules["style-src"]
    assert "unsafe" not in rules["script-src"]
    assert "'unsafe-inline'" not in visitor.get("/").headers["Content-Security-Policy"]


def test_a_reading_step_needs_no_check(visitor: Client) -> None:
    found = context(visitor.get("/lessons/010-first/30-read/"))
    assert (found["step"]["checked"], found["step"]["has_solution"], found["next_url"]) == (False, False, "")


@pytest.mark.parametrize("path", ["/lessons/020-no/", "/lessons/020-no/10-one/", "/lessons/010-first/99-no/"])
def test_what_does_not_exist(visitor: Client, path: str) -> None:
    assert visitor.get(path).status_code == 404


def test_pages_are_only_read(visitor: Client) -> None:
    for path in ("/", "/lessons/010-first/", "/lessons/010-first/10-one/"):
        assert visitor.post(path).status_code in (403, 405)


def test_a_terminal_in_its_own_window(visitor: Client, learner: Learner) -> None:
    mine = Sandbox.objects.create(owner=learner.key, profile="docker", state=State.READY)
    url = f"/terminals/{mine.key}/t2/"
    page = visitor.get(url, {"title": "  <b>Logs</b>" + "x" * 60})
    assert page.status_code == 200
    text = page.content.decode()
    assert "&lt;b&gt;Logs&lt;/b&gt;" in text and "<b>Logs" not in text and "x" * 34 not in text
    assert f'data-key="{mine.key}"' in text and 'data-name="t2"' in text
    assert re.search(r"<title>\s*t2\s*</title>", visitor.get(url).content.decode())
    other = Sandbox.objects.create(owner="somebody", profile="docker", state=State.READY)
    assert visitor.get(f"/terminals/{other.key}/main/").status_code == 404
    Sandbox.move(mine.key, frm=(State.READY,), to=State.ENDED)
    assert visitor.get(url).status_code == 404
    del visitor.cookies["learner"]
    assert visitor.get(url).status_code == 404
