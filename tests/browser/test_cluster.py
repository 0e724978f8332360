"""Lessons with a cluster: what a page says while Kubernetes is built or cannot be."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Locator, expect

from lab.paths import Paths
from tests.browser.visitor import Tab, Visitor
from tests.courses import CLUSTER_PAGE, with_a_cluster
from tests.running import Lab, running_lab

pytestmark = pytest.mark.timeout(900)
READY = 90.0
"""Seconds that a cluster may take on a machine that does much else."""


class Proxy(ThreadingHTTPServer):
    """A Go module proxy that keeps everybody waiting, and when `refuse` is called has nothing for anybody."""

    def __init__(self) -> None:
        self.refused = threading.Event()
        super().__init__(("127.0.0.1", 0), Asked)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Asked(BaseHTTPRequestHandler):
    server: Proxy

    def do_GET(self) -> None:
        self.server.refused.wait()
        self.send_error(503)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Proxy() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.05,))
        thread.start()
        yield server
        server.refused.set()
        server.shutdown()
        thread.join()


@contextmanager
def unbuilt() -> Iterator[tuple[Path, list[Path]]]:
    """A store with all that this machine has built, except Kubernetes; and that, as `make test` has built it."""
    built = Paths.from_env()
    folder = built.data / "tests" / f"store-{secrets.token_hex(4)}"
    folder.mkdir(parents=True)
    kept: list[Path] = []
    for entry in built.store.iterdir():
        if entry.name.startswith("tools-"):
            kept.append(entry)
        elif not entry.name.startswith("."):
            (folder / entry.name).symlink_to(entry)
    try:
        yield folder, kept
    finally:
        shutil.rmtree(folder)


def part(tab: Tab, name: str) -> Locator:
    return tab.page.locator(f'[data-part="{name}"]')


def test_kubernetes_that_is_not_built(browser: Browser, proxy: Proxy) -> None:
    fetching = {"GOPROXY": proxy.url, "NO_PROXY": "127.0.0.1", "no_proxy": "127.0.0.1", "GOFLAGS": ""}
    with with_a_cluster() as course, unbuilt() as (store, tools):
        lab = running_lab(LAB_LESSONS=str(course), LAB_STORE=str(store), LAB_TOOLS="build", **fetching)
        with lab as found:
            visitor = Visitor(browser, found.url)
            _not_built(found, visitor, proxy)
            for entry in tools:
                (store / entry.name).symlink_to(entry)
            _built_at_last(found, visitor)
            visitor.leave()
            assert visitor.complaints() == []


def _not_built(lab: Lab, visitor: Visitor, proxy: Proxy) -> None:
    """Being built, killed, refused, tried again, stopped: each is told, and Docker goes on."""
    home, lesson, docker = visitor.tab, visitor.open_tab(), visitor.open_tab()
    home.go("/")
    expect(part(home, "kubernetes-title")).to_have_text("Kubernetes is still being built")
    expect(part(home, "kubernetes-steps")).to_contain_text("fetching")
    lesson.go(CLUSTER_PAGE)
    panel = part(lesson, "panel")
    expect(panel).to_contain_text("Kubernetes is still being built")
    expect(panel).to_contain_text("fetching")
    docker.open_lesson()

    lab.kill("builder")
    expect(part(home, "kubernetes-steps")).to_contain_text("fetching")
    expect(panel).to_contain_text("Kubernetes is still being built")

    proxy.refused.set()
    for title, words in (
        (part(home, "kubernetes-title"), part(home, "kubernetes-message")),
        (part(lesson, "panel-title"), part(lesson, "panel-message")),
    ):
        expect(title).to_contain_text("Kubernetes")
        expect(title).not_to_contain_text("still")
        expect(words).to_contain_text("cannot be fetched; check this machine's network")
        expect(words).to_contain_text("run `make up` again")
    expect(part(home, "kubernetes-title")).to_have_text("Kubernetes could not be built")
    assert "it works" in docker.command("docker run --rm busybox:1 echo it works", 60)

    proxy.refused.clear()
    lab.run("up")
    expect(part(home, "kubernetes-title")).to_have_text("Kubernetes is still being built")
    expect(panel).to_contain_text("Kubernetes is still being built")
    os.kill(lab.pids()["builder"], signal.SIGTERM)
    expect(part(home, "kubernetes-message")).to_contain_text("was stopped; run `make up` again")
    expect(panel).to_contain_text("was stopped; run `make up` again")


def _built_at_last(lab: Lab, visitor: Visitor) -> None:
    """The page that waited goes on by itself, once the learner has given up the other sandbox."""
    lab.run("up")
    lesson = Tab(visitor.context.pages[1], lab.url)
    panel = part(lesson, "panel")
    expect(panel).to_contain_text("You have another sandbox")
    expect(panel).to_contain_text("will be gone")
    panel.get_by_role("button", name="Start the one for this lesson").click()
    lesson.wait_for_prompt(READY)
    assert "lab" in lesson.command("kubectl get nodes --no-headers")
    expect(part(visitor.tab, "kubernetes")).to_be_hidden()
    docker = part(Tab(visitor.context.pages[2], lab.url), "panel")
    expect(docker).to_contain_text("a sandbox with Docker alone")
