"""Rotations of a key whose user needs MFA: a code for the old key, and another one for the new."""

from __future__ import annotations

import pytest

from support.home import Home, lines
from support.profiles import SERIAL
from support.rotation import FAST, accepts, is_ended, served
from support.stub import Stub


@pytest.fixture
def vault(served_vault: Home) -> Home:
    return served_vault


@pytest.fixture
def guarded(vault: Home, service: Stub) -> Home:
    """IAM wants a session with MFA; the key has a device."""
    vault.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    service.needs_mfa = True
    return vault


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
