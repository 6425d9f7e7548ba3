"""Files of AWS profiles with every oddity, read by this project and by botocore: the two agree on each key.

A file of the comparison is one number: `SEALRING_AWS_FILES_SEED=N SEALRING_AWS_FILES_COUNT=1` repeats it, and a
larger count makes a longer campaign.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "Oracles"))
import aws_files
import aws_roles
from aws_file_maker import Maker

ROOT = Path(__file__).resolve().parents[2]
KINDS = ["credentials", "config", None]
COUNT = int(os.environ.get("SEALRING_AWS_FILES_COUNT", "3000"))
SEED = int(os.environ.get("SEALRING_AWS_FILES_SEED", random.SystemRandom().randrange(1 << 40)))


class Read:
    """What the Swift reader found in one file."""

    def __init__(self, lines: list[str]) -> None:
        self.kind, self.refusal = None, None
        self.keys: list[tuple[int, str, tuple[str, str, str]]] = []
        self.problems: list[tuple[int, str, str]] = []
        self.notes: list[str] = []
        self.static: dict[str, list[str] | str] = {}
        self.roles: dict[str, list[str]] = {}
        self.refused: dict[str, str] = {}
        for line in lines:
            tag, *words = line.split(" ")
            if tag == "R":
                self.refusal = unhex(words[0])
            elif tag == "T":
                self.kind = words[0]
            elif tag == "K":
                self.keys.append((int(words[0]), unhex(words[1]), (unhex(words[2]), unhex(words[3]), unhex(words[4]))))
            elif tag == "P":
                self.problems.append((int(words[0]), unhex(words[1]), unhex(words[2])))
            elif tag == "N":
                self.notes.append(unhex(words[0]))
            elif tag == "D" and words != ["!"]:
                parts = words[1:]
                self.static[unhex(words[0])] = parts[0] if parts in (["none"], ["!"]) else [unhex(p) for p in parts]
            elif tag == "O":
                self.roles[unhex(words[0])] = [unhex(word) for word in words[1:]]
            elif tag == "X":
                self.refused[unhex(words[0])] = unhex(words[1])


def unhex(word: str) -> str:
    return "" if word == "-" else bytes.fromhex(word).decode(errors="surrogateescape")


def read_all(files: list[tuple[int, bytes]], folder: Path) -> list[Read]:
    """Lets one process of the unit tests read all of the files."""
    corpus, answers = folder / "corpus", folder / "answers"
    with corpus.open("wb") as stream:
        for kind, data in files:
            stream.write(kind.to_bytes(4, "little") + len(data).to_bytes(4, "little") + data)
    environment = os.environ | {"SEALRING_AWS_FILES": str(corpus), "SEALRING_AWS_FILES_READ": str(answers)}
    # The program of the unit tests itself: SwiftPM would wait for other runs of its own.
    tests = ROOT / ".build/debug/sealringPackageTests.xctest"
    command = (
        [tests, "--testing-library", "swift-testing"]
        if tests.is_file()
        else ["swift", "test", "--package-path", ROOT, "--skip-build"]
    )
    done = subprocess.run([*command, "--filter", "DifferentialReader"], env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    blocks = answers.read_text().split("\n.\n")[:-1]
    assert len(blocks) == len(files)
    return [Read(block.split("\n")) for block in blocks]


def is_set(secret: str, text: str) -> bool:
    """Whether a line gives the secret to a setting whose name is spelled as it should be."""
    lines = [re.split("[=:]", line, maxsplit=1) for line in re.split("\r\n|\r|\n", text) if secret in line]
    return any(line[0].strip().lower() == "aws_secret_access_key" for line in lines)


def resolved(key: tuple | None) -> tuple[str, str, str] | None:
    """botocore's answer where it is a whole key of texts."""
    if key is None or not all(isinstance(part, str) for part in key[:2]):
        return None
    return key[0], key[1], key[2] if isinstance(key[2], str) else ""


def differences(read: Read, answer: aws_files.Answer, planted: list[str], data: bytes) -> list[str]:
    """What this project does otherwise than botocore, and leaves out without a word."""
    if read.kind == "-":
        # A file of variables, which the AWS CLI reads only from its environment.
        return [] if read.keys or read.problems else ["a file of variables without a key or a problem"]
    found = []
    count = 1 + data.replace(b"\r\n", b"\n").replace(b"\r", b"\n").count(b"\n")
    for line, _, reason in read.problems:
        if not 1 <= line <= count:
            found.append(f"a problem on line {line} of {count}: {reason}")
    sealed: dict[str, tuple[str, str, str]] = {}
    for _, profile, key in read.keys:
        if profile in sealed:
            found.append(f"two keys of profile {profile!r}")
        sealed[profile] = key
    for profile in answer.profiles:
        key = answer.key(profile)
        if key is None:
            continue
        if profile in sealed:
            if sealed[profile] != resolved(key):
                found.append(f"profile {profile!r}: {sealed[profile]} is sealed, botocore resolves {key}")
        elif not any(
            named == profile or line in answer.lines[profile] for line, named, _ in read.problems
        ) and "line " not in (read.refusal or ""):
            found.append(f"profile {profile!r}: left out, and no line of it is named")
    for profile in sealed:
        if answer.error and not read.problems and not read.notes:
            found.append(f"profile {profile!r}: sealed without a word, though botocore says {answer.error}")
        if not answer.error and answer.key(profile) is None and not read.notes:
            found.append(f"profile {profile!r}: sealed without a word, though botocore sees no key there")
    text = data.decode(errors="replace")
    if read.refusal is None:
        kept = " ".join(secret for _, secret, _ in sealed.values())
        lost = [secret for secret in planted if secret not in kept and is_set(secret, text)]
        if lost and not read.problems and not read.notes:
            found.append(f"left out without a word: {lost}")
    # A secret without its id, or in a comment, is none that anybody could use.
    elif (
        any(secret in text for secret in planted)
        and not any(word in read.refusal for word in ("line ", "no text", "not text"))
        and any(answer.key(profile) for profile in answer.profiles)
    ):
        found.append(f"refused without a line: {read.refusal}")
    return found + document_differences(read, answer)


def document_differences(read: Read, answer: aws_files.Answer) -> list[str]:
    """The same for what `configure` and the takeover of roles read."""
    if answer.error or read.refusal is not None:
        return []
    found = []
    readable = {profile for profile in answer.profiles if len(profile.encode()) <= 4096}
    if set(read.static) != readable:
        found.append(f"profiles {sorted(read.static)}, to botocore {sorted(readable)}")
    for profile, static in read.static.items():
        settings = answer.profiles.get(profile, {})
        key = answer.key(profile)
        if (
            (isinstance(static, list) and key is not None and resolved(key) is not None)
            and (static[0] and static[1] and tuple(static) != resolved(key))
            and not answer.inherited(profile)
        ):
            found.append(f"static keys of {profile!r}: {static}, to botocore {key}")
        if static == "none" and key is not None and not answer.inherited(profile):
            found.append(f"no static keys of {profile!r}, to botocore {key}")
        if profile in read.roles:
            theirs = [settings.get(name, "") for name in ("role_arn", "source_profile", "mfa_serial")]
            if read.roles[profile] != theirs:
                found.append(f"role of {profile!r}: {read.roles[profile]}, to botocore {theirs}")
    return found


def test_files_are_read_as_botocore_reads_them(tmp_path: Path) -> None:
    print(f"SEALRING_AWS_FILES_SEED={SEED}")
    failures, sealed, unread = [], 0, 0
    for first in range(0, COUNT, 20_000):
        files, planted = [], []
        for index in range(first, min(COUNT, first + 20_000)):
            maker = Maker(SEED + index)
            kind = (SEED + index) % 3
            files.append((kind, maker.file(kind if kind < 2 else maker.random.randrange(2))))
            planted.append(maker.planted)
        for index, ((kind, data), read) in enumerate(zip(files, read_all(files, tmp_path), strict=True), first):
            name = KINDS[kind] or read.kind
            answer = aws_files.ask_botocore(
                data, name if name in ("config", "credentials") else "credentials", tmp_path / "file"
            )
            sealed += len(read.keys)
            unread += bool(answer.error)
            for difference in differences(read, answer, planted[index - first], data):
                failures.append(f"SEALRING_AWS_FILES_SEED={SEED + index}: {difference}")
    print(f"{COUNT} files, {sealed} keys sealed, {unread} files that botocore refuses")
    assert not failures, f"{len(failures)} differences\n" + "\n".join(failures[:20])
    if COUNT >= 1000:
        # The files are neither all alike nor all broken.
        assert sealed > COUNT // 2 and COUNT // 100 < unread < COUNT // 2


def role_differences(read: Read, profiles: dict[str, dict], config: bytes) -> list[str]:
    """Roles that are read otherwise than botocore joins them, or not at all and without a word."""
    found = []
    # `configure` writes no profile beside them, and names their line.
    if {"role_arn", "source_profile"} & set(aws_files.recorded(config)[1]):
        return []
    for profile, settings in profiles.items():
        theirs = [settings.get(name, "") for name in aws_roles.ROLE] if "role_arn" in settings else None
        if profile in read.roles:
            if read.roles[profile] != theirs:
                found.append(f"role of {profile!r}: {read.roles[profile]}, to botocore {theirs}")
        elif theirs and profile not in read.refused:
            found.append(f"role of {profile!r} is not seen, to botocore {theirs}")
        elif (
            theirs
            and all(isinstance(text, str) for text in theirs)
            and all(theirs[:2])
            and not any(words in read.refused[profile] for words in ("twice", "several lines", "unreadable characters"))
        ):
            found.append(f"role of {profile!r} is refused ({read.refused[profile]}), to botocore {theirs}")
    return found + [f"no role of {profile!r} to botocore" for profile in read.roles if profile not in profiles]


def test_roles_of_either_file_are_read_as_botocore_joins_them(tmp_path: Path) -> None:
    print(f"SEALRING_AWS_FILES_SEED={SEED}")
    count = max(COUNT // 3, 1)
    pairs = [aws_roles.RoleMaker(SEED + index).roles() for index in range(count)]
    corpus = [(3, len(config).to_bytes(4, "little") + config + credentials) for config, credentials in pairs]
    failures, roles, joined = [], 0, 0
    for index, (pair, read) in enumerate(zip(pairs, read_all(corpus, tmp_path), strict=True)):
        profiles = aws_roles.ask_botocore_for_roles(*pair, tmp_path)
        if profiles is None:
            continue
        roles += len(read.roles)
        joined += sum(arn.encode() in pair[1] for arn, *_ in read.roles.values())
        found = role_differences(read, profiles, pair[0])
        failures += [f"SEALRING_AWS_FILES_SEED={SEED + index}: {text}" for text in found]
    print(f"{count} pairs of files, {roles} roles, {joined} of the credentials file")
    assert not failures, f"{len(failures)} differences\n" + "\n".join(failures[:20])
    if COUNT >= 1000:
        assert roles > count // 2 and count // 4 < joined < roles


def test_the_comparison_sees_a_key_that_is_lost(tmp_path: Path) -> None:
    """Without it, files that both sides refuse would look like agreement."""
    data = b"[a]\naws_access_key_id = AKIAABCDEFGHIJKLMNOP\naws_secret_access_key = s\n"
    answer = aws_files.ask_botocore(data, "credentials", tmp_path / "file")
    assert answer.key("a") == ("AKIAABCDEFGHIJKLMNOP", "s", None)
    assert differences(Read(["T credentials", "D 61 none"]), answer, ["s"], data)
    other = "K 1 61 " + b"AKIAABCDEFGHIJKLMNOP".hex() + " 74 -"
    assert differences(Read(["T credentials", other, "D 61 none"]), answer, ["s"], data)


@pytest.mark.parametrize(
    "data, profile, key",
    [
        (
            b"[a]\naws_access_key_id=i\naws_secret_access_key=s\naws_security_token=\naws_session_token=t\n",
            "a",
            ("i", "s", ""),
        ),
        (b"[DEFAULT]\naws_access_key_id=i\n[a]\naws_secret_access_key=s\n", "a", ("i", "s", None)),
        (
            b"[a]\n\xc2\xa0AWS_ACCESS_KEY_ID\x0b:\x0ci\n\xc2\xa0aws_secret_access_key = s # c\n",
            "a",
            ("i", "s # c", None),
        ),
    ],
)
def test_the_oracle_gives_the_answers_that_are_known(tmp_path: Path, data: bytes, profile: str, key: tuple) -> None:
    assert aws_files.ask_botocore(data, "credentials", tmp_path / "file").key(profile) == key
