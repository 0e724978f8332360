"""What must hold before anything is started; each failure is one sentence."""

from __future__ import annotations

import os

from lab.paths import Paths
from lab.setup import isolation, machine, probes
from lab.setup.errors import SetupError


def before_start(paths: Paths) -> None:
    """Raises SetupError for the first thing that makes a start pointless. Changes nothing."""
    if os.geteuid() != 0:
        raise SetupError("The lab is set up by root, who alone can make sandboxes: run `sudo make up`.")
    machine.check_path(paths)
    for probe in (probes.kernel, probes.user_namespaces, lambda: isolation.overlay(paths.store)):
        point = probe()
        if point.state == "fail":
            raise SetupError(f"{point.found} {point.mend}")
