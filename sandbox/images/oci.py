"""The JSON documents of an image: its configuration and its manifest (OCI image specification 1.0)."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sandbox.images.layers import Layer
from sandbox.images.manifest import FROM_TOOLS, VERSION, Image

MANIFEST_TYPE = "application/vnd.oci.image.manifest.v1+json"
_CONFIG_TYPE = "application/vnd.oci.image.config.v1+json"
_LAYER_TYPE = "application/vnd.oci.image.layer.v1.tar+gzip"
_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64"}


@dataclass(frozen=True)
class Document:
    """Bytes as they are stored, with their digest."""

    content: bytes

    @property
    def digest(self) -> str:
        return f"sha256:{hashlib.sha256(self.content).hexdigest()}"


@dataclass(frozen=True)
class Step:
    """A layer and how it was made, as `docker history` shows it."""

    made_by: str
    layer: Layer


def architecture() -> str:
    """This machine's architecture by its name in image configurations."""
    machine = platform.machine()
    return _ARCHITECTURES.get(machine, machine)


def configuration(image: Image, version: str | None, steps: Sequence[Step], epoch: int) -> Document:
    """The configuration of `image`, made at `epoch` (seconds since 1970) by `steps`, the lowest first."""
    created = datetime.fromtimestamp(epoch, UTC).isoformat().replace("+00:00", "Z")
    environment = {"PATH": _PATH} if image.recipe not in ("program", *FROM_TOOLS) else {}
    environment |= {name: value.replace(VERSION, version or "") for name, value in image.env.items()}
    config: dict[str, Any] = {
        "Env": [f"{name}={value}" for name, value in environment.items()],
        "Entrypoint": list(image.entrypoint),
        "Cmd": list(image.cmd),
        "ExposedPorts": {port: {} for port in image.ports},
        "Volumes": {volume: {} for volume in image.volumes},
        "WorkingDir": image.workdir,
        "User": image.user,
        "StopSignal": image.stop_signal,
        "Labels": {"org.opencontainers.image.description": image.description},
    }
    history: list[dict[str, Any]] = [{"created": created, "created_by": step.made_by} for step in steps]
    history += [
        {"created": created, "created_by": instruction, "empty_layer": True}
        for instruction in _instructions(image, environment)
    ]
    return _document(
        {
            "architecture": architecture(),
            "os": "linux",
            "created": created,
            "config": {key: value for key, value in config.items() if value},
            "rootfs": {"type": "layers", "diff_ids": [step.layer.diff_id for step in steps]},
            "history": history,
        }
    )


def manifest(config: Document, layers: Sequence[Layer]) -> Document:
    """The manifest that ties a configuration to its layers."""
    return _document(
        {
            "schemaVersion": 2,
            "mediaType": MANIFEST_TYPE,
            "config": {"mediaType": _CONFIG_TYPE, "digest": config.digest, "size": len(config.content)},
            "layers": [
                {"mediaType": _LAYER_TYPE, "digest": layer.digest, "size": layer.size} for layer in layers
            ],
        }
    )


def _instructions(image: Image, environment: Mapping[str, str]) -> list[str]:
    """What a Dockerfile would have said, as `docker history` shows it."""
    lines = [f"ENV {name}={value}" for name, value in environment.items() if name != "PATH"]
    lines += [f"EXPOSE {port}" for port in image.ports]
    lines += [f"VOLUME {volume}" for volume in image.volumes]
    lines += [f"WORKDIR {image.workdir}"] if image.workdir else []
    lines += [f"USER {image.user}"] if image.user else []
    lines += [f"STOPSIGNAL {image.stop_signal}"] if image.stop_signal else []
    lines += [f"ENTRYPOINT {json.dumps(list(image.entrypoint))}"] if image.entrypoint else []
    lines += [f"CMD {json.dumps(list(image.cmd))}"] if image.cmd else []
    return lines


def _document(value: dict[str, Any]) -> Document:
    return Document(json.dumps(value, separators=(",", ":"), sort_keys=True).encode())
