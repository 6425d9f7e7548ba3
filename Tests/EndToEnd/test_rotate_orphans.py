"""Keys that AWS made and whose secret never came: they are found, shown and deleted."""

from __future__ import annotations

import time
from typing import Any

import pytest

from support.home import Home
from support.person import Person
from support.rotation import FAST, Killer, accepts, is_ended, served
from support.stub import Answer, Request, Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


def test_a_lost_answer_leaves_an_orphan_that_is_found(vault: Home, service: Stub) -> None:
    def lose(request: Request) -> Answer | None:
        if request.action != "CreateAccessKey":
            return None
        service.perform(request)
        return Answer(raw=b"")

    service.always = lose
    vault.fails(69, "rotate", "prod", *FAST, says="may have created a key", hints="in 15 minutes")
    assert service.count("CreateAccessKey") == 1 and len(service.user_keys) == 2
    service.always = None
    orphan = next(key for key in service.user_keys if key != vault.key.id)
    vault.fails(64, "rotate", "prod", "--resume", *FAST, says="no terminal to ask for confirmation")
    service.user_keys[orphan]["used"] = time.time()
    vault.fails(65, "rotate", "prod", "--resume", "--force", says="not deleted")
    service.user_keys[orphan]["used"] = None
    service.user_keys[orphan]["made"] -= 3600
    vault.fails(65, "rotate", "prod", "--resume", "--force", says="not deleted")
    service.user_keys[orphan]["made"] += 3600
    vault.ok("rotate", "prod", "--resume", "--force", *FAST)
    assert orphan not in service.user_keys and accepts(service, served(vault)) and len(service.user_keys) == 1


def test_an_orphan_may_come_up_late(vault: Home, service: Stub) -> None:
    hidden: dict[str, Any] = {}

    def lose(request: Request) -> Answer | None:
        if request.action != "CreateAccessKey":
            return None
        service.perform(request)
        made = next(key for key in service.user_keys if key != vault.key.id)
        hidden[made] = service.user_keys.pop(made)
        return Answer(raw=b"")

    service.always = lose
    vault.fails(69, "rotate", "prod", *FAST, says="may have created a key")
    service.always = None
    vault.fails(
        75, "rotate", "prod", "--resume", *FAST, says="does not list a new key yet", hints="with the same option after"
    )
    vault.fails(75, "rotate", "prod", "--rollback", says="does not list a new key yet")
    service.user_keys |= hidden
    result = vault.ok("rotate", "prod", "--rollback", "--force")
    assert f"deleted {next(iter(hidden))}".encode() in result.stderr
    assert list(service.user_keys) == [vault.key.id] and is_ended(vault)


def test_a_second_lost_answer_does_not_hide_the_first(vault: Home, service: Stub) -> None:
    """AWS's list lags behind, and its refusal to make a third key is all that is seen of the orphan."""

    def lose(request: Request) -> Answer | None:
        if request.action == "CreateAccessKey" and len(service.user_keys) == 1:
            service.perform(request)
            return Answer(raw=b"")
        if request.action == "ListAccessKeys":
            made = {key: service.user_keys.pop(key) for key in list(service.user_keys) if key != vault.key.id}
            answer = service.perform(request)
            service.user_keys |= made
            return answer
        return None

    service.always = lose
    vault.fails(69, "rotate", "prod", *FAST)
    vault.fails(77, "rotate", "prod", "--resume", "--force", *FAST, says="the most AWS allows")
    assert vault.json("show", "prod")["rotation_phase"] == "intended"
    service.always = None
    vault.ok("rotate", "prod", "--resume", "--force", *FAST)
    assert accepts(service, served(vault)) and len(service.user_keys) == 1


def test_the_orphan_is_shown_and_asked_about(vault: Home, service: Stub) -> None:
    assert Killer(service, 2, True).run(vault)
    orphan = next(key for key in service.user_keys if key != vault.key.id)
    for answer, code in ((b"n", 64), (b"y", 0)):
        person = Person(vault, "rotate", "prod", "--rollback")
        person.child.expect_exact(f"{orphan} was created at ")
        person.child.expect_exact("Delete it?")
        person.types(answer)
        assert person.ends() == code
        assert (orphan in service.user_keys) == (code != 0)
    assert is_ended(vault)
