"""Where the engines inside a sandbox look for images: configuration of Docker and of containerd."""

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


def hosts(mirrors: Sequence[str]) -> dict[str, str]:
    """containerd's hosts.toml for each registry. What belongs to registry.k8s.io lies in the lab's own registry
    below that name."""
    own = f"{mirrors[0]}/v2/registry.k8s.io"
    kubernetes = f'[host."{own}"]\ncapabilities = ["pull", "resolve"]\noverride_path = true\n'
    hub = "".join(f'[host."{mirror}"]\ncapabilities = ["pull", "resolve"]\n' for mirror in mirrors)
    return {
        "docker.io": f'server = "https://registry-1.docker.io"\n{hub}',
        "registry.k8s.io": f'server = "https://registry.k8s.io"\n{kubernetes}',
    }
