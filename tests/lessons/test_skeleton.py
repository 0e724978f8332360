"""A new lesson, from the command that begins it to the proof."""

from __future__ import annotations

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from lessons import loader, prove
from sandbox.drivers.base import Result
from sandbox.models import Sandbox

from .conftest import Shell, Write


def begin(*words: str) -> list[str]:
    said = StringIO()
    call_command(*words, stdout=said)
    return said.getvalue().splitlines()


def proofs(root: Path, slug: str, folder: Path) -> list[prove.Proof]:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)

    def run(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        return shell(Sandbox(), argv, timeout=timeout, stdin=stdin)

    lesson = loader.load(root, images=(), syntax=True).by_slug[slug]
    return [proof for one in prove.stretches(lesson, 1) for proof in one.prove(run)]


def test_a_new_lesson_is_accepted_and_proven_once_filled_in(
    content: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(prove, "PASS_SECONDS", 0.0)
    said = begin("newlesson", "020-components", "--title", 'What is "in" it: a: [b]')
    assert str(content / "020-components/10-first-step/check.sh") in said
    begin("newstep", "020-components/", "20-look", "--title", "Look")
    found = loader.load(content, images=(), syntax=True).by_slug["020-components"]
    assert found.title == 'What is "in" it: a: [b]'
    assert [(step.slug, step.title) for step in found.steps] == [
        ("10-first-step", "First step"),
        ("20-look", "Look"),
    ]
    (proof,) = proofs(content, "020-components", tmp_path / "inside")
    assert proof.problem == "check.sh still says, after solve.sh: This step has no check yet: write check.sh."
    for step in ("10-first-step", "20-look"):
        folder = content / "020-components" / step
        (folder / "check.sh").write_text(f'[ -e "$LAB_TEST/{step}" ] || hint "Make {step}."\n')
        (folder / "solve.sh").write_text(f'touch "$LAB_TEST/{step}"\n')
    assert [proof.problem for proof in proofs(content, "020-components", tmp_path / "inside")] == ["", ""]


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("010-first", "The lesson 010-first exists already, in "),
        ("010-other", "The number 010 is taken by 010-first; 020 is free."),
        ("030-first", "There is 010-first already, with the same words; choose others."),
        (
            "20-short",
            "20-short is no name for a lesson: give three digits, then small letters and digits with",
        ),
        ("components", "such as 020-components."),
        ("030-My Lesson!", "such as 020-my-lesson."),
        ("030-", "such as 020-components."),
        ("../030-out", "is no name for a lesson"),
    ],
)
def test_a_lesson_that_cannot_be(name: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        begin("newlesson", name)
    assert sentence in str(caught.value)


@pytest.mark.usefixtures("content")
@pytest.mark.parametrize(
    ("lesson", "name", "sentence"),
    [
        ("010-first", "10-one", "The step 10-one exists already, in "),
        ("010-first", "10-other", "The number 10 is taken by 10-one; 40 is free."),
        ("010-first", "40-one", "There is 10-one already, with the same words"),
        ("010-first", "040-long", "is no name for a step: give two digits"),
        ("020-no", "10-one", "There is no lesson 020-no; there is 010-first."),
        ("..", "10-one", "There is no lesson ..; there is 010-first."),
    ],
)
def test_a_step_that_cannot_be(lesson: str, name: str, sentence: str) -> None:
    with pytest.raises(CommandError) as caught:
        begin("newstep", lesson, name)
    assert sentence in str(caught.value)


def test_a_title_that_is_too_long_makes_nothing(content: Path) -> None:
    before = sorted(content.rglob("*"))
    with pytest.raises(CommandError, match=r"The title has 71 characters; 70 is the most\."):
        begin("newlesson", "020-x", "--title", "x" * 71)
    assert sorted(content.rglob("*")) == before


def test_a_folder_that_cannot_be_written(content: Path) -> None:
    content.with_name("file").write_text("")
    with pytest.raises(CommandError, match="cannot be made"):
        begin("newlesson", "020-x", "--content", str(content.with_name("file")))


def test_numbers_run_out_late(write: Write) -> None:
    root = write({"010-first/99-last/step.md": None})
    (root / "010-first/99-last").mkdir()
    with pytest.raises(CommandError, match="such as 01-more"):
        begin("newstep", "010-first", "more", "--content", str(root))
