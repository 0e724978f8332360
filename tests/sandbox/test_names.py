"""What a lab calls its own on a host: never what another lab or another sandbox has."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from contextlib import ExitStack
from ipaddress import IPv4Address, IPv4Network
from itertools import pairwise
from pathlib import Path

import pytest

from lab.paths import Paths
from sandbox.drivers.namespace import names as module
from sandbox.drivers.namespace.names import FIRST_ID, IDS, INDEXES, SLOTS, Names, claim_names
from sandbox.errors import Reason, SandboxError

SUBNET = "198.18.0.0/15"


@pytest.fixture(autouse=True)
def apart(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Locks under names of this test's own, and a host without addresses: a lab may run on this machine."""

    def lock(name: str) -> socket.socket | None:
        found = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        try:
            found.bind("\0" + f"test-{tmp_path}-{name}"[-100:])
        except OSError:
            found.close()
            return None
        return found

    monkeypatch.setattr(module, "_lock", lock)
    monkeypatch.setattr(module, "_address_in_use", lambda network: False)


@pytest.fixture
def locks() -> Iterator[list[ExitStack]]:
    held: list[ExitStack] = []
    yield held
    for lock in held:
        lock.close()


def folder(path: Path) -> Paths:
    path.mkdir(exist_ok=True)
    return Paths(path)


def example(slot: int = 3) -> Names:
    return Names("0a1b2c", slot, list(IPv4Network(SUBNET).subnets(new_prefix=20))[slot])


def test_no_two_sandboxes_share_an_address_an_interface_or_an_id() -> None:
    addresses, ids = set(), set()
    labs = [example(slot) for slot in range(SLOTS)]
    for lab in labs:
        addresses.add(lab.service_address)
        for index in INDEXES:
            addresses.add(lab.address(index))
            ids.add(lab.first_id(index))
            assert IPv4Address(lab.address(index)) in lab.network
    assert len(addresses) == SLOTS * (len(INDEXES) + 1)
    assert len(ids) == SLOTS * len(INDEXES)
    ordered = sorted(ids)
    assert all(after - before >= IDS for before, after in pairwise(ordered))
    assert min(ids) > FIRST_ID and max(ids) + IDS <= 2**32 - 1
    assert len({labs[0].interface(index) for index in INDEXES}) == len(INDEXES)


@pytest.mark.parametrize("index", [INDEXES[0], INDEXES[-1]])
def test_what_the_kernel_takes_as_a_name(index: int) -> None:
    name = example().interface(index)
    assert len(name) <= 15 and name.isalnum()
    assert name.startswith(example().interface_prefix)


def test_a_lab_keeps_its_names(tmp_path: Path, locks: list[ExitStack]) -> None:
    paths = folder(tmp_path / "lab")
    first, lock = claim_names(paths, SUBNET)
    lock.close()
    again, lock = claim_names(paths, SUBNET)
    locks.append(lock)
    assert again == first
    assert (first.tag, first.slot) == (paths.tag, json.loads((paths.data / "slot.json").read_text())["slot"])


def test_only_one_sandboxd_of_a_lab(tmp_path: Path, locks: list[ExitStack]) -> None:
    paths = folder(tmp_path / "lab")
    _, lock = claim_names(paths, SUBNET)
    locks.append(lock)
    with pytest.raises(SandboxError, match="make down"):
        claim_names(paths, SUBNET)


def test_a_slot_that_another_lab_has_taken_meanwhile_is_left_to_it(
    tmp_path: Path, locks: list[ExitStack]
) -> None:
    paths, other = folder(tmp_path / "lab"), folder(tmp_path / "other")
    before, lock = claim_names(paths, SUBNET)
    lock.close()
    (other.data / "slot.json").write_text((paths.data / "slot.json").read_text())
    taken, lock = claim_names(other, SUBNET)
    locks.append(lock)
    assert taken.slot == before.slot
    found, lock = claim_names(paths, SUBNET)
    locks.append(lock)
    assert found.slot != before.slot


def test_labs_get_slots_of_their_own_until_there_are_no_more(tmp_path: Path, locks: list[ExitStack]) -> None:
    slots = set()
    for number in range(SLOTS):
        names, lock = claim_names(folder(tmp_path / str(number)), SUBNET)
        locks.append(lock)
        slots.add(names.slot)
    assert slots == set(range(SLOTS))
    with pytest.raises(SandboxError, match="LAB_SUBNET"):
        claim_names(folder(tmp_path / "one more"), SUBNET)
    locks.pop().close()
    _, lock = claim_names(folder(tmp_path / "one more"), SUBNET)
    locks.append(lock)


def test_networks_that_somebody_else_has_are_left_alone(
    tmp_path: Path, locks: list[ExitStack], monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = folder(tmp_path / "lab")
    taken = list(IPv4Network(SUBNET).subnets(new_prefix=20))[int(paths.tag, 16) % SLOTS]
    monkeypatch.setattr(module, "_address_in_use", lambda network: network == taken)
    names, lock = claim_names(paths, SUBNET)
    locks.append(lock)
    assert names.network != taken


@pytest.mark.parametrize("text", ["", "{", "[]", '{"slot": "x"}', '{"other": 1}', '{"slot": 999}'])
def test_a_broken_memory_of_the_slot_is_no_reason_to_fail(
    tmp_path: Path, locks: list[ExitStack], text: str
) -> None:
    paths = folder(tmp_path / "lab")
    (paths.data / "slot.json").write_text(text)
    names, lock = claim_names(paths, SUBNET)
    locks.append(lock)
    assert 0 <= names.slot < SLOTS


def test_another_subnet(tmp_path: Path, locks: list[ExitStack]) -> None:
    names, lock = claim_names(folder(tmp_path / "lab"), "10.64.0.0/14")
    locks.append(lock)
    assert names.network.subnet_of(IPv4Network("10.64.0.0/14"))


def test_too_small_a_subnet(tmp_path: Path) -> None:
    with pytest.raises(SandboxError, match="/15") as refusal:
        claim_names(folder(tmp_path / "lab"), "198.18.0.0/16")
    assert refusal.value.reason is Reason.INVALID


def test_addresses_of_this_host_are_seen(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    assert module._address_in_use(IPv4Network("127.0.0.0/8"))
    assert not module._address_in_use(IPv4Network("203.0.113.0/24"))


def test_a_lock_is_held_until_its_holder_lets_go(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.undo()
    free = "slot-10000"  # no lab has such a slot
    lock = module._lock(free)
    assert lock is not None
    assert module._lock(free) is None
    lock.close()
    again = module._lock(free)
    assert again is not None
    again.close()
