from __future__ import annotations

import pytest

from lessons.commands import built, full_reference, images, split_script


def test_a_script_is_split_into_what_is_typed() -> None:
    script = "#!/bin/bash\n# first\nls -l\n\ndocker run \\\n  -d nginx\n  cd /tmp\necho 'a # b'\n"
    assert split_script(script) == (
        (2, "ls -l"),
        (4, "docker run \\\n  -d nginx"),
        (6, "cd /tmp"),
        (7, "echo 'a # b'"),
    )
    assert split_script("ls \\") == ((0, "ls "),)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("docker run nginx:1.26", [(0, "nginx:1.26")]),
        ("x=1\ndocker run -d --name web -p 8080:80 nginx:1.26 sh -c 'docker run no'", [(1, "nginx:1.26")]),
        ("docker run --rm -it --memory=64m busybox:1 sh", [(0, "busybox:1")]),
        ("docker run -itp 80:80 busybox:1", [(0, "busybox:1")]),
        ("docker run -p80:80 -eA=1 --read-only busybox:1", [(0, "busybox:1")]),
        ("docker pull redis:8 && docker pull nginx", [(0, "redis:8"), (0, "nginx")]),
        ("docker image pull -q redis:8", [(0, "redis:8")]),
        ("docker container create --name a \\\n  busybox:1\ndocker run redis:8", [(0, "busybox:1"), (2, "redis:8")]),
        ("sudo docker run busybox:1", [(0, "busybox:1")]),
        ('P=$(docker run -d "nginx:1.26")', [(0, "nginx:1.26")]),
        ("docker run $IMAGE", []),
        ("docker run localhost:5000/poems:2; docker pull 127.0.0.1:5000/poems", []),
        ("docker ps; docker exec web nginx; docker --version", []),
        ("docker run", []),
        ("# docker run nothing:1", []),
    ],
)  # fmt: skip
def test_images_are_found(script: str, expected: list[tuple[int, str]]) -> None:
    assert list(images(script)) == expected


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("cd app\ndocker build -t hello:1 .", ["hello:1"]),
        ("docker build --tag=hello:1 -t hello:new .", ["hello:1", "hello:new"]),
        ("docker buildx build --pull \\\n  --tag hello:1 .; docker run hello:2", ["hello:1"]),
        ("docker image build -q .", []),
        ("docker run -t hello:1", []),
        ("make build -t hello:1", []),
        ("docker build . -t", []),
    ],
)  # fmt: skip
def test_names_of_built_images_are_found(script: str, expected: list[str]) -> None:
    assert list(built(script)) == expected


def test_references_are_written_as_in_the_manifest() -> None:
    assert full_reference("nginx") == "nginx:latest"
    assert full_reference("docker.io/library/nginx:1.26") == "nginx:1.26"
    assert full_reference("localhost:5000/x") == "localhost:5000/x:latest"
