"""Faults of the preamble, the slots, the digest, the keys and the seals."""

from __future__ import annotations

from functools import partial
from typing import Any

from nacl.bindings import crypto_secretbox

from support.reference_records import (
    u16,
    u32,
    u64,
)
from support.reference_vault import (
    CHEAPEST_MEMORY,
    EMPTY,
    HEADER_LENGTH,
    MAC_AT,
    MAGIC,
    PASSPHRASE,
    SLOT_LENGTH,
    Slot,
    Vault,
    derive,
    flipped,
    hash32,
    opaque_slot,
    patched,
    recovery_slot,
    seal,
    slot_at,
    stretched,
    with_digest,
)
from support.vectors.vector import Vector, changed, faulty

KIB = 1024
GOOD = Vault().encoded()
LATER = Vault(generation=2, ancestors=[GOOD[MAC_AT:HEADER_LENGTH]], body_nonce=b"nonce of a later save...").encoded()
OLD_KEY = b"the key of before the revocation"
OLD_SLOT = Vault(vault_key=OLD_KEY, slots=[Slot(secret=b"old")]).encoded()[slot_at(0) : slot_at(1)]


def preamble() -> list[Vector]:
    vectors = [
        *(faulty("damaged", f"magic-byte-{at}", True, magic=flipped(MAGIC, at * 8)) for at in range(8)),
        *(faulty("unsupported", f"major-{major}", True, major=major) for major in (0, 2, 256, 65535)),
        *(faulty("unsupported", f"flag-bit-{bit}", True, flags=1 << bit) for bit in (0, 15, 31)),
    ]
    for at in (0, 27, 55):
        tail = patched(bytes(56), at, b"\x01")
        vectors.append(faulty("damaged", f"preamble-byte-{72 + at}-not-zero", True, preamble_tail=tail))
    for told in (0, 15, 16, 16399, 16401, 32 * KIB + 16, 2**31 + 16400, 2**32 - 1):
        vectors.append(faulty("damaged", f"body-length-of-{told}-told", True, told_body_length=told))
    return vectors


def cut_to(length: int) -> bytes:
    return GOOD[:length]


def lengths() -> list[Vector]:
    body_at = HEADER_LENGTH
    cuts = (0, 1, 8, 72, 128, slot_at(1), MAC_AT, body_at, body_at + 16, len(GOOD) - 32, len(GOOD) - 1)
    vectors = [changed("damaged", f"truncated-to-{cut}", partial(cut_to, cut), True) for cut in cuts]
    vectors += [
        changed("damaged", "truncated-by-a-byte-and-digest-made-right", lambda: with_digest(GOOD[:-1]), True),
        changed("damaged", "extended-by-1", lambda: GOOD + b"\0", True),
        changed("damaged", "extended-by-4096", lambda: GOOD + bytes(4096), True),
        changed("damaged", "extended-and-digest-made-right", lambda: with_digest(GOOD + b"\0"), True),
        changed("damaged", "two-vaults-in-a-row", lambda: GOOD + GOOD, True),
        changed("damaged", "newlines-to-lf", lambda: GOOD.replace(b"\r\n", b"\n"), True),
        changed("damaged", "newlines-to-crlf", lambda: GOOD.replace(b"\n", b"\r\n"), True),
        changed("damaged", "high-bits-stripped", lambda: bytes(byte & 0x7F for byte in GOOD), True),
        faulty("damaged", "file-beyond-4-mib", True, padded_length=4096 * KIB),
    ]
    return vectors


def slots() -> list[Vector]:
    vectors = []
    for at in (2, 4, 20, 24, 28, 52, 100, 108, 1003):
        dirty = Slot(raw=patched(bytes(SLOT_LENGTH), at, b"\x01"))
        vectors.append(faulty("damaged", f"empty-slot-with-byte-{at}-set", True, slots=[Slot(), dirty]))
    first, last = patched(bytes(896), 0, b"\x01"), patched(bytes(896), 895, b"\x80")
    recovery, opaque = recovery_slot(), opaque_slot(3)
    for name, slot in {
        "passphrase-slot-reserved-not-zero": Slot(reserved=1),
        "passphrase-slot-reserved-high-byte": Slot(reserved=256),
        "passphrase-slot-first-parameter-byte": Slot(parameters=first),
        "passphrase-slot-last-parameter-byte": Slot(parameters=last),
        "passphrase-slot-created-before-1970": Slot(created=-1),
        "passphrase-slot-created-beyond-9999": Slot(created=253402300800),
    }.items():
        vectors.append(faulty("damaged", name, True, slots=[slot]))
    faults: dict[str, dict[str, Any]] = {
        "reserved-not-zero": {"reserved": 1},
        "first-parameter-byte": {"parameters": first},
        "last-parameter-byte": {"parameters": last},
        "memory": {"memory": CHEAPEST_MEMORY},
        "passes": {"passes": 3},
        "1-kib": {"memory": 1},
        "memory-and-passes": {"memory": CHEAPEST_MEMORY, "passes": 3},
    }
    for name, changes in faults.items():
        slot = Slot(**{**vars(recovery), **changes})
        vectors.append(faulty("damaged", f"recovery-slot-with-{name}", True, slots=[Slot(), slot]))
    reserved = Slot(**{**vars(opaque), "reserved": 1})
    vectors.append(faulty("damaged", "unknown-slot-reserved-not-zero", True, slots=[Slot(), reserved]))
    return vectors


def costs() -> list[Vector]:
    def dear(memory: int, passes: int) -> Slot:
        return Slot(memory=memory, passes=passes, wrapped=b"w" * 48)

    vectors = []
    memories = (0, 1, 8, 65535, 2048 * KIB + 1, 2**31, 2**32 - 1)
    outside = [(memory, 3) for memory in memories] + [(65536, passes) for passes in (0, 1, 2, 17, 2**32 - 1)]
    for memory, passes in outside + [(0, 0), (2**31, 2**31), (2**32 - 1, 2**32 - 1)]:
        cost = f"{memory}-kib-{passes}-passes"
        vectors.append(faulty("cost", f"{cost}-in-the-first-slot", True, slots=[dear(memory, passes)]))
        others = [Slot()] + [EMPTY] * 6 + [dear(memory, passes)]
        vectors.append(faulty("cost", f"{cost}-in-the-last-slot", True, slots=others))
    for name, together in {
        "one-slot-of-18-gib": [dear(2048 * KIB, 9)],
        "one-slot-of-32-gib": [dear(2048 * KIB, 16)],
        "eight-slots-of-256-gib": [dear(2048 * KIB, 16)] * 8,
        "three-slots-of-18-gib": [dear(2048 * KIB, 3)] * 3,
        "slots-just-beyond-16-gib": [Slot(), dear(2024 * KIB + 1, 8)],
    }.items():
        vectors.append(faulty("cost", name, True, slots=together))
    return vectors


def digests() -> list[Vector]:
    bits = {
        "first-digest-bit": (len(GOOD) - 32) * 8,
        "last-digest-bit": len(GOOD) * 8 - 1,
        "vault-id": 16 * 8,
        "generation": 32 * 8,
        "epoch": 44 * 8,
        "body-nonce": 48 * 8,
        "salt": slot_at(0, 4) * 8,
        "wrapped-key": slot_at(0, 52) * 8,
        "mac": MAC_AT * 8,
        "first-body-bit": HEADER_LENGTH * 8,
        "last-body-bit": (len(GOOD) - 32) * 8 - 1,
    }
    keyed = hash32(GOOD[:-32], derive(Vault().vault_key, b"", b"sealring1-mac"))
    return [
        *(changed("damaged", f"flipped-{name}", partial(flipped, GOOD, at), True) for name, at in bits.items()),
        faulty("damaged", "digest-of-zeros", True, digest=bytes(32)),
        faulty("damaged", "digest-with-a-key", True, digest=keyed),
        faulty("damaged", "digest-of-the-body-alone", True, digest=hash32(GOOD[HEADER_LENGTH:-32])),
        changed("damaged", "slots-swapped", lambda: swapped(GOOD), True),
        changed("damaged", "old-header-new-body", lambda: GOOD[:HEADER_LENGTH] + LATER[HEADER_LENGTH:], True),
    ]


def swapped(file: bytes) -> bytes:
    first, second = file[slot_at(0) : slot_at(1)], file[slot_at(1) : slot_at(2)]
    return patched(file, slot_at(0), second + first)


def mended(outcome: str, name: str, file: bytes) -> Vector:
    """What only the keys can notice: the digest is right."""
    return changed(outcome, f"{name}-and-digest-made-right", lambda: with_digest(file))


def seals() -> list[Vector]:
    vault = Vault()
    unsigned, header = GOOD[:MAC_AT], GOOD[:HEADER_LENGTH]
    padded, key, nonce = vault.padded_bytes(), vault.vault_key, vault.body_nonce
    body_key = derive(key, header, b"sealring1-body")
    box = seal(padded, nonce, body_key)
    new = Vault(epoch=1, generation=2, slots=[Slot(secret=b"new"), recovery_slot()]).encoded()
    slot_of_opaque = opaque_slot(4).encoded(b"", 0, b"")
    return [
        mended("damaged", "minor-raised", patched(GOOD, 10, u16(1))),
        mended("damaged", "generation-raised", patched(GOOD, 32, u64(2))),
        mended("damaged", "body-nonce-changed", flipped(GOOD, 48 * 8)),
        mended("damaged", "slots-swapped", swapped(GOOD)),
        mended("damaged", "recovery-slot-emptied", patched(GOOD, slot_at(1), bytes(SLOT_LENGTH))),
        mended("damaged", "recovery-slot-changed", flipped(GOOD, slot_at(1, 60) * 8)),
        mended("damaged", "passphrase-slot-copied", patched(GOOD, slot_at(2), GOOD[slot_at(0) : slot_at(1)])),
        mended("damaged", "unknown-slot-added", patched(GOOD, slot_at(7), slot_of_opaque)),
        mended("damaged", "slot-of-before-a-revocation-added", patched(GOOD, slot_at(2), OLD_SLOT)),
        mended("damaged", "mac-changed", flipped(GOOD, MAC_AT * 8)),
        mended("damaged", "body-tag-changed", flipped(GOOD, HEADER_LENGTH * 8)),
        mended("damaged", "first-body-byte-changed", flipped(GOOD, (HEADER_LENGTH + 16) * 8)),
        mended("damaged", "last-body-byte-changed", flipped(GOOD, (len(GOOD) - 33) * 8)),
        mended("damaged", "old-header-new-body", GOOD[:HEADER_LENGTH] + LATER[HEADER_LENGTH:]),
        mended("damaged", "new-header-old-body", LATER[:HEADER_LENGTH] + GOOD[HEADER_LENGTH:]),
        faulty("damaged", "mac-of-zeros-body-sealed-to-it", mac=bytes(32)),
        faulty("damaged", "mac-one-bit-off-body-sealed-to-it", mac=flipped(GOOD[MAC_AT:HEADER_LENGTH], 255)),
        faulty("damaged", "mac-without-a-key", mac=hash32(unsigned)),
        faulty("damaged", "mac-under-the-vault-key-itself", mac=hash32(unsigned, key)),
        faulty("damaged", "mac-of-another-key", mac=hash32(unsigned, derive(OLD_KEY, b"", b"sealring1-mac"))),
        faulty("damaged", "body-under-the-vault-key-itself", body_key=key),
        faulty("damaged", "body-key-without-the-header", body_key=derive(key, b"", b"sealring1-body")),
        faulty("damaged", "body-key-without-the-mac", body_key=derive(key, unsigned, b"sealring1-body")),
        faulty("damaged", "body-key-under-another-name", body_key=derive(key, header, b"sealring1-mac")),
        faulty("damaged", "body-under-another-nonce", body=seal(padded, bytes(24), body_key)),
        faulty("damaged", "body-with-its-tag-last", body=box[16:] + box[:16]),
        faulty("damaged", "body-of-zeros", body=bytes(len(box))),
        mended("wrong-passphrase", "vault-id-changed", flipped(GOOD, 16 * 8)),
        mended("wrong-passphrase", "epoch-raised", patched(GOOD, 44, u32(1))),
        mended("wrong-passphrase", "salt-changed", flipped(GOOD, slot_at(0, 4) * 8)),
        mended("wrong-passphrase", "passes-raised", patched(GOOD, slot_at(0, 24), u32(4))),
        mended("wrong-passphrase", "memory-raised", patched(GOOD, slot_at(0, 20), u32(65537))),
        mended("wrong-passphrase", "wrap-nonce-changed", flipped(GOOD, slot_at(0, 28) * 8)),
        mended("wrong-passphrase", "wrap-tag-changed", flipped(GOOD, slot_at(0, 52) * 8)),
        mended("wrong-passphrase", "wrapped-key-changed", flipped(GOOD, slot_at(0, 99) * 8)),
        mended("wrong-passphrase", "slot-time-changed", flipped(GOOD, slot_at(0, 100) * 8)),
        faulty(
            "wrong-passphrase",
            "wrapped-without-the-slot",
            slots=[
                Slot(
                    wrapped=crypto_secretbox(key, Slot().nonce, stretched(PASSPHRASE, Slot().salt, CHEAPEST_MEMORY, 3))
                )
            ],
        ),
        faulty(
            "wrong-passphrase",
            "wrapped-without-the-epoch",
            slots=[
                Slot(
                    wrapped=crypto_secretbox(
                        key,
                        Slot().nonce,
                        derive(
                            stretched(PASSPHRASE, Slot().salt, CHEAPEST_MEMORY, 3),
                            vault.vault_id + Slot().layout(bytes(48)),
                            b"sealring1-kek",
                        ),
                    )
                )
            ],
        ),
        Vector(
            "slot-of-before-a-revocation-and-digest-made-right",
            "wrong-passphrase",
            lambda: with_digest(patched(new, slot_at(0), OLD_SLOT)),
            passphrase_file=b"old\n",
        ),
        Vector(
            "slot-of-before-a-revocation-sealed-by-who-kept-the-old-key",
            "wrong-passphrase",
            Vault(epoch=1, vault_key=OLD_KEY, slots=[Slot(raw=OLD_SLOT)]).encoded,
            passphrase_file=b"old\n",
        ),
        Vector(
            "slot-of-another-vault",
            "wrong-passphrase",
            lambda: with_digest(
                patched(Vault(vault_id=b"id of this vault").encoded(), slot_at(0), GOOD[slot_at(0) : slot_at(1)])
            ),
        ),
    ]


def passphrases() -> list[Vector]:
    decomposed = "ne\u0301e".encode()
    cases = {
        "wrong-passphrase": b"wrong",
        "passphrase-in-another-case": PASSPHRASE.upper(),
        "passphrase-and-a-space": PASSPHRASE + b" ",
        "passphrase-after-a-space": b" " + PASSPHRASE,
        "passphrase-twice": PASSPHRASE * 2,
        "passphrase-and-a-return": PASSPHRASE + b"\r",
        "passphrase-cut": PASSPHRASE[:-1],
    }
    vectors = [Vector(name, "wrong-passphrase", lambda: GOOD, passphrase_file=given) for name, given in cases.items()]
    return vectors + [
        Vector(
            "passphrase-normalised",
            "wrong-passphrase",
            Vault(slots=[Slot(secret=decomposed)]).encoded,
            passphrase_file="n\u00e9e\n".encode(),
        ),
        Vector(
            "passphrase-of-1024-bytes-cut-to-512",
            "wrong-passphrase",
            Vault(slots=[Slot(secret=b"p" * 1024)]).encoded,
            passphrase_file=b"p" * 512,
        ),
    ]


HEADER = preamble() + lengths() + slots() + costs() + digests() + seals() + passphrases()
