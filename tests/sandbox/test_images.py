"""The images' manifest, their layers and the program of hello-world: nothing here needs root."""

from __future__ import annotations

import io
import os
import platform
import stat
import subprocess
import tarfile
from pathlib import Path

import pytest

from sandbox.errors import SandboxError
from sandbox.images import debian, layers, manifest, oci, program, registry
from sandbox.images.build import PART

EPOCH = 1_700_000_000

GOOD = """
[[image]]
name = "debian"
description = "A base."
recipe = "debian"
suite = "trixie"
version = "/etc/debian_version"
tags = ["13", "{version}", "latest"]
cmd = ["bash"]

[[image]]
name = "web"
description = "A server."
recipe = "layer"
from = "debian"
packages = ["nginx"]
version = "nginx"
tags = ["1.26"]
cmd = ["nginx"]
ports = ["80/tcp"]
"""


def written(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "manifest.toml"
    path.write_text(text)
    return path


def test_the_names_that_lessons_may_use() -> None:
    names = manifest.image_names()
    assert {"nginx", "nginx:1.26", "busybox:1.37", "debian:13", "redis:8.0", "hello-world"} <= names
    assert "docker.io/library/nginx:1.26" in names
    assert "ngnix" not in names
    assert not any("{" in name for name in names)


def test_a_name_without_tag_needs_the_tag_latest(tmp_path: Path) -> None:
    names = manifest.image_names(written(tmp_path, GOOD))
    assert {"debian", "debian:13", "web:1.26"} <= names
    assert "web" not in names


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('name = "web"', 'name = "Web"', r"image Web: name: 'Web' is not allowed"),
        ('name = "web"', 'name = "debian"', "image debian is listed twice"),
        ('name = "web"', "", "image number 2: name: is missing"),
        ('recipe = "layer"', 'recipe = "cake"', "image web: recipe: 'cake' is not allowed"),
        ('from = "debian"', 'from = "alpine"', "image web: from: alpine is not an image"),
        ('from = "debian"', "", 'image web: from: belongs to recipe "layer"'),
        ('packages = ["nginx"]', "", "image web: packages: at least one is needed"),
        ('packages = ["nginx"]', 'packages = ["nginx; rm"]', "image web: packages: 'nginx; rm'"),
        ('tags = ["1.26"]', "tags = []", "image web: tags: at least one is needed"),
        ('tags = ["1.26"]', 'tags = ["1.26", "1.26"]', "image web: tags: '1.26' is listed twice"),
        ('tags = ["1.26"]', 'tags = ["a b"]', "image web: tags: 'a b' is not allowed"),
        ('tags = ["1.26"]', 'tags = "1.26"', "image web: tags: must be a list of texts"),
        ('version = "nginx"', "", "image web: version: is missing"),
        ('cmd = ["nginx"]', "", "image web: cmd: is missing"),
        ('suite = "trixie"', "", 'image debian: suite: belongs to recipes "debian"'),
        ('ports = ["80/tcp"]', "ports = [80]", "image web: ports: must be a list of texts"),
        ('ports = ["80/tcp"]', 'port = "80"', "image web: port: is not a known key"),
        ('ports = ["80/tcp"]', "env = { A = 1 }", "image web: env: must be a table of texts"),
        ("[[image]]", "[[images]]", "unknown key 'images'"),
        ('cmd = ["nginx"]', "cmd = [", "not valid TOML: .*line"),
    ],
)
def test_a_wrong_manifest_says_what_and_where(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in GOOD
    with pytest.raises(manifest.ManifestError, match=f"^manifest.toml.*{message}"):
        manifest.load(written(tmp_path, GOOD.replace(old, new)))


def test_an_empty_or_missing_manifest(tmp_path: Path) -> None:
    with pytest.raises(manifest.ManifestError, match="no image is listed"):
        manifest.load(written(tmp_path, ""))
    with pytest.raises(manifest.ManifestError, match="cannot be read"):
        manifest.load(tmp_path / "nothing.toml")


def test_tags_follow_the_version_that_debian_has(tmp_path: Path) -> None:
    base, web = manifest.load(written(tmp_path, GOOD))
    assert base.full_tags("13.8") == ["13", "13.8", "latest"]
    assert web.full_tags("1.26.3") == ["1.26"]
    assert web.full_tags("1.26") == ["1.26"]
    for other in ("1.28.0", "1.2", "1.260.1"):
        with pytest.raises(manifest.ManifestError, match=rf"Debian now has web {other}.*web:1\.26 does not"):
            web.full_tags(other)


def test_the_program_prints_its_text(tmp_path: Path) -> None:
    text = "Grüße aus dem Container\n".encode()
    path = tmp_path / "hello"
    path.write_bytes(program.printer(text, platform.machine()))
    path.chmod(0o755)
    done = subprocess.run([path], capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (text, b"")


def test_a_program_for_another_machine_or_too_long_is_refused() -> None:
    with pytest.raises(ValueError, match="vax"):
        program.printer(b"x", "vax")
    with pytest.raises(ValueError, match="65,535"):
        program.printer(bytes(65_536), "x86_64")


def test_the_arm_program_is_the_known_machine_code() -> None:
    code = program.printer(b"hi\n", "aarch64")[120:]
    # mov x0,#1; mov x1,#0x9c; movk x1,#0x40,lsl 16; mov x2,#3; mov x8,#64; svc; mov x0,#0; mov x8,#94; svc
    assert code.hex() == (
        "200080d2" "811380d2" "0108a0f2" "620080d2" "080880d2" "010000d4" "000080d2" "c80b80d2" "010000d4"
        + b"hi\n".hex()
    )  # fmt: skip


def tree(root: Path, names: list[str]) -> Path:
    (root / "dev").mkdir(parents=True)
    (root / "dev" / "null").write_text("")
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(0o644)
    os.link(root / names[0], root / "second-name")
    (root / "link").symlink_to("a/one")
    return root


def members(layer: layers.Layer) -> dict[str, tarfile.TarInfo]:
    with tarfile.open(layer.path) as archive:
        return {member.name: member for member in archive}


def test_a_layer_depends_on_the_files_alone(tmp_path: Path) -> None:
    names = ["a/one", "b/two", "c"]
    first = tree(tmp_path / "first", names)
    second = tree(tmp_path / "second", names)
    for path in sorted(second.rglob("*"), reverse=True):
        os.utime(path, (EPOCH + 99, EPOCH + 99), follow_symlinks=False)
    written = [
        layers.write(root, layers.scan(root), tmp_path / f"{root.name}.layer", EPOCH)
        for root in (first, second)
    ]
    assert written[0].digest == written[1].digest
    assert written[0].diff_id == written[1].diff_id
    (second / "c").write_text("other")
    changed = layers.write(second, layers.scan(second), tmp_path / "changed", EPOCH)
    assert changed.digest != written[0].digest


def test_a_layer_holds_what_the_tree_holds(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", ["a/one", "b/two"])
    (root / "b").chmod(0o1777)
    layer = layers.write(root, layers.scan(root), tmp_path / "layer", EPOCH)
    held = members(layer)
    assert list(held) == ["a", "a/one", "b", "b/two", "dev", "link", "second-name"]
    assert held["second-name"].type == tarfile.LNKTYPE
    assert held["second-name"].linkname == "a/one"
    assert held["link"].linkname == "a/one"
    assert held["b"].mode == 0o1777
    assert held["a/one"].uname == ""
    assert all(member.mtime <= EPOCH for member in held.values())
    assert layer.size == layer.path.stat().st_size


def test_a_layer_on_another_holds_the_difference(tmp_path: Path) -> None:
    root = tree(tmp_path / "root", ["a/one", "gone/x", "gone/y", "becomes/z", "kept/k", "kept/l"])
    below = layers.scan(root)
    for name in ("gone/x", "gone/y", "becomes/z", "kept/l"):
        (root / name).unlink()
    (root / "gone").rmdir()
    (root / "becomes").rmdir()
    (root / "becomes").write_text("a file now")
    (root / "new").mkdir()
    (root / "new/n").write_text("n")
    layer = layers.write(root, layers.scan(root), tmp_path / "layer", EPOCH, below)
    assert list(members(layer)) == [".wh.gone", "becomes", "kept", "kept/.wh.l", "new", "new/n"]


def test_a_layer_refuses_what_it_cannot_carry(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(layers.LayerError, match="/pipe is neither"):
        layers.scan(tmp_path)


@pytest.mark.parametrize(
    ("full", "upstream"),
    [("1.26.3-3+deb13u1", "1.26.3"), ("5:8.0.2-3", "8.0.2"), ("1:1.37.0-6+b9", "1.37.0"), ("13.8", "13.8")],
)
def test_the_upstream_version_of_a_package(tmp_path: Path, full: str, upstream: str) -> None:
    status = tmp_path / "var/lib/dpkg/status"
    status.parent.mkdir(parents=True)
    status.write_text(f"Package: other\nVersion: 9-9\n\nPackage: it\nStatus: ok\nVersion: {full}\n\n")
    assert debian.version(tmp_path, "it") == upstream
    with pytest.raises(SandboxError, match="missing-one"):
        debian.version(tmp_path, "missing-one")


def test_what_is_the_builders_own_is_removed(tmp_path: Path) -> None:
    for name in ("etc/resolv.conf", "etc/hostname", "etc/passwd-", "etc/passwd", "var/log/apt/term.log"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x")
    (tmp_path / "var/log/nginx").mkdir()
    (tmp_path / "var/log/nginx/access.log").symlink_to("/dev/stdout")
    debian.clean(tmp_path)
    left = sorted(path.relative_to(tmp_path).as_posix() for path in tmp_path.rglob("*") if not path.is_dir())
    assert left == ["etc/passwd", "var/log/nginx/access.log"]


def test_days_of_passwords_are_cut(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    shadow = tmp_path / "etc/shadow"
    shadow.write_text("root:*:100:0:99999:7:::\nredis:!:99999::::::\nx:*:::::::\n")
    debian.date_passwords(tmp_path, 200 * 86400)
    assert shadow.read_text() == "root:*:100:0:99999:7:::\nredis:!:200::::::\nx:*:::::::\n"


def test_a_configuration_says_what_the_manifest_says(tmp_path: Path) -> None:
    _, web = manifest.load(written(tmp_path, GOOD.replace("ports", 'env = { V = "v{version}" }\nports')))
    layer = layers.Layer(tmp_path, "sha256:aa", 1, "sha256:bb")
    config = oci.configuration(web, "1.26.3", [oci.Step("made by hand", layer)], EPOCH)
    text = config.content.decode()
    assert '"V=v1.26.3"' in text
    assert '"ExposedPorts":{"80/tcp":{}}' in text
    assert '"created":"2023-11-14T22:13:20Z"' in text
    assert oci.configuration(web, "1.26.3", [oci.Step("made by hand", layer)], EPOCH) == config


def test_the_parts_inputs_hold_manifest_files_and_code() -> None:
    pieces = list(PART.inputs())
    assert pieces == list(PART.inputs())
    assert manifest.PATH.read_bytes() in pieces
    assert Path(layers.__file__).read_bytes() in pieces
    for path in manifest.FILES.rglob("*"):
        assert path.is_dir() or path.read_bytes() in pieces


def test_entrypoints_are_executable() -> None:
    for path in manifest.FILES.rglob("bin/*"):
        assert path.stat().st_mode & stat.S_IXUSR, path


def test_the_registry_refuses_writing_unless_told() -> None:
    def read_only(settings: dict[str, object]) -> bool:
        storage = settings["storage"]
        assert isinstance(storage, dict)
        return bool(storage["maintenance"]["readonly"]["enabled"])

    assert read_only(registry.configuration(Path("/x"), "127.0.0.1:5000"))
    assert not read_only(registry.configuration(Path("/x"), "127.0.0.1:5000", writable=True))


def test_a_failed_build_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    wrong = written(tmp_path, "[[image]]")
    monkeypatch.setattr(manifest.load, "__defaults__", (wrong,))
    destination = tmp_path / "destination"
    with pytest.raises(manifest.ManifestError):
        PART.build(destination, lambda done, total, note: None, io.StringIO())
    assert not destination.exists()
