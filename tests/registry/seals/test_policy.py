"""Whose word counts: tlog-policy files, and cosignatures under a checkpoint."""

import hashlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.crypto import FileSigner, verified
from registry.core.errors import Invalid
from registry.seals import log, note, policy
from registry.seals.jose import Untrusted
from registry.seals.note import COSIGNED, ED25519, ML_DSA_44, Key

KEYS = [Key(f"w{n}.example", COSIGNED, hashlib.sha256(b"%d" % n).digest()) for n in range(6)]
LOG = note.vkey("log.example/x", b"\x01" * 32)
SIX = "".join(f"witness {'XY'[n // 3]}{n % 3} {KEYS[n].vkey()} https://w{n}.example\n" for n in range(6))
TWO_LEVELS = (
    f"# who watches\nlog {LOG}\n\n{SIX}\tgroup  X-witnesses 2 X0 X1 X2\ngroup Y-witnesses any Y0 Y1 Y2\n"
    "group X-and-Y all X-witnesses Y-witnesses\nquorum X-and-Y\n"
)


def test_the_specifications_example_of_two_levels_is_read_and_kept() -> None:
    read = policy.read(TWO_LEVELS)
    assert policy.read(read.text()) == read
    assert next(one.url for one in read.witnesses) == "https://w0.example"
    assert read.met({"X0", "X2", "Y1"}) and not read.met({"X0", "Y1", "Y2"}) and not read.met({"X0", "X1", "X2"})
    assert read.knows("log.example/x", b"\x01" * 32) and not read.knows("log.example/x", b"\x02" * 32)


@given(st.integers(1, 6), st.sets(st.integers(0, 5)))
def test_k_of_n_is_met_by_any_k_and_by_no_fewer(least: int, cosigned: set[int]) -> None:
    text = "".join(f"witness {n} {key.vkey()}\n" for n, key in enumerate(KEYS))
    read = policy.read(f"{text}group all-of-us {least} 0 1 2 3 4 5\nquorum all-of-us\n")
    assert read.met({str(one) for one in cosigned}) is (len(cosigned) >= least)


def test_no_quorum_is_met_by_nobody() -> None:
    assert policy.read("quorum none\n").met(())


ONE = f"witness a {KEYS[0].vkey()}\n"


@pytest.mark.parametrize(
    "text",
    [
        "", "# nothing\n", "quorum nobody\n", "quorum none\nquorum none\n", f"{ONE}quorum a b\n", "wintess a b\n",
        f"{ONE}witness a {KEYS[1].vkey()}\nquorum a\n",  # one name twice
        f"{ONE}witness b {KEYS[0].vkey()}\nquorum a\n",  # one key twice
        f"{ONE}witness b {Key('other', COSIGNED, KEYS[0].public).vkey()}\nquorum a\n",  # the same under another name
        f"witness none {KEYS[0].vkey()}\nquorum none\n",
        f"witness a {LOG}\nquorum a\n",  # a log's key is no witness's
        f"log {KEYS[0].vkey()}\nquorum none\n",
        f"{ONE}group g 2 a\nquorum g\n", f"{ONE}group g 0 a\nquorum g\n", f"{ONE}group g 01 a\nquorum g\n",
        f"{ONE}group g any\nquorum g\n", f"{ONE}group g any b\nquorum g\n", f"{ONE}group g 1 a a\nquorum g\n",
        f"{ONE}group g any a\ngroup h any a\nquorum h\n",  # a witness counts in one way only
        f"{ONE}group g any none\nquorum g\n",
        f"quorum a\n{ONE}",  # not defined yet
        f"{ONE}quorum a\x00\n", f"{ONE[:-3]}\nquorum a\n", "witness a\nquorum none\n",
    ],
)  # fmt: skip
def test_a_policy_that_could_be_read_two_ways_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="policy-not-understood"):
        policy.read(text)


def test_cosignatures_are_read_known_ones_must_hold_and_unknown_ones_are_ignored(tmp_path: Path) -> None:
    ours, theirs = (FileSigner.make(tmp_path / name) for name in ("log.pem", "witness.pem"))
    checkpoint = note.Checkpoint("log.example/x", 3, log.root([b"\x00" * 32] * 3))
    signed = note.sign_note(checkpoint.text(), checkpoint.origin, ours.public_bytes(), ours.sign)
    key = Key("w.example/w1", COSIGNED, theirs.public_bytes())
    line = note.cosign(checkpoint.text(), key.name, key.public, 1679315147, theirs.sign)
    assert len(line.signature) == 72
    quantum = note.Line("w.example/w2", b"\x01\x02\x03\x04", bytes(8 + 2420))
    cosigned = note.with_lines(signed, [quantum, line])
    believed = policy.read(f"witness w {key.vkey()}\nwitness v {KEYS[1].vkey()}\nquorum w\n")
    assert policy.cosigners(cosigned, believed, verified) == {"w": 1679315147}
    assert note.read_checkpoint(cosigned, checkpoint.origin, ours.public_bytes(), verified) == checkpoint
    later = note.cosign(checkpoint.text(), key.name, key.public, 1679315999, theirs.sign)
    again = note.with_lines(cosigned, [later])
    assert again.count("w.example/w1") == 1 and policy.cosigners(again, believed, verified) == {"w": 1679315999}
    forged = note.with_lines(signed, [note.Line(key.name, key.id, line.signature[:7] + b"\x01" + line.signature[8:])])
    with pytest.raises(Untrusted, match=r"w\.example/w1"):
        policy.cosigners(forged, believed, verified)


def test_a_verifier_key_says_what_it_is_for() -> None:
    for kind, size in ((ED25519, 32), (COSIGNED, 32), (ML_DSA_44, 1312)):
        key = Key("w.example", kind, bytes(size))
        assert note.read_vkey(key.vkey()) == key
    with pytest.raises(ValueError):
        note.read_vkey(Key("w.example", COSIGNED, bytes(31)).vkey())
    with pytest.raises(ValueError):
        note.parse_vkey(KEYS[0].vkey())
