"""Set-up's part "images": makes every image of the manifest and stores it as docker-registry keeps it.

There are two of it: the first, which is enough for Docker, and, once the tools are built, one that holds those
of a cluster's own pods as well.

Runs as root on the system's own Python, with mmdebstrap and docker-registry; standard library only.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import TextIO

from lab.setup.parts import Report
from sandbox.images import manifest, oci, push
from sandbox.images.make import Built, make
from sandbox.images.manifest import Image


class ImagesPart:
    """The part of set-up named "images"; its folder is docker-registry's `rootdirectory`."""

    name = "images"
    title = "Container images"

    def inputs(self) -> Iterable[bytes]:
        """The manifest, the files that go into images, and the code that makes them."""
        for path in _sources():
            executable = path.stat().st_mode & 0o100
            yield f"{path.relative_to(manifest.FILES.parent)} {executable}".encode()
            yield path.read_bytes()
        yield oci.architecture().encode()

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """Fill the folder `dest`, scratch space included, which is removed at the end.

        Raises SandboxError, ManifestError, OSError, and subprocess.CalledProcessError from mmdebstrap.
        """
        self._fill(manifest.load(), dest, report, log)

    def _fill(
        self, images: Sequence[Image], dest: Path, report: Report, log: TextIO, tools: Path | None = None
    ) -> None:
        dest.mkdir(parents=True, exist_ok=True)
        dest.chmod(0o755)  # the registry reads it as an unprivileged user
        umask = os.umask(0o022)
        try:
            with tempfile.TemporaryDirectory(prefix=".images-", dir=dest) as folder:
                work = Path(folder)
                work.chmod(0o755)  # apt fetches packages as a user of its own
                with push.registry(dest, work, log, writable=True) as port:
                    _build(images, push.Client(port), work, report, log, tools)
        finally:
            os.umask(umask)


class KubernetesImages(ImagesPart):
    """The same part with the images of `kubernetes.toml` added; `first` and `tools` are the entries of the store
    that it is made from."""

    title = "Images for Kubernetes"

    def __init__(self, first: Callable[[], Path], tools: Callable[[], Path]) -> None:
        self.first, self.tools = first, tools

    def inputs(self) -> Iterable[bytes]:
        yield from super().inputs()
        yield manifest.KUBERNETES.read_bytes()
        yield self.tools().name.encode()

    def build(self, dest: Path, report: Report, log: TextIO) -> None:
        """As the first part's; raises the same. What that has made is copied, where it is still there."""
        first, images = self.first(), manifest.load(manifest.KUBERNETES)
        if first.is_dir():
            shutil.copytree(first, dest, dirs_exist_ok=True)
        else:
            images = (*manifest.load(), *images)
        self._fill(images, dest, report, log, self.tools())


def _build(
    images: Sequence[Image],
    client: push.Client,
    work: Path,
    report: Report,
    log: TextIO,
    tools: Path | None,
) -> None:
    built: dict[str, Built] = {}
    for number, image in enumerate(images):
        report(number, len(images), image.name)
        made = built[image.name] = make(image, built, work, log, tools)
        repository = image.repository
        for layer in made.layers:
            shared = made.below is not None and layer in built[made.below].layers
            client.push_layer(repository, layer.layer, f"library/{made.below}" if shared else None)
        config = oci.configuration(image, made.version, made.layers, made.epoch)
        client.push_document(repository, config)
        document = oci.manifest(config, [step.layer for step in made.layers])
        for tag in made.tags:
            client.tag(repository, tag, document)
        log.write(f"{image.name}: {', '.join(made.tags)} {document.digest}\n")
    report(len(images), len(images), "stored")


def _sources() -> list[Path]:
    """Every file that decides the result, in a fixed order."""
    modules = Path(__file__).parent.glob("*.py")
    files = (path for path in manifest.FILES.rglob("*") if path.is_file())
    return sorted([*modules, manifest.PATH, *files])


PART = ImagesPart()
