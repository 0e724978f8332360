"""docs/authors.md says everything that an author may write."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lessons import questions, scripts
from lessons.fences import FENCES, LANGUAGES
from lessons.frontmatter import LESSON, STEP
from lessons.markup import CALLOUTS
from sandbox.drivers.base import PROFILES

GUIDE = (Path(__file__).resolve().parents[2] / "docs/authors.md").read_text(encoding="utf-8")


def section(heading: str) -> str:
    """The text below a heading, up to the next of its level or above."""
    level = len(heading.split(" ")[0])
    return re.split(rf"\n#{{1,{level}}} ", GUIDE.partition(f"\n{heading}\n")[2])[0]


def rows(text: str) -> set[str]:
    """What the first cells of its tables hold between backticks, without what stands for a value."""
    return {re.split(r"[ =]", name)[0] for name in re.findall(r"(?m)^\| `([^`]+)` \|", text)}


def test_front_matter_keys() -> None:
    assert rows(section("## lesson.md")) == set(LESSON)
    assert rows(section("## step.md").partition("### Fenced")[0]) == set(STEP)


@pytest.mark.parametrize("profile", PROFILES)
def test_profiles(profile: str) -> None:
    assert f"`{profile}`" in section("## lesson.md")


def test_fences_and_their_options() -> None:
    text = section("### Fenced blocks")
    blocks = set(re.findall(r"(?m)^\*\*`([a-z]+)`\*\*", text))
    assert blocks == set(FENCES) - set(LANGUAGES)
    options = {option for fence in FENCES.values() for option in fence.options}
    assert rows(text) == options | {*questions.QUIZ, *questions.OPTION, *questions.PREDICT}
    kinds = text.partition("| `kind` | required:")[2].partition("\n")[0]
    assert set(re.findall(r"`([a-z]+)`", kinds)) == set(questions.QUIZ_KINDS)
    languages = text.partition("**A language**")[2]
    assert set(re.findall(r"`([a-z]+)`", languages)) == set(LANGUAGES)


def test_callouts() -> None:
    assert set(re.findall(r"`\[!([A-Z]+)\]`", GUIDE)) == {callout.upper() for callout in CALLOUTS}


def test_functions_for_checks() -> None:
    functions = set(re.findall(r"(?m)^([a-z_]+)\(\)", scripts.PRELUDE))
    assert rows(section("## The scripts")) == functions
