"""Rotations whose old or new key has ended: the command that goes on, back, or forgets the rotation."""

from __future__ import annotations

import os

import pytest

from support import stub
from support.home import Home
from support.rotation import FAST, accepts, is_ended, other, served, stop_at
from support.stub import Answer, Request, Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


def end(service: Stub, key: str) -> None:
    """As by somebody at the console."""
    service.user_keys[key]["active"] = False


def test_where_the_old_key_has_ended_there_is_only_the_way_on(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "created")
    old, new = served(vault), other(vault)
    del service.user_keys[old[0]], service.keys[old[0]]
    vault.fails(65, "rotate", "prod", "--rollback", says="cannot be undone", hints="--resume")
    vault.fails(65, "rotate", "prod", "--forget", "--force", says=f"accepts {new}", hints="--resume")
    result = vault.ok("rotate", "prod", "--resume", *FAST)
    assert b"no longer accepts" in result.stderr
    assert served(vault)[0] == new and accepts(service, served(vault)) and is_ended(vault)


def test_a_way_back_whose_end_has_ended_turns_round(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "created")
    service.always = lambda request: (
        stub.error("AccessDenied", "not you") if request.action == "DeleteAccessKey" else None
    )
    vault.fails(77, "rotate", "prod", "--rollback", *FAST, hints="--resume")
    service.always = None
    assert vault.json("show", "prod")["rotation_phase"] == "abandoned"
    old, new = served(vault), other(vault)
    end(service, old[0])
    # The way back was asked for, and what is left is the way on: what cannot be undone is not done by itself.
    result = vault.ok("rotate", "prod", "--rollback", *FAST)
    assert b"switching prod to" in result.stderr and b"--resume' deletes it" in result.stderr
    assert served(vault)[0] == new and accepts(service, served(vault)) and set(service.user_keys) == {old[0], new}
    vault.ok("rotate", "prod", "--resume", *FAST)
    assert list(service.user_keys) == [new] and is_ended(vault)


def test_a_key_that_aws_does_not_know_for_a_moment_is_not_given_up(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "created")
    service.always = lambda request: (
        stub.error("AccessDenied", "not you") if request.action == "DeleteAccessKey" else None
    )
    vault.fails(77, "rotate", "prod", "--rollback", *FAST)
    old = served(vault)
    service.always = None
    service.then(lambda _: None, stub.error("InvalidClientTokenId"))
    vault.ok("rotate", "prod", "--rollback", *FAST)
    assert served(vault) == old and list(service.user_keys) == [old[0]] and is_ended(vault)


def test_the_old_key_is_made_active_even_where_sts_has_not_heard_of_its_end(vault: Home, service: Stub) -> None:
    vault.ok("rotate", "prod", "--keep-old", "1d", *FAST)
    old = other(vault)
    real = service.check

    def stale(request: Request) -> Answer | None:
        return (
            service.perform(request)
            if request.action == "GetCallerIdentity" and request.key_id == old
            else real(request)
        )

    service.check = stale  # type: ignore[method-assign]
    vault.ok("rotate", "prod", "--rollback", *FAST)
    service.check = real  # type: ignore[method-assign]
    assert served(vault)[0] == old and accepts(service, served(vault)) and list(service.user_keys) == [old]


def test_who_may_not_change_keys_goes_back_to_one_that_was_not_changed(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "switched")
    service.always = lambda request: stub.error("AccessDenied", "no") if request.action == "UpdateAccessKey" else None
    vault.fails(77, "rotate", "prod", "--resume", *FAST, hints="--rollback")
    old = other(vault)
    vault.ok("rotate", "prod", "--rollback", *FAST)
    assert served(vault)[0] == old and list(service.user_keys) == [old] and is_ended(vault)


def test_a_key_from_before_2019_tells_no_account_and_is_rotated(vault: Home, service: Stub) -> None:
    ancient = ("AKIAI44QH8DHBEXAMPLE", vault.ledger.secret("ancient secret", os.urandom(20).hex().encode()).decode())
    service.user_keys[ancient[0]] = service.user_keys.pop(vault.key.id)
    service.keys[ancient[0]] = (ancient[1], None)
    vault.ok("add", "ancient", "--access-key-id", ancient[0], "--secret-file", vault.write("ancient", ancient[1]))
    vault.ok("set", "ancient", "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    assert "account_id" not in vault.json("show", "ancient")
    vault.ok("rotate", "ancient", *FAST)
    assert ancient[0] not in service.user_keys and len(service.user_keys) == 1


@pytest.mark.parametrize("state", ["switched", "inactive"])
def test_where_the_new_key_has_ended_the_old_one_comes_back_if_it_can(vault: Home, service: Stub, state: str) -> None:
    stop_at(vault, service, state)
    new, old = served(vault), other(vault)
    end(service, new[0])
    if state == "inactive":
        vault.fails(65, "rotate", "prod", "--rollback", *FAST, says="accepts neither", hints="--forget")
        service.user_keys[old]["active"] = True
    vault.fails(65, "rotate", "prod", "--forget", "--force", says=f"accepts {old}", hints="--rollback")
    vault.ok("rotate", "prod", "--rollback", *FAST)
    assert served(vault)[0] == old and accepts(service, served(vault))
    assert list(service.user_keys) == [old] and is_ended(vault)


def test_a_rotation_that_goes_nowhere_can_be_forgotten(vault: Home, service: Stub) -> None:
    vault.fails(66, "rotate", "prod", "--forget", says="is not being rotated")
    stop_at(vault, service, "inactive")
    new, old = served(vault), other(vault)
    end(service, new[0])
    secret = vault.entries()["prod"]["other_secret_access_key"]
    vault.fails(64, "rotate", "prod", "--forget", says="no terminal to ask for confirmation")
    vault.fails(73, "remove", "-f", "prod", says=old, hints="--forget")
    result = vault.ok("rotate", "prod", "--forget", "--force")
    assert old.encode() in result.stderr and is_ended(vault)
    assert served(vault) == new and secret not in str(vault.entries())
    assert set(service.user_keys) == {new[0], old}, "nothing was changed at AWS"
    vault.ok("remove", "-f", "prod")


def test_without_aws_a_rotation_is_forgotten_only_by_force(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "created")
    service.close()
    vault.fails(69, "rotate", "prod", "--forget", says="cannot be reached")
    vault.ok("rotate", "prod", "--forget", "--force")
    assert is_ended(vault)


def test_a_forgotten_intent_says_what_aws_may_hold(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "orphaned")
    result = vault.ok("rotate", "prod", "--forget", "--force")
    assert b"may have created another key since" in result.stderr and is_ended(vault)
