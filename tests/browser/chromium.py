"""The Chromium that all browser tests use: the machine's own package."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

ARGUMENTS = (
    "--no-sandbox",  # refuses to start as root otherwise
    "--disable-quic",
    "--disable-gpu",
    "--enable-unsafe-swiftshader",  # WebGL by software, so that its loss can be tried
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


@contextmanager
def chromium() -> Iterator[Browser]:
    """A running browser; every visitor has their own cookies and storage in it."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program(), args=list(ARGUMENTS))
        yield browser
        browser.close()


def program() -> str:
    """Where it is."""
    found = shutil.which("chromium")
    assert found, "no Chromium: run `make test`, which installs it"
    return found
