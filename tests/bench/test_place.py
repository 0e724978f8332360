from __future__ import annotations

from pathlib import Path

import pytest

from bench import place
from lab.paths import Paths


def test_a_folder_is_gone_afterwards(tmp_path: Path) -> None:
    with place.fresh(Paths(tmp_path)) as paths:
        assert paths.data.is_dir()
    assert list((tmp_path / "bench").iterdir()) == []


def test_what_could_not_be_stopped_keeps_its_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(place, "remains", lambda paths: ["mount /somewhere"])
    with pytest.raises(KeyboardInterrupt), place.fresh(Paths(tmp_path)) as paths:
        raise KeyboardInterrupt
    assert paths.data.is_dir()
    assert f"mount /somewhere is left; stop what is left by: LAB_DATA={paths.data}" in capsys.readouterr().err
