"""The snapshot says the same to whoever reads it, opens vehicles to their code alone, and refuses altered bytes."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.core.crypto import FileSigner, unb64url, verified
from registry.seals import jose, log, sharding, snapshot, status_list
from registry.seals.jose import Untrusted
from registry.seals.snapshot import Entry, Facts, Kind, Listing, LogRef, Manifest, Record, State, Table, Words

CODE = st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16)
WHEN = st.integers(0, 200_000_000).map(lambda seconds: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds))
FACTS = st.builds(
    Facts, name=st.text(max_size=60), holder=st.text(max_size=60), plate=st.text("ABC0123456789", max_size=7)
)
ENTRY = st.builds(
    Entry,
    code=CODE,
    kind=st.sampled_from(Kind),
    state=st.sampled_from(State),
    since=WHEN,
    region=st.sampled_from(["CR-SJ", "CR-P", "CR-L"]),
    valid_from=WHEN,
    valid_until=WHEN,
    facts=FACTS,
)
ENTRIES = st.lists(ENTRY, max_size=12, unique_by=lambda entry: entry.code)


def taxi(code: str = "7K3M9QXT2W4HVN8C", plate: str = "SJB123") -> Entry:
    start = datetime(2026, 5, 1, tzinfo=UTC)
    return Entry(
        code=code, kind=Kind.VEHICLE, state=State.VALID, since=start, region="CR-SJ", valid_from=start,
        valid_until=datetime(2028, 5, 1, tzinfo=UTC), scheme="sectt-code", version="1.0", serial=1, year=2026,
        status_index=48213, issued_index=7, log_index=7, credential="0" * 64,
        facts=Facts(name="", holder="Cooperativa Ejemplo", plate=plate, salt="c2FsdA"),
        plate_tag=snapshot.plate_tag(plate),
    )  # fmt: skip


@given(ENTRIES, st.integers(1, 2**40))
def test_what_is_written_is_what_is_read(entries: list[Entry], seq: int) -> None:
    read = {}
    for name, (seals, listings) in sharding.arrange(entries, []).items():
        data = snapshot.encode_shard(snapshot.write_shard(name, seq, seals, listings))
        shard = snapshot.decode_shard(data, snapshot.name_of(data))
        by_key = {record.key: record for record in shard.records}
        for entry in seals:
            read[entry.code] = snapshot.reveal(by_key[snapshot.address(entry.code)], shard.seq, entry.code)
    assert read == {entry.code: entry for entry in entries}


@given(st.permutations([taxi("7K3M9QXT2W4HVN8C"), taxi("3FJ7YX4N6PCAT0G9"), taxi("0000000000000000")]))
def test_equal_content_gives_equal_bytes_whatever_the_order(entries: list[Entry]) -> None:
    [(name, (seals, listings))] = sharding.arrange(entries, []).items()
    first = snapshot.encode_shard(snapshot.write_shard(name, 5, seals, listings))
    assert first == snapshot.encode_shard(snapshot.write_shard(name, 5, sorted(entries, key=lambda e: e.code), []))


def test_a_downloaded_snapshot_is_no_list_of_plates_or_of_vehicle_codes() -> None:
    one = taxi()
    data = snapshot.encode_shard(snapshot.write_shard("CR-SJ", 3, [one], []))
    for secret in (one.facts.plate, one.code, one.facts.holder, "c2FsdA"):
        assert secret.encode() not in data
    house = msgspec.structs.replace(one, kind=Kind.ESTABLISHMENT)
    clear = snapshot.encode_shard(snapshot.write_shard("CR-SJ", 3, [house], []))
    assert one.facts.plate.encode() in clear, "a search that finds nothing here would prove nothing"
    [record] = snapshot.decode_shard(data).records
    assert snapshot.reveal(record, 3, one.code).facts.plate == one.facts.plate, "it opens with its code"


def test_the_same_plate_in_two_snapshots_shares_no_run_of_eight_bytes() -> None:
    first, second = (unb64url(snapshot.seal(taxi(), seq).sealed) for seq in (3, 4))
    runs = {first[start : start + 8] for start in range(len(first) - 7)}
    assert not any(second[start : start + 8] in runs for start in range(len(second) - 7))


def test_another_code_opens_no_record() -> None:
    record = snapshot.seal(taxi(), 3)
    with pytest.raises(Untrusted):
        snapshot.reveal(record, 3, "3FJ7YX4N6PCAT0G9")
    with pytest.raises(Untrusted):
        snapshot.reveal(record, 4, "7K3M9QXT2W4HVN8C")


@given(st.data())
def test_a_changed_bit_is_noticed(data: st.DataObject) -> None:
    good = snapshot.encode_shard(snapshot.write_shard("CR-SJ", 3, [taxi()], []))
    place = data.draw(st.integers(0, len(good) * 8 - 1))
    bad = bytearray(good)
    bad[place // 8] ^= 1 << place % 8
    with pytest.raises(Untrusted):
        snapshot.decode_shard(bytes(bad), snapshot.name_of(good))


def test_a_region_too_large_for_one_file_is_split_and_keeps_its_listings() -> None:
    seals = [taxi(f"{number:016d}", "") for number in range(sharding.SHARD_LIMIT + 1)]
    listing = Listing("0199", "Cabinas Ejemplo", "lodging", "CR-SJ", "San José", "Escazú", date(2026, 9, 2), "s", "1.0")
    shards = sharding.arrange(seals, [listing])
    assert len(shards) == 16 and sum(len(entries) for entries, _ in shards.values()) == len(seals)
    assert shards["CR-SJ-0"][1] == [listing]


def test_the_table_carries_the_words_of_the_schemes() -> None:
    table = Table(1, (), (Words("sectt-code", "1.0", {"es": "Código"}, {"vehicle": {"es": "Este vehículo apoya"}}),))
    assert snapshot.decode_table(snapshot.encode_table(table)) == table


def test_a_plate_is_found_however_it_is_spelled() -> None:
    assert snapshot.plate_tag("sjb-123") == snapshot.plate_tag("SJB 123") != snapshot.plate_tag("SJB124")
    assert snapshot.plate_tag(" ") == ""


def test_a_manifest_is_read_only_if_signed_by_the_snapshot_key_and_never_backwards(tmp_path: Path) -> None:
    signer, other = FileSigner.make(tmp_path / "one.pem"), FileSigner.make(tmp_path / "two.pem")
    manifest = Manifest(1, 7, 1_790_000_000, 1_790_086_400, 545, LogRef(545, "AAAA"), "ab" * 32)
    jws = snapshot.sign_manifest(manifest, signer, "did:web:x")

    def verify(header: jose.Header, signature: bytes, data: bytes) -> bool:
        return verified(signer.public_bytes(), signature, data)

    assert snapshot.read_manifest(jws, verify, 7) == manifest
    with pytest.raises(Untrusted, match="older"):
        snapshot.read_manifest(jws, verify, 8)
    with pytest.raises(Untrusted):
        snapshot.read_manifest(snapshot.sign_manifest(manifest, other, "did:web:x"), verify)
    with pytest.raises(Untrusted):
        snapshot.read_manifest(jose.sign(b"{}", signer, "k", snapshot.MANIFEST), verify)


def test_the_shared_vectors_read_the_same_here_and_in_the_browser() -> None:
    vectors = msgspec.json.decode((Path(__file__).parents[2] / "vectors/snapshot.json").read_bytes())
    record = msgspec.convert(vectors["record"], Record)
    entry = snapshot.reveal(record, vectors["seq"], vectors["code"])
    assert entry == msgspec.convert(vectors["entry"], Entry) and snapshot.seal(entry, vectors["seq"]) == record
    assert snapshot.address(vectors["code"]) == vectors["address"]
    assert snapshot.plate_tag(vectors["plate_tag"]["typed"]) == vectors["plate_tag"]["tag"]
    leaf = vectors["leaf"]["bytes"].encode()
    assert log.leaf_hash(leaf).hex() == vectors["leaf"]["hash"]
    assert log.commitment(bytes.fromhex(vectors["leaf"]["salt"]), entry.code) == msgspec.json.decode(leaf)["seal"]
    assert status_list.decode(vectors["status_list"]["encoded"]) == set(vectors["status_list"]["set"])
