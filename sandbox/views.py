"""Watching: the learner's link to their terminals, and the page that it leads to."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from lab import policy
from lab.access import same_origin
from lab.requests import LearnerRequest
from sandbox import service, sharing
from sandbox.models import Sandbox, State

ONE_TERMINAL: list[dict[str, Any]] = [{"name": "main", "title": "Terminal 1"}]


@csrf_exempt  # the page's origin is compared instead
@require_http_methods(["GET", "POST", "DELETE"])
@never_cache
def share(request: LearnerRequest, key: str) -> HttpResponse:
    """The link by which others watch this sandbox's terminals: GET looks, POST makes one, DELETE takes it back.
    `{"path"}`, null where there is none; otherwise `{"message"}`."""
    if request.method != "GET" and not same_origin(request):
        return JsonResponse({"message": "This was asked by a page of another site."}, status=403)
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
    return render(request, "watch.html", {"token": token, "name": name, "terminals": terminals})


def _terminals(sandbox: Sandbox) -> list[dict[str, Any]]:
    tabs = (sandbox.layout or {}).get("tabs", ONE_TERMINAL)
    return [tab for tab in tabs if "port" not in tab]
