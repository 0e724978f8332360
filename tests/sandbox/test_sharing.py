"""Links by which others watch: made, looked at and taken back by the learner alone."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from lessons import learners
from sandbox import sharing
from sandbox.models import Sandbox, Share, State

pytestmark = pytest.mark.django_db
LAB = {"origin": "http://localhost:8000", "host": "localhost:8000"}
LAYOUT = {
    "tabs": [
        {"name": "main", "title": "One <b>", "pane": 0},
        {"name": "t2", "title": "Server", "pane": 0},
        {"name": "port-80", "title": "Port 80", "pane": 0, "port": 80},
    ],
    "shown": ["main"], "direction": "row", "share": 0.5,
}  # fmt: skip


@pytest.fixture(autouse=True)
def static_files(settings: Settings, tmp_path: Path) -> None:
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_ROOT = tmp_path


@pytest.fixture
def mine() -> Sandbox:
    return Sandbox.objects.create(
        key="key-1", owner="ann", profile="docker", state=State.READY, layout=LAYOUT
    )


def visitor(owner: str = "") -> Client:
    client = Client(headers=LAB)
    if owner:
        client.cookies[learners.COOKIE] = learners.sign(owner)
    return client


def ask(client: Client, method: str, **headers: str) -> Any:
    return client.generic(method, "/share/key-1", headers={**LAB, **headers})


def test_a_link_is_made_once_and_leads_to_the_terminals(mine: Sandbox) -> None:
    ann = visitor("ann")
    assert ask(ann, "GET").json() == {"path": None}
    path = ask(ann, "POST").json()["path"]
    assert path == ask(ann, "POST").json()["path"] == ask(ann, "GET").json()["path"]
    page = visitor().get(path)
    assert page.status_code == 200
    text = page.content.decode()
    assert "One &lt;b&gt;" in text
    assert "Server" in text
    assert "Port 80" not in text, "a preview is the learner's alone"
    assert visitor().get(path + "?terminal=t2").context["name"] == "t2"
    assert visitor().get(path + "?terminal=t3").context["name"] == "main", "one that has been closed"


def test_taken_back_it_shows_nothing_and_a_new_one_is_another(mine: Sandbox) -> None:
    ann = visitor("ann")
    path = ask(ann, "POST").json()["path"]
    assert ask(ann, "DELETE").json() == {"path": None}
    assert visitor().get(path).status_code == 404
    assert ask(ann, "POST").json()["path"] != path


@pytest.mark.parametrize("who", ["", "bob"])
@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_nobody_else_shares_or_learns_the_link(mine: Sandbox, who: str, method: str) -> None:
    Share.objects.create(sandbox=mine)
    answer = ask(visitor(who), method)
    assert answer.status_code == 404
    assert Share.objects.count() == 1


@pytest.mark.parametrize("method", ["POST", "DELETE"])
def test_a_page_of_another_site_shares_nothing(mine: Sandbox, method: str) -> None:
    Share.objects.create(sandbox=mine)
    assert ask(visitor("ann"), method, origin="http://example.org").status_code == 403
    assert Share.objects.count() == 1


def test_a_link_ends_with_its_sandbox(mine: Sandbox) -> None:
    token = sharing.share(mine)
    assert sharing.watched(token) == mine
    assert sharing.watched(token[:-1]) is None
    Sandbox.move(mine.key, frm=(State.READY,), to=State.ENDING)
    assert sharing.watched(token) is None
