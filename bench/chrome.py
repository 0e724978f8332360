"""Chromium, asked by its DevTools protocol for single expressions and nothing else.

Playwright, which the tests use, has Chromium report every WebSocket frame to it: in a flood that costs more than the
lab does, and no learner pays it.
"""

from __future__ import annotations

import itertools
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.request import urlopen

from websockets.sync.client import ClientConnection, connect

from bench.place import BenchError
from lab.setup.store import remove
from tests.browser.chromium import ARGUMENTS, program

START = 30.0
PATIENCE = 150.0
"""Seconds that one expression may take."""
ASK_EVERY = 0.1
OPTIONS = (
    *(option for option in ARGUMENTS if "swiftshader" not in option),  # nobody has software draw WebGL by choice
    "--headless", "--remote-debugging-port=0", "--window-size=1440,900", "--disable-renderer-backgrounding",
    "--disable-background-timer-throttling", "--disable-backgrounding-occluded-windows",
)  # fmt: skip


class Page:
    """One page, whose policy for content is off: the benchmarks' expressions bring code with them."""

    def __init__(self, socket: ClientConnection, scripts: Sequence[str]) -> None:
        self._socket = socket
        self._numbers = itertools.count(1)
        self.call("Page.enable")
        self.call("Page.setBypassCSP", enabled=True)
        for script in scripts:
            self.call("Page.addScriptToEvaluateOnNewDocument", source=script)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        """One command of the protocol and its answer. Raises BenchError."""
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            message = json.loads(self._socket.recv(timeout=PATIENCE))
            if message.get("id") == number:
                break
        if "error" in message:
            raise BenchError(f"Chromium refused {method}: {message['error']['message']}")
        found: dict[str, Any] = message["result"]
        return found

    def evaluate(self, function: str, argument: Any = None) -> Any:
        """What a function, given as text, returns in the page; promises are waited for. Raises BenchError."""
        expression = f"({function})({json.dumps(argument)})"
        found = self.call("Runtime.evaluate", expression=expression, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in found:
            raise BenchError(f"The page in Chromium did not do what was asked: {found['result']}")
        return found["result"].get("value")

    def go(self, url: str, ready: str) -> None:
        """Open an address and wait until the expression `ready` is true there. Raises BenchError."""
        self.call("Page.navigate", url=url)
        until = time.monotonic() + PATIENCE
        while True:
            try:
                if self.evaluate(f"() => Boolean({ready})"):
                    return
            except BenchError:  # the page is being replaced
                if time.monotonic() > until:
                    raise
            if time.monotonic() > until:
                raise BenchError(f"{url} was not ready in {PATIENCE:g} s: {ready}")
            time.sleep(ASK_EVERY)


@contextmanager
def chrome(scripts: Sequence[str]) -> Iterator[Page]:
    """A page of a Chromium of its own; `scripts` run in it before any other. Raises BenchError."""
    folder = Path(tempfile.mkdtemp(prefix="bench-chromium-"))
    argv = [program(), *OPTIONS, f"--user-data-dir={folder}", "about:blank"]
    try:
        with subprocess.Popen(argv, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            try:
                with connect(_address(folder), max_size=None, compression=None) as socket:
                    yield Page(socket, scripts)
            finally:
                process.terminate()
    finally:
        remove(folder)  # tries again: its other processes may still be ending, and write


def _address(folder: Path) -> str:
    """Where the page listens for commands."""
    file = folder / "DevToolsActivePort"
    until = time.monotonic() + START
    while True:
        try:
            port = file.read_text().splitlines()[0]
            with urlopen(f"http://127.0.0.1:{port}/json/list", timeout=START) as answer:
                pages = [target for target in json.load(answer) if target["type"] == "page"]
            return str(pages[0]["webSocketDebuggerUrl"])
        except (OSError, IndexError):
            if time.monotonic() > until:
                raise BenchError(f"Chromium did not start in {START:g} s.") from None
            time.sleep(ASK_EVERY)
