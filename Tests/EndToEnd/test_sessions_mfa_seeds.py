"""Seeds of MFA devices in the vault, and the codes that they make."""

from __future__ import annotations

from support.home import Home
from support.person import Person
from support.profiles import SERIAL
from support.sessions import SEED, credentials
from support.stub import Stub


def test_another_device_has_another_seed(roles: Home) -> None:
    seed = roles.write("seed", SEED)
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    assert roles.json("show", "prod")["mfa_seed"] is True
    before = roles.snapshot()
    for command in (
        ("mfa", "set", "prod", "--mfa-serial", SERIAL + "2"),
        ("set", "prod", "--mfa-serial", SERIAL + "2"),
        ("set", "prod", "--mfa-serial", ""),
    ):
        roles.fails(73, *command, says="has the seed of another MFA device", hints="sealring mfa remove prod")
    assert roles.snapshot() == before
    other = roles.write("other-seed", "MFRGGZDFMZTWQ2LKMFRGGZDFMZTWQ2LK")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL + "2", "--seed-file", other, "--force")
    assert roles.json("show", "prod")["mfa_serial"] == SERIAL + "2" and roles.json("show", "prod")["mfa_seed"] is True
    roles.ok("mfa", "remove", "prod")
    roles.ok("set", "prod", "--mfa-serial", SERIAL)


def test_a_seed_is_typed_without_echo(roles: Home) -> None:
    person = Person(roles, "mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed", "--force")
    for answer in ("0189", SEED):
        person.asked("Seed (the device's secret key, or its otpauth:// URL): ")
        person.types(answer.encode())
    assert person.ends() == 0 and SEED.encode() not in person.shown.getvalue()
    assert roles.json("show", "prod")["mfa_seed"] is True


def test_the_url_of_a_qr_code_is_a_seed(roles: Home, service: Stub) -> None:
    url = f"otpauth://totp/AWS:alice@123456789012?secret={SEED}&issuer=AWS"
    seed = roles.write("seed", url + "&digits=8")
    roles.fails(
        65,
        "mfa",
        "set",
        "prod",
        "--mfa-serial",
        SERIAL,
        "--seed-file",
        seed,
        "--force",
        says="do not have 6 digits",
        hints="6 digits and 30 seconds",
    )
    seed = roles.write("seed", url + "\n")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    assert credentials(roles)["AccessKeyId"].startswith("ASIA") and len(service.codes) == 1


def test_a_sealed_seed_makes_codes_for_helpers(roles: Home, service: Stub) -> None:
    seed = roles.write("seed", SEED.lower())
    roles.fails(64, "mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, says="no terminal to ask")
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    assert roles.json("show", "prod")["mfa_seed"] is True
    credentials(roles)
    code = service.requests[0].fields["TokenCode"]
    assert len(code) == 6 and code.isdigit()
    roles.ok("clear")
    again = roles.helper("admin")
    later = [request.fields["TokenCode"] for request in service.requests if "TokenCode" in request.fields]
    assert again.returncode == 75 and b"already used" in again.stderr if len(later) == 1 else len(set(later)) == 2
    roles.ok("mfa", "remove", "prod")
    assert "mfa_seed" not in roles.json("show", "prod")
    roles.fails(
        65,
        "mfa",
        "set",
        "prod",
        "--mfa-serial",
        SERIAL,
        "--force",
        "--seed-file",
        roles.write("bad", "0189"),
        says="invalid seed",
    )
