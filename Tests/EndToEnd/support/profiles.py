"""Profiles as people have them in the files of the AWS CLI, and as ours."""

from __future__ import annotations

from support.home import PROGRAM
from support.keys import Key

ADMIN = "arn:aws:iam::123456789012:role/Admin"
MIDDLE = "arn:aws:iam::123456789012:role/Middle"
SERIAL = "arn:aws:iam::123456789012:mfa/alice"
ADMIN_PROFILE = f"[profile admin]\nrole_arn = {ADMIN}\n"
COMMAND = f"credential_process = {PROGRAM}-credential-process prod"
# What botocore makes of the file: the command and the region of a profile, and all profiles.
READ = """
import botocore.session, json, sys
session = botocore.session.Session(profile=sys.argv[1])
config = session.get_scoped_config()
print(json.dumps([config.get("credential_process"), config.get("region"), session.full_config["profiles"]]))
"""


def plaintext(profile: str, key: Key) -> str:
    return f"[{profile}]\naws_access_key_id = {key.id}\naws_secret_access_key = {key.secret}\n"


def block(profile: str, key: Key) -> str:
    token = f"aws_session_token = {key.token}\n" if key.token else ""
    return f"[{profile}]\naws_access_key_id = {key.id}\naws_secret_access_key={key.secret}\n{token}"
