"""The signed directory: what is refused."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.authorities import directory as d
from registry.authorities.root import Root
from registry.core import crypto
from registry.core.errors import Invalid

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)


def age(i: int) -> str:
    return "age1" + "q" * 57 + "qpzry9x8gf2tvdw0s3jn54khce6mua7l"[i]


RECORD = d.Record(
    UUID(int=1),
    {"es": "Unidad"},
    "police",
    d.Competence(("CR-G",)),
    (age(1), age(2)),
    age(3),
    "A" * 43,
    ("es",),
    True,
    d.Terms(),
    "X-1",
    NOW.date(),
    NOW.date() + timedelta(days=365),
)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> crypto.FileSigner:
    return crypto.FileSigner.make(Path(tmp_path_factory.mktemp("root")) / "root.pem")


def made(version: int = 1, previous: str = "", *records: d.Record) -> d.Directory:
    return d.Directory(d.FORMAT, version, NOW, NOW + timedelta(days=300), previous, records or (RECORD,))


def key(*custodians: crypto.FileSigner, threshold: int = 1) -> Root:
    return Root(threshold, tuple(crypto.b64url(c.public_bytes()) for c in custodians))


def test_a_signed_directory_is_accepted_and_says_what_was_signed(root: crypto.FileSigner) -> None:
    assert d.accept(d.sign(made(), root), key(root), NOW) == made()


def test_another_root_an_empty_root_and_no_signature_are_refused(root: crypto.FileSigner, tmp_path: Path) -> None:
    other = crypto.FileSigner.make(tmp_path / "other.pem")
    signed = d.sign(made(), root)
    unsigned = d.sign(made())
    for document, pinned in ((signed, key(other)), (signed, Root(0, ())), (unsigned, key(root)), (signed, Root(1, ()))):
        with pytest.raises(Invalid, match="directory-not-signed"):
            d.accept(document, pinned, NOW)


def test_an_expired_directory_and_one_from_tomorrow_are_refused(root: crypto.FileSigner) -> None:
    for at in (NOW + timedelta(days=300), NOW - timedelta(seconds=1)):
        with pytest.raises(Invalid, match="directory-expired"):
            d.accept(d.sign(made(), root), key(root), at)


def test_it_is_never_rolled_back_and_never_forked(root: crypto.FileSigner) -> None:
    first = made()
    second = made(2, d.digest(first))
    seen = d.Seen(2, d.digest(second))
    assert d.accept(d.sign(second, root), key(root), NOW, d.Seen(1, d.digest(first))) == second
    with pytest.raises(Invalid, match="directory-rolled-back"):
        d.accept(d.sign(first, root), key(root), NOW, seen)
    changed = made(2, d.digest(first), msgspec.structs.replace(RECORD, agreement="X-2"))
    with pytest.raises(Invalid, match="directory-forked"):
        d.accept(d.sign(changed, root), key(root), NOW, seen)
    with pytest.raises(Invalid, match="directory-forked"):
        d.accept(d.sign(made(3, "0" * 64), root), key(root), NOW, seen)


def test_no_byte_can_be_changed(root: crypto.FileSigner) -> None:
    signed = d.sign(made(), root)
    for at in range(0, len(signed), 5):
        changed = bytearray(signed)
        changed[at] ^= 1
        try:
            found = d.accept(bytes(changed), key(root), NOW)
        except Invalid:
            continue
        assert found == made(), "only the name of the root, which is not what is trusted, may differ"


@given(st.binary(max_size=600))
def test_any_bytes_are_survived(document: bytes) -> None:
    with pytest.raises(Invalid):
        d.accept(document, Root.parse("A" * 43), NOW)


@pytest.mark.parametrize(
    "records",
    [
        (RECORD, RECORD),
        (msgspec.structs.replace(RECORD, working=(age(1), age(1))),),
        (msgspec.structs.replace(RECORD, recovery=age(1)),),
        (msgspec.structs.replace(RECORD, valid_until=NOW.date() + timedelta(days=400)),),
        (msgspec.structs.replace(RECORD, valid_until=NOW.date()),),
        (msgspec.structs.replace(RECORD, then=UUID(int=1)),),
        (msgspec.structs.replace(RECORD, then=UUID(int=9)),),
        (msgspec.structs.replace(RECORD, names={}),),
    ],
)
def test_the_custodian_cannot_sign_what_is_not_sensible(root: crypto.FileSigner, records: tuple[d.Record, ...]) -> None:
    with pytest.raises(Invalid, match="directory-not-sensible"):
        d.sign(made(1, "", *records), root)


def test_a_chain_never_goes_in_circles() -> None:
    one = msgspec.structs.replace(RECORD, then=UUID(int=2))
    two = msgspec.structs.replace(RECORD, authority=UUID(int=2), then=UUID(int=1))
    directory = made(1, "", one, two)
    assert [r.authority for r in directory.chain(one)] == [UUID(int=1), UUID(int=2)]
