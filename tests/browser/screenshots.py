"""`make screenshots`: the pages of a running lab as people see them, light and dark, large and small.

Pictures go to ./screenshots, named PAGE-SIZE-THEME.png. docs/images/lesson.png is lesson-done-desktop-dark.png.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from playwright.sync_api import Locator

from lab.setup.plan import SOURCE
from tests.browser.chromium import chromium
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab, running_lab

FOLDER = SOURCE / "screenshots"
SIZES: dict[str, dict[str, Any]] = {
    "desktop": {"viewport": {"width": 1440, "height": 900}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
THEMES = ("light", "dark")


def main() -> int:
    FOLDER.mkdir(exist_ok=True)
    with running_lab(HOST="0.0.0.0") as lab, chromium() as browser:  # open to others: it asks for its code
        for size, options in SIZES.items():
            for theme in THEMES:
                visitor = Visitor(browser, lab.url, color_scheme=theme, **options)
                for page in walk(lab, visitor):
                    file = FOLDER / f"{page}-{size}-{theme}.png"
                    visitor.tab.page.screenshot(path=file, animations="disabled")
                    print(file.relative_to(SOURCE), flush=True)
                visitor.leave()
    return 0


def walk(lab: Lab, visitor: Visitor) -> Iterator[str]:
    """Go through the lab, and stop at each page worth a picture; the pages' names."""
    tab = visitor.tab
    tab.go("/")
    tab.page.get_by_label("Code").fill("wrong-code")
    tab.page.get_by_role("button", name="Enter").click()
    tab.page.get_by_role("alert").wait_for()
    yield "enter"
    tab.page.get_by_label("Code").fill(lab.paths.code.read_text().strip())
    tab.page.get_by_role("button", name="Enter").click()
    tab.page.get_by_role("heading", name="Lessons").wait_for()
    yield "home"
    tab.page.get_by_role("heading", name="What is a container?").get_by_role("link").click()
    tab.until(lambda: tab.page.locator('[data-part="panel-steps"] li').count() > 2, "some steps", 60)
    yield "lesson-preparing"
    tab.wait_for_prompt()
    yield "lesson-fresh"
    tab.page.get_by_role("button", name="Check", exact=True).click()
    tab.until(lambda: tab.step.get_attribute("data-check") == "not-yet", "the hint")
    yield "lesson-hint"
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done()
    tab.open_lesson("70-docker-run")
    blocks = tab.run_blocks()
    tab.click_run(blocks[0])
    scroll_to(tab, 0)
    yield "lesson-docker"
    for block in blocks[1:]:
        tab.click_run(block)
    tab.wait_until_done()
    scroll_to(tab, 1)
    yield "lesson-done"
    yield from terminals(tab)
    seen(tab, "Start a fresh sandbox").click()
    tab.page.get_by_role("dialog").wait_for()
    yield "lesson-reset"
    tab.page.get_by_role("button", name="Keep this one").click()
    tab.keys("exit 3\n")
    tab.wait_for_state("ended")
    yield "lesson-ended"
    tab.go("/")
    yield "home-started"
    yield from questions(tab)
    yield from own(tab)
    tab.go("/lessons/nothing/")
    yield "not-found"


def terminals(tab: Tab) -> Iterator[str]:
    """A preview beside the terminal, a second terminal, and the way to let others watch."""
    tab.command("docker run -d --name site -p 8080:80 nginx:1.26", 60)
    tab.page.locator("lab-ports").get_by_role("button", name="Open beside").click()
    frame = tab.page.frame_locator("lab-preview iframe")
    frame.get_by_role("heading", name="Welcome to nginx!").wait_for()
    yield "lesson-preview"
    tab.page.get_by_role("button", name="Close Port 8080").click()
    seen(tab, "New terminal").click()
    second = tab.at("t2")
    second.wait_for_prompt()
    second.command("docker ps")
    yield "lesson-two-terminals"
    seen(tab, "Let others watch").click()
    tab.page.get_by_role("button", name="Make a link").click()
    link = tab.page.get_by_label("Link", exact=True)
    tab.until(lambda: link.input_value() != "", "the link")
    yield "lesson-share"
    tab.page.locator('[data-part="share"]').get_by_role("button", name="Close").click()
    tab.page.get_by_role("tab", name="Terminal 1").click()


def questions(tab: Tab) -> Iterator[str]:
    """A prediction with what was true, a file that is edited, and a question with an answer that is wrong."""
    tab.go("/lessons/020-container-components/10-one-image/")
    tab.until(lambda: tab.state in ("connected", "ended"), "the terminal")
    if tab.state == "ended":
        tab.keys("\n")
    tab.wait_for_prompt()
    tab.click_run(tab.run_blocks()[0])
    form = tab.page.locator("form.question").first
    form.locator(".option").first.click()
    form.get_by_role("button").click()
    form.locator(".question-truth").wait_for()
    center(form)
    yield "lesson-predict"
    tab.go("/lessons/020-container-components/40-written-down/")
    tab.wait_for_prompt()
    file = tab.page.locator("form.file").last
    file.get_by_role("textbox").press("Control+End")
    file.get_by_role("textbox").press_sequentially("# mine")
    center(file)
    yield "lesson-file"
    tab.go("/lessons/020-container-components/70-and-elsewhere/")
    tab.wait_for_prompt()
    form = tab.page.locator("form.question").first
    form.locator(".option").nth(2).click()
    form.get_by_role("button").click()
    form.locator('[data-part="says"]', has_text="Not yet.").wait_for()
    center(form)
    yield "lesson-quiz"
    tab.page.locator("a[data-outline]").locator("visible=true").first.click()
    tab.page.locator("#outline").wait_for()
    yield "lesson-outline"
    tab.page.keyboard.press("Escape")


def own(tab: Tab) -> Iterator[str]:
    """What the learner has done and written, a code for another device, and the question before all is erased."""
    tab.go("/lessons/010-what-is-a-container/20-a-root-filesystem/")
    tab.page.get_by_text("My notes on this step").click()
    area = tab.page.get_by_label("Notes on this step")
    area.fill("chroot changes what / means for a process, and nothing else: ps still shows everything.")
    tab.page.locator(".note-status", has_text="Saved.").wait_for()
    area.scroll_into_view_if_needed()
    yield "lesson-note"
    tab.go("/progress/")
    yield "progress"
    tab.page.get_by_role("button", name="Make a code").click()
    tab.page.locator('[data-part="code"]').scroll_into_view_if_needed()
    yield "progress-code"
    tab.page.get_by_role("link", name="Erase my data").click()
    yield "erase"


def seen(tab: Tab, name: str) -> Locator:
    """The button of that name that is shown."""
    return tab.page.get_by_role("button", name=name).locator("visible=true").first


def scroll_to(tab: Tab, block: int) -> None:
    """Bring one of the step's commands to the middle of the text."""
    center(tab.run_blocks()[block])


def center(part: Locator) -> None:
    """Bring a part of the text to its middle."""
    part.evaluate("part => part.scrollIntoView({ block: 'center' })")


if __name__ == "__main__":
    sys.exit(main())
