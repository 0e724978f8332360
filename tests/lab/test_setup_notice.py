"""What `up` says at its end of what the doctor found."""

from __future__ import annotations

from pathlib import Path

import pytest

from lab.paths import Paths
from lab.setup import up
from lab.setup.address import Address
from lab.setup.notice import notice
from lab.setup.probes import Point


@pytest.fixture
def ill(monkeypatch: pytest.MonkeyPatch) -> None:
    point = Point("firewall", "fail", "The firewall ufw stops it.", "Let them in with: ufw allow in on lab+")
    monkeypatch.setattr("lab.setup.notice.probes_of", lambda paths: [("firewall", True, lambda: point)])


@pytest.mark.usefixtures("ill")
def test_up_ends_with_the_firewall_s_mend(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    up._tell(Paths(tmp_path), Address("127.0.0.1", 8000), [], False, 1.0)
    said = capsys.readouterr().out
    assert (
        "Mind the firewall: The firewall ufw stops it.\n    Let them in with: ufw allow in on lab+\n" in said
    )


def test_what_is_well_is_not_spoken_of(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    fine = Point("firewall", "ok", "It arrives.")
    monkeypatch.setattr("lab.setup.notice.probes_of", lambda paths: [("firewall", True, lambda: fine)])
    assert notice(Paths(tmp_path), "firewall") == []
