"""Notes, and the transcript that they leave the lab in."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from markdown_it import MarkdownIt

from lessons import course, learners, notes, progress, transcript
from lessons.models import Learner, Note, StepProgress

pytestmark = [pytest.mark.usefixtures("content"), pytest.mark.django_db]
URL = "/notes/010-first/10-one/"
NASTY = (
    "<script>alert(1)</script> [x](javascript:alert(1)) ![x](https://e.org/x.png)\n"
    "```\n<img src=x onerror=alert(1)>\n````text\n| a | b |\n# heading\n&lt; \\` end"
)


@pytest.fixture
def visitor(client: Client, learner: Learner) -> Client:
    client.cookies["learner"] = learners.sign(learner.key)
    return client


def save(client: Client, text: str, version: int | str = 0, url: str = URL) -> tuple[int, Any]:
    """What the page's script gets for a note."""
    answer = client.post(url, {"text": text, "version": version}, headers={"Accept": "application/json"})
    return answer.status_code, answer.json()


def test_a_note_is_kept_and_shown(visitor: Client, learner: Learner) -> None:
    status, answer = save(visitor, "  two\r\nlines \n\n")
    assert status == 200
    assert Note.objects.get().text == "  two\nlines"
    page = visitor.get("/lessons/010-first/10-one/").content.decode()
    assert ">\n  two\nlines</textarea>" in page
    assert f'name="version" value="{answer["version"]}"' in page
    assert "two\nlines" in visitor.get("/progress/").content.decode()
    assert "two\nlines" not in Client().get("/lessons/010-first/10-one/").content.decode()


def test_a_note_is_shown_as_text(visitor: Client) -> None:
    save(visitor, "</textarea><script>alert(1)</script>")
    save(visitor, "</textarea><script>alert(2)</script>", url="/notes/010-first/")
    for path in ("/lessons/010-first/10-one/", "/progress/"):
        page = visitor.get(path).content.decode()
        assert "<script>alert" not in page and "&lt;script&gt;alert" in page


def test_two_windows_do_not_overwrite_each_other(visitor: Client) -> None:
    first = save(visitor, "one")[1]["version"]
    second = save(visitor, "two", first)[1]["version"]
    status, answer = save(visitor, "three", first)
    assert (status, answer["text"], answer["version"]) == (409, "two", second)
    assert save(visitor, "two", first) == (200, {"version": second})  # the same is no conflict
    assert save(visitor, "three", second)[0] == 200


def test_an_emptied_note_is_gone_and_one_made_anew_is_another(visitor: Client) -> None:
    first = save(visitor, "one")[1]["version"]
    assert save(visitor, " \n", first) == (200, {"version": 0})
    assert not Note.objects.exists()
    assert save(visitor, "old", first)[0] == 409
    save(visitor, "new", 0)
    assert save(visitor, "old", first)[0] == 409


def test_a_note_has_a_size(visitor: Client) -> None:
    assert save(visitor, "ü" * notes.LIMIT)[0] == 200
    status, answer = save(visitor, "x" * (notes.LIMIT + 1))
    assert status == 413 and "10,001 characters; 10,000 is the most" in answer["message"]
    assert visitor.post(URL, {"text": "x" * 4_000_000}).status_code == 400
    assert Note.objects.get().text.startswith("ü")


def test_a_form_without_script_comes_back(visitor: Client) -> None:
    assert (
        visitor.post(URL, {"text": "a", "version": "7"}).headers["Location"] == "/lessons/010-first/10-one/"
    )
    assert visitor.post("/notes/010-first/", {"text": "b"}).headers["Location"] == "/progress/#010-first"
    assert visitor.post(URL, {"text": "x" * 10_001}).status_code == 413
    assert {note.text for note in Note.objects.all()} == {"a", "b"}


@pytest.mark.parametrize("path", ["/notes/020-no/", "/notes/010-first/99-no/"])
def test_there_are_notes_only_on_what_exists(visitor: Client, path: str) -> None:
    assert visitor.post(path, {"text": "x"}).status_code == 404
    assert not Note.objects.exists()


def test_control_characters_are_left_out(visitor: Client) -> None:
    save(visitor, "a\0b\x1b[31mc\td\x85 – ünï 🙂")
    assert Note.objects.get().text == "ab[31mc\td – ünï 🙂"


# The transcript


def now() -> datetime:
    return datetime(2026, 3, 4, 5, 6, tzinfo=UTC)


def test_the_transcript_of_somebody(visitor: Client, learner: Learner) -> None:
    StepProgress.objects.create(learner=learner, lesson="010-first", step="10-one", done_at=now())
    progress.count_try(learner.key, "010-first", "10-one")  # done: no longer counted
    for _ in range(3):
        progress.count_try(learner.key, "010-first", "20-two")
    save(visitor, "Look **here**")
    answer = visitor.get("/progress/transcript.md")
    assert answer.headers["Content-Type"] == "text/markdown; charset=utf-8"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    found = re.fullmatch(
        r'attachment; filename="container-lab-\d{4}-\d\d-\d\d\.md"', answer.headers["Content-Disposition"]
    )
    assert found
    assert transcript.markdown(transcript.gather(learner.key, course.get()), now()) == (
        "# docker run vs. kubectl apply: what I did\n\n"
        "Written on 4 March 2026, 05:06. All times are UTC.\n\n"
        "## A lesson\n\n"
        "1 of 2 steps done.\n\n"
        "| | step | done | checks asked for |\n|---|---|---|---|\n"
        "| 1 | A step | 4 March 2026, 05:06 |  |\n"
        "| 2 | A step | not yet | 3 |\n"
        "| 3 | A step | to read |  |\n\n"
        "### Notes on step 1, A step\n\n"
        "```text\nLook **here**\n```\n"
    )


def test_a_transcript_of_nothing(client: Client) -> None:
    assert client.get("/progress/transcript.md").content.decode().endswith("\n\nNothing yet.\n")


def test_lessons_that_are_gone_are_told(learner: Learner) -> None:
    progress.mark_done(learner.key, "005-gone", "10-old")
    progress.mark_done(learner.key, "010-first", "99-gone")
    first, gone = transcript.gather(learner.key, course.get())
    assert (first.slug, first.done, first.total, first.steps[-1].slug) == ("010-first", 0, 2, "99-gone")
    assert (gone.removed, gone.done) == (True, 1)
    assert "no longer part of the course" in transcript.markdown([gone], now())


def test_nothing_in_a_transcript_is_markup() -> None:
    """Whatever titles and notes hold, a renderer with HTML switched on finds text in cells and code blocks."""
    step = transcript.StepRecord("10-one", NASTY, 1, True, now(), 0, NASTY)
    text = transcript.markdown([transcript.LessonRecord("010-first", NASTY, (step,), NASTY)], now())
    tokens = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"]).parse(text)
    inline = [child for token in tokens for child in token.children or ()]
    kinds = {token.type for token in tokens} | {child.type for child in inline}
    assert not kinds & {"html_block", "html_inline", "link_open", "image", "code_inline", "em_open"}
    fences = [token.content for token in tokens if token.type == "fence"]
    assert fences == [NASTY + "\n"] * 2
    title = " ".join(NASTY.split())
    assert title in "".join(child.content for child in inline)
