"""What breaks a cluster breaks that one alone: it is seen, another takes its place, and nothing outside changes."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from sandbox.drivers.base import Handle
from sandbox.drivers.namespace import driver as driving
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.errors import Reason, SandboxError
from tests.real.clusters import CLUSTER, SAID, Cluster, break_kubelet, pod, point
from tests.real.conftest import FACTOR, Make, Shell, wait_for, works_on
from tests.real.holdings import holdings

pytestmark = pytest.mark.timeout(900)
ANSWERS = 10.0 * FACTOR
"""Seconds within which a cluster answers that still works, on a machine that does much else."""


@pytest.fixture(scope="module")
def neighbour(make: Make, serving: str) -> Handle:
    return make()


@pytest.fixture(autouse=True)
def nothing_outside_changes(
    request: pytest.FixtureRequest, driver: NamespaceDriver, neighbour: Handle, shell: Shell
) -> Iterator[None]:
    """A neighbour works on all the time, and afterwards the host has what it had before."""
    before = holdings(driver)
    with works_on(neighbour, shell, 0.5):
        yield
    wait_for(lambda: holdings(driver) == before, f"{holdings(driver)} becoming {before} again", 20)


@pytest.fixture
def cluster(driver: NamespaceDriver, make: Make, shell: Shell) -> Iterator[Cluster]:
    """One to be broken, with a small disk."""
    found = Cluster(make(replace(CLUSTER, disk=2 << 30)), shell)
    assert driver.engine_alive(found.handle)
    yield found
    driver.destroy(found.handle)


@pytest.fixture
def broken(driver: NamespaceDriver) -> Iterator[Path]:
    """Programs of Kubernetes of which one is broken, in place of the good ones."""
    good = driver.paths.tools.resolve()
    made = break_kubelet(good, driver.paths.data / "broken")
    point(driver.paths.tools, made)
    yield made
    point(driver.paths.tools, good)
    shutil.rmtree(made)


def test_past_its_deadline_it_is_removed_and_its_log_kept(
    driver: NamespaceDriver, broken: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(driving, "READY_TIMEOUT", 15 * FACTOR)
    with pytest.raises(SandboxError, match="node did not become ready") as raised:
        driver.create("too-late", CLUSTER, lambda name, index, count: None)
    assert raised.value.reason is Reason.FAILED, "another is made in its place"
    kept = (driver.paths.failed / "too-late.log").read_text()
    assert SAID in kept and "==> kube-apiserver" in kept


def test_a_full_disk(cluster: Cluster, driver: NamespaceDriver) -> None:
    """etcd ends, which is seen; once there is room again it starts, with all that it held."""
    cluster.sh("kubectl create configmap kept --from-literal=word=sesame")
    fill = """
    left=$(df --output=avail -k /var/lib/etcd | tail -n 1)
    fallocate -l $((left - 20000))K /root/full
    dd if=/dev/zero of=/root/rest bs=4k 2>/dev/null
    df --output=avail /var/lib/etcd | tail -n 1
    """
    assert cluster.sh(fill).strip() == "0"
    text = "$(head -c 9000 /dev/zero | tr '\\0' x)"
    more = f"for n in {{1..99}}; do timeout 10 kubectl create configmap c$n --from-literal=x={text} || exit 1; done"
    cluster.fails(more)
    wait_for(lambda: not driver.engine_alive(cluster.handle), "the end of etcd being seen", 60)
    cluster.sh("rm /root/full /root/rest")
    wait_for(lambda: driver.engine_alive(cluster.handle), "etcd's return", 60)
    cluster.becomes("kubectl get configmap kept -o jsonpath='{.data.word}' --request-timeout=5s", "sesame")
    cluster.sh("/usr/lib/lab/wait-ready api node")


def test_etcd_without_its_data(cluster: Cluster, driver: NamespaceDriver) -> None:
    """It ends when it next looks for them, which it does twice a minute. It does not begin anew with nothing."""
    cluster.becomes("ls /run/lab/ready 2>/dev/null", "/run/lab/ready")
    cluster.sh("rm -rf /var/lib/etcd/*")
    wait_for(lambda: not driver.engine_alive(cluster.handle), "the end of etcd being seen", 60)
    log = "tail -n 30 /var/log/lab/etcd/current | grep -c 'ended 3 times in a row'"
    cluster.becomes(log, "1", 60)
    assert not driver.engine_alive(cluster.handle)
    assert not driver.answers(cluster.handle, 3)


MANY = """
import http.client, json, ssl, threading
number, threads = 10_000, 8
context = ssl.create_default_context(cafile="/etc/kubernetes/pki/ca.crt")
context.load_cert_chain("/etc/kubernetes/pki/admin.crt", "/etc/kubernetes/pki/admin.key")
def some(first):
    connection = http.client.HTTPSConnection("127.0.0.1", 6443, context=context, timeout=60)
    for index in range(first, number, threads):
        made = json.dumps({"metadata": {"name": f"many-{index}"}, "data": {"x": "x" * 500}})
        path, json_text = "/api/v1/namespaces/default/configmaps", {"Content-Type": "application/json"}
        connection.request("POST", path, made, json_text)
        answer = connection.getresponse()
        answer.read()
        if answer.status != 201:
            print(index, answer.status)
workers = [threading.Thread(target=some, args=(first,)) for first in range(threads)]
for worker in workers:
    worker.start()
for worker in workers:
    worker.join()
"""


def test_ten_thousand_objects(cluster: Cluster, driver: NamespaceDriver) -> None:
    """The cluster holds them within its limits, and answers as before."""
    pids = cluster.sh("pgrep -x 'etcd|kube-apiserver'")
    assert cluster.sh(f"python3 - <<'E'\n{MANY}\nE", timeout=300) == ""
    assert cluster.sh("kubectl get configmaps --no-headers | grep -c ^many-", timeout=120) == "10000\n"
    assert driver.stats(cluster.handle).memory < CLUSTER.memory // 2
    assert driver.answers(cluster.handle, ANSWERS)
    assert cluster.sh("pgrep -x 'etcd|kube-apiserver'") == pids, "nothing was ended for want of memory"


def test_a_fork_bomb_in_a_pod(cluster: Cluster, driver: NamespaceDriver) -> None:
    """It ends at the pod's own limit; the cluster goes on, and the pod can be deleted."""
    cluster.apply(pod("bomb", "b() { b | b & }; b; exec sleep 9999"))
    wait_for(lambda: driver.stats(cluster.handle).pids > 1000, "the bomb", 60)
    cluster.apply(pod("other", "exec sleep 9998"))
    cluster.wait("pod/other")
    assert 1000 < driver.stats(cluster.handle).pids < CLUSTER.pids
    assert driver.answers(cluster.handle, ANSWERS)
    cluster.sh("kubectl delete pod bomb --grace-period=0 --force 2>/dev/null")
    wait_for(lambda: driver.stats(cluster.handle).pids < 500, "the bomb's end", 60)


BOMB = """
import os, signal, time
while True:
    try:
        if os.fork() == 0:
            signal.pause()
    except OSError:
        time.sleep(0.1)
"""


def test_a_fork_bomb_beside_the_pods(cluster: Cluster, driver: NamespaceDriver) -> None:
    """Nothing more can be started, which is said; the sandbox can be removed all the same."""
    cluster.shell(cluster.handle, f"setsid python3 -c '{BOMB}' >/dev/null 2>&1 </dev/null &")

    def full() -> bool:
        try:
            cluster.shell(cluster.handle, "true")
        except SandboxError as error:
            return "as many processes as it may" in error.message
        return False

    wait_for(full, "being told that it is full", 180)
    assert driver.stats(cluster.handle).pids <= CLUSTER.pids
    assert not driver.answers(cluster.handle, 0.5)


def test_a_deleted_node_comes_back_with_its_kubelet(cluster: Cluster, driver: NamespaceDriver) -> None:
    """As on any machine: the kubelet registers its node when it starts, and then no more."""
    cluster.apply(pod("before", "exec sleep 9997"))
    cluster.wait("pod/before")
    cluster.sh("kubectl delete node lab")
    cluster.becomes("grep -cm1 'error getting node' /var/log/lab/kubelet/current", "1")
    assert cluster.sh("kubectl get nodes -o name") == ""
    assert not driver.answers(cluster.handle, 3), "the page is told by the next check"
    cluster.sh("lab-ctl restart kubelet && timeout 60 /usr/lib/lab/wait-ready node", timeout=90)
    cluster.apply(pod("after", "exec sleep 9996"))
    cluster.wait("pod/after")


@pytest.mark.parametrize("program", ["containerd", "dockerd"])
def test_an_engine_that_is_killed_comes_back(cluster: Cluster, program: str) -> None:
    cluster.sh("/usr/lib/lab/wait-ready docker", timeout=90)
    cluster.apply(pod("goes-on", "exec sleep 9995"))
    cluster.wait("pod/goes-on")
    before = cluster.sh(f"pgrep -xo {program}")
    cluster.sh(f"kill -9 {before}")
    wait_for(
        lambda: cluster.shell(cluster.handle, f"pgrep -xo {program}").stdout.decode() not in ("", before),
        f"{program}'s return", 30,
    )  # fmt: skip
    cluster.sh("/usr/lib/lab/wait-ready docker node && docker version && pgrep -xf 'sleep 9995'", timeout=90)
    cluster.apply(pod("next", "exec sleep 9994"))
    cluster.wait("pod/next")
