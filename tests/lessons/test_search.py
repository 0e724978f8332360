"""The page on which the course is searched."""

from __future__ import annotations

import re
from html import unescape
from pathlib import Path

import pytest
from django.test import Client
from pytest_django import Settings

from lessons.models import Learner

from .conftest import STEP, Write

pytestmark = [pytest.mark.usefixtures("content"), pytest.mark.django_db]
NASTY = '"><script>alert(1)</script><img src=x onerror=alert(1)>&lt;'


def page(client: Client, query: str | None = None) -> str:
    """The search page as it comes, its white space made one space each."""
    response = client.get("/search/", {} if query is None else {"q": query})
    assert response.status_code == 200
    return " ".join(response.content.decode().split())


def test_an_empty_query_shows_the_form_and_says_what_is_searched(client: Client) -> None:
    for query in (None, "", " \0\t"):
        text = page(client, query)
        assert '<form class="search" role="search" method="get" action="/search/">' in text
        assert '<label for="q">' in text and 'value=""' in text
        assert "This looks through the titles" in text
        assert '<ol class="hits">' not in text
    assert not Learner.objects.exists(), "searching makes nobody a learner"


def test_what_was_found_is_counted_and_linked(client: Client) -> None:
    text = page(client, "some")
    assert "3 places found." in text
    assert re.findall(r'<h2> <a href="([^"]+)"', text) == [
        "/lessons/010-first/10-one/", "/lessons/010-first/20-two/", "/lessons/010-first/30-read/",
    ]  # fmt: skip
    assert "A lesson · step 2" in text
    assert "<mark>Some</mark> text." in text
    assert re.search(r"<title> some · Search </title>", text)
    text = page(client, "about")
    assert "1 place found." in text and '<a href="/lessons/010-first/">' in text
    assert "What it is <mark>about</mark>." in text


def test_nothing_found_says_what_to_try(client: Client) -> None:
    assert "Nothing has all of that. Try fewer words" in page(client, "some kubelet")
    assert "There is no word in that" in page(client, "--")


def test_html_in_a_query_and_in_a_text_is_text(client: Client, write: Write, settings: Settings) -> None:
    quoted = "`<script>alert(1)</script>` & <https://e.org/?a&b>"
    settings.LESSONS_CONTENT = write({"010-first/30-read/step.md": STEP.replace("Some text.", quoted)})
    text = page(client, NASTY)
    assert "<script>alert" not in text and "<img" not in text
    found = re.search(r'name="q" value="([^"]*)"', text)
    assert found and unescape(found[1]) == NASTY
    text = page(client, "script alert")
    assert "&lt;<mark>script</mark>&gt;<mark>alert</mark>(1)&lt;/<mark>script</mark>&gt; &amp; https" in text
    assert "<script>alert" not in text


def test_a_long_query_is_cut_and_that_is_said(client: Client) -> None:
    text = page(client, "some " + "x" * 200)
    assert "What comes after the first 100 characters was left out." in text
    assert f'value="some {"x" * 95}"' in text
    assert "left out" not in page(client, "some")


@pytest.mark.parametrize("query", ["a" * 10_000_000, "%00" * 100_000, "%F0%9F%90%B3" * 100_000])
def test_an_endless_query_is_answered_shortly(client: Client, query: str) -> None:
    response = client.get(f"/search/?q={query}")
    assert response.status_code == 200
    assert len(response.content) < 10_000


def test_odd_queries_are_answered(client: Client) -> None:
    for query in (
        "q=%00",
        "q=%ff%fe",
        "q=%ED%A0%80",
        "q=a&q=some",
        "q[]=x",
        "q",
        "%00=1",
        "q=%E2%80%AE%0D%0Asome",
    ):
        assert client.get(f"/search/?{query}").status_code == 200, query
    assert client.get("/search/?" + "q&" * 2000).status_code == 400
    assert client.post("/search/", {"q": "some"}).status_code in (403, 405)
    assert client.head("/search/?q=some").status_code == 200


def test_more_than_is_shown(client: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("lessons.index.Index.find.__defaults__", (2,))
    text = page(client, "some")
    assert "3 places have it; these 2 fit best." in text
    assert text.count('class="hit-where"') == 2


def test_the_search_is_linked(client: Client, content: Path) -> None:
    link = '<a class="bar-link" href="/search/">Search</a>'
    for path in ("/", "/lessons/", "/lessons/010-first/10-one/"):
        assert link in client.get(path).content.decode(), path
    assert 'role="search"' in client.get("/lessons/").content.decode()
