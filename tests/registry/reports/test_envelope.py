"""Sealing and opening: who can, who cannot, and what the stock tool says."""

import json
import secrets
import shutil
import subprocess
from pathlib import Path
from uuid import uuid4

import msgspec
import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Invalid
from registry.reports import envelope as e

KEYS = [pyrage.x25519.Identity.generate() for _ in range(3)]
RECIPIENTS = tuple(str(k.to_public()) for k in KEYS)
TEXT = st.text(min_size=1, max_size=800).filter(
    lambda t: len(t.encode("utf-8", "surrogatepass")) == len(t.encode("utf-8", "ignore"))
)


def context() -> e.Context:
    return e.Context(uuid4(), (uuid4(),), tuple(map(e.fingerprint, RECIPIENTS)), 1)


def sealed(narrative: str = "Una lancha azul.", drill: bool = False) -> e.Sealed:
    inner = e.Inner(
        "sectt-report/1",
        e.new_proof(secrets.randbits(128)),
        context(),
        e.Report(e.Place("CR-G"), narrative),
        RECIPIENTS[0],
        ("Unidad",),
        drill,
    )
    return e.seal(inner, RECIPIENTS)


@given(TEXT)
def test_each_key_opens_exactly_what_was_sealed(narrative: str) -> None:
    envelope = sealed(narrative)
    for key in KEYS:
        inner = e.open_sealed(envelope.body, [str(key)], envelope.context)
        assert inner.report.narrative == narrative
        assert e.proof_hash(inner.proof) == envelope.proof_hash


def test_another_key_does_not_open() -> None:
    with pytest.raises(Invalid, match="envelope-unreadable"):
        e.open_sealed(sealed().body, [str(pyrage.x25519.Identity.generate())], sealed().context)


def test_no_byte_can_be_changed() -> None:
    envelope = sealed()
    for at in range(0, len(envelope.body), 7):
        changed = bytearray(envelope.body)
        changed[at] ^= 1 << at % 8
        with pytest.raises(Invalid):
            e.open_sealed(bytes(changed), [str(KEYS[0])], envelope.context)


@pytest.mark.parametrize("what", ["envelope", "chain", "keys", "directory"])
def test_an_envelope_moved_elsewhere_is_noticed(what: str) -> None:
    envelope = sealed()
    other = msgspec.structs.replace(
        envelope.context,
        **{what: {"envelope": uuid4(), "chain": (uuid4(),), "keys": envelope.context.keys[::-1], "directory": 2}[what]},
    )
    with pytest.raises(Invalid, match="envelope-moved"):
        e.open_sealed(envelope.body, [str(KEYS[0])], other)


def test_nobody_can_be_slipped_in_among_the_recipients() -> None:
    inner = e.Inner("sectt-report/1", e.new_proof(1), context(), e.Report(e.Place("CR-G"), "x"), RECIPIENTS[0])
    with pytest.raises(Invalid, match="envelope-keys-differ"):
        e.seal(inner, (*RECIPIENTS, str(pyrage.x25519.Identity.generate().to_public())))


def test_lengths_come_in_three_steps_and_a_drill_is_as_long_as_a_report() -> None:
    assert {sealed("a" * n).size_step for n in (1, 100, 2500)} == {4096}
    assert sealed("a" * 9000).size_step == 16384 and sealed("ñ😀" * 6000).size_step == 65536
    assert len({len(sealed("a" * n).body) // 128 for n in (1, 700, 2500)} | {len(sealed(drill=True).body) // 128}) <= 2
    assert len(sealed("ñ😀" * 6000).body) < e.LARGEST


@given(st.binary(max_size=3000))
def test_what_opens_and_is_not_ours_is_refused_without_harm(plain: bytes) -> None:
    body = pyrage.encrypt(plain.ljust(4096), [KEYS[0].to_public()])
    with pytest.raises(Invalid, match="envelope-unreadable"):
        e.open_sealed(body, [str(KEYS[0])], context())


@pytest.mark.parametrize("plain", [b"[" * 4000, b'{"schema":' * 400, b'"' + b"\xff" * 100 + b'"', b"1e999999", b"null"])
def test_hostile_json_is_refused_without_harm(plain: bytes) -> None:
    body = pyrage.encrypt(plain.ljust(4096), [KEYS[0].to_public()])
    with pytest.raises(Invalid, match="envelope-unreadable"):
        e.open_sealed(body, [str(KEYS[0])], context())


@given(st.binary(max_size=4000))
def test_the_opener_survives_any_bytes(body: bytes) -> None:
    with pytest.raises(Invalid):
        e.open_sealed(b"age-encryption.org/v1\n" + body, [str(KEYS[0])], context())


@given(st.integers(0, 2**128 - 1))
def test_a_proof_survives_being_copied_by_hand(bits: int) -> None:
    proof = e.new_proof(bits)
    grouped = "-".join(proof[i : i + 5] for i in range(0, 26, 5)).lower()
    assert len(proof) == 26 and e.proof_hash(grouped.replace("0", "o").replace("1", "l")) == e.proof_hash(proof)


def test_a_reply_opens_with_the_code_only() -> None:
    body = e.seal_reply("¿Recuerda el color?", RECIPIENTS[0])
    assert e.open_reply(body, str(KEYS[0])) == "¿Recuerda el color?"
    with pytest.raises(Invalid):
        e.open_reply(body, str(KEYS[1]))


@pytest.mark.skipif(shutil.which("age") is None, reason="the age command is not installed (Debian: apt install age)")
def test_the_stock_age_command_opens_our_envelope(tmp_path: Path) -> None:
    envelope = sealed("Abierto con age.")
    (tmp_path / "key").write_text(f"{KEYS[1]}\n")
    (tmp_path / "envelope.age").write_bytes(envelope.body)
    run = subprocess.run(
        ["age", "-d", "-i", str(tmp_path / "key"), str(tmp_path / "envelope.age")], capture_output=True, check=True
    )
    assert json.loads(run.stdout)["report"]["narrative"] == "Abierto con age."
