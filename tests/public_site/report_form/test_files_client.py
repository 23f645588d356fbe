"""Files in a browser: it takes what the server takes, reads the same place and time, and what it seals opens."""

import base64
import hashlib
import json
import subprocess
from pathlib import Path

from registry.reports import files
from registry.reports.payload import FileType, Manifest
from tests import node
from tests.channel import pictures
from tests.public_site.report_form import vectors

SCRIPT = Path(__file__).parent / "client" / "files.js"


def test_the_page_takes_and_reads_what_the_server_does_and_its_files_open() -> None:
    good = [pictures.jpeg(), pictures.png(), pictures.webp(), pictures.heic(), pictures.pdf(), pictures.m4a()]
    every = [*good, *pictures.wrong().values(), b"", b"\xff"]
    asked = {"files": [base64.b64encode(one).decode() for one in every], "keys": list(vectors.keys(30))}
    told = subprocess.run([node.NODE, SCRIPT], input=json.dumps(asked).encode(), capture_output=True, check=True)
    for data, said in zip(every, json.loads(told.stdout), strict=True):
        assert said["kind"] == files.sniffed(data)
        sealed = base64.b64decode(said["sealed"])
        if data:
            named = Manifest("file-1.pdf", FileType.PDF, len(data), hashlib.sha256(data).hexdigest())
            assert files.carried(sealed, 3) and files.open_sealed(sealed, [vectors.identity(31)], named) == data
    for data, said in zip(good[:4], json.loads(told.stdout), strict=False):
        assert not said["bare"] or not any(one in base64.b64decode(said["bare"]) for one in (b"Exif", b"xmp", b"JFXX"))
        assert said["taken"] == f"{pictures.TIME} · {pictures.PLACE}" == files.taken(data, said["kind"])
