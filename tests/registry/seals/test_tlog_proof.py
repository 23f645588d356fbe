"""The offline proof: one spelling, and nothing but the leaf it was made for."""

import hashlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.seals import log, tlog_proof
from registry.seals.jose import Untrusted
from registry.seals.note import Checkpoint
from registry.seals.tlog_proof import Proof

LEAVES = [b"leaf %d" % number for number in range(300)]
HASHES = [log.leaf_hash(leaf) for leaf in LEAVES]


@given(st.integers(1, 300), st.data())
def test_a_proof_that_is_written_is_read_back_and_proves_its_leaf_and_no_other(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    checkpoint = Checkpoint("log.example", size, log.root(HASHES[:size]))
    made = Proof(
        index, log.inclusion(HASHES[:size], index), f"{checkpoint.text()}\n— log.example AAAAAAAA\n", LEAVES[index]
    )
    read = tlog_proof.read(made.text())
    assert read.text() == made.text() and read.holds(checkpoint)
    assert not Proof(index, read.path, read.signed, LEAVES[index] + b"!").holds(checkpoint)
    assert not Proof((index + 1) % 301, read.path, read.signed, read.leaf).holds(checkpoint)


def test_the_specifications_example_is_read() -> None:
    hashes = "".join(f"{'A' * 43}=\n" for _ in range(5))
    text = (
        f"c2sp.org/tlog-proof@v1\nextra YWdl\nindex 73894\n{hashes}\nexample.com/fancylog\n109482\nsFod\n\n— x AAAA\n"
    )
    read = tlog_proof.read(text)
    assert (read.index, read.leaf, len(read.path)) == (73894, b"age", 5)
    assert read.signed.startswith("example.com/fancylog\n109482\n")


@pytest.mark.parametrize(
    "text",
    [
        "", "c2sp.org/tlog-proof@v2\nindex 0\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 00\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex -1\n\nx\n", "c2sp.org/tlog-proof@v1\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 0",
        "c2sp.org/tlog-proof@v1\nindex ²\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 0\nAAAA\n\nx\n",
        "c2sp.org/tlog-proof@v1\nextra !\nindex 0\n\nx\n", "c2sp.org/tlog-proof@v1\nindex 0\nextra AAAA\n\nx\n",
        "c2sp.org/tlog-proof@v1\nindex 0\n" + f"{'A' * 43}=\n" * 64 + "\nx\n",
    ],
)  # fmt: skip
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(Untrusted):
        tlog_proof.read(text)


def test_the_empty_tree_is_the_hash_of_nothing() -> None:
    assert hashlib.sha256().digest() == log.EMPTY
