"""Checks in real sandboxes: whatever a script does, it is over soon and leaves nothing behind."""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable

import pytest

from lessons import files, scripts
from lessons.blocks import File
from lessons.scripts import Run, Verdict
from lessons.tree import Step
from sandbox.drivers.base import Handle, Result
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.errors import SandboxError
from tests.real.conftest import FACTOR, Shell, wait_for

LONG = scripts.CHECK_SECONDS


def step(check: str) -> Step:
    return Step("10-one", "One", "", check=check, engine_may_stop=True)


@pytest.fixture
def run(driver: NamespaceDriver, sandbox: Handle) -> Run:
    def run_inside(argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result:
        return driver.run(sandbox, argv, timeout=timeout, stdin=stdin)

    return run_inside


@pytest.fixture
def count(sandbox: Handle, shell: Shell) -> Callable[[str], int]:
    """How many processes in the sandbox have that word in their command line."""

    def look(word: str) -> int:
        # The word is put together inside, so that the one who asks is not counted.
        half = len(word) // 2
        script = f"w={word[:half]}; w=${{w}}{word[half:]}; pgrep -fc -- $w"
        return int(shell(sandbox, script).stdout)

    return look


def word() -> str:
    return f"w{secrets.token_hex(6)}"


def test_a_check_that_hangs_is_ended(run: Run, count: Callable[[str], int]) -> None:
    name, began = word(), time.monotonic()
    outcome = scripts.check(step(f"exec -a {name} sleep 1000"), "docker", run)
    assert (outcome.verdict, outcome.hint) == (Verdict.COULD_NOT, scripts.TOO_LONG)
    assert time.monotonic() - began < LONG + 10 * FACTOR
    assert count(name) == 0


def test_a_check_that_ignores_signals_and_forks_away_is_ended(run: Run, count: Callable[[str], int]) -> None:
    name = word()
    script = f"trap '' TERM HUP INT; (setsid nohup bash -c 'exec -a {name} sleep 1000' & ) ; sleep 1000"
    assert scripts.check(step(script), "docker", run).verdict is Verdict.COULD_NOT
    assert count(name) == 0


def test_a_check_leaves_nothing_in_the_background(run: Run, count: Callable[[str], int]) -> None:
    name, began = word(), time.monotonic()
    script = f"for i in 1 2 3; do (setsid bash -c 'exec -a {name} sleep 1000' >/dev/null 2>&1 &); done; "
    assert scripts.check(step(script + "true"), "docker", run).verdict is Verdict.DONE
    assert time.monotonic() - began < LONG, "it waited for what runs in the background"
    assert count(name) == 0
    assert scripts.check(step(script + "hint 'Not so.'"), "docker", run).hint == "Not so."
    assert count(name) == 0


def test_a_check_that_prints_a_megabyte(run: Run) -> None:
    script = "head -c 3000000 /dev/zero | tr '\\0' x; echo; hint 'The end.'"
    outcome = scripts.check(step(script), "docker", run)
    assert outcome.verdict is Verdict.NOT_YET
    assert 0 < len(outcome.hint) <= scripts.HINT_LIMIT


def test_a_check_that_forks_without_end_ends_and_the_sandbox_lives(
    run: Run, sandbox: Handle, shell: Shell, count: Callable[[str], int]
) -> None:
    name = word()
    outcome = scripts.check(
        step(f"{name}() {{ {name} | {name} & }}; {name}; sleep 1000 # {name}"), "docker", run
    )
    assert outcome.verdict is Verdict.COULD_NOT
    wait_for(lambda: shell(sandbox, "pgrep -c bash").stdout.strip() in (b"1", b"0"), "the bomb's end", 20)
    assert scripts.check(step("true"), "docker", run).verdict is Verdict.DONE


def test_a_check_that_nobody_wants_any_more_is_ended_at_once(run: Run, count: Callable[[str], int]) -> None:
    name, mark, other = word(), secrets.token_hex(8), secrets.token_hex(8)
    script = f"(setsid bash -c 'exec -a {name} sleep 1000' &); sleep 1000"
    ended: dict[str, float] = {}

    def check(under: str) -> None:
        scripts.check(step(script), "docker", run, under)
        ended[under] = time.monotonic()

    threads = [threading.Thread(target=check, args=(under,)) for under in (mark, other)]
    for thread in threads:
        thread.start()
    wait_for(lambda: count(name) == 2, "the start of both checks", 8)
    asked = time.monotonic()
    scripts.end(mark, run)
    threads[0].join()
    assert ended[mark] - asked < 2 * FACTOR
    assert count(name) == 1, "the other one goes on"
    threads[1].join()
    scripts.end(mark, run)  # of what has ended: nothing


def test_a_truth_is_the_last_line_and_leaves_nothing(run: Run, count: Callable[[str], int]) -> None:
    name = word()
    script = f"(setsid bash -c 'exec -a {name} sleep 1000' >/dev/null 2>&1 &); echo no; echo ' yes '; echo"
    truth, outcome = scripts.truth(script, run)
    assert (truth, outcome.verdict) == ("yes", Verdict.DONE)
    assert count(name) == 0
    for wrong in ("exit 3", "true", "echo yes; exit 1", "nothing-like-this"):
        assert scripts.truth(wrong, run)[1].hint == scripts.NO_TRUTH


def test_what_is_just_beginning_when_a_script_ends_is_ended_too(
    run: Run, count: Callable[[str], int]
) -> None:
    """It is between two programs for a moment, in which it shows no environment."""
    name = word()
    for _ in range(30):
        scripts.truth(f"(setsid bash -c 'exec -a {name} sleep 1000' >/dev/null 2>&1 &); echo yes", run)
    assert count(name) == 0


def test_a_file_is_saved_inside_and_nowhere_else(run: Run, sandbox: Handle, shell: Shell) -> None:
    file = File("file-1", "/root/app/deep/a.sh", "", "0755")
    files.write(file, "#!/bin/sh\necho 'é'\n", run)
    assert shell(sandbox, file.path).stdout == "é\n".encode()
    assert shell(sandbox, "stat -c '%u %a' /root/app/deep/a.sh").stdout == b"0 755\n"
    assert shell(sandbox, "ln -sf /etc/hostname /root/app/link && mkfifo /root/app/pipe").exit_code == 0
    files.write(File("file-2", "/root/app/link", "", "0644"), "mine\n", run)
    assert shell(sandbox, "cat /etc/hostname").stdout == b"mine\n", "a link leads to the sandbox's own file"
    with pytest.raises(SandboxError, match="is no file"):
        files.write(File("file-3", "/root/app/pipe", "", "0644"), "x", run)
    with pytest.raises(SandboxError, match="could not be saved"):
        files.write(File("file-4", "/root/app/deep/a.sh/b", "", "0644"), "x", run)
