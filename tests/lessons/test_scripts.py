"""What the end of a check.sh means."""

from __future__ import annotations

from typing import Any

import pytest

from lessons import scripts
from lessons.scripts import Outcome, Verdict
from lessons.tree import Step
from sandbox.drivers.base import Result
from sandbox.errors import SandboxError, SandboxNotFound, SandboxTimeout
from sandbox.models import Sandbox

from .conftest import Shell


def verdict(
    script: str, *, step: dict[str, Any] | None = None, shell: Shell, profile: str = "docker"
) -> Outcome:
    def run(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        return shell(Sandbox(), argv, timeout=timeout, stdin=stdin)

    return scripts.check(Step("10-one", "One", "", check=script, **(step or {})), profile, run)


@pytest.mark.parametrize(
    ("script", "expected", "hint"),
    [
        ("true", Verdict.DONE, ""),
        ("cat; exit 0", Verdict.DONE, ""),
        ("hint 'Try this.'; true", Verdict.NOT_YET, "Try this."),
        ("echo a; echo b; echo; exit 5", Verdict.NOT_YET, "b"),
        ("false", Verdict.NOT_YET, scripts.NOT_YET),
        ("exit 126", Verdict.COULD_NOT, scripts.BROKEN),
        ("no-such-command-anywhere", Verdict.COULD_NOT, scripts.BROKEN),
        ("kill -9 $$", Verdict.COULD_NOT, scripts.BROKEN),
        ("exit 137", Verdict.COULD_NOT, scripts.BROKEN),
        ("printf '\\033[31mred\\033[0m \\007\\x9b\\u202e<b>'; exit 1", Verdict.NOT_YET, "red <b>"),
        ("printf '%01000d' 0; exit 1", Verdict.NOT_YET, "0" * 499 + "…"),
    ],
)
def test_verdicts(shell: Shell, script: str, expected: Verdict, hint: str) -> None:
    found = verdict(script, shell=shell)
    assert (found.verdict, found.hint.replace("\ufffd", "")) == (expected, hint)


def test_a_command_in_a_check_cannot_eat_the_rest_of_it(shell: Shell) -> None:
    assert verdict("cat >/dev/null\nhint 'Still here.'", shell=shell).hint == "Still here."


@pytest.mark.parametrize(
    ("error", "hint"),
    [
        (SandboxNotFound("gone"), scripts.GONE),
        (SandboxTimeout("late"), scripts.TOO_LONG),
        (SandboxError("sandboxd does not answer; try again."), "sandboxd does not answer; try again."),
    ],
)
def test_what_keeps_a_check_from_running_is_never_wrong(shell: Shell, error: Exception, hint: str) -> None:
    shell.error = error
    found = verdict("true", shell=shell)
    assert (found.verdict, found.hint) == (Verdict.COULD_NOT, hint)


def test_a_check_that_hangs_is_stopped(shell: Shell, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scripts, "CHECK_SECONDS", 0.2)
    assert verdict("sleep 60", shell=shell).hint == scripts.TOO_LONG


@pytest.mark.parametrize(
    ("script", "step", "alive", "expected"),
    [
        ("hint x", {}, True, Outcome(Verdict.NOT_YET, "x", "")),
        ("hint x", {}, False, Outcome(Verdict.NOT_YET, "x", scripts.ENGINE_STOPPED)),
        (
            "hint x # docker",
            {},
            False,
            Outcome(Verdict.COULD_NOT, scripts.ENGINE_STOPPED, scripts.ENGINE_STOPPED),
        ),
        ("hint x # docker", {"engine_may_stop": True}, False, Outcome(Verdict.NOT_YET, "x", None)),
        ("true # docker", {}, False, Outcome(Verdict.DONE, "", None)),
    ],
)
def test_a_stopped_engine_is_told(
    shell: Shell, script: str, step: dict[str, Any], alive: bool, expected: Outcome
) -> None:
    shell.engine_alive = alive
    assert verdict(script, step=step, shell=shell) == expected


STOPPED, LOST = scripts.CLUSTER_STOPPED, scripts.NODE_LOST


@pytest.mark.parametrize(
    ("script", "step", "answering", "expected"),
    [
        ("hint x # kubectl", {}, "api node", Outcome(Verdict.NOT_YET, "x", "")),
        ("hint x # kubectl", {}, "", Outcome(Verdict.COULD_NOT, STOPPED, STOPPED)),
        ("hint x", {}, "", Outcome(Verdict.NOT_YET, "x", STOPPED)),
        ("hint x # kubectl", {}, "api", Outcome(Verdict.NOT_YET, "x", LOST)),
        ("hint x # kubectl", {"engine_may_stop": True}, "", Outcome(Verdict.NOT_YET, "x", None)),
        ("true # kubectl", {}, "", Outcome(Verdict.DONE, "", None)),
    ],
)
def test_a_cluster_that_does_not_work_is_told(
    shell: Shell,
    monkeypatch: pytest.MonkeyPatch,
    script: str,
    step: dict[str, Any],
    answering: str,
    expected: Outcome,
) -> None:
    asks = ["bash", "-c", f'[[ " {answering} " == *" $1 "* ]]', "cluster"]
    monkeypatch.setattr(scripts, "CLUSTER", asks)
    assert verdict(script, step=step, shell=shell, profile="kubernetes") == expected
