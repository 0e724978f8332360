"""The ASGI application: pages by Django, WebSockets by Channels."""

from __future__ import annotations

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 - Django must be set up first
from django.urls import path  # noqa: E402

import lab.celery  # noqa: E402, F401 - tasks are sent from here
from lab.access import AccessScope, SameOrigin  # noqa: E402
from lessons.consumers import LessonConsumer  # noqa: E402
from lessons.course import require  # noqa: E402
from lessons.learners import LearnerScope  # noqa: E402
from sandbox.consumers import TerminalSocket, WatchSocket  # noqa: E402

require()  # a broken lesson stops the start, with every problem named

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": SameOrigin(
            AccessScope(
                LearnerScope(
                    URLRouter(
                        [
                            path("ws/lesson/<slug:lesson>/", LessonConsumer.as_asgi()),
                            path("ws/terminal/<slug:key>/<slug:name>", TerminalSocket.as_asgi()),
                            path("ws/watch/<slug:token>/<slug:name>", WatchSocket.as_asgi()),
                        ]
                    )
                )
            )
        ),
    }
)
