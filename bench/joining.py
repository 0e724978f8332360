"""A class: learners who join within seconds, each with a browser's requests, and do the first steps of a lesson."""

from __future__ import annotations

import asyncio
import html
import random
import re
import time
from dataclasses import dataclass, field

import aiohttp

from bench import servers
from bench.lab_terminal import Lab
from bench.lesson_channel import LessonChannel, Message
from bench.place import BenchError
from bench.report import Row
from bench.shells import PROMPT
from bench.terminals import PATIENCE, Address
from sandbox.sandboxd.client import Sandboxd

LESSON = "/lessons/010-what-is-a-container/"
STEPS = 3
WITHIN = 10.0
"""Seconds in which they all come."""
STARTED = b"\x1b]133;C"
"""What the sandboxes' shell prints before a command's output (OSC 133)."""
PAUSES = (1.0, 2.0, 4.0, 8.0)
"""Seconds after which a page asks again, as static/js/lesson/schedule.js."""
READING = (1.0, 3.0)
"""Seconds between a learner's commands."""
RUN = re.compile(r'<div class="run" data-run[^>]*><pre><code>(.*?)</code>', re.DOTALL)
CHANNEL = re.compile(r'data-channel="([^"]+)"')
DOT = re.compile(r'data-step="([^"]+)"\s+title=')
FILES = re.compile(r'"(/static/[^"]+\.(?:js|mjs|css))"')


@dataclass
class Times:
    """Milliseconds: of each learner from the click to the prompt, and of each step from a command to the result."""

    prompt: list[float] = field(default_factory=list)
    checked: list[float] = field(default_factory=list)


async def joining(lab: servers.Running, learners: int, pool: int, name: str = "class") -> Row:
    """So many learners in `WITHIN` seconds, before them one alone. The lab's pool is full first. Raises BenchError."""
    title = f"{learners} learners join within ten seconds, {pool} sandboxes in the pool"
    row = Row(name, title, "milliseconds", ("p50", "p95", "max"))
    alone, together = Times(), Times()
    await _filled(lab, pool)
    await _learn(lab, 0.0, random.Random(0), alone)
    await _filled(lab, pool + 1)
    await asyncio.gather(
        *(
            _learn(lab, WITHIN * number / learners, random.Random(number), together)
            for number in range(1, learners + 1)
        )
    )
    page = "the lesson with all its files, a sandbox, a terminal"
    check = "from the prompt after the command that did it to the step's being done"
    row.add("click to prompt", together.prompt, note=page)
    row.add("click to prompt, alone", alone.prompt, peer=True, note="the same by one learner, before")
    row.add("command to check", together.checked, note=check)
    row.add("command to check, alone", alone.checked, peer=True, note="likewise")
    return row


async def _filled(lab: servers.Running, count: int) -> None:
    """Until so many sandboxes are there and nothing more is being made."""
    daemon = Sandboxd(lab.paths.sandboxd_socket)
    deadline = time.monotonic() + PATIENCE + 10 * count
    while len(await asyncio.to_thread(daemon.list)) < count:
        if time.monotonic() > deadline:
            raise BenchError(f"The pool has not got {count} sandboxes in time.")
        await asyncio.sleep(0.5)
    await asyncio.sleep(5)  # the last ones are frozen


def new_browser() -> aiohttp.ClientSession:
    """A learner of their own, who keeps cookies of this machine too."""
    return aiohttp.ClientSession(cookie_jar=aiohttp.CookieJar(unsafe=True))


async def come(
    lab: servers.Running, browser: aiohttp.ClientSession, lesson: str
) -> tuple[str, LessonChannel, str]:
    """Load the lesson at that path with all its files, as a browser does: its page, its channel, and the learner's
    cookie. Raises BenchError."""
    site = f"http://127.0.0.1:{lab.port}"
    page = await _get(browser, site + lesson)
    await asyncio.gather(*(_get(browser, site + name) for name in sorted(set(FILES.findall(page)))))
    cookie = "; ".join(f"{found.key}={found.value}" for found in browser.cookie_jar)
    return page, await _channel(lab, page, cookie), cookie


async def open_terminal(lab: servers.Running, key: str, cookie: str) -> Lab:
    """The first terminal of that sandbox, at its prompt. Raises BenchError."""
    url = f"ws://127.0.0.1:{lab.port}/ws/terminal/{key}/main"
    terminal = await Lab.open(Address("lab", url, cookie, str(lab.paths.sandboxd_socket)))
    await terminal.read_until(PROMPT)
    return terminal


async def _learn(lab: servers.Running, after: float, chance: random.Random, times: Times) -> None:
    """One learner from the click to the end of the third step."""
    await asyncio.sleep(after)
    site = f"http://127.0.0.1:{lab.port}"
    began = time.perf_counter()
    async with new_browser() as browser:
        page, channel, cookie = await come(lab, browser, LESSON)
        terminal = await open_terminal(lab, await channel.claim(), cookie)
        times.prompt.append((time.perf_counter() - began) * 1000)
        for step in DOT.findall(page)[:STEPS]:
            page = await _get(browser, f"{site}{LESSON}{step}/")
            await channel.aclose()
            channel = await _channel(lab, page, cookie)
            times.checked.append(await _do(step, page, channel, terminal, chance))
        await channel.aclose()
        await terminal.socket.close()


async def _do(step: str, page: str, channel: LessonChannel, terminal: Lab, chance: random.Random) -> float:
    """Run each command of the step's text; milliseconds from the last prompt before its being done."""
    prompt, done = 0.0, 0.0
    for text in RUN.findall(page):
        await asyncio.sleep(chance.uniform(*READING))
        lines = html.unescape(text).replace("\n", "\r")
        await terminal.type(f"\x1b[200~{lines}\x1b[201~\r".encode())
        await terminal.read_past(STARTED, PROMPT)
        if not done:
            prompt = time.perf_counter()
            done = await _check(step, channel)
        await channel.say("ports")
    for pause in PAUSES:
        if done:
            return (done - prompt) * 1000
        await asyncio.sleep(pause)
        done = await _check(step, channel)
    raise BenchError(f"The step {step} was not done by its commands.")


async def _check(step: str, channel: LessonChannel) -> float:
    """When the page heard that it is done; 0 if it is not."""
    await channel.say("check", step=step, asked=False)

    def answer(said: Message) -> bool:
        return bool(said["type"] == "check" and said["step"] == step and said["state"] != "running")

    said = await channel.hear(answer)
    return time.perf_counter() if said["state"] == "done" else 0.0


async def _channel(lab: servers.Running, page: str, cookie: str) -> LessonChannel:
    found = CHANNEL.search(page)
    if not found:
        raise BenchError("The lesson's page names no channel.")
    return await LessonChannel.open(lab.port, html.unescape(found[1]), cookie)


async def _get(browser: aiohttp.ClientSession, url: str) -> str:
    async with browser.get(url) as answer:
        if answer.status != 200:
            raise BenchError(f"{url} answers {answer.status}.")
        return await answer.text()
