"""Fuzz what strangers can hand us: the opener, envelopes, directories, signed requests, forms, answers. No crash, no
unbounded memory or depth: everything ends in a refusal of ours or in something sound."""

import json
import subprocess
import tracemalloc
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from uuid import UUID

import msgspec
import pyrage
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from multipart import MultipartError, PushMultipartParser

from public_site.report_form import script, upload
from public_site.report_form.routes import parsed
from registry.authorities import directory as directories
from registry.authorities.root import Root
from registry.core.errors import Refusal
from registry.reports import envelope, files, notary, told
from registry.reports.agent import alone
from registry.reports.envelope import Context, Inner, Place, Report, fingerprint
from registry.reports.schemas import Answer, Carried, Peek
from tests import node
from tests.channel.result import Result
from tests.registry.reports.world import World

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
MEMORY = 48 << 20
OPENER, OPENED = node.ROOT / "tests/registry/reports/agent/client/fuzz.js", 5000
EXAMPLES = 80
DEEP = [b"[" * 60_000, b'{"a":' * 30_000, b'"' + b"\\u0000" * 9000, b"\xff" * 4096, b"1e99999", b'{"report":' * 20_000]

IDENTITY = str(pyrage.x25519.Identity.generate())
RECIPIENT = envelope.recipient_of(IDENTITY)
CONTEXT = Context(UUID(int=1 << 100), (UUID(int=2),), (fingerprint(RECIPIENT),), 1)
INNER = Inner("sectt-report/1", "0" * 26, CONTEXT, Report(Place("CR-G"), "x"), RECIPIENT)
GOOD = msgspec.json.encode(INNER)

junk = st.binary(max_size=3000) | st.sampled_from(DEEP)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=40),
    lambda inside: st.lists(inside, max_size=4) | st.dictionaries(st.text(max_size=12), inside, max_size=4),
    max_leaves=30,
)


@st.composite
def nearly(draw: st.DrawFn) -> bytes:
    """A good plaintext with something else in one place, or some of its bytes changed."""
    if draw(st.booleans()):
        changed = json.loads(GOOD)
        at = draw(st.sampled_from([changed, changed["context"], changed["report"], changed["report"]["place"]]))
        at[draw(st.sampled_from([*at, "more", "__proto__"]))] = draw(values)
        return json.dumps(changed, allow_nan=True).encode()
    data = bytearray(GOOD)
    for _ in range(draw(st.integers(1, 6))):
        data[draw(st.integers(0, len(data) - 1))] = draw(st.integers(0, 255))
    return bytes(data)


def sealed(plain: bytes) -> bytes:
    step = next((s for s in envelope.STEPS if len(plain) <= s), len(plain))
    return pyrage.encrypt(plain.ljust(step), [pyrage.x25519.Recipient.from_str(RECIPIENT)])


def opened(plain: bytes) -> None:
    body = sealed(plain)
    inner = envelope.open_sealed(body, [IDENTITY], CONTEXT)
    assert inner.context == CONTEXT and len(inner.report.narrative) <= 12_000
    alone.opened(body, [IDENTITY], None)


def torn(body: bytes) -> None:
    for data in (body, sealed(GOOD)[: len(body)], sealed(GOOD) + body):
        try:
            envelope.open_sealed(data, [IDENTITY], CONTEXT)
        except Refusal:
            envelope.carried(data, 4096, 1)


def decoded(data: bytes) -> None:
    for kind in (Carried, Peek):
        try:
            script._decoded(data, kind)
        except Refusal:
            continue


def answer(data: bytes) -> None:
    try:
        msgspec.json.decode(data, type=Answer)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return


def directory(data: bytes) -> None:
    directories.accept(data, Root(1, ("A" * 43,)), NOW)


def claimed(data: bytes) -> None:
    text = data.decode("latin-1")
    notary.claim(notary.Request("POST", text, text, data), {"signature-input": text, "signature": text})


def form(data: bytes) -> None:
    told.written(parsed(b"text=x&place=CR-G&" + data, 60), "es")


HEADS = (b"\xff\xd8\xff", b"\x89PNG\r\n\x1a\n", b"RIFF\0\0\0\0WEBP", b"%PDF-", b"\0\0\0\x18ftypheic",
         b"\0\0\0\x18ftypM4A ")  # fmt: skip
MANIFEST = files.Manifest("file-1.pdf", files.FileType.PDF, 1, "0" * 64)


def picture(data: bytes) -> None:
    files.carried(data, 1)
    for head in HEADS:
        with suppress(Refusal):
            files.ready([head + data], keep_taken=True)
    files.open_sealed(data, [IDENTITY], MANIFEST)


def parts(data: bytes) -> None:
    reading = upload.Reading(None)
    parser = PushMultipartParser("x")
    with suppress(MultipartError):
        for event in parser.parse(b'--x\r\ncontent-disposition: form-data; name="files"\r\n\r\n' + data):
            reading.take(event)
        parser.close()


TARGETS: dict[Callable[[bytes], None], st.SearchStrategy[bytes]] = {
    opened: nearly() | junk, torn: junk, decoded: junk | nearly(), answer: junk | nearly(), directory: junk | nearly(),
    claimed: junk, form: junk, picture: junk, parts: junk,
}  # fmt: skip


def held(target: Callable[[bytes], None], strategy: st.SearchStrategy[bytes]) -> tuple[int, int]:
    """How many inputs a reader held, and the most memory that one of them took. Raises what it did not hold."""
    count = widest = 0

    @settings(max_examples=EXAMPLES, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(strategy)
    def hold(data: bytes) -> None:
        nonlocal count, widest
        count += 1
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        with suppress(Refusal):
            target(data)
        widest = max(widest, tracemalloc.get_traced_memory()[1] - before)

    tracemalloc.start()
    try:
        hold()
        return count, widest
    finally:
        tracemalloc.stop()


async def run(world: World) -> Result:
    found = [held(target, strategy) for target, strategy in TARGETS.items()]
    tried, widest = sum(count for count, _ in found), max(peak for _, peak in found)
    told = subprocess.run(
        [node.NODE, "--max-old-space-size=64", OPENER, "27", str(OPENED)], capture_output=True, text=True, timeout=60
    )
    opener = told.returncode == 0 and json.loads(told.stdout)["count"] == OPENED
    tried += OPENED
    return Result(
        widest < MEMORY and opener,
        f"{tried} inputs to {len(TARGETS) + 1} readers, no crash, at most {widest >> 20} MiB",
    )
