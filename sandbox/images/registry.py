"""The registry that sandboxes pull from: docker-registry, read-only, on the service address.

`python -m sandbox.images.registry` waits until that address and the images exist, writes the
configuration and becomes docker-registry. Standard library only: set-up uses it too, to fill the store.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
from pathlib import Path
from typing import Any

from lab.paths import Paths
from sandbox import services

PROGRAM = "docker-registry"


def configuration(storage: Path, address: str, *, writable: bool = False) -> dict[str, Any]:
    """docker-registry's configuration; `address` is "host:port", `storage` its rootdirectory.

    Unless `writable`, every push and deletion is refused (405 UNSUPPORTED).
    """
    return {
        "version": "0.1",
        "log": {"level": "warn", "accesslog": {"disabled": True}},
        "storage": {
            "filesystem": {"rootdirectory": str(storage)},
            "cache": {"blobdescriptor": "inmemory"},
            "delete": {"enabled": False},
            "maintenance": {
                "uploadpurging": {"enabled": False},
                "readonly": {"enabled": not writable},
            },
        },
        # Signs the state of uploads; without one each start logs a warning.
        "http": {"addr": address, "secret": secrets.token_hex(16)},
    }


def write_configuration(path: Path, settings: dict[str, Any]) -> None:
    """Write `settings` as JSON, which the registry reads as the YAML it also is."""
    path.write_text(json.dumps(settings, indent=2) + "\n", encoding="utf-8")


def main() -> None:
    paths = Paths.from_env()
    found = services.wait(paths, lambda: "" if paths.images.is_dir() else "the images")
    address = f"{found.address}:{found.registry}"
    config = paths.run_lab / "registry.yml"
    # The link to the images is kept in the path: a rebuilt part is served without a restart.
    write_configuration(config, configuration(paths.images, address))
    print(f"serving {paths.images} on {address}", flush=True)
    # From version 3 on it would otherwise send traces to a collector on this machine.
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    try:
        os.execvpe(PROGRAM, [PROGRAM, "serve", str(config)], environment)
    except FileNotFoundError:
        sys.exit(f"{PROGRAM} is not installed; install it with: apt-get install {PROGRAM}")


if __name__ == "__main__":
    main()
