"""Links by which a learner lets others watch the terminals of their sandbox, until they take it back."""

from __future__ import annotations

import json
import logging
import socket
from typing import Any

from asgiref.sync import async_to_sync
from channels.layers import get_channel_layer
from django.conf import settings
from redis.exceptions import RedisError

from sandbox.models import Sandbox, Share, State
from sandbox.termd.messages import TEXT, pack

log = logging.getLogger(__name__)

NOT_ARRANGED: dict[str, Any] = {"tabs": [{"name": "main", "title": "Terminal 1"}], "shown": ["main"]}


def group(key: str) -> str:
    """The channel-layer group of those who watch this sandbox."""
    return f"watch-{key}"


def shared(key: str) -> str | None:
    """The token of this sandbox's link, or None."""
    return Share.objects.filter(sandbox=key).values_list("token", flat=True).first()


def share(sandbox: Sandbox) -> str:
    """The token of the sandbox's link, a new one if there is none."""
    return Share.objects.get_or_create(sandbox=sandbox)[0].token


def revoke(key: str) -> None:
    """Take the link back, and send away who came by it."""
    if Share.objects.filter(sandbox=key).delete()[0]:
        _expel(key)
        tell(key)


def watched(token: str) -> Sandbox | None:
    """The running sandbox that this token lets watch, or None."""
    return Sandbox.objects.filter(share__token=token, state=State.READY).first()


def tabs(sandbox: Sandbox) -> dict[str, Any]:
    """What those who watch may know of how the terminals are arranged: `{"tabs": [{"name", "title"}], "shown"}`,
    of which `shown` are in front at the learner's. Previews are the learner's alone."""
    layout = sandbox.layout or NOT_ARRANGED
    terminals = [tab for tab in layout["tabs"] if "port" not in tab]
    names = {tab["name"] for tab in terminals}
    return {
        "tabs": [{"name": tab["name"], "title": tab["title"]} for tab in terminals],
        "shown": [name for name in layout["shown"] if name in names],
    }


def tell(key: str) -> None:
    """Have those who watch look at the arrangement again; they do so now and then in any case."""
    try:
        async_to_sync(get_channel_layer().group_send)(group(key), {"type": "tabs.changed"})
    except (OSError, RedisError) as error:
        log.warning("Who watches sandbox %s was not told of a change: %s", key, error)


def _expel(key: str) -> None:
    """Without termd nobody watches, and when it is back they must ask by a link that is gone."""
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(5.0)
            connection.connect(str(settings.PATHS.termd_socket))
            connection.sendall(pack(TEXT, json.dumps({"type": "expel", "sandbox": key}).encode()))
            connection.recv(1)  # its answer says that it is done
    except OSError as error:
        log.warning("Nobody was sent away from sandbox %s: %s", key, error)
