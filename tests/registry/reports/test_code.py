"""Reference codes, against the vectors and against pyrage."""

import json
import secrets
from pathlib import Path

import pyrage
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.errors import Invalid
from registry.reports import bech32, code

VECTORS = json.loads((Path(__file__).parents[2] / "vectors" / "report_codes.json").read_text())


@pytest.mark.parametrize("vector", VECTORS["codes"])
def test_a_code_derives_what_the_vectors_say(vector: dict[str, str]) -> None:
    derived = code.derive(vector["code"], vector["label"])
    assert derived.lookup.hex() == vector["lookup"] and derived.reply_identity == vector["reply_identity"]
    assert str(pyrage.x25519.Identity.from_str(derived.reply_identity).to_public()) == vector["reply_recipient"]


@given(st.integers(0, 10**19 - 1))
def test_a_new_code_checks_however_it_is_grouped(number: int) -> None:
    made = code.new_code(lambda n: number)
    for typed in (made, " ".join(code.grouped(made)), "-".join(code.grouped(made)), f"  {made}\n"):
        assert code.check(typed) == made


@given(st.integers(0, 10**19 - 1), st.integers(0, 19), st.integers(1, 9))
def test_one_wrong_digit_is_always_noticed(number: int, at: int, add: int) -> None:
    made = code.new_code(lambda n: number)
    wrong = made[:at] + str((int(made[at]) + add) % 10) + made[at + 1 :]
    with pytest.raises(Invalid, match="report-code-mistyped"):
        code.check(wrong)


@pytest.mark.parametrize("typed", ["", "1234", "1" * 21, "abcd" * 5, "١" * 19])
def test_what_cannot_be_a_code_is_told_so(typed: str) -> None:
    with pytest.raises(Invalid, match="report-code-length"):
        code.check(typed)


def test_digits_of_other_scripts_are_digits() -> None:
    made = code.new_code(secrets.randbelow)
    assert code.check("".join(chr(0x0660 + int(d)) for d in made)) == made


@given(st.binary(min_size=32, max_size=32))
def test_bech32_writes_what_pyrage_reads(secret: bytes) -> None:
    text = bech32.encode("age-secret-key-", secret)
    assert bech32.decode("age-secret-key-", text) == secret
    assert str(pyrage.x25519.Identity.from_str(text.upper())) == text.upper()


@pytest.mark.parametrize("vector", VECTORS["bech32"])
def test_bech32_vectors(vector: dict[str, str]) -> None:
    assert bech32.encode(vector["prefix"], bytes.fromhex(vector["data"])) == vector["text"]
    with pytest.raises(ValueError):
        bech32.decode(vector["prefix"], vector["text"][:-1] + ("q" if vector["text"][-1] != "q" else "p"))
