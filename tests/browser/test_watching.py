"""A learner lets somebody watch, lets them type, takes the keyboard back, and ends it."""

from __future__ import annotations

from tests.browser.conftest import Visit
from tests.browser.visitor import Tab


def test_watch_ask_type_and_be_sent_away(visit: Visit) -> None:
    learner = visit().tab
    learner.open_lesson()
    learner.keys("echo before\n")
    learner.wait_for_text("\nbefore")
    learner.page.get_by_role("button", name="Let others watch").click()
    learner.page.get_by_role("button", name="Make a link").click()
    link = learner.page.get_by_label("Link", exact=True)
    learner.until(lambda: link.input_value() != "", "the link")
    address = link.input_value()
    learner.page.locator('[data-part="share"]').get_by_role("button", name="Close").click()

    guest = visit()
    eve = guest.tab
    eve.page.goto(address)
    eve.wait_for_state("connected")
    eve.wait_for_text("\nbefore")
    assert eve.page.locator('[data-part="state"]').inner_text() == "Watching, read only"
    company = learner.page.locator('[data-part="viewers"]')
    learner.until(lambda: company.inner_text() == "Guest watches", "who watches")
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
    assert (eve.page.goto(address) or None).status == 404  # type: ignore[union-attr]
    learner.page.locator('[data-part="share"]').get_by_role("button", name="Close").click()
    learner.keys("echo alone\n")
    learner.wait_for_text("\nalone")


def size(tab: Tab) -> int:
    """Rows that a page's terminal has."""
    return int(tab.page.evaluate("document.querySelector('lab-terminal').rows"))
