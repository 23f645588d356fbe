"""A real S3 server for the tests: SeaweedFS on loopback, in a folder of its own."""

import contextlib
import json
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

KEY, SECRET = "tests", "tests-secret"


@contextlib.contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Run the server; yields its address once it keeps what it is given."""
    users = folder / "s3.json"
    identity = {"name": "t", "credentials": [{"accessKey": KEY, "secretKey": SECRET}], "actions": ["Admin"]}
    users.write_text(json.dumps({"identities": [identity]}))
    ports = dict(zip(("master", "volume", "filer", "s3"), _ports(4), strict=True))
    command = [str(Path(sys.executable).parent / "weed"), "server", "-ip=127.0.0.1", "-ip.bind=127.0.0.1",
               f"-dir={folder}", "-master.volumeSizeLimitMB=64", "-volume.max=8", "-filer", "-s3",
               f"-s3.config={users}", *(f"-{name}.port={port}" for name, port in ports.items())]  # fmt: skip
    with (folder / "weed.log").open("wb") as log:
        process = subprocess.Popen(command, stdout=log, stderr=log)
    try:
        address = f"http://127.0.0.1:{ports['s3']}"
        _until_it_keeps(address, process, folder)
        yield address
    finally:
        process.kill()
        process.wait()


def client(address: str) -> Any:
    settings = Config(retries={"max_attempts": 1}, connect_timeout=2)
    return boto3.client("s3", endpoint_url=address, aws_access_key_id=KEY, aws_secret_access_key=SECRET,
                        region_name="us-east-1", config=settings)  # fmt: skip


def _until_it_keeps(address: str, process: subprocess.Popen[bytes], folder: Path) -> None:
    s3, end = client(address), time.monotonic() + 60
    while True:
        try:
            s3.create_bucket(Bucket="resguardo")
            s3.put_object(Bucket="resguardo", Key="ready", Body=b"1")
            return
        except (BotoCoreError, ClientError) as error:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError((folder / "weed.log").read_text()[-2000:]) from error
            time.sleep(0.3)


def _ports(count: int) -> list[int]:
    """Free ports low enough that the server's own gRPC port, 10,000 above each, exists too."""
    found: list[int] = []
    for port in range(21_000, 44_000, 7):
        with socket.socket() as probe, socket.socket() as upper:
            try:
                probe.bind(("127.0.0.1", port))
                upper.bind(("127.0.0.1", port + 10_000))
            except OSError:
                continue
        found.append(port)
        if len(found) == count:
            return found
    raise RuntimeError("no free ports")
