"""The registry behind the cache of images: handed over to the lab's user at start, asked by the doctor."""

from __future__ import annotations

import grp
import os
import urllib.error
import urllib.request

from lab.paths import USER, Paths
from lab.setup.errors import SetupError
from lab.setup.probes import Point
from lab.upstream import Upstream, read_login

SECONDS = 5


def wanted() -> Upstream | None:
    """What the operator has set. Raises SetupError."""
    try:
        found = Upstream.from_env()
        if found:
            found.login()
    except ValueError as error:
        raise SetupError(str(error)) from None
    return found


def hand_over(paths: Paths, found: Upstream | None) -> None:
    """Give the cache the login, readable by the lab's group alone; take away an earlier one. Raises SetupError."""
    file = paths.upstream_login
    if not found or not found.credentials:
        file.unlink(missing_ok=True)
        return
    try:
        user, password = read_login(found.credentials)
    except ValueError as error:
        raise SetupError(str(error)) from None
    fresh = file.with_name(f".{file.name}.new")
    fresh.unlink(missing_ok=True)
    fresh.touch(mode=0o600, exist_ok=False)
    fresh.write_text(f"{user}:{password}\n", encoding="utf-8")
    os.chown(fresh, 0, grp.getgrnam(USER).gr_gid)
    fresh.chmod(0o640)
    fresh.rename(file)


class _Stay(urllib.request.HTTPRedirectHandler):
    """A redirect is an answer, too."""

    def redirect_request(self, *about: object, **more: object) -> None:
        return None


def upstream() -> Point:
    """The doctor's point: asks the registry for its version, as the cache does, without a proxy."""
    name = "upstream registry"
    try:
        found = wanted()
    except SetupError as error:
        return Point(name, "fail", error.message, "Set it right, or unset it: the lab works without a cache.")
    if not found:
        return Point(name, "ok", "None is set; sandboxes have the lab's own images.")
    mend = "Check the address, the network and its firewall; until then sandboxes have what the lab keeps."
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay)
    try:
        with opener.open(f"{found.url}/v2/", timeout=SECONDS) as answer:
            status = int(answer.status)
    except urllib.error.HTTPError as error:
        status = error.code
    except (OSError, ValueError) as error:
        why = getattr(error, "reason", error)
        return Point(name, "warn", f"{found.url} does not answer ({why}).", mend)
    if status in (200, 401):  # 401: it wants a token, which it gives to anybody for public images
        return Point(name, "ok", f"{found.url} answers.")
    return Point(name, "warn", f"{found.url} answers, but not as a registry (HTTP {status}).", mend)
