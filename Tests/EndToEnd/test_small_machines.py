"""Limits of memory, as batch systems and containers set them: what fits is taken, the rest is said with figures."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from support.home import CHEAPEST, PROGRAM, Home, lines, report
from support.users import AS_NOBODY

MIB = 1 << 20
GROUPS = Path("/sys/fs/cgroup")


def memory(home: Home) -> int:
    """MiB of the vault's derivation."""
    return int.from_bytes(home.vault.read_bytes()[148:152], "little") >> 10


@pytest.fixture
def group() -> Iterator[list[str]]:
    """The words that run a program in a control group of 128 MiB."""
    version1 = (GROUPS / "memory/memory.limit_in_bytes").exists()
    folder = (GROUPS / "memory" if version1 else GROUPS) / f"sealring-test-{os.getpid()}"
    try:
        folder.mkdir()
    except OSError as error:
        pytest.skip(f"no control group can be made: {error}")
    try:
        try:
            (folder / ("memory.limit_in_bytes" if version1 else "memory.max")).write_text("128M")
            probe = subprocess.run(["sh", "-c", f"echo $$ > {folder}/cgroup.procs"], capture_output=True)
        except OSError as error:
            pytest.skip(f"no limit can be set: {error}")
        if probe.returncode != 0:
            pytest.skip(f"no process can be put into a control group: {probe.stderr.decode()}")
        yield ["sh", "-c", f'echo $$ > {folder}/cgroup.procs && exec "$@"', "sh"]
    finally:
        folder.rmdir()


def test_a_container_gets_what_fits_into_it(bare: Home, group: list[str]) -> None:
    result = bare.ok("init", "--no-recovery-code", under=group)
    assert memory(bare) == 64
    assert "64 MiB instead of 512, to fit into 128 MiB (limit of the container" in result.stderr.decode()
    bare.ok("list", under=group)
    # A vault of a larger machine.
    large = bare.outside / "large"
    bare.ok("init", "--vault", large, "--no-recovery-code", "--kdf-memory", "128", "--kdf-passes", "3")
    bare.fails(
        71,
        "list",
        "--vault",
        large,
        under=group,
        hints="sealring passwd --kdf-memory",
        says="needs 144 MiB, 128 MiB available (limit of the container or control group)",
    )
    client = bare("credential-process", "--vault", large, "prod", under=group)
    assert client.returncode == 71 and client.stderr.startswith(b"sealring: not enough memory: "), report(client)
    assert client.stderr.count(b"\n") == 1


def test_init_takes_what_the_address_space_leaves(bare: Home) -> None:
    under = ("prlimit", f"--as={200 * MIB}")
    result = bare.ok("init", "--no-recovery-code", under=under)
    assert memory(bare) == 64
    assert "64 MiB instead of 512, to fit into 200 MiB (limit of 'ulimit -v')" in result.stderr.decode()


def test_what_does_not_fit_is_told_before_there_is_a_vault(bare: Home) -> None:
    for options in ((), CHEAPEST, ("--kdf-memory", "512")):
        result = bare.fails(
            71,
            "init",
            "--no-recovery-code",
            *options,
            under=("prlimit", f"--as={90 * MIB}"),
            says="not enough memory: deriving the key needs",
            hints="--kdf-memory",
        )
        assert "MiB available (limit of 'ulimit -v')" in lines(result, "error")[0]
        assert "passwd" not in result.stderr.decode(), "there is no vault whose passphrase could be changed"
        assert not bare.vault.exists()


def test_a_vault_of_a_larger_machine_is_recovered_on_a_small_one(bare: Home) -> None:
    """The recovery code needs no memory, and a new passphrase may have a cost of its own."""
    code, new = bare.outside / "code", bare.new_passphrase()
    bare.ok("init", "--recovery-code-file", code, "--kdf-memory", "128", "--kdf-passes", "3")
    bare.ledger.secret("recovery code", code.read_bytes().strip())
    bare.write(code, code.read_bytes())
    words = ("recover", "--code-file", code, "--new-passphrase-file", new)
    under = ("prlimit", f"--as={150 * MIB}")
    bare.fails(71, *words, under=under, passphrase=None, hints="--kdf-memory")
    bare.ok(*words, "--kdf-memory", "64", under=under, passphrase=None)
    assert memory(bare) == 64
    bare.ok("list", under=under, passphrase=new)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become the user of the fixture")
def test_little_memory_that_can_be_locked(nobodys: Home) -> None:
    """64 KiB, as older systems allow: a small vault is made and read; what does not fit is said with figures."""
    program = nobodys.root.parent / "bin" / "sealring"
    under = (*AS_NOBODY, "prlimit", "--memlock=65536:65536", "--")
    answer = nobodys("credential-process", "prod", program=program, under=under, shows_secret=True)
    assert answer.returncode == 0 and answer.stderr == b"", report(answer)
    made = nobodys(
        "init", *CHEAPEST, "--no-recovery-code", "--vault", nobodys.path / "other", program=program, under=under
    )
    assert made.returncode == 0, report(made)
    before = nobodys.vault.read_bytes()
    nobodys.fails(
        71,
        "set",
        "prod",
        "--note",
        "x",
        program=program,
        under=under,
        hints="ulimit -l",
        says="KiB of memory against swapping (of 64 KiB allowed)",
    )
    assert nobodys.vault.read_bytes() == before


def test_forty_clients_without_an_agent_take_turns(stocked: Home) -> None:
    environment = stocked.env | {"SEALRING_PASSPHRASE_FILE": str(stocked.passphrase_file)}
    running = [
        subprocess.Popen(
            [PROGRAM, "credential-process", "prod"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for _ in range(40)
    ]
    answers = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 40, answers[0][1]
    assert len(set(answers)) == 1 and answers[0][1] == b""
