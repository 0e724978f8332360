"""`checklessons --run` on a course with every kind of block, in sandboxes of a lab that runs."""

from __future__ import annotations

import re

from tests.browser.blocks import course
from tests.running import running_lab


def test_a_course_is_proven_up_to_its_broken_step() -> None:
    with course() as folder, running_lab(LAB_LESSONS=str(folder)) as lab:
        done = lab.manage("checklessons", "--run", "010-blocks")
        assert done.returncode == 0, done.stdout + done.stderr
        for step in ("10-questions", "20-predict", "30-file", "40-last"):
            assert re.search(rf"{step} +ok", done.stdout), done.stdout
        broken = lab.manage("checklessons", "--run", "020-breaks")
        assert broken.returncode == 1
        assert "020-breaks/20-breaks: solve.sh ended with 3" in broken.stderr
        file = folder / "010-blocks/20-predict/step.md"
        file.write_text(file.read_text().replace("| wc -l", "| wc -lw"))
        wrong = lab.manage("checklessons", "--run", "010-blocks")
        assert wrong.returncode == 1
        assert "predict 2: its truth is" in wrong.stderr
