"""How an authority comes into the directory, on PostgreSQL."""

import secrets
from datetime import datetime, timedelta
from pathlib import Path
from uuid import UUID, uuid4

import msgspec
import pytest

from registry.access.actor import STRANGER, SYSTEM
from registry.authorities import ceremony, lines, queries, service
from registry.authorities.directory import Competence, Offence, aloud, read, sign
from registry.authorities.hotlines import Kind
from registry.authorities.hours import Hours
from registry.authorities.root import Root
from registry.authorities.rules import Channel, Lack, Use, lacks
from registry.authorities.rules import Kind as AuthorityKind
from registry.authorities.schemas import NewContact, NewHotline, Proof, PublicKey, ReadBack, Register, Sign
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import execute, fetch
from registry.core.errors import Conflict, Forbidden, Invalid, NotFound
from registry.reports.agent import keys
from registry.seals import service as seals

UNIT = Register({"es": "Unidad"}, AuthorityKind.POLICE, "CR", (Competence(("CR-G", "CR-P")),), always_open=True)
HOLDERS = ("Guardia de día", "Guardia de noche", "Oficina jurídica", "Agente")


async def test_an_authority_is_ready_only_when_its_keys_are_proven_and_its_agreement_signed(
    db: None, now: datetime, tmp_path: Path
) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    with pytest.raises(Conflict, match="directory-empty"):
        await queries.next_directory(SYSTEM, now)
    tasks = [
        await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(p, PublicKey, strict=False))
        for p in keys.make(tmp_path / "unit", HOLDERS)
    ]
    assert Lack.WORKING_KEYS in lacks(await queries.dossier(SYSTEM, authority, now), now.date())
    for task in tasks:
        with pytest.raises(Invalid, match="key-not-proven"):
            await ceremony.prove_key(SYSTEM, now, Proof(task.key, "guessed"))
        await ceremony.prove_key(
            SYSTEM,
            now,
            Proof(task.key, keys.proof(tmp_path / "unit", task.task)),
        )
    assert Lack.READ_BACK in lacks(await queries.dossier(SYSTEM, authority, now), now.date())
    for task in tasks:
        with pytest.raises(Invalid, match="fingerprint-differs"):
            await ceremony.read_back(SYSTEM, now, ReadBack(task.key, aloud("age1other"), Channel.PHONE, "Guardia"))
        heard = aloud(task.public).replace(" ", " - ")
        await ceremony.read_back(SYSTEM, now, ReadBack(task.key, heard, Channel.PHONE, "Guardia"))
    assert lacks(await queries.dossier(SYSTEM, authority, now), now.date()) == [Lack.AGREEMENT]
    await service.sign_agreement(
        SYSTEM, now, authority, Sign("X-1", "Dirección", now.date(), now.date(), now.date() + timedelta(days=365))
    )
    assert lacks(await queries.dossier(SYSTEM, authority, now), now.date()) == []
    unsigned = read(await queries.next_directory(SYSTEM, now)).directory
    assert unsigned.version == 1 and unsigned.records[0].competence.places == ("CR-G", "CR-P")


async def test_a_directory_is_loaded_only_when_two_of_three_custodians_signed_it(
    db: None, now: datetime, context: Context, tmp_path: Path
) -> None:
    await ready(now, tmp_path)
    one, two, three, other = (crypto.FileSigner.make(tmp_path / f"{name}.pem") for name in ("1", "2", "3", "other"))
    pinned = Root(2, tuple(crypto.b64url(c.public_bytes()) for c in (one, two, three)))
    unsigned = read(await queries.next_directory(SYSTEM, now))
    for few in (sign(unsigned, one), sign(unsigned, one, other), sign(unsigned)):
        with pytest.raises(Invalid, match="directory-not-signed"):
            await service.load_directory(SYSTEM, now, pinned, few)
    signed = sign(read(sign(unsigned, one)), three)
    await service.load_directory(SYSTEM, now, pinned, signed)
    await service.load_directory(SYSTEM, now, pinned, signed)
    await service.publish(context, now)
    assert await context.published.get(queries.DIRECTORY_KEY) == signed
    second = read(await queries.next_directory(SYSTEM, now))
    assert second.directory.version == 2 and second.directory.records[0].previous != ""
    await service.load_directory(SYSTEM, now, pinned, sign(second, two, three))
    with pytest.raises(Invalid, match="directory-rolled-back"):
        await service.load_directory(SYSTEM, now, pinned, signed)


async def test_a_directory_in_a_format_we_no_longer_read_is_followed_and_not_used(
    db: None, now: datetime, context: Context, tmp_path: Path
) -> None:
    await ready(now, tmp_path)
    old = b'{"directory":{"format":"resguardo-directory/1","version":4},"root":"x","signature":"y"}'
    await execute(
        "INSERT INTO authority_directory (version, digest, document, loaded_at) VALUES (4, $1, $2, $3)",
        "d" * 64,
        old.decode(),
        now,
    )
    await service.publish(context, now)
    with pytest.raises(Invalid, match="directory-unreadable"):
        read(await context.published.get(queries.DIRECTORY_KEY))
    following = read(await queries.next_directory(SYSTEM, now)).directory
    assert (following.version, following.previous) == (5, "d" * 64)


async def test_a_revoked_key_is_not_in_the_next_directory(db: None, now: datetime, tmp_path: Path) -> None:
    authority = await ready(now, tmp_path)
    (key,) = await fetch("SELECT id FROM authority_key WHERE use = 'working' LIMIT 1")
    await ceremony.revoke_key(SYSTEM, now, key["id"], "el teléfono se perdió")
    assert Lack.WORKING_KEYS in lacks(await queries.dossier(SYSTEM, authority, now), now.date())
    with pytest.raises(NotFound):
        await ceremony.revoke_key(SYSTEM, now, key["id"], "otra vez")


async def test_a_contact_counts_once_somebody_answered_there(db: None, now: datetime) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    contact = await service.add_contact(SYSTEM, now, authority, NewContact("Guardia", "guardia@unidad.test"))
    assert (await queries.dossier(SYSTEM, authority, now)).contacts == 0
    await service.confirm_contact(SYSTEM, now, contact)
    assert (await queries.dossier(SYSTEM, authority, now)).contacts == 1
    with pytest.raises(NotFound):
        await service.confirm_contact(SYSTEM, now, uuid4())


async def test_a_contact_that_ended_counts_no_more_and_cannot_be_confirmed(db: None, now: datetime) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    contact = await service.add_contact(SYSTEM, now, authority, NewContact("Guardia", "guardia@unidad.test"))
    await service.confirm_contact(SYSTEM, now, contact)
    await service.end_contact(SYSTEM, now, contact)
    assert (await queries.dossier(SYSTEM, authority, now)).contacts == 0
    assert await queries.contacts(SYSTEM, authority) == []
    for act in (service.confirm_contact, service.end_contact):
        with pytest.raises(NotFound):
            await act(SYSTEM, now, contact)


async def test_a_test_is_opened_in_its_call_or_made_anew(db: None, now: datetime, tmp_path: Path) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    (public, *_rest) = keys.make(tmp_path / "unit", HOLDERS)
    task = await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(public, PublicKey, strict=False))
    answer = keys.proof(tmp_path / "unit", task.task)
    late = now + timedelta(hours=13)
    with pytest.raises(Conflict, match="key-task-old"):
        await ceremony.prove_key(SYSTEM, late, Proof(task.key, answer))
    await ceremony.ask_again(SYSTEM, late, task.key)
    with pytest.raises(Invalid, match="key-not-proven"):
        await ceremony.prove_key(SYSTEM, late, Proof(task.key, answer))
    (key,) = (await queries.dossier(SYSTEM, authority, late)).keys
    await ceremony.prove_key(SYSTEM, late, Proof(task.key, keys.proof(tmp_path / "unit", key.task)))
    with pytest.raises(Conflict, match="key-needs-no-test"):
        await ceremony.ask_again(SYSTEM, late, task.key)


async def test_a_record_says_cantons_acts_abroad_and_hours_and_changes_only_with_the_next_directory(
    db: None, now: datetime, tmp_path: Path
) -> None:
    authority = await ready(now, tmp_path)
    narrow = msgspec.structs.replace(
        UNIT,
        kind=AuthorityKind.OMBUDSMAN,
        competence=(Competence(("CR-SJ/101",), ("lodging",)),),
        offences=(Offence.TRAFFICKING,),
        abroad=True,
        always_open=False,
        hours=Hours("weekdays", "08:00", "16:00"),
        timezone="America/Costa_Rica",
    )
    await service.amend(SYSTEM, now, authority, narrow)
    (record,) = read(await queries.next_directory(SYSTEM, now)).directory.records
    assert record.kind == "ombudsman" and record.abroad and record.offences == (Offence.TRAFFICKING,)
    assert record.competence.covers("CR-SJ/10102", "lodging") and not record.competence.covers("CR-SJ")
    assert record.hours == Hours("weekdays", "08:00", "16:00") and not record.always_open
    for wrong in (
        msgspec.structs.replace(narrow, always_open=True),
        msgspec.structs.replace(narrow, timezone=""),
        msgspec.structs.replace(narrow, then=authority),
    ):
        with pytest.raises(Invalid):
            await service.amend(SYSTEM, now, authority, wrong)


async def test_hotlines_are_published_checked_and_retired(db: None, now: datetime, context: Context) -> None:
    line = await lines.add_hotline(
        SYSTEM,
        now,
        NewHotline(
            Kind.CHILD_PROTECTION,
            "CR",
            {"es": "Protección"},
            ("2555-0147",),
            Hours(),
            "America/Costa_Rica",
            ("es",),
            now.date() - timedelta(days=200),
            "Operación",
            fictitious=True,
        ),
    )
    await lines.check_hotline(SYSTEM, now, line, "Guardia")
    await service.publish(context, now)
    assert await queries.published_lines(context) == (), "no manifest answers for them yet"
    await seals.publish(SYSTEM, now, context)
    (published,) = await queries.published_lines(context)
    assert published.numbers == ("+50625550147",) and published.checked_on == now.date() and published.fictitious
    await lines.retire_hotline(SYSTEM, now, line, "no contesta")
    await service.publish(context, now)
    await seals.publish(SYSTEM, now, context)
    assert await queries.published_lines(context) == ()


async def test_keys_that_are_not_keys_are_refused(db: None, now: datetime) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    with pytest.raises(Invalid, match="key-not-age"):
        await ceremony.record_key(SYSTEM, now, authority, PublicKey(Use.WORKING, "age1" + "x" * 58, "Guardia"))
    with pytest.raises(Invalid, match="key-not-ed25519"):
        await ceremony.record_key(SYSTEM, now, authority, PublicKey(Use.SIGNING, "short", "Agente"))
    with pytest.raises(NotFound):
        await ceremony.record_key(SYSTEM, now, uuid4(), PublicKey(Use.SIGNING, "A" * 43, "Agente"))


async def test_who_may_not_manage_authorities_learns_nothing(db: None, now: datetime) -> None:
    authority = await service.register(SYSTEM, now, UNIT)
    with pytest.raises(Forbidden):
        await service.register(STRANGER, now, UNIT)
    with pytest.raises(NotFound):
        await queries.dossier(STRANGER, authority, now)


async def ready(now: datetime, folder: Path) -> UUID:
    authority = await service.register(SYSTEM, now, UNIT)
    for public in keys.make(folder / secrets.token_hex(4), HOLDERS):
        task = await ceremony.record_key(SYSTEM, now, authority, msgspec.convert(public, PublicKey, strict=False))
        where = next(p.parent for p in folder.glob("*/public.json"))
        await ceremony.prove_key(SYSTEM, now, Proof(task.key, keys.proof(where, task.task)))
        await ceremony.read_back(SYSTEM, now, ReadBack(task.key, aloud(task.public), Channel.VIDEO, task.use))
    await service.sign_agreement(
        SYSTEM, now, authority, Sign("X-1", "Dirección", now.date(), now.date(), now.date() + timedelta(days=365))
    )
    return authority
