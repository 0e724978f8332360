"""Where the engines inside look for images."""

from __future__ import annotations

import json
import tomllib

from sandbox.drivers.namespace import daemon

OWN, CACHE = "http://registry.lab:5000", "http://registry.lab:5001"


def test_docker_asks_the_mirrors_in_order_and_without_encryption() -> None:
    made = json.loads(daemon.settings([OWN, CACHE]))
    assert made["registry-mirrors"] == [OWN, CACHE]
    assert made["insecure-registries"] == ["registry.lab:5000", "registry.lab:5001"]


def test_containerd_asks_the_same_for_the_images_of_docker_hub() -> None:
    made = tomllib.loads(daemon.hosts([OWN, CACHE])["docker.io"])
    assert list(made["host"]) == [OWN, CACHE]
    assert made["server"] == "https://registry-1.docker.io"
    assert all(host["capabilities"] == ["pull", "resolve"] for host in made["host"].values()), (
        "nothing is pushed"
    )


def test_kubernetes_own_images_lie_below_their_registrys_name() -> None:
    """docker.io/coredns/coredns exists, too, and is another image."""
    made = tomllib.loads(daemon.hosts([OWN, CACHE])["registry.k8s.io"])
    (host,) = made["host"]
    assert host == f"{OWN}/v2/registry.k8s.io"
    assert made["host"][host]["override_path"] is True
