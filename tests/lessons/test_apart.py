from __future__ import annotations

from pathlib import Path

from lessons import apart, loader
from sandbox.drivers.base import Result
from sandbox.models import Sandbox

from .conftest import STEP, Shell, Write

MORE: dict[str, str | None] = {
    "010-first/25-three/step.md": STEP,
    "010-first/25-three/check.sh": '[ -e "$LAB_TEST/three" ] || hint "There is no file three."\n',
    "010-first/25-three/solve.sh": 'touch "$LAB_TEST/three"\n',
}


def found(root: Path, folder: Path) -> dict[str, str]:
    """By step, the problem."""
    problems = {}
    (lesson,) = loader.load(root, images=()).lessons
    for number, part in enumerate(apart.halves(lesson)):
        inside = folder / str(number)
        inside.mkdir(parents=True)
        shell = Shell(inside)

        def run(argv: list[str], *, timeout: float, stdin: bytes = b"", shell: Shell = shell) -> Result:
            return shell(Sandbox(), argv, timeout=timeout, stdin=stdin)

        for proof in part.prove(run):
            assert proof.apart
            problems[proof.step] = proof.problem
    return problems


def test_checks_that_tell_their_steps_apart(write: Write, tmp_path: Path) -> None:
    assert found(write(MORE), tmp_path / "inside") == {"10-one": "", "20-two": "", "25-three": ""}


def test_a_check_that_the_next_step_satisfies_is_found(write: Write, tmp_path: Path) -> None:
    both = {**MORE, "010-first/20-two/solve.sh": 'touch "$LAB_TEST/two" "$LAB_TEST/one"\n'}
    problems = found(write(both), tmp_path / "inside")
    assert problems["10-one"].startswith("check.sh passes although only the steps beside it, such as 20-two,")
    assert problems["20-two"] == ""


def test_a_check_that_the_step_before_satisfies_is_found(write: Write, tmp_path: Path) -> None:
    both = {**MORE, "010-first/10-one/solve.sh": 'touch "$LAB_TEST/two" "$LAB_TEST/one"\n'}
    assert found(write(both), tmp_path / "inside")["20-two"]


def test_a_step_may_say_that_it_does_the_work_again(write: Write, tmp_path: Path) -> None:
    says = STEP.replace("title: A step", "title: A step\nrepeats: [10-one]")
    both = {
        **MORE,
        "010-first/20-two/solve.sh": 'touch "$LAB_TEST/two" "$LAB_TEST/one"\n',
        "010-first/20-two/step.md": says,
    }
    assert found(write(both), tmp_path / "inside")["10-one"] == ""
