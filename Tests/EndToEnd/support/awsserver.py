"""An AWS of our own: moto, checking signatures as AWS does."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import dataclass
from pathlib import Path

import boto3

from support.keys import Key
from support.leaks import Ledger

POLICY = '{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}'


@dataclass
class AWSServer:
    url: str
    key: Key
    user: str
    process: subprocess.Popen[bytes]

    @property
    def env(self) -> dict[str, str]:
        return {
            "AWS_ENDPOINT_URL": self.url,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_PAGER": "",
            "AWS_DEFAULT_REGION": "eu-central-1",
            "AWS_MAX_ATTEMPTS": "1",
        }


def start(ledger: Ledger, log: Path) -> AWSServer:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    program = Path(sys.executable).parent / "moto_server"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "-H", "127.0.0.1", "-p", str(port)], stdin=subprocess.DEVNULL, stdout=output, stderr=output
        )
    url = f"http://127.0.0.1:{port}"
    try:
        wait_for(url, process)
        return AWSServer(url, set_up(url, ledger), "alice", process)
    except BaseException:
        process.kill()
        raise


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    for _ in range(300):
        assert process.poll() is None, "moto_server did not start"
        try:
            urllib.request.urlopen(f"{url}/moto-api/data.json", timeout=5).close()
            return
        except OSError:
            time.sleep(0.1)
    raise AssertionError("moto_server does not answer")


def set_up(url: str, ledger: Ledger) -> Key:
    """A user with a key and every right; from then on nothing is answered without a right signature."""
    session = boto3.Session("starting-up", "starting-up", region_name="eu-central-1")
    iam = session.client("iam", endpoint_url=url)
    iam.create_user(UserName="alice")
    iam.put_user_policy(UserName="alice", PolicyName="all", PolicyDocument=POLICY)
    made = iam.create_access_key(UserName="alice")["AccessKey"]
    session.client("s3", endpoint_url=url).create_bucket(
        Bucket="drawer", CreateBucketConfiguration={"LocationConstraint": "eu-central-1"}
    )
    ledger.secret("moto's secret access key", made["SecretAccessKey"].encode())
    request = urllib.request.Request(
        f"{url}/moto-api/reset-auth", data=b"0", headers={"Content-Type": "text/plain"}, method="POST"
    )
    urllib.request.urlopen(request, timeout=10).close()
    return Key(made["AccessKeyId"], made["SecretAccessKey"])
