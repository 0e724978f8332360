"""What a learner does with Kubernetes, inside a sandbox: a real cluster, one case after the other."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from sandbox.drivers.namespace.driver import NamespaceDriver
from tests.real.clusters import CLUSTER, Cluster, pod
from tests.real.conftest import Make, Shell, wait_for

NOTES = {"runc": "state.json", "crun": "status"}
"""The file in which each runtime notes a container that it has made."""


@pytest.fixture(scope="module")
def cluster(make: Make, serving: str, shell: Shell) -> Cluster:
    return Cluster(make(CLUSTER), shell)


@pytest.fixture(autouse=True)
def afterwards(cluster: Cluster) -> Iterator[None]:
    """Nothing of a case is left for the next."""
    yield
    everything = "deploy,svc,job,pod,configmap,secret,pvc"
    cluster.sh(
        f"kubectl delete {everything} --all --grace-period=0 --force --wait=false --ignore-not-found -n default"
        " 2>&1 | grep -v Warning || true; rm -f /etc/kubernetes/manifests/*",
    )


def test_the_node_is_ready_when_the_sandbox_is(cluster: Cluster) -> None:
    node = cluster.get("node lab")
    assert {c["type"]: c["status"] for c in node["status"]["conditions"]}["Ready"] == "True"
    assert node["status"]["nodeInfo"]["containerRuntimeVersion"].startswith("containerd://2.")
    cluster.becomes("kubectl get node lab -o jsonpath='{.spec.taints}'", "")


def test_a_deployment_runs_and_a_replica_comes_back(cluster: Cluster) -> None:
    cluster.sh("kubectl create deployment web --image=nginx:1.26 --replicas=2")
    cluster.wait("deploy/web", "condition=Available")
    cluster.sh("kubectl delete --grace-period=0 --force $(kubectl get pod -l app=web -o name | head -n 1)")
    cluster.becomes("kubectl get deploy web -o jsonpath='{.status.readyReplicas}'", "2")


def test_names_and_cluster_addresses_lead_to_pods(cluster: Cluster) -> None:
    cluster.wait("deploy/coredns -n kube-system", "condition=Available")
    cluster.apply(
        pod("web", "echo hello >/index.html; exec httpd -f -p 80 -h /"), pod("ask", "exec sleep 9999")
    )
    cluster.wait("pod/web pod/ask")
    cluster.sh("kubectl expose pod web --port=80")
    address = cluster.get("svc web")["spec"]["clusterIP"]
    cluster.becomes(f"curl -s -m2 http://{address}/", "hello")
    for name in (address, "web", "web.default.svc.cluster.local"):
        cluster.becomes(f"kubectl exec ask -- wget -T2 -qO- http://{name}/", "hello")
    asked = "kubectl exec ask -- nslookup kubernetes.default.svc.cluster.local"
    cluster.becomes(f"{asked} | grep -c 'Address: 10.96.0.1$'", "1")


def test_a_pod_reaches_itself_through_its_service(cluster: Cluster) -> None:
    cluster.apply(pod("web", "echo hello >/index.html; exec httpd -f -p 80 -h /"))
    cluster.wait("pod/web")
    cluster.sh("kubectl expose pod web --port=80")
    address = cluster.get("svc web")["spec"]["clusterIP"]
    cluster.becomes(f"kubectl exec web -- wget -T2 -qO- http://{address}/", "hello")


def test_a_node_port_opens_in_a_preview(cluster: Cluster, driver: NamespaceDriver) -> None:
    cluster.sh("kubectl create deployment web --image=nginx:1.26")
    cluster.wait("deploy/web", "condition=Available")
    cluster.sh("kubectl create service nodeport web --tcp=80 --node-port=30080")
    code = "curl -s -m2 -o /dev/null -w '%{http_code}' http://$(cat /run/lab/address):30080/"
    cluster.becomes(code, "200")
    with driver.dial(cluster.handle, 30080) as connection:
        connection.settimeout(10)
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)
    assert [(port.number, port.published) for port in driver.ports(cluster.handle)] == [(30080, True)], (
        "nothing of the cluster's own"
    )


def test_logs_exec_and_port_forward(cluster: Cluster) -> None:
    cluster.apply(pod("web", "echo begun; echo hello >/index.html; exec httpd -f -p 80 -h /"))
    cluster.wait("pod/web")
    assert cluster.sh("kubectl logs web") == "begun\n"
    assert cluster.sh("echo typed | kubectl exec -i web -- cat") == "typed\n"
    assert "exit code 7" in cluster.fails("kubectl exec web -- sh -c 'exit 7'")
    forwarding = """
    kubectl port-forward pod/web 8088:80 >/tmp/forward 2>&1 </dev/null & forward=$!
    until grep -q Forwarding /tmp/forward; do kill -0 $forward || exit 1; sleep 0.05; done
    curl -s http://127.0.0.1:8088/; kill $forward
    """
    assert cluster.sh(forwarding) == "hello\n"
    assert cluster.sh("kubectl cp web:/index.html /tmp/copied 2>&1 >/dev/null; cat /tmp/copied") == "hello\n"


def test_configuration_secrets_and_volumes(cluster: Cluster) -> None:
    cluster.sh("kubectl create configmap conf --from-literal=colour=blue")
    cluster.sh("kubectl create secret generic hidden --from-literal=word=sesame")
    cluster.sh("mkdir -p /srv/shared && echo from the node >/srv/shared/file")
    more = """volumes:
- {name: conf, configMap: {name: conf}}
- {name: empty, emptyDir: {}}
- {name: memory, emptyDir: {medium: Memory}}
- {name: node, hostPath: {path: /srv/shared}}"""
    container = """env:
- {name: WORD, valueFrom: {secretKeyRef: {name: hidden, key: word}}}
- {name: IP, valueFrom: {fieldRef: {fieldPath: status.podIP}}}
volumeMounts:
- {name: conf, mountPath: /conf}
- {name: empty, mountPath: /empty}
- {name: memory, mountPath: /memory}
- {name: node, mountPath: /node}"""
    cluster.apply(pod("all", "exec sleep 9999", more=more, container=container))
    cluster.wait("pod/all")
    script = (
        "cat /conf/colour; echo; cat /node/file; echo $WORD $IP; "
        "echo x >/empty/x && echo y >/memory/y && echo w >/node/w"
    )
    address = cluster.get("pod all")["status"]["podIP"]
    assert cluster.sh(f"kubectl exec all -- sh -c '{script}'") == f"blue\nfrom the node\nsesame {address}\n"
    assert cluster.sh("cat /srv/shared/w") == "w\n"
    assert "tmpfs" in cluster.sh("kubectl exec all -- grep ' /memory ' /proc/mounts")


def test_a_volume_is_made_by_the_default_class_and_outlives_its_pod(cluster: Cluster) -> None:
    claim = """apiVersion: v1
kind: PersistentVolumeClaim
metadata: {name: data}
spec: {accessModes: [ReadWriteOnce], resources: {requests: {storage: 10Mi}}}"""
    more = "volumes: [{name: data, persistentVolumeClaim: {claimName: data}}]"
    container = "volumeMounts: [{name: data, mountPath: /data}]"
    cluster.apply(claim, pod("one", "echo kept >/data/file; exec sleep 9999", more=more, container=container))
    cluster.wait("pod/one", seconds=90)
    cluster.sh("kubectl delete pod one --grace-period=0 --force")
    cluster.apply(pod("two", "exec sleep 9999", more=more, container=container))
    cluster.wait("pod/two")
    assert cluster.sh("kubectl exec two -- cat /data/file") == "kept\n"


def test_probes_restart_and_hold_back(cluster: Cluster) -> None:
    container = """livenessProbe: {exec: {command: [test, -e, /tmp/live]}, periodSeconds: 1, failureThreshold: 1}
readinessProbe: {exec: {command: [test, -e, /tmp/ready]}, periodSeconds: 1}"""
    cluster.apply(pod("sick", "touch /tmp/live; exec sleep 9999", container=container))
    phase = "kubectl get pod sick -o jsonpath='{.status.phase} {.status.containerStatuses[0].ready}'"
    cluster.becomes(phase, "Running false")
    cluster.sh("kubectl exec sick -- touch /tmp/ready")
    cluster.wait("pod/sick")
    cluster.sh("kubectl exec sick -- rm /tmp/live")
    cluster.becomes("kubectl get pod sick -o jsonpath='{.status.containerStatuses[0].restartCount}'", "1")


def test_a_pod_of_several_shares_its_network_and_not_its_files(cluster: Cluster) -> None:
    cluster.apply("""apiVersion: v1
kind: Pod
metadata: {name: two}
spec:
  terminationGracePeriodSeconds: 0
  containers:
  - {name: web, image: "busybox:1", command: [httpd, -f, -p, "80", -h, /data],
     volumeMounts: [{name: v, mountPath: /data}]}
  - {name: side, image: "busybox:1", command: [sh, -c, "while date >/w/index.html; do sleep 1; done"],
     volumeMounts: [{name: v, mountPath: /w}]}
  volumes: [{name: v, emptyDir: {}}]""")
    cluster.wait("pod/two")
    assert "20" in cluster.sh("kubectl exec two -c side -- wget -qO- http://127.0.0.1/")
    assert cluster.sh("""
    web=$(pgrep -xf 'httpd -f -p 80 -h /data'); side=$(pgrep -of 'while date'); pause=$(pgrep -x pause | tail -n 1)
    for kind in net ipc uts mnt pid; do
        if [ "$(readlink /proc/$web/ns/$kind)" = "$(readlink /proc/$side/ns/$kind)" ]; then echo $kind; fi
    done""").split() == ["net", "ipc", "uts"]
    cluster.sh("kill -9 $(pgrep -xf 'httpd -f -p 80 -h /data')")
    cluster.becomes(
        "kubectl get pod two -o jsonpath='{.status.containerStatuses[?(@.name==\"web\")].restartCount}'", "1"
    )


def test_init_and_sidecar_containers(cluster: Cluster) -> None:
    cluster.apply("""apiVersion: batch/v1
kind: Job
metadata: {name: work}
spec:
  template:
    spec:
      restartPolicy: Never
      terminationGracePeriodSeconds: 0
      initContainers:
      - {name: first, image: "busybox:1", command: [sh, -c, "echo prepared >/v/file"],
         volumeMounts: [{name: v, mountPath: /v}]}
      - {name: beside, image: "busybox:1", restartPolicy: Always, command: [sh, -c, "exec httpd -f -p 80 -h /v"],
         volumeMounts: [{name: v, mountPath: /v}]}
      containers:
      - {name: main, image: "busybox:1", command: [sh, -c, "until wget -qO- http://127.0.0.1/file; do sleep 0.2; done"]}
      volumes: [{name: v, emptyDir: {}}]""")
    cluster.wait("job/work", "condition=Complete")
    assert cluster.sh("kubectl logs job/work -c main").endswith("prepared\n")


def test_a_memory_limit_kills_and_is_told(cluster: Cluster) -> None:
    container = "resources: {limits: {memory: 20Mi, cpu: 500m}}"
    more = "restartPolicy: Never"
    cluster.apply(
        pod("greedy", "exec dd if=/dev/zero of=/dev/null bs=64M count=1", more=more, container=container)
    )
    state = "kubectl get pod greedy -o jsonpath='{.status.containerStatuses[0].state.terminated.%s}'"
    cluster.becomes(state % "reason", "OOMKilled")
    assert cluster.sh(state % "exitCode") == "137"


def test_a_static_pod_needs_only_a_file(cluster: Cluster) -> None:
    manifest = pod("static", "exec httpd -f -p 82 -h /bin")
    cluster.sh(f"cat >/etc/kubernetes/manifests/static.yaml <<'YAML'\n{manifest}\nYAML")
    cluster.becomes("kubectl get pod static-lab -o jsonpath='{.status.phase}'", "Running")
    assert cluster.get("pod static-lab")["metadata"]["annotations"]["kubernetes.io/config.source"] == "file"
    cluster.sh("rm /etc/kubernetes/manifests/static.yaml")
    cluster.becomes("pgrep -xf 'httpd -f -p 82 -h /bin' | wc -l", "0")


def test_a_job_runs_to_its_end(cluster: Cluster) -> None:
    cluster.sh("kubectl create job sums --image=busybox:1 -- sh -c 'echo $((6 * 7))'")
    cluster.wait("job/sums", "condition=Complete")
    assert cluster.sh("kubectl logs job/sums") == "42\n"


def test_a_rolling_update_that_fails_harms_nobody_and_is_undone(cluster: Cluster) -> None:
    cluster.sh("kubectl create deployment web --image=nginx:1.26 --replicas=2")
    cluster.wait("deploy/web", "condition=Available")
    cluster.sh("kubectl set image deploy/web nginx=nginx:0.0.0-none")
    reason = "kubectl get pod -l app=web -o jsonpath='{.items[*].status.containerStatuses[0].state.waiting.reason}'"
    wait_for(lambda: "Pull" in cluster.sh(reason), "the image's absence being told", 60)
    assert cluster.get("deploy web")["status"]["availableReplicas"] == 2
    cluster.sh("kubectl rollout undo deploy/web")
    cluster.sh("kubectl rollout status deploy/web --timeout=60s", timeout=90)
    cluster.sh("kubectl set image deploy/web nginx=busybox:1 && kubectl rollout undo deploy/web")


def test_kubectl_top_knows_what_is_used(cluster: Cluster) -> None:
    cluster.wait("deploy/metrics-server -n kube-system", "condition=Available", 90)
    wait_for(lambda: cluster.shell(cluster.handle, "kubectl top node lab").exit_code == 0, "kubectl top", 90)
    assert "Mi" in cluster.sh("kubectl top node lab --no-headers")
    wait_for(lambda: "coredns" in cluster.sh("kubectl top pod -n kube-system"), "kubectl top pod", 60)


@pytest.mark.parametrize("runtime", ["runc", "crun"])
def test_runtime_classes(cluster: Cluster, runtime: str) -> None:
    cluster.apply(pod("classy", "exec sleep 9998", more=f"runtimeClassName: {runtime}"))
    cluster.wait("pod/classy")
    named = "kubectl get pod classy -o jsonpath='{.status.containerStatuses[0].containerID}'"
    identity = cluster.sh(named).removeprefix("containerd://")
    assert NOTES[runtime] in cluster.sh(f"ls /run/containerd/runc/k8s.io/{identity}").split()
    unknown = "apiVersion: node.k8s.io/v1\nkind: RuntimeClass\nmetadata: {name: ghost}\nhandler: ghost"
    cluster.apply(unknown, pod("haunted", "true", more="runtimeClassName: ghost"))
    events = (
        "kubectl get events --field-selector involvedObject.name=haunted -o jsonpath='{.items[*].message}'"
    )
    wait_for(lambda: "ghost" in cluster.sh(events), "the unknown handler being told", 30)
