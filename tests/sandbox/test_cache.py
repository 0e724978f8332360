"""The cache before upstreams that behave in every way: they are real servers, and so is the cache."""

from __future__ import annotations

import asyncio
import hashlib
import os
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import ClientSession, web
from aiohttp.test_utils import TestServer
from yarl import URL

from sandbox.cache import blobs, manifests
from sandbox.cache.addresses import Forbidden, Gate, public
from sandbox.cache.app import Cache
from sandbox.cache.store import BLOCK, Store
from sandbox.cache.upstream import Upstream

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
KIND = "application/vnd.oci.image.manifest.v1+json"
BLOB = os.urandom(700_000)


def digest(content: bytes) -> str:
    return f"sha256:{hashlib.sha256(content).hexdigest()}"


class Registry:
    """An upstream whose answers a test chooses; it counts what it is asked."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.answer: Handler = self.normal
        self.manifest = b'{"schemaVersion": 2}'

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(f"{request.method} {request.path}")
        return await self.answer(request)

    async def normal(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/v2/library/one/manifests/1":
            return web.Response(body=self.manifest, content_type=KIND)
        if request.path.endswith(digest(BLOB)):
            return web.Response(body=BLOB)
        return web.Response(status=404)


@pytest.fixture
def registry() -> Registry:
    return Registry()


@pytest_asyncio.fixture
async def server(registry: Registry) -> AsyncIterator[TestServer]:
    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", registry.handle)
    found = TestServer(app)
    async with found:
        yield found


@pytest.fixture
def store(tmp_path: Path) -> Store:
    return Store(tmp_path, 4 << 20)


@pytest_asyncio.fixture
async def cache(server: TestServer, store: Store) -> AsyncIterator[TestServer]:
    upstream = Upstream(str(server.make_url("")).rstrip("/"))
    found = TestServer(Cache(store, upstream).application())
    async with found:
        yield found
    await upstream.close()


@pytest_asyncio.fixture
async def client() -> AsyncIterator[ClientSession]:
    async with ClientSession() as found:
        yield found


Get = Callable[[str], Awaitable[tuple[int, bytes]]]


@pytest.fixture
def get(cache: TestServer, client: ClientSession) -> Get:
    async def ask(path: str) -> tuple[int, bytes]:
        async with client.get(cache.make_url(path)) as answer:
            return answer.status, await answer.read()

    return ask


IMAGE, PIECE = "/v2/library/one/manifests/1", f"/v2/library/one/blobs/{digest(BLOB)}"


async def dead(request: web.Request) -> web.StreamResponse:
    return web.Response(status=502)


async def hanging(request: web.Request) -> web.StreamResponse:
    await asyncio.sleep(600)
    raise AssertionError


async def test_what_was_fetched_is_there_without_the_upstream(get: Get, registry: Registry) -> None:
    assert await get(IMAGE) == (200, registry.manifest)
    assert await get(PIECE) == (200, BLOB)
    registry.answer = dead
    assert await get(IMAGE) == (200, registry.manifest)
    assert await get(f"/v2/library/one/manifests/{digest(registry.manifest)}") == (200, registry.manifest)
    assert await get(PIECE) == (200, BLOB)
    assert (await get("/v2/library/two/manifests/1"))[0] == 503


async def test_a_tag_is_asked_for_again_after_a_while(
    get: Get, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "FRESH", 0.0)
    assert await get(IMAGE) == (200, registry.manifest)
    registry.manifest = b'{"schemaVersion": 2, "new": true}'
    assert await get(IMAGE) == (200, registry.manifest)


async def test_many_who_want_the_same_ask_once(get: Get, registry: Registry) -> None:
    found = await asyncio.gather(*(get(IMAGE) for _ in range(20)), *(get(PIECE) for _ in range(8)))
    assert {status for status, _ in found} == {200}
    assert sorted(registry.asked) == [f"GET {PIECE}", f"GET {IMAGE}"]


async def test_an_upstream_that_hangs_holds_nobody_up(
    get: Get, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(manifests, "FRESH", 0.0)
    assert (await get(IMAGE))[0] == 200
    registry.answer = hanging
    began = time.monotonic()
    assert await get(IMAGE) == (200, registry.manifest)
    assert (await get("/v2/library/ngnix/manifests/latest"))[0] == 503  # the second does not wait at all
    assert manifests.PATIENCE <= time.monotonic() - began < manifests.PATIENCE + 0.9


async def test_what_comes_late_is_there_for_the_next(get: Get, registry: Registry) -> None:
    gate = asyncio.Event()

    async def late(request: web.Request) -> web.StreamResponse:
        await gate.wait()
        return await registry.normal(request)

    registry.answer = late
    assert (await get(IMAGE))[0] == 503
    gate.set()
    for _ in range(200):
        if (await get(IMAGE))[0] == 200:
            break
        await asyncio.sleep(0.02)
    assert await get(IMAGE) == (200, registry.manifest)


@pytest.mark.parametrize("kept", [True, False])
async def test_what_is_wrong_is_never_given_whole(
    kept: bool, get: Get, registry: Registry, cache: TestServer, client: ClientSession, store: Store
) -> None:
    wrong = BLOB[:-1] + bytes([BLOB[-1] ^ 1])

    async def lie(request: web.Request) -> web.StreamResponse:
        return web.Response(body=wrong)

    registry.answer = lie
    store.limit = store.limit if kept else 100_000
    with pytest.raises(Exception, match=r"payload|disconnected|closed|reset"):
        await get(PIECE)
    assert store.find("blobs", digest(BLOB)[7:]) is None
    assert store.taken == 0
    registry.answer = registry.normal
    await asyncio.sleep(0)
    assert await get(PIECE) == (200, BLOB)


async def test_a_manifest_that_is_another_is_refused(get: Get, registry: Registry, store: Store) -> None:
    async def lie(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"{}", content_type=KIND)

    registry.answer = lie
    assert (await get(f"/v2/library/one/manifests/{digest(b'other')}"))[0] == 503
    assert store.taken == 0


async def test_one_odd_image_silences_no_other(get: Get, registry: Registry) -> None:
    async def odd(request: web.Request) -> web.StreamResponse:
        if "odd" in request.path:
            return web.Response(
                body=b"{}", content_type="application/vnd.docker.distribution.manifest.v1+json"
            )
        return await registry.normal(request)

    registry.answer = odd
    assert (await get("/v2/library/odd/manifests/1"))[0] == 503
    assert await get(IMAGE) == (200, registry.manifest)


async def test_a_file_that_was_damaged_is_fetched_again(get: Get, registry: Registry, store: Store) -> None:
    await get(IMAGE)
    path = store.find("manifests", digest(registry.manifest)[7:])
    assert path
    path.write_bytes(path.read_bytes()[:-1])
    assert await get(IMAGE) == (200, registry.manifest)


async def test_the_rest_of_a_blob(get: Get, cache: TestServer, client: ClientSession) -> None:
    for _ in range(2):  # on its way, and kept
        async with client.get(cache.make_url(PIECE), headers={"Range": "bytes=600000-"}) as answer:
            assert (answer.status, await answer.read()) == (206, BLOB[600_000:])
            assert answer.headers["Content-Range"] == f"bytes 600000-{len(BLOB) - 1}/{len(BLOB)}"


async def test_only_pulling(cache: TestServer, client: ClientSession, registry: Registry) -> None:
    for method in ("POST", "PUT", "PATCH", "DELETE"):
        for path in ("/v2/library/one/blobs/uploads/", IMAGE, PIECE):
            async with client.request(method, cache.make_url(path)) as answer:
                assert answer.status == 405
    for path in (
        "/v2/_catalog",
        "/v2/library/one/tags/list",
        "/v2/../secret/manifests/1",
        "/",
        "/v2/A/manifests/1",
    ):
        async with client.get(cache.make_url(path)) as answer:
            assert answer.status == 404
    async with client.get(
        URL(f"{cache.make_url('/')}v2/x%2f..%2f..%2fadmin/manifests/1", encoded=True)
    ) as answer:
        assert answer.status == 404
    assert registry.asked == []


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "0x7f.1", "2130706433", "[::ffff:127.0.0.1]"])
@pytest.mark.parametrize("by", ["redirect", "realm"])
async def test_the_upstream_cannot_send_it_to_the_host(
    by: str, host: str, get: Get, registry: Registry
) -> None:
    touched: list[str] = []

    async def private(request: web.Request) -> web.StreamResponse:
        touched.append(request.path)
        return web.json_response({"token": "x"})

    app = web.Application()
    app.router.add_route("*", "/{rest:.*}", private)
    async with TestServer(app, host="127.0.0.1") as other:
        there = f"http://{host}:{other.port}/secret"

        async def send(request: web.Request) -> web.StreamResponse:
            if by == "redirect":
                return web.Response(status=307, headers={"Location": there})
            return web.Response(status=401, headers={"WWW-Authenticate": f'Bearer realm="{there}"'})

        registry.answer = send
        assert (await get(IMAGE))[0] == 503
        assert (await get(PIECE))[0] == 503
    assert touched == []
    assert registry.asked


async def test_redirects_within_the_upstream_are_followed(get: Get, registry: Registry) -> None:
    async def send(request: web.Request) -> web.StreamResponse:
        if request.path == "/elsewhere":
            return web.Response(body=BLOB)
        return web.Response(status=307, headers={"Location": "/elsewhere"})

    registry.answer = send
    assert await get(PIECE) == (200, BLOB)


async def test_a_token_is_fetched_with_the_login(
    registry: Registry, server: TestServer, tmp_path: Path
) -> None:
    login = tmp_path / "login"
    login.write_text("me:word\n")
    upstream = Upstream(str(server.make_url("")).rstrip("/"), login)

    async def guarded(request: web.Request) -> web.StreamResponse:
        if request.path == "/token":
            assert request.headers["Authorization"] == "Basic bWU6d29yZA=="
            assert request.query == {"scope": "repository:library/one:pull", "service": "s"}
            return web.json_response({"token": "abc", "expires_in": 300})
        if request.headers.get("Authorization") == "Bearer abc":
            return await registry.normal(request)
        realm = server.make_url("/token")
        return web.Response(status=401, headers={"WWW-Authenticate": f'Bearer realm="{realm}",service="s"'})

    registry.answer = guarded
    for _ in range(2):
        async with upstream.ask("library/one", "manifests/1") as answer:
            assert await answer.read() == registry.manifest
    assert registry.asked.count("GET /token") == 1
    await upstream.close()


@pytest.mark.parametrize(
    "address",
    ["127.0.0.1", "10.0.0.1", "172.16.0.1", "192.168.1.1", "169.254.169.254", "100.64.0.1", "198.18.0.1",
     "224.0.0.1", "0.0.0.0", "::1", "::ffff:10.0.0.1", "::ffff:8.8.8.8", "64:ff9b::a00:1", "2002:a00:1::",
     "fe80::1", "fd00::1", "ff02::1"],
)  # fmt: skip
def test_what_is_not_public(address: str) -> None:
    assert not public(address)


def test_what_is_public() -> None:
    assert public("1.1.1.1")
    assert public("2606:4700::1111")


async def test_the_upstream_s_other_ports_are_not_the_upstream() -> None:
    gate = Gate(URL("http://127.0.0.1:5000"))
    gate.check(URL("http://127.0.0.1:5000/v2/"))
    for text in ("http://127.0.0.1:5001/", "file:///etc/passwd", "http://169.254.169.254/latest"):
        with pytest.raises(Forbidden):
            gate.check(URL(text))
    await gate.close()


# The store


def sizes(folder: Path) -> int:
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


def test_the_bound_holds_and_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    store = Store(tmp_path, 10 * BLOCK)
    for name in "abcde":
        store.write("blobs", name, b"x" * 2 * BLOCK)
    assert store.find("blobs", "a")
    store.write("blobs", "f", b"x" * 3 * BLOCK)
    assert [name for name in "abcdef" if store.find("blobs", name)] == ["a", "d", "e", "f"]
    assert sizes(tmp_path) <= 10 * BLOCK
    store.write("blobs", "huge", b"x" * 11 * BLOCK)
    assert store.find("blobs", "huge") is None
    assert store.find("blobs", "f")


def test_drafts_count_and_are_gone_after_a_crash(tmp_path: Path) -> None:
    store = Store(tmp_path, 4 * BLOCK)
    draft = store.begin("blobs", "a", 3 * BLOCK)
    assert draft
    assert store.begin("blobs", "b", 2 * BLOCK) is None
    draft.file.write(b"half")
    draft.file.close()
    again = Store(tmp_path, 4 * BLOCK)
    assert (again.taken, sizes(tmp_path)) == (0, 0)


def test_a_smaller_bound_holds_from_the_next_start(tmp_path: Path) -> None:
    store = Store(tmp_path, 10 * BLOCK)
    for number, name in enumerate("abcd"):
        store.write("blobs", name, b"x" * BLOCK)
        os.utime(tmp_path / "blobs" / name, (number, number))
    assert [name for name in "abcd" if Store(tmp_path, 2 * BLOCK).find("blobs", name)] == ["c", "d"]


def test_the_disk_s_reserve_is_left(tmp_path: Path) -> None:
    free = os.statvfs(tmp_path).f_bavail * os.statvfs(tmp_path).f_frsize
    assert Store(tmp_path, 1 << 40, reserve=2 * free).begin("blobs", "a", 1) is None
    assert list((tmp_path / "blobs").iterdir()) == []


def test_chunks_are_many() -> None:
    """The blob of these tests is longer than a chunk, so that what is held back matters."""
    assert len(BLOB) > 2 * blobs.CHUNK
