"""The files that a new lesson or step begins as: well-formed, shown at once, and unproven until they are filled in."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import yaml

from lessons.frontmatter import LESSON
from lessons.loader import LESSON_NAME, STEP_NAME
from sandbox.drivers.base import PROFILES

FIRST_STEP = "10-first-step"

LESSON_TEXT = """\
---
title: {title}
summary: One or two sentences for the list of lessons; what can somebody do afterwards?
minutes: 10
profile: {profile}
slides: []
---
"""
STEP_TEXT = """\
---
title: {title}
---

One idea a step. Say why it matters before you say what to type.

```run
echo "a command that a button types"
```

```output
a command that a button types
```

Then say what they saw, and what it means.
"""
CHECK = """\
# Runs as root in /root of the sandbox, often, and changes nothing: read the true state, never the shell's history.
# [ -e /root/made ] || hint 'There is no file /root/made yet. Make it with: touch /root/made'
hint 'This step has no check yet: write check.sh.'
"""
SOLVE = """\
# What a learner would type. Each line is a command of its own, and can be shown to them.
true
"""


class Refused(Exception):
    """Nothing was made; the text is one sentence for the author."""


def new_lesson(content: Path, name: str, title: str) -> list[Path]:
    """Make a lesson with one step; the files. `title` is the name's words when empty. Raises Refused."""
    _check_name(name, LESSON_NAME, content, width=3, what="lesson", example="components")
    text = LESSON_TEXT.format(title=_title(title, name), profile=PROFILES[0])
    step = _step_files(STEP_TEXT.format(title=_title("", FIRST_STEP)))
    return _write(
        content / name, {"lesson.md": text, **{f"{FIRST_STEP}/{file}": part for file, part in step}}
    )


def new_step(content: Path, lesson: str, name: str, title: str) -> list[Path]:
    """Make a step in a lesson; the files. Raises Refused."""
    lesson = lesson.strip("/").rpartition("/")[2]  # as a shell completes a folder
    if not (content / lesson / "lesson.md").is_file() or not LESSON_NAME.fullmatch(lesson):
        there = ", ".join(_numbered(content)) or "none"
        raise Refused(f"There is no lesson {lesson}; there is {there}.")
    _check_name(name, STEP_NAME, content / lesson, width=2, what="step", example="look-inside")
    text = STEP_TEXT.format(title=_title(title, name))
    return _write(content / lesson / name, dict(_step_files(text)))


def _step_files(text: str) -> Iterable[tuple[str, str]]:
    return ("step.md", text), ("check.sh", CHECK), ("solve.sh", SOLVE)


def _check_name(
    name: str, pattern: re.Pattern[str], folder: Path, *, width: int, what: str, example: str
) -> None:
    """Raises Refused for a name that is none, or whose number or words another folder has."""
    there = _numbered(folder)
    free = _next(there, width)
    if not pattern.fullmatch(name):
        words = "".join(c if c.isascii() and c.isalnum() else "-" for c in name.lower()).strip("-0123456789")
        meant = "-".join(part for part in words.split("-") if part) or example
        digits = {2: "two", 3: "three"}[width]
        raise Refused(
            f"{name} is no name for a {what}: give {digits} digits, then small letters and digits with hyphens "
            f"between, such as {free}-{meant}."
        )
    number, _, words = name.partition("-")
    for other in there:
        if other == name:
            raise Refused(f"The {what} {name} exists already, in {folder / name}.")
        if other.startswith(f"{number}-"):
            raise Refused(f"The number {number} is taken by {other}; {free} is free.")
        if other.partition("-")[2] == words:
            raise Refused(f"There is {other} already, with the same words; choose others.")


def _numbered(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.glob("[0-9]*-*") if path.is_dir()) if folder.is_dir() else []


def _next(there: list[str], width: int) -> str:
    """The next multiple of ten after the last number; any that is free where that is too long."""
    taken = {int(name.partition("-")[0]) for name in there if name.partition("-")[0].isdecimal()}
    after = (max(taken, default=0) // 10 + 1) * 10
    most = 10**width - 1
    number = after if after <= most else next((one for one in range(1, most) if one not in taken), most)
    return f"{number:0{width}}"


def _title(given: str, name: str) -> str:
    """The title as YAML, on one line. Raises Refused for one that the front matter does not take."""
    title = " ".join(given.split()) or name.partition("-")[2].replace("-", " ").capitalize()
    complaint = LESSON["title"].check(title)
    if complaint:
        raise Refused(f"The title {complaint}.")
    return str(yaml.safe_dump(title, allow_unicode=True, width=1000)).split("\n")[0]


def _write(folder: Path, files: dict[str, str]) -> list[Path]:
    """Make a folder with these files, whole or not at all. Raises Refused."""
    building = folder.with_name(f".{folder.name}.{os.getpid()}.new")
    try:
        for name, text in files.items():
            path = building / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        building.rename(folder)
    except OSError as error:
        shutil.rmtree(building, ignore_errors=True)
        raise Refused(f"{folder} cannot be made ({error.strerror}); may you write there?") from None
    return [folder / name for name in files]
