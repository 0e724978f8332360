"""Which consumer a WebSocket reaches, and what it passes on the way. Imports models: Django must be set up."""

from __future__ import annotations

from typing import Any

from channels.routing import URLRouter
from django.urls import path, re_path

from lab.access import AccessScope, SameOrigin, deny
from lessons.consumers import LessonConsumer
from lessons.learners import LearnerScope
from sandbox.consumers import TerminalSocket, WatchSocket
from sandbox.watching import TabsConsumer

NOBODY: Any = deny
ROUTES = [
    path("ws/lesson/<slug:lesson>/", LessonConsumer.as_asgi()),
    path("ws/terminal/<slug:key>/<slug:name>", TerminalSocket.as_asgi()),
    path("ws/watch/<slug:token>", TabsConsumer.as_asgi()),
    path("ws/watch/<slug:token>/<slug:name>", WatchSocket.as_asgi()),
    re_path("", NOBODY),
]
websockets = SameOrigin(AccessScope(LearnerScope(URLRouter(ROUTES))))
