"""Which programs are built from which project, in which version: read from the go.mod files beside this.

A folder with a go.mod pins projects that are built with the same dependencies: its `tool` lines name the programs,
go.sum the hashes of every module that goes into them. Projects share a folder where their dependencies agree, for
what they share is then compiled once; those that a cluster stands on have exactly what they ask for. Standard
library only.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
PAUSE = "3.10.2"
"""The pause image that this Kubernetes asks for; its program is the lab's own (sandbox/images/files)."""
VERSIONS = "usr/local/share/lab-tools/versions"
"""In the built part: what its programs tell as their versions, as `shell` writes it."""

_VERSION = re.compile(r"v\d+")
"""The end of a module's path from its second major version on."""
_PROGRAMS = {"go.etcd.io/etcd/server/v3": "etcd"}
"""Programs whose name does not follow from their package's path."""


class ModuleError(Exception):
    """A go.mod does not say what is needed; one sentence with its folder."""


@dataclass(frozen=True)
class Module:
    """A project, and the folder whose go.mod and go.sum pin it. `stamps` are string variables set when linking;
    `{version}`, `{major}` and `{minor}` in their values stand for those of the project."""

    name: str
    folder: str
    path: str
    title: str
    stamps: Mapping[str, str] = field(default_factory=dict)
    target: str = "usr/local/bin"
    """Where its programs lie in the built part, which is a piece of a root filesystem."""
    copied: Mapping[str, str] = field(default_factory=dict)
    """Files of modules (`module/path/to/file`) that go along with the programs, and where to."""

    @property
    def root(self) -> Path:
        return HERE / self.folder

    def files(self) -> tuple[bytes, bytes]:
        return (self.root / "go.mod").read_bytes(), (self.root / "go.sum").read_bytes()

    def version(self) -> str:
        """As upstream tags it: `v1.37.2`. Raises ModuleError."""
        text = (self.root / "go.mod").read_text(encoding="utf-8")
        found = re.search(rf"^(?:require)?\s*{re.escape(self.path)} (v\S+)", text, re.MULTILINE)
        if not found:
            raise ModuleError(f"{self.folder}/go.mod does not require {self.path}.")
        return found[1]

    def packages(self) -> dict[str, str]:
        """By program's name, the package that it is built from. Raises ModuleError."""
        text = (self.root / "go.mod").read_text(encoding="utf-8")
        block = re.search(r"^tool \((.*?)^\)", text, re.MULTILINE | re.DOTALL)
        lines = block[1].split() if block else re.findall(r"^tool (\S+)$", text, re.MULTILINE)
        ours = [package for package in lines if f"{package}/".startswith(f"{self.path}/")]
        if not ours:
            raise ModuleError(f"{self.folder}/go.mod has no tool line of {self.path}.")
        return {_program(package): package for package in ours}

    def go(self) -> tuple[int, ...]:
        """The oldest Go that its dependencies are written for: (1, 26, 6)."""
        text = (self.root / "go.mod").read_text(encoding="utf-8")
        found = re.search(r"^go (\d+(?:\.\d+)+)$", text, re.MULTILINE)
        if not found:
            raise ModuleError(f"{self.folder}/go.mod has no go line.")
        return tuple(int(part) for part in found[1].split("."))

    def link(self) -> str:
        """The linker's flags: no symbol tables, and the version that the program then tells."""
        version = self.version()
        major, minor, *_ = version.removeprefix("v").split(".")
        values = {
            name: text.format(version=version, major=major, minor=minor) for name, text in self.stamps.items()
        }
        return " ".join(["-s", "-w", *(f"-X {name}={value}" for name, value in values.items())])


def _program(package: str) -> str:
    if package in _PROGRAMS:
        return _PROGRAMS[package]
    *above, last = package.split("/")
    return above[-1] if _VERSION.fullmatch(last) else last


def _kubernetes(package: str) -> dict[str, str]:
    """The commit is not known from a module, and the build's date stays the constant it is."""
    return {
        f"{package}.gitVersion": "{version}",
        f"{package}.gitMajor": "{major}",
        f"{package}.gitMinor": "{minor}",
        f"{package}.gitTreeState": "clean",
        f"{package}.gitCommit": "",
    }


_STAGES = {
    f"sigs.k8s.io/kwok/kustomize/stage/{kind}/fast/{kind}-{stage}.yaml": f"usr/local/share/kwok/{kind}-{stage}.yaml"
    for kind, stages in {"node": ["initialize"], "pod": ["ready", "complete", "delete"]}.items()
    for stage in stages
}
"""What becomes of nodes and pods that only seem to be there."""
_ETCD = "go.etcd.io/etcd/api/v3/version.GitSHA"
_BASE, _CLIENT = "k8s.io/component-base/version", "k8s.io/client-go/pkg/version"

MODULES = (
    Module(
        "containerd", "containerd", "github.com/containerd/containerd/v2", "containerd",
        {"github.com/containerd/containerd/v2/version.Version": "{version}"},
    ),
    Module("etcd", "etcd", "go.etcd.io/etcd/server/v3", "etcd", {_ETCD: "unknown"}),
    Module("etcdctl", "etcd", "go.etcd.io/etcd/etcdctl/v3", "etcdctl", {_ETCD: "unknown"}),
    Module(
        "cni", "cni", "github.com/containernetworking/plugins", "CNI plugins",
        {"github.com/containernetworking/plugins/pkg/utils/buildversion.BuildVersion": "{version}"},
        target="usr/local/lib/cni",
    ),
    Module(
        "kubernetes", "kubernetes", "k8s.io/kubernetes", "Kubernetes",
        {**_kubernetes(_BASE), **_kubernetes(_CLIENT)},
        copied={"k8s.io/cri-api/pkg/apis/runtime/v1/api.proto": "usr/local/share/cri/api.proto"},
    ),
    Module("coredns", "addons", "github.com/coredns/coredns", "CoreDNS"),
    Module("metrics-server", "addons", "sigs.k8s.io/metrics-server", "metrics-server", _kubernetes(_CLIENT)),
    Module(
        "kwok", "addons", "sigs.k8s.io/kwok", "kwok", {"sigs.k8s.io/kwok/pkg/consts.Version": "{version}"},
        copied=_STAGES,
    ),
    Module("grpcurl", "addons", "github.com/fullstorydev/grpcurl", "grpcurl", {"main.version": "{version}"}),
    Module(
        "local-path-provisioner", "local-path-provisioner", "github.com/rancher/local-path-provisioner",
        "local-path-provisioner", {"main.VERSION": "{version}"},
    ),
)  # fmt: skip
"""In the order in which they are built: what a cluster cannot do without comes first."""


def versions() -> dict[str, str]:
    """By project, as go.mod pins it: `{"kubernetes": "v1.37.2", ..., "pause": "3.10.2"}`. Raises ModuleError."""
    return {**{module.name: module.version() for module in MODULES}, "pause": PAUSE}


def oldest_go() -> tuple[int, ...]:
    """What all of them can be built by. Raises ModuleError."""
    return max(module.go() for module in MODULES)


def shell(found: Mapping[str, str]) -> str:
    """Versions as lines that a shell reads: `METRICS_SERVER=v0.9.0`."""
    return "".join(f"{name.upper().replace('-', '_')}={version}\n" for name, version in sorted(found.items()))


def read(text: str) -> dict[str, str]:
    """What `shell` has written."""
    pairs = (line.split("=", 1) for line in text.splitlines() if "=" in line)
    return {name.lower().replace("_", "-"): version for name, version in pairs}
