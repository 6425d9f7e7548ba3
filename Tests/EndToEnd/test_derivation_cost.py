"""How long a key is derived from the passphrase: what can be asked for, and what is chosen."""

from __future__ import annotations

import os
import time

import pytest

from support import sealed
from support.home import Home
from support.keys import KeyMaker
from support.recovery import adopt, issue_code


@pytest.mark.parametrize("codes", ["with", "without"])
def test_a_slow_derivation_can_be_asked_for(stocked: Home, codes: str) -> None:
    if codes == "with":
        issue_code(stocked)
    new, code = stocked.new_passphrase(), stocked.outside / "new-code"
    more = ["--recovery-code-file", code] if codes == "with" else []
    stocked.ok("passwd", "--new-passphrase-file", new, "--kdf-memory", "80", "--kdf-passes", "4", *more)
    if more:
        stocked.write(code, code.read_bytes())
    adopt(stocked, new)
    slot = sealed.read(stocked.vault, stocked.passphrase)[0].slots[0]
    assert (slot.memory, slot.passes) == (80 << 10, 4)


@pytest.mark.parametrize(
    "memory, passes",
    [
        ("63", "3"),
        ("64", "2"),
        ("2049", "3"),
        ("64", "17"),
        ("0", "0"),
        ("4294967295", "3"),
        ("-64", "3"),
        ("64x", "3"),
        ("99999999999999", "3"),
    ],
)
def test_a_cost_outside_of_the_bounds_is_misuse(bare: Home, memory: str, passes: str) -> None:
    start = time.monotonic()
    bare.fails(64, "init", f"--kdf-memory={memory}", f"--kdf-passes={passes}", "--no-recovery-code")
    assert time.monotonic() - start < 2
    assert not os.path.lexists(bare.vault)


def test_without_a_cost_a_derivation_takes_about_a_second(bare: Home, keys: KeyMaker) -> None:
    bare.ok("init", "--no-recovery-code")
    header = bare.vault.read_bytes()
    memory, passes = (int.from_bytes(header[at : at + 4], "little") for at in (148, 152))
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") >> 10
    assert 64 << 10 <= memory <= max(64 << 10, min(512 << 10, total // 4))
    assert 3 <= passes <= 16
