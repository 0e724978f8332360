"""The ASGI application: pages by Django, WebSockets by Channels."""

from __future__ import annotations

import os

from channels.routing import ProtocolTypeRouter
from django.core.asgi import get_asgi_application

from lessons.course import require

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "lab.settings")
pages = get_asgi_application()

from lab.routing import websockets  # noqa: E402 - imports models, for which Django must be set up

require()  # a broken lesson stops the start, with every problem named

application = ProtocolTypeRouter({"http": pages, "websocket": websockets})
