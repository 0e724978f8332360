"""A learner lets somebody watch, lets them type, takes the keyboard back, and ends it."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.visitor import Tab


def test_watch_ask_type_and_be_sent_away(visit: Visit) -> None:
    learner = visit().tab
    learner.open_lesson()
    learner.keys("echo before\n")
    learner.wait_for_text("\nbefore")
    address = link(learner)

    guest = visit()
    eve = guest.tab
    eve.page.goto(address)
    eve.wait_for_state("connected")
    eve.wait_for_text("\nbefore")
    assert eve.page.locator('[data-part="state"]').inner_text() == "Watching, read only"
    company = learner.page.locator('[data-part="viewers"]')
    learner.until(lambda: company.inner_text() == "Guest watches", "who watches")
    assert size(eve) == size(learner)
    eve.page.set_viewport_size({"width": 700, "height": 420})
    whole = """() => {
      const box = (part) => document.querySelector(part).getBoundingClientRect();
      const [screen, room] = [box(".xterm-screen"), box(".term-screen")];
      return screen.right <= room.right + 1 && screen.bottom <= room.bottom + 1;
    }"""
    eve.until(lambda: eve.page.evaluate(whole), "letters small enough for all of the learner's screen")
    assert size(eve) == size(learner)
    eve.keys("echo by stealth\n")
    learner.keys("echo after\n")
    eve.wait_for_text("\nafter")
    assert "stealth" not in learner.text

    eve.page.get_by_role("button", name="Ask to type").click()
    learner.page.get_by_role("heading", name="Guest would like to type").wait_for()
    learner.page.get_by_role("button", name="Let them type").click()
    learner.until(lambda: company.inner_text() == "Guest has the keyboard", "who types")
    eve.keys("echo by eve\n")
    learner.wait_for_text("\nby eve")
    learner.keys("echo unheard\n")
    learner.page.get_by_role("button", name="Take the keyboard back").click()
    learner.until(lambda: company.inner_text() == "Guest watches", "the keyboard")
    learner.keys("echo mine again\n")
    eve.wait_for_text("\nmine again")
    assert "unheard" not in eve.text
    assert "unheard" not in learner.text

    learner.page.get_by_role("button", name="Let others watch").click()
    learner.page.get_by_role("button", name="Stop sharing").click()
    eve.wait_for_state("denied")
    guest.expect_complaints("404")
    answer = eve.page.goto(address)
    assert answer is not None
    assert answer.status == 404
    learner.page.locator('[data-part="share"]').get_by_role("button", name="Close").click()
    learner.keys("echo alone\n")
    learner.wait_for_text("\nalone")


def test_tabs_follow_the_learner_and_who_is_away_is_said_to_be(visit: Visit) -> None:
    host = visit()
    learner = host.tab
    learner.open_lesson("10-a-process")
    eve = visit().tab
    eve.page.goto(link(learner))
    eve.wait_for_state("connected")
    seen = "[...document.querySelectorAll('.watch-tabs a')].map((link) => link.textContent.trim())"
    learner.page.get_by_role("button", name="New terminal").locator("visible=true").click()
    second = learner.at("t2")
    second.wait_for_prompt()
    second.command("echo in the second-$((1+1))")
    eve.until(lambda: eve.ask(seen) == ["Terminal 1", "Terminal 2"], "the new tab")
    eve.at("t2").wait_for_text("in the second-2")
    learner.page.get_by_role("tab", name="Terminal 2").dblclick()
    learner.page.get_by_label("Name of this tab").fill("Server")
    learner.page.keyboard.press("Enter")
    eve.until(lambda: eve.ask(seen) == ["Terminal 1", "Server"], "the new name")
    learner.page.get_by_role("tab", name="Terminal 1").click()
    eve.wait_for_state("connected")
    eve.page.get_by_role("link", name="Server").click()
    assert not eve.page.get_by_label("Follow").is_checked()
    eve.at("t2").wait_for_text("in the second-2")
    learner.page.get_by_role("button", name="Close Server").click()
    eve.until(lambda: eve.ask(seen) == ["Terminal 1"], "the closed tab's end")
    eve.wait_for_state("connected")
    eve.page.get_by_label("Follow").check()

    learner.keys("exit\n")
    eve.wait_for_state("ended")
    learner.page.get_by_role("button", name="Open a new shell").click()
    learner.wait_for_prompt()
    learner.command("echo anew-$((2+2))")
    eve.wait_for_text("anew-4")

    learner.go("/")
    ask = eve.page.get_by_role("button", name="Ask to type")
    eve.until(lambda: eve.page.locator('[data-part="ask"]').is_enabled(), "the button")
    ask.click()
    eve.page.get_by_role("button", name="The learner is away").wait_for()


def link(learner: Tab) -> str:
    """Have the learner make a link; its address."""
    learner.page.get_by_role("button", name="Let others watch").click()
    learner.page.get_by_role("button", name="Make a link").click()
    made = learner.page.get_by_label("Link", exact=True)
    learner.until(lambda: made.input_value() != "", "the link")
    learner.page.locator('[data-part="share"]').get_by_role("button", name="Close").click()
    return made.input_value()


def size(tab: Tab) -> int:
    """Rows that a page's terminal has."""
    return int(tab.page.evaluate("document.querySelector('lab-terminal').rows"))
