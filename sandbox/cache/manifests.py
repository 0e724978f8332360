"""Manifests and tags: asked upstream, verified, kept, and answered for within a bounded time."""

from __future__ import annotations

import asyncio
import hashlib
import json
import logging
import re
import time
from collections import OrderedDict
from dataclasses import dataclass

from aiohttp import StreamReader

from sandbox.cache.store import Store
from sandbox.cache.upstream import Missing, Refused, Unreachable, Upstream

log = logging.getLogger("cache")

PATIENCE = 1.0
"""Seconds that somebody waits for the upstream. What comes later is kept for the next time."""
LOOKUP = 20.0
"""Seconds that a question to the upstream may take in all."""
QUIET = 5.0
"""Seconds that nobody waits at all, after the upstream has not answered."""
FRESH, GONE = 60.0, 10.0
"""Seconds that the upstream is not asked again for a tag that it has, or does not have."""
REMEMBERED = 10_000
LARGEST = 4 << 20
"""Bytes of a manifest, as registries bound it."""
DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
KIND = re.compile(r"application/[\w.+-]+")
ACCEPT = ", ".join((
    "application/vnd.oci.image.index.v1+json", "application/vnd.docker.distribution.manifest.list.v2+json",
    "application/vnd.oci.image.manifest.v1+json", "application/vnd.docker.distribution.manifest.v2+json",
))  # fmt: skip


@dataclass(frozen=True)
class Manifest:
    kind: str
    """Its media type."""
    content: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"


class Manifests:
    def __init__(self, store: Store, upstream: Upstream) -> None:
        self._store, self._upstream = store, upstream
        self._asked: dict[tuple[str, str], asyncio.Task[Manifest]] = {}
        self._fresh: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._gone: OrderedDict[tuple[str, str], float] = OrderedDict()
        self._quiet_until = 0.0

    @property
    def quiet(self) -> bool:
        """Whether the upstream has just not answered, so that nobody should wait for it."""
        return time.monotonic() < self._quiet_until

    def silent(self, why: object) -> None:
        """The upstream does not answer."""
        if not self.quiet:
            log.warning("The upstream registry does not answer: %s", why or "it takes too long")
        self._quiet_until = time.monotonic() + QUIET

    async def get(self, name: str, reference: str) -> Manifest:
        """By tag or digest. Raises Missing, or Unreachable where nothing is kept either."""
        key, now = (name, reference), time.monotonic()
        kept = self._kept(name, reference)
        if kept and (DIGEST.fullmatch(reference) or self._fresh.get(key, 0) > now or self.quiet):
            return kept
        if self._gone.get(key, 0) > now:
            raise Missing
        if self.quiet:
            raise Unreachable("it has just not answered")
        task = self._asked.get(key)
        if task is None:
            task = self._asked[key] = asyncio.create_task(self._ask(name, reference))
            task.add_done_callback(lambda done: self._answered(key, done))
        try:
            return await asyncio.wait_for(asyncio.shield(task), PATIENCE)
        except TimeoutError:
            self.silent("")
            why = Unreachable("it takes too long")
        except Unreachable as error:
            why = error
        if kept:
            return kept
        raise why

    def _answered(self, key: tuple[str, str], done: asyncio.Task[Manifest]) -> None:
        del self._asked[key]
        error = None if done.cancelled() else done.exception()
        if isinstance(error, Refused):
            log.warning("%s:%s cannot be had from the upstream registry: %s", *key, error)
            _remember(self._gone, key, GONE)
        elif isinstance(error, Unreachable):
            self.silent(error)
        elif isinstance(error, Missing):
            _remember(self._gone, key, GONE)
        elif error:
            log.error("Asking for %s:%s failed", *key, exc_info=error)
        else:
            self._quiet_until = 0.0
            _remember(self._fresh, key, FRESH)

    async def _ask(self, name: str, reference: str) -> Manifest:
        try:
            async with (
                asyncio.timeout(LOOKUP),
                self._upstream.ask(name, f"manifests/{reference}", headers={"Accept": ACCEPT}) as answer,
            ):
                content = await _all(answer.content)
                kind = answer.headers.get("Content-Type", "").partition(";")[0].strip()
                claimed = answer.headers.get("Docker-Content-Digest")
        except TimeoutError:
            raise Unreachable("it takes too long") from None
        manifest = Manifest(kind, content)
        wanted = reference if DIGEST.fullmatch(reference) else claimed
        if not KIND.fullmatch(kind) or kind not in ACCEPT or (wanted and wanted != manifest.digest):
            raise Refused(f"what it sends for {name}:{reference} is not that manifest")
        try:
            self._store.write("manifests", manifest.digest[7:], f"{kind}\n".encode() + content)
            if wanted != reference:
                about = {"name": name, "tag": reference, "digest": manifest.digest}
                self._store.write("tags", _tag(name, reference), json.dumps(about).encode())
        except OSError as error:
            log.warning("A manifest cannot be kept: %s", error)
        return manifest

    def _kept(self, name: str, reference: str) -> Manifest | None:
        try:
            digest = reference
            if not DIGEST.fullmatch(reference):
                tag = self._store.find("tags", _tag(name, reference))
                if not tag:
                    return None
                digest = json.loads(tag.read_bytes())["digest"]
            path = self._store.find("manifests", digest[7:])
            if not path:
                return None
            kind, _, content = path.read_bytes().partition(b"\n")
        except (OSError, ValueError, LookupError, TypeError):
            return None
        manifest = Manifest(kind.decode("ascii", "replace"), content)
        if manifest.digest == digest:
            return manifest
        self._store.forget("manifests", digest[7:])
        return None


async def _all(stream: StreamReader) -> bytes:
    """A manifest's bytes. Raises Unreachable when there are too many."""
    content = bytearray()
    async for chunk in stream.iter_chunked(1 << 16):
        content += chunk
        if len(content) > LARGEST:
            raise Refused("it sends a manifest without end")
    return bytes(content)


def _tag(name: str, tag: str) -> str:
    return hashlib.sha256(f"{name}:{tag}".encode()).hexdigest()


def _remember(where: OrderedDict[tuple[str, str], float], key: tuple[str, str], seconds: float) -> None:
    where[key] = time.monotonic() + seconds
    where.move_to_end(key)
    while len(where) > REMEMBERED:
        where.popitem(last=False)
