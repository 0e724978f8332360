"""Notes, a second device, the transcript and being forgotten, as people meet them in the browser."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab

STEP = "/lessons/010-what-is-a-container/10-a-process/"


def note(page: Page) -> None:
    """Open the step's note."""
    fold = page.locator(".note-fold")
    if fold.get_attribute("open") is None:
        fold.locator("summary").click()


def write(page: Page, text: str) -> None:
    """Write a note and wait until it is kept."""
    page.get_by_label("Notes on this step").fill(text)
    expect(page.locator(".note-status")).to_have_text("Saved.")


def code(tab: Tab) -> str:
    """A code made by this browser."""
    tab.go("/progress/")
    tab.page.get_by_role("button", name="Make a code").click()
    return tab.page.locator('[data-part="code"]').inner_text()


def enter(tab: Tab, given: str) -> None:
    tab.go("/progress/")
    tab.page.get_by_label("Code from the other device").fill(given)
    tab.page.get_by_role("button", name="Go on here").click()


def test_a_note_is_saved_while_it_is_written(visitor: Visitor) -> None:
    visitor.expect_complaints("409")
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    note(tab.page)
    write(tab.page, "sleep is a <process>")
    assert tab.ask("document.scrollingElement.scrollTop") == 0, "the bar stays where it is"
    other = visitor.open_tab()
    other.go(STEP)
    expect(other.page.get_by_label("Notes on this step")).to_have_value("sleep is a <process>")
    write(other.page, "from the other window")
    area, status = tab.page.get_by_label("Notes on this step"), tab.page.locator(".note-status")
    area.fill("from this window")
    expect(status).to_have_text("This note was changed in another window.")
    tab.page.get_by_role("button", name="Keep this one").click()
    expect(status).to_have_text("Saved.")
    area.fill("written, and gone at once")
    tab.next_step()
    expect(tab.page.get_by_label("Notes on this step")).to_have_value("")
    tab.page.get_by_role("link", name="Previous step").click()
    expect(area).to_have_value("written, and gone at once")
    area.fill("written, and the page left")
    tab.go("/progress/")  # which may be there before the note is
    written = tab.page.locator(".own-note", has_text="written, and the page left")
    tab.until(lambda: written.count() or (tab.page.reload() and written.count()), "the note's being kept")


def test_another_device_goes_on_where_this_one_is(visitor: Visitor, visit: Visit, tmp_path: Path) -> None:
    first = visitor.tab
    first.open_lesson("10-a-process")
    first.command("sleep 1000 &")
    first.wait_until_done()
    first.command("touch ~/mine")
    second = visit().tab
    second.open_lesson("20-a-root-filesystem")
    note(second.page)
    write(second.page, "written elsewhere")
    enter(second, code(first).upper())
    expect(second.page.get_by_role("status").first).to_contain_text("The sandbox that you had here has ended")
    expect(second.page.locator(".own-lesson")).to_contain_text("1 of 8 steps")
    second.open_lesson("10-a-process")
    expect(second.step.locator('[data-part="status"]')).to_have_text("Done.")
    assert "/root/mine" in second.command("ls ~/mine")
    first.go("/progress/")
    expect(first.page.locator(".own-note")).to_have_text("written elsewhere")
    with first.page.expect_download() as download:
        first.page.get_by_role("link", name="Download as Markdown").click()
    assert re.fullmatch(r"container-lab-[\d-]{10}\.md", download.value.suggested_filename)
    download.value.save_as(tmp_path / "transcript.md")
    assert "```text\nwritten elsewhere\n```" in (tmp_path / "transcript.md").read_text()


def test_a_used_or_invented_code_is_refused(visitor: Visitor, visit: Visit) -> None:
    visitor.tab.go(STEP)
    given = code(visitor.tab)
    enter(visit().tab, given)
    third = visit()
    third.expect_complaints("403")
    for wrong in (given, "aaaa-aaaa"):
        enter(third.tab, wrong)
        expect(third.tab.page.get_by_role("alert")).to_contain_text("good once, for ten minutes")


@pytest.mark.parametrize("script", [True, False], ids=["script", "no script"])
def test_being_forgotten(lab: Lab, visit: Visit, script: bool) -> None:
    visitor = visit(java_script_enabled=script)
    tab = visitor.tab
    if script:
        before = set(lab.paths.sandboxes.iterdir())
        tab.open_lesson()
        (mine,) = set(lab.paths.sandboxes.iterdir()) - before
        open_elsewhere = visitor.open_tab()
        open_elsewhere.go(STEP)
        open_elsewhere.terminal.get_by_role("button", name="Use it here").click()
        open_elsewhere.wait_for_prompt()
    else:
        tab.go(STEP)
        note(tab.page)
        tab.page.get_by_label("Notes on this step").fill("without script")
        tab.page.get_by_role("button", name="Save").click()
        expect(tab.page.get_by_label("Notes on this step")).to_have_value("without script")
        assert re.fullmatch(r"\w{4}-\w{4}", code(tab))
    tab.go("/progress/")
    tab.page.get_by_role("link", name="Erase my data").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Erase everything about you?")
    tab.page.get_by_role("button", name="Erase my data").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Your data is erased")
    assert "learner" not in {cookie["name"] for cookie in visitor.context.cookies()}
    if script:
        expect(open_elsewhere.page.get_by_text("This visit has expired")).to_be_visible()
        tab.until(lambda: not mine.exists(), "the end of the sandbox", 30)
    tab.go("/progress/")
    expect(tab.page.get_by_text("Nothing yet.")).to_be_visible()


def test_without_script_a_code_makes_another_browser_the_same(
    visitor: Visitor, browser: Browser, lab: Lab
) -> None:
    visitor.tab.go(STEP)
    given = code(visitor.tab)
    plain = Visitor(browser, lab.url, java_script_enabled=False)
    enter(plain.tab, given)
    expect(plain.tab.page.get_by_role("status").first).to_contain_text(
        "This browser goes on where your other"
    )
    plain.leave()
    assert plain.complaints() == []
