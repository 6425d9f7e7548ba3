"""Examples/decode-vault.py as people run it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from support import sealed
from support.reference_records import (
    full_access_key,
    full_role,
    record_id,
    rotating_key,
    sealed_blob,
    tombstone,
)
from support.reference_vault import (
    PASSPHRASE,
    RECOVERY_CODE,
    Vault,
    flipped,
    written_code,
)

DECODER = Path(__file__).resolve().parents[2] / "Examples" / "decode-vault.py"
CODE = written_code(RECOVERY_CODE)
SECRETS = (b"secret/of+number/00000000000000000000001", b"token==")


def vault_file(directory: Path, vault: Vault | None = None, mode: int = 0o600) -> Path:
    path = directory / "vault"
    path.write_bytes((vault or Vault()).encoded())
    path.chmod(mode)
    return path


def decode(
    directory: Path,
    *arguments: object,
    answer: bytes = PASSPHRASE + b"\n",
) -> subprocess.CompletedProcess[bytes]:
    given = directory / "answer"
    given.write_bytes(answer)
    options = [] if "--recovery-code-file" in arguments else ["--passphrase-file", str(given)]
    command = [sys.executable, str(DECODER), *map(str, arguments), *options]
    return subprocess.run(command, capture_output=True, stdin=subprocess.DEVNULL, timeout=60, start_new_session=True)


def test_a_missing_library_is_named_with_its_command() -> None:
    # Without site-packages there is no PyNaCl.
    done = subprocess.run([sys.executable, "-I", "-S", DECODER, "vault"], capture_output=True, timeout=60)
    assert done.returncode == 69 and done.stdout == b""
    assert done.stderr == b"decode-vault: error: PyNaCl is missing: install it with 'pip install pynacl'\n"


def test_secrets_are_printed_only_when_asked_for(tmp_path: Path) -> None:
    blob = sealed_blob("undo", 3).having(16, b"x")
    records = [rotating_key("prod", 1).having(42, b"hidden"), tombstone(2), blob]
    vault = vault_file(tmp_path, Vault(records=records))
    for form in ([], ["--json"]):
        plain = decode(tmp_path, vault, *form)
        assert plain.returncode == 0, plain.stderr
        assert b"AKIA000000000001" in plain.stdout and b"6 bytes" in plain.stdout
        assert b"cannot keep secrets in locked memory" in plain.stderr
        shown = decode(tmp_path, vault, "--show-secrets", *form)
        for secret in (*SECRETS, b"aGlkZGVu", b"the other secret", bytes(range(10)).hex().encode()):
            assert secret not in plain.stdout + plain.stderr
            assert secret in shown.stdout


def test_json_tells_everything(tmp_path: Path) -> None:
    vault = vault_file(tmp_path, Vault(generation=7, epoch=2, minor=3, ancestors=[b"a" * 32]))
    told = json.loads(decode(tmp_path, vault, "--json", "--show-secrets").stdout)
    assert (told["generation"], told["epoch"], told["minor"], told["ancestors"]) == (7, 2, 3, ["61" * 32])
    assert told["vault_id"] == Vault().vault_id.hex()
    assert told["records"][0] == {
        "type": "access key",
        "name": "prod",
        "record_id": record_id(1).hex(),
        "access_key_id": "AKIA000000000001",
        "secret_access_key": SECRETS[0].decode(),
        "session_token": "token==",
        "expiration": "2025-06-15T16:06:40Z",
        "account_id": "123456789012",
        "user_name": "alice",
        "sealed_at": "2025-06-15T15:06:40Z",
        "created_at": "2025-06-14T15:06:40Z",
        "changed_at": "2025-06-15T15:06:41Z",
        "source": "csv: prod_accessKeys.csv",
        "region": "eu-central-1",
        "note": "on call",
        "expose_for": 3600,
    }


def test_json_tells_everything_of_a_role(tmp_path: Path) -> None:
    vault = vault_file(tmp_path, Vault(records=[full_role("admin", 1)]))
    assert json.loads(decode(tmp_path, vault, "--json").stdout)["records"] == [
        {
            "type": "role",
            "name": "admin",
            "record_id": record_id(1).hex(),
            "sealed_at": "2025-06-15T15:06:40Z",
            "changed_at": "2025-06-15T15:06:40Z",
            "region": "eu-central-1",
            "note": "on call",
            "sts_endpoint": "https://sts.example/",
            "ca_bundle": "/etc/ca.pem",
            "mfa_serial": "arn:aws:iam::123456789012:mfa/alice",
            "session_seconds": 7200,
            "role_arn": "arn:aws:iam::123456789012:role/Admin",
            "role_source": record_id(65535).hex(),
            "external_id": "shared:word",
            "policy": "{}",
            "policy_arns": ["arn:aws:iam::aws:policy/One", "arn:aws:iam::aws:policy/Two"],
            "session_tags": ["team=core", "empty="],
            "transitive_tag_keys": ["team"],
            "source_identity": "alice",
            "session_name": "work",
        }
    ]


def test_a_terminal_sees_no_bidirectional_override(tmp_path: Path) -> None:
    vault = vault_file(tmp_path, Vault(records=[full_access_key("prod", 1).having(14, "a\u202eb".encode())]))
    assert b"a\\u{202e}b" in decode(tmp_path, vault).stdout


def test_the_recovery_code_opens_the_vault(tmp_path: Path) -> None:
    vault, code = vault_file(tmp_path), tmp_path / "code"
    code.write_text(CODE + "\n")
    opened = decode(tmp_path, vault, "--recovery-code-file", code)
    assert opened.returncode == 0 and b"prod" in opened.stdout
    code.write_text(CODE[:-1] + ("0" if CODE[-1] != "0" else "2") + "\n")
    mistyped = decode(tmp_path, vault, "--recovery-code-file", code)
    assert mistyped.returncode == 77 and b"mistyped" in mistyped.stderr


def test_the_passphrase_is_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    decoder = sealed.decoder()
    monkeypatch.setattr(decoder.getpass, "getpass", lambda prompt: PASSPHRASE.decode())
    monkeypatch.setattr(sys, "argv", ["decode-vault.py", str(vault_file(tmp_path))])
    decoder.main()
    assert "prod" in capsys.readouterr().out


@pytest.mark.parametrize("answer", [b"wrong\n", b"", b"\n", b"p" * 1025], ids=["wrong", "none", "empty", "1025-bytes"])
def test_a_passphrase_that_cannot_be_is_77(answer: bytes, tmp_path: Path) -> None:
    refused = decode(tmp_path, vault_file(tmp_path), answer=answer)
    assert refused.returncode == 77 and b"passphrase" in refused.stderr and refused.stdout == b""


def test_a_file_that_is_no_private_regular_file_is_refused(tmp_path: Path) -> None:
    vault = vault_file(tmp_path)
    link, pipe = tmp_path / "link", tmp_path / "pipe"
    link.symlink_to(vault)
    os.mkfifo(pipe, 0o600)
    assert decode(tmp_path, link).returncode == 77
    assert decode(tmp_path, pipe).returncode == 65
    assert decode(tmp_path, tmp_path).returncode == 65
    assert decode(tmp_path, tmp_path / "none").returncode == 66
    assert decode(tmp_path, vault / "none").returncode == 66
    vault.write_bytes(flipped(vault.read_bytes(), 100_000))
    assert decode(tmp_path, vault).returncode == 65
    for mode in (0o620, 0o602):
        assert decode(tmp_path, vault_file(tmp_path, mode=mode)).returncode == 77
