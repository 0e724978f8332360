"""What of the clusters' rows can be told without a cluster."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from bench import clusters, processes
from bench.cluster_claims import answer
from bench.cluster_costs import COMPONENTS, OTHERS, by_component
from bench.density import GIB, RESERVE, available, full
from bench.place import ROOT, BenchError
from bench.rows import ROWS
from bench.sandboxes import Marks
from sandbox.drivers.base import Result

SERVICES = ROOT / "sandbox" / "rootfs" / "files" / "etc" / "lab" / "services"


@pytest.mark.parametrize(
    ("said", "ready"),
    [
        (b"lab   Ready   <none>   5s   v1.37.2\n", True),
        (b"lab   NotReady   <none>   5s   v1.37.2\n", False),
        (b"lab   Ready,SchedulingDisabled   <none>   5s   v1.37.2\n", False),
        (b"lab   Ready   <none>   5s   v1.37.2\r\nbig   NotReady   <none>   5s   v1.37.2\r\n", False),
        (b"No resources found\n", False),
        (b"", False),
    ],
)
def test_every_node_is_to_be_ready(said: bytes, ready: bool) -> None:
    assert clusters.is_ready(said) is ready


def test_it_is_asked_until_the_node_is_ready() -> None:
    said = iter(
        [Result(1, b"", b"refused"), Result(0, b"lab NotReady\n", b""), Result(0, b"lab Ready\n", b"")]
    )
    clusters.until_ready(lambda argv: next(said))
    assert next(said, None) is None


def test_a_node_that_stays_unready_is_told_of(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clusters, "PATIENCE", 0.0)
    with pytest.raises(BenchError, match=r"not Ready .*: lab NotReady"):
        clusters.until_ready(lambda argv: Result(0, b"lab NotReady\n", b""))


def test_an_answer_is_what_stands_between_the_command_and_the_next_prompt() -> None:
    said = (
        b"kubectl get nodes --no-headers\r\n\x1b[?2004l\r\x1b]133;C\alab   Ready   <none>   5s   v1.37.2\r\n"
        b"\x1b]133;D;0\a\x1b[?2004h\x1b]133;A\a\x1b[1;32mroot@lab\x1b[0m:~# \x1b]133;B\a"
    )
    assert answer(said) == b"lab   Ready   <none>   5s   v1.37.2\r\n"
    assert answer(b"no mark") == b""


def test_what_is_applied_is_a_deployment_of_as_many_replicas_as_containers() -> None:
    found = yaml.safe_load(clusters.DEPLOYMENT)
    assert (found["kind"], found["spec"]["replicas"]) == ("Deployment", len(clusters.CONTAINERS))
    (container,) = found["spec"]["template"]["spec"]["containers"]
    assert container["image"] == clusters.IMAGE and clusters.DOCKER.count(clusters.IMAGE) == 2
    assert found["spec"]["selector"]["matchLabels"] == found["spec"]["template"]["metadata"]["labels"]


def test_steps_last_until_the_next_begins() -> None:
    marks = Marks()
    for index, name in enumerate(("disk", "root")):
        marks.mark(name, index, 2)
        time.sleep(0.02)
    end = time.perf_counter()
    steps = marks.steps(end)
    assert list(steps) == ["disk", "root"] and all(took >= 0.02 for took in steps.values())
    assert sum(steps.values()) == pytest.approx(end - marks.begun[0][1])


@pytest.fixture
def named() -> Iterator[list[int]]:
    """Processes under the names of two components and of nothing in particular."""
    started = [subprocess.Popen([f"/somewhere/{name}", "9999"], executable="/bin/sleep")
               for name in ("etcd", "kubelet", "kubelet", "sleep")]  # fmt: skip
    yield [process.pid for process in started]
    for process in started:
        process.kill()
        process.wait()


def test_processes_count_for_their_components(named: list[int]) -> None:
    gone = subprocess.Popen(["true"])
    gone.wait()
    assert by_component([*named, gone.pid], lambda pid: 1.0) == {"etcd": 1.0, "kubelet": 2.0, OTHERS: 1.0}
    sizes = by_component(named, processes.resident)
    assert all(0 < size < 10_000_000 for size in sizes.values())


def test_every_service_of_a_cluster_is_a_component() -> None:
    assert {path.parent.name for path in SERVICES.glob("*/run")} - {"kwok"} <= set(COMPONENTS)


@pytest.mark.parametrize(
    ("began", "now", "count", "budget", "why"),
    [
        (8 * GIB, 8 * GIB, 0, 4 * GIB, ""),
        (8 * GIB, 6 * GIB, 2, 4 * GIB, ""),
        (8 * GIB, 5 * GIB, 3, 4 * GIB, ""),  # the fourth fills it exactly
        (8 * GIB, 4 * GIB, 4, 4 * GIB, "beyond 4.0 GiB"),
        (4 * GIB, RESERVE + GIB // 2, 2, 9 * GIB, "less than 1 GiB"),
        (RESERVE - 1, RESERVE - 1, 0, 9 * GIB, "less than 1 GiB"),
    ],
)
def test_when_no_further_cluster_fits(began: int, now: int, count: int, budget: int, why: str) -> None:
    said = full(began, now, count, budget)
    assert why in said if why else not said


def test_what_is_available_is_part_of_the_memory() -> None:
    assert 0 < available() <= os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")


def test_each_row_is_in_the_guide() -> None:
    guide = Path(ROOT / "docs" / "benchmarks.md").read_text()
    assert [name for name in ROWS if f"| `{name}`" not in guide] == []
