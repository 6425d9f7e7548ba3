"""Rotations that something or somebody comes between: a key that has ended, rights that are missing, MFA, other
programs. There is always a command that goes on, and it is named."""

from __future__ import annotations

import itertools
import os
import time

import pytest

from support import stub
from support.home import Home, lines
from support.profiles import SERIAL
from support.rotation import FAST, STATES, Killer, accepts, is_ended, served
from support.stub import Answer, Request, Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


def other(home: Home) -> str:
    return home.json("show", "prod")["other_access_key_id"]


def stop_at(home: Home, service: Stub, state: str) -> None:
    assert Killer(service, *STATES[state]).run(home)


def end(service: Stub, key: str) -> None:
    """As by somebody at the console."""
    service.user_keys[key]["active"] = False


# A key that has ended.


def test_where_the_old_key_has_ended_there_is_only_the_way_on(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "created")
    old, new = served(vault), other(vault)
    del service.user_keys[old[0]], service.keys[old[0]]
    vault.fails(65, "rotate", "prod", "--rollback", says="no way back", hints="--resume")
    vault.fails(65, "rotate", "prod", "--forget", "--force", says=f"accepts {new}", hints="--resume")
    result = vault.ok("rotate", "prod", "--resume", *FAST)
    assert b"does not accept" in result.stderr
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
    assert b"goes on to" in result.stderr and b"--resume' deletes it" in result.stderr
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
    assert b"may have made another key since" in result.stderr and is_ended(vault)


# Rights.


def test_who_may_not_delete_is_done_when_somebody_else_has(vault: Home, service: Stub) -> None:
    old = served(vault)

    def deny(request: Request) -> Answer | None:
        return stub.error("AccessDenied", "no iam:DeleteAccessKey") if request.action == "DeleteAccessKey" else None

    service.always = deny
    result = vault.fails(77, "rotate", "prod", *FAST, says="may not delete", hints="sealring rotate prod --resume")
    assert f"prod serves {served(vault)[0]}" in "".join(lines(result, "hint"))
    vault.fails(77, "rotate", "prod", "--resume", *FAST)
    del service.user_keys[old[0]]
    vault.ok("rotate", "prod", "--resume", *FAST)
    assert is_ended(vault) and accepts(service, served(vault))


def test_a_new_key_that_iam_learns_of_later_than_sts_is_waited_for(vault: Home, service: Stub) -> None:
    start = time.time()

    def lag(request: Request) -> Answer | None:
        if request.action == "UpdateAccessKey" and time.time() - start < 6:
            return stub.error("InvalidClientTokenId", "The security token included in the request is invalid.")
        return None

    service.always = lag
    vault.ok("rotate", "prod", *FAST)
    assert service.count("UpdateAccessKey") > 1 and len(service.user_keys) == 1 and accepts(service, served(vault))


def test_two_entries_of_one_key_are_told_before_one_loses_it(vault: Home, service: Stub) -> None:
    vault.ok(
        "add",
        "twin",
        "--access-key-id",
        vault.key.id,
        "--secret-file",
        vault.write("twin", vault.key.secret),
        "--force",
    )
    vault.fails(73, "rotate", "prod", says="'twin' has the same access key", hints="remove one")
    assert not service.requests and is_ended(vault)
    vault.ok("remove", "-f", "twin")
    vault.ok("rotate", "prod", *FAST)


def test_two_keys_of_one_user_are_told_with_their_entries(vault: Home, service: Stub) -> None:
    second = stub.key_id("AKIA", 77)
    service.user_keys[second] = {"active": True, "made": time.time(), "used": None}
    service.keys[second] = ("a-made-up-secret-of-the-second-key-of-alice", None)
    vault.ok(
        "add", "prod-2", "--access-key-id", second, "--secret-file", vault.write("second", service.keys[second][0])
    )
    vault.fails(73, "rotate", "prod", says=f"{second} (active, never used, in the vault as 'prod-2')")


def test_several_keys_that_came_up_are_left_alone(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "orphaned")
    third = stub.key_id("AKIA", 78)
    service.user_keys[third] = {"active": True, "made": time.time(), "used": None}
    vault.fails(65, "rotate", "prod", "--resume", "--force", *FAST, says="several keys came up")
    assert len(service.user_keys) == 3


# How long the old key is kept.


@pytest.mark.parametrize("state", ["intended", "orphaned", "created", "switched", "inactive"])
def test_what_was_said_about_the_old_key_outlasts_a_kill(vault: Home, service: Stub, state: str) -> None:
    old = served(vault)
    assert Killer(service, *STATES[state]).run(vault, "--keep-old", "24h")
    # Without a key to be seen, going on needs --force, which does not cut the time short.
    force = ["--force"] if state in ("intended", "orphaned") else []
    result = vault.ok("rotate", "prod", "--resume", *force, *FAST)
    assert b"is kept, inactive, until" in result.stderr
    assert not service.user_keys[old[0]]["active"] and accepts(service, served(vault)) and served(vault) != old
    end_of_grace = vault.json("show", "prod")["other_delete_after"]
    left = time.mktime(time.strptime(end_of_grace, "%Y-%m-%dT%H:%M:%SZ")) - time.mktime(time.gmtime())
    assert 86_000 < left <= 86_400


def test_the_time_of_the_old_key_can_be_said_later_and_ends(vault: Home, service: Stub) -> None:
    stop_at(vault, service, "deactivated")
    vault.ok("rotate", "prod", "--resume", "--keep-old", "1m", *FAST)
    assert len(service.user_keys) == 2
    vault.ok("rotate", "prod", "--resume", "--keep-old", "2h")
    assert len(service.user_keys) == 2
    vault.ok("rotate", "prod", "--resume", "--force")
    assert len(service.user_keys) == 1 and is_ended(vault)


def test_the_new_key_is_checked_twice_with_the_time_between(vault: Home, service: Stub) -> None:
    times: list[tuple[str, float]] = []

    def note(request: Request) -> Answer | None:
        times.append((request.key_id, time.monotonic()))
        return None

    service.always = note
    old = served(vault)[0]
    vault.ok("rotate", "prod", "--settle", "2s")
    first, second, update = [moment for key, moment in times if key != old][:3]
    assert 2 <= second - first < 10 and update > second
    vault.ok("rotate", "prod", "--keep-old", "1d", *FAST)
    times.clear()
    vault.ok("rotate", "prod", "--rollback", "--settle", "2s")
    taken_back = [moment for key, moment in times if key == served(vault)[0]]
    assert max(late - early for early, late in itertools.pairwise(taken_back)) >= 2, (
        "the key of before is checked as well as a new one"
    )


# Other programs.


def test_an_agent_that_locks_in_the_middle_loses_no_key_unsaid(vault: Home, service: Stub) -> None:
    def lock(request: Request) -> Answer | None:
        if request.action != "CreateAccessKey":
            return None
        answer = service.perform(request)
        vault.ok("lock", passphrase=None)
        return answer

    service.always = lock
    result = vault.fails(77, "rotate", "prod", *FAST, says="still at AWS", hints="sealring rotate prod --resume")
    made = next(key for key in service.user_keys if key != vault.key.id)
    assert made in lines(result, "error")[0] and "locked" in lines(result, "error")[0]
    service.always = None
    vault.unlock()
    vault.ok("rotate", "prod", "--resume", "--force", *FAST)
    assert made not in service.user_keys and accepts(service, served(vault)) and len(service.user_keys) == 1


def test_one_rotation_at_a_time(vault: Home, service: Stub) -> None:
    seen = []

    def again(request: Request) -> Answer | None:
        if request.action == "CreateAccessKey":
            seen.append(vault.fails(75, "rotate", "prod"))
            # A program that does not see the lock, as on another machine with the same file.
            seen.append(
                vault.ok("rotate", "prod", "--forget", "--force", env={"SEALRING_STATE_DIR": str(vault.outside / "s")})
            )
        return None

    service.always = again
    result = vault.fails(73, "rotate", "prod", *FAST, says="could not be sealed")
    assert len(seen) == 2 and "it is deleted again" in lines(result, "error")[0]
    assert list(service.user_keys) == [vault.key.id] and is_ended(vault)


def test_without_an_agent_too(vault: Home, service: Stub) -> None:
    vault.end_agent()
    old = served(vault)
    vault.ok("rotate", "prod", "--keep-old", "1d", "--no-agent", *FAST)
    vault.ok("rotate", "prod", "--rollback", "--no-agent", *FAST)
    assert served(vault) == old and accepts(service, old)
    vault.ok("rotate", "prod", "--no-agent", *FAST)
    assert served(vault) != old and accepts(service, served(vault)) and len(service.user_keys) == 1


def test_what_cannot_be_rotated(vault: Home) -> None:
    vault.ok("role", "add", "admin", "--role-arn", "arn:aws:iam::123456789012:role/Admin", "--source", "prod")
    vault.fails(64, "rotate", "admin", says="is a role")
    vault.fails(66, "rotate", "missing", says="missing")
    vault.fails(64, "rotate")
    vault.fails(64, "rotate", "prod", "--all")
    vault.fails(64, "rotate", "--all", "--forget")
    result = vault.ok("rotate", "--all", "--resume")
    assert b"no rotation is under way" in result.stderr


def test_a_clock_that_is_ahead_hides_no_orphan(vault: Home, service: Stub) -> None:
    """AWS's clock is ten minutes behind ours, and what it made is ten minutes old at once."""
    service.skew = -600

    def lose(request: Request) -> Answer | None:
        if (refused := service.check(request)) or request.action != "CreateAccessKey":
            return refused
        service.perform(request)
        made = next(key for key in service.user_keys if key != vault.key.id)
        service.user_keys[made]["made"] -= 600
        return Answer(raw=b"")

    service.always = lose
    vault.fails(69, "rotate", "prod", *FAST)
    service.always = None
    vault.ok("rotate", "prod", "--rollback", "--force")
    assert list(service.user_keys) == [vault.key.id] and is_ended(vault)


# MFA.


@pytest.fixture
def guarded(vault: Home, service: Stub) -> Home:
    """IAM wants a session with MFA; the key has a device."""
    vault.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    service.needs_mfa = True
    return vault


def test_without_a_network_the_served_key_is_named_and_nothing_changes(vault: Home) -> None:
    vault.ok("set", "prod", "--sts-endpoint", "https://127.0.0.1:1", "--iam-endpoint", "https://127.0.0.1:1")
    before = vault.entries()
    vault.fails(69, "rotate", "prod", "--force", hints=f"prod serves {vault.key.id}, and nothing was changed")
    assert vault.entries() == before


def test_a_key_alone_is_told_how_to_name_its_device(vault: Home, service: Stub) -> None:
    service.needs_mfa = True
    vault.fails(77, "rotate", "prod", says="may not list the keys", hints="sealring mfa set prod --mfa-serial")


def test_a_rotation_takes_two_codes_of_a_command(guarded: Home, service: Stub) -> None:
    """The new key gets a session of its own, and the device shows the same code for a while."""
    count = guarded.outside / "count"
    command = guarded.write(
        "codes",
        f"#!/bin/sh\necho x >>{count}\nif [ $(wc -l <{count}) -le 3 ]; then echo 111111; else echo 222222; fi\n",
        mode=0o700,
    )
    guarded.ok("rotate", "prod", *FAST, env={"SEALRING_MFA_COMMAND": str(command)})
    assert service.codes == {"111111", "222222"} and count.read_text().count("x") == 4
    assert accepts(service, served(guarded)) and len(service.user_keys) == 1 and is_ended(guarded)


def test_a_rotation_with_one_code_says_how_it_goes_on(guarded: Home, service: Stub) -> None:
    result = guarded.fails(
        77, "rotate", "prod", "--mfa-token", "111111", *FAST, says="another code", hints="sealring rotate prod --resume"
    )
    assert "--mfa-token" in "".join(lines(result, "hint"))
    assert guarded.json("show", "prod")["rotation_phase"] == "switched" and accepts(service, served(guarded))
    guarded.ok("rotate", "prod", "--resume", "--mfa-token", "222222", *FAST)
    assert service.codes == {"111111", "222222"} and len(service.user_keys) == 1 and is_ended(guarded)


def test_a_sealed_seed_rotates_by_itself(guarded: Home, service: Stub) -> None:
    seed = guarded.write("seed", guarded.ledger.secret("seed", b"GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJS"))
    guarded.ok("mfa", "set", "prod", "--seed-file", seed, "--force")
    guarded.ok("rotate", "prod", *FAST, timeout=90)
    assert len(service.codes) == 2 and len(service.user_keys) == 1 and accepts(service, served(guarded))
    assert guarded.json("show", "prod")["mfa_seed"] is True


def test_ages_are_asked_for_with_a_code_that_is_given(guarded: Home, service: Stub) -> None:
    result = guarded.ok("age")
    assert b"prod: " in result.stderr and b"sealring mfa set" not in result.stderr
    assert b"prod" in result.stdout
    guarded.ok("age", "--mfa-token", "111111")
    assert guarded.json("age", "--offline")["keys"][0]["last_used_at"]
