"""Rotations that something or somebody comes between: rights that are missing, other programs, clocks. There is always
a command that goes on, and it is named."""

from __future__ import annotations

import itertools
import time

import pytest

from support import stub
from support.home import Home, lines
from support.rotation import FAST, STATES, Killer, accepts, is_ended, served, stop_at
from support.stub import Answer, Request, Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


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
    vault.fails(65, "rotate", "prod", "--resume", "--force", *FAST, says="several keys were created")
    assert len(service.user_keys) == 3


# How long the old key is kept.


@pytest.mark.parametrize("state", ["intended", "orphaned", "created", "switched", "inactive"])
def test_what_was_said_about_the_old_key_outlasts_a_kill(vault: Home, service: Stub, state: str) -> None:
    old = served(vault)
    assert Killer(service, *STATES[state]).run(vault, "--keep-old", "24h")
    # Without a key to be seen, going on needs --force, which does not cut the time short.
    force = ["--force"] if state in ("intended", "orphaned") else []
    result = vault.ok("rotate", "prod", "--resume", *force, *FAST)
    assert b"keeping " in result.stderr
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
    result = vault.fails(77, "rotate", "prod", *FAST, says="still exists at AWS", hints="sealring rotate prod --resume")
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
    assert len(seen) == 2 and "it was deleted again" in lines(result, "error")[0]
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


def test_without_a_network_the_served_key_is_named_and_nothing_changes(vault: Home) -> None:
    vault.ok("set", "prod", "--sts-endpoint", "https://127.0.0.1:1", "--iam-endpoint", "https://127.0.0.1:1")
    before = vault.entries()
    vault.fails(69, "rotate", "prod", "--force", hints=f"prod serves {vault.key.id}, and nothing was changed")
    assert vault.entries() == before
