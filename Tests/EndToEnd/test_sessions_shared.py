"""A session is fetched once for all who want it, and nobody waits for ever."""

from __future__ import annotations

import subprocess
import threading
import time
from concurrent.futures import ThreadPoolExecutor

from support import stub
from support.home import HELPER, Home, report
from support.person import Person
from support.profiles import ADMIN as ROLE
from support.profiles import SERIAL
from support.sessions import SEED
from support.stub import Answer, Stub
from support.waiting import wait_until


def test_fifty_helpers_make_one_request(roles: Home, service: Stub) -> None:
    service.then(lambda _: time.sleep(1))
    with ThreadPoolExecutor(50) as pool:
        results = list(pool.map(lambda _: roles.helper("admin"), range(50)))
    assert {result.returncode for result in results} == {0}, [report(result) for result in results if result.returncode]
    assert len({result.stdout for result in results}) == 1 and service.count("AssumeRole") == 1


def test_fifty_helpers_share_one_refusal(roles: Home, service: Stub) -> None:
    started = threading.Event()

    def refuse(_: stub.Request) -> Answer:
        started.wait(6)
        return stub.error("AccessDenied", "User: alice is not authorized to perform: sts:AssumeRole")

    service.always = refuse
    with ThreadPoolExecutor(50) as pool:
        running = [pool.submit(roles.helper, "admin") for _ in range(50)]
        # Each of them is a process of a millisecond until it waits for the answer.
        time.sleep(2)
        started.set()
        results = [each.result() for each in running]
    assert {result.returncode for result in results} == {77}
    assert all(b"may not assume " + ROLE.encode() in result.stderr and result.stdout == b"" for result in results)
    # Those that were started late may have come after the first answer.
    assert service.count("AssumeRole") <= 3


def test_a_helper_that_dies_with_the_lease_leaves_it_to_the_next(roles: Home, service: Stub) -> None:
    service.then(Answer(200, b"", delay=8))
    first = subprocess.Popen(
        [HELPER, "admin"], env=roles.env, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE
    )
    wait_until(lambda: service.requests, 20)
    with ThreadPoolExecutor(1) as pool:
        second = pool.submit(roles.helper, "admin")
        time.sleep(0.5)
        first.kill()
        first.communicate()
        start = time.monotonic()
        assert second.result().returncode == 0, report(second.result())
    assert time.monotonic() - start < 3


def test_twenty_callers_without_an_agent_make_one_request(roles: Home, service: Stub) -> None:
    seed = roles.write("seed", SEED)
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL, "--seed-file", seed, "--force")
    roles.end_agent()
    service.then(lambda _: time.sleep(1))
    with ThreadPoolExecutor(20) as pool:
        answers = list(pool.map(lambda _: roles.answer("admin"), range(20)))
    assert len({answer["AccessKeyId"] for answer in answers}) == 1
    assert (service.count("GetSessionToken"), service.count("AssumeRole")) == (1, 1)


def test_nobody_without_an_agent_waits_for_a_person(roles: Home, service: Stub) -> None:
    roles.ok("mfa", "set", "prod", "--mfa-serial", SERIAL)
    roles.ok(
        "add",
        "plain",
        "--access-key-id",
        roles.key.id,
        "--secret-file",
        roles.write("plain", roles.key.secret),
        "--force",
    )
    roles.ok("set", "plain", "--sts-endpoint", service.url, "--serve", "session")
    roles.end_agent()
    person = Person(
        roles, "session", "admin", "--no-agent", env={"SEALRING_PASSPHRASE_FILE": str(roles.passphrase_file)}
    )
    person.asked(f"MFA code for admin ({SERIAL}): ")
    # AWS is not being asked yet, and the line of progress from before is gone.
    assert f"deriving the key ...\r\x1b[KMFA code for admin ({SERIAL}): ".encode() in person.shown.getvalue()
    start = time.monotonic()
    assert roles.answer("plain")["AccessKeyId"].startswith("ASIA") and time.monotonic() - start < 10
    person.types(b"123456")
    assert person.ends() == 0 and service.codes == {"123456"}


def test_a_client_waits_20_seconds_at_most(roles: Home, service: Stub) -> None:
    """However many roles there are, and however slow AWS is."""
    for number in range(2, 7):
        roles.ok(
            "role", "add", f"r{number}", "--role-arn", ROLE, "--source", "admin" if number == 2 else f"r{number - 1}"
        )
    service.always = lambda _: time.sleep(5)
    start = time.monotonic()
    result = roles.helper("r6")
    assert result.returncode == 69 and b"did not answer in time" in result.stderr, report(result)
    assert 15 < time.monotonic() - start < 23
