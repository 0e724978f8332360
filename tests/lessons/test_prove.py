from __future__ import annotations

from pathlib import Path

import pytest

from lessons import loader, prove
from sandbox.drivers.base import Result
from sandbox.models import Sandbox

from .conftest import Shell, Write


def proofs(root: Path, folder: Path) -> list[prove.Proof]:
    folder.mkdir(exist_ok=True)
    shell = Shell(folder)

    def run(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        return shell(Sandbox(), argv, timeout=timeout, stdin=stdin)

    lesson = loader.load(root, images=()).lessons[0]
    return [proof for stretch in prove.stretches(lesson, 1) for proof in stretch.prove(run)]


def test_a_good_lesson_is_proven(write: Write, tmp_path: Path) -> None:
    found = proofs(write({}), tmp_path / "inside")
    assert [(proof.step, proof.hint, proof.problem) for proof in found] == [
        ("10-one", "There is no file one.", ""),
        ("20-two", "There is no file two.", ""),
    ]
    assert (tmp_path / "inside/ready").read_text() == "ready\n"


@pytest.mark.parametrize(
    ("script", "text", "problem"),
    [
        ("check.sh", "true\n", "check.sh passes before the work is done"),
        ("check.sh", "false\n", "check.sh gives no hint before the work is done"),
        ("check.sh", "nothing-like-this\n", "check.sh could not run before the work"),
        ("check.sh", "hint 'Never enough.'\n", "check.sh still says, after solve.sh: Never enough."),
        ("solve.sh", "echo no >&2; exit 3\n", "solve.sh ended with 3: no"),
        ("setup.sh", "exit 4\n", "setup.sh ended with 4: it printed nothing"),
    ],
)
def test_a_lesson_that_cannot_be_done_is_found(
    write: Write, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, text: str, problem: str
) -> None:
    monkeypatch.setattr(prove, "PASS_SECONDS", 0.0)
    found = proofs(write({f"010-first/10-one/{script}": text}), tmp_path / "inside")
    assert len(found) == 1
    assert found[0].problem.startswith(problem)


def test_a_check_may_take_a_while_to_pass(write: Write, tmp_path: Path) -> None:
    late = '(sleep 0.5; touch "$LAB_TEST/one") >/dev/null 2>&1 &\n'
    found = proofs(write({"010-first/10-one/solve.sh": late}), tmp_path / "inside")
    assert [proof.problem for proof in found] == ["", ""]
