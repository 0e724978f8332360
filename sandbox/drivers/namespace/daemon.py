"""The Docker engine's configuration inside a sandbox."""

from __future__ import annotations

import json
from collections.abc import Sequence
from urllib.parse import urlsplit


def settings(mirrors: Sequence[str]) -> str:
    """/etc/docker/daemon.json; `mirrors` are URLs of registries that are asked before Docker Hub, in order."""
    found = {
        "exec-opts": ["native.cgroupdriver=cgroupfs"],
        "registry-mirrors": list(mirrors),
        # BuildKit leaves a mirror's scheme away and takes HTTPS, unless the registry is listed as one without.
        "insecure-registries": [urlsplit(mirror).netloc for mirror in mirrors],
        "features": {"containerd-snapshotter": False},
        "log-opts": {"max-size": "10m"},
    }
    return json.dumps(found, indent=2) + "\n"
