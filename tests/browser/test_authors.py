"""A new author follows docs/authors.md: begins a lesson, writes it beside the open page, proves it."""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab.setup.plan import SOURCE
from tests.browser.visitor import Visitor
from tests.running import FACTOR, Lab, running_lab, set_up

NEW = "900-components"
SOON = 3.0
"""Seconds until an open page shows what was saved: it is looked for each second, and fetched."""


@pytest.fixture(scope="module")
def writing() -> Iterator[tuple[Lab, Path]]:
    """A lab on a copy of the course that belongs to somebody who is not root."""
    folder = Path("/var/tmp") / f"lab-authors-{os.getpid()}"
    shutil.copytree(SOURCE / "lessons" / "content", folder)
    for path in (folder, *folder.rglob("*")):
        os.chown(path, 1234, 1234)
    try:
        with running_lab(LAB_LESSONS=str(folder), LAB_DEBUG="1") as lab:
            yield lab, folder
    finally:
        shutil.rmtree(folder)


def test_a_lesson_from_its_first_command_to_its_proof(writing: tuple[Lab, Path], browser: Browser) -> None:
    lab, content = writing
    visitor = Visitor(browser, lab.url)
    tab = visitor.tab
    tab.go("/")
    made = lab.manage("newlesson", NEW, "--title", "What is in a container?")
    assert made.returncode == 0, made.stderr
    assert str(content / NEW / "10-first-step" / "step.md") in made.stdout
    assert {path.stat().st_uid for path in (content / NEW).rglob("*")} == {1234}
    link = tab.page.get_by_role("link", name="What is in a container?")
    expect(link).to_be_visible()
    expect(tab.page.locator(".lesson").last).to_contain_text("Not proven as it is now: 10-first-step")
    assert "taken by" in lab.manage("newlesson", "900-other").stderr

    link.click()
    tab.wait_for_prompt()
    step = content / NEW / "10-first-step"
    heading = tab.page.get_by_role("heading", level=1)
    (step / "step.md").write_text(
        (step / "step.md").read_text().replace("title: First step", "title: A file")
    )
    seconds = until(lambda: heading.inner_text() == "A file")
    assert seconds < SOON * FACTOR
    assert tab.at_prompt, "the terminal stays"
    good = (step / "step.md").read_text()
    (step / "step.md").write_text(good.replace("```run", "```rum"))
    expect(tab.page.locator(".authors")).to_contain_text(f"{NEW}/10-first-step/step.md:7: unknown fence rum")
    (step / "step.md").write_text(good)
    expect(tab.page.locator(".authors")).to_have_count(0)

    refused = lab.manage("checklessons", "--run", NEW)
    assert refused.returncode == 1
    assert "check.sh still says, after solve.sh: This step has no check yet" in refused.stderr
    tab.go("/")
    expect(tab.page.locator(".unproven").last).to_contain_text("10-first-step failed: check.sh still says")

    (step / "check.sh").write_text("[ -e /root/made ] || hint 'Make it with: touch /root/made'\n")
    (step / "solve.sh").write_text("touch /root/made\n")
    assert lab.manage("checklessons").returncode == 0
    proven = lab.manage("checklessons", "--run", NEW, "--jobs", "2")
    assert proven.returncode == 0, proven.stdout + proven.stderr
    assert f"{NEW}/10-first-step" in proven.stdout
    tab.go("/")
    expect(tab.page.locator(".lesson").last).to_contain_text("with Docker 2")
    expect(tab.page.locator(".lesson").last.locator(".unproven")).to_have_count(0)
    tab.go(f"/lessons/{NEW}/10-first-step/")
    tab.wait_for_prompt()
    tab.command("touch /root/made")
    tab.wait_until_done()
    assert visitor.complaints() == []
    visitor.leave()


def test_a_course_that_cannot_be_shown_stops_nothing(writing: tuple[Lab, Path], tmp_path: Path) -> None:
    lab, _ = writing
    hidden = tmp_path / "home"  # pytest's folders are closed to others
    shutil.copytree(SOURCE / "lessons" / "content", hidden)
    before = lab.pids()
    for folder, said in (
        (str(hidden), "cannot be read by this command's user"),
        ("lessons/content", "LAB_LESSONS is lessons/content, which is no folder"),
    ):
        done = set_up("up", data=lab.paths.data, env={**lab.env, "LAB_LESSONS": folder})
        assert done.returncode == 1 and said in done.stderr, done.stderr
    assert lab.pids() == before


def until(condition: Callable[[], bool]) -> float:
    """Seconds until the condition held."""
    began = time.monotonic()
    while not condition():
        assert time.monotonic() < began + 30 * FACTOR
        time.sleep(0.05)
    return time.monotonic() - began
