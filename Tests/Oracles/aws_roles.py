"""Both AWS files with roles that stand in either of them, or in both, and how botocore joins them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import botocore.exceptions
import botocore.session

from aws_file_maker import BASE32, NAMES, Maker

ROLE = ["role_arn", "source_profile", "mfa_serial", "external_id", "duration_seconds", "role_session_name", "region"]


class RoleMaker(Maker):
    """Makes pairs of files of one seed."""

    def roles(self) -> tuple[bytes, bytes]:
        """The config and the credentials file of profiles whose roles stand in either, or in both."""
        files: list[list[str]] = [[], []]
        for name in self.random.sample([name for name in NAMES if name != "DEFAULT"], 4) + ["DEFAULT"] * self.chance(
            10
        ):
            blocks: list[list[str]] = [[], []]
            for setting in ROLE:
                value = self.one("eu-west-1", "us-east-1") if setting == "region" else self.text(BASE32, 6)
                for block in blocks:
                    if self.chance(45 if setting in ROLE[:2] and name != "DEFAULT" else 15):
                        block.append(self.setting(setting, self.one(value, value, value, self.text(BASE32, 5), ""), ""))
            for kind, block in enumerate(blocks):
                if block or self.chance(50):
                    self.random.shuffle(block)
                    inside = (
                        f"profile {self.quoted(name)}" if kind == 0 and name not in ("default", "DEFAULT") else name
                    )
                    files[kind] += [f"[{inside}]", *block, *self.nested("") * self.chance(10)]
        texts = ["".join(line + "\n" for line in lines) for lines in files]
        if self.chance(10):
            at = self.random.randrange(2)
            texts[at] = self.damaged(texts[at])
        return texts[0].encode(), texts[1].encode()


def ask_botocore_for_roles(config: bytes, credentials: bytes, folder: Path) -> dict[str, dict[str, Any]] | None:
    """The profiles of both files as botocore joins them; None when it reads nothing."""
    (folder / "config").write_bytes(config)
    (folder / "credentials").write_bytes(credentials)
    session = botocore.session.Session()
    session.set_config_variable("config_file", str(folder / "config"))
    session.set_config_variable("credentials_file", str(folder / "credentials"))
    try:
        return session.full_config["profiles"]
    except botocore.exceptions.ConfigParseError:
        return None
