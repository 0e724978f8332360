from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import call_command

from lab.setup.plan import SOURCE
from lessons import loader
from lessons.course import read
from lessons.problems import LessonsBroken
from lessons.slides import table
from lessons.tree import Course

from .conftest import LESSON, Write

COVERING = "---\ntitle: A step\nslides: [{}]\n---\n\nSome text.\n"
GOOD: dict[str, str | None] = {
    "slides.txt": "One\n\nTwo\n",
    "010-first/lesson.md": LESSON.replace("[One]", "[One, Two]"),
    "010-first/10-one/step.md": COVERING.format("One"),
    "010-first/20-two/step.md": COVERING.format("Two, One"),
}


def load(root: Path) -> Course:
    return loader.load(root, images=frozenset())


def test_every_slide_is_found_in_its_steps(write: Write) -> None:
    found = load(write(GOOD))
    assert found.slides == ("One", "Two")
    assert table(found).splitlines()[2:] == [
        "| 1. One | **A lesson**: 10 A step · 20 A step |",
        "| 2. Two | **A lesson**: 20 A step |",
    ]


def test_a_course_without_a_list_follows_no_talk(write: Write) -> None:
    assert load(write({})).slides == ()


@pytest.mark.parametrize(
    ("name", "text", "problem"),
    [
        ("slides.txt", "One\nTwo\nThree\n", "slides.txt:3: no step covers the slide Three"),
        ("slides.txt", "One\nTwo\nOne\n", "slides.txt:3: One stands in line 1 already"),
        ("slides.txt", "One\n", "010-first/lesson.md:6: there is no slide Two"),
        (
            "010-first/20-two/step.md",
            COVERING.format("One"),
            "010-first/lesson.md:6: no step of the lesson is about the slide Two",
        ),
        (
            "010-first/30-read/step.md",
            COVERING.format("Three"),
            "010-first/30-read/step.md:3: the slide Three is none of those of its lesson",
        ),
    ],
)
def test_what_does_not_fit_is_named_with_file_and_line(
    write: Write, name: str, text: str, problem: str
) -> None:
    with pytest.raises(LessonsBroken) as caught:
        load(write({**GOOD, name: text}))
    assert problem in str(caught.value)


def test_the_document_shows_the_course_as_it_is() -> None:
    course = read(SOURCE / "lessons" / "content")
    assert course.slides
    assert table(course) in (SOURCE / "docs" / "course.md").read_text()


def test_the_command_prints_the_table(write: Write) -> None:
    out = StringIO()
    call_command("checklessons", "--slides", "--content", str(write(GOOD)), stdout=out)
    assert "| 2. Two | **A lesson**: 20 A step |" in out.getvalue()
