"""The pool, the queue and sleep on real sandboxes, with learners who speak the browser's protocol."""

from __future__ import annotations

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.real.learner import Learner, Message, Shell, is_ready
from tests.real.pools import ask_database, away, daemon, frozen, keys, page
from tests.running import FACTOR, Lab, running_lab, wait

pytestmark = [pytest.mark.lab, pytest.mark.timeout(600)]

POOL = 3
PUPILS = 30
JOINING = 10.0


@pytest.fixture(scope="module")
def lab() -> Iterator[Lab]:
    with running_lab(LAB_POOL_SIZE=f"docker={POOL},kubernetes=0", LAB_POOL_REFILL="2") as found:
        yield found


def wait_until_full(lab: Lab) -> list[str]:
    return wait(lambda: found if len(found := keys(lab, "pooled")) == POOL else [], "a full pool", 90)


def docker_works(learner: Learner, key: str) -> bool:
    shell = Shell(learner, key)
    try:
        return shell.command("docker version --format ok") == "ok"
    finally:
        shell.close()


def test_a_claim_from_the_pool_is_quick_and_works(lab: Lab) -> None:
    members = wait_until_full(lab)
    assert all(frozen(lab, key) for key in members)
    learner = Learner(lab)
    began = time.monotonic()
    key = learner.claim()
    ready = time.monotonic() - began
    shell = Shell(learner, key)
    assert shell.command("echo here-$((1+1))") == "here-2"
    prompt = time.monotonic() - began
    assert key in members
    assert shell.command("docker run --rm busybox:1 echo run-$((1+1))", 60).endswith("run-2")
    shell.close()
    print(f"ready after {ready:.2f} s, prompt after {prompt:.2f} s")
    assert ready < 1.0 * FACTOR
    assert key not in wait_until_full(lab), "the pool is filled again"
    before = time.monotonic()
    assert learner.reset() in keys(lab, "ready")
    print(f"a fresh one after {time.monotonic() - before:.2f} s")
    wait(lambda: key in keys(lab, "ended"), "the end of the old one")


def test_operators_see_the_pool_and_leave_it_alone(lab: Lab) -> None:
    member = wait_until_full(lab)[0]
    (line,) = [line for line in lab.manage("sandbox", "list").stdout.splitlines() if line.startswith(member)]
    assert line.split()[1:5] == ["pooled", "docker", "the", "pool"]
    entered = lab.manage("sandbox", "run", member, "--", "true")
    assert (entered.returncode, "waits in the pool" in entered.stderr) == (1, True)
    made = lab.manage("sandbox", "create")
    own = made.stdout.split()[-1]
    assert own not in keys(lab, "pooled")
    assert lab.manage("sandbox", "run", own, "--", "echo", "mine").stdout == "mine\n"
    assert lab.manage("sandbox", "destroy", own).returncode == 0


def test_a_member_that_died_is_not_handed_out(lab: Lab) -> None:
    """Its engine is killed as the lab thinks it well: the probe finds it, or the sweeper did before."""
    first, *others = wait_until_full(lab)
    with lab.without("beat"):
        daemon(lab).thaw({"key": first})
        daemon(lab).run({"key": first}, ["pkill", "-KILL", "dockerd"])
        daemon(lab).freeze({"key": first})
        learner = Learner(lab)
        key = learner.claim()
    assert key in others
    assert docker_works(learner, key)
    wait(lambda: first in keys(lab, "ended"), "the end of the dead one")
    assert first not in wait_until_full(lab)


def test_sandboxd_away_during_a_claim(lab: Lab) -> None:
    members = wait_until_full(lab)
    learner = Learner(lab)
    with page(learner) as (say, hear):
        with lab.without("sandboxd"):
            say("claim")
            assert hear(state="preparing")["key"] in members
        key = hear(state="ready")["key"]
    assert key in members
    assert docker_works(learner, key)


def test_a_worker_killed_in_the_middle_of_filling(lab: Lab) -> None:
    wait_until_full(lab)
    Learner(lab).claim()
    wait(lambda: keys(lab, "warming"), "the making of a member")
    lab.kill("worker")
    wait_until_full(lab)
    wait(lambda: set(keys(lab, "warming")) == set(), "the end of the making")
    there = {path.name for path in lab.paths.sandboxes.iterdir()}
    assert there == {*keys(lab, "pooled"), *keys(lab, "ready"), *keys(lab, "ending")}


def test_who_is_away_has_a_sandbox_that_sleeps_until_a_key_or_click(lab: Lab) -> None:
    learner = Learner(lab)
    key = learner.claim()
    shell = Shell(learner, key)
    assert shell.command("x=kept; sleep 1000 & echo $x").endswith("kept")
    with page(learner) as (say, hear):
        for wake in ("by a message", "by a key", "by a check"):
            away(lab, key, 16)
            assert hear(state="asleep")["key"] == key
            assert frozen(lab, key)
            if wake == "by a message":
                say("wake")
            elif wake == "by a key":
                shell.type("true\n")
            else:
                assert learner.check() == "done"  # a program runs
            hear(state="ready")
            assert not frozen(lab, key)
            assert shell.command("echo $x; jobs | wc -l") == "kept\n1"
            shell.close()  # keys are noted once in half a minute for each connection
            shell.reconnected(shell.connections)
    shell.close()


def test_a_visible_page_keeps_it_awake(lab: Lab) -> None:
    learner, other = Learner(lab), Learner(lab)
    watched, left = learner.claim(), other.claim()
    with page(learner) as (say, _), page(other) as (_, hear):
        with lab.without("beat"):  # the sweeper looks once both are so far
            for key in (watched, left):
                away(lab, key, 16)
            say("present")
            seen = (
                "SELECT count(*) FROM sandbox_sandbox WHERE key = ? AND seen > datetime('now', '-60 seconds')"
            )
            wait(lambda: ask_database(lab, seen, watched) == [(1,)], "the note that it is seen")
        hear(state="asleep")
    assert (frozen(lab, watched), frozen(lab, left)) == (False, True)


def test_an_end_is_announced_and_can_be_declined(lab: Lab) -> None:
    learner = Learner(lab)
    key = learner.claim()
    with page(learner) as (say, hear):
        away(lab, key, 231)
        assert hear(expires=9)["key"] == key
        say("keep")
        hear(state="ready", expires=None)
        away(lab, key, 241)
        assert "not used for a long time" in hear(state="ended")["message"]
    wait(lambda: key not in {path.name for path in lab.paths.sandboxes.iterdir()}, "its removal")


def test_a_class_joins(lab: Lab) -> None:
    """Thirty within ten seconds from one address: each gets a prompt, those beyond the pool by waiting."""
    assert lab.manage("sandbox", "destroy", "--all").returncode == 0
    wait_until_full(lab)
    began = time.monotonic()

    def join(number: int) -> tuple[float, int]:
        """Seconds from opening the page to the prompt, and the farthest place in the queue."""
        time.sleep(max(0.0, began + number * JOINING / PUPILS - time.monotonic()))
        opened, places = time.monotonic(), [0]
        learner = Learner(lab)

        def answered(said: Message) -> bool:
            if said["type"] == "sandbox" and said["queue"]:
                places.append(said["queue"]["place"])
            assert said["type"] != "error", said
            return is_ready(said)

        key = str(learner.ask({"type": "claim"}, answered, 120)["key"])
        shell = Shell(learner, key)
        assert shell.command(f"echo pupil-$(({number}+1))", 60) == f"pupil-{number + 1}"
        shell.close()
        return time.monotonic() - opened, max(places)

    with ThreadPoolExecutor(PUPILS) as threads:
        joined = list(threads.map(join, range(PUPILS)))
    times = sorted(seconds for seconds, _ in joined)
    print(
        f"{PUPILS} joined in {JOINING:g} s; page to prompt: first {times[0]:.1f}, median "
        f"{times[PUPILS // 2]:.1f}, last {times[-1]:.1f} s; longest queue {max(place for _, place in joined)}"
    )
    assert len(keys(lab, "ready")) == PUPILS
    failed = "SELECT key, owner, message FROM sandbox_sandbox WHERE state = 'failed'"
    assert ask_database(lab, failed) == [], lab.log()[-20_000:]
