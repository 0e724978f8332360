"""The registry that sandboxes pull from: docker-registry, read-only, on the service address.

`python -m sandbox.images.registry` waits until that address and the images exist, writes the
configuration and becomes docker-registry. Standard library only: set-up uses it too, to fill the store.
"""

from __future__ import annotations

import json
import os
import secrets
import sys
import time
from pathlib import Path
from typing import Any

from lab.paths import Paths

PORT = 5000
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


def service_address(paths: Paths) -> str | None:
    """The address sandboxd has made for services, or None while there is none."""
    try:
        address = json.loads(paths.network_file.read_text(encoding="utf-8"))["address"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return address if isinstance(address, str) and address else None


def wait(paths: Paths, pause: float = 0.2) -> str:
    """The service address, as soon as it and the images exist; looks every `pause` seconds."""
    said = ""
    while True:
        address = service_address(paths)
        missing = "the images" if not paths.images.is_dir() else "" if address else "the service address"
        if address and not missing:
            return address
        if missing != said:
            print(f"waiting for {missing}", flush=True)
            said = missing
        time.sleep(pause)


def main() -> None:
    paths = Paths.from_env()
    address = wait(paths)
    config = paths.run_lab / "registry.yml"
    # The link to the images is kept in the path: a rebuilt part is served without a restart.
    write_configuration(config, configuration(paths.images, f"{address}:{PORT}"))
    print(f"serving {paths.images} on {address}:{PORT}", flush=True)
    # From version 3 on it would otherwise send traces to a collector on this machine.
    environment = {**os.environ, "OTEL_TRACES_EXPORTER": "none"}
    try:
        os.execvpe(PROGRAM, [PROGRAM, "serve", str(config)], environment)
    except FileNotFoundError:
        sys.exit(f"{PROGRAM} is not installed; install it with: apt-get install {PROGRAM}")


if __name__ == "__main__":
    main()
