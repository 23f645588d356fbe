"""Two of three custodians: who can sign, who cannot, and what cannot be pinned."""

import contextlib
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities.root import Root, Signature, made_by
from registry.core import crypto
from registry.core.errors import Invalid

SAID = b'{"format":"resguardo-directory/2"}'


@pytest.fixture(scope="module")
def people(tmp_path_factory: pytest.TempPathFactory) -> list[crypto.FileSigner]:
    folder = Path(tmp_path_factory.mktemp("custodians"))
    return [crypto.FileSigner.make(folder / f"{number}.pem") for number in range(4)]


@pytest.fixture(scope="module")
def root(people: list[crypto.FileSigner]) -> Root:
    return Root(2, tuple(crypto.b64url(p.public_bytes()) for p in people[:3]))


def test_any_two_of_three_sign_and_no_one_alone(people: list[crypto.FileSigner], root: Root) -> None:
    made = [made_by(p, SAID) for p in people]
    for number in range(3):
        assert not root.signed(SAID, (made[number],)), "one custodian"
        assert not root.signed(SAID, (made[number], made[number])), "the same one twice"
        assert not root.signed(SAID, (made[number], made[3])), "one and a stranger"
        assert root.signed(SAID, (made[number], made[(number + 1) % 3])), "two of them"
    assert root.signed(SAID, tuple(made)), "a stranger's signature beside them does no harm"


def test_a_signature_under_anothers_name_or_over_other_bytes_does_not_count(
    people: list[crypto.FileSigner], root: Root
) -> None:
    first, second = (made_by(p, SAID) for p in people[:2])
    borrowed = Signature(second.root, first.signature)
    other = made_by(people[1], SAID + b" ")
    for bad in (borrowed, other, Signature(second.root, ""), Signature(second.root, "not base64!")):
        assert not root.signed(SAID, (first, bad))


def test_what_is_pinned_is_read_as_it_was_written(root: Root) -> None:
    assert Root.parse(f" {root}\n") == root
    assert Root.parse(root.keys[0]) == Root(1, root.keys[:1])
    assert not Root.parse("").signed(SAID, ()), "nothing pinned: nothing is signed"


@pytest.mark.parametrize(
    "write",
    [
        lambda k: f"3:{k[0]},{k[1]}",
        lambda k: f"0:{k[0]}",
        lambda k: f"2:{k[0]},{k[0]}",
        lambda k: f"two:{k[0]},{k[1]}",
        lambda k: f"2:{k[0]},{k[1][:-1]}",
        lambda k: f"2:{k[0]};{k[1]}",
        lambda k: f"{k[0]},",
    ],
)
def test_a_root_that_makes_no_sense_cannot_be_pinned(root: Root, write: Callable[[tuple[str, ...]], str]) -> None:
    with pytest.raises(Invalid, match="root-not-readable"):
        Root.parse(write(root.keys))


@given(st.text(max_size=200))
def test_any_text_is_survived(text: str) -> None:
    with contextlib.suppress(Invalid):
        assert Root.parse(text).keys == () or Root.parse(str(Root.parse(text))) == Root.parse(text)
