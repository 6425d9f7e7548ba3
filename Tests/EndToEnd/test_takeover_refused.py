"""Profiles that cannot be moved into the vault: why, and that nothing was changed."""

from __future__ import annotations

import pytest

from support.home import HELPER, Home, lines, report
from support.profiles import ADMIN, ADMIN_PROFILE, MIDDLE

LONG = "".join(f"[profile p{number}]\nrole_arn = {ADMIN}\nsource_profile = p{number + 1}\n" for number in range(9))


@pytest.mark.parametrize(
    ("config", "name", "code", "says"),
    [
        (ADMIN_PROFILE + "source_profile = admin\n", "admin", 65, "form a loop: admin < admin"),
        (
            ADMIN_PROFILE + f"source_profile = b\n[profile b]\nrole_arn = {MIDDLE}\nsource_profile = admin\n",
            "admin",
            65,
            "form a loop: admin < b < admin",
        ),
        (LONG, "p0", 65, "more than 8 profiles"),
        (ADMIN_PROFILE + "source_profile = nowhere\n", "admin", 66, "has no key"),
        (ADMIN_PROFILE + "credential_source = Environment\n", "admin", 73, "credential_source (line 3)"),
        (ADMIN_PROFILE, "admin", 73, "role_arn (line 2)"),
        (
            ADMIN_PROFILE + "source_profile = b\n[profile b]\nsso_session = x\n",
            "admin",
            66,
            "has no key",
        ),
        (
            ADMIN_PROFILE + "source_profile = b\n[profile b]\naws_access_key_id = x\naws_secret_access_key = y\n",
            "admin",
            65,
            "the plaintext key of 'b' is incomplete",
        ),
        (ADMIN_PROFILE + "source_profile = prod\nduration_seconds = long\n", "admin", 65, "invalid duration"),
        (ADMIN_PROFILE + "source_profile = prod\nexternal_id = x\n", "admin", 65, "invalid external ID"),
        (ADMIN_PROFILE + "source_profile = prod\nca_bundle = /nonexistent\n", "admin", 66, "/nonexistent"),
        (
            "[profile admin]\nrole_arn = arn:aws:iam::1:user/x\nsource_profile = prod\n",
            "admin",
            65,
            "not the ARN of a role",
        ),
        (ADMIN_PROFILE + "source_profile = prod\nrole_arn = x\n", "admin", 65, "is set twice"),
        (ADMIN_PROFILE + "source_profile = prod\n  more\n", "admin", 65, "several lines"),
        (
            ADMIN_PROFILE.replace("admin", "prod") + "source_profile = prod2\n[profile prod2]\n",
            "prod",
            66,
            "has no key",
        ),
        (
            ADMIN_PROFILE.replace("admin", "prod") + "source_profile = work\n",
            "prod",
            73,
            "'prod' is a key in the vault",
        ),
        (ADMIN_PROFILE.replace("admin", "taken") + "source_profile = prod\n", "taken", 73, "'taken' is another role"),
    ],
)
def test_what_cannot_be_taken_over_is_left_as_it_is(vault: Home, config: str, name: str, code: int, says: str) -> None:
    vault.ok("role", "add", "taken", "--role-arn", MIDDLE, "--source", "prod", "--no-configure")
    work = f"[profile work]\ncredential_process = {HELPER} prod\n"
    vault.write(vault.config, config + work)
    before = vault.snapshot()
    result = vault.fails(code, "configure", name, "--force", says=says)
    assert lines(result, "hint"), report(result)
    assert vault.snapshot() == before


def test_a_region_is_set_afterwards(vault: Home) -> None:
    vault.write(vault.config, ADMIN_PROFILE + "source_profile = prod\n")
    vault.fails(
        64,
        "configure",
        "admin",
        "--region",
        "eu-west-1",
        says="do not apply to a profile that assumes a role",
        hints="afterwards",
    )


def test_a_broken_credentials_file_is_named(vault: Home) -> None:
    vault.write(vault.config, ADMIN_PROFILE + "source_profile = b\n")
    vault.write(vault.credentials, "[b]\nx = 1\n[b]\ny = 1\n")
    vault.fails(65, "configure", "admin", "--force", says=f"{vault.credentials}: profile 'b' has two sections")
