"""Clusters that learners break: the page says so, and what helps."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Locator, expect

from tests.browser.visitor import Tab, Visitor
from tests.courses import CLUSTER_PAGE, with_a_cluster
from tests.running import FACTOR, Lab, running_lab

pytestmark = pytest.mark.timeout(900)
READY = 90.0
"""Seconds that a cluster may take on a machine that does much else."""


def part(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f'[data-part="{name}"]')


@pytest.fixture(scope="module")
def clusters() -> Iterator[Lab]:
    """A lab in which learners break their clusters."""
    with with_a_cluster() as course, running_lab(LAB_LESSONS=str(course)) as lab:
        yield lab


@pytest.fixture
def tab(clusters: Lab, browser: Browser) -> Iterator[Tab]:
    visitor = Visitor(browser, clusters.url)
    visitor.tab.go(CLUSTER_PAGE)
    visitor.tab.wait_for_prompt(READY)
    yield visitor.tab
    visitor.leave()
    assert clusters.manage("sandbox", "destroy", "--all").returncode == 0
    assert visitor.complaints() == []


def start_afresh(tab: Tab) -> None:
    """Take the reset that the page offers; the cluster that comes of it does what the step asks for."""
    notice = part(tab, "notice-sandbox")
    notice.get_by_role("button", name="Start a fresh sandbox").click()
    tab.page.get_by_role("dialog").get_by_role("button", name="Start fresh").click()
    tab.until(lambda: not tab.at_prompt, "the old terminal's end", 60)
    tab.wait_for_prompt(READY)
    expect(notice).to_be_hidden()
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done(60)


@pytest.mark.parametrize(
    "breaking",
    [
        pytest.param("rm -rf /var/lib/etcd; lab-ctl restart etcd", id="without etcd's data"),
    ],
)
def test_a_cluster_that_the_learner_breaks(tab: Tab, breaking: str) -> None:
    tab.command(breaking, 60 * FACTOR)
    expect(part(tab, "notice-sandbox")).to_contain_text("reset the sandbox", timeout=60_000 * FACTOR)
    start_afresh(tab)


def test_a_node_that_the_learner_deletes(tab: Tab) -> None:
    tab.command("kubectl delete node lab")
    notice = part(tab, "notice-sandbox")
    expect(notice).to_contain_text("no node that is ready", timeout=60_000 * FACTOR)
    expect(notice).to_contain_text("lab-ctl restart kubelet")
    tab.command("lab-ctl restart kubelet", 60)
    tab.command("/usr/lib/lab/wait-ready node", 60)
    notice.get_by_role("button", name="OK").click()
    tab.click_run(tab.run_blocks()[0])
    tab.wait_until_done(60)
    expect(notice).to_be_hidden()
