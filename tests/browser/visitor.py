"""A person at a browser, as tests need one: opens pages, reads the terminal, types, clicks."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from playwright.sync_api import Browser, ConsoleMessage, Error, Locator, Page, expect

from tests.running import FACTOR

T = TypeVar("T")

PATIENCE = 20.0
"""Seconds for what takes one or two on an idle machine."""
CHANGED_NETWORK = "ERR_NETWORK_CHANGED"
"""Chromium drops what is under way when a network interface appears, as each new sandbox brings one. The pages
mend that by themselves."""
NO_GRAPHICS_CARD = "GL Driver Message"
"""What Chromium says where software draws WebGL."""
SLOW_MACHINE = "exceeded allotted deadline"
"""What xterm.js says when it had to wait."""

COUNT = """
globalThis.seen = { prompt: 0, command: 0, violations: [] };
for (const name of ["prompt", "command"]) addEventListener(name, () => seen[name]++, true);
document.addEventListener("securitypolicyviolation", (event) => {
  console.error(`policy violated: ${event.violatedDirective} ${event.blockedURI} ${event.sourceFile}`);
});
"""
"""Counts what the terminal says about itself, which does not bubble."""

expect.set_options(timeout=PATIENCE * FACTOR * 1000)


class Visitor:
    """One browser context, and one page in it to begin with."""

    def __init__(self, browser: Browser, url: str, **options: Any) -> None:
        self.url = url
        self.context = browser.new_context(**options)
        self.context.add_init_script(COUNT)
        self.context.set_default_timeout(PATIENCE * FACTOR * 1000)
        self._errors: list[str] = []
        self._expected: list[str] = [CHANGED_NETWORK, NO_GRAPHICS_CARD, SLOW_MACHINE]
        self.tab = self.open_tab()

    def open_tab(self) -> Tab:
        """Another page of the same person."""
        page = self.context.new_page()
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._errors.append(f"{page.url}: {error}"))
        return Tab(page, self.url)

    def expect_complaints(self, *parts: str) -> None:
        """Errors on the console that contain one of these are part of the test."""
        self._expected += parts

    def complaints(self) -> list[str]:
        """Errors on the console that nobody expected, violations of the policy included."""
        return [line for line in self._errors if not any(part in line for part in self._expected)]

    def leave(self) -> None:
        self.context.close()

    def _console(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self._errors.append(f"{message.page.url if message.page else ''}: {message.text}")


class Tab:
    """One page, and of its terminals the one of that name."""

    def __init__(self, page: Page, url: str, name: str = "main") -> None:
        self.page = page
        self.url = url
        self.name = name
        self.selector = f'lab-terminal[name="{name}"]'

    def at(self, name: str) -> Tab:
        """The same page, at another of its terminals."""
        return Tab(self.page, self.url, name)

    def go(self, path: str) -> None:
        """Open an address of the lab."""
        try:
            self.page.goto(self.url + path)
        except Error as error:
            if CHANGED_NETWORK not in str(error):
                raise
            self.page.goto(self.url + path)

    def open_lesson(self, step: str = "") -> None:
        """Open the first lesson, or one of its steps, and wait for the prompt."""
        self.go(f"/lessons/010-what-is-a-container/{step}{'/' if step else ''}")
        self.wait_for_prompt()

    def until(self, condition: Callable[[], T], what: str, seconds: float = PATIENCE) -> T:
        """Ask again and again, while the page goes on, until the answer is true; that answer."""
        deadline = time.monotonic() + seconds * FACTOR
        while not (found := condition()):
            assert time.monotonic() < deadline, (
                f"{what} did not happen in {seconds * FACTOR:g} s:\n{self.look()}"
            )
            self.page.wait_for_timeout(40)
        return found

    def look(self) -> str:
        """What is on the page, for a message."""
        return f"{self.page.locator('body').inner_text()}\n--- terminal ---\n{self.text[-3000:]}"

    def ask(self, script: str) -> Any:
        """What an expression gives in the page, also while the browser goes from one page to another."""
        try:
            return self.page.evaluate(script)
        except Error as error:
            if "Execution context was destroyed" not in str(error):
                raise
            self.page.wait_for_load_state()
            return self.page.evaluate(script)

    # The terminal

    @property
    def terminal(self) -> Locator:
        return self.page.locator(self.selector)

    @property
    def text(self) -> str:
        """What the terminal shows, with its scrollback."""
        return str(self.ask(f"document.querySelector('{self.selector}')?.text") or "")

    @property
    def state(self) -> str:
        return self.terminal.get_attribute("data-state") or ""

    def wait_for_state(self, state: str, seconds: float = PATIENCE) -> None:
        self.until(lambda: self.state == state, f"the terminal's state {state}", seconds)

    @property
    def at_prompt(self) -> bool:
        """Whether the shell waits for a command."""
        return self.ask(f"document.querySelector('{self.selector}')?.atPrompt") is True

    def wait_for_prompt(self, seconds: float = 60) -> None:
        self.until(lambda: self.at_prompt, "the prompt", seconds)
        self.wait_for_state("connected")

    def wait_for_text(self, part: str, seconds: float = PATIENCE) -> None:
        self.until(lambda: part in self.text, f"{part!r} in the terminal", seconds)

    def count(self, name: str) -> int:
        """How many live events of the terminal (`prompt`, `command`) this page has seen. A shell whose window
        changes its size prints its prompt anew."""
        return int(self.ask(f"seen.{name}"))

    def keys(self, text: str) -> None:
        """Type at the keyboard, into whatever program there is."""
        self.terminal.locator(".xterm-helper-textarea").focus()
        self.page.keyboard.type(text)

    def command(self, text: str, seconds: float = PATIENCE) -> str:
        """Type a command at the prompt and wait until it has ended; what followed it."""
        with self.one_command(text, seconds):
            self.keys(f"{text}\n")
        return self.text.rpartition(f"# {text}")[2]

    @contextmanager
    def one_command(self, what: str, seconds: float = PATIENCE) -> Iterator[None]:
        """The body starts a command; afterwards, wait until it has ended."""
        commands = self.count("command")
        yield
        self.until(lambda: self.count("command") > commands, f"the start of {what!r}", seconds)
        self.wait_for_prompt(seconds)

    # The step

    @property
    def step(self) -> Locator:
        return self.page.locator("#step")

    def run_blocks(self) -> list[Locator]:
        """The commands of the step's text, each with its Run button."""
        return self.page.locator("#step article > [data-run]").all()

    def click_run(self, block: Locator, *, returns: bool = True, seconds: float = 60) -> None:
        """Click a block's Run button; wait for the prompt after it unless a program goes on."""
        button = block.get_by_role("button", name="Run")
        if not returns:
            button.click()
            return
        with self.one_command(block.inner_text(), seconds):
            button.click()

    def wait_until_done(self, seconds: float = PATIENCE) -> None:
        """Until the step that is shown has turned done."""
        self.until(lambda: self.step.get_attribute("data-check") == "done", "the step's being done", seconds)

    def next_step(self) -> None:
        """Click on to the next step and wait until it is there."""
        before = self.step.get_attribute("data-step")
        self.page.get_by_role("link", name="Next step").click()
        self.until(lambda: self.step.get_attribute("data-step") != before, "the next step")
