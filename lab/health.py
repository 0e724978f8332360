"""Whether the lab answers, and how far set-up is."""

from __future__ import annotations

import json
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse


def progress() -> dict[str, Any] | None:
    """What set-up wrote about its progress; None once everything is prepared."""
    try:
        found = json.loads(settings.PATHS.progress_file.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def setup(request: HttpRequest) -> JsonResponse:
    """The progress of set-up, for a page that waits for it."""
    return JsonResponse({"setup": progress()}, headers={"Cache-Control": "no-store"})
