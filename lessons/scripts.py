"""Running a step's scripts in a sandbox, and what their end means."""

from __future__ import annotations

import re
import time
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Protocol

from lessons.tree import Step
from sandbox.drivers.base import Result
from sandbox.errors import SandboxError, SandboxNotFound, SandboxTimeout

CHECK_SECONDS = 10.0
SETUP_SECONDS = 60.0
SOLVE_SECONDS = 120.0
ENGINE_SECONDS = 3.0
CLUSTER = ["timeout", "3", "/usr/lib/lab/wait-ready"]
"""Ends with 0 once what its argument names answers, with another code when it does not in time."""
CLUSTER_SECONDS = 5.0
HINT_LIMIT = 500
PASS_SECONDS = 10.0
"""How long after the solution the check may take to pass."""
PAUSE = 0.3

ARGV = ["/bin/bash", "-c", 'cd ~; eval "$(cat)" </dev/null', "check.sh"]
"""Reads the whole script before it begins, so that nothing in it can eat the rest from standard input."""

BOUNDED = """
cd ~
( eval "$(cat)" </dev/null )
code=$?
[ -n "$LAB_RUN" ] || exit $code
none=0
for round in 1 2 3 4 5 6 7 8 9; do
  found=$(run=$LAB_RUN; LAB_RUN= exec grep -lzsxF -- "LAB_RUN=$run" /proc/[0-9]*/environ)
  left=
  for file in $found; do pid=${file//[!0-9]/}; [ "$pid" = $$ ] || left="$left $pid"; done
  if [ -n "$left" ]; then kill -KILL $left 2>/dev/null; none=0; elif [ $((none += 1)) = 2 ]; then break; fi
done
exit $code
"""
"""As ARGV's, and nothing that the script started outlives it: each process is known by what the lab has put into
its environment. A process that is just beginning another program shows none for a moment, so to find nothing
counts the second time. The argument after this marks the run for `end`."""

END = """
read -r mark
for found in $(grep -lzsxF -- "$mark" /proc/[0-9]*/cmdline); do
  run=$(tr '\\0' '\\n' <"${found%cmdline}environ" 2>/dev/null | grep -m 1 '^LAB_RUN=') || continue
  none=0
  for round in 1 2 3 4 5 6 7 8 9; do
    if files=$(grep -lzsxF -- "$run" /proc/[0-9]*/environ); then
      kill -KILL ${files//[!0-9[:space:]]/} 2>/dev/null
      none=0
    elif [ $((none += 1)) = 2 ]; then break; fi
  done
done
"""
"""Ends the run whose mark stands on standard input, with all that it started."""
END_SECONDS = 5.0

PRELUDE = (Path(__file__).resolve().parent / "prelude.sh").read_text(encoding="utf-8")
ESCAPES = re.compile(r"\x1b(\[[0-?]*[ -/]*[@-~]|\][^\x07\x1b]*(\x07|\x1b\\)?|.)")

NO_SANDBOX = "There is no running sandbox to look into. Start one, then check again."
GONE = "Your sandbox has gone, so this step could not be checked. Start a fresh one, then check again."
TOO_LONG = (
    f"The check took longer than {CHECK_SECONDS:.0f} seconds and was stopped. Your sandbox may be very busy: "
    "end what you no longer need in it, then check again."
)
TRUTH_TOO_LONG = (
    f"Looking into your sandbox took longer than {CHECK_SECONDS:.0f} seconds and was stopped; "
    "try again when it is less busy."
)
NO_TRUTH = (
    "The sandbox did not tell: what the question is about may not be there yet. "
    "Do what the text says before it, then try again."
)
BROKEN = "The check itself could not run here. Try again; if that does not help, reset your sandbox."
NOT_PREPARED = "This step could not be prepared in your sandbox. Reset it, then open the step again."
ENGINE_STOPPED = (
    "The Docker engine in your sandbox has stopped. Reset the sandbox to get a fresh one; "
    "the steps you have done stay done."
)
CLUSTER_STOPPED = (
    "The API server of your cluster, or etcd behind it, does not run. If you did not stop it yourself, reset the "
    "sandbox to get a fresh one; the steps you have done stay done."
)
NODE_LOST = (
    "Your cluster has no node that is ready. If you deleted it, `lab-ctl restart kubelet` brings it back; otherwise "
    "reset the sandbox to get a fresh one; the steps you have done stay done."
)
NOT_YET = "Not yet. Do what the step asks for, then check again."


class Verdict(StrEnum):
    DONE = "done"
    NOT_YET = "not-yet"
    COULD_NOT = "could-not"


@dataclass(frozen=True)
class Outcome:
    """What a check found. `hint` is one line of plain text, empty when done; `broken` is a sentence when the engine or
    the cluster was found not to work, None where nobody looked."""

    verdict: Verdict
    hint: str = ""
    broken: str | None = None


class Run(Protocol):
    """Runs a command in one certain sandbox; raises SandboxError and its children."""

    def __call__(self, argv: list[str], *, timeout: float, stdin: bytes = b"") -> Result: ...


def clean_hint(output: bytes) -> str:
    """The last line of a check's output that says something, as plain text without control characters."""
    text = ESCAPES.sub("", output.decode("utf-8", errors="replace")).replace("\t", " ")
    for line in reversed(re.split(r"[\r\n]+", text)):
        kept = "".join(c for c in line if not unicodedata.category(c).startswith("C")).strip()
        if kept:
            return kept if len(kept) <= HINT_LIMIT else kept[: HINT_LIMIT - 1] + "…"
    return ""


def bounded(mark: str = "") -> list[str]:
    """What runs a script that may leave nothing behind; `mark` names the run for `end`."""
    return ["/bin/bash", "-c", BOUNDED, "check.sh", mark]


def end(mark: str, run: Run) -> None:
    """End what runs under that mark, if it still does. Raises SandboxError."""
    run(["/bin/bash", "-c", END, "end"], timeout=END_SECONDS, stdin=f"{mark}\n".encode())


def truth(script: str, run: Run, mark: str = "") -> tuple[str, Outcome]:
    """What a prediction's script prints last, and DONE; or '' and COULD_NOT with why, as a sentence."""
    try:
        result = run(bounded(mark), timeout=CHECK_SECONDS, stdin=(PRELUDE + script).encode())
    except SandboxNotFound:
        return "", Outcome(Verdict.COULD_NOT, NO_SANDBOX)
    except SandboxTimeout:
        return "", Outcome(Verdict.COULD_NOT, TRUTH_TOO_LONG)
    except SandboxError as error:
        return "", Outcome(Verdict.COULD_NOT, error.message)
    found = clean_hint(result.stdout)
    if result.exit_code or not found:
        return "", Outcome(Verdict.COULD_NOT, NO_TRUTH)
    return found, Outcome(Verdict.DONE)


def passes(step: Step, profile: str, run: Run) -> Outcome:
    """Check until it passes or the time is up: `docker run` and others return before anything is true."""
    deadline = time.monotonic() + PASS_SECONDS
    while True:
        outcome = check(step, profile, run)
        if outcome.verdict is Verdict.DONE or time.monotonic() > deadline:
            return outcome
        time.sleep(PAUSE)


def check(step: Step, profile: str, run: Run, mark: str = "") -> Outcome:
    """Run a step's check.sh. What keeps it from running is COULD_NOT, never NOT_YET."""
    try:
        result = run(bounded(mark), timeout=CHECK_SECONDS, stdin=(PRELUDE + step.check).encode())
    except SandboxNotFound:
        return Outcome(Verdict.COULD_NOT, GONE)
    except SandboxTimeout:
        broken = _broken(step, profile, run)
        if broken and _asks(step, profile, broken):
            return Outcome(Verdict.COULD_NOT, broken, broken)
        return Outcome(Verdict.COULD_NOT, TOO_LONG)
    except SandboxError as error:
        return Outcome(Verdict.COULD_NOT, error.message)
    if result.exit_code == 0:
        return Outcome(Verdict.DONE)
    if result.exit_code in (126, 127) or not 0 < result.exit_code < 128:
        return Outcome(Verdict.COULD_NOT, BROKEN)
    hint = clean_hint(result.stdout) or NOT_YET
    broken = _broken(step, profile, run)
    if broken and _asks(step, profile, broken):
        return Outcome(Verdict.COULD_NOT, broken, broken)
    return Outcome(Verdict.NOT_YET, hint, broken)


def _broken(step: Step, profile: str, run: Run) -> str | None:
    """What is told of an engine or a cluster that does not work; "" when it does, None where that is the step's own."""
    if step.engine_may_stop:
        return None
    if profile != "kubernetes":
        return "" if _engine_alive(run) else ENGINE_STOPPED
    if not _answers(run, [*CLUSTER, "api"], CLUSTER_SECONDS):
        return CLUSTER_STOPPED
    return "" if _answers(run, [*CLUSTER, "node"], CLUSTER_SECONDS) else NODE_LOST


def _asks(step: Step, profile: str, broken: str) -> bool:
    """Whether the step's check cannot find anything out while that is broken."""
    return broken != NODE_LOST and ("kubectl" in step.check if profile == "kubernetes" else step.uses_engine)


def stopped(profile: str) -> str:
    """What is told when the engine of a sandbox of that profile, or its cluster, no longer runs."""
    return CLUSTER_STOPPED if profile == "kubernetes" else ENGINE_STOPPED


def _engine_alive(run: Run) -> bool:
    """Whether the engine answers; also true when the sandbox itself is gone, which others tell."""
    return _answers(run, ["docker", "version", "--format", "{{.Server.Version}}"], ENGINE_SECONDS)


def _answers(run: Run, argv: list[str], seconds: float) -> bool:
    try:
        return run(argv, timeout=seconds).exit_code == 0
    except SandboxTimeout:
        return False
    except SandboxError:
        return True


def set_up(step: Step, run: Run) -> Result:
    """Run a step's setup.sh. Raises SandboxError."""
    return run(ARGV, timeout=SETUP_SECONDS, stdin=step.setup.encode())


def solve(step: Step, run: Run, mark: str = "") -> Result:
    """Run a step's solve.sh as one script. Raises SandboxError."""
    return run([*ARGV, mark], timeout=SOLVE_SECONDS, stdin=step.solve.encode())
