"""The lab's own part in previews: gives the owner's page an address that opens once."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from lab import counters
from lab.access import own_pages_only
from lab.requests import LearnerRequest
from sandbox import service
from sandbox.errors import Reason, SandboxError
from sandbox.models import State
from sandbox.preview import control, origins, passes
from sandbox.preview.origins import Mode, Target
from sandbox.preview.pages import RESERVED

EACH_MINUTE = 60
NO_DOMAIN = (
    "Previews need a domain of their own here; ask the operator of this lab to set LAB_PREVIEW_DOMAIN."
)
STATUS = {Reason.NOT_FOUND: 404, Reason.REFUSED: 429, Reason.CAPACITY: 503, Reason.UNAVAILABLE: 503}


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
@own_pages_only
def preview(request: LearnerRequest, port: int) -> HttpResponse:
    """POST: `{"url", "origin"}`, where this port of the learner's sandbox opens, once and within a minute;
    otherwise `{"message"}`. GET: a page that asks so and goes there, for tabs and links."""
    if not 1 <= port <= 65535:
        raise Http404("There is no such port.")
    if request.method != "POST":
        return render(request, "preview.html", {"port": port})
    try:
        return JsonResponse(_address(request, port))
    except SandboxError as error:
        return JsonResponse({"message": error.message}, status=STATUS.get(error.reason, 409))


def _address(request: LearnerRequest, port: int) -> dict[str, Any]:
    if origins.mode() is Mode.OFF:
        raise SandboxError(NO_DOMAIN, reason=Reason.INVALID)
    owner = request.learner_key
    found = service.current(owner) if owner else None
    if owner is None or found is None or found.state != State.READY:
        said = "There is no sandbox whose port could be opened; start one in a lesson."
        raise SandboxError(said, reason=Reason.NOT_FOUND)
    if not counters.within(f"preview:{owner}", EACH_MINUTE, 60):
        raise SandboxError("That was opened very often just now; wait a minute.", reason=Reason.REFUSED)
    target = Target(found.key, port)
    host, secure = request.get_host(), request.is_secure()
    listening = control.assigned(target) if origins.mode() is Mode.PORTS else 0
    origin = origins.origin(target, host=host, secure=secure, listening=listening).lower()
    lab = urlsplit(request.headers["Origin"])
    granted = passes.Pass(
        found.key, port, passes.holder_of(owner), origin, f"{lab.scheme}://{lab.netloc}".lower()
    )
    return {"url": f"{origin}{RESERVED}enter?token={passes.issue(granted)}", "origin": origin}
