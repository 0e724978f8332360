"""From a command's end to the page's knowing: the prompt returns, the step's check runs, its result arrives."""

from __future__ import annotations

import asyncio
import os
import secrets
import shutil
import time
from collections.abc import Iterator
from contextlib import aclosing, contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from bench import servers
from bench.lab_terminal import Lab
from bench.lesson_channel import LessonChannel
from bench.place import BenchError
from bench.report import Row
from bench.shells import PROMPT
from bench.terminals import Address
from lab.paths import Paths

LESSON = "010-checks"
MOST = 80
"""Steps in the course: each turns done once, so that many checks can be measured."""
LIMIT = 300.0
GOAL = "300 ms in nine of ten cases"
HEAD = "---\ntitle: Checks\nsummary: Many quick checks.\nminutes: 1\nprofile: {profile}\nslides: []\n---\n"


@contextmanager
def course(base: Paths, profile: str = "docker") -> Iterator[None]:
    """A lesson with many steps, each with a check that looks for one file, as the lab's course meanwhile; its
    sandboxes are of that profile."""
    folder = base.data / f"bench-lessons-{secrets.token_hex(4)}"
    before = os.environ.get("LAB_LESSONS")
    try:
        _write(folder / LESSON / "lesson.md", HEAD.format(profile=profile))
        for number in range(MOST):
            step = folder / LESSON / slug(number)
            _write(step / "step.md", "---\ntitle: A step\n---\n\nMake a file.\n")
            _write(step / "check.sh", f'[ -e /root/{slug(number)} ] || hint "Not there."\n')
            _write(step / "solve.sh", f"touch /root/{slug(number)}\n")
        folder.chmod(0o755)
        os.environ["LAB_LESSONS"] = str(folder)
        yield
    finally:
        if before is None:
            os.environ.pop("LAB_LESSONS", None)
        else:
            os.environ["LAB_LESSONS"] = before
        shutil.rmtree(folder, ignore_errors=True)


def slug(number: int) -> str:
    return f"{number + 10}-step"


async def checks(lab: servers.Running, count: int) -> Row:
    """Of that many steps each: make its state true by a typed command, and wait for the message. `lab`
    shows `course`. Raises BenchError."""
    row = Row("check", "From a command to its check", "milliseconds", ("p50", "p95", "max"), GOAL)
    place = await servers.claim(lab.port)
    channel = await LessonChannel.open(lab.port, f"/ws/lesson/{LESSON}/?step={slug(0)}", place.cookie)
    address = Address("lab", f"{place.url}/main", place.cookie, str(lab.paths.sandboxd_socket))
    terminal = await Lab.open(address)
    async with aclosing(channel), terminal.socket:
        await _command(terminal, "stty -echo")
        await asyncio.sleep(1)  # what a page is told when it connects is through
        asked, typed, rounds = [], [], []
        for number in range(min(count, MOST - 1) + 1):
            began = time.perf_counter()
            await _command(terminal, f"touch /root/{slug(number)}")
            prompt = time.perf_counter()
            await channel.say("check", step=slug(number), asked=False)
            await channel.hear(partial(_is_done, slug(number)))
            done = time.perf_counter()
            await channel.say("solve", step=slug(number))
            await channel.hear(lambda said: said["type"] == "solution")
            if number:  # the first one warms up
                asked.append((done - prompt) * 1000)
                typed.append((done - began) * 1000)
                rounds.append((time.perf_counter() - done) * 1000)
            await asyncio.sleep(0.5)  # the lab takes two checks a second from one learner
    way = "a WebSocket message, a row, a queue, check.sh in the sandbox, a message back"
    row.add("from the prompt's return", asked, note=way)
    row.add("from the typed command", typed, note="with the command itself and the terminal's way both times")
    row.add(
        "a message and its answer",
        rounds,
        peer=True,
        note="the same WebSocket, with nothing to do in a sandbox",
    )
    within = sum(value <= LIMIT for value in asked)
    row.notes.append(f"{within} of {len(asked)} within {LIMIT:.0f} ms of the prompt's return.")
    return row


async def _command(terminal: Lab, text: str) -> None:
    """Type a command and wait until the prompt after it has ended."""
    await terminal.type(f"{text}; printf 'RA''N'\n".encode())
    await terminal.read_past(b"RAN", PROMPT)


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)


def _is_done(step: str, said: dict[str, Any]) -> bool:
    if said["type"] == "check" and said["step"] == step and said["state"] not in ("done", "running"):
        raise BenchError(f"The check of {step} said {said['state']}: {said['hint']}")
    return bool(said["type"] == "check" and said["step"] == step and said["state"] == "done")
