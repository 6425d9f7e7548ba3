"""What becomes of the plaintext that a key came from, and two imports at the same time."""

from __future__ import annotations

import subprocess

from support.home import PROGRAM, Home, report
from support.keys import KeyMaker
from support.straces import strace


def test_the_source_stays_when_nobody_asks_for_its_end(home: Home, keys: KeyMaker) -> None:
    file = home.csv(keys())
    home.ok("import", file, "--name", "prod", "--configure")
    assert file.exists()


def test_the_source_goes_after_the_vault_and_the_profile_are_in_place(home: Home, keys: KeyMaker) -> None:
    file = home.csv(keys())
    result, calls = strace(
        home,
        "import",
        file,
        "--name",
        "prod",
        "--configure",
        "--delete-source",
        "--force",
        options=["-e", "trace=rename,renameat,renameat2,unlink,unlinkat"],
    )
    assert result.returncode == 0, report(result)
    steps = [call for call in calls if call.result == "0"]
    renamed = [at for at, call in enumerate(steps) if call.name.startswith("rename")]
    removed = [at for at, call in enumerate(steps) if call.name.startswith("unlink") and file.name in call.arguments]
    vault = [at for at in renamed if '"vault"' in steps[at].arguments]
    config = [at for at in renamed if '"config"' in steps[at].arguments]
    assert vault and config and removed, steps
    assert vault[0] < config[0] < removed[0]
    assert not file.exists()
    warned = result.stderr.decode()
    assert "rotat" in warned, "an erased file can survive: the key is best rotated"


def test_a_source_that_is_not_sealed_is_kept(stocked: Home, keys: KeyMaker) -> None:
    file = stocked.csv(keys(), "new.csv")
    stocked.fails(73, "import", file, "--name", "prod", "--delete-source", "--force", "--no-configure")
    assert file.exists()


def test_a_source_with_skipped_rows_is_kept(home: Home, keys: KeyMaker) -> None:
    """It may be the only copy of what would be skipped."""
    file = home.write("keys.csv", keys().csv() + "AKIAx,y\r\n")
    words = ("--name", "a", "--skip-invalid", "--delete-source", "--force", "--no-configure")
    before = home.snapshot()
    home.fails(64, "import", file, *words, says="--delete-source")
    assert home.snapshot() == before


def test_a_source_with_a_key_that_the_vault_does_not_take_is_kept(stocked: Home, keys: KeyMaker) -> None:
    """It is the only place where the secret of that key is."""
    taken, good, twice, again = keys(), keys(), keys(), keys()
    head = "User Name,Access key ID,Secret access key\r\n"
    conflict = stocked.write(
        "conflict.csv", f"{head}prod,{taken.id},{taken.secret}\r\nother,{good.id},{good.secret}\r\n"
    )
    doubtful = stocked.write("doubtful.csv", f"{head}a,{twice.id},{twice.secret}\r\nb,{twice.id},{again.secret}\r\n")
    words = ("--skip-invalid", "--delete-source", "--no-configure")
    result = stocked.ok("import", conflict, doubtful, *words, "--dry-run")
    assert result.stderr.count(b"would keep") == 2, report(result)
    result = stocked.ok("import", conflict, doubtful, *words)
    assert conflict.exists() and doubtful.exists(), report(result)
    assert result.stderr.count(b"because some of its keys were left out") == 2, report(result)
    assert stocked.listed().keys() == {"prod", "other"}
    assert stocked.listed()["prod"]["access_key_id"] == stocked.key.id


def test_a_source_that_was_sealed_before_is_deleted(stocked: Home) -> None:
    file = stocked.csv(stocked.key, "again.csv")
    stocked.ok("import", file, "--delete-source", "--force", "--no-configure")
    assert not file.exists()


def test_two_imports_at_once_both_succeed(home: Home, keys: KeyMaker) -> None:
    made = {f"n{number}": keys() for number in range(4)}
    environment = home.env | {"SEALRING_PASSPHRASE_FILE": str(home.passphrase_file)}
    running = [
        subprocess.Popen(
            [PROGRAM, "import", home.csv(key, f"{name}.csv"), "--name", name, "--no-configure"],
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        for name, key in made.items()
    ]
    results = [process.communicate(timeout=60) for process in running]
    assert [process.returncode for process in running] == [0] * 4, results
    assert {name: entry["access_key_id"] for name, entry in home.entries().items()} == {
        name: key.id for name, key in made.items()
    }
    assert home.generation() == 5


def test_static_keys_of_the_same_name_are_pointed_out(home: Home, keys: KeyMaker) -> None:
    """They silently win over the profile: nothing would ever come from the vault."""
    key = keys()
    static = f"[prod]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"
    home.write(home.credentials, static)
    result = home("import", home.csv(keys()), "--name", "prod", "--configure")
    said = result.stderr.decode()
    assert ".aws/credentials" in said and "prod" in said, report(result)
    assert home.credentials.read_text() == static


def test_the_environment_of_children_holds_nothing_of_ours(home: Home, keys: KeyMaker) -> None:
    key = keys()
    log = home.root.parent / "children"
    command = f"env > {log}; cat {home.passphrase_file}"
    result, calls = strace(
        home,
        "import",
        home.csv(key),
        "--name",
        "prod",
        "--configure",
        "--passphrase-command",
        command,
        passphrase=None,
        env={"SEALRING_STATE_DIR": str(home.path / "state")},
        options=["-v", "-s", "100000", "-e", "trace=execve"],
    )
    assert result.returncode == 0, report(result)
    assert "SEALRING_" not in log.read_text()
    children = [call.arguments for call in calls][1:]
    assert children, "the passphrase command was run"
    home.ledger.saw("the children of import", "\n".join(children).encode())
    assert not any("SEALRING_" in child for child in children)


def test_a_file_of_variables_goes_only_when_it_holds_nothing_else(home: Home, keys: KeyMaker) -> None:
    key = keys()
    text = f"export AWS_ACCESS_KEY_ID={key.id}\nexport AWS_SECRET_ACCESS_KEY='{key.secret}'\n"
    file = home.write("prod.env", "NODE_ENV=x\n" + text)
    home.fails(65, "import", file, "--delete-source", "--no-configure", says="1 bad row")
    home.fails(64, "import", file, "--delete-source", "--no-configure", "--skip-invalid", says="would lose")
    assert "NODE_ENV" in file.read_text()
    home.write("prod.env", text)
    home.ok("import", file, "--delete-source", "--no-configure")
    assert not file.exists() and home.entries()["prod"]["secret_access_key"] == key.secret
