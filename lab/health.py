"""Whether the lab answers, and how far set-up is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse


def progress() -> dict[str, Any] | None:
    """What set-up wrote about its progress; None once everything is prepared."""
    return _read(settings.PATHS.progress_file)


def tools_progress() -> dict[str, Any] | None:
    """The same about what is built for Kubernetes while lessons with Docker already work."""
    return _read(settings.PATHS.tools_progress)


def _read(file: Path) -> dict[str, Any] | None:
    try:
        found = json.loads(file.read_text())
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def healthz(request: HttpRequest) -> HttpResponse:
    return HttpResponse("ok\n", content_type="text/plain")


def setup(request: HttpRequest) -> JsonResponse:
    """The progress of set-up, for a page that waits for it."""
    answer = {"setup": progress(), "kubernetes": tools_progress()}
    return JsonResponse(answer, headers={"Cache-Control": "no-store"})
