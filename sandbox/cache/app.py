"""The cache as sandboxes see it: the pulling half of the OCI distribution API, and nothing else.

It asks the upstream for two kinds of things only, named by the API's own patterns. An answer to "is there such an
image?" never takes much longer than a second (`manifests.PATIENCE`), however long the upstream takes.
"""

from __future__ import annotations

import asyncio
import re
from collections import Counter
from collections.abc import AsyncIterator

from aiohttp import web

from sandbox.cache import blobs
from sandbox.cache.manifests import DIGEST, Manifests
from sandbox.cache.store import Store
from sandbox.cache.upstream import Missing, Refused, Unreachable, Upstream

NAME = re.compile(r"[a-z0-9]+([._-]+[a-z0-9]+)*(/[a-z0-9]+([._-]+[a-z0-9]+)*)*")
TAG = re.compile(r"\w[\w.-]{0,127}", re.ASCII)
RANGE = re.compile(r"bytes=(\d{1,15})-")
OCTETS = "application/octet-stream"
EACH = 8
"""Blobs that one sandbox may have on their way at once."""


class Cache:
    def __init__(self, store: Store, upstream: Upstream) -> None:
        self._store, self._upstream = store, upstream
        self._manifests = Manifests(store, upstream)
        self._downloads: dict[str, blobs.Download] = {}
        self._by_peer: Counter[str] = Counter()

    def application(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v2/", _version)
        app.router.add_get("/v2/{name:.+}/manifests/{reference}", self._manifest)
        app.router.add_get("/v2/{name:.+}/blobs/{digest}", self._blob)
        app.router.add_route("*", "/{rest:.*}", _anything_else)
        app.on_shutdown.append(self._stop)
        return app

    async def _stop(self, app: web.Application) -> None:
        for download in list(self._downloads.values()):
            if download.task:
                download.task.cancel()

    async def _manifest(self, request: web.Request) -> web.StreamResponse:
        name, reference = request.match_info["name"], request.match_info["reference"]
        if not _is_name(name) or not (TAG.fullmatch(reference) or DIGEST.fullmatch(reference)):
            return _error(404, "MANIFEST_UNKNOWN", "there is no such manifest")
        try:
            found = await self._manifests.get(name, reference)
        except Missing:
            return _error(404, "MANIFEST_UNKNOWN", "the upstream registry has no such image")
        except Unreachable:
            return _error(503, "UNAVAILABLE", "the upstream registry does not answer")
        headers = {"Docker-Content-Digest": found.digest, "Content-Type": found.kind}
        return web.Response(body=found.content, headers=headers)

    async def _blob(self, request: web.Request) -> web.StreamResponse:
        name, digest = request.match_info["name"], request.match_info["digest"]
        if not _is_name(name) or not DIGEST.fullmatch(digest):
            return _error(404, "BLOB_UNKNOWN", "there is no such blob")
        path = self._store.find("blobs", digest[7:])
        if path:
            headers = {"Docker-Content-Digest": digest, "Content-Type": OCTETS}
            return web.FileResponse(path, chunk_size=blobs.CHUNK, headers=headers)
        peer = request.remote or ""
        if self._by_peer[peer] >= EACH:
            return _error(429, "TOOMANYREQUESTS", "this sandbox fetches a lot already")
        self._by_peer[peer] += 1
        try:
            return await self._fetch(request, name, digest)
        except Missing:
            return _error(404, "BLOB_UNKNOWN", "the upstream registry has no such blob")
        except (Unreachable, TimeoutError) as error:
            if not isinstance(error, Refused):
                self._manifests.silent(error)
            return _error(503, "UNAVAILABLE", "the upstream registry does not answer")
        finally:
            self._by_peer[peer] -= 1
            if not self._by_peer[peer]:
                del self._by_peer[peer]

    async def _fetch(self, request: web.Request, name: str, digest: str) -> web.StreamResponse:
        download = self._downloads.get(digest)
        if download is None:
            if self._manifests.quiet or len(self._downloads) >= blobs.AT_ONCE:
                return _error(503, "UNAVAILABLE", "not now; try again in a few seconds")
            download = self._downloads[digest] = blobs.Download(name, digest)
            download.task = asyncio.create_task(download.run(self._store, self._upstream))
            download.task.add_done_callback(lambda done: self._downloads.pop(digest))
        try:
            size = await asyncio.wait_for(asyncio.shield(download.size), blobs.OPENING)
        except blobs.Unkept:
            return await self._pass(request, name, digest)
        found = RANGE.fullmatch(request.headers.get("Range", ""))
        start = int(found[1]) if found and int(found[1]) < size else 0
        return await _send(request, digest, download.read(start, size), size, start)

    async def _pass(self, request: web.Request, name: str, digest: str) -> web.StreamResponse:
        """What cannot be kept goes straight through."""
        async with self._upstream.ask(name, f"blobs/{digest}") as answer:
            return await _send(request, digest, blobs.verified(answer.content, digest), answer.content_length)


async def _send(
    request: web.Request, digest: str, chunks: AsyncIterator[bytes], size: int | None, start: int = 0
) -> web.StreamResponse:
    """Cut off, and so seen by the engine as broken, when the chunks do not come whole."""
    response = web.StreamResponse(headers={"Docker-Content-Digest": digest, "Content-Type": OCTETS})
    if start:
        response.set_status(206)
        response.headers["Content-Range"] = f"bytes {start}-{(size or 0) - 1}/{size}"
    if size is not None:
        response.content_length = size - start
    await response.prepare(request)
    if request.method == "HEAD":
        return response
    try:
        async for chunk in chunks:
            await response.write(chunk)
        await response.write_eof()
    except (Unreachable, OSError):
        if request.transport:
            request.transport.abort()
    return response


async def _version(request: web.Request) -> web.Response:
    return web.json_response({}, headers={"Docker-Distribution-Api-Version": "registry/2.0"})


async def _anything_else(request: web.Request) -> web.Response:
    if request.method in ("GET", "HEAD"):
        return _error(404, "UNSUPPORTED", "there is no such thing here")
    return _error(405, "UNSUPPORTED", "the cache is read-only")


def _is_name(name: str) -> bool:
    return len(name) <= 255 and bool(NAME.fullmatch(name))


def _error(status: int, code: str, message: str) -> web.Response:
    return web.json_response({"errors": [{"code": code, "message": message}]}, status=status)
