"""Every step of the course is proven in real sandboxes, and every check tells its step from those beside it."""

from __future__ import annotations

import pytest

from lab.setup.plan import SOURCE
from lessons import prove
from lessons.course import read
from tests.running import running_lab

JOBS = "2"


@pytest.mark.timeout(3000)
def test_every_step_can_be_done_and_is_told_from_its_neighbours() -> None:
    with running_lab() as lab:
        done = lab.manage("checklessons", "--jobs", JOBS, "--apart", "--run")
    assert done.returncode == 0, done.stdout + done.stderr
    proven = {line.split()[0] for line in done.stdout.splitlines() if " ok " in line}
    lessons = read(SOURCE / "lessons" / "content").lessons
    assert {f"{lesson.slug}/{step}" for lesson in lessons for step in prove.provable(lesson)} <= proven
