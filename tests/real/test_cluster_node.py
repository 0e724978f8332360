"""The node below a cluster, as a learner works on it: its parts one by one, its runtimes, its limits, its sleep."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from sandbox.drivers.base import Spec, Status
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.errors import SandboxUnavailable
from tests.real.clusters import CLUSTER, Cluster, pod
from tests.real.conftest import FACTOR, Make, Shell, wait_for

COMPONENTS = ("etcd", "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy")
CRI = "grpcurl -plaintext -import-path /usr/local/share/cri -proto api.proto"
CONTAINERD = "unix:///run/containerd/containerd.sock"


@pytest.fixture(scope="module")
def cluster(make: Make, serving: str, shell: Shell) -> Cluster:
    return Cluster(make(CLUSTER), shell)


@pytest.fixture(autouse=True)
def afterwards(cluster: Cluster) -> Iterator[None]:
    """Nothing of a case is left for the next."""
    yield
    cluster.sh(
        "kubectl delete pod,deploy --all --grace-period=0 --force --wait=false -n default 2>/dev/null || true"
    )


def _dials(driver: NamespaceDriver, cluster: Cluster, path: str) -> bytes:
    """What the API server answers to somebody without a certificate."""
    import ssl

    context = ssl.create_default_context(cadata=cluster.sh("cat /etc/kubernetes/pki/ca.crt"))
    with (
        driver.dial(cluster.handle, 6443) as plain,
        context.wrap_socket(plain, server_hostname="lab") as made,
    ):
        made.sendall(f"GET {path} HTTP/1.0\r\n\r\n".encode())
        return made.recv(4096)


def test_nobody_is_let_in_without_a_certificate(driver: NamespaceDriver, cluster: Cluster) -> None:
    assert b" 401 " in _dials(driver, cluster, "/api/v1/pods").splitlines()[0]
    code = "curl -sk -o /dev/null -w '%{http_code}'"
    assert cluster.sh(f"{code} https://127.0.0.1:10250/pods") == "401"
    assert cluster.shell(cluster.handle, f"{code} https://127.0.0.1:2379/health").exit_code != 0
    said = cluster.fails("kubectl --kubeconfig=/etc/kubernetes/kubelet.conf get secrets -A")
    assert "Forbidden" in said


def test_the_kubelet_asks_the_api_server_who_may(cluster: Cluster) -> None:
    pki = "/etc/kubernetes/pki"
    code = f"curl -s -o /dev/null -w '%%{{http_code}}' --cacert {pki}/ca.crt --cert {pki}/%s.crt --key {pki}/%s.key"
    asked = "https://127.0.0.1:10250/pods"
    assert cluster.sh(f"{code % ('admin', 'admin')} {asked}") == "200"
    assert cluster.sh(f"{code % ('scheduler', 'scheduler')} {asked}") == "403"


def test_etcd_holds_what_the_api_server_shows(cluster: Cluster) -> None:
    assert "/registry/minions/lab" in cluster.sh("etcdctl get --prefix --keys-only /registry/minions")


def test_one_containerd_serves_docker_and_kubernetes(cluster: Cluster) -> None:
    cluster.sh("/usr/lib/lab/wait-ready docker", timeout=90)
    cluster.apply(pod("web", "exec sleep 9997"))
    cluster.sh("docker run -d --name web busybox:1 sleep 9996", timeout=120)
    cluster.wait("pod/web")
    assert {"moby", "k8s.io"} <= set(cluster.sh("ctr namespaces ls -q 2>/dev/null").split())
    assert "RUNNING" in cluster.sh("ctr -n moby tasks ls 2>/dev/null")
    assert cluster.sh("readlink /proc/$(pgrep -x containerd)/exe") == "/usr/local/bin/containerd\n", (
        "there is one"
    )
    assert cluster.sh("docker exec web hostname </dev/null") != "\n"
    cluster.sh("docker rm -f web")


def test_images_come_from_the_lab_for_whoever_asks(cluster: Cluster) -> None:
    cluster.sh(
        "ctr -n demo images pull --hosts-dir /etc/containerd/certs.d docker.io/library/hello-world:latest",
        timeout=120,
    )
    assert "Hello" in cluster.sh(
        "ctr -n demo run --rm docker.io/library/hello-world:latest once 2>/dev/null </dev/null"
    )
    assert "registry.k8s.io/pause" in cluster.sh("ctr -n k8s.io images ls -q 2>/dev/null")


def test_the_cri_by_hand(cluster: Cluster) -> None:
    version = cluster.sh(f"{CRI} {CONTAINERD} runtime.v1.RuntimeService/Version")
    assert '"runtimeName": "containerd"' in version
    cluster.sh("lab-ctl stop kubelet")  # it removes pods that nobody asked it for
    try:
        config = '{"metadata": {"name": "hand", "uid": "u1", "namespace": "default"}, "log_directory": "/tmp/hand"}'
        box = f"{CRI} -d '{{\"config\": {config}}}' {CONTAINERD} runtime.v1.RuntimeService/RunPodSandbox"
        identity = cluster.sh(f"{box} | jq -r .podSandboxId").strip()
        assert cluster.sh(f"ctr -n k8s.io tasks ls 2>/dev/null | grep -c {identity}") == "1\n"
        listed = cluster.sh(f"{CRI} {CONTAINERD} runtime.v1.RuntimeService/ListPodSandbox")
        assert identity in listed
        assert "hand" not in cluster.sh("kubectl get pods -A -o name")
    finally:
        cluster.sh("lab-ctl start kubelet")
    cluster.becomes(f"ctr -n k8s.io tasks ls 2>/dev/null | grep -c {identity} || true", "0")


def test_pods_with_all_rights_see_the_sandbox_and_never_the_host(cluster: Cluster, tmp_path: Path) -> None:
    (tmp_path / "of-the-host").touch()
    tmp_path.chmod(0o755)
    more = """hostNetwork: true
hostPID: true
hostIPC: true
volumes: [{name: all, hostPath: {path: /}}]"""
    container = "securityContext: {privileged: true}\nvolumeMounts: [{name: all, mountPath: /all}]"
    cluster.apply(pod("mighty", "exec sleep 9995", more=more, container=container))
    cluster.wait("pod/mighty")
    inside = "kubectl exec mighty -- "
    assert cluster.sh(f"{inside} cat /all/etc/hostname") == "lab\n"
    assert cluster.sh(f"{inside} cat /proc/1/comm") == "tini\n"
    assert int(cluster.sh(f"{inside} sh -c 'ls -d /proc/[0-9]* | wc -l'")) < 300
    addresses = cluster.sh(f"{inside} ip -4 addr show")
    assert cluster.sh("cat /run/lab/address").strip() in addresses
    first, _, size = cluster.sh(f"{inside} cat /proc/self/uid_map").split()
    assert (first, int(size)) == ("0", 65536)
    for forbidden in (
        "mknod /tmp/disk b 7 0 && head -c1 /tmp/disk",
        "echo 1 >/proc/sys/kernel/panic",
        "echo b >/proc/sysrq-trigger",
        "insmod /all/bin/true",
        f"ls /all{tmp_path}/of-the-host",
        f"ls /proc/1/root{tmp_path}/of-the-host",
        "hwclock -w",
    ):
        done = cluster.shell(cluster.handle, f"{inside} sh -c '{forbidden}'")
        assert done.exit_code != 0, forbidden
    assert socket.gethostname() not in cluster.sh(f"{inside} hostname")


def test_what_clusters_share_cannot_be_changed_for_others(cluster: Cluster, driver: NamespaceDriver) -> None:
    """It lies below the sandbox's own layer: what is written here stays here."""
    file = "usr/local/share/lab-tools/versions"
    before = (driver.paths.tools / file).read_text()
    cluster.sh(f"echo mine >/{file}")
    assert cluster.sh(f"cat /{file}") == "mine\n"
    assert (driver.paths.tools / file).read_text() == before
    lower = driver.register.folder(cluster.handle["key"]).tools / file
    with pytest.raises(OSError, match="Read-only"):
        lower.write_text("changed")


@pytest.mark.parametrize("component", COMPONENTS)
def test_what_is_killed_comes_back(cluster: Cluster, component: str) -> None:
    before = cluster.sh(f"pgrep -xo '{component[:15]}'")
    cluster.sh(f"kill -9 {before}")
    wait_for(
        lambda: (
            cluster.shell(cluster.handle, f"pgrep -xo '{component[:15]}'").stdout.decode() not in ("", before)
        ),
        f"{component}'s return",
        20,
    )
    cluster.sh("timeout 60 /usr/lib/lab/wait-ready node", timeout=90)


def test_a_component_that_is_stopped_stays_so(cluster: Cluster) -> None:
    cluster.sh("lab-ctl stop scheduler")
    assert "stopped" in cluster.sh("lab-ctl status kube-scheduler")
    cluster.sh("kubectl run lonely --image=busybox:1 --command -- sleep 9994")
    time.sleep(2)  # longer than runit waits before it would start it again
    assert cluster.sh("kubectl get pod lonely -o jsonpath='{.status.phase}{.spec.nodeName}'") == "Pending"
    assert cluster.shell(cluster.handle, "pgrep -x kube-scheduler").exit_code == 1
    cluster.sh("lab-ctl start scheduler")
    cluster.wait("pod/lonely")
    assert "running" in cluster.sh("lab-ctl restart kubelet")
    said = cluster.fails("lab-ctl stop kublet")
    assert "no component kublet" in said


def test_the_api_server_stops_while_everybody_watches(cluster: Cluster) -> None:
    assert "stopped" in cluster.sh("lab-ctl stop apiserver", timeout=30)
    assert "refused" in cluster.fails("kubectl get nodes")
    assert "running" in cluster.sh("lab-ctl start apiserver")
    cluster.sh("timeout 60 /usr/lib/lab/wait-ready api", timeout=90)


def test_options_of_a_component_can_be_added(cluster: Cluster) -> None:
    cluster.sh("echo 'OPTIONS=-v=10' >/etc/default/kube-scheduler && lab-ctl restart scheduler")
    cluster.sh("kubectl run scored --image=busybox:1 --command -- sleep 9993")
    cluster.wait("pod/scored")
    cluster.becomes(
        "grep -cm1 'Plugin scored\\|Attempting to schedule' /var/log/lab/kube-scheduler/current", "1"
    )
    cluster.sh("rm /etc/default/kube-scheduler && lab-ctl restart scheduler")


def test_a_program_that_cannot_start_is_tried_more_and_more_seldom(cluster: Cluster) -> None:
    cluster.sh("echo 'OPTIONS=--no-such-option' >/etc/default/kube-proxy && lab-ctl restart proxy || true")
    log = "tail -n 200 /var/log/lab/kube-proxy/current"
    cluster.becomes(f"{log} | grep -c 'starts again in 4 s'", "1", 30)
    cluster.sh("rm /etc/default/kube-proxy && lab-ctl restart proxy")
    cluster.becomes("lab-ctl status proxy | grep -c running", "1")


def test_nodes_that_only_seem_to_be_there(cluster: Cluster) -> None:
    add = "lab-ctl nodes add big --cpu 64 --memory 256Gi --label disk=ssd --taint only=this:NoSchedule"
    cluster.sh(f"{add} && lab-ctl nodes add small --cpu 1", timeout=90)
    big = cluster.get("node big")
    assert big["status"]["allocatable"]["cpu"] == "64"
    assert big["metadata"]["labels"]["disk"] == "ssd"
    assert big["spec"]["taints"][0] == {"key": "only", "value": "this", "effect": "NoSchedule"}
    more = "nodeSelector: {disk: ssd}\ntolerations: [{operator: Exists}]"
    cluster.apply(pod("far", "true", more=more))
    cluster.becomes("kubectl get pod far -o jsonpath='{.spec.nodeName}/{.status.phase}'", "big/Running")
    assert cluster.sh("lab-ctl nodes list").split("\n")[1].startswith("big")
    cluster.sh("kubectl delete pod far --grace-period=0 --force; lab-ctl nodes remove --all")
    assert cluster.sh("kubectl get nodes -o name").split() == ["node/lab"]
    assert "stopped" in cluster.sh("lab-ctl status kwok")
    assert "no taint" in cluster.fails("lab-ctl nodes add x --taint nonsense")


def test_thawed_the_node_is_ready_and_the_api_answers(driver: NamespaceDriver, cluster: Cluster) -> None:
    cluster.apply(pod("web", "exec sleep 9992"))
    cluster.wait("pod/web")
    driver.freeze(cluster.handle)
    assert driver.poll(cluster.handle) is Status.FROZEN
    assert driver.engine_alive(cluster.handle)
    assert not driver.answers(cluster.handle, 0.5)
    used = driver.stats(cluster.handle).cpu_seconds
    time.sleep(60)  # longer than the node's lease, which is forty seconds
    assert driver.stats(cluster.handle).cpu_seconds - used < 0.01
    driver.thaw(cluster.handle)
    assert driver.answers(cluster.handle, 5 * FACTOR)
    assert cluster.sh("kubectl get node lab --no-headers").split()[1] == "Ready", "also the first answer"
    deadline = time.monotonic() + 15
    while time.monotonic() < deadline:  # and it stays so, whatever the controllers think meanwhile
        assert cluster.sh("kubectl get node lab --no-headers").split()[1] == "Ready"
        time.sleep(1)
    assert cluster.sh("kubectl get pod web -o jsonpath='{.status.phase}'") == "Running"


def test_the_learners_shell_completes(cluster: Cluster) -> None:
    typed = "COMP_WORDS=(%s get nod); COMP_CWORD=2; COMP_LINE='%s get nod'; COMP_POINT=${#COMP_LINE}"
    for name, function in (("kubectl", "_comp_load kubectl; __start_kubectl"), ("k", "__lab_k")):
        script = f"{typed % (name, name)}; {function}; printf '%s ' \"${{COMPREPLY[@]}}\""
        assert "nodes" in cluster.sh(f"bash -lic {_quoted(script)} 2>/dev/null")
    assert "alias k='kubectl'" in cluster.sh("bash -lic 'alias k' 2>/dev/null")
    assert "complete -F" in cluster.sh("bash -lic '_comp_load lab-ctl; complete -p lab-ctl' 2>/dev/null")


def test_an_unprivileged_learner_has_a_cluster_too(cluster: Cluster) -> None:
    assert "lab" in cluster.sh("kubectl get nodes -o name", user="learner")


def _quoted(text: str) -> str:
    import shlex

    return shlex.quote(text)


def test_without_the_programs_it_is_said_what_to_do(driver: NamespaceDriver) -> None:
    tools = driver.paths.tools
    away = tools.with_name("away")
    tools.rename(away)
    try:
        with pytest.raises(SandboxUnavailable, match="make up"):
            driver.create("no-tools", Spec(profile="kubernetes"), lambda name, index, count: None)
    finally:
        away.rename(tools)


def test_a_program_that_the_operator_lends_is_there_and_cannot_be_changed(
    make: Make, shell: Shell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Any program will do: crictl itself is the operator's to have."""
    tmp_path.chmod(0o755)
    program = tmp_path / "a-crictl"
    program.write_text("#!/bin/sh\necho lent\n")
    program.chmod(0o755)
    monkeypatch.setenv("LAB_CRICTL", str(program))
    other = Cluster(make(CLUSTER), shell)
    assert other.sh("crictl; stat -c %u /usr/local/bin/crictl") == "lent\n0\n"
    for way in (
        "echo x >/usr/local/bin/crictl",
        "mount -o remount,bind,rw /usr/local/bin/crictl",
        "rm /usr/local/bin/crictl",
    ):
        other.fails(way)
    other.sh("umount /usr/local/bin/crictl; echo mine >/usr/local/bin/crictl")
    assert program.read_text() == "#!/bin/sh\necho lent\n"
    monkeypatch.setenv("LAB_CRICTL", str(tmp_path / "none"))
    with pytest.raises(SandboxUnavailable, match="install it there or unset LAB_CRICTL"):
        make(CLUSTER)
