"""Text files for the fuzzer: those of the AWS CLI, tables, settings and JSON."""

from __future__ import annotations

from pathlib import Path

SAMPLES = Path(__file__).resolve().parents[2] / "Examples" / "samples"
ID, SECRET = "AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"
OTHER_ID, OTHER_SECRET = "AKIAI44QH8DHBEXAMPLE", "je7MtGbClwBF/2Zp9Utk/h3yCo8nvbEXAMPLEKEY"
TEMPORARY = "ASIAQNZGKIQY56JQ7WML"


def configs() -> dict[str, bytes]:
    ours = "credential_process = /opt/sealring-credential-process prod\n"
    texts = {
        "default": "[default]\nregion = us-east-1\noutput = json\n",
        "profiles": f"# mine\n[default]\nregion=us-east-1\n\n[profile prod]\n{ours}region = eu-west-1\n",
        "nested": "[profile a]\ns3 =\n  max_concurrent_requests = 20\n  addressing_style = path\nregion = x\n",
        "no-final-newline": "[profile fuzzed]\nregion = eu-west-1",
        "crlf": "[profile fuzzed]\r\nregion = eu-west-1\r\n\r\n[default]\r\n",
        "cr": "[default]\rregion: eu-west-1\r",
        "bom": "\ufeff[default]\nregion = a\n",
        "foreign-process": "[profile fuzzed]\ncredential_process = /usr/bin/other --flag\n",
        "quoted": "[profile \"two words\"]\nregion = a\n[profile 'x']\n[ profile y ]\n[profile z] # z\n",
        "indented": "[profile fuzzed]\n  region = a\n  output = text\n\t; note\n",
        "twice": "[profile fuzzed]\nregion = a\nregion = b\n[profile fuzzed]\n",
        "inherited": "[DEFAULT]\nregion = a\n[profile fuzzed]\n",
        "sso": "[sso-session s]\nsso_region = a\n[profile p]\nsso_session = s\n[services v]\ns3 =\n  a = b\n",
        "static": f"[profile fuzzed]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n",
        "unreadable": "before = 1\n[profile fuzzed\nnothing\n = value\n[]\n",
        "empty-values": "[profile fuzzed]\ncredential_process =\nregion =\noutput:\n",
        "white": "[default]\n\u00a0region\u2003=\u3000x\u0085\n\x1c\n",
        "role": "[profile fuzzed]\nregion = a\nrole_arn = r\nsource_profile = p\nmfa_serial = m\n[profile p]\n",
        "role-between": (
            "[profile fuzzed]\n external_id = e\r\n\tregion = a\n s3 =\n  a = b\n role_arn : r\n # c\n\n"
            " duration_seconds=900\n role_session_name = s\n source_profile = fuzzed"
        ),
        "credentials": (
            f"[default]\naws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
            f"aws_session_token = t\n\n[user1]\naws_security_token=u\n"
        ),
    }
    return {name: text.encode() for name, text in texts.items()} | {"latin-1": b"[default]\nregion = \xe9\n"}


def tables() -> dict[str, bytes]:
    head = "Access key ID,Secret access key"
    texts = {
        "crlf": f"{head}\r\n{ID},{SECRET}\r\n{OTHER_ID},{OTHER_SECRET}\r\n",
        "quoted": f'"Access key ID","Secret access key","User name"\n"{ID}","{SECRET}","a ""b"", c"\n',
        "semicolon": f"{head.replace(',', ';')}\n{ID};{SECRET}\n",
        "token": f"{head},Session token\n{TEMPORARY},{SECRET},token==\n",
        "bom": f"\ufeff{head}\n{ID},{SECRET}\n",
        "quotes-in-secret": f'{head}\n{ID},"a""b;c,d"\n',
        "faulty-rows": f'{head}\n{ID}\n"{ID},x\n{ID},{SECRET}"x"y\n,,\n',
        "smtp": "IAM User Name,Smtp Username,Smtp Password\na,AKIA,x\n",
        "no-header": f"{ID},{SECRET}\n",
        "newline-in-field": f'{head},User name\n{ID},{SECRET},"a\nb"\n',
    }
    found = {name: text.encode() for name, text in texts.items()}
    found["utf-16-le"] = b"\xff\xfe" + f"{head}\n{ID},{SECRET}\n".encode("utf-16-le")
    found["utf-16-be"] = b"\xfe\xff" + f"{head}\n{ID},{SECRET},😀\n".encode("utf-16-be")
    return found | samples(".csv")


def settings() -> dict[str, bytes]:
    key = f"aws_access_key_id = {ID}\naws_secret_access_key = {SECRET}\n"
    texts = {
        "token": f"[temporary]\naws_access_key_id={TEMPORARY}\naws_secret_access_key={SECRET}\n"
        "aws_session_token=t\naws_security_token=t\naws_account_id = 123456789012\n",
        "config": f'[default]\n{key}region = eu-west-1\n[profile "a b"]\n{key}s3 =\n  a = b\n',
        "twice": f"[a]\n{key}{key}[a]\n{key}",
        "crlf": f"; note\r\n[a]\r\n{key}".replace("\n", "\r\n").replace("\r\r", "\r"),
        "defaults": f"[DEFAULT]\n{key}[a]\nregion = b\n",
        "continued": f"[a]\naws_access_key_id = {ID}\n  more\naws_secret_access_key =\n",
        "no-section": key,
        "comment-behind": f"[a] # a\naws_access_key_id = {ID} # x\naws_secret_access_key = {SECRET} ; y\n",
        "colon": f"[a]\nAWS_ACCESS_KEY_ID: {ID}\nAws_Secret_Access_Key : {SECRET}",
        "unreadable": f"[a\n{key}[]\nx\n= y\n",
    }
    return {name: text.encode() for name, text in texts.items()} | samples(".ini")


def documents() -> dict[str, bytes]:
    pair = f'"AccessKeyId":"{ID}","SecretAccessKey":"{SECRET}"'
    texts = {
        "process": f'{{"Version":1,{pair}}}',
        "temporary": f'{{"Credentials":{{"AccessKeyId":"{TEMPORARY}","SecretAccessKey":"{SECRET}",'
        '"SessionToken":"t","Expiration":"2026-01-31T12:00:00.5+01:00"},"Other":[1,{}]}',
        "array": f'[{{{pair}}},{{{pair},"UserName":null}}]',
        "escapes": f'{{"AccessKeyId":"{ID}","SecretAccessKey":"\\u0061\\/\\"\\\\","UserName":"\\ud83d\\ude00"}}',
        "numbers": f'{{{pair},"a":[0,-1.5e+3,1E9,true,false,null]}}',
        "deep": "[" * 16 + "]" * 16,
        "too-deep": "[" * 40,
        "twice": f'{{{pair},"a":1,"\\u0061":2}}',
        "account": f'{{{pair},"AccountId":"123456789012","Status":"Inactive"}}',
        "listing": '{"AccessKeyMetadata":[]}',
        "half-surrogate": '{"a":"\\ud800x"}',
        "wrong-kinds": '{"AccessKeyId":1,"SecretAccessKey":[]}',
        "key-pair": '{"KeyMaterial":"-----BEGIN"}',
    }
    return {name: text.encode() for name, text in texts.items()} | samples(".json")


def samples(suffix: str) -> dict[str, bytes]:
    return {f"sample-{path.stem}": path.read_bytes() for path in SAMPLES.glob(f"*{suffix}")}
