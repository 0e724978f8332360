"""The whole course in Chromium, every lesson from the list to its end, as somebody new would go through it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import expect

from lab.setup.plan import SOURCE
from lessons.course import read
from lessons.tree import Lesson
from tests.browser.visitor import Visitor
from tests.course.walk import WALK, do_everything
from tests.running import Lab

LESSONS = read(SOURCE / "lessons" / "content").lessons


@pytest.fixture(autouse=True)
def each_by_itself(lab: Lab) -> Iterator[None]:
    """A cluster that nobody works in would keep the next one waiting for the processors."""
    yield
    assert lab.manage("sandbox", "destroy", "--all").returncode == 0


@pytest.mark.parametrize("lesson", LESSONS, ids=[lesson.slug for lesson in LESSONS])
def test_from_its_first_line_to_its_last(visitor: Visitor, lesson: Lesson) -> None:
    tab = visitor.tab
    tab.go("/")
    expect(tab.page).to_have_title("docker run vs. kubectl apply")
    tab.page.get_by_role("heading", name=lesson.title, exact=True).get_by_role("link").click()
    shown = tab.page.locator('[data-part="panel"]')
    steps = tab.page.locator('[data-part="panel-steps"] li')
    expect(shown).to_contain_text("Preparing your sandbox")
    expect(steps.first).not_to_be_empty()
    tab.wait_for_prompt()
    expect(shown).to_be_hidden()
    passed = []
    while True:
        slug = tab.step.get_attribute("data-step") or ""
        if lesson.by_slug[slug].counts:
            WALK.get(f"{lesson.slug}/{slug}", do_everything)(tab, lesson.by_slug[slug])
            tab.wait_until_done()
            expect(tab.page.locator(f'#dots a[data-step="{slug}"]')).to_have_attribute("data-done", "")
        passed.append(slug)
        if tab.page.get_by_role("link", name="Next step").count() == 0:
            break
        tab.next_step()
    assert passed == [step.slug for step in lesson.steps]
    if lesson.steps[-1].counts:
        expect(tab.step.locator('[data-part="status"]')).to_have_text("Done, and with it the whole lesson.")
    tab.page.get_by_role("link", name="Finish lesson").click()
    item = tab.page.get_by_role("listitem").filter(
        has=tab.page.get_by_role("heading", name=lesson.title, exact=True)
    )
    expect(item).to_have_attribute("data-state", "done")
    expect(item.get_by_role("progressbar")).to_have_attribute("value", str(len(lesson.checked)))
