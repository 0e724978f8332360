"""Who is let in: pages of this origin alone, and, beyond loopback, those who know the code."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from channels.testing import WebsocketCommunicator
from django.conf import settings as configured
from django.test import Client
from pytest_django import Settings

from lab import access
from lab.access import COOKIE, AccessScope, SameOrigin

CODE = "correct-horse"


@pytest.fixture(autouse=True)
def here(settings: Settings, tmp_path: Path) -> None:
    """Static files as they lie in the source, counters in this process, a data folder with a code."""
    settings.STORAGES = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    location = {"BACKEND": "django.core.cache.backends.locmem.LocMemCache", "LOCATION": str(tmp_path)}
    settings.CACHES = {"default": location}
    settings.PATHS = type(settings.PATHS)(tmp_path)
    settings.PATHS.code.write_text(f"{CODE}\n")
    settings.ALLOWED_HOSTS = ["localhost", "127.0.0.1", "[::1]"]


@pytest.fixture
def closed(settings: Settings) -> None:
    """A lab that others can reach."""
    settings.ACCESS_CODE_REQUIRED = True


@pytest.fixture
def client() -> Client:
    return Client(headers={"host": "localhost"})


async def accept(scope: Any, receive: Any, send: Any) -> None:
    await send({"type": "websocket.accept"})


async def opens(application: Any, *headers: tuple[str, str]) -> bool:
    """Whether a WebSocket with these headers is accepted."""
    raw = [(name.encode(), value.encode("latin-1")) for name, value in headers]
    socket = WebsocketCommunicator(application, "/ws/terminal/key/main", raw)
    accepted, _ = await socket.connect(timeout=10)
    await socket.disconnect(timeout=10)
    return bool(accepted)


# Origins


@pytest.mark.parametrize(
    ("origin", "host"),
    [
        ("http://localhost:8000", "localhost:8000"),
        ("http://127.0.0.1:8000", "127.0.0.1:8000"),
        ("http://[::1]:8000", "[::1]:8000"),
        ("https://localhost", "localhost"),
        ("http://LOCALHOST:8000", "localhost:8000"),
    ],
)
async def test_pages_of_this_origin(origin: str, host: str) -> None:
    assert await opens(SameOrigin(accept), ("origin", origin), ("host", host))


FOREIGN = {
    "no origin": [("host", "localhost:8000")],
    "no host": [("origin", "http://localhost:8000")],
    "nothing": [],
    "another site": [("origin", "http://evil.example"), ("host", "localhost:8000")],
    "another port": [("origin", "http://localhost:3000"), ("host", "localhost:8000")],
    "a subdomain": [("origin", "http://x.localhost:8000"), ("host", "localhost:8000")],
    "a name that begins alike": [("origin", "http://localhost:8000.evil.example"), ("host", "localhost:8000")],
    "a user before the name": [("origin", "http://localhost:8000@evil.example"), ("host", "localhost:8000")],
    "a file": [("origin", "null"), ("host", "localhost:8000")],
    "an empty origin": [("origin", ""), ("host", "localhost:8000")],
    "both empty": [("origin", ""), ("host", "")],
    "no address": [("origin", "http://[::1"), ("host", "[::1")],
    "a rebound name": [("origin", "http://evil.example:8000"), ("host", "evil.example:8000")],
    "a rebound name with a dot": [("origin", "http://evil.example."), ("host", "evil.example.")],
}  # fmt: skip


@pytest.mark.parametrize("headers", FOREIGN.values(), ids=FOREIGN)
async def test_pages_of_others(headers: list[tuple[str, str]]) -> None:
    assert not await opens(SameOrigin(accept), *headers)


async def test_the_whole_application_checks_origins() -> None:
    from lab.asgi import application

    assert not await opens(application, ("origin", "http://evil.example"), ("host", "localhost"))


def test_pages_under_a_rebound_name_are_refused() -> None:
    assert Client(headers={"host": "evil.example"}).get("/enter").status_code == 400


# The code


@pytest.mark.usefixtures("closed")
class TestClosed:
    """A lab that asks for the code."""

    @pytest.mark.parametrize(
        "target",
        ["/", "/lessons/one/", "/setup.json", "/enterprise", "/healthzz", "/staticky", "/certificates"],
    )
    def test_every_page_leads_to_the_question(self, client: Client, target: str) -> None:
        response = client.get(target)
        assert (response.status_code, response["Location"]) == (
            302,
            "/enter?next=" + target,
        )

    def test_where_somebody_wanted_to_go_is_kept_as_it_was(self, client: Client) -> None:
        asked = client.get("/lessons/one/?a=1&next=//evil.example")
        form = client.get(asked["Location"]).content.decode()
        assert 'name="next" value="/lessons/one/?a=1&amp;next=//evil.example"' in form

    @pytest.mark.parametrize("target", ["/enter", "/healthz"])
    def test_what_is_open(self, client: Client, target: str) -> None:
        assert client.get(target).status_code == 200

    def test_static_files_are_open(self, client: Client) -> None:
        assert client.get("/static/nothing.css").status_code == 404

    def test_a_wrong_code(self, client: Client) -> None:
        response = client.post("/enter", {"code": "wrong"})
        assert (response.status_code, COOKIE in response.cookies) == (403, False)
        assert "not the code" in response.content.decode()

    @pytest.mark.parametrize("code", ["", " ", "é\udcff", "correct-hors", CODE.upper(), CODE + "\0"])
    def test_nearly_right_is_wrong(self, client: Client, code: str) -> None:
        assert client.post("/enter", {"code": code.encode("utf-8", "surrogateescape")}).status_code == 403

    @pytest.mark.parametrize("code", [CODE, f"  {CODE}\n"])
    def test_the_right_code_opens_the_lab(self, client: Client, code: str) -> None:
        response = client.post("/enter", {"code": code, "next": "/lessons/one/?a=1"})
        assert (response.status_code, response["Location"]) == (302, "/lessons/one/?a=1")
        cookie = response.cookies[COOKIE]
        assert (cookie["httponly"], cookie["samesite"], cookie["secure"]) == (True, "Lax", "")
        assert CODE not in cookie.value
        assert client.get("/setup.json").status_code == 200
        assert client.get("/enter")["Location"] == "/"

    def test_over_tls_the_cookie_stays_there(self, client: Client) -> None:
        assert client.post("/enter", {"code": CODE}, secure=True).cookies[COOKIE]["secure"]

    def test_certificates_are_for_everybody(self, client: Client) -> None:
        response = client.get("/certificate/made-up/")
        assert response.status_code == 404 and "did not issue" in response.content.decode()

    def test_a_new_code_ends_old_cookies(self, client: Client) -> None:
        client.post("/enter", {"code": CODE})
        configured.PATHS.code.write_text("another\n")
        assert client.get("/setup.json").status_code == 302

    @pytest.mark.parametrize("value", ["", "x", CODE, "é", "\x80" * 40])
    def test_made_up_cookies(self, client: Client, value: str) -> None:
        client.cookies[COOKIE] = value
        assert client.get("/setup.json").status_code == 302

    def test_the_cookie_is_not_another_signature_of_the_code(self, client: Client) -> None:
        """Cookies of learners are signed with the same key: a learner named like the code opens nothing."""
        from lessons.learners import sign

        client.cookies[COOKIE] = sign(CODE).rpartition(":")[2]
        assert client.get("/setup.json").status_code == 302

    def test_trying_again_and_again(self, client: Client) -> None:
        for _ in range(access.TRIES_PER_MINUTE):
            assert client.post("/enter", {"code": "wrong"}).status_code == 403
        response = client.post("/enter", {"code": CODE})
        assert (response.status_code, COOKIE in response.cookies) == (429, False), "guessed by trying"
        assert "wait a minute" in response.content.decode()
        other = Client(headers={"host": "localhost"}, REMOTE_ADDR="192.0.2.7")
        assert other.post("/enter", {"code": CODE}).status_code == 302

    @pytest.mark.parametrize(
        "target",
        [
            "//evil.example",
            "https://evil.example",
            "/\\evil.example",
            "\\\\evil",
            "javascript:alert(1)",
            "///evil",
            "http:evil",
        ],
    )
    def test_the_way_on_leads_nowhere_else(self, client: Client, target: str) -> None:
        assert client.post("/enter", {"code": CODE, "next": target})["Location"] == "/"
        assert client.get("/enter", {"next": target})["Location"] == "/"

    def test_forms_of_other_sites(self) -> None:
        client = Client(enforce_csrf_checks=True, headers={"host": "localhost"})
        assert client.post("/enter", {"code": CODE}).status_code == 403

    async def test_websockets_need_the_cookie(self) -> None:
        token = access._token(CODE)
        assert await opens(AccessScope(accept), ("cookie", f"{COOKIE}={token}"))
        assert await opens(AccessScope(accept), ("cookie", f"a/b=1; odd; {COOKIE}={token}; learner=x"))
        for headers in (
            [],
            [("cookie", "")],
            [("cookie", f"{COOKIE}=x")],
            [("cookie", f"{COOKIE}=\xe9")],
            [("cookie", f"other={token}")],
            [("cookie", "a/b=1; =; ;;")],
        ):
            assert not await opens(AccessScope(accept), *headers), headers

    async def test_the_whole_application_asks_websockets_for_it(self) -> None:
        from lab.asgi import application

        same = [("origin", "http://localhost"), ("host", "localhost")]
        assert not await opens(application, *same)


async def test_on_loopback_nobody_is_asked() -> None:
    assert configured.ACCESS_CODE_REQUIRED is False
    assert await opens(AccessScope(accept))
    assert Client(headers={"host": "localhost"}).get("/setup.json").status_code == 200


# Headers


def policy(response: Any) -> dict[str, list[str]]:
    parts = [part.split() for part in response["Content-Security-Policy"].split(";")]
    return {part[0]: part[1:] for part in parts}


@pytest.mark.django_db
@pytest.mark.parametrize("target", ["/", "/enter", "/nothing-here"])
def test_scripts_come_from_here_or_carry_the_nonce(client: Client, settings: Settings, target: str) -> None:
    settings.ACCESS_CODE_REQUIRED = target == "/enter"
    response = client.get(target)
    found = policy(response)
    assert "'unsafe-inline'" not in found["script-src"]
    assert "'unsafe-eval'" not in found["script-src"]
    assert "*" not in " ".join(source for sources in found.values() for source in sources)
    assert (found["object-src"], found["base-uri"], found["frame-ancestors"]) == (["'none'"],) * 3
    assert found["default-src"] == found["connect-src"] == ["'self'"]
    text = response.content.decode()
    nonces = set(re.findall(r"'nonce-([^']+)'", " ".join(found["script-src"])))
    inline = [tag for tag in re.findall(r"<script[^>]*>", text) if "src=" not in tag]
    assert all(any(f'nonce="{nonce}"' in tag for nonce in nonces) for tag in inline)
    assert not re.search(r"\son[a-z]+=", text), "an inline handler, which the policy would stop"


@pytest.mark.django_db
def test_each_answer_has_a_nonce_of_its_own(client: Client) -> None:
    lesson = re.search(r'href="(/lessons/[^"]+)"', client.get("/").content.decode())
    assert lesson, "the list of lessons leads to none"
    pages = [client.get(lesson[1], follow=True) for _ in range(2)]
    first, second = (policy(page)["script-src"] for page in pages)
    assert any("'nonce-" in source for source in first)
    assert "'unsafe-inline'" not in first
    assert first != second
    inline = re.findall(r"<script(?![^>]*src=)[^>]*>", pages[0].content.decode())
    assert inline and all("nonce=" in tag for tag in inline)


def test_other_headers(client: Client) -> None:
    response = client.get("/healthz")
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["X-Frame-Options"] == "DENY"
    assert response["Referrer-Policy"] == "same-origin"
