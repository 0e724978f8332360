"""Watching: the learner's link to their terminals, and the page that it leads to."""

from __future__ import annotations

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from lab import policy
from lab.access import own_pages_only
from lab.requests import LearnerRequest
from sandbox import service, sharing
from sandbox.models import State

WATCH_BASE = "/ws/watch/"


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
    """The learner's terminals for whoever has the link; `?terminal=` chooses one, if it is still there."""
    found = sharing.watched(token)
    if found is None:
        raise Http404("This link shows nothing any more.")
    tabs = sharing.tabs(found)
    names = [tab["name"] for tab in tabs["tabs"]]
    name = request.GET.get("terminal", "")
    if name not in names:
        name = [*tabs["shown"], *names][0]
    terminal = {"key": token, "name": name, "terminal_base": WATCH_BASE, "readonly": True}
    return render(request, "watch.html", {**terminal, **tabs, "channel": f"{WATCH_BASE}{token}"})
