"""The log: RFC 6962 trees, C2SP tiles and notes; other people's vectors agree."""

import hashlib
from base64 import b64decode
from pathlib import Path
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.crypto import FileSigner, verified
from registry.seals import log, note
from registry.seals.snapshot import Untrusted

SHARED = Path(__file__).parents[4] / "shared/data/vectors"
HASHES = [log.leaf_hash(str(number).encode()) for number in range(700)]
SIZES = st.integers(1, 600)
outside = pytest.mark.skipif(not SHARED.exists(), reason="the shared vectors are not here")


@given(SIZES, st.data())
def test_every_leaf_is_included_and_no_other_is(size: int, data: st.DataObject) -> None:
    index = data.draw(st.integers(0, size - 1))
    path, top = log.inclusion(HASHES[:size], index), log.root(HASHES[:size])
    assert log.included(HASHES[index], index, size, path, top)
    assert not log.included(HASHES[index + 1], index, size, path, top)
    assert not log.included(HASHES[index], index, size, [*path, top], top)
    if path:
        assert not log.included(HASHES[index], index, size, path[:-1], top)


@given(SIZES, st.data())
def test_a_tree_grows_and_never_changes_its_past(new: int, data: st.DataObject) -> None:
    old = data.draw(st.integers(1, new))
    path = log.consistency(HASHES[:new], old)
    before, after = log.root(HASHES[:old]), log.root(HASHES[:new])
    assert log.consistent(old, before, new, after, path)
    rewritten = [hashlib.sha256(HASHES[0]).digest(), *HASHES[1:new]]
    assert not log.consistent(old, before, new, log.root(rewritten), log.consistency(rewritten, old))


@given(st.integers(0, 2000), st.integers(0, 2000))
def test_tiles_written_in_two_steps_hold_what_one_step_holds(first: int, second: int) -> None:
    first, second = sorted((first, second))
    leaves = [b"%d" % number for number in range(second)]
    hashes = [log.leaf_hash(leaf) for leaf in leaves]
    edge, files = log.grow([], 0, hashes[:first])
    assert log.edge_root(edge) == log.root(hashes[:first])
    assert [path in files for path in log.edge_paths(first) if path] == [True for hashes in edge if hashes]
    read = [
        [files[path][at : at + 32] for at in range(0, len(files[path]), 32)] if path else []
        for path in log.edge_paths(first)
    ]
    edge, more = log.grow(read, first, hashes[first:])
    whole_edge, whole = log.grow([], 0, hashes)
    assert edge == whole_edge and log.edge_root(edge) == log.root(hashes)
    assert all((files | more)[path] == data for path, data in whole.items())
    start = first // 256 * 256
    entries = dict(log.bundles(leaves[:first], 0, 0)) | dict(log.bundles(leaves[start:], start, first))
    joined = b"".join(
        entries[log.tile_path("entries", n, min(256, second - n * 256))] for n in range(-(-second // 256))
    )
    assert log.unbundle(joined) == leaves


def test_a_tree_of_seventy_thousand_has_the_tiles_the_specification_counts() -> None:
    # tlog-tiles, "Partial Tiles": 273 full and one of 112, one full and one of 17, one of 1.
    hashes = [number.to_bytes(32, "big") for number in range(70_000)]
    edge, files = log.grow([], 0, hashes)
    assert [len(level) for level in edge] == [112, 17, 1] and log.edge_root(edge) == log.root(hashes)
    assert len([path for path in files if path.startswith("tile/0/")]) == 274
    assert {path for path in files if not path.startswith("tile/0/")} == {
        "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1",
    }  # fmt: skip


def test_tiles_are_named_as_the_specification_says() -> None:
    assert log.tile_path(1, 1234067) == "tile/1/x001/x234/067"
    assert log.tile_path(0, 0, 5) == "tile/0/000.p/5"
    assert log.tile_path("entries", 57500) == "tile/entries/x057/500"
    # "For example, a tree of size 70,000 …" and "a tree of size 256 …" (tlog-tiles, partial tiles)
    _, small = log.grow([], 0, HASHES[:256])
    assert {path: len(data) // 32 for path, data in small.items()} == {"tile/0/000": 256, "tile/1/000.p/1": 1}


def test_a_bundle_cut_short_is_refused() -> None:
    [(_, data)] = log.bundles([b"one", b"two"], 0, 0)
    with pytest.raises(Untrusted):
        log.unbundle(data[:-1])


def test_a_checkpoint_is_signed_read_back_and_tampering_is_refused(tmp_path: Path) -> None:
    key = FileSigner.make(tmp_path / "log.pem")
    public = key.public_bytes()
    checkpoint = note.Checkpoint("sello.example.cr", 600, log.root(HASHES[:600]))
    signed = note.sign_note(checkpoint.text(), "sello.example.cr", public, key.sign)
    assert (
        note.parse_checkpoint(note.open_note(signed, "sello.example.cr", public, verified), "sello.example.cr")
        == checkpoint
    )
    assert note.parse_vkey(note.vkey("sello.example.cr", public)) == ("sello.example.cr", public)
    cosigned = signed + "— witness.example AAAAAQID\n"
    assert note.open_note(cosigned, "sello.example.cr", public, verified) == checkpoint.text()
    for bad in (
        signed.replace("600", "601"),
        signed.replace("— sello", "— other"),
        signed[:-1],
        signed.replace("\n\n", "\n"),
    ):
        with pytest.raises(Untrusted):
            note.open_note(bad, "sello.example.cr", public, verified)


@pytest.mark.parametrize(
    "text", ["", "a\n1\n", "a\n01\nAAAA\n", "a\n1\nAAAA\n", "b\n1\n" + "A" * 43 + "=\n", "a\n²\nAA==\n"]
)
def test_what_is_no_checkpoint_is_refused(text: str) -> None:
    with pytest.raises(Untrusted):
        note.parse_checkpoint(text, "a")


@outside
@pytest.mark.parametrize("kind", ["inclusion", "consistency"])
def test_other_peoples_proofs_agree(kind: str) -> None:
    files = sorted((SHARED / "transparency_merkle/testdata" / kind).rglob("*.json"))
    assert len(files) > 50
    for file in files:
        case: dict[str, Any] = msgspec.json.decode(file.read_bytes())
        data = {name: b64decode(case.get(name) or "") for name in ("leafHash", "root", "root1", "root2")}
        path = [b64decode(step) for step in case["proof"] or []]
        if kind == "inclusion":
            held = log.included(data["leafHash"], case["leafIdx"], case["treeSize"], path, data["root"])
        else:
            held = log.consistent(case["size1"], data["root1"], case["size2"], data["root2"], path)
        assert held is not case["wantErr"], file


@outside
def test_other_peoples_notes_agree() -> None:
    vectors = msgspec.json.decode((SHARED / "signed_note_tlog_vectors.json").read_bytes())
    for case in vectors["signed_note"]:
        name, public = note.parse_vkey(case["vkey"])
        assert note.open_note(case["note"], name, public, verified) == case.get("text", "This is an example message.\n")
    for case in vectors["tlog_tree"]:
        try:
            read = note.parse_checkpoint(case["formatted"], "go.sum database tree")
        except Untrusted:
            assert not case["valid"]
        else:
            assert case["valid"] and read.size == 123456789012
