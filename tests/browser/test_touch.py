"""The terminal on a phone: the key row, fingers, and the screen keyboard."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.test_faults import PHONE
from tests.browser.test_feel import menu_item
from tests.browser.test_terminal import numbers
from tests.browser.visitor import Tab

KEYBOARD = """
height => {
  Object.defineProperty(visualViewport, "height", { configurable: true, get: () => height });
  Object.defineProperty(visualViewport, "offsetTop", { configurable: true, get: () => 40 });
  visualViewport.dispatchEvent(new Event("resize"));
}
"""


def key(tab: Tab, name: str) -> Locator:
    row = tab.terminal.get_by_role("group", name="Keys that a screen keyboard lacks")
    return row.get_by_role("button", name=name, exact=True)


class Finger:
    """One finger, by Chromium's own protocol."""

    def __init__(self, tab: Tab) -> None:
        self.session = tab.page.context.new_cdp_session(tab.page)

    def send(self, kind: str, *points: tuple[float, float]) -> None:
        touches = [{"x": x, "y": y} for x, y in points]
        self.session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": touches})


def test_ctrl_holds_for_one_key_or_until_it_is_let_go(visit: Visit) -> None:
    tab = visit(**PHONE).tab
    tab.open_lesson()
    tab.keys("sleep 1000\n")
    tab.until(lambda: not tab.at_prompt, "its start")
    key(tab, "Ctrl").tap()
    expect(key(tab, "Ctrl")).to_have_attribute("aria-pressed", "true")
    tab.keys("c")
    tab.wait_for_prompt()
    expect(key(tab, "Ctrl")).to_have_attribute("aria-pressed", "false")
    tab.keys("cc")
    tab.until(lambda: tab.text.endswith("cc"), "plain letters again")
    key(tab, "Ctrl").dblclick()
    expect(key(tab, "Ctrl")).to_have_attribute("data-held", "locked")
    tab.keys("u")
    tab.until(lambda: not tab.text.endswith("cc"), "the line's end by Ctrl-U")
    expect(key(tab, "Ctrl")).to_have_attribute("data-held", "locked")
    key(tab, "Ctrl").tap()
    for name in ("Vertical bar", "Slash", "Dash", "Tilde"):
        key(tab, name).tap()
    tab.until(lambda: tab.text.endswith("|/-~"), "the signs")


def test_an_arrow_that_is_held_repeats(visit: Visit) -> None:
    tab = visit(**PHONE).tab
    tab.open_lesson()
    for number in range(12):
        tab.command(f"true {number}")
    where = key(tab, "Up").bounding_box()
    assert where
    tab.page.mouse.move(where["x"] + 10, where["y"] + 10)
    tab.page.mouse.down()
    tab.until(lambda: tab.text.endswith("true 3"), "older and older commands")
    tab.page.mouse.up()
    stays = tab.text.splitlines()[-1]
    tab.page.wait_for_timeout(300)
    assert tab.text.splitlines()[-1] == stays, "it goes on without a finger"


def test_a_swipe_scrolls_and_a_long_press_selects(visit: Visit) -> None:
    tab = visit(**PHONE, permissions=["clipboard-read", "clipboard-write"]).tab
    tab.open_lesson()
    tab.command("clear; seq 200; echo chosen-word and more")
    box = tab.page.locator(".xterm-screen").bounding_box()
    assert box
    rows = tab.page.locator(".xterm-rows")
    finger = Finger(tab)
    x, y = box["x"] + 20, box["y"] + 30
    finger.send("touchStart", (x, y))
    for step in range(1, 9):
        finger.send("touchMove", (x, y + 12 * step))
    finger.send("touchEnd")
    scrolled = "document.querySelector('lab-terminal').scrolled"
    tab.until(lambda: tab.page.evaluate(scrolled) > 2, "older lines")
    finger.send("touchStart", (x, y + 96))
    for step in range(1, 12):
        finger.send("touchMove", (x, y + 96 - 12 * step))
    finger.send("touchEnd")
    tab.until(lambda: tab.page.evaluate(scrolled) == 0, "the newest lines")
    lines = tab.text.splitlines()
    shown = len(numbers("\n".join(lines)))
    assert shown == 200 and rows is not None
    height = box["height"] / tab.page.evaluate("document.querySelector('lab-terminal').rows")
    row = box["y"] + box["height"] - height * 1.5
    finger.send("touchStart", (box["x"] + 15, row))
    tab.page.wait_for_timeout(700)
    finger.send("touchEnd")
    menu_item(tab, "Copy").tap()
    tab.until(lambda: tab.page.evaluate("navigator.clipboard.readText()") == "chosen-word", "the word")


def test_the_terminal_fills_what_the_screen_keyboard_leaves(visit: Visit) -> None:
    tab = visit(**PHONE).tab
    tab.open_lesson()
    tab.page.locator(".xterm-helper-textarea").focus()
    tab.page.evaluate(KEYBOARD, 460)
    tab.until(lambda: tab.terminal.get_attribute("data-typing") is not None, "more room")
    box = tab.terminal.bounding_box()
    assert box and (box["x"], box["y"], box["width"], box["height"]) == (0, 40, 390, 460)
    row = key(tab, "Tab").bounding_box()
    assert row and 440 < row["y"] + row["height"] <= 500, "the key row is above the keyboard"
    tab.page.evaluate(KEYBOARD, 844)
    tab.until(lambda: tab.terminal.get_attribute("data-typing") is None, "the page as it was")
    size = tab.page.locator(".xterm-helper-textarea").evaluate(
        "area => parseFloat(getComputedStyle(area).fontSize)"
    )
    assert size >= 16, "phones zoom in on fields with smaller letters"
