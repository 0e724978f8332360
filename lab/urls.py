"""The lab's addresses."""

from __future__ import annotations

from django.urls import include, path

from lab import access, health
from sandbox import views

urlpatterns = [
    path("enter", access.enter, name="enter"),
    path("healthz", health.healthz, name="healthz"),
    path("setup.json", health.setup, name="setup"),
    path("share/<slug:key>", views.share, name="share"),
    path("watch/<slug:token>/", views.watch, name="watch"),
    path("preview/", include("sandbox.preview.urls")),
    path("", include("lessons.urls")),
]
