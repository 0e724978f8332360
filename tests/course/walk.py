"""Going through a step by the page's buttons alone, as a learner would."""

from __future__ import annotations

from playwright.sync_api import Locator, expect

from lessons.blocks import Quiz
from lessons.tree import Step
from tests.browser.visitor import Tab


def do_everything(tab: Tab, step: Step) -> None:
    """What the step asks for, from its first line to its last."""
    blocks = tab.step.locator("article > :is([data-run], form)").all()
    assert blocks, "a step without anything to do"
    for block in blocks:
        kind = block.get_attribute("data-role") or "run"
        DO[kind](tab, block, step)


def run(tab: Tab, block: Locator, step: Step) -> None:
    """Click, and wait for the prompt; what has a terminal of its own goes on there, and a shell in a container is
    left by the next block."""
    if name := block.get_attribute("data-terminal"):
        commands = tab.count("command")
        tab.click_run(block, returns=False)
        tab.until(lambda: tab.count("command") > commands, f"the start of a command in {name}")
        return
    words = block.locator("code").inner_text().strip()
    if words in SHELLS:
        tab.click_run(block, returns=False)
        tab.wait_for_text("\n/ #")
        return
    if words.endswith("\nexit"):
        prompts = tab.count("prompt")
        tab.click_run(block, returns=False)
        tab.until(lambda: tab.count("prompt") > prompts, "the prompt outside")
        return
    tab.click_run(block)
    expect(tab.terminal.locator('[data-part="bell"]')).to_be_hidden()


def save(tab: Tab, form: Locator, step: Step) -> None:
    form.get_by_role("button", name="Save").click()
    expect(form.locator('[data-part="says"]')).to_have_text("Saved")


def predict(tab: Tab, form: Locator, step: Step) -> None:
    """Foresee something, and be told what is true."""
    if form.locator(".option").count():
        form.locator(".option").first.click()
    else:
        form.get_by_role("textbox").fill("42")
    form.get_by_role("button").click()
    expect(form.locator(".question-truth")).to_contain_text("In your sandbox:")


def puzzle(tab: Tab, form: Locator, step: Step) -> None:
    """Answer wrongly where that is easy, read what is said, and then rightly."""
    question = step.graded[form.get_attribute("data-block") or ""]
    assert isinstance(question, Quiz)
    options = form.locator(".option input")
    if not question.options:
        form.get_by_role("textbox").fill(question.shown_answer)
        form.get_by_role("button").click()
    else:
        right = [index for index, option in enumerate(question.options) if option.right]
        wrong = next(index for index in range(len(question.options)) if index not in right)
        for chosen in ([wrong], right):
            for index in range(len(question.options)):
                if question.kind == "choices":
                    options.nth(index).set_checked(index in chosen)
                elif index in chosen:
                    options.nth(index).check()
            form.get_by_role("button").click()
            expect(form).to_have_attribute("data-state", "right" if chosen == right else "wrong")
    expect(form).to_have_attribute("data-state", "right")


def stay_inside(tab: Tab, step: Step) -> None:
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


def be_shown(tab: Tab, step: Step) -> None:
    """A step done by `Show me` alone."""
    tab.page.get_by_role("button", name="Show me").click()
    more = tab.page.get_by_role("button", name="Show the next command")
    while True:
        block = tab.page.locator('[data-part="commands"] [data-run]').last
        tab.click_run(block)
        if not more.is_visible():
            return
        more.click()


def find_out(tab: Tab, step: Step) -> None:
    """A step that shows what is broken, and leaves it to the learner to mend it."""
    do_everything(tab, step)
    be_shown(tab, step)


SHELLS = ("runc run first",)
"""Commands that begin a shell of another container, which marks no prompts."""
DO = {"run": run, "file": save, "predict": predict, "quiz": puzzle}
WALK = {
    "010-what-is-a-container/40-namespaces": stay_inside,
    "010-what-is-a-container/60-walk-in": be_shown,
    "060-the-runtime-bundle/70-broken-bundles": find_out,
    "120-container-runtime-which/70-sort-them": find_out,
    "180-docker-run-vs-kubectl-apply/60-put-it-right": find_out,
}
"""Steps that are gone through in a way of their own."""
