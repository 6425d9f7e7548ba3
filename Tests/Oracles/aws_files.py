"""What botocore makes of files of AWS profiles.

It is taken from botocore's own loader, with the lines on which it found sections and settings.
"""

from __future__ import annotations

import configparser
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import botocore.configloader
import botocore.exceptions

PARTS = ["aws_access_key_id", "aws_secret_access_key", "aws_session_token", "aws_security_token"]


@dataclass
class Answer:
    """What botocore reads: the profiles with their settings, or why it reads nothing."""

    error: str = ""
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    # For each profile, the lines of its headers and settings.
    lines: dict[str, set[int]] = field(default_factory=dict)
    # The settings that each profile has itself, and those of [DEFAULT].
    own: dict[str, set[str]] = field(default_factory=dict)
    defaults: set[str] = field(default_factory=set)

    def inherited(self, profile: str) -> bool:
        """Whether a part of the profile's key is one of [DEFAULT]."""
        return any(name in self.defaults and name not in self.own.get(profile, set()) for name in PARTS)

    def key(self, profile: str) -> tuple[Any, ...] | None:
        """Id, secret and token as SharedCredentialProvider and ConfigProvider take them."""
        found = self.profiles.get(profile, {})
        if "aws_access_key_id" not in found:
            return None
        token = next((found[name] for name in ("aws_security_token", "aws_session_token") if name in found), None)
        return found["aws_access_key_id"], found.get("aws_secret_access_key"), token


class Recorder(dict[Any, Any]):
    """A section that knows the lines on which it and its settings were read."""

    current = 0

    def __init__(self, *arguments: object) -> None:
        super().__init__(*arguments)
        self.read_on = {Recorder.current}

    def __setitem__(self, name: object, value: object) -> None:
        self.read_on.add(Recorder.current)
        super().__setitem__(name, value)


def recorded(data: bytes) -> tuple[dict[str, Recorder], Recorder]:
    """The sections and the defaults with their lines, for a file that the parser reads."""
    Recorder.current = 0
    parser = configparser.RawConfigParser(dict_type=Recorder)

    def numbered() -> Iterator[str]:
        for number, line in enumerate(re.split("(?<=\n)", data.decode().replace("\r\n", "\n").replace("\r", "\n")), 1):
            Recorder.current = number
            if line:
                yield line

    parser.read_file(numbered())
    internals: Any = parser
    return {name: internals._sections[name] for name in parser.sections()}, internals._defaults


def ask_botocore(data: bytes, kind: str, path: Path) -> Answer:
    """What the AWS CLI takes from the file at `path`, which is written first."""
    path.write_bytes(data)
    try:
        raw = botocore.configloader.raw_config_parse(str(path))
    except botocore.exceptions.ConfigParseError as error:
        return Answer(error=str(error))
    profiles = raw if kind == "credentials" else botocore.configloader.build_profile_map(raw)["profiles"]
    sections, defaults = recorded(data)
    answer = Answer(profiles=profiles, defaults=set(defaults))
    starts = sorted({min(section.read_on) for section in sections.values()} | defaults.read_on - {0}) + [1 << 30]
    for name, section in sections.items():
        named = (
            {name: None} if kind == "credentials" else botocore.configloader.build_profile_map({name: {}})["profiles"]
        )
        header = min(section.read_on)
        lines = set(range(header, min(min(start for start in starts if start > header), header + 5000)))
        for profile in named:
            answer.lines.setdefault(profile, set()).update(lines | section.read_on | defaults.read_on)
            answer.own[profile] = set(section)
    return answer
