"""Links by which a learner lets others watch the terminals of their sandbox, until they take it back."""

from __future__ import annotations

import json
import logging
import socket

from django.conf import settings

from sandbox.models import Sandbox, Share, State
from sandbox.termd.messages import TEXT, pack

log = logging.getLogger(__name__)


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


def watched(token: str) -> Sandbox | None:
    """The running sandbox that this token lets watch, or None."""
    return Sandbox.objects.filter(share__token=token, state=State.READY).first()


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
