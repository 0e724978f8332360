"""What a learner does with Docker, inside a sandbox: a real engine, a real registry, real limits."""

from __future__ import annotations

import time

import pytest

from sandbox.drivers.base import Handle, Port, Status
from sandbox.drivers.namespace.driver import NamespaceDriver
from sandbox.errors import SandboxNotFound
from tests.real.conftest import FACTOR, Make, Shell, wait_for

COMPOSE = """
services:
  web:
    image: nginx:1.26
    mem_limit: 64m
  ask:
    image: busybox:1
    command: sh -c 'until wget -qO- http://web/ | grep -q "<title>"; do sleep 0.2; done; echo found'
    depends_on: [web]
"""


@pytest.mark.core
def test_docker_run_pulls_and_runs(sandbox: Handle, shell: Shell) -> None:
    done = shell(sandbox, "docker run --rm busybox:1 echo it works 2>&1", timeout=120)
    assert done.exit_code == 0, done.stdout
    assert b"Pulling from library/busybox" in done.stdout
    assert done.stdout.endswith(b"it works\n")


@pytest.mark.core
def test_a_memory_limit_inside_is_in_force(sandbox: Handle, shell: Shell) -> None:
    # The kernel's own count: Docker's OOMKilled is false when the news of it come after the end.
    script = (
        "dd if=/dev/zero of=/dev/null bs=64M count=1; echo $?; "
        "cat /sys/fs/cgroup/memory.events /sys/fs/cgroup/memory/memory.oom_control 2>/dev/null"
    )
    done = shell(sandbox, f"docker run --rm -m 20m busybox:1 sh -c '{script}'", timeout=120)
    lines = done.stdout.split(b"\n")
    assert lines[0] == b"137", done
    assert b"oom_kill 1" in lines, done


@pytest.mark.core
def test_a_typing_error_fails_at_once_in_dockers_words(sandbox: Handle, shell: Shell) -> None:
    began = time.monotonic()
    done = shell(sandbox, "docker run ngnix 2>&1", timeout=60)
    assert done.exit_code == 125
    assert b"Unable to find image 'ngnix:latest' locally" in done.stdout
    assert b"Error response from daemon" in done.stdout
    assert time.monotonic() - began < 10 * FACTOR  # instead of Docker's fifteen seconds for each try


def test_every_image_of_the_manifest_can_be_pulled(sandbox: Handle, shell: Shell) -> None:
    from sandbox.images.manifest import image_names

    names = sorted(image_names())
    assert {"busybox:1", "nginx:1.26", "hello-world"} <= set(names)
    for name in names:
        done = shell(sandbox, f"docker pull -q {name}", timeout=120)
        assert done.exit_code == 0, (name, done.stderr)


def test_a_push_is_refused(sandbox: Handle, shell: Shell) -> None:
    script = """
    docker pull -q busybox:1
    skopeo copy --dest-tls-verify=false docker-daemon:busybox:1 docker://registry.lab:5000/library/mine:1
    """
    done = shell(sandbox, script, timeout=120)
    assert done.exit_code != 0
    assert b"405" in done.stderr or b"unsupported" in done.stderr.lower(), done.stderr


def test_nginx_serves_a_published_port(driver: NamespaceDriver, sandbox: Handle, shell: Shell) -> None:
    done = shell(sandbox, "docker run -d --name web -p 8080:80 nginx:1.26", timeout=120)
    assert done.exit_code == 0, done.stderr
    wait_for(lambda: b"<title>" in shell(sandbox, "curl -s http://127.0.0.1:8080/").stdout, "the page")
    with driver.dial(sandbox, 8080) as connection:
        connection.sendall(b"GET / HTTP/1.0\r\n\r\n")
        assert b"200 OK" in connection.recv(4096)
    assert list(driver.ports(sandbox)) == [Port(8080, published=True)], "nothing of the engine's own"
    driver.freeze(sandbox)
    assert list(driver.ports(sandbox)) == [Port(8080, published=True)]
    assert driver.poll(sandbox) is Status.FROZEN, "looking wakes nobody"
    driver.thaw(sandbox)
    shell(sandbox, "docker rm -f web")
    assert list(driver.ports(sandbox)) == []


def test_docker_build_with_buildkit(sandbox: Handle, shell: Shell) -> None:
    """BuildKit pulls what it builds upon by itself, not as the engine does: from a tag that nobody has pulled."""
    script = """
    mkdir -p /root/b && cd /root/b
    printf 'FROM busybox:1.37-glibc\\nRUN echo built >/said\\nCMD ["cat", "/said"]\\n' >Dockerfile
    docker build -t mine:1 . && docker run --rm mine:1
    """
    done = shell(sandbox, script, timeout=180)
    assert done.exit_code == 0, done.stderr
    assert done.stdout.endswith(b"built\n")
    assert b"[1/2] FROM" in done.stderr, "that was not BuildKit"


def test_compose_up_with_names_that_resolve(sandbox: Handle, shell: Shell) -> None:
    script = f"mkdir -p /root/c && cd /root/c && cat >compose.yaml <<'E'\n{COMPOSE}\nE\n"
    up = "docker compose up --abort-on-container-exit --exit-code-from ask 2>&1; code=$?\n"
    done = shell(sandbox, script + up + "docker compose down; exit $code", timeout=180)
    assert done.exit_code == 0, done.stdout.decode()[-2000:]
    assert b"found" in done.stdout


def test_an_engine_that_is_killed_or_stopped_is_seen(
    driver: NamespaceDriver, make: Make, serving: str, shell: Shell
) -> None:
    handle = make()
    assert driver.engine_alive(handle)
    driver.freeze(handle)
    assert driver.engine_alive(handle)
    driver.thaw(handle)
    for end in ("pkill -9 dockerd", "pkill -x dockerd"):
        assert shell(handle, end).exit_code == 0
        wait_for(lambda: not driver.engine_alive(handle), "being seen to have ended")
        again = "rm -f /run/docker.pid; setsid dockerd >/dev/null 2>&1 </dev/null & /usr/lib/lab/wait-ready"
        assert shell(handle, again).exit_code == 0
        assert driver.engine_alive(handle)
    driver.destroy(handle)
    with pytest.raises(SandboxNotFound):
        driver.engine_alive(handle)
