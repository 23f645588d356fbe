"""Signing on PostgreSQL and in the store: who may, what is kept, and that nothing is doubled or changed."""

import json
from datetime import datetime, timedelta

import asyncpg
import msgspec
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.clients import service as clients
from registry.clients.rules import Post
from registry.clients.schemas import WorkerDraft
from registry.commitments import canonical, queries, service
from registry.commitments.schemas import Sign
from registry.core.context import Context
from registry.core.db import execute, fetch, transaction
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.core.ids import uuid7
from registry.schemes import service as schemes
from registry.schemes.schemas import Publish
from tests.registry.learning import CODE, FAUSTO, OFFICER, House, house, person


def form(at: House, **changed: object) -> Sign:
    data = {"scheme_version": at.version.id, "language": "es", "signatory_name": "Ana Villafuerte",
            "signatory_position": "Gerente general", "power_to_bind": True}  # fmt: skip
    return Sign(**data | changed)  # type: ignore[arg-type]


async def test_the_document_is_in_the_store_under_its_hash_and_says_what_was_read(
    db: None, now: datetime, context: Context
) -> None:
    at = await house(now)
    id = await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    row = await queries.one(id)
    assert row is not None
    document = await service.document(row, context.storage)
    assert document.term.lead.startswith("Nosotros, Hotel Farol del Golfo, con 5 personas trabajadoras")
    assert document.signature == {"name": "Ana Villafuerte", "position": "Gerente general", "method": "typed",
                                  "power": "legal_representative", "account": str(at.ana.id),
                                  "at": "2026-11-20T15:12:00Z"}  # fmt: skip
    assert document.fingerprint == row["fingerprint"] and document.scheme["sha256"] == at.version.sha256
    view = await queries.current([at.hotel, at.inn], now)
    assert set(view) == {at.hotel} and str(view[at.hotel].last_on) == "2029-11-20"
    (entry,) = await fetch("SELECT details::text AS d FROM trail_entry WHERE event = 'commitments.signed'")
    assert row["sha256"] in entry["d"] and "Ana" not in entry["d"]


async def test_nobody_but_the_business_itself_can_sign(db: None, now: datetime, context: Context) -> None:
    at = await house(now)
    both = person("Irene", Role.ASSOCIATION_ADMIN, at.chamber)
    both = msgspec.structs.replace(both, roles=both.roles | {Role.REPRESENTATIVE},
                                   scopes=both.scopes | {(Role.REPRESENTATIVE, at.inn)})  # fmt: skip
    for actor, refusal in ((at.irene, Forbidden), (both, Forbidden), (OFFICER, Forbidden), (SYSTEM, Forbidden),
                           (at.tomas, Forbidden), (at.berta, NotFound), (FAUSTO, NotFound)):  # fmt: skip
        with pytest.raises(refusal):
            await service.sign(actor, now, at.hotel, form(at), context.storage)
    assert not await fetch("SELECT FROM commitment")


async def test_a_form_sent_twice_signs_once_and_a_second_signature_is_refused(
    db: None, now: datetime, context: Context
) -> None:
    at, once = await house(now), uuid7()
    ids = {await service.sign(at.ana, now, at.hotel, form(at), context.storage, once=once) for _ in range(3)}
    assert len(ids) == 1 and len(await fetch("SELECT FROM commitment")) == 1
    with pytest.raises(Conflict, match="commitment-already-signed"):
        await service.sign(at.ana, now + timedelta(days=30), at.hotel, form(at), context.storage)
    await service.sign(at.ana, now + timedelta(days=900), at.hotel, form(at), context.storage)


async def test_what_was_seen_is_what_is_signed(db: None, now: datetime, context: Context) -> None:
    at = await house(now)
    client = {"id": at.hotel, "name": "Hotel Farol del Golfo", "tax_id": None, "zone": "America/Costa_Rica"}
    seen = canonical.fingerprint(await service.reading(client, at.version, "es", now))
    await clients.enter_roster(at.ana, now, at.hotel, [WorkerDraft(name="Zoraida Cruz", post=Post.OTHER)])
    with pytest.raises(Conflict, match="commitment-text-changed"):
        await service.sign(at.ana, now, at.hotel, form(at, fingerprint=seen), context.storage)
    seen = canonical.fingerprint(await service.reading(client, at.version, "es", now))
    await service.sign(at.ana, now, at.hotel, form(at, fingerprint=seen), context.storage)


@pytest.mark.parametrize(("wrong", "field"), [
    ({"signatory_name": "\u200b "}, "signatory_name"),
    ({"signatory_position": ""}, "signatory_position"),
    ({"power_to_bind": False}, "power_to_bind"),
    ({"language": "de"}, "language"),
])  # fmt: skip
async def test_what_is_lacking_is_named_and_nothing_is_kept(
    db: None, now: datetime, context: Context, wrong: dict[str, object], field: str
) -> None:
    at = await house(now)
    with pytest.raises(Invalid) as refusal:
        await service.sign(at.ana, now, at.hotel, form(at, **wrong), context.storage)
    assert field in refusal.value.details["fields"]
    assert not await fetch("SELECT FROM commitment")


async def test_a_new_text_must_be_read_before_it_is_signed_and_the_old_word_holds_through_the_overlap(
    db: None, now: datetime, context: Context
) -> None:
    at = await house(now)
    await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    begins = now.date() + timedelta(days=10)
    newer = await schemes.publish(OFFICER, now, Publish(msgspec.structs.replace(CODE, number="1.1"), begins))
    later = now + timedelta(days=20)
    with pytest.raises(Conflict, match="commitment-text-changed"):
        await service.sign(at.ana, later, at.hotel, form(at), context.storage)
    assert (await queries.current([at.hotel], later))[at.hotel].replaced_on == begins
    assert await queries.current([at.hotel], now + timedelta(days=200)) == {}
    await service.sign(at.ana, later, at.hotel, form(at, scheme_version=newer), context.storage)
    assert (await queries.current([at.hotel], now + timedelta(days=200)))[at.hotel].scheme_version == newer


async def test_a_business_takes_its_word_back_in_writing(db: None, now: datetime, context: Context) -> None:
    at, later = await house(now), now + timedelta(days=5)
    await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    with pytest.raises(Invalid, match="commitment-reason-needed"):
        await service.end(at.ana, later, at.hotel, "no")
    with pytest.raises(NotFound):
        await service.end(at.berta, later, at.hotel, "Cerramos el hotel este año.")
    await service.end(at.ana, later, at.hotel, "Cerramos el hotel este año.")
    assert await queries.current([at.hotel], later) == {}
    assert set(await queries.current([at.hotel], later - timedelta(seconds=1))) == {at.hotel}, "the past stays true"
    with pytest.raises(Conflict, match="commitment-not-in-force"):
        await service.end(at.ana, later, at.hotel, "Cerramos el hotel este año.")


@pytest.mark.parametrize("statement", [
    "UPDATE commitment SET signatory_name = 'X'",
    "UPDATE commitment SET last_on = '2099-01-01', ended_at = now()",
    "DELETE FROM commitment",
])  # fmt: skip
async def test_the_database_itself_refuses_to_change_a_signature(
    db: None, now: datetime, context: Context, statement: str
) -> None:
    at = await house(now)
    await service.sign(at.ana, now, at.hotel, form(at), context.storage)
    with pytest.raises(asyncpg.PostgresError, match="never changed"):
        async with transaction():
            await execute(statement)


async def test_a_document_that_was_touched_is_not_shown_as_signed(db: None, now: datetime, context: Context) -> None:
    at = await house(now)
    row = await queries.one(await service.sign(at.ana, now, at.hotel, form(at), context.storage))
    assert row is not None
    key = f"sha256/{row['sha256'][:2]}/{row['sha256']}.json"
    forged = json.loads(await context.storage.get(key)) | {"workers": 500}
    await context.storage.put(key, json.dumps(forged).encode())
    with pytest.raises(Conflict, match="commitment-document-differs"):
        await service.document(row, context.storage)
    await context.storage.delete(key)
    with pytest.raises(NotFound, match="commitment-document-missing"):
        await service.document(row, context.storage)
