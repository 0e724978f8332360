"""Clusters by the lab's own driver: from nothing to Ready, several at once, and `kubectl apply` in one."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from functools import partial

from bench import kind
from bench.place import BenchError
from bench.report import Row
from bench.sandboxes import Marks, Sandboxes
from bench.shells import Shell, shell
from sandbox.drivers.base import Handle, Result, Spec
from sandbox.drivers.namespace import readiness
from sandbox.errors import SandboxError

CLUSTER = Spec(profile="kubernetes")
NODES = ["kubectl", "get", "nodes", "--no-headers"]
PATIENCE = 60.0
NAMES = """
for _ in {1..1800}; do
    [ "$(dig +short +time=1 +tries=1 @10.96.0.10 kubernetes.default.svc.cluster.local 2>&1)" = 10.96.0.1 ] && exit
    sleep 0.05
done
exit 1
"""
"""Waits until the cluster's DNS has the right answer: where nobody listens dig prints words, too."""
DNS = ["/bin/bash", "-c", NAMES]
START = 180.0
IMAGE = "nginx:1.26"
REPLICAS = 2
FILE = "/root/bench.yaml"
DEPLOYMENT = f"""apiVersion: apps/v1
kind: Deployment
metadata: {{name: web}}
spec:
  replicas: {REPLICAS}
  selector: {{matchLabels: {{app: web}}}}
  template:
    metadata: {{labels: {{app: web}}}}
    spec:
      terminationGracePeriodSeconds: 0
      containers: [{{name: web, image: "{IMAGE}"}}]
"""
APPLY = f"kubectl apply -f {FILE}"
AVAILABLE = f"kubectl wait --for=condition=Available deployment/web --timeout={PATIENCE:g}s"
DELETE = (
    f"kubectl delete --cascade=foreground -f {FILE} && "
    f"kubectl wait --for=delete pod -l app=web --timeout={PATIENCE:g}s"
)
CONTAINERS = [f"web-{number}" for number in range(REPLICAS)]
DOCKER = " && ".join(f"docker run --detach --name {name} {IMAGE}" for name in CONTAINERS)

Run = Callable[[list[str]], Result]
"""Runs a command in a sandbox."""


def is_ready(said: bytes) -> bool:
    """Whether `kubectl get nodes --no-headers` says that every node is Ready."""
    states = [line.split()[1:2] for line in said.decode(errors="replace").splitlines()]
    return bool(states) and all(state == ["Ready"] for state in states)


def until_ready(run: Run) -> None:
    """Ask for the nodes until they are Ready. Raises BenchError."""
    deadline = time.monotonic() + PATIENCE
    while True:
        done = run(NODES)
        if done.exit_code == 0 and is_ready(done.stdout):
            return
        if time.monotonic() > deadline:
            said = (done.stdout + done.stderr).decode(errors="replace").strip()
            raise BenchError(f"A cluster's node was not Ready within {PATIENCE:g} s: {said[-300:]}")


def inside(
    lab: Sandboxes, handle: Handle, argv: list[str], timeout: float = PATIENCE, stdin: bytes = b""
) -> str:
    """Standard output of a command that must succeed. Raises BenchError."""
    done = lab.driver.run(handle, argv, timeout=timeout, stdin=stdin)
    if done.exit_code != 0:
        raise BenchError(f"`{' '.join(argv)}` in a cluster failed: {done.stderr.decode()[-300:]}")
    return done.stdout.decode()


def resting(lab: Sandboxes) -> Handle:
    """A new cluster with Docker beside it, once it has finished starting; the caller's to destroy. Raises BenchError,
    SandboxError."""
    handle = lab.create(spec=CLUSTER)
    try:
        inside(lab, handle, DNS, START)
    except BaseException:
        lab.driver.destroy(handle)
        raise
    return handle


@contextmanager
def cluster(lab: Sandboxes) -> Iterator[Handle]:
    """The same, until the end of the block."""
    handle = resting(lab)
    try:
        yield handle
    finally:
        lab.driver.destroy(handle)


def destroy(lab: Sandboxes, handles: list[Handle]) -> None:
    """All of them, several at once."""
    with ThreadPoolExecutor(8) as several:
        list(several.map(lab.driver.destroy, handles))


def cold(lab: Sandboxes, runs: int) -> Row:
    """From nothing to a Ready node and to an answer of its DNS."""
    row = Row(
        "cluster", "A cluster from nothing", "seconds", ("p50", "p95", "max"),
        goal="Ready ≤ 3 s p50, DNS ≤ 5 s",
    )  # fmt: skip
    ready, names, docker = [], [], []
    steps: dict[str, list[float]] = {}
    for _ in range(runs):
        marks = Marks()
        began = time.perf_counter()
        handle = lab.create(marks.mark, CLUSTER)
        made = time.perf_counter()
        try:
            inside(lab, handle, DNS, START)
            named = time.perf_counter()
            until_ready(partial(lab.driver.run, handle))
        finally:
            lab.driver.destroy(handle)
        ready.append(marks.when(readiness.DOCKER.title) - began)
        names.append(named - began)
        docker.append(made - began)
        marks.add_to(steps, made)
    row.add("nothing to node Ready", ready, note="the API's /readyz and the node, by its API")
    for name, values in steps.items():
        row.add(f"· {name}", values)
    row.add(
        "nothing to DNS",
        names,
        note="CoreDNS answers for a service; its image is pulled from the lab's registry",
    )
    row.add("nothing to Docker too", docker, note="driver.create: a learner may begin")
    values, note = kind.create(min(runs, 3))
    row.add("kind create cluster", values, peer=True, note=note if values else "cannot run here: see below")
    if not values:
        row.notes.append(f"kind {note}.")
    return row


def apply(lab: Sandboxes, runs: int) -> Row:
    """`kubectl apply` of a deployment to Available, by a shell that is already there."""
    row = Row(
        "cluster-apply", f"`kubectl apply` of {REPLICAS} replicas to Available", "seconds",
        ("p50", "p95", "max"), goal="≤ 1.5 s p50",
    )  # fmt: skip
    applied, whole, peer = [], [], []
    with cluster(lab) as handle:
        inside(lab, handle, ["tee", FILE], stdin=DEPLOYMENT.encode())
        argv = lab.driver.runc.exec_argv(handle["key"], ["/bin/bash"], user="root", env=("HOME=/root",))
        with shell(argv) as bash:
            bash.time(f"docker pull --quiet {IMAGE}")
            for turn in range(runs + 1):
                apply = bash.time(APPLY)
                available = bash.time(AVAILABLE)
                _all(bash, DELETE)
                started = _all(bash, DOCKER)
                _all(bash, f"docker rm --force {' '.join(CONTAINERS)}")
                if turn:  # the first one pulls the image
                    applied.append(apply)
                    whole.append(apply + available)
                    peer.append(started)
    row.add("kubectl apply to Available", whole, note="kubectl apply, then kubectl wait")
    row.add("· of it: kubectl apply", applied, note="until it has said that the deployment is created")
    row.add("docker run -d, twice", peer, peer=True, note="the same image by the engine in the same sandbox")
    row.notes.append(
        f"{IMAGE} is in the lab's registry, and was pulled in the node, and by the engine, before the first of these."
    )
    return row


def burst(lab: Sandboxes, at_once: int, turns: int) -> Row:
    """So many clusters from nothing at the same moment, until the last is Ready."""
    row = Row(
        "cluster-burst", f"{at_once} clusters at once, from nothing to Ready", "seconds", ("p50", "max"),
        goal="the last ≤ 15 s, of eight",
    )  # fmt: skip
    last, each, alone = [], [], []
    for _ in range(turns):
        alone += _together(lab, 1)
        took = _together(lab, at_once)
        last.append(max(took))
        each += took
    row.add("the last is Ready", last)
    row.add("each is Ready", each)
    row.add("one alone", alone, peer=True, note="turn by turn with them")
    return row


def _together(lab: Sandboxes, count: int) -> list[float]:
    """Seconds that each of them took. Raises SandboxError."""
    made: list[Handle] = []
    began = time.perf_counter()

    def make(number: int) -> float:
        made.append(lab.create(spec=CLUSTER))
        return time.perf_counter() - began

    try:
        with ThreadPoolExecutor(count) as several:
            return list(several.map(make, range(count)))
    finally:
        with suppress(SandboxError):
            destroy(lab, made)


def _all(bash: Shell, commands: str) -> float:
    """Seconds of several commands, of which only the first that fails counts as failed. Raises BenchError."""
    return bash.time(f"{{ {commands}; }}")
