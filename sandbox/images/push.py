"""Fills a registry's storage: a writable docker-registry on loopback, and uploads to it by its HTTP API."""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO, TextIO
from urllib.parse import urlencode, urlsplit

from sandbox.errors import SandboxError
from sandbox.images.layers import Layer
from sandbox.images.oci import MANIFEST_TYPE, Document
from sandbox.images.registry import PROGRAM, configuration, write_configuration

_START_SECONDS = 20


@contextmanager
def registry(storage: Path, work: Path, log: TextIO, *, writable: bool) -> Iterator[int]:
    """Run docker-registry over `storage` while the block runs; gives its port on 127.0.0.1.

    Its configuration is written below `work`. Raises SandboxError when it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    if not shutil.which(PROGRAM):
        raise SandboxError(f"{PROGRAM} is not installed; install it with: apt-get install {PROGRAM}")
    config = work / "registry.yml"
    write_configuration(config, configuration(storage, f"127.0.0.1:{port}", writable=writable))
    process = subprocess.Popen(
        ["setpriv", "--pdeathsig", "TERM", PROGRAM, "serve", str(config)],  # ends with us, even if killed
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
    )
    try:
        _wait_until_it_answers(process, port)
        yield port
    finally:
        process.terminate()
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def _wait_until_it_answers(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + _START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        try:
            if Client(port).request("GET", "/v2/").status == 200:
                return
        except OSError:
            time.sleep(0.05)
    raise SandboxError("docker-registry did not start to store the images; its reason is in the log.")


class Client:
    """The few requests of the registry's HTTP API (v2) that an upload takes."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self.host, self.port = host, port

    def request(
        self,
        method: str,
        path: str,
        body: bytes | BinaryIO | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> http.client.HTTPResponse:
        """One request on a connection of its own; the body of the answer has been read. Raises OSError."""
        connection = http.client.HTTPConnection(self.host, self.port, timeout=60)
        try:
            connection.request(method, path, body, dict(headers or {}))
            response = connection.getresponse()
            response.read()
            return response
        finally:
            connection.close()

    def push_layer(self, repository: str, layer: Layer, source: str | None = None) -> None:
        """Upload `layer`, or take it over from the repository `source` that already has it."""
        mount = {"mount": layer.digest, "from": source} if source else {}
        started = self.request("POST", f"/v2/{repository}/blobs/uploads/?{urlencode(mount)}")
        if started.status == 201:
            return
        with layer.path.open("rb") as content:
            self._finish(started, layer.digest, content, layer.size)

    def push_document(self, repository: str, document: Document) -> None:
        """Upload a configuration."""
        started = self.request("POST", f"/v2/{repository}/blobs/uploads/")
        self._finish(started, document.digest, document.content, len(document.content))

    def tag(self, repository: str, tag: str, manifest: Document) -> None:
        """Make `tag` name `manifest`, whose parts have been uploaded."""
        headers = {"Content-Type": MANIFEST_TYPE}
        path = f"/v2/{repository}/manifests/{tag}"
        _expect(self.request("PUT", path, manifest.content, headers), 201)

    def _finish(
        self, started: http.client.HTTPResponse, digest: str, content: bytes | BinaryIO, size: int
    ) -> None:
        _expect(started, 202)
        upload = urlsplit(started.headers["Location"])
        query = "&".join(filter(None, (upload.query, urlencode({"digest": digest}))))
        headers = {"Content-Type": "application/octet-stream", "Content-Length": str(size)}
        _expect(self.request("PUT", f"{upload.path}?{query}", content, headers), 201)


def _expect(response: http.client.HTTPResponse, status: int) -> None:
    if response.status != status:
        detail = json.dumps(dict(response.headers))
        raise SandboxError(
            f"docker-registry refused to store an image (HTTP {response.status}); its reason is in the log.",
            detail=detail,
        )
