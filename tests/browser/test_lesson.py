"""The lessons from the list to their ends, as somebody new would go through them."""

from __future__ import annotations

import re
from itertools import chain, combinations

import pytest
from playwright.sync_api import Locator, expect

from tests.browser.conftest import Visit
from tests.browser.visitor import Tab, Visitor

LESSON = "What is a container?"
LESSONS = (
    LESSON,
    "What a container is made of",
    "Pods and containers",
    "The API server: what should be, and what is",
)
ANSWERED = re.compile("right|wrong")


@pytest.mark.parametrize("title", LESSONS)
def test_a_lesson_from_its_first_line_to_its_last(visitor: Visitor, title: str) -> None:
    tab = visitor.tab
    tab.go("/")
    expect(tab.page).to_have_title("docker run vs. kubectl apply")
    tab.page.get_by_role("heading", name=title).get_by_role("link").click()
    shown = tab.page.locator('[data-part="panel"]')
    steps = tab.page.locator('[data-part="panel-steps"] li')
    expect(shown).to_contain_text("Preparing your sandbox")
    expect(steps.first).not_to_be_empty()
    tab.wait_for_prompt()
    expect(shown).to_be_hidden()
    passed = []
    while True:
        slug = tab.step.get_attribute("data-step") or ""
        WALK.get(slug, do_everything)(tab)
        tab.wait_until_done()
        expect(tab.page.locator(f'#dots a[data-step="{slug}"]')).to_have_attribute("data-done", "")
        passed.append(slug)
        if tab.page.get_by_role("link", name="Next step").count() == 0:
            break
        tab.next_step()
    assert len(passed) == tab.page.locator("#dots a").count() >= 5
    expect(tab.step.locator('[data-part="status"]')).to_have_text("Done, and with it the whole lesson.")
    tab.page.get_by_role("link", name="Finish lesson").click()
    lesson = tab.page.get_by_role("listitem").filter(has_text=title)
    expect(lesson).to_have_attribute("data-state", "done")
    expect(lesson.get_by_role("progressbar")).to_have_attribute("value", str(len(passed)))


def do_everything(tab: Tab) -> None:
    """What the step asks for, from its first line to its last."""
    blocks = tab.step.locator("article > :is([data-run], form)").all()
    assert blocks, "a step without anything to do"
    for block in blocks:
        kind = block.get_attribute("data-role") or "run"
        DO[kind](tab, block)


def run(tab: Tab, block: Locator) -> None:
    """Click, and wait for the prompt; what has a terminal of its own goes on there."""
    if name := block.get_attribute("data-terminal"):
        commands = tab.count("command")
        tab.click_run(block, returns=False)
        tab.until(lambda: tab.count("command") > commands, f"the start of a command in {name}")
        return
    tab.click_run(block)
    expect(tab.terminal.locator('[data-part="bell"]')).to_be_hidden()


def save(tab: Tab, form: Locator) -> None:
    form.get_by_role("button", name="Save").click()
    expect(form.locator('[data-part="says"]')).to_have_text("Saved")


def predict(tab: Tab, form: Locator) -> None:
    """Foresee something, and be told what is true."""
    if form.locator(".option").count():
        form.locator(".option").first.click()
    else:
        form.get_by_role("textbox").fill("42")
    form.get_by_role("button").click()
    expect(form.locator(".question-truth")).to_contain_text("In your sandbox:")


def puzzle(tab: Tab, form: Locator) -> None:
    """Try answers until one is right, reading what is said of the others."""
    options = form.locator(".option input")
    several = options.first.get_attribute("type") == "checkbox"
    sizes = range(1, options.count() + 1 if several else 2)
    for answer in chain.from_iterable(combinations(range(options.count()), size) for size in sizes):
        for index in range(options.count()):
            if several:
                options.nth(index).set_checked(index in answer)
            elif index in answer:
                options.nth(index).check()
        form.get_by_role("button").click()
        expect(form).to_have_attribute("data-state", ANSWERED)
        if form.get_attribute("data-state") == "right":
            return
    raise AssertionError(f"no answer is right: {form.inner_text()}")


def stay_inside(tab: Tab) -> None:
    """The step whose container is a shell: the lab notices it while one is still in there."""
    enter, look, escape, leave, outside = tab.run_blocks()
    tab.click_run(enter, returns=False)
    tab.wait_for_text("\n/ #")
    tab.click_run(look, returns=False)
    tab.wait_for_text("loopback 00:00:00:00:00:00")
    tab.click_run(escape, returns=False)
    tab.wait_until_done()
    prompts = tab.count("prompt")
    tab.click_run(leave, returns=False)  # told to a shell that marks nothing; the one outside then prompts
    tab.until(lambda: tab.count("prompt") > prompts, "the prompt outside")
    tab.click_run(outside)
    assert tab.text.splitlines()[-2] == "leaky"


def be_shown(tab: Tab) -> None:
    """A step done by `Show me` alone."""
    tab.page.get_by_role("button", name="Show me").click()
    more = tab.page.get_by_role("button", name="Show the next command")
    while True:
        block = tab.page.locator('[data-part="commands"] [data-run]').last
        tab.click_run(block)
        if not more.is_visible():
            return
        more.click()


DO = {"run": run, "file": save, "predict": predict, "quiz": puzzle}
WALK = {"40-namespaces": stay_inside, "60-walk-in": be_shown}


def test_a_step_is_seen_to_be_done_without_asking(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    status = tab.step.locator('[data-part="status"]')
    expect(status).to_have_text("Your turn.")
    assert "4\n" in tab.command("echo $((2+2))")
    tab.command("sleep 1000 &")
    expect(status).to_have_text("Done.")


def test_a_hint_when_asked(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.page.get_by_role("button", name="Check", exact=True).click()
    expect(tab.step.locator('[data-part="status"]')).to_have_text("Not yet.")
    expect(tab.step.locator('[data-part="hint"]')).to_contain_text("sleep 1000 &")
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done()
    expect(tab.step.locator('[data-part="hint"]')).to_be_hidden()


def test_what_is_done_stays_done(visitor: Visitor) -> None:
    tab = visitor.tab
    tab.open_lesson("10-a-process")
    tab.command("sleep 1000 &")
    tab.wait_until_done()
    tab.go("/")
    expect(tab.page.get_by_role("listitem").filter(has_text=LESSON)).to_contain_text("1 done")
    tab.page.get_by_role("link", name=LESSON).click()
    expect(tab.page.get_by_role("heading", level=1)).to_have_text("A root filesystem of its own")
    tab.wait_for_prompt()
    assert "sleep 1000" in tab.command("pgrep -af 'sleep 1000'")


def test_a_second_learner_is_another_person(visitor: Visitor, visit: Visit) -> None:
    first, second = visitor.tab, visit().tab
    first.open_lesson()
    second.open_lesson()
    first.command("touch ~/mine")
    assert "cannot access" in second.command("ls ~/mine")
