"""A full lab, a sandbox that sleeps and one that is about to end, as learners see them."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitor import Tab, Visitor
from tests.running import Lab, running_lab

pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab(LAB_SANDBOX_LIMIT="1", LAB_POOL_SIZE="docker=1,kubernetes=0") as found:
        yield found


@pytest.fixture
def ann(lab: Lab, browser: Browser) -> Iterator[Visitor]:
    yield from come(lab, browser)


@pytest.fixture
def bob(lab: Lab, browser: Browser) -> Iterator[Visitor]:
    yield from come(lab, browser)


def come(lab: Lab, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, lab.url)
    yield visitor
    visitor.leave()
    assert visitor.complaints() == []


def away(lab: Lab, minutes: int, *, seen: bool = False) -> None:
    """As if the learner who has a sandbox had last done anything so long ago, or `seen` anything."""
    past = f"datetime('now', '-{minutes * 60} seconds')"
    looked = "seen" if seen else past
    with closing(sqlite3.connect(lab.paths.database, timeout=20)) as database, database:
        database.execute(
            f"UPDATE sandbox_sandbox SET touched = {past}, seen = {looked} WHERE state = 'ready' AND owner <> ''"
        )


def fall_asleep(lab: Lab, tab: Tab) -> None:
    """Be away for long, again and again: checks that were asked for before are use, too."""

    def asleep() -> bool:
        away(lab, 16)
        tab.page.wait_for_timeout(1000)
        return "Your sandbox is asleep" in notice(tab).inner_text()

    tab.until(asleep, "sleep", 60)


def about_to_end(lab: Lab, tab: Tab) -> bool:
    away(lab, 231, seen=True)
    tab.page.wait_for_timeout(1000)
    return "it ends in 9 minutes" in notice(tab).inner_text()


def notice(tab: Tab) -> Locator:
    return tab.page.locator('[data-part="notice-sandbox"]')


def hide(tab: Tab, hidden: bool) -> None:
    """Chromium shows tests every page: have this one believe that it is hidden, or seen again."""
    script = f"Object.defineProperty(document, 'hidden', {{ configurable: true, get: () => {str(hidden).lower()} }})"
    tab.page.evaluate(f"{script}; document.dispatchEvent(new Event('visibilitychange'))")


def test_a_full_lab_and_a_sandbox_from_sleep_to_its_end(lab: Lab, ann: Visitor, bob: Visitor) -> None:
    tab, other = ann.tab, bob.tab
    tab.open_lesson()
    tab.command("touch ~/mine")
    panel = other.page.locator('[data-part="panel"]')

    other.go("/lessons/010-what-is-a-container/")
    expect(panel).to_contain_text("Waiting for a sandbox")
    expect(panel).to_contain_text("You are next. It takes about")
    panel.get_by_role("button", name="Stop waiting").click()
    expect(panel).to_contain_text("You have given up your place")
    other.page.reload()
    expect(panel).to_contain_text("You are no longer waiting")
    panel.get_by_role("button", name="Ask for a sandbox").click()
    expect(panel).to_contain_text("You are next.")

    hide(tab, True)
    fall_asleep(lab, tab)
    expect(notice(tab).get_by_role("button", name="Keep it")).to_be_hidden()
    tab.command("ls ~")  # whose first key wakes it
    tab.wait_for_text("mine")
    expect(notice(tab)).to_be_hidden()
    fall_asleep(lab, tab)
    tab.step.locator("h1, h2").first.click()
    expect(notice(tab)).to_be_hidden()

    hide(tab, False)
    tab.until(lambda: about_to_end(lab, tab), "the announcement of the end", 60)
    notice(tab).get_by_role("button", name="Keep it").click()
    expect(notice(tab)).to_be_hidden()
    expect(panel).to_contain_text("You are next.")

    away(lab, 241, seen=True)
    mine = tab.page.locator('[data-part="panel"]')
    expect(mine).to_contain_text("was not used for a long time")
    other.wait_for_prompt()
    expect(panel).to_be_hidden()
    mine.get_by_role("button", name="Start a fresh sandbox").click()
    expect(mine).to_contain_text("You are next.")
