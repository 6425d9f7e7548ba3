"""Other tools that hand a sealed secret to a program, each set up so that a call needs no person."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

PASSPHRASE = "a passphrase of a benchmark"
# What sets up a tool asks nobody, and ends.
SECONDS = 60
KEYRING_IS_OPEN = "gnome-keyring has the login keyring unlocked"


@dataclass
class Peer:
    """A tool, and the command that prints the credentials."""

    name: str
    command: list[str | Path]
    #: Why a call asks nobody.
    reason: str


class Place:
    """The home that all tools share, with what they are to print."""

    def __init__(self, home: Path, environment: dict[str, str], answer: bytes, processes: ExitStack) -> None:
        self.home = home
        self.environment = environment
        self.answer = answer
        self.processes = processes

    def run(self, *words: str | Path, input: bytes = b"", environment: Mapping[str, str] | None = None) -> bytes:
        done = subprocess.run(
            words,
            input=input,
            env=self.environment | dict(environment or {}),
            cwd=self.home,
            capture_output=True,
            timeout=SECONDS,
        )
        if done.returncode != 0:
            lines = (done.stderr or done.stdout).decode(errors="replace").strip().splitlines()
            raise RuntimeError(f"{Path(words[0]).name} ended with {done.returncode}: {(lines or ['no message'])[-1]}")
        return done.stdout

    def serve(self, *words: str | Path, input: bytes = b"") -> str:
        """Starts something that serves until the end; gives its first line."""
        process = subprocess.Popen(
            words,
            env=self.environment,
            cwd=self.home,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self.processes.callback(end, process)
        assert process.stdin is not None and process.stdout is not None
        process.stdin.write(input)
        process.stdin.close()
        if not select.select([process.stdout], [], [], SECONDS)[0]:
            raise RuntimeError(f"{words[0]} does not start")
        return process.stdout.readline().decode().strip()


def end(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def plain(place: Place) -> Peer:
    file = place.home / "plaintext.json"
    file.write_bytes(place.answer)
    file.chmod(0o600)
    return Peer("`cat`", ["/bin/cat", file], "the file is plaintext")


def age(place: Place) -> Peer:
    identity, sealed = place.home / "age-identity", place.home / "credentials.age"
    place.run("age-keygen", "-o", identity)
    recipient = place.run("age-keygen", "-y", identity).decode().strip()
    place.run("age", "--recipient", recipient, "--output", sealed, input=place.answer)
    return Peer(
        "`age --decrypt`",
        [program("age"), "--decrypt", "--identity", identity, sealed],
        "age has no agent: the identity file is plaintext",
    )


def gpg_agent(place: Place) -> None:
    """An agent of GnuPG that keeps passphrases for as long as the benchmark takes."""
    folder = place.home / ".gnupg"
    if folder.exists():
        return
    folder.mkdir(mode=0o700)
    place.processes.callback(place.run, "gpgconf", "--kill", "all")
    week = 7 * 24 * 3600
    (folder / "gpg-agent.conf").write_text(f"allow-preset-passphrase\ndefault-cache-ttl {week}\nmax-cache-ttl {week}\n")


def gpg_key(place: Place, user: str, passphrase: str) -> str:
    """A key of the default kind, whose passphrase the agent has; gives its fingerprint."""
    gpg_agent(place)
    list_keys = ("gpg", "--batch", "--with-colons", "--with-keygrip", "--list-secret-keys", user)
    try:
        listed = place.run(*list_keys).decode().splitlines()
    except RuntimeError:
        making = ("gpg", "--batch", "--pinentry-mode", "loopback", "--passphrase", passphrase)
        place.run(*making, "--quick-generate-key", user, "default", "default", "never")
        listed = place.run(*list_keys).decode().splitlines()
        if passphrase:
            preset = Path(place.run("gpgconf", "--list-dirs", "libexecdir").decode().strip()) / "gpg-preset-passphrase"
            for line in listed:
                if line.startswith("grp:"):
                    place.run(preset, "--preset", line.split(":")[9], input=passphrase.encode())
    return next(line.split(":")[9] for line in listed if line.startswith("fpr:"))


def gpg(place: Place) -> Peer:
    sealed, key = place.home / "credentials.gpg", gpg_key(place, "sealed@example.org", PASSPHRASE)
    place.run(
        *("gpg", "--batch", "--trust-model", "always", "--encrypt", "--recipient", key, "--output", sealed),
        input=place.answer,
    )
    words: list[str | Path] = [program("gpg"), "--batch", "--quiet", "--decrypt", sealed]
    return Peer("`gpg --decrypt`", words, "gpg-agent has the key's passphrase")


def password_store(place: Place) -> Peer:
    place.run("pass", "init", gpg_key(place, "sealed@example.org", PASSPHRASE))
    place.run("pass", "insert", "--multiline", "aws/prod", input=place.answer)
    return Peer("`pass show`", [program("pass"), "show", "aws/prod"], "gpg-agent has the key's passphrase")


def open_password_store(place: Place) -> Peer:
    place.run("pass", "init", gpg_key(place, "sealed@example.org", PASSPHRASE))
    place.run("pass", "init", "--path=open", gpg_key(place, "open@example.org", ""))
    place.run("pass", "insert", "--multiline", "open/prod", input=place.answer)
    return Peer(
        "`pass show` with a key without a passphrase", [program("pass"), "show", "open/prod"], "the key is plaintext"
    )


def secret_service(place: Place) -> None:
    """A session bus, and on it gnome-keyring with its login keyring unlocked."""
    if "DBUS_SESSION_BUS_ADDRESS" in place.environment:
        return
    address = place.serve("dbus-daemon", "--session", "--nofork", "--print-address=1")
    place.environment["DBUS_SESSION_BUS_ADDRESS"] = address
    runtime = place.home / "runtime"
    runtime.mkdir(mode=0o700)
    place.environment["XDG_RUNTIME_DIR"] = str(runtime)
    place.serve(
        "gnome-keyring-daemon", "--foreground", "--unlock", "--components=secrets", input=PASSPHRASE.encode() + b"\n"
    )


def secret_tool(place: Place) -> Peer:
    secret_service(place)
    place.run("secret-tool", "store", "--label=AWS", "service", "aws", "username", "prod", input=place.answer)
    words: list[str | Path] = [program("secret-tool"), "lookup", "service", "aws", "username", "prod"]
    return Peer("`secret-tool lookup`", words, KEYRING_IS_OPEN)


def python_keyring(place: Place) -> Peer:
    secret_service(place)
    # As it is installed, with the Python of the system.
    keyring = ("/usr/bin/python3", "-m", "keyring", "--keyring-backend", "keyring.backends.SecretService.Keyring")
    place.run(*keyring, "set", "sealed-aws", "prod", input=place.answer)
    return Peer(
        "`python3 -m keyring get`",
        [*keyring, "get", "sealed-aws", "prod"],
        KEYRING_IS_OPEN,
    )


def aws_vault(place: Place) -> Peer:
    keys = json.loads(place.answer)
    place.environment |= {"AWS_VAULT_BACKEND": "file", "AWS_VAULT_FILE_PASSPHRASE": PASSPHRASE}
    given = {"AWS_ACCESS_KEY_ID": keys["AccessKeyId"], "AWS_SECRET_ACCESS_KEY": keys["SecretAccessKey"]}
    place.run("aws-vault", "add", "--env", "prod", environment=given)
    words: list[str | Path] = [program("aws-vault"), "export", "--no-session", "--format=json", "prod"]
    return Peer("`aws-vault export --no-session`", words, "file backend, its passphrase is in the environment")


def granted(place: Place) -> Peer:
    secret_service(place)
    keys = json.loads(place.answer)
    folder, settings = place.home / ".aws", place.home / ".granted"
    folder.mkdir(exist_ok=True)
    settings.mkdir(exist_ok=True)
    with (folder / "config").open("a") as config:
        config.write("[profile granted]\nregion = eu-central-1\n")
    (folder / "credentials").write_text(
        f"[granted]\naws_access_key_id = {keys['AccessKeyId']}\naws_secret_access_key = {keys['SecretAccessKey']}\n"
    )
    # Its file backend asks for a passphrase each time.
    (settings / "config").write_text(
        'DefaultBrowser = "STDOUT"\n[Keyring]\nBackend = "secret-service"\nLibSecretCollectionName = "login"\n'
    )
    place.run("granted", "credentials", "import", "granted")
    words: list[str | Path] = [program("granted"), "credential-process", "--profile", "granted"]
    return Peer("`granted credential-process`", words, KEYRING_IS_OPEN)


def program(name: str) -> str:
    found = shutil.which(name)
    assert found is not None, f"{name} is not in PATH"
    return found


@dataclass
class Tool:
    name: str
    needs: tuple[str, ...]
    set_up: Callable[[Place], Peer]

    def missing(self) -> list[str]:
        return [name for name in self.needs if shutil.which(name, path=os.environ.get("PATH")) is None]


TOOLS = (
    Tool("cat", (), plain),
    Tool("age", ("age", "age-keygen"), age),
    Tool("gpg", ("gpg", "gpgconf"), gpg),
    Tool("pass", ("gpg", "gpgconf", "pass"), password_store),
    Tool("pass without a passphrase", ("gpg", "gpgconf", "pass"), open_password_store),
    Tool("secret-tool", ("dbus-daemon", "gnome-keyring-daemon", "secret-tool"), secret_tool),
    Tool("Python keyring", ("dbus-daemon", "gnome-keyring-daemon", "keyring"), python_keyring),
    Tool("aws-vault", ("aws-vault",), aws_vault),
    Tool("granted", ("dbus-daemon", "gnome-keyring-daemon", "granted"), granted),
)
# What --install gets; aws-vault and granted are in no Debian release.
PACKAGES = ("pass", "gnupg", "age", "libsecret-tools", "gnome-keyring", "dbus-x11", "python3-keyring")
