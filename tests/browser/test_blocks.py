"""Questions, predictions, files, catching up and the outline, as a learner meets them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.blocks import LESSON, course
from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab, running_lab


@pytest.fixture(scope="module")
def running() -> Iterator[Lab]:
    """A lab with a course that has every kind of block."""
    with course() as folder, running_lab(LAB_LESSONS=str(folder)) as found:
        yield found


def question(tab: Tab, index: int) -> Locator:
    return tab.page.locator("form.question").nth(index)


def says(form: Locator) -> Locator:
    return form.locator('[data-part="says"]')


def choose(form: Locator, *options: int) -> None:
    for option in options:
        form.locator(".option").nth(option).click()
    form.get_by_role("button").click()


def write(form: Locator, answer: str) -> None:
    form.get_by_role("textbox").fill(answer)
    form.get_by_role("textbox").press("Enter")


def at(tab: Tab, step: str, *, lesson: str = LESSON) -> None:
    tab.go(f"{lesson}{step}/")
    expect(tab.page.get_by_role("heading", level=1)).to_be_visible()


def test_a_quiz_is_explained_once_answered_and_kept(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "10-questions")
    source = tab.page.content()
    assert "SECRET" not in source
    assert "20971520" not in source
    first, second, third = (question(tab, index) for index in range(3))
    first.get_by_role("button").click()
    expect(says(first)).to_have_text("Choose one of the answers first.")
    choose(first, 0)
    expect(says(first)).to_contain_text("Not yet. SECRET-HINT")
    expect(first).to_contain_text("Only with --pull never.")
    expect(first).not_to_contain_text("docker build is for")
    choose(first, 1)
    expect(says(first)).to_have_text("Right.")
    expect(first).to_contain_text("docker build is for")
    expect(first).to_contain_text("SECRET-WHY of the question. Images are looked up by name, here first.")
    expect(first.get_by_role("radio").first).to_be_disabled()
    choose(second, 0, 1, 2)
    expect(says(second)).to_contain_text("Not yet.")
    choose(second, 2)
    expect(says(second)).to_have_text("Right.")
    write(third, "twenty")
    expect(says(third)).to_contain_text("Write a number")
    expect(tab.step.locator('[data-part="status"]')).to_have_text("Your turn.")
    write(third, "20 971 520")
    tab.wait_until_done()
    expect(tab.page.locator('#dots a[data-step="10-questions"]')).to_have_attribute("data-done", "")
    tab.page.reload()
    expect(says(question(tab, 0))).to_have_text("Right.")
    expect(question(tab, 0).get_by_role("radio").nth(1)).to_be_checked()
    expect(question(tab, 2).get_by_role("textbox")).to_have_value("20 971 520")
    expect(tab.step).to_have_attribute("data-done", "")


def test_an_answer_in_one_page_is_seen_in_the_other(visitor: Visitor) -> None:
    one, other = visitor.tab, visitor.open_tab()
    at(one, "10-questions")
    at(other, "10-questions")
    choose(question(one, 0), 1)
    expect(says(question(other, 0))).to_have_text("Right.")


def test_a_prediction_shows_what_is_true_in_the_sandbox(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "20-predict")
    tab.wait_for_prompt()
    assert "/proc/sys/kernel/hostname" not in tab.page.content()
    named, counted = question(tab, 0), question(tab, 1)
    write(named, "the-host")
    expect(says(named)).to_contain_text("Not as you said")
    expect(named.locator(".question-truth")).to_have_text("In your sandbox: lab")
    expect(named).to_contain_text("The kernel says lab to every process")
    write(counted, "1")
    expect(says(counted)).to_contain_text("Could not check.")
    tab.click_run(tab.run_blocks()[0])
    status = tab.step.locator('[data-part="status"]')
    expect(status).to_have_text("That is done; a question is still open.")
    tab.page.reload()
    tab.wait_for_prompt()
    expect(status).to_have_text("That is done; a question is still open.")
    write(question(tab, 1), "1")
    expect(says(question(tab, 1))).to_have_text("As you said.")
    tab.wait_until_done()


def test_a_file_is_edited_saved_and_run(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "30-file")
    tab.wait_for_prompt()
    file = tab.page.locator("form.file")
    area = file.get_by_role("textbox")
    expect(says(file)).to_have_text("Not saved yet")
    area.focus()
    tab.page.keyboard.press("Control+End")
    tab.page.keyboard.type("if true; then")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.type("echo twice")
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Shift+Tab")
    tab.page.keyboard.type("fi\n")
    expect(area).to_have_value('#!/bin/sh\necho "Hello from $(hostname)"\nif true; then\n  echo twice\nfi\n')
    expect(file.locator('[data-part="lines"]')).to_have_text("1\n2\n3\n4\n5\n6")
    tab.page.reload()
    tab.wait_for_prompt()
    expect(area).to_have_value('#!/bin/sh\necho "Hello from $(hostname)"\nif true; then\n  echo twice\nfi\n')
    area.press("Control+s")
    expect(says(file)).to_have_text("Saved")
    tab.wait_until_done()
    tab.click_run(tab.run_blocks()[1])
    tab.wait_for_text("Hello from lab\ntwice\n")
    tab.click_run(tab.run_blocks()[0])
    tab.wait_for_text("\nlearner\nit's me\n")
    area.press("End")
    tab.page.keyboard.type("x")
    expect(says(file)).to_have_text("Changed since it was saved")
    file.get_by_role("button", name="Put back").click()
    expect(area).to_have_value('#!/bin/sh\necho "Hello from $(hostname)"\n')
    expect(file.get_by_role("button", name="Put back")).to_be_hidden()
    tab.page.keyboard.press("Control+z")
    expect(area).to_have_value('#!/bin/sh\necho "Hello from $(hostname)"\nif true; then\n  echo twice\nfi\nx')


def test_the_keyboard_leaves_the_editor(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "30-file")
    area = tab.page.locator("form.file").get_by_role("textbox")
    area.focus()
    tab.page.keyboard.press("Tab")
    expect(area).to_be_focused()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Tab")
    expect(area).not_to_be_focused()
    area.focus()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Shift+Tab")
    expect(area).not_to_be_focused()


def test_a_file_that_cannot_be_saved_says_why(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "30-file")
    tab.wait_for_prompt()
    file = tab.page.locator("form.file")
    tab.command("mkdir -p /root/app/greet.sh")
    file.get_by_role("button", name="Save").click()
    expect(says(file)).to_have_text(
        "/root/app/greet.sh could not be saved: /root/app/greet.sh is there already and is no file."
    )
    tab.command("rmdir /root/app/greet.sh")
    file.get_by_role("button", name="Save").click()
    expect(says(file)).to_have_text("Saved")


def test_catching_up_to_a_step(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "40-last")
    tab.wait_for_prompt()
    tab.command("touch /root/mine")
    tab.page.get_by_role("button", name="Catch me up").click()
    ask = tab.page.locator("#catch-up-ask")
    ask.get_by_role("button", name="Keep this one").click()
    assert tab.command("ls /root/mine").strip().startswith("/root/mine")
    tab.page.get_by_role("button", name="Catch me up").click()
    ask.get_by_role("button", name="Catch me up").click()
    dialog = tab.page.locator("#catch-up")
    expect(dialog.get_by_role("listitem")).to_have_text(["Predict first", "A file of your own"])
    expect(dialog).to_contain_text("You are caught up", timeout=120_000)
    dialog.get_by_role("button", name="Go on").click()
    tab.wait_for_prompt()
    assert "No such file" in tab.command("ls /root/mine")
    assert tab.command("ls /root/made/one /root/app/greet.sh /root/prepared").split()[:3] == [
        "/root/app/greet.sh", "/root/made/one", "/root/prepared",
    ]  # fmt: skip
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done()


def test_catching_up_is_stopped_or_says_which_step_failed(visitor: Visitor) -> None:
    tab = visitor.tab
    at(tab, "30-after", lesson="/lessons/020-breaks/")
    tab.wait_for_prompt()

    def begin() -> Locator:
        tab.page.get_by_role("button", name="Catch me up").click()
        tab.page.locator("#catch-up-ask").get_by_role("button", name="Catch me up").click()
        return tab.page.locator("#catch-up")

    dialog = begin()
    expect(dialog.get_by_role("listitem").first).to_have_attribute("data-state", "running", timeout=90_000)
    dialog.get_by_role("button", name="Stop").click()
    expect(dialog).to_contain_text("Catching up was stopped")
    dialog.get_by_role("button", name="Go on").click()
    dialog = begin()
    expect(dialog).to_contain_text("Catching up did not work", timeout=120_000)
    expect(dialog).to_contain_text("Step 2, “One that breaks”, could not be done by itself")
    expect(dialog.get_by_role("listitem").nth(0)).to_have_attribute("data-state", "done")
    expect(dialog.get_by_role("listitem").nth(1)).to_have_attribute("data-state", "failed")


def test_the_outline_leads_anywhere_and_back_to_where_one_was(visit: Visit) -> None:
    tab = visit().tab
    at(tab, "30-file")
    tab.page.get_by_title("Outline of all lessons").press("Enter")
    drawer = tab.page.get_by_role("dialog", name="Outline")
    expect(drawer.get_by_role("link", name="A file of your own")).to_be_focused()
    expect(drawer).to_contain_text("12 min · 0 of 4 done")
    tab.page.keyboard.press("Escape")
    expect(drawer).to_be_hidden()
    tab.page.get_by_title("Outline of all lessons").click()
    drawer.get_by_role("link", name="What do you know?").click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("What do you know?")
    expect(drawer).to_be_hidden()
    at(tab, "20-predict")
    tab.go(LESSON)
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("Predict first")
    tab.go("/lessons/")
    expect(tab.page.get_by_role("link", name="Predict first")).to_contain_text("go on here")
