"""Who may see a preview, and for how long."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus
from typing import Any

import aiohttp
import pytest
from asgiref.sync import sync_to_async
from django.test import Client
from pytest_django import Settings

from lab import access
from lessons import learners
from sandbox.drivers.base import Spec
from sandbox.models import Sandbox, State
from sandbox.preview import passes
from sandbox.preview.origins import Target
from sandbox.preview.pages import RESERVED
from tests.sandbox.previews import LAB, OWNER, Place, place
from tests.sandbox.web import Daemon

pytestmark = pytest.mark.django_db(transaction=True)
KEY = "preview-2"
PAGE = {"Accept": "text/html"}


@pytest.fixture
async def here(lab_settings: Settings, daemon: Daemon) -> AsyncIterator[Place]:
    daemon.driver.create(KEY, Spec(), lambda *step: None)
    async with place(lab_settings, KEY) as found:
        yield found


async def status(here: Place, path: str = "/", **headers: str) -> int:
    async with here.browser.ask(here.target, path, headers=headers) as answer:
        return int(answer.status)


async def enter(here: Place, token: str, target: Target | None = None) -> int:
    here.browser.cookie = ""
    return (await here.browser.enter(target or here.target, token)).status


async def token(here: Place, **changes: Any) -> str:
    return passes.issue(here.browser.pass_for(here.target, **changes))


async def test_a_token_opens_once(here: Place) -> None:
    one = await token(here)
    here.browser.cookie = ""
    answer = await here.browser.enter(here.target, one)
    assert (answer.status, answer.headers["Location"]) == (303, "/")
    said = answer.headers["Set-Cookie"]
    assert all(part in said for part in ("HttpOnly", "SameSite=None", "Secure", "Partitioned", "Path=/"))
    assert "Domain" not in said
    assert await status(here) == 200
    assert await enter(here, one) == 401, "a second time"


async def test_of_many_who_bring_one_token_one_is_let_in(here: Place) -> None:
    one = await token(here)
    here.browser.cookie = ""
    path = f"{RESERVED}enter?token={one}"
    assert sorted(await asyncio.gather(*(status(here, path) for _ in range(12)))) == [303, *[401] * 11]


async def test_who_loads_again_what_they_entered_by_stays(here: Place) -> None:
    assert (await here.browser.enter(here.target, "used-long-ago")).status == 303


async def test_tokens_for_something_else(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    other = Target(KEY, here.target.port + 1)
    origin = f"http://{here.browser.host(here.target)}"
    wrong = [
        await token(here, origin="http://8080-elsewhere.localhost:1"),
        passes.issue(here.browser.pass_for(other)),
        passes.issue(here.browser.pass_for(other, origin=origin)),
        passes.issue(here.browser.pass_for(Target("another-one", here.target.port), origin=origin)),
        passes.seal(here.browser.pass_for(here.target)),
        (await token(here))[:-2] + "xx",
        "",
        "a:b:c",
        "%C3%A9%00",
    ]
    for one in wrong:
        assert await enter(here, one) == 401, one
    with monkeypatch.context() as later:
        good = await token(here)
        later.setattr(passes, "TOKEN_SECONDS", -1)
        assert await enter(here, good) == 401, "too late"


async def test_cookies_for_something_else(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    good = here.browser.cookie
    elsewhere = here.browser.pass_for(Target("another-one", here.target.port))
    for wrong in ("", "x", good[:-2] + "xx", passes.seal(elsewhere), await token(here)):
        here.browser.cookie = wrong
        assert await status(here) == 401, wrong
    here.browser.cookie = good
    assert await status(here) == 200
    monkeypatch.setattr(passes, "VISIT_SECONDS", -1)
    assert await status(here) == 401, "an old one"
    assert here.program.seen[1:] == []


async def test_another_learner_is_not_let_in(here: Place) -> None:
    assert await enter(here, await token(here, owner="somebody-else")) == 303
    assert await status(here, **PAGE) == 410
    assert here.program.seen == []


@pytest.mark.parametrize("change", [
    {"state": State.ENDING}, {"state": State.ENDED}, {"state": State.FAILED}, {"owner": "somebody-else"},
])  # fmt: skip
async def test_a_sandbox_that_ends_or_changes_hands(here: Place, change: dict[str, Any]) -> None:
    assert await status(here) == 200
    headers = here.browser.headers(here.target)
    origin = f"http://{here.browser.host(here.target)}"
    async with here.browser.client.ws_connect(
        here.browser.url("/socket"), headers=headers, origin=origin
    ) as open_:
        await open_.send_str("still there")
        assert await open_.receive_str() == "still there"
        await here.change(**change)
        message = await asyncio.wait_for(open_.receive(), 10)
        assert message.type in (aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE)
    assert await status(here) == 410
    async with here.browser.ask(here.target, headers=PAGE) as answer:
        assert "The sandbox has ended" in await answer.text()


async def test_requests_of_other_sites_pages(here: Place) -> None:
    for site in ("cross-site", "same-site"):
        said = {"Sec-Fetch-Site": site, "Sec-Fetch-Mode": "no-cors"}
        assert await status(here, **said) == 403
        assert await status(here, **{**said, "Sec-Fetch-Mode": "navigate"}) == 200, "a link may lead here"
        async with here.browser.ask(
            here.target, method="POST", headers={**said, "Sec-Fetch-Mode": "navigate"}
        ) as answer:
            assert answer.status == 403
    assert await status(here, **{"Sec-Fetch-Site": "same-origin", "Sec-Fetch-Mode": "cors"}) == 200


async def test_names_that_are_no_previews(here: Place) -> None:
    for host in (
        "localhost",
        f"x-{KEY}.localhost",
        f"0-{KEY}.localhost",
        f"70000-{KEY}.localhost",
        "80-a.b.localhost",
    ):
        async with here.browser.client.get(here.browser.url("/"), headers={"Host": host}) as answer:
            assert answer.status == 404, host


async def test_a_sandbox_that_sleeps_is_woken(here: Place, daemon: Daemon) -> None:
    daemon.driver.frozen.add(KEY)
    before = (await Sandbox.objects.aget(key=KEY)).touched
    assert await status(here) == 200
    assert daemon.driver.frozen == set()
    assert (await Sandbox.objects.aget(key=KEY)).touched > before


async def test_too_many_at_once(here: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    from sandbox.preview import visits

    monkeypatch.setattr(visits, "MOST", 2)
    async with (
        here.browser.ask(here.target, "/events") as one,
        here.browser.ask(here.target, "/events") as two,
    ):
        assert (one.status, two.status) == (200, 200)
        assert await status(here) == 503
    here.program.let_go.set()
    deadline = asyncio.get_running_loop().time() + 5
    while await status(here) != 200:
        assert asyncio.get_running_loop().time() < deadline, "room again once they are gone"


# The lab's own part


@pytest.fixture(autouse=True)
def without_static_files(settings: Settings) -> None:
    settings.MIDDLEWARE = [name for name in settings.MIDDLEWARE if "whitenoise" not in name]


def test_the_labs_cookies_are_all_known(settings: Settings) -> None:
    ours = {learners.COOKIE, access.COOKIE, settings.CSRF_COOKIE_NAME, settings.SESSION_COOKIE_NAME}
    assert ours <= set(settings.LAB_COOKIES)


def ask(owner: str | None, path: str = "/preview/8080", origin: str = "http://localhost:8000") -> Any:
    client = Client()
    if owner:
        client.cookies["learner"] = learners.sign(owner)
    return client.post(path, headers={"origin": origin, "host": "localhost:8000"})


def test_an_address_for_the_owner(lab_settings: Settings) -> None:
    Sandbox.objects.create(key=KEY, profile="docker", owner=OWNER, state=State.READY, handle={})
    answer = ask(OWNER)
    origin = f"http://8080-{KEY}.localhost:{lab_settings.PREVIEW_PORT}"
    assert (answer.status_code, answer.json()["origin"]) == (200, origin)
    granted = passes.redeem(answer.json()["url"].partition("?token=")[2], origin)
    assert granted == passes.Pass(KEY, 8080, passes.holder_of(OWNER), origin, "http://localhost:8000")


@pytest.mark.parametrize(("owner", "origin", "expected"), [
    ("somebody-else", "http://localhost:8000", 404), (None, "http://localhost:8000", 404),
    (OWNER, "http://evil.example", 403), (OWNER, "", 403), (OWNER, f"http://8080-{KEY}.localhost:8001", 403),
])  # fmt: skip
def test_no_address_for_others(lab_settings: Settings, owner: str | None, origin: str, expected: int) -> None:
    Sandbox.objects.create(key=KEY, profile="docker", owner=OWNER, state=State.READY, handle={})
    answer = ask(owner, origin=origin)
    assert answer.status_code == expected
    assert answer.json()["message"].endswith(".")


def test_no_address_where_a_proxy_passes_no_names_on(lab_settings: Settings) -> None:
    Sandbox.objects.create(key=KEY, profile="docker", owner=OWNER, state=State.READY, handle={})
    lab_settings.TRUST_PROXY = True
    answer = ask(OWNER)
    assert (answer.status_code, "LAB_PREVIEW_DOMAIN" in answer.json()["message"]) == (409, True)


def test_asking_very_often(lab_settings: Settings) -> None:
    Sandbox.objects.create(key=KEY, profile="docker", owner=OWNER, state=State.READY, handle={})
    assert [ask(OWNER).status_code for _ in range(61)][-1] == HTTPStatus.TOO_MANY_REQUESTS


async def test_two_at_once_redeem_one(lab_settings: Settings) -> None:
    granted = passes.Pass(KEY, 80, "holder", "http://x", LAB)
    one = passes.issue(granted)
    redeem = sync_to_async(passes.redeem, thread_sensitive=False)
    found = await asyncio.gather(*(redeem(one, "http://x") for _ in range(8)))
    assert [each for each in found if each] == [granted]
