"""A reporter's side over HTTP, as the page's own script and the form without one do it; and from which address."""

import html
import json
import re
import secrets
from collections.abc import Sequence
from typing import Any
from uuid import UUID, uuid4

import httpx
import msgspec

from registry.authorities import directory as directories
from registry.authorities.directory import Directory
from registry.core import crypto
from registry.reports import bech32, envelope, files
from registry.reports.envelope import Inner, Place, Report

PLACE = "CR-G"
TYPE = {"content-type": "application/json"}


class Form(msgspec.Struct, frozen=True):
    """A form that was opened: its token, and what the page tells its script."""

    token: str
    channel: dict[str, Any]


class Sent(msgspec.Struct, frozen=True):
    """What is posted, byte for byte, so that it can be posted again, and where; `lookup` and `id` where a browser
    sealed it."""

    body: bytes
    headers: dict[str, str]
    id: UUID | None = None
    lookup: str = ""
    address: str = "/report"


def from_address(address: str = "127.0.0.1", **more: Any) -> httpx.AsyncClient:
    """A reporter on a network of their own: the whole of 127/8 is this machine."""
    limits = httpx.Limits(max_connections=None, max_keepalive_connections=None)
    transport = httpx.AsyncHTTPTransport(local_address=address, limits=limits)
    return httpx.AsyncClient(transport=transport, timeout=60, **more)


async def opened(http: httpx.AsyncClient, origin: str) -> Form:
    page = (await http.get(f"{origin}/report", params={"place": PLACE, "lang": "en"})).text
    token = re.search(r'name="token" value="([^"]+)"', page)
    told = re.search(r'data-channel="([^"]+)"', page)
    assert token and told, page[:3000]
    return Form(token[1], json.loads(html.unescape(told[1])))


async def directory(http: httpx.AsyncClient, origin: str) -> Directory:
    return directories.read((await http.get(f"{origin}/log/authorities/directory.json")).content).directory


def by_script(
    form: Form, known: Directory, text: str, spot: str = "", work: str = "", attached: Sequence[bytes] = ()
) -> Sent:
    """Sealed on the phone, files too: what the server gets says nothing. The lookup is drawn, not derived from a code:
    only the phone spends its time on that. `work`: what a phone is asked for under a flood."""
    made = files.ready(list(attached), keep_taken=False)
    offices = [record for one in form.channel["chain"] if (record := known.record(UUID(one)))]
    keys = tuple(key for record in offices for key in record.recipients)
    inside = envelope.Context(
        uuid4(), tuple(r.authority for r in offices), tuple(map(envelope.fingerprint, keys)), known.version
    )
    if made:
        inside = msgspec.structs.replace(inside, form=files.FORM)
    identity = bech32.encode("age-secret-key-", secrets.token_bytes(32)).upper()
    reply, lookup = envelope.recipient_of(identity), crypto.b64url(secrets.token_bytes(32))
    proof = envelope.new_proof(secrets.randbits(128))
    inner = Inner("sectt-report/1", proof, inside, Report(Place(PLACE, spot), text), reply, ("Unidad",),
                  attachments=tuple(one.manifest for one in made))  # fmt: skip
    sealed = envelope.seal(inner, keys)
    said = {
        "token": form.token, "place": PLACE, "envelope": str(inside.envelope), "chain": form.channel["chain"],
        "keys": list(inside.keys), "directory": known.version, "form": inside.form, "size_step": sealed.size_step,
        "sealed": crypto.b64url(sealed.body), "lookup": lookup, "reply_recipient": reply,
        "proof_hash": sealed.proof_hash.hex(), "pow": work,
    }  # fmt: skip
    if not made:
        return Sent(json.dumps(said).encode(), TYPE, inside.envelope, lookup)
    parcel = _parcel({"report": json.dumps(said)}, [files.seal(one, keys) for one in made])
    return msgspec.structs.replace(parcel, id=inside.envelope, lookup=lookup)


def by_form(form: Form, text: str, spot: str = "", attached: Sequence[bytes] = (), when: str = "") -> Sent:
    """Typed into the page without its script, files chosen there: sealed by the server."""
    data = {"token": form.token, "place": PLACE, "text": text, "spot": spot, "when": when}
    if attached:
        return _parcel(data, attached)
    said = httpx.Request("POST", "http://x", data=data)
    return Sent(said.read(), {"content-type": said.headers["content-type"]})


def _parcel(data: dict[str, str], attached: Sequence[bytes]) -> Sent:
    """The form of several parts in which files go."""
    said = httpx.Request("POST", "http://x", data=data, files=[("files", ("file", one)) for one in attached])
    return Sent(said.read(), {"content-type": said.headers["content-type"]}, address="/report/attachments")


async def post(http: httpx.AsyncClient, origin: str, sent: Sent) -> httpx.Response:
    return await http.post(f"{origin}{sent.address}?lang=en", content=sent.body, headers=sent.headers)


async def answered(http: httpx.AsyncClient, origin: str, lookup: str) -> bool:
    """Whether a lookup finds something."""
    said = await http.post(f"{origin}/return", content=json.dumps({"lookup": lookup}), headers=TYPE)
    return said.status_code == 200
