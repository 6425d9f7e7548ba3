"""Prints the keys and types of every object that --json prints in one fixed scenario:

SEALRING_BIN_DIR=… python -m support.json_reference     (in Tests/EndToEnd)

Tests/Vectors/json/reference.txt is what an earlier version printed. New keys may be added to it, but none may be
removed or renamed, because scripts rely on them.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

from support import stub
from support.certificates import certificate
from support.home import CHEAPEST, ROOT, Home, report
from support.keys import KeyMaker
from support.leaks import Ledger
from support.profiles import ADMIN, SERIAL
from support.stub import Stub

REFERENCE = ROOT / "Tests/Vectors/json/reference.txt"
# Values that scripts compare with; those of other keys differ from run to run, or are words for people.
TELLING = {"agent", "freshness", "locked", "serve", "rotation_phase", "mfa_seed", "session_token", "cured", "is_old"}
TYPES = {str: "string", bool: "boolean", int: "number"}
POLICY = '{"Version":"2012-10-17","Statement":[]}'


def leaves(value: Any, path: str = "") -> Iterator[str]:
    """One line for each value within the object, in its order."""
    if isinstance(value, dict):
        yield f"{path or 'object'}: object" if path else "object"
        for key, member in value.items():
            yield from leaves(member, f"{path}.{key}" if path else key)
    elif isinstance(value, list):
        yield f"{path}: array"
        for index, element in enumerate(value):
            yield from leaves(element, f"{path}[{index}]")
    else:
        known = f" = {json.dumps(value)}" if path.rpartition(".")[2] in TELLING else ""
        yield f"{path}: {TYPES[type(value)]}{known}"


def furnish(home: Home, aws: Stub, turning: Stub, keys: KeyMaker) -> None:
    """A vault in which every key of every object has a value somewhere."""

    def add(name: str, key_id: str, secret: str, *more: str) -> None:
        home.ok("add", name, "--access-key-id", key_id, "--secret-file", home.write("secret", secret), *more)

    for name, service in {"aws": aws, "turn": turning}.items():
        (key_id,) = service.user_keys
        add(name, key_id, service.keys[key_id][0])
        home.ok("set", name, "--sts-endpoint", service.url, "--iam-endpoint", service.url)
    key = keys(account=int(stub.ACCOUNT))
    add("full", key.id, key.secret)
    bundle = home.write("ca.pem", certificate(home.root.parent)[1].read_bytes())
    home.ok("set", "full", "--region", "eu-central-1", "--note", "on call", "--account-id", "123456789012",
            "--user-name", "alice", "--expose-for", "1h", "--ca-bundle", bundle, "--duration", "2h",
            "--serve", "session")  # fmt: skip
    seed = home.write("seed", "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")
    home.ok("mfa", "set", "full", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    temporary = keys("ASIA", int(stub.ACCOUNT), token=True)
    made = {"AccessKeyId": temporary.id, "SecretAccessKey": temporary.secret, "SessionToken": temporary.token}
    made["Expiration"] = "2099-01-01T00:00:00Z"
    home.ok(
        "import", home.write("sts.json", json.dumps({"Credentials": made})), "--name", "temporary", "--no-configure"
    )
    row = keys(account=int(stub.ACCOUNT))
    table = f"User name,Access key ID,Secret access key\nbob,{row.id},{row.secret}\n"
    home.ok("import", home.write("keys.csv", table), "--no-configure")
    home.ok("role", "add", "admin", "--role-arn", ADMIN, "--source", "aws", "--external-id", "shared",
            "--policy-file", home.write("policy", POLICY), "--policy-arn", "arn:aws:iam::aws:policy/ReadOnlyAccess",
            "--tags", "team=core", "--transitive-tag", "team", "--source-identity", "alice", "--session-name", "work",
            "--sts-endpoint", aws.url, "--mfa-serial", SERIAL, "--duration", "1h", "--region", "eu-central-1",
            "--note", "on call", "--ca-bundle", bundle, "--no-configure")  # fmt: skip
    home.ok("role", "add", "simple", "--role-arn", ADMIN + "2", "--source", "aws", "--no-configure")
    home.ok("set", "aws", "--serve", "role", "--role", "simple")
    home.ok("configure", "aws", "--force")
    home.ok("configure", "simple", "--force")
    home.ok("rotate", "turn", "--keep-old", "24h", "--settle", "0s")


SHOWN = ("aws", "turn", "full", "temporary", "admin", "simple")


class Printed(NamedTuple):
    state: str
    command: str
    object: Any


def scenario(folder: Path, ledger: Ledger) -> Iterator[Printed]:
    """What each command prints in each state."""
    keys = KeyMaker(ledger)
    home = Home(folder / "h", ledger)
    home.passphrase = b"a passphrase of the reference"
    home.write(home.passphrase_file, home.passphrase + b"\n")

    def printed(state: str, *words: str, **options: Any) -> Printed:
        result = home(*words, "--json", **options)
        # The exit status of `status` depends on the state.
        assert result.returncode == 0 or words == ("status",), report(result)
        return Printed(state, " ".join(words), json.loads(result.stdout))

    yield printed("no vault", "status", passphrase=None)
    home.ok("init", *CHEAPEST, "--no-recovery-code")
    yield printed("an empty vault", "status", passphrase=None)
    yield printed("an empty vault", "list")
    yield printed("an empty vault", "role", "list")
    yield printed("an empty vault", "age", "--offline")
    one, other = keys(account=int(stub.ACCOUNT)), keys(account=int(stub.ACCOUNT))
    with stub.running({one.id: one.secret}) as aws, stub.running({other.id: other.secret}) as turning:
        furnish(home, aws, turning, keys)
        for state in ("no agent", "an agent"):
            if state == "an agent":
                home.unlock()
            yield printed(state, "list")
            yield printed(state, "role", "list")
            for name in SHOWN:
                yield printed(state, "show", name)
            yield printed(state, "verify", "aws")
            yield printed(state, "verify", "simple")
            yield printed(state, "age", "--offline", "--max-age", "1d")
        yield printed("AWS was asked", "age")
        yield printed("AWS was asked", "show", "aws")
        yield printed("unlocked", "status", passphrase=None)
        home.ok("lock", passphrase=None)
        yield printed("locked", "status", passphrase=None)
        home.helper("aws")
        yield printed("a helper was refused", "status", passphrase=None)
        home.unlock()
        home.helper("nothing")
        yield printed("unlocked since", "status", passphrase=None)
        home.end_agent()
        data = home.vault.read_bytes()
        home.vault.write_bytes(data[:-1])
        yield printed("a damaged vault", "status", passphrase=None)
    home.collect()


def block(printed: Printed) -> str:
    return f"# {printed.state}: {printed.command}\n" + "\n".join(leaves(printed.object)) + "\n"


if __name__ == "__main__":
    os.umask(0o077)
    with tempfile.TemporaryDirectory(prefix="sealring-json-") as place:
        print("\n".join(map(block, scenario(Path(place), Ledger()))), end="")
