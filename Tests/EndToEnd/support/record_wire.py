"""Records conversations between the installed programs and their agent into Tests/Vectors/wire.

The files show what the programs of one version send, so that other versions can be tested against them. Record only
a released version, and keep the earlier recordings:

    SEALRING_BIN_DIR=… python -m support.record_wire     (in Tests/EndToEnd)
"""

from __future__ import annotations

import os
import socket
import tempfile
from pathlib import Path

from support import frames, wire_scene
from support.home import CHEAPEST, Home, report
from support.leaks import Ledger
from support.wire import FOLDER, Conversation, Message

HELPER = "sealring-credential-process"
CONVERSATIONS = [
    Conversation("status-unlocked", "The status of an agent that has the vault open.", "unlocked",
                 ["sealring", "status", "--json"]),
    Conversation("status-locked", "The status of a locked agent.", "locked", ["sealring", "status", "--json"]),
    Conversation("lock", "A lock.", "unlocked", ["sealring", "lock"]),
    Conversation("lock-locked", "A lock of a locked agent.", "locked", ["sealring", "lock"]),
    Conversation("stop", "A lock that ends the agent.", "unlocked", ["sealring", "lock", "--stop"]),
    Conversation("credentials", "An entry's credentials.", "unlocked", [HELPER, "prod"]),
    Conversation("credentials-with-token", "Temporary credentials.", "unlocked", [HELPER, "session"]),
    Conversation("credentials-locked", "Credentials while the agent is locked.", "locked", [HELPER, "prod"]),
    Conversation("credentials-no-entry", "Credentials of a name that is not there.", "unlocked", [HELPER, "none"]),
    Conversation("credentials-other-vault", "Credentials from a vault that the agent does not serve.", "unlocked",
                 ["SEALRING_VAULT=/another/vault", HELPER, "prod"]),
    Conversation("credentials-code-needed", "Credentials of a role that takes the code of an MFA device.", "unlocked",
                 [HELPER, "admin"]),
    Conversation("credentials-sealring", "An entry's credentials, asked for by sealring itself.", "unlocked",
                 ["sealring", "credential-process", "session"]),
    Conversation("credentials-sealring-locked", "The same while the agent is locked.", "locked",
                 ["sealring", "credential-process", "session"]),
]  # fmt: skip


def ask(home: Home, request: Message, state: str) -> list[Message]:
    """What a real agent in that state answers."""
    home.unlock()
    if state == "locked":
        home.ok("lock", passphrase=None)
    found = []
    process = home.agent()
    with frames.connect(home.socket) as connection:
        connection.sendall(request.encoded(home))
        connection.shutdown(socket.SHUT_WR)
        while (answer := frames.read(connection)) is not None:
            if answer.kind == frames.STATE:
                assert answer.fields[0] == frames.u32(process)
            found.append(Message.decoded(answer, home))
    home.end_agent()
    return found


def record(home: Home, conversation: Conversation) -> None:
    """Replays the conversation to the program until it asks nothing new, and has a real agent answer what is new."""
    while True:
        with wire_scene.repeating(home, conversation) as requests:
            result = wire_scene.run(home, conversation)
        new = [Message.decoded(request, home) for request in requests]
        new = [request for request in new if request not in conversation.requests]
        if not new:
            break
        answers = ask(home, new[0], conversation.agent)
        conversation.messages += [("request", new[0]), *(("answer", answer) for answer in answers)]
    conversation.exit, conversation.stdout = result.returncode, wire_scene.shown(home, result)
    print(report(result))


def main() -> None:
    with tempfile.TemporaryDirectory(prefix="sealring-wire-") as folder:
        home = Home(Path(folder) / "h", Ledger())
        home.write(home.passphrase_file, "a passphrase of the recording\n")
        home.ok("init", *CHEAPEST, "--no-recovery-code")
        wire_scene.furnish(home)
        assert not ask(home, wire_scene.UNKNOWN, "unlocked"), "an agent closes the connection on an unknown request"
        for conversation in CONVERSATIONS:
            record(home, conversation)
            FOLDER.mkdir(parents=True, exist_ok=True)
            (FOLDER / f"{conversation.name}.txt").write_text(conversation.text())
        home.collect()


if __name__ == "__main__":
    os.umask(0o077)
    main()
