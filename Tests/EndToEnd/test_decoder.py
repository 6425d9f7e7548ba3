"""Examples/decode-vault.py against the reference writer: random vaults, codes, cuts, flips, and output."""

from __future__ import annotations

import importlib.util
import random
from functools import cache
from hashlib import blake2b
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from support.reference_records import (
    NOW,
    Record,
    i64,
    u32,
)
from support.reference_vault import (
    PASSPHRASE,
    RECOVERY_CODE,
    Slot,
    Vault,
    flipped,
    recovery_slot,
    slot_at,
    with_digest,
    written_code,
)

DECODER = Path(__file__).resolve().parents[2] / "Examples" / "decode-vault.py"
CODE = written_code(RECOVERY_CODE)
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
SECRETS = (b"secret/of+number/00000000000000000000001", b"token==")
REFUSALS = ("damaged", "unsupported", "cost", "wrong-passphrase")


@pytest.fixture(scope="module")
def decoder() -> ModuleType:
    """With Argon2id's results kept, and a stand-in for costs and salts that only a flipped bit asks for."""
    spec = importlib.util.spec_from_file_location("decode_vault", DECODER)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    real = cache(module.argon2id)

    def cheap(passphrase: bytes, salt: bytes, passes: int, memory: int) -> bytes:
        if (salt, passes, memory) == (Slot().salt, Slot().passes, Slot().memory):
            kept: bytes = real(passphrase, salt, passes, memory)
            return kept
        return blake2b(repr((passphrase, salt, passes, memory)).encode(), digest_size=32).digest()

    module.argon2id = cheap
    return module


def random_text(rng: random.Random, limit: int) -> bytes:
    ranges = [(0x20, 0x7E), (0xA0, 0x2FF), (0x2000, 0x2FFF), (0xE000, 0xFFFF), (0x10000, 0x10FFFF)]
    text = "".join(chr(rng.randint(*rng.choice(ranges))) for _ in range(rng.randint(1, limit // 4)))
    return text.encode()


def random_time(rng: random.Random) -> bytes:
    return i64(rng.choice([0, NOW, 253402300799, rng.randrange(253402300800)]))


def random_record(rng: random.Random, number: int) -> Record:
    """Any record that the format allows, with the tags that its type knows and some that nothing knows."""
    kind = rng.choice([1, 1, 1, 2, 3, 4, rng.randint(5, 255)])
    name = f"n{number}" + "".join(rng.choices("azAZ09._@+/-", k=rng.randint(0, 120)))
    values: dict[int, bytes] = {2: rng.randbytes(16)}
    if kind in (1, 2, 4):
        values |= {1: name.encode(), 9: random_time(rng), 11: random_time(rng)}
    if kind == 3:
        values[11] = random_time(rng)
    if kind == 1:
        values[3] = "".join(rng.choices(ALPHABET, k=rng.randint(16, 128))).encode()
        values[4] = random_text(rng, 4096)
        optional = {
            5: random_text(rng, 6144),
            6: random_time(rng),
            7: b"%012d" % rng.randrange(10**12),
            10: random_time(rng),
            15: u32(rng.randrange(2**32)),
        }
        optional |= {tag: random_text(rng, rng.choice([8, 4096])) for tag in (8, 12, 13, 14)}
        optional |= {
            16: bytes([rng.randint(1, 2)]),
            17: rng.randbytes(16),
            22: rng.randbytes(rng.randint(10, 128)),
            23: u32(rng.randint(900, 129600)),
            24: bytes([rng.randint(1, 255)]),
            25: random_time(rng),
            26: b"AKIA000000000001\nAKIA000000000002",
            28: random_text(rng, 4096),
        }
        optional |= {tag: random_text(rng, 200) for tag in (18, 19, 20, 21)}
        values |= {tag: value for tag, value in optional.items() if rng.random() < 0.6}
    if kind == 2:
        values |= {33: random_text(rng, 2048), 34: rng.randbytes(16)}
        optional = {tag: random_text(rng, 64) for tag in (13, 14, 18, 20, 21, 36)}
        optional |= {tag: b"x" + random_text(rng, 63) for tag in (35, 40, 41)}
        optional |= {23: u32(rng.randint(900, 43200)), 37: random_text(rng, 40) + b"\n" + random_text(rng, 40)}
        values |= {tag: value for tag, value in optional.items() if rng.random() < 0.6}
    for _ in range(rng.randint(0, 3)):
        values[rng.randint(42, 65535)] = rng.randbytes(rng.choice([1, 100, 20_000]))
    return Record(kind, sorted(values.items()))


def written_again(decoder: ModuleType, record: Any) -> tuple[int, dict[int, bytes]]:
    tags = {name: tag for tag, (name, _) in decoder.FIELDS.items()}
    values = dict(record.unknown)
    for name, value in record.fields.items():
        if isinstance(value, int):
            sizes = {"expose_for": 4, "session_seconds": 4, "serve": 1, "rotation_phase": 1}
            value = value.to_bytes(sizes.get(name, 8), "little")
        if isinstance(value, list):
            value = "\n".join(value)
        values[tags[name]] = value.encode() if isinstance(value, str) else value
    return record.kind, values


@pytest.mark.parametrize("seed", range(60))
def test_random_vaults_come_back_as_they_were_written(seed: int, decoder: ModuleType) -> None:
    rng = random.Random(seed)
    records = [random_record(rng, number) for number in range(rng.randint(0, 60))]
    records.sort(key=lambda record: dict(record.fields)[2])
    vault = Vault(
        records=records,
        ancestors=[rng.randbytes(32) for _ in range(rng.randint(0, 64))],
        minor=rng.randrange(9),
        vault_id=rng.randbytes(16),
        generation=rng.randrange(2**64),
        epoch=rng.randrange(2**32),
        vault_key=rng.randbytes(32),
        body_nonce=rng.randbytes(24),
    )
    for kind, secret in ((decoder.PASSPHRASE, PASSPHRASE), (decoder.RECOVERY_CODE, RECOVERY_CODE)):
        header, ancestors, read = decoder.open_vault(vault.encoded(), kind, secret)
        assert (header.minor, header.vault_id, header.generation, header.epoch) == (
            vault.minor,
            vault.vault_id,
            vault.generation,
            vault.epoch,
        )
        assert ancestors == vault.ancestors
        assert [written_again(decoder, each) for each in read] == [
            (record.kind, dict(record.fields)) for record in records
        ]


def refusal(decoder: ModuleType, data: bytes, kind: int = 1, secret: bytes = PASSPHRASE) -> str | None:
    """The kind of refusal, or nothing if the vault opens. Any other exception is the decoder's own fault."""
    try:
        decoder.open_vault(data, kind, secret)
    except decoder.Refused as refused:
        return str(refused.kind)
    return None


def test_a_file_cut_anywhere_is_damaged(decoder: ModuleType) -> None:
    data = Vault().encoded()
    edges = {0, 8, 128, *(slot_at(index) for index in range(9)), 8192, 8208, len(data) - 32, len(data)}
    cuts = {edge + step for edge in edges for step in (-1, 0, 1)} | set(range(0, len(data), 97))
    for cut in sorted(cut for cut in cuts if 0 <= cut < len(data)):
        assert refusal(decoder, data[:cut]) == "damaged", cut
        if cut > 32:
            assert refusal(decoder, with_digest(data[:cut])) == "damaged", cut


def test_a_content_cut_or_extended_is_damaged(decoder: ModuleType) -> None:
    content = Vault(ancestors=[b"a" * 32] * 2).content_bytes()
    assert refusal(decoder, Vault(content=content).encoded()) is None
    for cut in range(len(content)):
        assert refusal(decoder, Vault(content=content[:cut]).encoded()) == "damaged", cut
    for more in (b"\0", b"\x80", bytes(5), bytes(4096)):
        assert refusal(decoder, Vault(content=content + more).encoded()) == "damaged"


def test_a_single_flipped_bit_is_refused_with_the_digest_as_it_is_and_made_right(decoder: ModuleType) -> None:
    data, rng = Vault().encoded(), random.Random(1)
    assert refusal(decoder, data) is None
    digest_at = (len(data) - 32) * 8
    preamble, slot = range(76 * 8), range(128 * 8, 236 * 8)
    for bit in [*rng.sample(range(digest_at), 800), *preamble, *rng.sample(slot, 200)]:
        assert refusal(decoder, flipped(data, bit)) in REFUSALS, bit
        assert refusal(decoder, with_digest(flipped(data, bit))) in REFUSALS, bit
    for bit in range(digest_at, len(data) * 8):
        assert refusal(decoder, flipped(data, bit)) == "damaged", bit


def test_a_content_of_noise_is_refused_and_never_breaks_the_decoder(decoder: ModuleType) -> None:
    content, rng = Vault(ancestors=[b"a" * 32]).content_bytes(), random.Random(2)
    opened = 0
    for _ in range(3000):
        noisy = bytearray(content)
        for _ in range(rng.randint(1, 4)):
            noisy[rng.randrange(len(noisy))] = rng.choice([0, 1, 0x7F, 0x80, 0xFF, rng.randrange(256)])
        opened += refusal(decoder, Vault(content=bytes(noisy)).encoded()) is None
    assert 0 < opened < 3000


@pytest.mark.parametrize(
    "written",
    [
        CODE,
        CODE.lower(),
        CODE.replace("-", ""),
        CODE.replace("-", " "),
        f"  {CODE}  ",
        CODE.replace("-", "--"),
        CODE.replace("0", "O").replace("1", "I"),
        CODE.replace("0", "o").replace("1", "l"),
    ],
)
def test_a_recovery_code_is_read_however_it_is_typed(written: str, decoder: ModuleType) -> None:
    assert decoder.recovery_code(written) == RECOVERY_CODE


def test_every_recovery_code_comes_back(decoder: ModuleType) -> None:
    rng = random.Random(3)
    for code in [bytes(20), b"\xff" * 20, *(rng.randbytes(20) for _ in range(500))]:
        assert decoder.recovery_code(written_code(code)) == code


def mistyped_codes() -> list[str]:
    letters = CODE.replace("-", "")
    one_wrong = [
        letters[:at] + other + letters[at + 1 :] for at in range(36) for other in ALPHABET if other != letters[at]
    ]
    swapped = [
        letters[:at] + letters[at + 1] + letters[at] + letters[at + 2 :]
        for at in range(35)
        if letters[at] != letters[at + 1]
    ]
    return (
        one_wrong
        + swapped
        + [
            "",
            "-",
            letters[:-1],
            letters + "0",
            letters[:-1] + "U",
            letters[:-1] + "*",
            letters[:-1] + "\u0660",
            letters.replace("S", "\u017f"),
            letters[:20] + "\t" + letters[20:],
            letters[:20] + "\n" + letters[20:],
            "sealring",
            letters * 2,
        ]
    )


def test_a_mistyped_recovery_code_is_told_from_a_wrong_one(decoder: ModuleType) -> None:
    for written in mistyped_codes():
        with pytest.raises(decoder.Refused) as refused:
            decoder.recovery_code(written)
        assert refused.value.kind == "mistyped", written
    other = decoder.recovery_code(written_code(bytes(20)))
    assert refusal(decoder, Vault().encoded(), decoder.RECOVERY_CODE, other) == "wrong-passphrase"
    assert refusal(decoder, Vault(slots=[Slot()]).encoded(), decoder.RECOVERY_CODE, RECOVERY_CODE) == (
        "wrong-passphrase"
    )
    assert refusal(decoder, Vault(slots=[recovery_slot()]).encoded()) == "wrong-passphrase"


def test_a_recovery_code_of_before_a_revocation_opens_nothing(decoder: ModuleType) -> None:
    old = Vault(vault_key=b"k" * 32).encoded()[slot_at(1) : slot_at(2)]
    spliced = Vault(epoch=1, vault_key=b"k" * 32, slots=[Slot(), Slot(raw=old)]).encoded()
    assert refusal(decoder, spliced, decoder.RECOVERY_CODE, RECOVERY_CODE) == "wrong-passphrase"
