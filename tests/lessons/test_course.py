from __future__ import annotations

import os
from collections.abc import Iterator
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from pytest_django import Settings

from lessons import apps, course
from lessons.course import Store
from lessons.problems import LessonsBroken

from .conftest import LESSON, Write


@pytest.fixture
def eager(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every `get` looks at the files."""
    monkeypatch.setattr(course, "LOOK_AGAIN", 0.0)


@pytest.mark.usefixtures("eager")
def test_an_edit_is_seen_and_a_broken_one_changes_nothing(write: Write) -> None:
    root = write({})
    store = Store(root)
    first = store.get()
    assert store.get() is first
    path = root / "010-first/lesson.md"

    path.write_text(LESSON.replace("A lesson", "A changed lesson"))
    second = store.get()
    assert second.lessons[0].title == "A changed lesson"
    assert second.version != first.version

    path.write_text(LESSON.replace("minutes", "hours"))
    assert store.get() is second
    problems = store.problems()
    assert any(problem.startswith("010-first/lesson.md:4: unknown key hours") for problem in problems)
    assert store.get() is second

    path.write_text(LESSON)
    assert store.get().lessons[0].title == "A lesson"
    assert store.problems() == ()


@pytest.mark.usefixtures("eager")
def test_a_vanished_folder_changes_nothing(write: Write) -> None:
    root = write({})
    store = Store(root)
    before = store.get()
    root.rename(root.with_name("away"))
    assert store.get() is before
    assert "there is no lesson" in store.problems()[0]


def test_files_are_looked_at_once_a_second_at_most(write: Write, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [100.0]
    monkeypatch.setattr("lessons.course.time.monotonic", lambda: now[0])
    store = Store(write({}))
    first = store.get()
    (store.root / "010-first/lesson.md").write_text(LESSON.replace("A lesson", "New"))
    now[0] += 0.9
    assert store.get() is first
    now[0] += 0.2
    assert store.get().lessons[0].title == "New"


def test_the_fingerprint_sees_dates_sizes_and_names(write: Write) -> None:
    root = write({})
    path = root / "010-first/lesson.md"
    seen = {course.fingerprint(root)}
    os.utime(path, ns=(1, 1))
    seen.add(course.fingerprint(root))
    (root / "010-first/40-new").mkdir()
    seen.add(course.fingerprint(root))
    assert len(seen) == 3
    (root / ".hidden").write_text("x")
    assert course.fingerprint(root) in seen


def test_a_broken_course_stops_the_start(write: Write, settings: Settings) -> None:
    settings.LESSONS_CONTENT = write({"010-first/lesson.md": "no"})
    with pytest.raises(LessonsBroken):
        course.get()
    with pytest.raises(SystemExit, match=r"010-first/lesson\.md:1: must begin"):
        course.require()
    errors = apps.check_lessons(None)
    assert [error.id for error in errors] == ["lessons.E001"]
    assert str(errors[0].msg).startswith("010-first/lesson.md:1:")


def test_a_good_course_starts(content: Path) -> None:
    course.require()
    assert apps.check_lessons(None) == []


def test_a_file_that_goes_while_it_is_looked_at(content: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def gone(folder: Path, prefix: str) -> Iterator[tuple[str, os.DirEntry[str]]]:
        for name, entry in files(folder, prefix):
            if name.endswith("step.md"):
                Path(entry.path).unlink(missing_ok=True)
            yield name, entry

    files = course._files
    before = course.fingerprint(content)
    monkeypatch.setattr(course, "_files", gone)
    assert course.fingerprint(content) != before


def test_checklessons_says_what_is_wrong(write: Write, settings: Settings) -> None:
    settings.LESSONS_CONTENT = write({"010-first/10-one/check.sh": "if\n", "010-first/lesson.md": "x"})
    with pytest.raises(CommandError) as caught:
        call_command("checklessons")
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("010-first/10-one/check.sh:2: syntax error")
    assert lines[1].startswith("010-first/lesson.md:1: must begin")
    assert lines[2] == "2 problems in the lessons."


def test_checklessons_is_content_with_good_lessons(content: Path) -> None:
    said = StringIO()
    call_command("checklessons", stdout=said)
    assert said.getvalue() == "1 lessons with 3 steps are well-formed.\n"
    with pytest.raises(CommandError, match="There is no lesson 999-x; there is 010-first"):
        call_command("checklessons", "--run", "999-x", stdout=said)
