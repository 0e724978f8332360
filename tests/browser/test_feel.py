"""How the terminal feels under the hands: pasting, copying, finding, letters' size, the bell, states."""

from __future__ import annotations

import hashlib
import json
import random
import re
from typing import Any

import pytest
from playwright.sync_api import Locator, WebSocketRoute, expect

from tests.browser.conftest import Visit
from tests.browser.test_terminal import CLIPBOARD, PASTE, clipboard, put_on_clipboard, stty
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab

NO_CLIPBOARD = "Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })"
HIDE = """
hidden => {
  Object.defineProperty(document, "hidden", { configurable: true, get: () => hidden });
  document.dispatchEvent(new Event("visibilitychange"));
}
"""


def paste(tab: Tab, text: str) -> None:
    put_on_clipboard(tab, text)
    tab.page.locator(".xterm-helper-textarea").focus()
    tab.page.keyboard.press(PASTE)


def paste_dialog(tab: Tab) -> Locator:
    return tab.page.get_by_role("dialog", name="Paste")


def menu_item(tab: Tab, item: str) -> Locator:
    menu = tab.page.get_by_role("menu", name="Terminal")
    return menu.locator("button", has_text=re.compile(f"^\\s*{item}"))


def choose(tab: Tab, item: str) -> None:
    """Right-click on the terminal and choose from its menu."""
    tab.page.locator(".xterm-screen").click(button="right", position={"x": 200, "y": 60})
    menu_item(tab, item).click()


def start(tab: Tab, command: str) -> None:
    """Type a command that stays."""
    commands = tab.count("command")
    tab.keys(f"{command}\n")
    tab.until(lambda: tab.count("command") > commands, f"the start of {command!r}")


def test_many_lines_for_a_program_that_would_run_them(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    start(tab, "cat")
    paste(tab, "one line\n")
    tab.wait_for_text("one line\none line")
    paste(tab, "alpha\nbeta\n" + "more\n" * 50)
    dialog = paste_dialog(tab)
    expect(dialog).to_contain_text("Paste 52 lines?")
    expect(dialog).to_contain_text("beta")
    expect(dialog).to_contain_text("and 46 more")
    dialog.get_by_role("button", name="Cancel").click()
    tab.keys("still here\n")
    tab.wait_for_text("still here\nstill here")
    assert "alpha" not in tab.text
    paste(tab, "alpha\n  beta\\\n gamma\n")
    dialog.get_by_role("button", name="Paste as one line").click()
    tab.wait_for_text("alpha beta gamma")  # a key pressed within the same millisecond may overtake it
    tab.keys("\n")
    tab.wait_for_text("alpha beta gamma\nalpha beta gamma")
    paste(tab, "delta\nepsilon\n")
    tab.page.keyboard.press("Enter")  # Paste is what has the focus
    tab.until(lambda: tab.text.count("epsilon") == 2, "both lines, each echoed and repeated")
    assert tab.text.count("delta") == 2
    paste(tab, "zeta\x04")
    expect(dialog).to_contain_text("control characters")
    expect(dialog).to_contain_text("zeta^D")
    tab.page.keyboard.press("Escape")
    tab.keys("after\n")
    tab.wait_for_text("after\nafter")
    assert "zeta" not in tab.text


def test_a_paste_cannot_leave_its_brackets(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    paste(
        tab,
        "echo safe \x1b[201~\ntouch ~/escaped\n\x03\ntouch ~/escaped\n\x1b[2\x1b[201~01~\ntouch ~/escaped\n",
    )
    tab.wait_for_text("touch ~/escaped")
    expect(tab.terminal.locator('[data-part="said"]')).to_contain_text("4 control characters were left out")
    tab.page.keyboard.press("Control+U")  # bash may not notice Control+C while it draws a long line
    assert "No such file" in tab.command("clear; ls ~/escaped")


def test_a_paste_cut_in_the_middle_arrives_once_and_whole(visit: Visit, lab: Lab) -> None:
    visitor = visit(permissions=CLIPBOARD)
    visitor.expect_complaints("WebSocket connection")
    tab = visitor.tab
    tab.open_lesson()
    chance = random.Random(2)
    text = "".join(
        "".join(chance.choices("abcdefghijklmnopqrstuvwxyz äß€", k=70)) + "\n" for _ in range(62_000)
    )
    assert len(text.encode()) > 4_500_000
    tab.page.evaluate(
        "addEventListener('terminal-state', ({detail}) => { globalThis.state = detail.state; "
        "if (detail.state === 'lost') globalThis.cut = true; }, true)"
    )
    start(tab, "stty -echo; cat > ~/pasted; stty echo")
    paste(tab, text)
    expect(paste_dialog(tab)).to_contain_text("62,000 lines, 4.4 MB")
    paste_dialog(tab).get_by_role("button", name="Paste", exact=True).click()
    bar = tab.terminal.get_by_role("progressbar", name="Pasting")
    tab.until(
        lambda: bar.get_attribute("value") and float(bar.evaluate("bar => bar.value")) > 20, "a part of it"
    )
    lab.kill("web")
    tab.until(lambda: tab.page.evaluate("globalThis.cut"), "the cut")
    expect(bar).to_be_hidden(timeout=60_000)
    tab.page.keyboard.press("Control+D")
    tab.wait_for_prompt()
    assert hashlib.sha256(text.encode()).hexdigest() in tab.command("sha256sum ~/pasted")


def test_a_paste_can_be_stopped(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    # one process: a loop of bash's may survive Ctrl-C
    start(tab, "perl -ne 'select undef, undef, undef, 0.02'")
    paste(tab, ("x" * 999 + "\n") * 400)
    paste_dialog(tab).get_by_role("button", name="Paste", exact=True).click()
    progress = tab.terminal.locator('[data-part="progress"]')
    expect(progress).to_contain_text(re.compile(r"Pasting… [12]\d %"))
    progress.get_by_role("button", name="Stop").click()
    expect(progress).to_be_hidden()
    expect(tab.terminal.locator('[data-part="said"]')).to_contain_text("rest of the paste was left out")
    tab.page.locator(".xterm-helper-textarea").focus()
    tab.page.keyboard.press("Control+C")
    tab.wait_for_prompt()
    assert tab.state == "connected"


def test_a_line_that_only_the_width_broke_is_copied_as_one(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    _, columns = stty(tab)
    tab.command(f"clear; printf 'a%.0s' {{1..{columns}}}; echo tail; echo next")
    choose(tab, "Select all")
    choose(tab, "Copy")
    tab.until(lambda: "tail" in clipboard(tab), "the copy")
    assert f"{'a' * columns}tail\nnext\n" in clipboard(tab).replace("\r", "")


@pytest.mark.parametrize("how", ["key", "menu"])
def test_without_the_clipboard_api(visit: Visit, how: str) -> None:
    """As over plain HTTP."""
    visitor = visit(permissions=CLIPBOARD)
    other = visitor.open_tab()
    visitor.tab.page.add_init_script(NO_CLIPBOARD)
    tab = visitor.tab
    tab.open_lesson()
    tab.command("clear; echo old-way-word")
    tab.page.locator(".xterm-screen").dblclick(position={"x": 30, "y": 6})
    if how == "key":
        tab.page.keyboard.press("Control+Shift+C")
    else:
        choose(tab, "Copy")
    choose(tab, "Paste")
    expect(tab.terminal.locator('[data-part="said"]')).to_contain_text("press Ctrl-V")
    tab.page.keyboard.press(PASTE)
    tab.until(lambda: tab.text.endswith("old-way-word"), "the pasted word at the prompt")
    other.page.close()


def test_find(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.command("clear; for i in {1..300}; do echo line $i; done; echo Line end")
    tab.page.keyboard.press("Control+Shift+F")
    field = tab.page.get_by_label("Find in the terminal")
    count = tab.terminal.locator('[data-part="find-count"]')
    expect(field).to_be_focused()
    field.fill("line 29")
    expect(count).to_have_text("11 of 11")
    field.press("Enter")
    expect(count).to_have_text("10 of 11")
    tab.page.get_by_role("button", name="Next match").click()
    expect(count).to_have_text("11 of 11")
    field.fill("line end")
    expect(count).to_have_text("1 of 1")
    tab.page.get_by_role("button", name="Match upper and lower case").click()
    expect(count).to_have_text("None")
    tab.page.get_by_role("button", name="Regular expression").click()
    field.fill("line 3?0$")
    expect(count).to_have_text("1 of 1")
    field.fill("line (")
    expect(count).to_have_text("Not a pattern")
    field.press("Escape")
    expect(field).to_be_hidden()
    tab.page.keyboard.type("echo back-$((1+1))\n")
    tab.wait_for_text("back-2")


def test_the_letters_size_is_kept(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    before = stty(tab)
    for _ in range(4):
        tab.page.keyboard.press("Control+Equal")
    larger = stty(tab)
    assert larger[0] < before[0] and larger[1] < before[1]
    tab.page.reload()
    tab.wait_for_prompt()
    assert stty(tab) == larger
    tab.page.keyboard.press("Control+0")
    assert stty(tab) == before
    choose(tab, "Smaller letters")
    tab.page.keyboard.press("Escape")
    assert stty(tab)[1] > before[1]


def test_screen_reader_mode_is_kept(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    assert tab.page.locator(".xterm-accessibility").count() == 0
    choose(tab, "Screen reader mode")
    expect(tab.terminal.locator('[data-part="said"]')).to_contain_text("is on")
    tab.page.reload()
    tab.wait_for_prompt()
    tab.command("echo read-$((4+4))")
    expect(tab.page.locator(".xterm-accessibility")).to_contain_text("read-8")


def test_the_bell_is_seen_and_taken_note_of(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.page.evaluate("globalThis.bells = 0; addEventListener('bell', () => bells++, true)")
    bell = tab.terminal.locator('[data-part="bell"]')
    start(tab, r"sleep 0.5; printf '\a'")
    expect(bell).to_be_visible()
    assert tab.page.evaluate("bells") == 1
    tab.wait_for_prompt()
    tab.keys(" ")
    expect(bell).to_be_hidden()
    tab.page.reload()
    tab.wait_for_prompt()
    expect(bell).to_be_hidden()


def test_a_hidden_page_says_in_its_title_that_something_happened(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    title = tab.page.title()
    start(tab, "sleep 0.5; echo done-$((3+3))")
    tab.page.evaluate(HIDE, True)
    tab.wait_for_text("done-6")
    tab.until(lambda: tab.page.title() == f"● {title}", "the dot")
    tab.page.evaluate(HIDE, False)
    assert tab.page.title() == title


def test_a_programs_title_is_told_as_plain_text(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.page.evaluate(
        "addEventListener('terminal-title', ({detail}) => globalThis.told = detail.title, true)"
    )
    tab.command(r"printf '\e]2;<b>vim\u202e notes\e\\'")
    tab.until(lambda: tab.page.evaluate("globalThis.told") == "<b>vim notes", "the title")
    assert "vim" not in tab.page.title()


def test_enter_opens_a_new_shell_after_the_end(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.keys("exit 4\n")
    tab.wait_for_state("ended")
    expect(tab.terminal.get_by_role("alert")).to_contain_text("exit status 4")
    tab.page.keyboard.press("Enter")
    tab.wait_for_prompt()
    assert "fresh-2" in tab.command("echo fresh-$((1+1))")


@pytest.mark.parametrize("how", ["a key", "a click", "a run button"])
def test_a_sandbox_asleep_is_said_and_woken(visitor: Visitor, how: str) -> None:
    """The lesson's channel says that it sleeps, and hears that it should not."""
    tab = visitor.tab
    said: list[dict[str, Any]] = []
    pages: list[WebSocketRoute] = []
    told: dict[str, Any] = {}

    def from_lab(page: WebSocketRoute, text: str | bytes) -> None:
        message = json.loads(text)
        if message["type"] == "sandbox":
            told.update(message)
        page.send(text)

    def from_page(lab: WebSocketRoute, text: str | bytes) -> None:
        said.append(json.loads(text))
        if said[-1]["type"] == "wake":
            pages[-1].send(json.dumps({**told, "state": "ready"}))
        else:
            lab.send(text)

    def between(page: WebSocketRoute) -> None:
        lab = page.connect_to_server()
        lab.on_message(lambda text: from_lab(page, text))
        page.on_message(lambda text: from_page(lab, text))
        pages.append(page)

    tab.page.route_web_socket(re.compile("/ws/lesson/"), between)
    tab.open_lesson("10-a-process")
    pages[-1].send(json.dumps({**told, "state": "asleep"}))
    expect(tab.terminal.locator('[data-part="state"]')).to_have_text("Asleep")
    notice = tab.terminal.get_by_role("alert")
    expect(notice).to_contain_text("Press any key")
    expect(tab.page.get_by_role("tab")).to_have_attribute("aria-label", "Terminal 1, asleep")
    if how == "a key":
        tab.keys("echo up-$((1+1))\n")
        tab.wait_for_text("up-2")
    elif how == "a click":
        tab.page.locator(".xterm-screen").click()
    else:
        tab.run_blocks()[0].get_by_role("button", name="Run").click()
        tab.wait_for_text("sleep 1000")
    tab.wait_for_state("connected")
    expect(notice).to_be_hidden()
    assert [message for message in said if message["type"] == "wake"] == [{"type": "wake"}]
