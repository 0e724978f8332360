"""wait-ready, outside a sandbox: a program of this test's own stands for dig, saying what dig says."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

PROGRAM = (
    Path(__file__).resolve().parents[2]
    / "sandbox"
    / "rootfs"
    / "files"
    / "usr"
    / "lib"
    / "lab"
    / "wait-ready"
)
REFUSED = ";; communications error to 10.96.0.10#53: connection refused\n;; no servers could be reached"


def test_dns_is_waited_for_while_dig_says_that_nobody_answers(tmp_path: Path) -> None:
    """dig says so on its standard output."""
    asked = tmp_path / "asked"
    dig = tmp_path / "dig"
    dig.write_text(
        f"#!/bin/bash\necho >>{asked}\nif (($(wc -l <{asked}) < 3)); then echo '{REFUSED}'; exit 9; fi\n"
        "echo 10.96.0.1\n"
    )
    dig.chmod(0o755)
    environment = {**os.environ, "PATH": f"{tmp_path}:{os.environ['PATH']}"}
    subprocess.run(["bash", str(PROGRAM), "dns"], env=environment, check=True, timeout=60)
    assert len(asked.read_text()) == 3
