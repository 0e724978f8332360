"""The settings of the cache's upstream registry: what they give, and the sentence for what they cannot."""

from __future__ import annotations

import grp
import os
from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup import upstream
from lab.setup.address import Address
from lab.setup.errors import SetupError
from lab.setup.processes import configuration
from lab.upstream import Upstream
from tests.running import free_port

HUB = "https://registry-1.docker.io"


@pytest.fixture(autouse=True)
def _unset(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("UPSTREAM", "CREDENTIALS", "CACHE"):
        monkeypatch.delenv(f"LAB_REGISTRY_{name}", raising=False)


def test_without_it_there_is_no_cache() -> None:
    assert Upstream.from_env() is None


@pytest.mark.parametrize(
    "given", [HUB, f"{HUB}/", "http://127.0.0.1:5000", "http://[::1]:5000", "http://host"]
)
def test_an_address(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", given)
    monkeypatch.setenv("LAB_REGISTRY_CACHE", "100")
    assert Upstream.from_env() == Upstream(given.rstrip("/"), 100 << 20)


@pytest.mark.parametrize(
    "given",
    ["registry-1.docker.io", "ftp://host", "https://", "https://host/path", "https://host?q", "https://a b",
     "https://host:x", "https://host:99999", "https://host:0", "https://ho\"st"],
)  # fmt: skip
def test_what_is_no_address_is_said(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", given)
    with pytest.raises(SetupError, match="set it to an address such as https://registry-1"):
        upstream.wanted()


def test_a_password_in_the_address_is_refused_and_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", "https://me:hunter2@host")
    with pytest.raises(SetupError, match="LAB_REGISTRY_CREDENTIALS") as caught:
        upstream.wanted()
    assert "hunter2" not in caught.value.message


@pytest.mark.parametrize("given", ["63", "-1", "lots", "99999999999"])
def test_a_size_that_is_none(given: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", HUB)
    monkeypatch.setenv("LAB_REGISTRY_CACHE", given)
    with pytest.raises(SetupError, match="LAB_REGISTRY_CACHE is"):
        upstream.wanted()


@pytest.mark.parametrize("content", [None, "", "me", "me:", ":word", "a:b\nc:d"])
def test_a_login_that_is_none(content: str | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "login"
    if content is not None:
        file.write_text(content)
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", HUB)
    monkeypatch.setenv("LAB_REGISTRY_CREDENTIALS", str(file))
    with pytest.raises(SetupError, match=str(file)) as caught:
        upstream.wanted()
    assert "word" not in caught.value.message.replace("password", "")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a file to the lab's group")
def test_the_login_reaches_the_lab_s_group_and_no_command_or_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = Paths(tmp_path / "data")
    paths.run.mkdir(parents=True)
    file = tmp_path / "login"
    file.write_text("me:hunter2\n")
    file.chmod(0o600)
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", HUB)
    monkeypatch.setenv("LAB_REGISTRY_CREDENTIALS", str(file))
    upstream.hand_over(paths, upstream.wanted())
    about = paths.upstream_login.stat()
    assert (about.st_mode & 0o777, about.st_uid, about.st_gid) == (0o640, 0, grp.getgrnam("lab").gr_gid)
    assert paths.upstream_login.read_text() == "me:hunter2\n"
    text = configuration(paths, Address("127.0.0.1", 8000), tmp_path, tmp_path, tmp_path)
    assert "[program:cache]" in text
    assert "hunter2" not in text
    upstream.hand_over(paths, None)
    assert not paths.upstream_login.exists()


def test_the_doctor_says_whether_it_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    assert upstream.upstream().state == "ok"
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", f"http://127.0.0.1:{free_port()}")
    point = upstream.upstream()
    assert (point.state, "does not answer" in point.found, bool(point.mend)) == ("warn", True, True)
    monkeypatch.setenv("LAB_REGISTRY_UPSTREAM", "nonsense")
    assert upstream.upstream().state == "fail"
