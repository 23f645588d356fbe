"""A report that a browser sealed: what is taken, what is not, and that what was taken is never lost."""

import secrets
from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest

from registry.access.actor import STRANGER
from registry.core import crypto
from registry.core.context import Context
from registry.core.db import REPORTS_DB, fetch
from registry.core.errors import Conflict, Invalid
from registry.reports import bech32, envelope, gate, queries, service
from registry.reports.code import Derived
from registry.reports.envelope import Inner, Place, Report
from registry.reports.schemas import Carried
from tests.registry.reports.world import World, made, sign_directory


@pytest.fixture
async def world(committed: str, context: Context, now: datetime, tmp_path: Path) -> AsyncIterator[World]:
    yield await made(context, now, tmp_path)


async def carried(world: World, text: str = "Vi algo que me preocupa.", **changed: Any) -> Carried:
    """What an honest browser sends now."""
    opening = await queries.availability(world.context, "CR-G", "", world.now)
    assert isinstance(opening, gate.Open)
    keys = tuple(key for record in opening.chain for key in record.recipients)
    secret = secrets.token_bytes(32)
    derived = Derived(crypto.sha256(secret), bech32.encode("age-secret-key-", secret).upper())
    inside = envelope.Context(
        uuid4(), tuple(r.authority for r in opening.chain), tuple(map(envelope.fingerprint, keys)), opening.directory
    )
    reply = envelope.recipient_of(derived.reply_identity)
    proof = envelope.new_proof(secrets.randbits(128))
    inner = Inner("sectt-report/1", proof, inside, Report(Place("CR-G"), text), reply, ("Unidad",))
    sealed = envelope.seal(inner, keys)
    sent = Carried(
        token="x", place="CR-G", envelope=inside.envelope, chain=inside.chain, keys=inside.keys,
        directory=inside.directory, form=inside.form, size_step=sealed.size_step,  # type: ignore[arg-type]
        sealed=crypto.b64url(sealed.body), lookup=crypto.b64url(derived.lookup), reply_recipient=reply,
        proof_hash=sealed.proof_hash.hex(),
    )  # fmt: skip
    return msgspec.structs.replace(sent, **changed)


async def send(world: World, data: Carried, nonce: bytes = b"n" * 32, *, burst: bool = False) -> Any:
    return await service.carry(STRANGER, world.now, world.context, data, nonce, burst)


async def rows() -> list[dict[str, Any]]:
    return await fetch(
        "SELECT * FROM reports.envelope WHERE id NOT IN (SELECT envelope FROM reports.drill)", engine=REPORTS_DB
    )


async def test_it_is_kept_as_it_came_and_the_office_opens_it(world: World) -> None:
    sent = await carried(world)
    receipt = await send(world, sent)
    assert receipt.code is None and not receipt.again and len(receipt.due) == len(receipt.chain)
    (row,) = await rows()
    assert row["sealed_by"] == "browser" and row["id"] == sent.envelope
    assert row["lookup_mac"] == service.lookup_mac(world.context, Derived(crypto.unb64url(sent.lookup), ""))
    done = await world.agent().once()
    assert (done.opened, done.unreadable) == (1, 0)


async def test_the_second_press_stores_nothing_and_the_first_stays_readable(world: World) -> None:
    sent = await carried(world)
    assert not (await send(world, sent)).again
    assert (await send(world, sent)).again
    assert len(await rows()) == 1
    assert (await world.agent().once()).opened == 1, "the key that the copy is wrapped in is still there"


async def test_a_form_is_good_for_one_report_and_an_envelope_for_one_form(world: World) -> None:
    sent = await carried(world)
    await send(world, sent)
    with pytest.raises(Conflict, match="report-form-used"):
        await send(world, await carried(world, "Otro texto."))
    with pytest.raises(Conflict, match="report-form-used"):
        await send(world, await carried(world, envelope=sent.envelope), b"m" * 32)
    assert len(await rows()) == 1
    assert (await world.agent().once()).opened == 1, "whoever names another's envelope does it no harm"


async def test_a_gate_that_closed_takes_nothing(world: World) -> None:
    sent = await carried(world)
    late = msgspec.structs.replace(world.context, clock=lambda: world.now + timedelta(days=40))
    with pytest.raises(Conflict, match="report-closed"):
        await service.carry(STRANGER, world.now + timedelta(days=40), late, sent, b"n" * 32, False)
    with pytest.raises(Conflict, match="report-closed"):
        await send(world, msgspec.structs.replace(sent, place="CR-L"))
    assert await rows() == []


async def test_what_was_sealed_to_the_offices_of_before_is_sealed_again(world: World) -> None:
    sent = await carried(world)
    await sign_directory(world.context, world.now, world.root)
    with pytest.raises(Conflict, match="report-directory-changed"):
        await send(world, sent)
    await send(world, await carried(world))
    assert (await world.agent().once()).opened == 1


@pytest.mark.parametrize("what", ["keys", "version", "size", "header", "stanzas", "letters", "plain"])
async def test_what_our_page_would_not_have_made_is_refused(world: World, what: str) -> None:
    sent = await carried(world)
    body = crypto.unb64url(sent.sealed)
    head, _, tail = body.partition(b"\n")
    stanza = b"\n".join(tail.split(b"\n")[:2]) + b"\n"
    changes: dict[str, dict[str, Any]] = {
        "keys": {"keys": tuple(reversed(sent.keys))},
        "version": {"envelope": UUID(int=1)},
        "size": {"size_step": 16384},
        "header": {"sealed": crypto.b64url(body.replace(b"v1", b"v2", 1))},
        "stanzas": {"sealed": crypto.b64url(head + b"\n" + stanza + tail)},
        "letters": {"sealed": sent.sealed[:-1] + "!"},
        "plain": {"sealed": crypto.b64url(b'{"narrative":"Vi algo"}'.ljust(4096))},
    }
    with pytest.raises(Invalid, match="envelope-not-sealed"):
        await send(world, msgspec.structs.replace(sent, **changes[what]))
    assert await rows() == []


async def test_junk_with_the_right_outside_is_answered_as_unreadable_and_closes_no_gate(world: World) -> None:
    sent = await carried(world)
    body = bytearray(crypto.unb64url(sent.sealed))
    body[-1] ^= 1
    await send(world, msgspec.structs.replace(sent, sealed=crypto.b64url(bytes(body))))
    assert (await world.agent().once()).unreadable == 1
    assert isinstance(await queries.availability(world.context, "CR-G", "", world.now), gate.Open)
