"""Rotation: whatever kills it, the vault serves a key that AWS accepts, and it goes on or back."""

from __future__ import annotations

import os

import pytest

from support.home import Home
from support.rotation import FAST, STATES, Killer, accepts, is_ended, served
from support.stub import Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


STEPS = range(1, 8)


@pytest.mark.parametrize("way", ["--resume", "--rollback"])
@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize("number", STEPS)
def test_a_kill_at_any_step_locks_nobody_out(vault: Home, service: Stub, number: int, after: bool, way: str) -> None:
    old = served(vault)
    assert Killer(service, number, after).run(vault)
    assert accepts(service, served(vault)), "the vault serves a key that AWS refuses"
    if is_ended(vault):
        assert number == 1 and served(vault) == old
        return
    if old[0] not in service.user_keys and way == "--rollback":
        vault.fails(65, "rotate", "prod", way, "--force", *FAST, says="cannot be undone")
        way = "--resume"
    vault.ok("rotate", "prod", way, "--force", *FAST)
    assert accepts(service, served(vault)) and len(service.user_keys) == 1
    assert (served(vault) == old) == (way == "--rollback")
    assert is_ended(vault)


ALL = bool(os.environ.get("SEALRING_ALL_FAULTS"))


@pytest.mark.parametrize("way", ["--resume", "--rollback"])
@pytest.mark.parametrize("state", STATES if ALL else ["orphaned", "created", "inactive"])
def test_a_second_kill_on_the_way_on_or_back_locks_nobody_out(vault: Home, service: Stub, state: str, way: str) -> None:
    kills = 0
    for after in (False, True) if ALL else (True,):
        for number in range(1, 12):
            assert Killer(service, *STATES[state]).run(vault)
            killed = Killer(service, number, after).run(vault, way, "--force")
            assert accepts(service, served(vault)), (state, way, number, after)
            if not is_ended(vault):
                # The other way round, where there is one: a deleted key brings nobody back.
                other = "--rollback" if way == "--resume" else "--resume"
                if vault("rotate", "prod", other if number % 2 else way, "--force", *FAST).returncode:
                    vault.ok("rotate", "prod", "--resume", "--force", *FAST)
            assert accepts(service, served(vault)) and len(service.user_keys) == 1, (state, way, number, after)
            assert is_ended(vault)
            if not killed:
                break
            kills += 1
        else:
            pytest.fail("no end of requests")
    assert kills >= 2 or state == "deleted"
    if ALL:
        print(f"{state} {way}: {kills} kills")
