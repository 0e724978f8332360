"""The terminal in a page: what survives reloads, losses and other tabs, and what people do with the clipboard."""

from __future__ import annotations

import hashlib
import random
import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor
from tests.running import Lab

CLIPBOARD = ["clipboard-read", "clipboard-write"]
PASTE = "Control+V"
LESSON = "/lessons/010-what-is-a-container/"
SLOWLY = "seq {} | while read n; do echo $n; ((n % 50)) || sleep 0.02; done"
IN_PARTS = "for n in {0..19}; do seq $((n * 10000 + 1)) $((n * 10000 + 10000)); sleep 0.3; done"
LOSE_CARD = """
() => [...document.querySelectorAll(".xterm-screen canvas")]
  .map((canvas) => canvas.getContext("webgl2")).find((context) => context)
  .getExtension("WEBGL_lose_context").loseContext()
"""
NO_CARD = """
const getContext = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return kind === "webgl2" ? null : getContext.call(this, kind, ...rest);
};
"""


def numbers(text: str) -> list[int]:
    """The lines that are nothing but a number."""
    return [int(line) for line in text.splitlines() if line.isdigit()]


def shell_pid(tab: Tab) -> str:
    found = re.search(r"pid=(\d+)", tab.command("echo pid=$$"))
    assert found
    return found[1]


def note_states(tab: Tab) -> None:
    """From now on the page's `states` are those that the terminal enters: some are too short to be seen."""
    listen = "addEventListener('terminal-state', ({detail}) => states.push(detail.state), true)"
    tab.page.evaluate(f"() => {{ globalThis.states = []; {listen}; }}")


def put_on_clipboard(tab: Tab, text: str) -> None:
    tab.page.evaluate("text => navigator.clipboard.writeText(text)", text)


def clipboard(tab: Tab) -> str:
    return str(tab.page.evaluate("() => navigator.clipboard.readText()"))


def stty(tab: Tab) -> tuple[int, int]:
    """Rows and columns as the program in the terminal sees them."""
    found = re.search(r"^(\d+) (\d+)$", tab.command("stty size"), re.MULTILINE)
    assert found
    return int(found[1]), int(found[2])


def changed_size(tab: Tab, before: tuple[int, int]) -> tuple[int, int]:
    """The first size that differs; the test's own time limit ends the wait."""
    while (now := stty(tab)) == before:
        tab.page.wait_for_timeout(40)
    return now


def test_a_reload_in_the_middle_of_output(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    before = shell_pid(tab)
    tab.keys(f"{IN_PARTS}; echo ran >> ~/runs\n")
    tab.until(lambda: max(numbers(tab.text), default=0) > 60_000, "the middle of the output")
    tab.page.reload()
    tab.until(lambda: numbers(tab.text), "output after the reload")
    assert numbers(tab.text)[-1] < 200_000, "the reload came too late to be in the middle of anything"
    tab.wait_for_text("\n200000\n", 60)
    tab.wait_for_prompt()
    shown = numbers(tab.text)
    assert shown == list(range(shown[0], 200_001)) and len(shown) > 5_000
    assert "\n1\n" in tab.command("wc -l < ~/runs")
    assert shell_pid(tab) == before


def test_a_reload_types_nothing(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.command(r"read -rsd R -p $'\e[6n' where; echo asked")  # a question that terminals answer by typing
    prompt = tab.text.splitlines()[-1]
    tab.page.reload()
    tab.wait_for_prompt()
    tab.wait_for_text("asked")
    tab.command("true")
    assert tab.text.splitlines()[-2:] == [f"{prompt} true", prompt]


def test_a_lost_connection_loses_nothing(visitor: Visitor, lab: Lab) -> None:
    visitor.expect_complaints("WebSocket connection")
    tab = visitor.tab
    tab.open_lesson()
    before = shell_pid(tab)
    note_states(tab)
    tab.command("clear")
    tab.keys(SLOWLY.format(9000) + "\n")
    tab.wait_for_text("\n1000\n")
    lab.kill("web")
    tab.wait_for_text("\n9000\n", 60)
    tab.wait_for_prompt()
    assert numbers(tab.text) == list(range(1, 9001))
    assert tab.page.evaluate("states")[:1] == ["lost"]
    expect(tab.terminal.locator('[data-part="notice"]')).to_be_hidden()
    assert shell_pid(tab) == before


def test_web_restarted_under_a_program_that_draws(visitor: Visitor, lab: Lab) -> None:
    visitor.expect_complaints("WebSocket connection")
    tab = visitor.tab
    tab.open_lesson()
    tab.keys("top -d 0.5\n")
    clock = re.compile(r"^top - (\d\d:\d\d:\d\d) ", re.MULTILINE)
    tab.until(lambda: clock.search(tab.text), "top's first screen")
    note_states(tab)
    lab.kill("web")
    tab.until(lambda: tab.page.evaluate("states.includes('lost')"), "the terminal's state lost")
    before = clock.findall(tab.text)
    tab.wait_for_state("connected", 60)
    tab.until(lambda: clock.findall(tab.text) > before, "top's going on")
    assert len(clock.findall(tab.text)) == 1 and tab.text.count("PID USER") == 1, "two screens in one"
    tab.keys("q")
    tab.wait_for_prompt()


def test_a_lost_connection_is_said_and_what_is_typed_meanwhile_arrives(visitor: Visitor, lab: Lab) -> None:
    visitor.expect_complaints("WebSocket connection")
    tab = visitor.tab
    tab.open_lesson()
    with lab.without("web"):
        tab.wait_for_state("lost")
        expect(tab.terminal.locator('[data-part="state"]')).to_have_text("Resuming…")
        expect(tab.terminal.get_by_role("alert")).to_contain_text("Trying again")
        expect(tab.run_blocks()[0].get_by_role("button", name="Run")).to_be_disabled()
        tab.keys("echo kept-$((20+2))\n")
    tab.wait_for_text("kept-22", 60)
    assert tab.text.count("kept-22") == 1


def test_the_end_of_a_shell(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    before = shell_pid(tab)
    tab.keys("echo last words; exit 3\n")
    tab.wait_for_state("ended")
    assert "last words" in tab.text
    notice = tab.terminal.get_by_role("alert")
    expect(notice).to_contain_text("exit status 3")
    notice.get_by_role("button", name="Open a new shell").click()
    tab.wait_for_prompt()
    assert shell_pid(tab) != before


def test_a_second_tab_is_told_and_takes_over_by_a_click_alone(visitor: Visitor) -> None:
    first = visitor.tab
    first.open_lesson()
    before = shell_pid(first)
    second = visitor.open_tab()
    second.go(LESSON)
    second.wait_for_state("taken")
    notice = second.terminal.get_by_role("alert")
    expect(notice).to_contain_text("open in another page or browser")
    expect(second.terminal.locator('[data-part="state"]')).to_have_text("Open elsewhere")
    assert "42" in first.command("echo $((6*7))"), "the first page lost it unasked"
    second.page.reload()
    second.wait_for_state("taken")
    notice.get_by_role("button", name="Use it here").click()
    second.wait_for_prompt()
    assert shell_pid(second) == before
    first.wait_for_state("taken")
    expect(first.terminal.get_by_role("alert")).to_contain_text("in another page or browser now")
    first.page.wait_for_timeout(3000)  # long enough for a page that would take it back by itself
    assert (first.state, second.state) == ("taken", "connected")
    second.page.reload()
    second.wait_for_prompt()
    first.terminal.get_by_role("alert").get_by_role("button", name="Use it here").click()
    first.wait_for_state("connected")
    assert shell_pid(first) == before
    second.wait_for_state("taken")


def test_copy_and_paste(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    tab.command("clear")
    put_on_clipboard(tab, "echo one\necho two")
    tab.page.locator(".xterm-helper-textarea").focus()
    tab.page.keyboard.press(PASTE)
    tab.wait_for_text("echo two")
    assert "\none\n" not in tab.text, "pasted lines run before anybody pressed Enter"
    tab.keys("\n")
    tab.wait_for_text("\none\ntwo\n")
    tab.command("clear; echo copy-this-word")
    where = tab.page.locator(".xterm-screen").bounding_box()
    assert where
    tab.page.mouse.dblclick(where["x"] + 30, where["y"] + 6)
    tab.page.keyboard.press("Control+Shift+C")
    tab.until(lambda: clipboard(tab) == "copy-this-word", "the copy")
    tab.page.mouse.dblclick(where["x"] + 30, where["y"] + 6)
    put_on_clipboard(tab, "other")
    tab.page.keyboard.press("Control+C")
    tab.until(lambda: clipboard(tab) == "copy-this-word", "the copy by Ctrl-C")
    with tab.one_command("sleep"):
        tab.keys("sh -c 'echo begun; exec sleep 100'\n")
        tab.wait_for_text("\nbegun")  # before that the shell itself would get it
        tab.page.keyboard.press("Control+C")


def test_a_large_paste_arrives_whole(visit: Visit) -> None:
    tab = visit(permissions=CLIPBOARD).tab
    tab.open_lesson()
    chance = random.Random(1)
    letters = "abcdefghijklmnopqrstuvwxyz0123456789äß€"
    text = "".join("".join(chance.choices(letters, k=60)) + "\n" for _ in range(1700))
    assert len(text.encode()) > 100_000
    put_on_clipboard(tab, text)
    tab.keys("cat > ~/pasted\n")
    tab.until(lambda: tab.count("command") > 0, "cat's start")
    tab.page.keyboard.press(PASTE)
    tab.page.get_by_role("dialog", name="Paste").get_by_role("button", name="Paste", exact=True).click()
    tab.wait_for_text(text[-61:-1], 60)
    tab.page.keyboard.press("Control+D")
    tab.wait_for_prompt()
    assert hashlib.sha256(text.encode()).hexdigest() in tab.command("sha256sum ~/pasted")


def test_the_size_follows_the_window_and_the_divider(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.page.set_viewport_size({"width": 1300, "height": 800})
    tab.open_lesson()
    rows, columns = stty(tab)
    tab.page.set_viewport_size({"width": 1300, "height": 560})
    lower = changed_size(tab, (rows, columns))
    assert lower[0] < rows and lower[1] == columns
    divider = tab.page.get_by_role("separator")
    divider.focus()
    for _ in range(5):
        divider.press("ArrowRight")
    narrower = changed_size(tab, lower)
    assert narrower[0] == lower[0] and narrower[1] < columns


@pytest.mark.parametrize("how", ["never there", "lost later"])
def test_without_a_graphics_card_the_page_draws(visitor: Visitor, how: str) -> None:
    visitor.expect_complaints("WebGL", "webgl context not restored")
    tab = visitor.tab
    rows = tab.page.locator(".xterm-rows")
    if how == "never there":
        visitor.context.add_init_script(NO_CARD)
        tab.open_lesson()
    else:
        tab.open_lesson()
        tab.page.locator(".xterm-screen canvas").first.wait_for(state="attached")
        assert rows.count() == 0
        tab.page.evaluate(LOSE_CARD)
        rows.wait_for(state="attached")
    tab.command("echo drawn-$((5+5))")
    expect(rows).to_contain_text("drawn-10")


def test_a_program_that_takes_the_whole_screen(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson()
    tab.command("echo before-$((1+1))")
    tab.keys("seq 300 | less\n")
    tab.until(lambda: tab.text.startswith("1\n2\n3\n"), "the first page")
    tab.keys("G")
    tab.wait_for_text("\n300\n")
    tab.keys("q")
    tab.wait_for_prompt()
    assert "before-2" in tab.text and "\n299\n" not in tab.text


@pytest.mark.parametrize(
    ("worker", "said"),
    [
        ("class { constructor() { throw new Error('no workers here'); } }", ()),
        ("class extends Worker { constructor() { super('/static/none.js'); } }", ("none.js", "404")),
    ],
)
def test_where_no_worker_can_be_had_the_page_holds_the_socket(
    visitor: Visitor, worker: str, said: tuple[str, ...]
) -> None:
    visitor.expect_complaints(*said)
    tab = visitor.tab
    tab.page.add_init_script(f"globalThis.Worker = {worker}")
    tab.open_lesson()
    assert "42" in tab.command("echo $((6*7))")
