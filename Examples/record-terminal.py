#!/usr/bin/env python3
"""Records the terminal of the README: runs the real programs in a scratch home, and draws what they print.

    Examples/record-terminal.py BIN_DIR            # writes Examples/terminal.svg
    Examples/record-terminal.py BIN_DIR --check    # fails if it would be another one

The AWS CLI must be in PATH. What differs from run to run is replaced: the scratch home becomes /home/alice, and the
recovery code an example. The vault is created with the lowest cost of the key derivation, so that a small machine
prints the same. Nothing else is changed.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from xml.sax.saxutils import escape

HERE = Path(__file__).resolve().parent
PICTURE = HERE / "terminal.svg"
HOME = "/home/alice"
CODE = "WJDX-4K2Y-7AV0-QKG8-92Q9-XX3Q-2RYG-H2EA-QDRG"
COLUMNS = 92
PASSPHRASE = "four random words here"
# Each command, and what a person answers to its questions, in order.
SESSION: list[tuple[str, list[tuple[str, str]]]] = [
    ("sealring init", [("New passphrase: ", PASSPHRASE), ("Once more: ", PASSPHRASE)]),
    (
        "sealring import accessKeys.csv --name prod --delete-source",
        [("Passphrase: ", PASSPHRASE), ("[y/N] ", "y")],
    ),
    ("sealring unlock", [("Passphrase: ", PASSPHRASE)]),
    ("aws configure list --profile prod", []),
    ("sealring lock", []),
]
CHEAP = {"sealring init": " --kdf-memory 64 --kdf-passes 3"}
SECONDS = 60


class Screen:
    """What a terminal shows of the bytes that a program writes."""

    def __init__(self) -> None:
        self.lines = [""]
        self.column = 0

    def feed(self, text: str) -> None:
        for part in re.findall(r"\x1b\[[0-9;?]*[A-Za-z]|\r|\n|[^\x1b\r\n]+", text):
            if part == "\n":
                self.lines.append("")
            elif part == "\r":
                self.column = 0
            elif part == "\x1b[K":
                self.lines[-1] = self.lines[-1][: self.column]
            elif part[0] != "\x1b":
                line = self.lines[-1]
                self.lines[-1] = line[: self.column] + part + line[self.column + len(part) :]
                self.column += len(part)


def run(command: str, answers: list[tuple[str, str]], home: Path, environment: dict[str, str]) -> list[str]:
    """Runs a command on a terminal of its own."""
    process, terminal = pty.fork()
    if process == 0:
        os.chdir(home)
        os.execvpe("/bin/sh", ["sh", "-c", command + CHEAP.get(command, "")], environment)
    screen = Screen()
    waiting = list(answers)
    asked = ""
    end = time.monotonic() + SECONDS
    try:
        while True:
            if not select.select([terminal], [], [], max(end - time.monotonic(), 0))[0]:
                os.kill(process, signal.SIGKILL)
                raise SystemExit(f"'{command}' did not end; it showed:\n" + "\n".join(screen.lines))
            try:
                text = os.read(terminal, 4096).decode()
            except OSError:  # The program has closed the terminal.
                break
            if not text:
                break
            screen.feed(text)
            asked += text
            if waiting and asked.endswith(waiting[0][0]):
                os.write(terminal, waiting.pop(0)[1].encode() + b"\n")
                asked = ""
    finally:
        _, status = os.waitpid(process, 0)
        os.close(terminal)
    if status != 0 or waiting:
        raise SystemExit(f"'{command}' failed:\n" + "\n".join(screen.lines))
    return screen.lines


def record(programs: Path) -> list[str]:
    scratch = Path(tempfile.mkdtemp(prefix="sealring-"))
    home, runtime = scratch / "home", scratch / "run"
    folder = home / ".local/bin"
    folder.mkdir(parents=True)
    runtime.mkdir(mode=0o700)
    home.chmod(0o700)
    for program in programs.glob("sealring*"):
        (folder / program.name).symlink_to(program.resolve())
    shutil.copy(HERE / "samples/accessKeys.csv", home)
    aws = shutil.which("aws") or sys.exit("no AWS CLI in PATH")
    environment = {
        "HOME": str(home),
        "PATH": f"{folder}:{Path(aws).parent}:/usr/bin:/bin",
        "TERM": "xterm",
        "LANG": "C.UTF-8",
        "COLUMNS": str(COLUMNS),
        "XDG_RUNTIME_DIR": str(runtime),
    }
    lines: list[str] = []
    try:
        for command, answers in SESSION:
            shown = run(command, answers, home, environment)
            lines += [f"$ {command}", *(line.rstrip() for line in shown)]
            while lines[-1] == "":
                lines.pop()
            lines.append("")
    finally:
        subprocess.run([folder / "sealring", "lock", "--stop"], env=environment, capture_output=True, check=False)
        shutil.rmtree(scratch)
    text = "\n".join(lines[:-1]).replace(str(home), HOME)
    return re.sub(r"\b(?:[0-9A-Z]{4}-){8}[0-9A-Z]{4}\b", CODE, text).split("\n")


def colour(line: str) -> str:
    if line.startswith("+") and not line.startswith("+++"):
        return "#7ee787"
    if line.startswith(("+++", "---", "@@")):
        return "#8b949e"
    return "#e6edf3"


def draw(lines: list[str]) -> str:
    size, height, margin = 14, 20, 20
    character = size * 0.602
    rows: list[str] = []
    for number, line in enumerate(lines):
        y = margin + 28 + number * height
        if line.startswith("$ "):
            body = f'<tspan fill="#8b949e">$ </tspan><tspan font-weight="bold">{escape(line[2:])}</tspan>'
        else:
            body = escape(line)
        if line:
            rows.append(f'<text x="{margin}" y="{y}" fill="{colour(line)}" xml:space="preserve">{body}</text>')
    width = round(margin * 2 + character * max(map(len, lines)))
    total = margin * 2 + 14 + len(lines) * height
    words = escape("\n".join(lines))
    buttons = "".join(
        f'<circle cx="{margin + 6 + 20 * at}" cy="18" r="6" fill="{fill}"/>'
        for at, fill in enumerate(("#ff5f57", "#febc2e", "#28c840"))
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {total}" width="{width}" height="{total}"'
        f' font-family="ui-monospace, SFMono-Regular, Menlo, Consolas, monospace" font-size="{size}" role="img">\n'
        f"<title>A terminal session with Sealring</title>\n<desc>{words}</desc>\n"
        f'<rect width="{width}" height="{total}" rx="8" fill="#0d1117"/>\n{buttons}\n' + "\n".join(rows) + "\n</svg>\n"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description="Records the terminal of the README.")
    parser.add_argument("programs", type=Path, metavar="BIN_DIR", help="where the programs are installed")
    parser.add_argument("--check", action="store_true", help="only compare with the picture that is there")
    options = parser.parse_args()
    picture = draw(record(options.programs))
    if not options.check:
        PICTURE.write_text(picture)
    elif not PICTURE.is_file() or PICTURE.read_text() != picture:
        sys.exit(f"{PICTURE.name} shows something else: run {Path(__file__).name} again")


if __name__ == "__main__":
    main()
