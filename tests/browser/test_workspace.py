"""Several terminals: tabs, a split, windows of their own, and where a lesson's commands go."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Locator, expect

from lab.setup.plan import SOURCE
from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab, running_lab

STEP = """

```run terminal=server
echo here-$((6*7)); sleep 4711
```

```run terminal=server interrupt
echo again-$((6*8))
```
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    """A lab whose first step also types into a second terminal."""
    folder = Path("/var/tmp") / f"lab-workspace-{id(STEP):x}"
    shutil.copytree(SOURCE / "lessons" / "content", folder)
    try:
        step = folder / "010-what-is-a-container" / "10-a-process" / "step.md"
        step.write_text(step.read_text() + STEP)
        with running_lab(LAB_LESSONS=str(folder)) as found:
            yield found
    finally:
        shutil.rmtree(folder)


def button(tab: Tab, name: str) -> Locator:
    """One of the workspace's buttons that can be seen now; of two strips', the second's."""
    return (
        tab.page.locator(".workspace")
        .get_by_role("button", name=name, exact=True)
        .locator("visible=true")
        .last
    )


def titles(tab: Tab) -> list[str]:
    return tab.page.locator(".tab-title").all_inner_texts()


def shown(tab: Tab) -> list[str]:
    """The names of the terminals that can be seen."""
    found = tab.page.locator("lab-terminal:visible").all()
    return [terminal.get_attribute("name") or "" for terminal in found]


def tab_button(tab: Tab, title: str) -> Locator:
    return tab.page.get_by_role("tab", name=title)


def open_terminal(tab: Tab, name: str) -> Tab:
    """Click on the plus; the new terminal, at its prompt."""
    tab.page.get_by_role("button", name="New terminal").locator("visible=true").first.click()
    made = tab.at(name)
    made.wait_for_prompt()
    return made


def test_tabs_a_split_names_and_a_reload(visitor: Visitor, visit: Visit) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.command("echo first-$((1+1))")
    second = open_terminal(tab, "t2")
    assert shown(tab) == ["t2"]
    second.command("cd /tmp; echo second-$((1+2))")
    tab_button(tab, "Terminal 2").dblclick()
    tab.page.get_by_label("Name of this tab").fill("Sërver ✓")
    tab.page.keyboard.press("Enter")
    assert titles(tab) == ["Terminal 1", "Sërver ✓"]
    button(tab, "Split").click()
    tab.until(lambda: shown(tab) == ["main", "t2"], "both terminals")
    before = second.terminal.bounding_box()
    tab.page.get_by_role("separator", name="Size of the two panes").press("Home")
    tab.until(lambda: second.terminal.bounding_box() != before, "another size")
    small, large = (one.terminal.bounding_box() for one in (tab, second))
    assert small and large and small["height"] < large["height"] / 3
    assert "/tmp" in second.command("pwd"), "the terminals are not two"
    assert "/root" in tab.command("pwd")
    tab.page.wait_for_timeout(600)  # what is drawn is told to the server once it has come to rest
    tab.page.reload()
    for one, part in ((tab, "first-2"), (second, "second-3")):
        one.wait_for_prompt()
        one.wait_for_text(part)
    assert (titles(tab), shown(tab)) == (["Terminal 1", "Sërver ✓"], ["main", "t2"])
    again = tab.terminal.bounding_box()
    assert again and abs(again["height"] - small["height"]) < 2

    other = visit(storage_state={"cookies": visitor.context.cookies(), "origins": []})
    other.tab.go("/lessons/010-what-is-a-container/10-a-process/")
    there = other.tab.at("t2")
    there.wait_for_state("taken")
    other.tab.wait_for_state("taken")
    there.terminal.get_by_role("button", name="Use it here").click()  # one click takes all of them
    other.tab.wait_for_prompt()
    there.wait_for_text("second-3")
    assert (titles(other.tab), shown(other.tab)) == (["Terminal 1", "Sërver ✓"], ["main", "t2"])
    there.wait_for_prompt()
    assert "/tmp" in there.command("pwd")
    second.wait_for_state("taken")
    button(other.tab, "End the split").click()
    other.tab.until(lambda: shown(other.tab) == ["t2"], "one pane")
    open_terminal(other.tab, "t3")
    tab.until(lambda: "Terminal 3" in titles(tab), "the new tab in the first browser")
    assert not tab.ask("document.querySelector('lab-terminal[name=t3]').sandbox"), "it was taken unasked"


def test_two_panes_are_shown_as_there_is_room_for_them(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.page.set_viewport_size({"width": 1000, "height": 1000})
    tab.open_lesson("10-a-process")
    second = open_terminal(tab, "t2")
    button(tab, "Split").click()
    tab.until(lambda: shown(tab) == ["main", "t2"], "both terminals")
    tab.page.set_viewport_size({"width": 900, "height": 560})
    tab.until(lambda: beside(tab, second), "both beside each other, where they would be too low")
    for one in (tab, second):
        assert one.ask(f"document.querySelector('{one.selector}').rows") >= 3
    tab.page.set_viewport_size({"width": 1000, "height": 380})
    tab.page.evaluate("document.querySelector('.bench').style.setProperty('--split', '75%')")
    tab.until(lambda: len(shown(tab)) == 1, "one, where there is no room for two")
    tab.page.set_viewport_size({"width": 1400, "height": 1000})
    tab.until(lambda: shown(tab) == ["main", "t2"], "both again")


def beside(one: Tab, other: Tab) -> bool:
    """Whether one terminal is seen to the left of the other."""
    boxes = [each.terminal.bounding_box() for each in (one, other)]
    return bool(boxes[0] and boxes[1] and boxes[0]["y"] == boxes[1]["y"] and boxes[0]["x"] < boxes[1]["x"])


def test_the_keyboard_alone(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    open_terminal(tab, "t2")
    press = tab.page.keyboard.press
    press("Shift+F6")
    expect(tab_button(tab, "Terminal 2")).to_be_focused()
    press("ArrowRight")
    expect(tab_button(tab, "Terminal 1")).to_be_focused()
    assert shown(tab) == ["main"]
    press("End")
    press("F2")
    tab.page.keyboard.type("Logs")
    press("Enter")
    expect(tab_button(tab, "Logs")).to_be_focused()
    press("F2")
    tab.page.keyboard.type("Never")
    press("Escape")
    assert titles(tab) == ["Terminal 1", "Logs"]
    press("Enter")
    tab.page.keyboard.type("echo into-$((3+4))\n")
    tab.at("t2").wait_for_text("into-7")
    press("Shift+F6")
    press("Delete")
    tab.until(lambda: titles(tab) == ["Terminal 1"], "the closed tab's end")
    expect(tab_button(tab, "Terminal 1")).to_be_focused()
    press("Delete")
    assert titles(tab) == ["Terminal 1"], "the last terminal was closed"


def in_pane(tab: Tab, pane: int) -> list[str]:
    """The titles of a pane's tabs."""
    return tab.page.locator(f'.strip[data-strip="{pane}"] .tab-title').all_inner_texts()


def test_tabs_are_dragged(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.command("echo kept-$((1+1))")
    open_terminal(tab, "t2")
    open_terminal(tab, "t3")
    drag = tab.page.drag_and_drop
    drag('[data-tab="t3"] .tab-title', '[data-tab="main"] .tab-lamp')
    tab.until(lambda: titles(tab) == ["Terminal 3", "Terminal 1", "Terminal 2"], "another order")
    drag('[data-tab="main"] .tab-title', 'lab-terminal[name="t3"] .term-screen')
    tab.until(lambda: in_pane(tab, 1) == ["Terminal 1"], "a split")
    drag('[data-tab="t2"] .tab-title', 'lab-terminal[name="main"] .term-screen')
    tab.until(lambda: in_pane(tab, 1) == ["Terminal 1", "Terminal 2"], "the second tab there")
    drag('[data-tab="t3"] .tab-title', '.strip[data-strip="1"] [data-tab="main"] .tab-lamp')
    tab.until(lambda: in_pane(tab, 0) == ["Terminal 3", "Terminal 1", "Terminal 2"], "one pane again")
    assert tab.page.locator("[data-drop]").count() == 0
    tab_button(tab, "Terminal 1").click()
    assert "kept-2" in tab.text, "a terminal that was moved began anew"
    bar = tab.page.get_by_role("separator", name="Size of the two panes")
    button(tab, "Split").click()
    before = tab.terminal.bounding_box()
    box = bar.bounding_box()
    assert box
    tab.page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 2)
    tab.page.mouse.down()
    tab.page.mouse.move(900, 250)
    tab.page.mouse.up()
    tab.until(lambda: tab.terminal.bounding_box() != before, "another size")
    box = bar.bounding_box()
    assert box and abs(box["y"] - 250) < 4, box


def test_a_terminal_out_of_sight_says_that_something_happened(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.keys("sleep 1; echo done-$((1+1))\n")
    open_terminal(tab, "t2")
    mark = tab.page.locator('.tab[data-tab="main"]')
    expect(mark).to_have_attribute("data-mark", "activity")
    assert "new was printed" in (tab_button(tab, "Terminal 1").get_attribute("aria-label") or "")
    tab_button(tab, "Terminal 1").click()
    tab.wait_for_text("done-2")
    expect(mark).not_to_have_attribute("data-mark", "activity")


def in_sandbox(lab: Lab, tab: Tab, *argv: str) -> str:
    key = tab.page.evaluate("document.querySelector('lab-terminal').sandbox")
    return lab.manage("sandbox", "run", key, "--", *argv).stdout


def test_a_closed_terminal_leaves_nothing_behind(visitor: Visitor, lab: Lab) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    second = open_terminal(tab, "t2")
    second.keys("sleep 4321 & sleep 4322\n")
    tab.until(lambda: "sleep 4322" in in_sandbox(lab, tab, "ps", "-eo", "args"), "the program")
    tab.until(
        lambda: second.ask("document.querySelector('lab-terminal[name=t2]').atPrompt") is False, "a program"
    )
    close = tab.page.get_by_role("button", name="Close Terminal 2")
    close.click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Keep it open").click()
    assert titles(tab) == ["Terminal 1", "Terminal 2"]
    tab_button(tab, "Terminal 2").click(button="middle")
    tab.page.get_by_role("dialog").get_by_role("button", name="Close").click()
    tab.until(lambda: titles(tab) == ["Terminal 1"], "the tab's end")
    tab.until(lambda: "sleep 432" not in in_sandbox(lab, tab, "ps", "-eo", "args"), "the programs' end")
    logins = in_sandbox(lab, tab, "ps", "-eo", "args").splitlines().count("/bin/bash -l")
    assert logins == 1, "a login shell for the terminal that is left, and no other"


CONTEXTS = """
globalThis.contexts = new Set();
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  const context = getContext.call(this, kind, ...rest);
  if (kind === "webgl2" && context) contexts.add(context);
  return context;
};
"""
"""Notes all that draw on the graphics card, of which a browser allows a page about sixteen."""


def drawing(tab: Tab) -> int:
    """How many contexts of the graphics card the page holds."""
    return int(tab.ask("[...contexts].filter((context) => !context.isContextLost()).length"))


def test_eight_terminals_and_no_ninth(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.page.add_init_script(CONTEXTS)
    tab.open_lesson("10-a-process")
    for number in range(2, 9):
        open_terminal(tab, f"t{number}")
    tab.until(lambda: drawing(tab) == 1, "only the terminal that is seen to draw on the card")
    button(tab, "Split").click()
    tab.until(lambda: drawing(tab) == 2, "both that are seen to do so")
    button(tab, "End the split").click()
    tab.page.reload()
    tab.at("t8").wait_for_prompt()
    tab.until(lambda: drawing(tab) == 1, "the same after a reload")
    tab.page.get_by_role("button", name="New terminal").first.click()
    notice = tab.page.get_by_role("alert").filter(has_text="8 terminals at most")
    expect(notice).to_be_visible()
    assert len(titles(tab)) == 8
    notice.get_by_role("button", name="OK").click()
    expect(notice).to_be_hidden()
    tab.page.get_by_role("button", name="Close Terminal 5").click()
    tab.until(lambda: len(titles(tab)) == 7, "the tab's end")
    tab.page.wait_for_timeout(500)
    open_terminal(tab, "t5")
    assert len(titles(tab)) == 8


def test_a_command_for_another_terminal(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    blocks = tab.run_blocks()
    expect(blocks[-2].get_by_role("button", name="Run")).to_have_text("Run in server")
    blocks[-2].get_by_role("button", name="Run").click()
    server = tab.at("server")
    server.wait_for_text("\nhere-42")
    assert (titles(tab), shown(tab)) == (["Terminal 1", "server"], ["server"])
    assert "here-42" not in tab.text
    blocks[0].get_by_role("button", name="Run").click()
    tab.until(lambda: shown(tab) == ["main"], "the first terminal")
    tab.wait_for_text("sleep 1000")
    tab.wait_until_done()
    tab_button(tab, "server").click()
    blocks[-1].get_by_role("button", name="Run").click()
    server.wait_for_text("\nagain-48")


def test_a_window_of_its_own(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.page.evaluate("document.querySelector('.run [data-action=run]').scrollIntoView()")
    server = tab.at("server")
    tab.run_blocks()[-2].get_by_role("button", name="Run").click()
    server.wait_for_text("\nhere-42")
    with tab.page.expect_popup() as opened:
        button(tab, "Open in its own window").click()
    away = Tab(opened.value, tab.url, "server")
    away.wait_for_text("here-42")
    away.wait_for_state("connected")
    expect(tab.page.get_by_text("In its own window")).to_be_visible()
    tab.until(lambda: away.ask("document.querySelector('lab-terminal').atPrompt") is False, "a program")
    tab.page.wait_for_timeout(2500)  # the window says what it does when it is asked, every two seconds
    tab.page.get_by_role("button", name="Close server").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Keep it open").click()
    assert away.page.title().strip() == "server"
    tab.run_blocks()[-1].get_by_role("button", name="Run").click()
    away.wait_for_text("\nagain-48")
    tab.page.reload()
    tab.wait_for_prompt()
    expect(tab.page.get_by_text("In its own window")).to_be_visible()
    away.command("echo still-$((7*7))")
    away.page.close(run_before_unload=True)
    expect(tab.page.get_by_text("In its own window")).to_be_hidden()
    server.wait_for_text("still-49")
    server.command("echo back-$((7*8))")
    with tab.page.expect_popup() as opened:
        button(tab, "Open in its own window").click()
    Tab(opened.value, tab.url, "server").wait_for_state("connected")
    with opened.value.expect_event("close"):
        button(tab, "Bring back").click()
    server.wait_for_text("back-56")
    assert "60" in server.command("echo $((60))")


def test_a_window_that_the_browser_does_not_allow(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.page.evaluate("window.open = () => null")
    button(tab, "Open in its own window").click()
    expect(tab.page.get_by_role("alert").filter(has_text="did not allow the new window")).to_be_visible()
    tab.command("echo on")


def test_a_phone_has_one_pane(visit: Visit) -> None:
    visitor = visit(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    second = open_terminal(tab, "t2")
    assert shown(tab) == ["t2"]
    expect(button(tab, "Split")).to_have_count(0)
    tab_button(tab, "Terminal 1").tap()
    tab.until(lambda: shown(tab) == ["main"], "the first terminal")
    assert second.state == "connected"
