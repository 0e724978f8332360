"""The driver's contract and isolation on a host as most users have it: systemd, cgroup v2, AppArmor."""

from __future__ import annotations

import pytest

from tests.vm.report import Outcome

pytestmark = pytest.mark.timeout(0)  # the machine has a deadline of its own


def test_the_machine_is_what_most_users_have(guest: Outcome) -> None:
    assert guest.facts["cgroup"] == "cgroup2fs"
    assert guest.facts["init"] == "systemd"
    assert guest.facts["apparmor"] == "Y"
    assert guest.facts["profiles"] > 50, "Debian's profiles are not loaded"
    assert guest.facts["kernel"].endswith("cloud-amd64")


def test_the_drivers_tests_pass_there(guest: Outcome, subtests: pytest.Subtests) -> None:
    for case in guest.cases:
        with subtests.test(case.name):
            assert not case.skipped, f"skipped in the machine: {case.skipped}"
            if case.problem:
                pytest.fail(f"in the machine:\n{case.problem}", pytrace=False)
    if not guest.cases:
        pytest.fail(f"no test ran in the machine; it said:\n{guest.output[-4000:]}", pytrace=False)
    if guest.status:
        pytest.fail(f"pytest in the machine ended with status {guest.status}", pytrace=False)
