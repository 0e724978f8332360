"""Who is learning: a signed cookie that holds a key, and the row of that key. There are no accounts."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from http.cookies import CookieError, SimpleCookie
from typing import Any, cast

from channels.db import database_sync_to_async
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from lab.requests import LearnerRequest
from lessons.models import FormerKey, Learner, new_key

COOKIE = "learner"
SALT = "lessons.learner"
YEAR = 365 * 86400
RENEW = timedelta(days=1)
"""How old a visit must be for the row and the cookie to be renewed."""

Scope = dict[str, Any]


def sign(key: str) -> str:
    """The cookie's value for a learner's key."""
    return signing.TimestampSigner(salt=SALT).sign(key)


def read(cookie: str | None) -> str | None:
    """The key in a cookie's value; None when there is none or somebody tampered with it."""
    if not cookie:
        return None
    try:
        return signing.TimestampSigner(salt=SALT).unsign(cookie, max_age=YEAR)
    except signing.BadSignature:
        return None


def known(cookie: str | None) -> str | None:
    """`read`, and where that learner has become one with another since, the other's key. Asks the database."""
    key = read(cookie)
    former = FormerKey.objects.filter(key=key).values_list("learner_id", flat=True) if key else None
    return (former.first() if former is not None else None) or key


class LearnerMiddleware:
    """Gives every request `learner_key` (None for strangers), and sets the cookie that a view asked for by
    `learner_renew`; for nobody, it takes the cookie away."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, plain: HttpRequest) -> HttpResponse:
        request = cast(LearnerRequest, plain)
        request.learner_key = known(request.COOKIES.get(COOKIE))
        request.learner_renew = False
        response = self.get_response(request)
        if request.learner_renew and not request.learner_key:
            response.delete_cookie(COOKIE, samesite="Lax")
        elif request.learner_renew and request.learner_key:
            response.set_cookie(
                COOKIE,
                sign(request.learner_key),
                max_age=YEAR,
                httponly=True,
                samesite="Lax",
                secure=request.is_secure(),
            )
        return response


def enrol(request: LearnerRequest) -> Learner:
    """The learner behind a request; makes the row, and has the cookie set, when they are new."""
    learner, made = Learner.objects.get_or_create(key=request.learner_key or new_key())
    now = timezone.now()
    if made or learner.seen < now - RENEW:
        Learner.objects.filter(key=learner.key).update(seen=now)
        request.learner_renew = True
    request.learner_key = learner.key
    return learner


class LearnerScope:
    """ASGI: sets `scope["learner_key"]` to the key in the cookie, or None."""

    def __init__(self, app: Callable[[Scope, Any, Any], Awaitable[Any]]) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        raw = b"; ".join(value for name, value in scope["headers"] if name == b"cookie")
        try:
            cookie = SimpleCookie(raw.decode("latin-1")).get(COOKIE)
        except CookieError:
            cookie = None
        key = cookie and await database_sync_to_async(known, thread_sensitive=False)(cookie.value)
        return await self.app({**scope, "learner_key": key or None}, receive, send)
