"""Bad days as a learner sees them, and the page for those without mouse, script or a large screen."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from lab.setup.plan import SOURCE
from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab, running_lab

LESSON = "010-what-is-a-container"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


def test_the_engine_killed_by_the_learner(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("70-docker-run")
    tab.command("touch ~/mine")
    tab.command("pkill -KILL -x dockerd")
    notice = tab.page.locator('[data-part="notice-sandbox"]')
    expect(notice).to_contain_text("Docker engine in your sandbox has stopped")
    notice.get_by_role("button", name="Start a fresh sandbox").click()
    dialog = tab.page.get_by_role("dialog")
    expect(dialog).to_contain_text("will be gone")
    dialog.get_by_role("button", name="Keep this one").click()
    assert "mine" in tab.command("ls ~/mine")
    notice.get_by_role("button", name="Start a fresh sandbox").click()
    dialog.get_by_role("button", name="Start fresh").click()
    tab.until(lambda: not tab.at_prompt, "the old terminal's end")
    tab.wait_for_prompt()
    expect(notice).to_be_hidden()
    assert "No such file" in tab.command("ls ~/mine")
    assert "Server Version" in tab.command("docker info")


def test_a_sandbox_that_dies(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.command("touch ~/mine")
    tab.keys("kill -KILL -1\n")  # all that one may kill in there, by which its init ends
    tab.until(lambda: tab.state != "connected", "the terminal's end")
    panel = tab.page.locator('[data-part="panel"]')
    expect(panel).to_contain_text("Your sandbox has ended")
    expect(panel).to_contain_text("start a fresh one")
    panel.get_by_role("button", name="Start a fresh sandbox").click()
    tab.wait_for_prompt()
    assert "No such file" in tab.command("ls ~/mine")


def test_a_sandbox_that_the_operator_removes(visitor: Visitor, lab: Lab) -> None:
    tab = visitor.tab
    tab.open_lesson()
    key = tab.page.evaluate("document.querySelector('lab-terminal').sandbox")
    assert lab.manage("sandbox", "destroy", key).returncode == 0
    panel = tab.page.locator('[data-part="panel"]')
    expect(panel).to_contain_text("Your sandbox has ended")
    panel.get_by_role("button", name="Start a fresh sandbox").click()
    tab.wait_for_prompt()
    assert "fresh-2" in tab.command("echo fresh-$((1+1))")


def test_without_script_the_text_is_there(visit: Visit) -> None:
    page = visit(java_script_enabled=False).tab.page
    page.goto(visit().url)
    page.get_by_role("heading", name="What is a container?").get_by_role("link").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("It starts with a process")
    expect(page.locator("#step")).to_contain_text("sleep 1000 &")
    expect(page.locator("#stage")).to_be_hidden()
    page.get_by_role("link", name="Next step").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A root filesystem of its own")


def tab_to(tab: Tab, what: str) -> None:
    """Press the Tab key until this has the focus."""
    for _ in range(20):
        if tab.page.locator(what).count():
            return
        tab.page.keyboard.press("Tab")
    raise AssertionError(f"{what} is not reached by the Tab key")


def test_by_keyboard_alone(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    press = tab.page.keyboard.press
    tab.page.reload()  # the focus is at the start of the page
    tab.wait_for_prompt()
    press("Tab")
    press("Tab")
    expect(tab.page.locator(":focus")).to_have_text("Skip to the terminal")
    press("Enter")
    tab_to(tab, ".xterm-helper-textarea:focus")
    tab.page.keyboard.type("echo typed-$((1+1))\n")
    tab.wait_for_text("typed-2")
    press("F6")
    expect(tab.page.locator(":focus")).to_have_id("main")
    press("Tab")
    expect(tab.page.locator("#main :focus")).to_have_count(1)
    press("F6")
    expect(tab.page.locator(":focus")).to_have_class("xterm-helper-textarea")
    press("F6")
    tab_to(tab, '[data-action="run"]:focus')
    press("Enter")
    tab.wait_until_done()


def test_jumps_within_the_page_load_nothing(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.next_step()
    tab.page.evaluate("document.getElementById('step').dataset.seen = ''")
    asked: list[str] = []
    tab.page.on("request", lambda request: asked.append(request.url) if "/lessons/" in request.url else None)
    skip = tab.page.get_by_role("link", name="Skip to the terminal")
    skip.focus()
    skip.press("Enter")
    expect(tab.page).to_have_url(re.compile("#stage$"))
    tab.page.go_back()
    expect(tab.page).to_have_url(re.compile("20-a-root-filesystem/$"))
    assert tab.step.get_attribute("data-seen") == "" and asked == []
    tab.page.go_back()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("It starts with a process")
    assert tab.at_prompt, "the terminal stays"


def test_on_a_phone(visit: Visit) -> None:
    tab = visit(**PHONE).tab
    tab.go("/")
    width = "document.documentElement.scrollWidth"
    assert tab.page.evaluate(width) == 390
    tab.page.get_by_role("heading", name="What is a container?").get_by_role("link").tap()
    tab.wait_for_prompt()
    assert tab.page.evaluate(width) == 390
    tab.run_blocks()[0].get_by_role("button", name="Run").tap()
    tab.wait_until_done()
    screen = tab.page.locator(".xterm-screen").bounding_box()
    assert screen and screen["height"] > 100 and screen["y"] + screen["height"] <= 844
    keys = tab.terminal.get_by_role("group", name="Keys that a screen keyboard lacks")
    keys.get_by_role("button", name="Up").tap()
    tab.until(lambda: tab.text.endswith("sleep 1000 &"), "the command before, by the arrow key")
    keys.get_by_role("button", name="Ctrl-C").tap()
    tab.wait_for_text("^C")


def test_pages_that_are_not_there(visitor: Visitor) -> None:
    visitor.expect_complaints("404")
    for path in ("/nothing", "/lessons/nothing/", f"/lessons/{LESSON}/nothing/"):
        visitor.tab.go(path)
        expect(visitor.tab.page.get_by_role("heading", level=1)).to_have_text("This page does not exist")
    visitor.tab.page.get_by_role("link", name="All lessons").last.click()
    expect(visitor.tab.page.get_by_role("heading", name="Lessons")).to_be_visible()


def test_light_and_dark(visitor: Visitor) -> None:
    page = visitor.tab.page
    visitor.tab.go("/")
    colour = "getComputedStyle(document.body).backgroundColor"
    before = page.evaluate(colour)
    page.get_by_role("button", name="Switch between light and dark").click()
    visitor.tab.until(lambda: page.evaluate(colour) != before, "the other colours")
    other = page.evaluate(colour)
    page.reload()
    assert page.evaluate(colour) == other


@pytest.fixture
def authors(browser: Browser) -> Iterator[tuple[Lab, Path]]:
    """A lab for authors, with a copy of the course that it serves."""
    folder = Path("/var/tmp") / f"lab-course-{id(browser):x}"
    shutil.copytree(SOURCE / "lessons" / "content", folder)
    try:
        with running_lab(LAB_LESSONS=str(folder), LAB_DEBUG="1") as lab:
            yield lab, folder
    finally:
        shutil.rmtree(folder)


def test_a_lesson_broken_while_it_is_served(authors: tuple[Lab, Path], visit: Visit) -> None:
    lab, folder = authors
    tab = visit(lab.url).tab
    step = folder / LESSON / "10-a-process" / "step.md"
    good = step.read_text()
    tab.open_lesson("10-a-process")
    step.write_text(good.replace("title: It starts with a process", "title: It begins with a process"))
    heading = tab.page.get_by_role("heading", level=1)
    expect(heading).to_have_text("It begins with a process")
    assert tab.at_prompt, "the terminal stays when the text changes"
    step.write_text(good.replace("```run", "```rum"))
    home = visit(lab.url).tab
    home.go("/")
    expect(home.page.locator(".problems")).to_contain_text(re.compile(r"10-a-process/step\.md.*rum"))
    tab.page.reload()
    expect(heading).to_have_text("It begins with a process")
    expect(tab.run_blocks()[0]).to_contain_text("sleep 1000 &")
    step.write_text(good)
    expect(heading).to_have_text("It starts with a process")
    expect(home.page.locator(".problems")).to_have_count(0)


def test_strangers_are_asked_for_the_code(browser: Browser) -> None:
    with running_lab(HOST="0.0.0.0") as lab:
        visitor = Visitor(browser, lab.url)
        visitor.expect_complaints("403")
        tab = visitor.tab
        tab.go(f"/lessons/{LESSON}/10-a-process/")
        expect(tab.page.get_by_role("heading", level=1)).to_have_text("Enter the lab")
        field = tab.page.get_by_label("Code")
        field.fill("wrong")
        field.press("Enter")
        expect(tab.page.get_by_role("alert")).to_contain_text("not the code")
        field.fill(lab.paths.code.read_text().strip())
        field.press("Enter")
        tab.wait_for_prompt()
        visitor.leave()
        assert visitor.complaints() == []
