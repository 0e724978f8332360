"""Asks the upstream registry: its redirects, its tokens, and what it takes for an answer.

The protocol is the OCI distribution specification's; tokens are as in Docker's "token authentication".
"""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path

import aiohttp
from aiohttp import ClientResponse, ClientSession
from yarl import URL

from lab.upstream import read_login
from sandbox.cache.addresses import Forbidden, Gate

CONNECT, SILENCE = 4.0, 15.0
"""Seconds to connect, and without a byte from a connection."""
REDIRECTS = 5
REDIRECTED = (301, 302, 303, 307, 308)
NOT_THERE = (400, 401, 403, 404)
"""Docker Hub answers 401 for a repository that does not exist."""
TOKENS = 1000
PARAMETER = re.compile(r'(\w+)="([^"]*)"')


class Missing(Exception):
    """The upstream has no such thing, or not for us."""


class Unreachable(Exception):
    """It does not answer, or not as a registry does."""


class Refused(Unreachable):
    """It answers, but with nothing that may be used, which says nothing about other images."""


class Upstream:
    """`credentials` is a file with `user:password`, read each time that a token is asked for."""

    def __init__(self, url: str, credentials: Path | None = None) -> None:
        self.url = URL(url)
        self._credentials = credentials
        self._gate = Gate(self.url)
        self._tokens: dict[str, tuple[str, float]] = {}
        self._session = ClientSession(
            connector=aiohttp.TCPConnector(resolver=self._gate, limit=64),
            timeout=aiohttp.ClientTimeout(total=None, sock_connect=CONNECT, sock_read=SILENCE),
            auto_decompress=False,
            cookie_jar=aiohttp.DummyCookieJar(),
            headers={"User-Agent": "lab-cache", "Accept-Encoding": "identity"},
        )

    async def close(self) -> None:
        await self._session.close()

    @asynccontextmanager
    async def ask(
        self, name: str, what: str, *, method: str = "GET", headers: Mapping[str, str] | None = None
    ) -> AsyncIterator[ClientResponse]:
        """The answer (200) for `what` of the repository `name`. Raises Missing or Unreachable, also when the
        block's reading fails."""
        try:
            answer = await self._answer(name, what, method, dict(headers or {}))
            async with answer:
                if answer.status in NOT_THERE:
                    raise Missing
                if answer.status != 200:
                    raise (Unreachable if answer.status >= 500 else Refused)(f"HTTP {answer.status}")
                yield answer
        except (aiohttp.ClientError, TimeoutError, OSError, ValueError, LookupError) as error:
            forbidden = isinstance(error, Forbidden) or isinstance(
                getattr(error, "os_error", None), Forbidden
            )
            kind = Refused if forbidden or isinstance(error, (ValueError, LookupError)) else Unreachable
            raise kind(str(error) or type(error).__name__) from error

    async def _answer(self, name: str, what: str, method: str, headers: dict[str, str]) -> ClientResponse:
        url = self.url / "v2" / name / what
        token, until = self._tokens.get(name, ("", 0.0))
        answer = await self._follow(url, method, headers, token if until > time.monotonic() else "")
        if answer.status != 401:
            return answer
        challenge = answer.headers.get("WWW-Authenticate", "")
        answer.close()
        authorization = await self._authorization(name, challenge)
        return await self._follow(url, method, headers, authorization)

    async def _follow(
        self, url: URL, method: str, headers: Mapping[str, str], authorization: str
    ) -> ClientResponse:
        for _ in range(REDIRECTS + 1):
            self._gate.check(url)
            own = (
                {"Authorization": authorization}
                if authorization and url.origin() == self.url.origin()
                else {}
            )
            answer = await self._session.request(
                method, url, headers={**headers, **own}, allow_redirects=False
            )
            if answer.status not in REDIRECTED:
                return answer
            answer.close()
            further = url.join(URL(answer.headers.get("Location", "")))
            if url.scheme == "https" and further.scheme != "https":
                raise Refused("it leads from https to http")
            url = further
        raise Refused("it redirects without end")

    async def _authorization(self, name: str, challenge: str) -> str:
        kind, _, rest = challenge.partition(" ")
        login = await asyncio.to_thread(read_login, self._credentials) if self._credentials else None
        if kind.lower() == "basic" and login:
            return str(aiohttp.encode_basic_auth(*login))
        told = dict(PARAMETER.findall(rest))
        if kind.lower() != "bearer" or "realm" not in told:
            raise Missing
        realm = URL(told["realm"])
        self._gate.check(realm)
        query = {"scope": f"repository:{name}:pull"} | (
            {"service": told["service"]} if "service" in told else {}
        )
        headers = {}
        if login and (realm.scheme == "https" or realm.origin() == self.url.origin()):
            headers["Authorization"] = str(aiohttp.encode_basic_auth(*login))
        async with self._session.get(
            realm.update_query(query), headers=headers, allow_redirects=False
        ) as answer:
            if answer.status in NOT_THERE:
                raise Missing
            if answer.status != 200:
                raise Unreachable(f"HTTP {answer.status} from its token service")
            found = json.loads(await answer.content.read(1 << 20))
        token = f"Bearer {found.get('token') or found['access_token']}"
        while len(self._tokens) >= TOKENS:
            del self._tokens[next(iter(self._tokens))]
        self._tokens[name] = (token, time.monotonic() + 0.8 * float(found.get("expires_in") or 60))
        return token
