"""Writes the vectors into Tests/Vectors/vaults:

python -m support.vectors.write     (in Tests/EndToEnd)
"""

from __future__ import annotations

import hashlib
import json
import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from support import sealed
from support.reference_vault import HEADER_LENGTH, SEALED, Sealed, recovery_slot, written_code
from support.vectors import VECTORS
from support.vectors.files import FIRST_LINE, FOLDER
from support.vectors.vector import OUTCOMES, Vector

# Equal bytes in a row that are worth a line of their own, and the same for text.
RUN, TEXT = 12, 6
LINE = 50
PIECES = re.compile(rb"(?P<fill>(.)\2{%d,})|(?P<text>[ -~]{%d,})" % (RUN - 1, TEXT), re.DOTALL)
# A body that differs from what was sealed in more places is written as it is.
PATCHES = 64


def bytes_lines(content: bytes) -> Iterator[str]:
    at = 0
    for found in PIECES.finditer(content):
        yield from hex_lines(content[at : found.start()])
        if found["fill"]:
            yield f"fill {found['fill'][:1].hex()} {len(found['fill'])}"
        else:
            yield f"text {json.dumps(found['text'].decode())}"
        at = found.end()
    yield from hex_lines(content[at:])


def hex_lines(content: bytes) -> Iterator[str]:
    for at in range(0, len(content), LINE):
        yield f"hex {content[at : at + LINE].hex()}"


def sealed_lines(box: Sealed) -> Iterator[str]:
    yield f"seal {box.key.hex()} {box.nonce.hex()}"
    yield from (f"  {line}" for line in bytes_lines(box.plaintext))
    yield "end"


def differences(one: bytes, other: bytes, block: int = 256) -> list[int]:
    """Where the two differ, as far as both go."""
    count = min(len(one), len(other))
    return [
        at
        for start in range(0, count, block)
        if one[start : start + block] != other[start : start + block]
        for at in range(start, min(start + block, count))
        if one[at] != other[at]
    ]


def resembles(box: Sealed, body: bytes) -> bool:
    """Whether they have 32 bytes in common, which is no coincidence."""
    return any(body[at : at + 32] == box.box[at : at + 32] != b"" for at in range(16, min(len(body), 16384), 4000))


def body_of(data: bytes) -> tuple[Sealed, list[int]] | None:
    """The box that the file holds as its body, and where the file differs from it."""
    body = data[HEADER_LENGTH:]
    for box in SEALED:
        if len(box.box) > 48 and body.startswith(box.box):
            return box, []
    found = [(box, differences(box.box, body)) for box in SEALED if len(box.box) > 48 and resembles(box, body)]
    best = min(found, key=lambda each: len(each[1]), default=None)
    return best if best and len(best[1]) <= PATCHES else None


def file_lines(data: bytes) -> Iterator[str]:
    """The steps that make the file."""
    present = data[HEADER_LENGTH:]
    found = body_of(data)
    if found is None:
        yield from bytes_lines(data)
        return
    box, changed = found
    yield "# header"
    yield from bytes_lines(data[:HEADER_LENGTH])
    yield "# body"
    yield from sealed_lines(box)
    if len(present) <= len(box.box):
        yield f"cut {len(data)}"
    else:
        yield "# digest"
        yield from bytes_lines(present[len(box.box) :])
    for at in changed:
        yield f"patch {HEADER_LENGTH + at} {present[at]:02x}"


def text(vector: Vector) -> str:
    data = vector.build()
    decoder = sealed.decoder()
    passphrase = vector.passphrase_file
    passphrase = passphrase[:-2] if passphrase.endswith(b"\r\n") else passphrase.removesuffix(b"\n")
    lines = [
        FIRST_LINE,
        f"name {vector.name}",
        f"about {vector.name.replace('-', ' ')}",
        f"expect {vector.outcome}",
        f"derive {'no' if vector.before else 'yes'}",
        f"passphrase {quoted(passphrase)}",
    ]
    if vector.passphrase_file != passphrase + b"\n":
        lines.append(f"passphrase-file {quoted(vector.passphrase_file)}")
    if vector.outcome == "ok":
        if any(slot.kind == 2 for slot in decoder.read_header(data).slots):
            lines.append(f"recovery-code {written_code(recovery_slot().secret)}")
        lines += [f"entries {json.dumps(vector.names)}", f"roles {json.dumps(vector.roles)}"]
    lines += [f"size {len(data)}", f"sha256 {hashlib.sha256(data).hexdigest()}", ""]
    lines += file_lines(data)
    return "\n".join(lines) + "\n"


def quoted(content: bytes) -> str:
    try:
        return json.dumps(content.decode())
    except UnicodeDecodeError:
        return content.hex()


def index(vectors: list[Vector]) -> str:
    counts = Counter(vector.outcome for vector in vectors)
    lines = [
        "{",
        '"version": 1,',
        f'"count": {len(vectors)},',
        f'"expect": {json.dumps({outcome: counts[outcome] for outcome in OUTCOMES})},',
        '"vectors": [',
        ",\n".join(
            json.dumps({"name": vector.name, "expect": vector.outcome, "derive": not vector.before})
            for vector in vectors
        ),
        "]",
        "}",
    ]
    return "\n".join(lines) + "\n"


def files() -> Iterator[tuple[Path, str]]:
    for vector in VECTORS:
        yield FOLDER / f"{vector.name}.txt", text(vector)
    yield FOLDER / "index.json", index(VECTORS)


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    for old in FOLDER.iterdir():
        old.unlink()
    for path, content in files():
        path.write_text(content)


if __name__ == "__main__":
    main()
