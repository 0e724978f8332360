"""The lab served by uvicorn instead of Daphne: pages, channels and terminals are the same."""

from __future__ import annotations

import urllib.request

import pytest

from lab.paths import Paths
from lab.setup.store import remove
from tests.real.learner import Learner, Shell
from tests.running import running_lab, set_up

pytestmark = pytest.mark.lab


def test_a_learner_works_and_web_may_die() -> None:
    with running_lab(LAB_ASGI_SERVER="uvicorn") as lab:
        with urllib.request.urlopen(f"{lab.url}/", timeout=10) as answer:
            assert "Server" not in answer.headers  # Daphne says its name
        learner = Learner(lab)
        shell = Shell(learner, learner.claim())
        assert shell.command("echo $((6*7))") == "42"
        printed = shell.command("seq 1 200000")
        assert printed == "\n".join(str(number) for number in range(1, 200_001))
        lab.kill("web")
        assert shell.command("docker run --rm busybox:1 echo here").endswith("here")
        shell.close()
        assert "Traceback" not in lab.log()


def test_another_word_stops_the_start() -> None:
    built = Paths.from_env()
    data = built.data / "tests" / "another-word"
    try:
        done = set_up("up", data=data, env={"LAB_ASGI_SERVER": "apache", "LAB_STORE": str(built.store)})
    finally:
        remove(data)
    assert done.returncode == 1
    assert "LAB_ASGI_SERVER is 'apache'; set it to daphne or uvicorn." in done.stdout + done.stderr
