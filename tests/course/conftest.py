"""The browser and the lab of tests/browser serve here too."""

from tests.browser.conftest import browser, lab, running, visit, visitor

__all__ = ["browser", "lab", "running", "visit", "visitor"]
