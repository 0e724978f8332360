"""What a sandbox is made from, as a fingerprint: a member of the pool that was made from something else is outdated."""

from __future__ import annotations

import hashlib
import json
from functools import cache
from pathlib import Path

from django.conf import settings

from sandbox import drivers
from sandbox.drivers.base import Spec


def current(profile: str) -> str:
    """The fingerprint of the root filesystem, the drivers' code and the spec that a sandbox would be made from now:
    32 hexadecimal digits."""
    rootfs = settings.PATHS.rootfs.resolve().name  # an entry of the store, named by its content
    if profile == "kubernetes":
        rootfs += settings.PATHS.tools.resolve().name  # lies over it
    spec = json.dumps(Spec(profile=profile).to_json(), sort_keys=True)
    return hashlib.sha256("\0".join((rootfs, spec, _code())).encode()).hexdigest()[:32]


@cache
def _code() -> str:
    """The digest of the drivers' source, which does not change while this process runs."""
    digest = hashlib.sha256()
    for file in sorted(Path(str(drivers.__file__)).parent.rglob("*.py")):
        digest.update(file.name.encode() + b"\0" + file.read_bytes() + b"\0")
    return digest.hexdigest()
