"""Primero v2: a report becomes an incident, by a mapping that each authority writes for its own forms.

An incident and never a case: we have a suspicion, not an identified child. The incident has the envelope's id, so that
telling it twice, after a crash or from two agents, makes one: Primero answers 409, which is as good as yes.

The mapping is a JSON file: a field of Primero -> where its value comes from.

    {"module": "primeromodule-cp", "fields": {
       "incident_location": {"from": "place.code", "values": {"CR-G": "CR05"}, "lookup": "locations"},
       "cp_incident_violence_type": {"value": "sexual_exploitation", "lookup": "lookup-violence-type"},
       "incident_description": {"from": "narrative"}}}

`from` is a path in the report, or urgent, reference, opened_at, answer_before, htcds.<code>; `values` turns one word
into another (what it does not name is left out when there is a lookup); `lookup` is checked before anything is sent.
A field for the name of a person is refused, and so is the contact: neither may be copied anywhere.
"""

import re
from collections.abc import AsyncIterator, Callable, Iterator
from datetime import date, time, timedelta
from pathlib import Path
from typing import Annotated, Any

import httpx
import msgspec

from registry.core.clock import Clock
from registry.core.errors import Invalid
from registry.core.outgoing import Said, ask
from registry.reports.agent import deliver
from registry.reports.agent.case import Case
from registry.reports.rules import Blocked
from registry.reports.typed import clean

TOKEN_LASTS = timedelta(minutes=50)
"""Primero's tokens last 60 minutes."""
LONGEST, PATIENCE, PAGES, PER = 16 << 20, 60.0, 200, 100
LONGEST_TEXT = 12_000
NAMES = re.compile(r"(^|_)(names?|surname|nickname|alias)(_|$)")
FORBIDDEN = frozenset({"contact", "reply_recipient", "proof"})
OWN = frozenset({"urgent", "reference", "opened_at", "answer_before", "htcds"})
LOCATIONS = "locations"


class Field(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    source: Annotated[str, msgspec.Meta(max_length=80)] = msgspec.field(default="", name="from")
    value: str | bool | int | None = None
    values: dict[str, str] = {}
    lookup: str = ""


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    fields: Annotated[dict[str, Field], msgspec.Meta(min_length=1, max_length=200)]
    module: str = "primeromodule-cp"


class Stuck(Exception):
    """Primero did not take it, and asking again would not help. `why` is all that anybody outside is told."""

    def __init__(self, why: Blocked, detail: str = "") -> None:
        super().__init__(f"{why} {detail}".strip())
        self.why, self.detail = why, detail


def mapping(path: Path) -> Mapping:
    """The authority's mapping, if its shape can be used; Invalid says which field cannot."""
    try:
        found = msgspec.json.decode(path.read_bytes(), type=Mapping)
    except (OSError, msgspec.DecodeError) as error:
        raise Invalid("mapping-not-readable", why=str(error)) from error
    for name, field in found.fields.items():
        if NAMES.search(name) or field.source.partition(".")[0] in FORBIDDEN or "name" in field.source.split("."):
            raise Invalid("mapping-names-somebody", field=name)
        if bool(field.source) == (field.value is not None):
            raise Invalid("mapping-field", field=name)
    return found


def incident(case: Case, mapped: Mapping) -> dict[str, Any]:
    """What is posted, with our id. What the report does not say is not sent."""
    said = {
        name: value for name, field in mapped.fields.items() if (value := _value(case, field)) not in (None, "", [])
    }
    return {"id": str(case.envelope), "module_id": mapped.module, **said}


def _value(case: Case, field: Field) -> Any:
    if not field.source:
        return field.value
    found: Any = msgspec.to_builtins(case) if field.source.partition(".")[0] in OWN else case.report
    for part in field.source.split("."):
        found = found.get(part) if isinstance(found, dict) else None
    if (real := REAL.get(field.source)) and not real(str(found)):
        return None  # 2026-99-99 is no day: it stands in the case, and no form would take it
    if isinstance(found, list | tuple):
        return [word for one in found if (word := _word(one, field)) is not None]
    return _word(found, field)


def _word(value: Any, field: Field) -> Any:
    if isinstance(value, str) and field.values:
        return field.values.get(value, None if field.lookup else value)
    # A sign that no database keeps in a text would have all of it refused, again and again, until the time is over.
    return clean(value, LONGEST_TEXT) if isinstance(value, str) else value


def _is(kind: type[date] | type[time]) -> Callable[[str], bool]:
    def real(said: str) -> bool:
        try:
            return bool(kind.fromisoformat(said))
        except ValueError:
            return False

    return real


REAL: dict[str, Callable[[str], bool]] = {"moment.date": _is(date), "moment.time": _is(time)}
"""What has the shape of a day or an hour and may be none: whoever seals writes what they like."""


class Door:
    """Primero as one user of it may call it."""

    def __init__(
        self, http: httpx.AsyncClient, to: deliver.Primero, password: str, mapped: Mapping, clock: Clock
    ) -> None:
        self._http, self._user, self._password, self._clock = http, to.user, password, clock
        self._url, self._mapping = deliver.safe(to.url), mapped
        self._token, self._until, self._checked = "", clock(), False

    async def check(self) -> None:
        """Hold the mapping against this Primero's forms, lookups and locations, once; Invalid says what differs."""
        if self._checked:
            return
        fields = {
            str(field.get("name", ""))
            async for form in self._all("/forms", record_type="incident")
            if form.get("parent_form") == "incident"
            for field in form.get("fields", ())
        }
        if missing := sorted(self._mapping.fields.keys() - fields):
            raise Invalid("mapping-unknown-fields", fields_missing=", ".join(missing))
        held = await self._held({field.lookup for field in self._mapping.fields.values() if field.lookup})
        for name, field in self._mapping.fields.items():
            sent = set(field.values.values()) | ({str(field.value)} if field.value is not None else set())
            if field.lookup and (unknown := sorted(sent - held[field.lookup])):
                raise Invalid("mapping-unknown-values", field=name, unknown=", ".join(unknown))
        self._checked = True

    async def _held(self, wanted: set[str]) -> dict[str, set[str]]:
        """The values that each of these lookups knows."""
        found: dict[str, set[str]] = {}
        if wanted - {LOCATIONS}:
            async for one in self._all("/lookups"):
                found[str(one.get("unique_id", ""))] = set(_ids(one.get("values")))
        if LOCATIONS in wanted:
            found[LOCATIONS] = {str(one.get("code", "")) async for one in self._all("/locations")}
        if missing := sorted(wanted - found.keys()):
            raise Invalid("mapping-unknown-lookups", lookups=", ".join(missing))
        return found

    async def post(self, case: Case) -> None:
        """Make the incident, or find it made. Raises Stuck, or what broke on the way and is tried again."""
        try:
            await self.check()
        except Invalid as refusal:
            raise Stuck(Blocked.MAPPING, str(refusal)) from refusal
        said = await self._ask("POST", "/incidents", {"data": incident(case, self._mapping)})
        if said.status in (200, 201, 204, 409):
            return
        if said.status == 422:
            raise Stuck(Blocked.UNKNOWN_LOOKUP, said.text[:500])
        if said.status in (401, 403):
            raise Stuck(Blocked.NOT_ALLOWED)
        raise ConnectionError(f"Primero answers {said.status}")

    async def _all(self, path: str, **asked: str) -> AsyncIterator[dict[str, Any]]:
        """Every record of a list, page by page. A list that does not end is none."""
        seen = 0
        for page in range(1, PAGES + 1):
            query = httpx.QueryParams({**asked, "page": str(page), "per": str(PER)})
            said = await self._ask("GET", f"{path}?{query}")
            if said.status in (401, 403):
                raise Stuck(Blocked.NOT_ALLOWED)
            if said.status != 200:
                raise ConnectionError(f"Primero answers {said.status}")
            answer = msgspec.json.decode(said.body, type=dict[str, Any])
            data = answer.get("data") or []
            for one in data:
                yield one
            seen += len(data)
            if not data or "metadata" not in answer or seen >= answer["metadata"].get("total", 0):
                return

    async def _ask(self, method: str, path: str, said: dict[str, Any] | None = None) -> Said:
        """One request with a token, and once more with a new one if Primero had forgotten it."""
        body = None if said is None else msgspec.json.encode(said)
        for again in (False, True):
            headers = {"authorization": f"Bearer {await self._signed_in(again)}", "content-type": "application/json"}
            answer = await ask(
                self._http, method, f"{self._url}/api/v2{path}", most=LONGEST, within=PATIENCE, content=body,
                headers=headers,
            )  # fmt: skip
            if answer.status != 401:
                break
        return answer

    async def _signed_in(self, again: bool) -> str:
        if again or not self._token or self._clock() >= self._until:
            body = msgspec.json.encode({"user": {"user_name": self._user, "password": self._password}})
            said = await ask(
                self._http, "POST", f"{self._url}/api/v2/tokens", most=LONGEST, within=PATIENCE, content=body,
                headers={"content-type": "application/json"},
            )  # fmt: skip
            if said.status != 200:
                raise Stuck(Blocked.NOT_ALLOWED)
            self._token = str(msgspec.json.decode(said.body, type=dict[str, Any]).get("token", ""))
            self._until = self._clock() + TOKEN_LASTS
        return self._token


def _ids(values: Any) -> Iterator[str]:
    """The ids of a lookup's values: a list, or a list for each language."""
    lists = values.values() if isinstance(values, dict) else [values or []]
    for one in lists:
        yield from (str(value.get("id", "")) for value in one)
