"""Who may use a lab that others can reach: same-origin requests, and visitors who know the code."""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable
from functools import wraps
from typing import Any, cast
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse, parse_cookie
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.csrf import csrf_exempt

from lab import counters
from lab.proxy import client_address
from lab.requests import View

COOKIE = "lab_access"
SALT = "lab.access"
OPEN_PATHS = ("/enter", "/healthz")
OPEN_FOLDERS = ("/static/", "/certificate/")
"""Who is shown a certificate need not be one who may have a sandbox: its link holds all that the page says."""
TRIES_PER_MINUTE = 10

Scope = dict[str, Any]
App = Callable[[Scope, Any, Any], Awaitable[Any]]


def access_code() -> str:
    """The code that `make up` printed."""
    return str(settings.PATHS.code.read_text().strip())


def _token(code: str) -> str:
    """What the cookie holds: it ends when the operator changes the code, and does not reveal it."""
    return signing.Signer(salt=SALT).signature(code)


def admitted(cookie: str | None) -> bool:
    """Whether a visitor with this access cookie may come in."""
    if not settings.ACCESS_CODE_REQUIRED:
        return True
    return cookie is not None and hmac.compare_digest(cookie.encode(), _token(access_code()).encode())


class AccessMiddleware:
    """Sends visitors without the code to the page that asks for it."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        is_open = request.path in OPEN_PATHS or request.path.startswith(OPEN_FOLDERS)
        if is_open or admitted(request.COOKIES.get(COOKIE)):
            return self.get_response(request)
        return HttpResponseRedirect("/enter?" + urlencode({"next": request.get_full_path()}, safe="/"))


def enter(request: HttpRequest) -> HttpResponse:
    """Ask for the code; a right one sets a cookie for thirty days."""
    target = request.POST.get("next") or request.GET.get("next") or "/"
    if not url_has_allowed_host_and_scheme(target, allowed_hosts=None):
        target = "/"
    if admitted(request.COOKIES.get(COOKIE)):
        return HttpResponseRedirect(target)
    if request.method != "POST":
        return render(request, "enter.html", {"error": "", "next": target})
    address = client_address(request.META.get("REMOTE_ADDR", ""), request.headers.get("X-Forwarded-For", ""))
    if not counters.within(f"enter:{address}", TRIES_PER_MINUTE, 60):
        error = "That was tried too often; wait a minute and try again."
        return render(request, "enter.html", {"error": error, "next": target}, status=429)
    code = access_code()
    given = request.POST.get("code", "").strip()
    if not hmac.compare_digest(given.encode(), code.encode()):
        error = "That is not the code; ask the person who started this lab for the one it printed."
        return render(request, "enter.html", {"error": error, "next": target}, status=403)
    response = HttpResponseRedirect(target)
    response.set_cookie(
        COOKIE, _token(code), max_age=30 * 86400, httponly=True, samesite="Lax", secure=request.is_secure()
    )
    return response


def _header(scope: Scope, name: bytes) -> str | None:
    for key, value in scope["headers"]:
        if key == name:
            return str(value.decode("latin-1"))
    return None


async def deny(scope: Scope, receive: Any, send: Any) -> None:
    """Refuse a WebSocket at once, without the channel layer's connection that a consumer would take."""
    await receive()
    await send({"type": "websocket.close"})


class SameOrigin:
    """Refuses WebSockets that a page of another origin opened, or that name no origin."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        origin, host = _header(scope, b"origin"), _header(scope, b"host")
        if origin is None or host is None or _host_of(origin) != host.lower():
            return await deny(scope, receive, send)
        if not _known_host(host):
            return await deny(scope, receive, send)
        return await self.app(scope, receive, send)


def own_pages_only(view: View) -> View:
    """Refuse what pages of other sites ask for, by the origin that browsers name in all but GET and HEAD. It
    stands in place of Django's token, which belongs to a session."""

    @csrf_exempt
    @wraps(view)
    def checked(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        scheme = "https" if request.is_secure() else "http"
        own = request.headers.get("Origin", "").lower() == f"{scheme}://{request.get_host().lower()}"
        if request.method not in ("GET", "HEAD") and not own:
            return JsonResponse({"message": "This was asked by a page of another site."}, status=403)
        return view(request, *args, **kwargs)

    return cast(View, checked)


def _host_of(origin: str) -> str:
    try:
        return urlsplit(origin).netloc.lower()
    except ValueError:  # brackets that hold no address
        return ""


def _known_host(host: str) -> bool:
    from django.http.request import split_domain_port, validate_host

    domain, _ = split_domain_port(host)
    return bool(domain) and validate_host(domain, settings.ALLOWED_HOSTS)


class AccessScope:
    """The code's cookie, for WebSockets."""

    def __init__(self, app: App) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Any, send: Any) -> Any:
        # as Django reads them for pages: cookies of other programs on this host may have any name
        cookies = parse_cookie(_header(scope, b"cookie") or "")
        if not admitted(cookies.get(COOKIE)):
            return await deny(scope, receive, send)
        return await self.app(scope, receive, send)
