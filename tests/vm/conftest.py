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

SELECTIONS = {"core": (["-m", "core"], 1500), "all": ([], 6000)}
"""LAB_VM_TESTS: pytest's arguments, and the seconds they may take."""

TEST_SECONDS = 900
"""What one test in the machine may take."""


@pytest.fixture(scope="session")
def guest(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Outcome:
    """The driver's tests, run in the machine. LAB_VM_TESTS is `core` (the default) or `all`."""
    arguments, timeout = SELECTIONS[os.environ.get("LAB_VM_TESTS") or "core"]
    python = GUEST_DATA.current / "venv" / "bin" / "python"
    job = Job(
        argv=[str(python), "-m", "pytest", "tests/real", *arguments, "-v", "--color=no",
              "-p", "no:cacheprovider", f"--timeout={TEST_SECONDS}", "--junit-xml=/run/results/junit.xml"],
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
