"""The names that the lab answers to."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
ASK = (
    "import django; django.setup()\n"
    "from django.conf import settings\n"
    "from django.http.request import validate_host\n"
    "names = 'localhost', '127.0.0.1', '[::1]', 'lab.example', 'other.example'\n"
    "print(*(name for name in names if validate_host(name, settings.ALLOWED_HOSTS)))"
)
LOOPBACK = ["localhost", "127.0.0.1", "[::1]"]


@pytest.mark.parametrize(
    ("host", "hosts", "expected"),
    [
        ("127.0.0.1", "", LOOPBACK),
        ("0.0.0.0", "", [*LOOPBACK, "lab.example", "other.example"]),
        ("127.0.0.1", "lab.example", [*LOOPBACK, "lab.example"]),
        ("0.0.0.0", "lab.example", [*LOOPBACK, "lab.example"]),
    ],
)
def test_set_up_can_always_ask_by_a_loopback_name(
    host: str, hosts: str, expected: list[str], tmp_path: Path
) -> None:
    env = dict(
        os.environ, DJANGO_SETTINGS_MODULE="lab.settings", LAB_DATA=str(tmp_path), HOST=host, LAB_HOSTS=hosts
    )
    asked = subprocess.run(
        [sys.executable, "-c", ASK], cwd=ROOT, env=env, capture_output=True, text=True, check=True
    )
    assert asked.stdout.split() == expected
