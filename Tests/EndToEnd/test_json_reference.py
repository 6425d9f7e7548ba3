"""What --json prints keeps the keys and types of earlier versions, and is what sealring-json(5) says.

The page has one subsection for each object, `.Ss list`, and in it one `.It Va key Pq type` for each key. A type is
`string`, `number`, `boolean`, `object NAME`, or an array of those; `, optional` marks a key that may be missing.
"""

from __future__ import annotations

import json
import os
import re
from typing import Any, NamedTuple

import pytest

from support.home import ROOT, Home
from support.json_reference import REFERENCE, Printed, block, scenario
from support.leaks import Ledger

PAGE = ROOT / "Sources/sealring/Manual/sealring-json.5"
ITEM = re.compile(r"\.It Va (?P<key>\S+) Pq (?P<type>.*?)(?P<optional>, optional)?$")
TYPES: dict[str, type] = {"string": str, "number": int, "boolean": bool}


class Key(NamedTuple):
    type: str
    is_optional: bool


@pytest.fixture(scope="module")
def printed(ledger: Ledger, tmp_path_factory: pytest.TempPathFactory) -> list[Printed]:
    return list(scenario(tmp_path_factory.mktemp("json"), ledger))


@pytest.fixture(scope="module")
def documented() -> dict[str, dict[str, Key]]:
    objects: dict[str, dict[str, Key]] = {}
    keys: dict[str, Key] = {}
    for line in PAGE.read_text().partition(".Sh OBJECTS\n")[2].splitlines():
        if line.startswith(".Ss "):
            keys = objects.setdefault(line.removeprefix(".Ss "), {})
        elif match := ITEM.match(line):
            keys[match["key"]] = Key(match["type"], bool(match["optional"]))
    return objects


def object_of(printed: Printed, documented: dict[str, dict[str, Key]]) -> str:
    """The name of the object that a command prints."""
    if printed.command.startswith("show "):
        return "role" if "role_arn" in printed.object else "entry"
    return max((name for name in documented if printed.command.startswith(name)), key=len)


def faults(value: Any, type: str, where: str, documented: dict[str, dict[str, Key]], seen: set[str]) -> list[str]:
    """Where the value is not what the page says; `seen` collects the keys that were found."""
    if element := type.removeprefix("array of ") if type.startswith("array of ") else "":
        if not isinstance(value, list):
            return [f"{where} is not an array"]
        return [fault for each in value for fault in faults(each, element, f"{where}[]", documented, seen)]
    if not type.startswith("object "):
        # In Python, a boolean is a number too.
        is_right = isinstance(value, TYPES[type]) and (type == "boolean" or not isinstance(value, bool))
        return [] if is_right else [f"{where} is not a {type}"]
    name = type.removeprefix("object ")
    keys = documented[name]
    found = [f"{where}.{key} is not documented" for key in value if key not in keys]
    found += [f"{where}.{key} is missing" for key in keys if key not in value and not keys[key].is_optional]
    for key in value.keys() & keys.keys():
        seen.add(f"{name}.{key}")
        found += faults(value[key], keys[key].type, f"{where}.{key}", documented, seen)
    return found


def is_subsequence(lines: list[str], of: list[str]) -> bool:
    rest = iter(of)
    return all(line in rest for line in lines)


def test_the_keys_and_types_of_earlier_versions_are_still_there(printed: list[Printed]) -> None:
    reference = REFERENCE.read_text().split("\n\n")
    assert len(reference) == len(printed)
    for then, now in zip(reference, printed, strict=True):
        lines = block(now).splitlines()
        missing = [line for line in then.splitlines() if line not in lines]
        assert missing == [], f"{now.state}: {now.command}"
        assert is_subsequence(then.splitlines(), lines), f"another order in {now.state}: {now.command}"


def test_objects_are_as_the_page_describes_them(
    printed: list[Printed], documented: dict[str, dict[str, Key]], bare: Home
) -> None:
    seen: set[str] = set()
    version = Printed("", "version", json.loads(bare.ok("version", "--json").stdout))
    for each in [*printed, version]:
        kind = object_of(each, documented)
        assert faults(each.object, f"object {kind}", kind, documented, seen) == [], f"{each.state}: {each.command}"
    described = {f"{name}.{key}" for name, keys in documented.items() for key in keys}
    assert len(described) > 100
    # The build of a checkout is not told its commit.
    untold = set() if "SEALRING_BIN_DIR" in os.environ else {"version.commit"}
    assert described - seen - untold == set(), "the scenario prints these keys nowhere"
