"""Reads the vaults of the tests with Examples/decode-vault.py: what the program wrote, by somebody else's word."""

from __future__ import annotations

import importlib.util
from functools import cache
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[3]


@cache
def decoder() -> Any:
    path = ROOT / "Examples" / "decode-vault.py"
    spec = importlib.util.spec_from_file_location("decode_vault_for_tests", path)
    assert spec is not None and spec.loader is not None
    module: Any = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    # A slot keeps its salt over ordinary saves, so that a whole test costs one derivation.
    module.argon2id = cache(module.argon2id)
    return module


def read(vault: Path, passphrase: bytes) -> tuple[Any, list[Any]]:
    """The header and all records; raises what is wrong with the file."""
    module = decoder()
    header, _, records = module.open_vault(vault.read_bytes(), module.PASSPHRASE, passphrase)
    return header, records


def entries(vault: Path, passphrase: bytes) -> dict[str, dict[str, Any]]:
    """The access keys by name."""
    return {record.fields["name"]: record.fields for record in read(vault, passphrase)[1] if record.kind == 1}
