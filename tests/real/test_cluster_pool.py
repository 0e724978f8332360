"""Clusters out of the pool: ready at once when they are claimed, asleep when nobody works, in order for a crowd."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.real.learner import Learner, Message, Shell, is_ready
from tests.real.pools import ask_database, away, daemon, frozen, keys, page
from tests.running import FACTOR, Lab, running_lab, wait

pytestmark = [pytest.mark.lab, pytest.mark.timeout(900)]

STEP = "/lessons/140-pods-and-containers/"
POOL = 2
CROWD = 6
NODES = "kubectl get nodes --no-headers"


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab(LAB_POOL_SIZE=f"docker=0,kubernetes={POOL}") as found:
        yield found


def wait_until_full(lab: Lab) -> list[str]:
    return wait(lambda: found if len(found := keys(lab, "pooled")) == POOL else [], "a full pool", 180)


def test_a_claimed_cluster_answers_at_once(lab: Lab) -> None:
    members = wait_until_full(lab)
    assert all(frozen(lab, key) for key in members)
    learner = Learner(lab, STEP)
    began = time.monotonic()
    key = learner.claim()
    assert key in members
    asked = daemon(lab).run({"key": key}, NODES.split())
    ready = time.monotonic() - began
    assert asked.stdout.split()[:2] == [b"lab", b"Ready"], asked
    shell = Shell(learner, key)
    assert shell.command(NODES).split()[:2] == ["lab", "Ready"]
    assert shell.command("kubectl run hello --image=busybox:1 --command -- sleep 99", 30).endswith("created")
    waited = "kubectl wait --for=condition=Ready pod/hello --timeout=60s"
    assert shell.command(waited, 70).endswith("condition met")
    shell.close()
    print(f"claim to Ready {ready:.2f} s")
    assert ready < 1.5 * FACTOR


def test_a_member_whose_api_is_dead_is_not_handed_out(lab: Lab) -> None:
    first, *others = wait_until_full(lab)
    with lab.without("beat"):
        daemon(lab).thaw({"key": first})
        stopped = daemon(lab).run({"key": first}, ["lab-ctl", "stop", "kube-apiserver"])
        assert stopped.exit_code == 0, stopped
        daemon(lab).freeze({"key": first})
        key = Learner(lab, STEP).claim()
    assert key in others
    assert daemon(lab).run({"key": key}, NODES.split()).exit_code == 0
    wait(lambda: first in keys(lab, "ended"), "the end of the dead one")


def test_who_is_away_has_a_cluster_that_sleeps_until_the_next_key(lab: Lab) -> None:
    learner = Learner(lab, STEP)
    key = learner.claim(90)
    shell = Shell(learner, key)
    assert shell.command("x=kept; echo $x") == "kept"
    with page(learner) as (_, hear):
        away(lab, key, 16)
        hear(state="asleep")
        assert frozen(lab, key)
        time.sleep(50)  # longer than the node's lease
        shell.type("true\n")
        hear(state="ready")
        assert shell.command(f"echo $x; {NODES}").split()[:3] == ["kept", "lab", "Ready"]
    shell.close()


def test_a_crowd_is_served_in_its_order_and_told_how_long_it_takes(lab: Lab) -> None:
    """More than the pool holds: who came first is first, and what was said of the time was about right."""
    assert lab.manage("sandbox", "destroy", "--all").returncode == 0
    wait_until_full(lab)

    def join(number: int) -> tuple[float, list[tuple[float, int, int | None]]]:
        """When it was ready, and what was said meanwhile: when, the place, and the seconds it would take."""
        time.sleep(number * 0.3)
        learner = Learner(lab, STEP)
        places: list[tuple[float, int, int | None]] = []

        def answered(said: Message) -> bool:
            assert said["type"] != "error", said
            if said["type"] == "sandbox" and said["queue"]:
                places.append((time.monotonic(), said["queue"]["place"], said["queue"]["seconds"]))
            return is_ready(said)

        learner.ask({"type": "claim"}, answered, 240)
        return time.monotonic(), places

    with ThreadPoolExecutor(CROWD) as threads:
        joined = list(threads.map(join, range(CROWD)))
    waited = [(when, places) for when, places in joined if places]
    for when, places in waited:
        numbers = [place for _, place, _ in places]
        assert numbers == sorted(numbers, reverse=True), "nobody is overtaken"
        for told, _, seconds in places:
            if seconds is not None:
                print(f"told {seconds} s, took {when - told:.1f} s")
    assert ask_database(lab, "SELECT count(*) FROM sandbox_sandbox WHERE state = 'failed'") == [(0,)]
    assert len(keys(lab, "ready")) == CROWD
