"""The pins of what is built for Kubernetes, and what is said when it cannot be."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from lab.setup.tools import go_release, system_go
from sandbox.images import manifest
from sandbox.tools import modules
from sandbox.tools.build import COMPILED, Tools, explain
from sandbox.tools.modules import MODULES, Module, ModuleError

KUBERNETES = next(module for module in MODULES if module.name == "kubernetes")


def test_every_folder_with_a_go_mod_is_built_and_no_other() -> None:
    assert {path.parent.name for path in modules.HERE.glob("*/go.mod")} == {m.folder for m in MODULES}
    assert list(modules.HERE.rglob("*.go")) == []


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_go_sum_holds_the_version_that_go_mod_names(module: Module) -> None:
    version = module.version()
    assert re.fullmatch(r"v\d+\.\d+\.\d+", version), "a released version"
    assert f"{module.path} {version} h1:" in (module.root / "go.sum").read_text()
    assert all(package.startswith(module.path) for package in module.packages().values())


def test_all_of_kubernetes_is_of_one_version() -> None:
    text = (KUBERNETES.root / "go.mod").read_text()
    staging = re.findall(r"^\t(k8s\.io/\S+) => (\S+) v0\.(\S+)$", text, re.MULTILINE)
    assert len(staging) > 30
    assert all(name == target for name, target, _ in staging)
    assert {f"v1.{number}" for *_, number in staging} == {KUBERNETES.version()}


def test_the_programs_of_a_cluster_are_there() -> None:
    programs = {name for module in MODULES for name in module.packages()}
    assert {
        "kube-apiserver", "kube-controller-manager", "kube-scheduler", "kubelet", "kube-proxy", "kubectl",
        "containerd", "containerd-shim-runc-v2", "ctr", "etcd", "etcdctl", "coredns", "kwok", "grpcurl",
        "metrics-server", "local-path-provisioner", "bridge", "host-local", "portmap", "loopback",
    } <= programs  # fmt: skip


def test_versions_survive_the_way_through_a_shell(tmp_path: Path) -> None:
    text = modules.shell(modules.versions())
    assert modules.read(text) == modules.versions()
    file = tmp_path / "versions"
    file.write_text(text)
    said = subprocess.run(
        ["sh", "-euc", f'. {file}; echo "$KUBERNETES $METRICS_SERVER $PAUSE"'],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    found = modules.versions()
    assert said.stdout.split() == [found["kubernetes"], found["metrics-server"], found["pause"]]


def test_images_of_the_cluster_carry_the_pinned_versions() -> None:
    found = modules.versions()
    assert {image.name: image.tags for image in manifest.load(manifest.KUBERNETES)} == {
        "registry.k8s.io/pause": (found["pause"],),
        "registry.k8s.io/coredns/coredns": (found["coredns"],),
        "registry.k8s.io/metrics-server/metrics-server": (found["metrics-server"],),
        "rancher/local-path-provisioner": (found["local-path-provisioner"],),
    }


def test_a_go_mod_that_lacks_something_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(modules, "HERE", tmp_path)
    module = Module("thing", "thing", "example.org/thing", "Thing")
    module.root.mkdir()
    (module.root / "go.mod").write_text("module x\n")
    for ask, said in (
        (module.version, "does not require example.org/thing"),
        (module.packages, "no tool line"),
        (module.go, "no go line"),
    ):
        with pytest.raises(ModuleError, match=f"thing/go.mod .*{said}"):
            ask()


def test_projects_of_one_folder_have_their_own_programs() -> None:
    found = {module.name: list(module.packages()) for module in MODULES if module.folder == "etcd"}
    assert found == {"etcd": ["etcd"], "etcdctl": ["etcdctl"]}


def test_names_of_programs_follow_from_their_packages(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(modules, "HERE", tmp_path)
    module = Module("thing", "thing", "example.org/thing", "Thing")
    module.root.mkdir()
    (module.root / "go.mod").write_text(
        "tool (\n\texample.org/thing/cmd/do\n\texample.org/thing/ctl/v3\n\texample.org/things/other\n)\n"
    )
    assert sorted(module.packages()) == ["ctl", "do"]


@pytest.mark.parametrize(
    ("said", "sentence"),
    [
        (
            'go: k8s.io/api@v0.37.2: Get "https://proxy.golang.org/x.zip": dial tcp: lookup: no such host',
            r"the Go module k8s\.io/api v0\.37\.2 cannot be fetched; check this machine's network",
        ),
        (
            "go: github.com/a/b@v1.0.0: reading https://proxy.golang.org/x.zip: 403 Forbidden",
            r"the Go module github\.com/a/b v1\.0\.0 cannot be fetched",
        ),
        (
            "verifying github.com/a/b@v1.0.0: checksum mismatch\n\tdownloaded: h1:x\nSECURITY ERROR",
            r"github\.com/a/b v1\.0\.0 is not the one that go\.sum lists; name another proxy with GOPROXY",
        ),
        ("k8s.io/api/core/v1: compile: signal: killed", "memory ran out while it was compiled; free some"),
        ("x.go:1:1: undefined: y", "does not compile; the last lines of the log say why"),
    ],
)
def test_what_is_missing_is_said_in_one_sentence_with_the_way_on(said: str, sentence: str) -> None:
    found = explain(KUBERNETES, said)
    assert re.search(sentence, found)
    assert found.startswith(f"The tools of Kubernetes are incomplete: Kubernetes {KUBERNETES.version()} ")
    assert "run `make up` again" in found and found.endswith(".") and "\n" not in found


def test_packages_that_are_compiled_are_told_from_other_lines() -> None:
    assert all(map(COMPILED.fullmatch, ("errors", "internal/goarch", "k8s.io/api/core/v1", "main")))
    for line in ("go: downloading k8s.io/api v0.37.2", "# k8s.io/api", "x.go:1:1: undefined: y", ""):
        assert not COMPILED.fullmatch(line)


def test_the_address_changes_with_a_pin_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def digest() -> list[bytes]:
        return list(Tools(lambda: Path("/nowhere"), Path("/nowhere")).inputs())

    before = digest()
    assert digest() == before
    monkeypatch.setattr("platform.machine", lambda: "vax")
    assert digest() != before


def test_a_go_that_is_too_old_or_does_not_run_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    go = tmp_path / "go"
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    newest = ".".join(map(str, modules.oldest_go()))
    for release, taken in ((f"go{newest}", True), ("go9.0", True), ("go1.19.8", False), ("", False)):
        go.write_text(f"#!/bin/sh\necho {release}\n")
        go.chmod(0o755)
        assert go_release(go) == release
        assert (system_go() == go) is taken
