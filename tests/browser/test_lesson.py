"""What a page of a lesson does with what somebody does in it."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Visitor

LESSON = "What is a container?"


def test_a_step_is_seen_to_be_done_without_asking(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    status = tab.step.locator('[data-part="status"]')
    expect(status).to_have_text("Your turn.")
    assert "4\n" in tab.command("echo $((2+2))")
    tab.command("sleep 1000 &")
    expect(status).to_have_text("Done.")


def test_a_hint_when_asked(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.page.get_by_role("button", name="Check", exact=True).click()
    expect(tab.step.locator('[data-part="status"]')).to_have_text("Not yet.")
    expect(tab.step.locator('[data-part="hint"]')).to_contain_text("sleep 1000 &")
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done()
    expect(tab.step.locator('[data-part="hint"]')).to_be_hidden()


def test_what_is_done_stays_done(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.command("sleep 1000 &")
    tab.wait_until_done()
    tab.go("/")
    expect(tab.page.get_by_role("listitem").filter(has_text=LESSON)).to_contain_text("1 done")
    tab.page.get_by_role("link", name=LESSON).click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("A root filesystem of its own")
    tab.wait_for_prompt()
    assert "sleep 1000" in tab.command("pgrep -af 'sleep 1000'")


def test_a_second_learner_is_another_person(visitor: Visitor, visit: Visit) -> None:
    first, second = visitor.tab, visit().tab
    first.open_lesson()
    second.open_lesson()
    first.command("touch ~/mine")
    assert "cannot access" in second.command("ls ~/mine")
