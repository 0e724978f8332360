"""`checklessons --run` reads what a lesson predicts, and saves its files before a solution runs."""

from __future__ import annotations

from pathlib import Path

import pytest

from lessons import loader

from .conftest import STEP, Write
from .test_prove import proofs
from .test_questions import CHOICE, NUMBER, PREDICT, fence

STEP_NAME = "010-first/15-asks"


def proven(write: Write, inside: Path, predict: str, **more: str | None) -> list[str]:
    """The problems of the steps of a lesson whose second step predicts."""
    changes = {f"{STEP_NAME}/step.md": STEP + fence("quiz", CHOICE) + fence("predict", predict)}
    return [proof.problem for proof in proofs(write({**changes, **more}), inside)]


@pytest.mark.parametrize(
    ("truth", "kind", "problem"),
    [
        ("echo web", "text", ""),
        ("echo 1,000", "number", ""),
        ("echo Exited", "choice\noptions: [Running, exited]", ""),
        ("true", "text", "step.md: predict 1: its truth cannot be read"),
        ("exit 2", "text", "step.md: predict 1: its truth cannot be read"),
        ("cat /nowhere", "text", "step.md: predict 1: its truth cannot be read"),
        ("echo many", "number", "step.md: predict 1: its truth is 'many', which is no number"),
        (
            "echo Dead",
            "choice\noptions: [Running, Exited]",
            "its truth is 'Dead', which is none of its options",
        ),
    ],
)
def test_truths_are_read(write: Write, tmp_path: Path, truth: str, kind: str, problem: str) -> None:
    asked = PREDICT.replace("echo SECRET-TRUTH", truth).replace("kind: text", f"kind: {kind}")
    found = proven(write, tmp_path / "inside", asked)
    assert found[0] == ""
    assert problem in found[1]
    assert len(found) == (2 if problem else 3), "the first that fails ends it"


def test_a_truth_is_read_where_the_lesson_has_got_to(write: Write, tmp_path: Path) -> None:
    asked = PREDICT.replace("echo SECRET-TRUTH", 'ls "$LAB_TEST"')
    assert proven(write, tmp_path / "inside", asked) == ["", "", ""]
    setup: dict[str, str | None] = {f"{STEP_NAME}/setup.sh": 'echo up >"$LAB_TEST/up"\n'}
    asked = PREDICT.replace("echo SECRET-TRUTH", 'cat "$LAB_TEST/up"')
    assert proven(write, tmp_path / "other", asked, **setup) == ["", "", ""]
    broken: dict[str, str | None] = {f"{STEP_NAME}/setup.sh": "exit 4\n"}
    assert "setup.sh ended with 4" in proven(write, tmp_path / "third", asked, **broken)[1]


def test_files_are_there_for_the_solution_and_not_for_the_check_before_it(
    write: Write, tmp_path: Path
) -> None:
    file = tmp_path / "inside" / "a.txt"
    changes: dict[str, str | None] = {
        "010-first/10-one/step.md": STEP + f"```file path={file}\nas given\n```\n",
        "010-first/10-one/check.sh": f"[ -e {file} ] || hint 'Save it first.'\n",
        "010-first/10-one/solve.sh": f"cat {file}\n",
    }
    first = proofs(write(changes), tmp_path / "inside")[0]
    assert (first.hint, first.problem) == ("Save it first.", "")


def test_steps_of_questions_alone_count_and_one_reading_step_may_stand_beside_them(write: Write) -> None:
    changes: dict[str, str | None] = {"010-first/40-asks/step.md": STEP + fence("quiz", NUMBER)}
    lesson = loader.load(write(changes), images=()).lessons[0]
    assert lesson.checked == ("10-one", "20-two", "40-asks")
