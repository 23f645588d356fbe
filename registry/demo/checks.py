"""Chapter five: every printed symbol is read by a real decoder, its page fetched, its credential verified.

From outside: pages, credentials, lists and keys all come over HTTP. Only the decision they are compared with is asked
of the desk, because that is the other half of the comparison.
"""

import asyncio
import io
from collections.abc import Iterable, Sequence
from urllib.parse import urlsplit
from uuid import UUID

import httpx
import msgspec
import zxingcpp
from PIL import Image

from registry.certification import queries as cases
from registry.certification.rules import State
from registry.clients.schemas import Unit
from registry.core import crypto
from registry.core.i18n import _
from registry.demo.stage import Stage, batches, together
from registry.printing import prints
from registry.seals import credential, did, status_list
from registry.seals import queries as seals
from registry.seals.queries import SealView

AT_ONCE = 2
PUBLIC = {State.GRANTED: "valid", State.SUSPENDED: "suspended", State.WITHDRAWN: "withdrawn", State.EXPIRED: "expired",
          State.ENDED: "expired"}  # fmt: skip
"""What a page says for what was decided."""
SHEETS = 64
"""Seals printed, read and looked up in one go; two such lots are under way at any time."""
DOTS = 120
"""Dots per inch at which the printed sheets are looked at: a poor office printer, or a fax."""
QR = zxingcpp.barcode_formats_from_str("QRCode")
"""What a telephone looks for, too; without it every sheet is searched for thirty other kinds of symbol."""


class Outside(msgspec.Struct):
    """What somebody outside knows: the keys and the two lists."""

    keys: did.Keys
    revoked: frozenset[int]
    suspended: frozenset[int]


async def every_seal(stage: Stage, client: httpx.AsyncClient) -> dict[str, SealView]:
    """Print, decode, fetch and verify every seal there is. Returns them by code."""
    issued = {seal.code: seal for member in (*stage.hotels, *stage.taxis) for seal in await of(stage, member.units)}
    stage.result.seals_issued = len(issued)
    outside, standing = await read_keys(client), await decisions(stage, issued.values())

    async def look(address: str) -> None:
        seal = issued[address.rsplit("/", 1)[-1]]
        state = standing[seal.unit]
        page = await agrees(client, address, seal, state)
        proof = await verifies(client, address, seal, state, outside)
        stage.result.pages_agree += page
        stage.result.credentials_verified += proof
        stage.step(_("Seals: read and checked"), 1)

    async def printed(some: Sequence[SealView]) -> None:
        sheets = await prints.pictures(stage.context, some, DOTS)
        found = await asyncio.to_thread(decode, sheets)
        known = sorted({address for address in found if address.rsplit("/", 1)[-1] in issued})
        stage.result.qr_decoded += len(known)
        await together((look(address) for address in known), AT_ONCE)

    await together((printed(some) for some in batches(list(issued.values()), SHEETS)), 2)
    return issued


def decode(sheets: list[bytes]) -> list[str]:
    """What a decoder reads off each printed page; a page carries several symbols."""
    texts = []
    for sheet in sheets:
        with Image.open(io.BytesIO(sheet)) as picture:
            texts += [found.text for found in zxingcpp.read_barcodes(picture.convert("L"), QR)]
    return texts


async def read_keys(client: httpx.AsyncClient) -> Outside:
    """The issuer's keys, and both lists verified with them."""
    keys = did.keys((await client.get("/.well-known/did.json")).json())
    lists = []
    for purpose in status_list.PURPOSES:
        signed = (await client.get(f"/log/status/{purpose}/1")).text
        lists.append(credential.verified_list(signed, keys.verifier("issuer", crypto.verified), purpose))
    return Outside(keys, *lists)


async def decisions(stage: Stage, issued: Iterable[SealView]) -> dict[UUID, State]:
    """What was decided about each unit, as it stands now."""
    every = [await cases.scope(case, stage.now) for case in {seal.certification for seal in issued}]
    return {unit.unit_id: unit.standing for scope in every for unit in scope}


async def agrees(client: httpx.AsyncClient, address: str, seal: SealView, state: State) -> bool:
    """Whether the page and the machine's answer say what was decided, of whom it was decided."""
    path = urlsplit(address).path
    page = await client.get(path, headers={"accept": "text/html", "accept-language": "es"})
    said = (await client.get(path, headers={"accept": "application/json"})).json()
    shown = seal.facts.plate or seal.facts.name
    plain = page.text.replace("\u00a0", " ").replace("&nbsp;", " ")
    return (page.status_code == 200 and shown in plain and f'class="verdict {PUBLIC[state]}"' in plain
            and said["state"] == PUBLIC[state])  # fmt: skip


async def verifies(client: httpx.AsyncClient, address: str, seal: SealView, state: State, outside: Outside) -> bool:
    """Whether the credential is signed by the issuer's key, names this holder, and the lists carry the decision."""
    jws = (await client.get(urlsplit(address).path, headers={"accept": "application/vc+jwt"})).text
    said = credential.verified(jws, outside.keys.verifier("issuer", crypto.verified))
    index = int(said["credentialStatus"][0]["statusListIndex"])
    named = said["credentialSubject"]["issuedToParty"]["name"] == seal.facts.holder
    return (named and (index in outside.suspended) == (state is State.SUSPENDED)
            and (index in outside.revoked) == (state in (State.WITHDRAWN, State.ENDED)))  # fmt: skip


async def of(stage: Stage, units: list[Unit]) -> list[SealView]:
    """The newest seal of each of these units that has one."""
    return list((await seals.of_units([unit.id for unit in units], stage.now)).values())
