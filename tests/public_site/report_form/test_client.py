"""The browser's half of the channel: node runs it against our vectors, and what it seals opens with pyrage and age."""

import json
import secrets
import shutil
import subprocess
from pathlib import Path

import msgspec
import pytest

from registry.authorities import directory as directories
from registry.core import crypto
from registry.core.errors import Invalid
from registry.reports import envelope
from registry.reports.code import derive, new_code
from tests import node
from tests.public_site.report_form import vectors

CLIENT = Path(__file__).parent / "client"


def test_the_client_modules_keep_what_they_promise() -> None:
    node.run(CLIENT)


def test_the_vectors_are_what_the_register_writes_now() -> None:
    kept = json.loads(vectors.FILE.read_text())
    assert kept == json.loads(json.dumps(vectors.made(kept["reply"])))
    said = kept["reply"]
    assert envelope.open_reply(crypto.unb64url(said["body"]), said["identity"]) == said["text"]
    for name, document in vectors.files().items():
        if name.startswith("good"):
            assert directories.accept(document, vectors.ROOT, vectors.NOW).version == 3
        else:
            with pytest.raises(Invalid):
                directories.accept(document, vectors.ROOT, vectors.NOW)


def test_what_a_browser_seals_opens_at_each_office_with_pyrage_and_with_age(tmp_path: Path) -> None:
    code, label = new_code(secrets.randbelow), "resguardo https://registro.example"
    report = vectors.read(vectors.FORMS[1])
    keys = [*vectors.keys(30), *vectors.keys(40)]
    to = {"chain": [str(vectors.OFFICE), str(vectors.BEHIND)], "directory": 3, "keys": keys, "shown": ["a", "b"]}
    told = subprocess.run(
        [node.NODE, CLIENT / "seal.js"],
        input=json.dumps({"report": report, "to": to, "code": code, "label": label}).encode(),
        capture_output=True,
        check=True,
    )
    sent = json.loads(told.stdout)
    body = crypto.unb64url(sent["sealed"])
    fields = {name: sent[name] for name in ("envelope", "chain", "keys", "directory", "form")}
    outer = msgspec.convert(fields, envelope.Context, strict=False)
    for seed in (30, 31, 32, 40, 41, 42):
        inner = envelope.open_sealed(body, [vectors.identity(seed)], outer)
        assert json.loads(msgspec.json.encode(inner.report)) == report
        assert envelope.proof_hash(inner.proof).hex() == sent["proof_hash"]
    derived = derive(code, label)
    assert crypto.unb64url(sent["lookup"]) == derived.lookup
    assert sent["reply_recipient"] == envelope.recipient_of(derived.reply_identity) == inner.reply_recipient
    assert shutil.which("age"), "the stock age program: tests.needs installs it"
    (tmp_path / "key").write_text(vectors.identity(42) + "\n")
    (tmp_path / "report.age").write_bytes(body)
    opened = subprocess.run(
        ["age", "-d", "-i", tmp_path / "key", tmp_path / "report.age"], capture_output=True, check=True
    )
    assert len(opened.stdout) == sent["size_step"] and json.loads(opened.stdout)["report"] == report
