"""Looking at a running lab's pool, and at a page that stays open."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from typing import Any

from sandbox.drivers.base import Status
from sandbox.sandboxd.client import Sandboxd
from tests.real.learner import Learner, Message
from tests.running import FACTOR, Lab


def ask_database(lab: Lab, question: str, *values: object) -> list[Any]:
    with closing(sqlite3.connect(lab.paths.database, timeout=20)) as database, database:
        return database.execute(question, values).fetchall()


def keys(lab: Lab, state: str) -> list[str]:
    """Of sandboxes in that state, the oldest first."""
    found = ask_database(lab, "SELECT key FROM sandbox_sandbox WHERE state = ? ORDER BY created", state)
    return [key for (key,) in found]


def away(lab: Lab, key: str, minutes: float) -> None:
    """As if its learner had last done or seen anything so long ago."""
    past = f"datetime('now', '-{minutes * 60:.0f} seconds')"
    ask_database(lab, f"UPDATE sandbox_sandbox SET touched = {past}, seen = {past} WHERE key = ?", key)


def told(said: Message, **fields: object) -> bool:
    return said["type"] == "sandbox" and all(said[name] == value for name, value in fields.items())


@contextmanager
def page(learner: Learner) -> Iterator[tuple[Callable[[str], None], Callable[..., Message]]]:
    """A page that stays open: one function says a thing, the other waits for a sandbox message with these fields."""
    with learner.connect(learner.channel_path) as channel:

        def hear(**fields: object) -> Message:
            deadline = time.monotonic() + 40 * FACTOR
            while True:
                said = json.loads(channel.recv(timeout=deadline - time.monotonic()))
                if told(said, **fields):
                    return dict(said)

        yield lambda kind: channel.send(json.dumps({"type": kind})), hear


def daemon(lab: Lab) -> Sandboxd:
    return Sandboxd(lab.paths.sandboxd_socket)


def frozen(lab: Lab, key: str) -> bool:
    return daemon(lab).poll({"key": key}) is Status.FROZEN
