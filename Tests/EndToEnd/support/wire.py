"""Recorded conversations with the agent; Tests/Vectors/README.md describes the files."""

from __future__ import annotations

import json
import os
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from support import frames
from support.home import Home

FOLDER = Path(__file__).resolve().parents[2] / "Vectors" / "wire"
WIDTHS = {"u8": "<B", "u32": "<I", "u64": "<Q"}
# The fields of each kind that must stay readable across versions, in order.
SCHEMA: dict[int, tuple[str, ...]] = {
    frames.STATUS: (),
    frames.LOCK: (),
    frames.STOP: (),
    frames.CREDENTIALS: ("vault-path", "text", "text"),
    frames.DONE: (),
    frames.ERROR: ("u32", "text", "text"),
    frames.STATE: ("pid", "vault-path", "u8", "u64", "u64", "u64", "u32", "text"),
    frames.JSON: ("text",),
    frames.CODE_NEEDED: ("text",),
    frames.WAITING: (),
}


@dataclass(frozen=True)
class Field:
    """`value` is a number or text; none for what differs between machines, which in text is `{vault}`."""

    type: str
    value: int | str | None = None

    def encoded(self, home: Home, process: int) -> bytes:
        if self.type == "vault-path":
            return os.fsencode(home.vault)
        if self.type == "pid":
            return frames.u32(process)
        if self.type == "text":
            return str(self.value).replace("{vault}", str(home.vault)).encode()
        return struct.pack(WIDTHS[self.type], self.value)

    @classmethod
    def decoded(cls, type: str, content: bytes, home: Home) -> Field:
        """Raises ValueError if the field does not have that type, which the programs reject too."""
        if type == "vault-path" and content == os.fsencode(home.vault):
            return cls(type)
        if type in ("vault-path", "text"):
            return cls("text", content.decode().replace(str(home.vault), "{vault}"))
        if type == "pid" and len(content) == 4:
            return cls(type)
        try:
            return cls(type, struct.unpack(WIDTHS[type], content)[0])
        except struct.error as error:
            raise ValueError(f"no {type}: {content!r}") from error


@dataclass(frozen=True)
class Message:
    kind: int
    fields: tuple[Field, ...] = ()

    def encoded(self, home: Home, process: int = 0) -> bytes:
        return frames.frame(self.kind, *(field.encoded(home, process) for field in self.fields))

    @classmethod
    def decoded(cls, frame: frames.Frame, home: Home) -> Message:
        types = SCHEMA[frame.kind]
        if len(types) != len(frame.fields):
            raise ValueError(f"a message of kind {frame.kind} has {len(frame.fields)} fields, not {len(types)}")
        pairs = zip(types, frame.fields, strict=True)
        return cls(frame.kind, tuple(Field.decoded(type, content, home) for type, content in pairs))


@dataclass
class Conversation:
    """What one program asked the agent, what the agent answered, and how the program ended."""

    name: str
    about: str
    #: The state that the agent is in: `locked` or `unlocked`.
    agent: str
    program: list[str]
    messages: list[tuple[str, Message]] = field(default_factory=list)
    exit: int = 0
    #: The lines of stdout, with `{vault}`, `{pid}` and `{socket}` for what differs between machines.
    stdout: list[str] = field(default_factory=list)

    @property
    def requests(self) -> list[Message]:
        return [message for side, message in self.messages if side == "request"]

    def answers(self, request: Message) -> list[Message]:
        """The answers to the first such request."""
        at = self.messages.index(("request", request)) + 1
        found = []
        while at < len(self.messages) and self.messages[at][0] == "answer":
            found.append(self.messages[at][1])
            at += 1
        return found

    def text(self) -> str:
        lines = [f"# {self.about}", f"agent {self.agent}", f"program {json.dumps(self.program)}"]
        for side, message in self.messages:
            lines.append(f"{side} {frames.VERSION} {message.kind}")
            for part in message.fields:
                value = "" if part.value is None else " " + json.dumps(part.value)
                lines.append(f"  {part.type}{value}")
        lines += [f"exit {self.exit}", *(f"stdout {json.dumps(line)}" for line in self.stdout)]
        return "\n".join(lines) + "\n"


def read(path: Path) -> Conversation:
    about, *lines = path.read_text().splitlines()
    read = Conversation(path.stem, about.removeprefix("# "), "", [])
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if line.startswith("  "):
            side, message = read.messages[-1]
            more = Field(word, json.loads(rest) if rest else None)
            read.messages[-1] = (side, Message(message.kind, (*message.fields, more)))
        elif word in ("request", "answer"):
            version, kind = map(int, rest.split())
            assert version == frames.VERSION
            read.messages.append((word, Message(kind)))
        elif word == "agent":
            read.agent = rest
        elif word == "program":
            read.program = json.loads(rest)
        elif word == "exit":
            read.exit = int(rest)
        elif word == "stdout":
            read.stdout.append(json.loads(rest))
        else:
            raise AssertionError(f"{path.name}: an unknown line: {line}")
    return read


def conversations() -> Iterator[Conversation]:
    return (read(path) for path in sorted(FOLDER.glob("*.txt")))
