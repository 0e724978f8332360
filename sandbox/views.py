"""Watching: the learner's link to their terminals, and the page that it leads to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lab import policy
from lab.access import own_pages_only
from lab.requests import LearnerRequest
from sandbox import service, sharing
from sandbox.models import Sandbox, State

WATCH_BASE = "/ws/watch/"
ONE_TERMINAL: list[dict[str, Any]] = [{"name": "main", "title": "Terminal 1"}]


@require_http_methods(["GET", "POST", "DELETE"])
@never_cache
@own_pages_only
def share(request: LearnerRequest, key: str) -> HttpResponse:
    """The link by which others watch this sandbox's terminals: GET looks, POST makes one, DELETE takes it back.
    `{"path"}`, null where there is none; otherwise `{"message"}`."""
    found = service.owned(request.learner_key or "", key)
    if found is None or found.state != State.READY:
        return JsonResponse({"message": "There is no sandbox that could be shown."}, status=404)
    if request.method == "DELETE":
        sharing.revoke(key)
    token = sharing.share(found) if request.method == "POST" else sharing.shared(key)
    return JsonResponse({"path": reverse("watch", args=[token]) if token else None})


@require_safe
@never_cache
@policy.allowing(policy.TERMINAL)
def watch(request: LearnerRequest, token: str) -> HttpResponse:
    """The learner's terminals for whoever has the link; `?terminal=` chooses one."""
    found = sharing.watched(token)
    if found is None:
        raise Http404("This link shows nothing any more.")
    terminals = _terminals(found)
    name = request.GET.get("terminal", terminals[0]["name"])
    if name not in [terminal["name"] for terminal in terminals]:
        raise Http404("There is no such terminal.")
    terminal = {"key": token, "name": name, "terminal_base": WATCH_BASE, "readonly": True}
    return render(request, "watch.html", {**terminal, "terminals": terminals})


def _terminals(sandbox: Sandbox) -> list[dict[str, Any]]:
    tabs = (sandbox.layout or {}).get("tabs", ONE_TERMINAL)
    return [tab for tab in tabs if "port" not in tab]
