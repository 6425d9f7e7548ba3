"""A home directory of its own for each test, and the programs that run in it under watch."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from support import sealed
from support.keys import Key, random_passphrase
from support.leaks import Ledger

ROOT = Path(__file__).resolve().parents[3]
PROGRAM = Path(os.environ.get("SEALRING_BIN_DIR", ROOT / ".build" / "debug")).resolve() / "sealring"
HELPER = PROGRAM.with_name("sealring-credential-process")
AGENT = PROGRAM.with_name("sealring-agent")
AWS = PROGRAM.with_name("sealring-aws")
# They are installed so that their user can run and not read them; tests copy them and look at their bytes.
for installed in (PROGRAM, HELPER, AGENT, AWS):
    if installed.is_file() and not os.access(installed, os.R_OK):
        installed.chmod(0o511)
CHEAPEST = ("--kdf-memory", "64", "--kdf-passes", "3")
# Longer than any wait for a lock: a test that hangs is a test that fails.
PATIENCE = 60

Run = subprocess.CompletedProcess[bytes]


RUNTIMES: list[Path] = []


def new_runtime() -> Path:
    """A folder for sockets: their paths have 107 bytes at most, and those of tests are long. It lasts as long as the
    run of the tests at most."""
    RUNTIMES.append(Path(tempfile.mkdtemp(prefix="sealring-")))
    return RUNTIMES[-1]


@dataclass
class Home:
    root: Path
    ledger: Ledger
    passphrase: bytes = b""
    key: Key = field(default_factory=lambda: Key("", ""))
    env: dict[str, str] = field(default_factory=dict)
    written: set[bytes] = field(default_factory=set)
    open: set[Path] = field(default_factory=set)
    runtime: Path = field(default_factory=lambda: new_runtime())

    def __post_init__(self) -> None:
        self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.outside.mkdir(mode=0o700, exist_ok=True)
        (self.root / "tmp").mkdir(mode=0o700, exist_ok=True)
        self.env = {
            "HOME": str(self.path),
            "PATH": os.environ["PATH"],
            "TMPDIR": str(self.root / "tmp"),
            "LANG": "C.UTF-8",
            "TERM": "xterm",
            "PYTHONDONTWRITEBYTECODE": "1",
            "XDG_RUNTIME_DIR": str(self.runtime),
        }

    @property
    def path(self) -> Path:
        return self.root / "home"

    @property
    def outside(self) -> Path:
        """Where a person's downloads and passphrase files lie: not in HOME."""
        return self.root / "outside"

    @property
    def data(self) -> Path:
        return self.path / ".local/share/sealring"

    @property
    def vault(self) -> Path:
        return self.data / "vault"

    @property
    def state(self) -> Path:
        return self.path / ".local/state/sealring"

    @property
    def config(self) -> Path:
        return self.path / ".aws/config"

    @property
    def credentials(self) -> Path:
        return self.path / ".aws/credentials"

    @property
    def passphrase_file(self) -> Path:
        return self.outside / "passphrase"

    def write(self, path: Path | str, content: bytes | str, mode: int = 0o600) -> Path:
        """Writes an input of a test. Such bytes may lie where the test put them, also with secrets in them."""
        target = self.outside / path
        content = content.encode() if isinstance(content, str) else content
        target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        target.write_bytes(content)
        target.chmod(mode)
        self.written.add(hashlib.sha256(content).digest())
        return target

    def csv(self, key: Key, name: str = "prod_accessKeys.csv") -> Path:
        return self.write(name, key.csv())

    def new_passphrase(self, name: str = "other-passphrase") -> Path:
        """A file with a passphrase that opens nothing yet."""
        return self.write(name, self.ledger.secret("passphrase", random_passphrase()) + b"\n")

    def __call__(
        self,
        *arguments: str | Path | bytes,
        input: bytes | None = None,
        env: Mapping[str, str] | None = None,
        passphrase: Path | bool | None = True,
        shows_secret: bool = False,
        holds_secret: bool = False,
        under: Sequence[str | Path] = (),
        program: Path = PROGRAM,
        timeout: float = PATIENCE,
        **options: Any,
    ) -> Run:
        """Runs the program as a script would: no terminal, the passphrase from a file.

        `under` are the words of a program that starts ours; `shows_secret` says that the answer on stdout is a
        secret by purpose, `holds_secret` that the test put one into the environment.
        """
        words = [os.fsencode(word) for word in [*under, program, *arguments]]
        environment = self.env | dict(env or {})
        if passphrase is True:
            environment.setdefault("SEALRING_PASSPHRASE_FILE", str(self.passphrase_file))
        elif passphrase:
            environment["SEALRING_PASSPHRASE_FILE"] = str(passphrase)
        options.setdefault("cwd", self.outside)
        if input is None and "stdin" not in options:
            options["stdin"] = subprocess.DEVNULL
        elif input is not None:
            options["input"] = input
        # A session of its own has no terminal to fall back on.
        options.setdefault("start_new_session", True)
        options.setdefault("stdout", subprocess.PIPE)
        options.setdefault("stderr", subprocess.PIPE)
        result = subprocess.run(words, env=environment, timeout=timeout, umask=0o077, **options)
        self.watch(words, environment, result, shows_secret, holds_secret)
        return result

    def watch(
        self,
        words: Sequence[bytes],
        environment: Mapping[str, str],
        result: Run,
        shows_secret: bool,
        holds_secret: bool,
    ) -> None:
        shown = b" ".join(words)[:200].decode(errors="replace")
        self.ledger.programs += 1
        self.ledger.saw(f"the arguments of {shown}", b"\0".join(words))
        if not holds_secret:
            block = "\0".join(f"{name}={value}" for name, value in environment.items())
            self.ledger.saw(f"the environment of {shown}", os.fsencode(block))
        self.ledger.saw(f"stderr of {shown}", result.stderr or b"")
        if not shows_secret:
            self.ledger.saw(f"stdout of {shown}", result.stdout or b"")

    def ok(self, *arguments: str | Path | bytes, **options: Any) -> Run:
        result = self(*arguments, **options)
        # What it says is also its exit status: unlocked, locked, no agent, no vault.
        good = range(4) if arguments[:1] == ("status",) else (0,)
        assert result.returncode in good, report(result)
        assert b"sealring: error:" not in result.stderr, report(result)
        return result

    def fails(self, code: int, *arguments: str | Path | bytes, says: str = "", hints: str = "", **options: Any) -> Run:
        """Runs a command that must fail with `code`, and must say and advise what is given."""
        result = self(*arguments, **options)
        assert result.returncode == code, report(result)
        assert result.stdout in (b"", None), report(result)
        errors = lines(result, "error")
        assert len(errors) == 1, report(result)
        assert says in errors[0], report(result)
        assert hints in "\n".join(lines(result, "hint")), report(result)
        assert not hints or lines(result, "hint"), report(result)
        return result

    def json(self, *arguments: str | Path, **options: Any) -> Any:
        return json.loads(self.ok(*arguments, "--json", **options).stdout)

    def listed(self, **options: Any) -> dict[str, dict[str, Any]]:
        return {entry["name"]: entry for entry in self.json("list", **options)["entries"]}

    def answer(self, name: str, **options: Any) -> dict[str, Any]:
        return json.loads(self.ok("credential-process", name, shows_secret=True, **options).stdout)

    def entries(self) -> dict[str, dict[str, Any]]:
        """The access keys as an independent reader finds them."""
        return sealed.entries(self.vault, self.passphrase)

    def vault_key(self) -> bytes:
        """As an independent reader unwraps it."""
        module = sealed.decoder()
        header = module.read_header(self.vault.read_bytes())
        return self.ledger.secret("vault key", module.unwrap(header, module.PASSPHRASE, self.passphrase))

    def generation(self) -> int:
        return int.from_bytes(self.vault.read_bytes()[32:40], "little")

    def snapshot(self, *besides: Path) -> dict[str, bytes]:
        """Everything that a refused command must leave as it was; state and locks may change."""
        found = {}
        for path in [self.data, self.path / ".aws", self.outside, *besides]:
            for file in sorted([path, *path.rglob("*")]):
                if file.name.endswith("lock") or not (file.exists() or file.is_symlink()):
                    continue
                status = file.lstat()
                content = os.readlink(file).encode() if file.is_symlink() else b""
                if file.is_file() and not file.is_symlink():
                    content = file.read_bytes()
                found[str(file)] = f"{status.st_mode:o} {status.st_uid} ".encode() + content
        return found

    def copy_to(self, root: Path) -> Home:
        """The same home at another place: vaults are made once and copied."""
        shutil.copytree(self.root, root, symlinks=True, dirs_exist_ok=True)
        copy = Home(root, self.ledger, self.passphrase, self.key)
        copy.written = set(self.written)
        return copy

    @property
    def socket(self) -> Path:
        return self.runtime / "sealring/agent.sock"

    def unlock(self, *options: str, **more: Any) -> Run:
        return self.ok("unlock", *options, **more)

    def helper(self, name: str = "prod", **options: Any) -> Run:
        """What AWS clients start. It gets no passphrase."""
        options.setdefault("shows_secret", True)
        return self(name, program=HELPER, passphrase=None, **options)

    def agent(self) -> int:
        """The process id of the agent."""
        return self.json("status", passphrase=None)["pid"]

    def end_agent(self) -> None:
        if not self.socket.exists():
            return
        status = self("status", "--json", passphrase=None)
        self("lock", "--stop", passphrase=None)
        process = json.loads(status.stdout).get("pid") if status.returncode in range(4) else None
        deadline = time.monotonic() + 10
        while process and runs(process):
            assert time.monotonic() < deadline, "the agent outlives its test"
            time.sleep(0.01)

    def collect(self) -> None:
        """Ends the agent, and hands all files that programs left behind to the ledger."""
        self.end_agent()
        shutil.rmtree(self.runtime, ignore_errors=True)
        for file in self.root.rglob("*"):
            if file.is_symlink() or not file.is_file() or file in self.open:
                continue
            content = file.read_bytes()
            if hashlib.sha256(content).digest() not in self.written:
                self.ledger.saw(f"the file {file}", content)


def runs(process: int) -> bool:
    """Whether the process is alive; one that is ended, and that nobody has waited for yet, is not."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def lines(result: Run, kind: str) -> list[str]:
    """The errors, hints or warnings of a program."""
    text = result.stderr.decode("utf-8", "strict")
    return [line for line in text.splitlines() if line.startswith(f"sealring: {kind}: ")]


def report(result: Run) -> str:
    output = (result.stdout or b"").decode(errors="replace")[:2000]
    return f"{result.args}\nexit {result.returncode}\n{output}\n{result.stderr.decode(errors='replace')[:4000]}"
