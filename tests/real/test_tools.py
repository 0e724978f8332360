"""What set-up has built for Kubernetes: every program runs here, and tells the version that go.mod pins."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pytest

from lab.paths import Paths
from sandbox.tools import modules
from sandbox.tools.modules import MODULES, Module

pytestmark = pytest.mark.real
ASKED = {
    "kubectl": ("version", "--client"),
    "etcdctl": ("version",),
    "containerd-shim-runc-v2": ("-v",),
    "coredns": ("-version",),
    "grpcurl": ("-version",),
}
"""How programs are asked that do not answer to --version; CNI plugins tell it to whoever says nothing."""


@pytest.fixture(scope="module")
def tools() -> Path:
    found = Paths.from_env().tools
    assert found.is_dir(), f"{found} is not there: run `make test`, which builds it"
    return found


def said(program: Path, module: Module) -> str:
    words = ASKED.get(program.name, () if module.name == "cni" else ("--version",))
    asked = [str(program), *words]
    done = subprocess.run(asked, capture_output=True, text=True, check=False, stdin=subprocess.DEVNULL)
    return done.stdout + done.stderr


@pytest.mark.parametrize(
    ("module", "name"),
    [pytest.param(module, name, id=name) for module in MODULES for name in module.packages()],
)
def test_a_program_tells_its_pinned_version(tools: Path, module: Module, name: str) -> None:
    program = tools / module.target / name
    number = re.escape(module.version().removeprefix("v"))
    assert re.search(rf"(?<![\d.]){number}(?![\d.])", said(program, module))
    assert (program.stat().st_mode & 0o777, program.stat().st_uid) == (0o755, 0)
    linked = subprocess.run(["ldd", program], capture_output=True, text=True, check=False)
    assert "not a dynamic executable" in linked.stderr


def test_nothing_else_lies_there(tools: Path) -> None:
    expected = {f"{module.target}/{name}" for module in MODULES for name in module.packages()}
    expected |= {target for module in MODULES for target in module.copied.values()} | {modules.VERSIONS}
    assert {str(path.relative_to(tools)) for path in tools.rglob("*") if path.is_file()} == expected


def test_the_versions_beside_them_are_those_of_go_mod(tools: Path) -> None:
    assert modules.read((tools / modules.VERSIONS).read_text()) == modules.versions()


def test_kubectl_tells_the_whole_version_of_kubernetes(tools: Path) -> None:
    asked = [str(tools / "usr/local/bin/kubectl"), "version", "--client", "--output=json"]
    found = json.loads(subprocess.run(asked, capture_output=True, check=True).stdout)["clientVersion"]
    version = modules.versions()["kubernetes"]
    major, minor, _ = version.removeprefix("v").split(".")
    assert (found["gitVersion"], found["major"], found["minor"]) == (version, major, minor)
    assert found["gitCommit"] == ""
    assert found["buildDate"] == "1970-01-01T00:00:00Z"


def test_the_cri_can_be_spoken_by_hand(tools: Path) -> None:
    """grpcurl finds the services in the protocol's own file."""
    share = tools / "usr/local/share/cri"
    listed = subprocess.run(
        [tools / "usr/local/bin/grpcurl", "-import-path", share, "-proto", "api.proto", "list"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert listed.stdout.split() == ["runtime.v1.ImageService", "runtime.v1.RuntimeService"]
