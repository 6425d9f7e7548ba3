"""Programs of this version and the previous one understand each other: after an upgrade, a running agent can still
report its status, give out credentials and, above all, be locked."""

from __future__ import annotations

from pathlib import Path

import pytest

from support import frames, wire
from support.home import Home, report
from support.pinentry import DECLINES, asked, pinentry
from support.wire import Conversation, Message
from support.wire_scene import furnish, repeating, run, shown

CONVERSATIONS = {conversation.name: conversation for conversation in wire.conversations()}
LOCKED = CONVERSATIONS["credentials-locked"]


@pytest.fixture(scope="module")
def furnished_template(vault_template: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    home = vault_template.copy_to(tmp_path_factory.mktemp("furnished") / "h")
    furnish(home)
    home.collect()
    return home


@pytest.fixture
def furnished(furnished_template: Home, tmp_path: Path) -> Home:
    home = furnished_template.copy_to(tmp_path / "h")
    yield home
    home.collect()


def test_each_request_is_recorded_with_its_refusals() -> None:
    kinds = {message.kind for conversation in CONVERSATIONS.values() for _, message in conversation.messages}
    assert kinds >= {frames.STATUS, frames.LOCK, frames.STOP, frames.CREDENTIALS}
    assert kinds >= {frames.DONE, frames.STATE, frames.JSON, frames.ERROR, frames.CODE_NEEDED}
    assert {conversation.agent for conversation in CONVERSATIONS.values()} == {"locked", "unlocked"}
    assert {conversation.exit for conversation in CONVERSATIONS.values()} == {0, 66, 77}


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_a_recording_is_read_and_written_alike(name: str) -> None:
    assert CONVERSATIONS[name].text() == (wire.FOLDER / f"{name}.txt").read_text()


def agree(then: Message, now: Message) -> bool:
    """Whether the previous version reads both answers as the same."""
    if then.kind == frames.ERROR:
        (code, _, cure), (code_now, message_now, cure_now) = then.fields, now.fields
        # The previous version's helper recognizes a locked vault by this hint.
        is_same_cure = cure == cure_now or cure.value != "run 'sealring unlock'"
        texts = [str(field.value) for field in (message_now, cure_now)]
        return code == code_now and is_same_cure and all(0 < len(text.encode()) <= 512 for text in texts)
    if then.kind == frames.STATE:
        *facts, protections = [field.value for field in then.fields]
        *facts_now, protections_now = [field.value for field in now.fields]
        # The two times at which it locks differ, but both are set or both are not.
        is_same = [bool(fact) for fact in facts[4:6]] == [bool(fact) for fact in facts_now[4:6]]
        names, names_now = (
            {line.split("=")[0] for line in str(lines).split("\n")} for lines in (protections, protections_now)
        )
        return is_same and facts[:4] + facts[6:] == facts_now[:4] + facts_now[6:] and names <= names_now
    return then == now


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_the_agent_answers_requests_of_the_previous_version(furnished: Home, name: str) -> None:
    conversation = CONVERSATIONS[name]
    furnished.unlock()
    if conversation.agent == "locked":
        furnished.ok("lock", passphrase=None)
    for request in conversation.requests:
        expected = conversation.answers(request)
        with frames.connect(furnished.socket) as connection:
            connection.sendall(request.encoded(furnished))
            for then in expected:
                answer = frames.read(connection)
                assert answer is not None and answer.kind == then.kind, answer
                # Exactly these fields: the previous version rejects an answer with more.
                assert agree(then, Message.decoded(answer, furnished)), answer
    helper = furnished.helper("session")
    assert helper.returncode == (
        77
        if {frames.LOCK, frames.STOP} & {request.kind for request in conversation.requests}
        or conversation.agent == "locked"
        else 0
    ), report(helper)


@pytest.mark.parametrize("name", CONVERSATIONS)
def test_programs_understand_answers_of_the_previous_version(furnished: Home, name: str) -> None:
    conversation = CONVERSATIONS[name]
    with repeating(furnished, conversation) as requests:
        result = run(furnished, conversation)
    assert shown(furnished, result) == conversation.stdout, report(result)
    if conversation.program[1:2] != ["status"]:
        assert result.returncode == conversation.exit, report(result)
    if conversation.exit:
        assert result.stderr.startswith(b"sealring: "), report(result)
    # It may send other requests first, but must send this one as the previous version did.
    last = conversation.requests[-1].encoded(furnished)
    assert last in [frames.frame(request.kind, *request.fields) for request in requests]


def test_the_helper_prompts_when_an_agent_of_the_previous_version_is_locked(furnished: Home) -> None:
    both = Conversation("both", "", "locked", LOCKED.program)
    both.messages = LOCKED.messages + CONVERSATIONS["status-locked"].messages
    with repeating(furnished, both):
        furnished.helper(env=pinentry(furnished, DECLINES))
    assert asked(furnished) == 1
