"""Chromium against a lab that really runs: one for all tests of this package, a visitor of its own for each."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.browser.chromium import chromium
from tests.browser.visitor import Visitor
from tests.running import Lab, running_lab


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = str(Path(__file__).parent)
    for item in items:
        if str(item.path).startswith(here):
            item.add_marker(pytest.mark.real)


@pytest.fixture(scope="package")
def running() -> Iterator[Lab]:
    with running_lab() as found:
        yield found


@pytest.fixture
def lab(running: Lab, request: pytest.FixtureRequest) -> Iterator[Lab]:
    """The lab; what its processes log meanwhile is a part of the test's report."""
    before = len(running.log())
    yield running
    request.node.add_report_section("teardown", "log of the lab", running.log()[before:])


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with chromium() as found:
        yield found


Visit = Callable[..., Visitor]
ROOMS = 15
"""Sandboxes of visitors who have left that may stay: each is a learner of the one lab, which has places for
so many only."""


@pytest.fixture
def visit(lab: Lab, browser: Browser) -> Iterator[Visit]:
    """Makes visitors; options are those of a browser context. Errors on any page's console fail the test."""
    made: list[Visitor] = []

    def come(url: str = "", **options: Any) -> Visitor:
        made.append(Visitor(browser, url or lab.url, **options))
        return made[-1]

    yield come
    for visitor in made:
        visitor.leave()
    if len(list(lab.paths.sandboxes.glob("*"))) > ROOMS:
        assert lab.manage("sandbox", "destroy", "--all").returncode == 0
    complaints = [line for visitor in made for line in visitor.complaints()]
    assert complaints == []


@pytest.fixture
def visitor(visit: Visit) -> Visitor:
    return visit()
