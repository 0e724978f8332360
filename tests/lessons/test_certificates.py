"""Certificates: what they say, for whom, who can look whether they are genuine, and that nothing is kept."""

from __future__ import annotations

import base64
import json
import re
import zlib
from collections.abc import Iterator
from datetime import UTC, date, datetime
from html import unescape

import pytest
from django.apps import apps
from django.core import signing
from django.core.cache import cache
from django.test import Client
from pytest_django import Settings

from lessons import certificates, course, learners, progress
from lessons.certificates import Certificate, Done
from lessons.models import Learner, StepProgress

from .conftest import LESSON, STEP, Write
from .test_questions import CHOICE, fence

pytestmark = [pytest.mark.usefixtures("content", "told"), pytest.mark.django_db]
MAKE = "/progress/certificate/"
LAST = datetime(2026, 3, 4, 23, 59, tzinfo=UTC)
GIVEN = Certificate(
    date(2026, 3, 5),
    "Ada",
    "01234567",
    3,
    (Done("005-gone", "Old <b>ways</b>", 4, 3, 2, date(2025, 12, 31)),),
)


@pytest.fixture(autouse=True)
def _fresh_counters() -> None:
    cache.clear()


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody asks the worker for anything."""
    monkeypatch.setattr("sandbox.service.enqueue", lambda task, key: None)


@pytest.fixture
def visitor(client: Client, learner: Learner) -> Client:
    client.cookies["learner"] = learners.sign(learner.key)
    return client


def counting(step: str) -> dict[str, str | None]:
    """The files of one more step that counts."""
    return {f"{step}/step.md": STEP, f"{step}/check.sh": "true\n", f"{step}/solve.sh": "true\n"}


def change(write: Write, changes: dict[str, str | None]) -> None:
    """Another course from now on."""
    write(changes)
    course.store()._looked = 0
    assert not course.problems()


def finish(learner: Learner, lesson: str = "010-first") -> None:
    """All steps of a lesson, the last one at LAST."""
    for number, step in enumerate(course.get().by_slug[lesson].checked):
        done_at = LAST.replace(hour=23 - number)
        StepProgress.objects.create(learner=learner, lesson=lesson, step=step, done_at=done_at)


def make(client: Client, name: str = "") -> str:
    """The path of a new certificate."""
    answer = client.post(MAKE, {"name": name})
    assert answer.status_code == 302, answer.content.decode()
    return answer.headers["Location"]


def look(path: str) -> str:
    """What a stranger sees, in one line."""
    answer = Client().get(path)
    assert answer.status_code == 200
    return " ".join(answer.content.decode().split())


def text(page: str) -> str:
    """The words of a page's main part."""
    main = re.sub(r"<[^>]+>", " ", "<main" + page.partition("<main")[2].partition("</main>")[0])
    return " ".join(unescape(main).split())


def rows() -> Iterator[str]:
    """Everything that the database holds."""
    for model in apps.get_models():
        yield from (str(row) for row in model._default_manager.values())


def test_a_certificate_says_what_was_done(visitor: Client, learner: Learner) -> None:
    finish(learner)
    page = look(make(visitor, "Ada Lovelace"))
    said = text(page)
    assert "Ada Lovelace has done 1 of 1 lesson of docker run vs. kubectl apply ." in said
    assert "A lesson 2 steps, 2 checks 4 Mar 2026 Confirmed by testserver Issued" in said
    assert f"Version of the course {certificates.version(course.get())} A check" in said
    assert '<a href="/lessons/010-first/">A lesson</a>' in page
    assert '<meta name="robots" content="noindex">' in page
    assert "no longer part" not in said and "changed since" not in said


def test_questions_are_counted_and_steps_to_read_are_not(
    write: Write, visitor: Client, learner: Learner
) -> None:
    read = {"020-read/lesson.md": LESSON, "020-read/10-one/step.md": STEP}
    change(write, {"010-first/40-asked/step.md": STEP + fence("quiz", CHOICE), **read})
    finish(learner)
    said = text(look(make(visitor)))
    assert "Somebody who gave no name has done 1 of 1 lesson of" in said
    assert "A lesson 3 steps, 2 checks, 1 question 4 Mar 2026" in said


def test_all_lessons_but_the_unfinished(write: Write, visitor: Client, learner: Learner) -> None:
    second = {"020-second/lesson.md": LESSON.replace("A lesson", "Another")}
    change(write, {**second, **counting("020-second/10-one")})
    progress.mark_done(learner.key, "010-first", "10-one")
    finish(learner, "020-second")
    said = text(look(make(visitor)))
    assert "has done 1 of 2 lessons of" in said and "Another 1 step, 1 check" in said
    assert "A lesson" not in said
    progress.mark_done(learner.key, "010-first", "20-two")
    assert "has done all 2 lessons of" in text(look(make(visitor)))


def test_the_link_holds_everything_but_the_key(visitor: Client, learner: Learner) -> None:
    finish(learner)
    before = sorted(rows())
    path = make(visitor, "Ada")
    assert sorted(rows()) == before
    data = path.split("/")[2].rpartition(":")[0]
    packed = base64.urlsafe_b64decode(data.lstrip(".") + "==")
    held = json.loads(zlib.decompress(packed) if data.startswith(".") else packed)
    today = datetime.now(UTC).toordinal()
    version = certificates.version(course.get())
    lessons = [["010-first", "A lesson", 2, 2, 0, LAST.toordinal()]]
    assert held == [today, "Ada", version, 1, lessons]


def test_whoever_looks_stays_a_stranger(visitor: Client, learner: Learner, settings: Settings) -> None:
    finish(learner)
    path = make(visitor)
    settings.ACCESS_CODE_REQUIRED = True
    stranger = Client()
    answer = stranger.get(path)
    assert answer.status_code == 200 and not answer.cookies
    assert learner.key not in answer.content.decode()
    assert stranger.head(path).status_code == 200 and stranger.post(path).status_code == 405
    assert stranger.get("/progress/").status_code == stranger.post(MAKE).status_code == 302
    assert list(Learner.objects.all()) == [learner]


def test_what_this_lab_did_not_issue(settings: Settings) -> None:
    token = certificates.sign(GIVEN)
    assert Client().get(f"/certificate/{token}/").status_code == 200
    data, _, signature = token.rpartition(":")
    other = certificates.sign(Certificate(GIVEN.issued, "Eve", GIVEN.course, GIVEN.of, GIVEN.lessons))
    foreign = [
        token[:-1],
        token[1:],
        f"{token}=",
        f"{other.rpartition(':')[0]}:{signature}",
        f"{data[:20]}{'A' if data[20] != 'A' else 'B'}{data[21:]}:{signature}",
        signing.Signer(salt=learners.SALT).sign_object([1, "Eve", "", 0, []]),
        signing.dumps([1, "Eve", "", 0, []]),
        learners.sign("Eve"),
        data,
        "x",
        ":",
        ".:.",
        "ü:ß",
        "%00",
        "x" * 5000,
    ]
    for one in foreign:
        answer = Client().get(f"/certificate/{one}/")
        page = answer.content.decode()
        assert answer.status_code == 404 and "This lab did not issue this certificate" in page, one
        assert '<meta name="robots" content="noindex">' in page and "Eve" not in page
    settings.SECRET_KEY = "another lab's secret, as long as such a thing should be"
    assert Client().get(f"/certificate/{token}/").status_code == 404


def test_lessons_that_are_gone_keep_their_title() -> None:
    page = look(f"/certificate/{certificates.sign(GIVEN)}/")
    assert "Old &lt;b&gt;ways&lt;/b&gt;" in page and 'href="/lessons/' not in page
    said = text(page)
    assert "4 steps, 3 checks, 2 questions; no longer part of the course 31 Dec 2025" in said
    assert "Issued 5 March 2026" in said and "01234567 , changed since" in said


def test_a_lesson_that_is_gone_is_not_certified_anew(visitor: Client, learner: Learner) -> None:
    progress.mark_done(learner.key, "005-gone", "10-old")
    assert visitor.post(MAKE).status_code == 409
    finish(learner)
    assert "005-gone" not in look(make(visitor))


def test_a_certificate_stays_as_it_was(write: Write, visitor: Client, learner: Learner) -> None:
    finish(learner)
    path = make(visitor)
    better = {"010-first/lesson.md": LESSON.replace("A lesson", "A better one")}
    change(write, {**better, **counting("010-first/40-more")})
    said = text(look(path))
    assert "A lesson 2 steps, 2 checks 4 Mar 2026" in said and "changed since" in said
    assert visitor.post(MAKE).status_code == 409


def test_nothing_done_nothing_to_certify(visitor: Client, learner: Learner) -> None:
    progress.mark_done(learner.key, "010-first", "10-one")
    assert "Make a certificate" not in visitor.get("/progress/").content.decode()
    for client in (visitor, Client()):
        answer = client.post(MAKE, {"name": "Ada"})
        page = answer.content.decode()
        assert answer.status_code == 409 and "There is nothing to certify yet" in page
        assert "Make a certificate" not in page
    assert visitor.get(MAKE).headers["Location"] == "/progress/"
    assert list(Learner.objects.all()) == [learner]


def test_the_form_works_with_its_token_and_without_it_not(learner: Learner) -> None:
    finish(learner)
    client = Client(enforce_csrf_checks=True)
    client.cookies["learner"] = learners.sign(learner.key)
    page = client.get("/progress/").content.decode()
    form = page.partition(f'action="{MAKE}"')[2].partition("</form>")[0]
    token = re.findall(r'name="csrfmiddlewaretoken" value="([^"]+)"', form)[0]
    assert client.post(MAKE, {"name": "Ada"}).status_code == 403
    answer = client.post(MAKE, {"name": "Ada", "csrfmiddlewaretoken": token})
    assert answer.status_code == 302


@pytest.mark.parametrize(
    ("typed", "shown"),
    [
        ("", ""),
        (" \t\0 ", ""),
        ("\u200d\u200c", ""),
        ("  Ada \r\n King\t", "Ada King"),
        ("A\0d\x1b[31ma\x7f\x85!", "Ad[31ma !"),
        ("\u202eadA\u2066\u200e\ufeff", "adA"),
        ("A \u202e B", "A B"),
        ("Ame\u0301lie", "Am\u00e9lie"),
        ("מרים אלעזרי", "מרים אלעזרי"),
        ("نازنین‌زهرا", "نازنین‌زهرا"),
        ("李 🙂", "李 🙂"),
    ],
)
def test_names(typed: str, shown: str) -> None:
    assert certificates.clean(typed) == shown


def test_a_name_is_shown_as_text_in_its_own_direction(visitor: Client, learner: Learner) -> None:
    finish(learner)
    page = look(make(visitor, "<script>alert(1)</script>&amp;"))
    assert '<bdi dir="auto">&lt;script&gt;alert(1)&lt;/script&gt;&amp;amp;</bdi>' in page
    assert "<script>alert" not in page
    assert '<bdi dir="auto">מרים</bdi>' in look(make(visitor, "מרים"))


def test_a_name_has_a_length(visitor: Client, learner: Learner) -> None:
    finish(learner)
    assert "é" * 60 in look(make(visitor, "e\u0301" * 60))
    answer = visitor.post(MAKE, {"name": '"' * 61})
    page = answer.content.decode()
    assert answer.status_code == 413 and "This name has 61 characters; 60 is the most." in page
    assert f'value="{"&quot;" * 61}"' in page and 'aria-describedby="certificate-error"' in page


def test_one_learner_cannot_make_them_for_ever(
    visitor: Client, learner: Learner, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(certificates, "MADE_BY_ONE", 1)
    finish(learner)
    make(visitor)
    answer = visitor.post(MAKE)
    assert answer.status_code == 429 and "wait a few minutes" in answer.content.decode()
    other = Learner.objects.create()
    finish(other)
    visitor.cookies["learner"] = learners.sign(other.key)
    make(visitor)


@pytest.mark.django_db(transaction=True)
def test_erasing_does_not_take_it_back(visitor: Client, learner: Learner) -> None:
    finish(learner)
    path = make(visitor, "Ada")
    assert "Certificates that you have made stay good" in visitor.get("/progress/erase/").content.decode()
    visitor.post("/progress/erase/")
    assert not list(rows())
    assert "Ada has done" in text(look(path))


def test_the_whole_course_fits_into_a_link(settings: Settings) -> None:
    del settings.LESSONS_CONTENT
    found = course.get()
    lessons = tuple(
        Done(one.slug, one.title, len(one.checked), 9, 9, date(2026, 3, number))
        for number, one in enumerate(found.lessons, 1)
    )
    assert len(lessons) > 5
    whole = Certificate(date(2026, 3, 31), "א" * 60, certificates.version(found), len(lessons), lessons)
    token = certificates.sign(whole)
    assert certificates.read(token) == whole
    assert len(token) < 1800
