"""One boot of the test machine per session, which every test here looks at."""

from __future__ import annotations

import os
import time

import pytest
from _pytest.capture import CaptureManager

from lab.setup.errors import SetupError, tail
from tests.vm.job import GUEST_DATA, Job, run_job
from tests.vm.qemu import MachineError
from tests.vm.report import Outcome

SELECTIONS = {
    "core": (["-m", "core", "--timeout=900"], 2400),
    "all": (["-m", "not lab", "--timeout=3600"], 9000),
}
"""LAB_VM_TESTS: pytest's arguments, with the seconds that one test may take, and the seconds for all."""


@pytest.fixture(scope="session")
def guest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The driver's tests, run in the machine. LAB_VM_TESTS is `core` (the default), `all`, or tests' names."""
    selection = os.environ.get("LAB_VM_TESTS") or "core"
    names = selection.split()
    if all(name.startswith("tests/real/") for name in names):
        arguments, timeout = [*names, *SELECTIONS["all"][0]], SELECTIONS["all"][1]
    elif selection in SELECTIONS:
        arguments, timeout = ["tests/real", *SELECTIONS[selection][0]], SELECTIONS[selection][1]
    else:
        known = ", ".join(SELECTIONS)
        pytest.fail(
            f"LAB_VM_TESTS is {selection!r}; set it to one of {known}, or to tests such as "
            "tests/real/test_cluster.py.",
            pytrace=False,
        )
    python = GUEST_DATA.current / "venv" / "bin" / "python"
    job = Job(
        argv=[str(python), "-m", "pytest", *arguments, "-v", "--color=no",
              "-p", "no:cacheprovider", "--junit-xml=/run/results/junit.xml"],
        timeout=timeout,
    )  # fmt: skip
    try:
        return run_job(job, tmp_path_factory.mktemp("vm"), Printer(request.config))
    except SetupError as error:
        log = "\n".join(tail(error.log)) if error.log else ""
        pytest.fail(f"{error.message}\n{log}", pytrace=False)
    except MachineError as error:
        pytest.fail(str(error), pytrace=False)


class Printer:
    """Shows the guest's lines as they come, past pytest's capture: minutes of silence look like a hang."""

    def __init__(self, config: pytest.Config) -> None:
        self.capture: CaptureManager = config.pluginmanager.getplugin("capturemanager")
        self.terminal = config.get_terminal_writer()
        self.began = time.monotonic()

    def __call__(self, line: str) -> None:
        with self.capture.global_and_fixture_disabled():
            self.terminal.line(f"  machine {time.monotonic() - self.began:4.0f} s │ {line}")
            self.terminal.flush()
