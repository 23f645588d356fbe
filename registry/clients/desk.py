"""The desk's other pages of this room: associations, one business written by hand, rosters."""

from datetime import date, datetime
from typing import Annotated, Any
from urllib.parse import quote
from uuid import UUID

from litestar import Response, get, post
from litestar.datastructures import UploadFile
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.params import Body, FromPath, FromQuery

from registry.access.actor import Actor
from registry.access.permissions import Permission, Role
from registry.clients import places, queries, rosters, service
from registry.clients.columns import Field
from registry.clients.rules import AssociationKind, ClientKind, Post, Shift
from registry.clients.schemas import AddClient, EditClient, EnrolAssociation, WorkerDraft
from registry.clients.words import ASSOCIATION_KINDS, FIELDS, POSTS, SHIFTS, cell
from registry.core import ids
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.i18n import N_, _, ngettext
from registry.core.pages import RailEntry, again, page, see_other

Form = Body(media_type=RequestEncodingType.URL_ENCODED)
Parts = Body(media_type=RequestEncodingType.MULTI_PART)
MEDIA = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
ROSTER_ROOM = 5_000_000


# What forms hold, made ours or refused.


def identity(text: str) -> UUID:
    found = ids.read(text)
    if found is None:
        raise NotFound("association-not-found")
    return found


def day(text: str, field: str, today: date) -> date:
    if not text:
        return today
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Invalid("date-shape", fields={field: "date-shape"}) from None


def download(body: bytes, name: str, media: str) -> Response[bytes]:
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "-" for c in name)
    disposition = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"
    headers = {"content-disposition": disposition, "cache-control": "no-store", "x-content-type-options": "nosniff"}
    return Response(body, media_type=media, headers=headers)


# Associations: the registry's own people.


async def _associations(actor: Actor) -> dict[str, Any]:
    return {"associations": await queries.associations(actor), "KINDS": ASSOCIATION_KINDS}


@get("/desk/associations")
async def associations(actor: NamedDependency[Actor]) -> Response[Any]:
    actor.require(Permission.CLIENTS_ENROL)
    return page("clients/associations.html", **await _associations(actor))


@post("/desk/associations", status_code=303)
async def enrol(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[dict[str, str], Form]
) -> Response[Any]:
    try:
        if data.get("kind") not in set(AssociationKind):
            raise Invalid("association-kind", fields={"kind": "association-kind"})
        country = (data.get("country") or "CR").strip().upper()
        if len(country) != 2 or not country.isalpha():
            raise Invalid("country-code", fields={"country": "country-code"})
        asked = EnrolAssociation(
            name=data.get("name", ""), kind=AssociationKind(data["kind"]), country=country,
            contact_email=data.get("contact_email", ""), tax_id=data.get("tax_id", ""),
        )  # fmt: skip
        made = await service.enrol_association(actor, now, asked, once=ids.read(data.get("once")))
    except Refusal as refusal:
        return again("clients/associations.html", refusal, data, **await _associations(actor))
    return see_other("/desk/imports", association=str(made))


# One business by hand.


async def _for_member(actor: Actor, association: str) -> dict[str, Any]:
    return {
        "associations": await queries.associations(actor),
        "cantons": [
            (name, f"{name}, {places.PROVINCES[code]}") for code in places.CANTONS for name in places.CANTONS[code]
        ],
        "chosen": association,
    }  # fmt: skip


@get("/desk/members/new")
async def new_member(actor: NamedDependency[Actor], association: FromQuery[str] = "") -> Response[Any]:
    actor.require(Permission.CLIENTS_IMPORT)
    return page("clients/new.html", **await _for_member(actor, association))


@post("/desk/members/new", status_code=303)
async def add_member(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], data: Annotated[dict[str, str], Form]
) -> Response[Any]:
    try:
        home = await queries.association(actor, identity(data.get("association", "")))
        kind = ClientKind.TAXI if home.kind == AssociationKind.TAXIS else ClientKind.LODGING
        fields = ("name", "tax_id", "canton", "email", "phone", "address", "rooms", "plate")
        asked = AddClient(association=home.id, kind=kind, country=home.country, **{f: data.get(f, "") for f in fields})
        if kind is ClientKind.TAXI and not asked.plate.strip():
            raise Invalid("form-cells", fields={"plate": "plate-missing"})
        made = await service.add_client(actor, now, asked, once=ids.read(data.get("once")))
    except Refusal as refusal:
        return again("clients/new.html", refusal, data, **await _for_member(actor, data.get("association", "")))
    return see_other(f"/desk/members/{made}")


# A business's own facts and people.


async def _mine(actor: Actor, client_id: UUID | None) -> UUID:
    """The business a representative works for; the first by name when it is not said which."""
    own = actor.organisations(Role.REPRESENTATIVE)
    if client_id is not None:
        if client_id not in own:
            raise NotFound("client-not-found")
        return client_id
    names = await queries.clients(own)
    if not names:
        raise NotFound("client-not-found")
    return min(names.values(), key=lambda one: (one.name, one.id)).id


async def _roster(actor: Actor, now: datetime, client_id: UUID) -> dict[str, Any]:
    people = await queries.roster(actor, client_id)
    return {
        "client": await queries.client(actor, client_id),
        "others": await queries.clients(actor.organisations(Role.REPRESENTATIVE)),
        "here": [one for one in people if one.left_on is None], "gone": [one for one in people if one.left_on],
        "POSTS": POSTS, "SHIFTS": SHIFTS, "today": now.date(), "entries": [],
    }  # fmt: skip


@get("/desk/roster")
async def own_roster(actor: NamedDependency[Actor]) -> Response[Any]:
    actor.require(Permission.CLIENTS_ROSTER)
    return see_other(f"/desk/roster/{await _mine(actor, None)}")


@get("/desk/roster/{client_id:uuid}")
async def roster(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    added: FromQuery[int] = 0, done: FromQuery[str] = "",
) -> Response[Any]:  # fmt: skip
    actor.require(Permission.CLIENTS_ROSTER)
    values = await _roster(actor, now, await _mine(actor, client_id))
    said = ngettext("%(n)s line is in the roster.", "%(n)s lines are in the roster.", added) if added else ""
    return page("clients/roster.html", done=_("The day was noted.") if done == "left" else said, **values)


@post("/desk/roster/{client_id:uuid}", status_code=303, request_max_body_size=ROSTER_ROOM)
async def enter(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    data: Annotated[dict[str, Any], Parts],
) -> Response[Any]:  # fmt: skip
    """Pasted lines or a file; all of them, or none and each with its reason and its text to mend on the page."""
    values = await _roster(actor, now, await _mine(actor, client_id))
    text, upload = str(data.get("people") or ""), data.get("list")
    entries: list[rosters.Entry] = []
    try:
        country = values["client"].country
        if isinstance(upload, UploadFile) and upload.filename:
            entries = rosters.file(await upload.read(), upload.filename, now.date(), country)
            text = "\n".join(entry.line for entry in entries)
        else:
            entries = rosters.pasted(text, now.date(), country)
        if not entries:
            raise Invalid("roster-empty", fields={"people": "roster-empty"})
        wrong = [entry for entry in entries if entry.errors]
        if wrong:
            raise Invalid("roster-lines", count=len(wrong), fields={"people": "roster-lines"})
        drafts = [entry.draft for entry in entries if entry.draft]
        await service.enter_roster(actor, now, client_id, drafts, once=ids.read(data.get("once")))
    except Refusal as refusal:
        reasons = [(e.row, FIELDS[Field(x.field)], x.typed, cell(x)) for e in entries for x in e.errors]
        return again("clients/roster.html", refusal, {"people": text, "once": data.get("once")},
                     **(values | {"entries": reasons}))  # fmt: skip
    return see_other(f"/desk/roster/{client_id}", added=len(entries))


@post("/desk/roster/{client_id:uuid}/add", status_code=303)
async def add_person(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    data: Annotated[dict[str, str], Form],
) -> Response[Any]:  # fmt: skip
    values = await _roster(actor, now, await _mine(actor, client_id))
    try:
        if not data.get("name", "").strip():
            raise Invalid("form-cells", fields={"name": "name-blank"})
        if data.get("post") not in set(Post) or data.get("shift") not in set(Shift):
            raise Invalid("post-unknown", fields={"post": "post-unknown"})
        draft = WorkerDraft(
            name=data["name"].strip()[:200], post=Post(data["post"]), shift=Shift(data["shift"]),
            outsourced=data.get("outsourced") == "yes",
            started_on=day(data.get("started_on", ""), "started_on", now.date()),
        )  # fmt: skip
        await service.enter_roster(actor, now, client_id, [draft], once=ids.read(data.get("once")))
    except Refusal as refusal:
        return again("clients/roster.html", refusal, data, **values)
    return see_other(f"/desk/roster/{client_id}", added=1)


@post("/desk/roster/{client_id:uuid}/left/{worker_id:uuid}", status_code=303)
async def left(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    worker_id: FromPath[UUID], data: Annotated[dict[str, str], Form],
) -> Response[Any]:  # fmt: skip
    try:
        left_on = day(data.get("left_on", ""), "left_on", now.date())
        await service.end_worker(actor, now, worker_id, left_on, once=ids.read(data.get("once")))
    except Refusal as refusal:
        return again("clients/roster.html", refusal, data, **await _roster(actor, now, await _mine(actor, client_id)))
    return see_other(f"/desk/roster/{client_id}", done="left")


_FACTS = ("name", "tax_id", "canton", "email", "phone", "language")


@get("/desk/business/{client_id:uuid}")
async def facts(actor: NamedDependency[Actor], client_id: FromPath[UUID], done: FromQuery[str] = "") -> Response[Any]:
    actor.require(Permission.CLIENTS_EDIT)
    client = await queries.client(actor, client_id)
    return page("clients/edit.html", client=client, units=await queries.units([client_id]),
                done=_("The changes are kept.") if done else "")  # fmt: skip


@post("/desk/business/{client_id:uuid}", status_code=303)
async def edit(
    actor: NamedDependency[Actor], now: NamedDependency[datetime], client_id: FromPath[UUID],
    data: Annotated[dict[str, str], Form],
) -> Response[Any]:  # fmt: skip
    client = await queries.client(actor, client_id)
    try:
        asked = EditClient(**{field: data[field] for field in _FACTS if field in data})
        await service.edit_client(actor, now, client_id, asked, once=ids.read(data.get("once")))
    except Refusal as refusal:
        return again("clients/edit.html", refusal, data, client=client, units=await queries.units([client_id]))
    return see_other(f"/desk/business/{client_id}", done="kept")


ROUTES = [associations, enrol, new_member, add_member, own_roster, roster, enter, add_person, left, facts, edit]
RAIL = [
    RailEntry(Permission.CLIENTS_ENROL, N_("Associations"), "/desk/associations"),
    RailEntry(Permission.CLIENTS_ROSTER, N_("Roster"), "/desk/roster"),
]
