"""What a verdict's page says, as plain values for its template: nothing is decided there and nothing is drawn here.
Pure.

 `Face.holes` are the words that differ from seal to seal; everything else about the face (`shape`) is shared by
 thousands
of them, so that lane.py can draw each shape once with Jinja and afterwards only fill in the holes.
Runs inside `i18n.speaking(language)`.
"""

import re
import unicodedata
from datetime import date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

import msgspec
from markupsafe import Markup, escape

from public_site.verification.rules import Reason, State, Verdict
from registry.authorities import hotlines as numbers
from registry.authorities import places
from registry.authorities.hotlines import Published
from registry.core import emergency, i18n
from registry.core.i18n import N_, _, ngettext
from registry.core.pages import Line, danger
from registry.seals.code import grouped
from registry.seals.rules import REFRESH
from registry.seals.snapshot import Entry, Kind, Listing, Words

ART = {
    "taxi": "car", "waterway": "boat", "boat": "boat", "freight": "truck", "truck": "truck", "bus": "truck",
}  # fmt: skip
"""Everything else that moves is drawn as a car, everything else that stands as a house."""

PREMISES = {
    "hotel": N_("Hotel"), "hostel": N_("Hostel"), "guesthouse": N_("Guest house"), "apartment": N_("Apartments"),
    "rural": N_("Rural lodging"), "camping": N_("Camping"), "resort": N_("Resort"), "lodging": N_("Lodging"),
    "cabins": N_("Cabins"), "lodge": N_("Lodge"), "taxi": N_("Taxi"), "boat": N_("Boat"), "waterway": N_("Boat"),
    "truck": N_("Lorry"), "freight": N_("Lorry"), "bus": N_("Bus"), "operator": N_("Tours"),
    "entertainment": N_("Entertainment"), "other": "",
}  # fmt: skip
# A year is a colour and never a verdict: no green, no red (mock/seal/README.md).
BANDS = (N_("blue"), N_("yellow"), N_("purple"), N_("orange"), N_("black"))
FIRST_BAND_YEAR = 2026
PAINT = {
    "rojo": "#c8201f", "red": "#c8201f", "vermelho": "#c8201f", "azul": "#2f6fb2", "blue": "#2f6fb2",
    "blanco": "#ffffff", "white": "#ffffff", "branco": "#ffffff", "negro": "#2b2b2b", "black": "#2b2b2b",
    "gris": "#9aa3a8", "gray": "#9aa3a8", "plateado": "#c4cbd0", "amarillo": "#f2c230", "yellow": "#f2c230",
    "verde": "#2e7d4f", "green": "#2e7d4f", "naranja": "#e5731a", "anaranjado": "#e5731a", "celeste": "#8cc0e8",
    "cafe": "#6b4a2f", "beige": "#d9c7a3", "vino": "#6d1f2b", "dorado": "#c9a227",
}  # fmt: skip


class Shape(msgspec.Struct, frozen=True):
    """All that decides which markup is drawn."""

    state: State
    reason: Reason
    kind: str  # vehicle, establishment, listing or empty
    art: str = ""
    region: str = ""
    attestation: str = ""
    emergency: tuple[Line, ...] = ()
    present: frozenset[str] = frozenset()
    site: str = ""
    """Where this page stands, for whoever prints it."""


class Face(msgspec.Struct, frozen=True):
    shape: Shape
    holes: dict[str, str]


class Near(msgspec.Struct, frozen=True):
    """Who answers in a region, in the language being spoken: the emergency bar, and the slogan's network."""

    bar: tuple[Line, ...] = ()
    answering: tuple[str, ...] = ()
    copy: str = ""
    """What the foot says of the copy that answers."""
    site: str = ""
    """The address of the site that answers."""
    rekeyed: Markup = Markup("")
    """That the seals were signed anew under another key, while that is news."""


def copied(issued_at: datetime, zone: str) -> str:
    """Of the copy that answers: signed when, and by when there is a newer one. Empty before the first."""
    if issued_at.year < 2000:
        return ""
    return _(
        "Copy of the register of %(time)s, signed. The next one comes before %(next)s (%(zone)s).",
        time=i18n.moment(issued_at, zone), next=i18n.clock(issued_at + REFRESH + timedelta(minutes=1), zone),
        zone=i18n.zone_name(zone),
    )  # fmt: skip


NEWS = timedelta(days=30)
"""How long a changed key is news: as long as downloads signed by the old one are about."""


def rekeyed(dropped_at: datetime | None, now: datetime, zone: str) -> Markup:
    """That the seals were signed anew because a key had to be dropped."""
    if dropped_at is None or not dropped_at <= now < dropped_at + NEWS:
        return Markup("")
    said = _(
        "On %(date)s we changed a key with which seals are signed, and signed every seal anew. The stickers still hold;"
        " what was downloaded before proves nothing any more."
    )
    return escape(said) % {"date": _on(dropped_at, zone)}


def near(published: Published | None, region: str, today: date) -> Near:
    """First the number that saves now, published or else the country's general one, then whoever protects children
    there; a number not rung lately is left out."""
    lines = numbers.shown(published.hotlines, region, today) if published else []
    saves = [s.hotline.numbers[0] for s in lines if s.hotline.kind is numbers.Kind.EMERGENCY]
    bar = [danger(numbers.local(saves[0]) if saves else emergency.number(region))]
    for shown in lines:
        kind, number = shown.hotline.kind, numbers.local(shown.hotline.numbers[0])
        if kind is numbers.Kind.CHILD_PROTECTION and len(bar) == 1 and not shown.stale:
            bar.append(Line(_("Child protection"), number))
    network = [
        s.hotline.name(i18n.language()) for s in lines if s.hotline.kind is not numbers.Kind.EMERGENCY and not s.stale
    ]
    return Near(tuple(bar), tuple(network[:3]))


def of_seal(entry: Entry, verdict: Verdict, now: datetime, words: Words | None, log_size: int, near: Near) -> Face:
    """The page of a seal that the register knows."""
    facts, zone = entry.facts, entry.zone
    vehicle = entry.kind is Kind.VEHICLE
    called = premises(facts.premises)
    late = facts.surveillance_on is not None and facts.surveillance_on < _there(now, zone)  # never called "next"
    holes = {
        "title": facts.plate or facts.name,
        "code": grouped(entry.code),
        "path": entry.code,
        "checked": _checked(verdict, now, zone),
        "since": _on(verdict.since, zone),
        "since_time": _at(verdict.since, zone) if verdict.reason is Reason.EXPIRED else "",
        "granted": _dated(entry.valid_from, zone),
        "renewed": _dated(facts.renewed_on, zone),
        "ended": _dated(verdict.since, zone) if verdict.since else "",
        "until": _on(entry.valid_until, zone),
        "plate": _plate(facts.plate) if vehicle else "",
        "name": _licence(facts.name) if vehicle else facts.name,
        "what": _what(called, facts.description, facts.colour) if vehicle else "",
        "who": _joined(facts.association or facts.holder, facts.canton, facts.province) if vehicle else "",
        "address": "" if vehicle else facts.address,
        "where": "" if vehicle else _joined(facts.district, facts.canton, facts.province),
        "description": "" if vehicle else _joined(called, _rooms(facts.rooms), facts.description, facts.colour),
        "band": _("Seal of %(year)s, with a %(colour)s band", year=entry.year, colour=_(_band(entry.year))),
        "paint": PAINT.get(_folded(facts.colour), "none"),
        "committed": _dated(facts.committed_on, zone),
        "trained": _dated(facts.trained_on, zone),
        "audited": _dated(facts.audited_on, zone),
        "surveillance": "" if late else _dated(facts.surveillance_on, zone),
        "surveillance_owed": _dated(facts.surveillance_on, zone) if late else "",
        "place": facts.province or places.name(entry.region),
        "slogan": _slogan(words, entry.kind),
        "scheme": _named(words, entry),
        "network": _network(i18n.language(), (*near.answering, facts.association or facts.holder))
        if near.answering
        else "",
        "entry": _number(i18n.language(), entry.log_index),
        "log_size": _number(i18n.language(), log_size),
    }
    art = ART.get(facts.premises) or ("car" if vehicle else "house")
    return _face(verdict, str(entry.kind), art, entry.region, words.attestation if words else "", holes, near)


def checked_again(face: Face, verdict: Verdict, now: datetime, zone: str) -> Face:
    """The same face at another minute of the same day."""
    return Face(face.shape, face.holes | {"checked": _checked(verdict, now, zone)})


def days(now: datetime, zone: str) -> tuple[date, date]:
    """A page says what it says for a day, of the world's and of the place's."""
    return now.date(), _there(now, zone)


def of_listing(listing: Listing, verdict: Verdict, now: datetime, near: Near, zone: str) -> Face:
    """The page of a business that signed and holds no seal."""
    holes = {
        "title": listing.name,
        "path": listing.id,
        "checked": _checked(verdict, now, zone),
        "name": listing.name,
        "what": premises(listing.kind),
        "where": _joined(listing.canton, listing.province),
        "committed": _dated(listing.signed_on, zone),
        "place": listing.province,
        "who": listing.association,
    }
    art = ART.get(listing.kind, "house")
    return _face(verdict, "listing", art, listing.region, "", holes, near)


def of_absence(verdict: Verdict, typed: str, now: datetime, near: Near, zone: str, country: str) -> Face:
    """The page of a code that is unknown, mistyped or cannot be confirmed. `typed` is given back for mending."""
    checked = "" if verdict.state is State.MISTYPED else _checked(verdict, now, zone)
    return _face(verdict, "", "", country, "", {"typed": typed, "checked": checked}, near)


def _face(
    verdict: Verdict, kind: str, art: str, region: str, attestation: str, holes: dict[str, str], near: Near
) -> Face:
    holes = holes | {"copy": near.copy, "rekeyed": near.rekeyed}
    kept = {name: seen(value) for name, value in holes.items() if value}
    shape = Shape(verdict.state, verdict.reason, kind, art, region, attestation, near.bar, frozenset(kept), near.site)
    return Face(shape, kept)


_UNSEEN = re.compile("[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def seen(text: str) -> str:
    """A word without what nobody sees and everybody is misled by: signs that turn the order of letters, begin a new
    line or steer a terminal. Names are cleaned where they enter; this holds for what was published before."""
    return text if text.isprintable() else type(text)(_UNSEEN.sub(" ", text))


def _checked(verdict: Verdict, now: datetime, zone: str) -> Markup:
    """When the register was last known to say so: date and time, so that yesterday's picture cannot say today."""
    if verdict.as_of.year < 2000:
        return Markup("")
    minute = verdict.as_of.replace(second=0, microsecond=0)
    return _minute(i18n.language(), minute, _there(minute, zone) == _there(now, zone), zone)


# Babel takes tens of microseconds for a date; there are few dates, and all of them are said again and again. The
# language is an argument only so that each has its own memory: it is the one being spoken.


@lru_cache(1000)
def _minute(language: str, when: datetime, today: bool, zone: str) -> Markup:
    said = (
        _("Checked in the register today, %(date)s, at %(time)s (%(zone)s).")
        if today
        else _("Checked in the register on %(date)s, at %(time)s (%(zone)s).")
    )
    return escape(said) % {
        "date": _time_tag(when.strftime("%Y-%m-%dT%H:%MZ"), i18n.day(when, zone)),
        "time": i18n.clock(when, zone),
        "zone": i18n.zone_name(zone),
    }


@lru_cache(10_000)
def _day(language: str, when: date, long: bool) -> Markup:
    return _time_tag(when.isoformat(), i18n.long_day(when) if long else i18n.day(when))


def _number(language: str, value: int) -> str:
    """Where the separators stand depends on how many figures there are, and on nothing else."""
    figures = iter(str(value))
    return "".join(next(figures) if sign == "1" else sign for sign in _figures(language, len(str(value))))


@lru_cache(1000)
def _figures(language: str, count: int) -> str:
    return i18n.number(int("1" * count))


@lru_cache(10_000)
def _network(language: str, names: tuple[str, ...]) -> str:
    return i18n.listed(list(names))


def _time_tag(machine: str, shown: str) -> Markup:
    return Markup('<time datetime="{}">{}</time>').format(machine, shown)


def _there(when: date | datetime, zone: str) -> date:
    return when.astimezone(ZoneInfo(zone)).date() if isinstance(when, datetime) else when


def _dated(when: date | datetime | None, zone: str) -> Markup:
    return _day(i18n.language(), _there(when, zone), False) if when else Markup("")


def _on(when: datetime | None, zone: str) -> Markup:
    return _day(i18n.language(), _there(when, zone), True) if when else Markup("")


def _at(when: datetime | None, zone: str) -> str:
    return f"{i18n.clock(when, zone)} ({i18n.zone_name(zone)})" if when else ""


def _plate(plate: str) -> str:
    """With a no-break space between letters and figures, as painted on the car."""
    spaced = "".join(
        f"\N{NO-BREAK SPACE}{now}" if before.isalpha() and now.isdigit() else now
        for before, now in zip(" " + plate, plate, strict=False)
    )
    return spaced.replace(" ", "\N{NO-BREAK SPACE}").strip()


def _what(premises: str, description: str, colour: str) -> str:
    words = _joined_by(" ", premises, description)
    return _("%(what)s, colour %(colour)s", what=words, colour=colour) if words and colour else words


def _licence(name: str) -> str:
    """A vehicle's licence is a number and says so; a boat or a line has a name of its own."""
    return _("Licence %(number)s", number=name) if any(letter.isdigit() for letter in name) else name


def _rooms(rooms: int) -> str:
    return ngettext("%(n)s room", "%(n)s rooms", rooms) if rooms else ""


def premises(kind: str) -> str:
    return _(PREMISES[kind]) if kind in PREMISES else kind


def _band(year: int) -> str:
    return BANDS[(year - FIRST_BAND_YEAR) % len(BANDS)]


def _slogan(words: Words | None, kind: Kind) -> str:
    spoken = words.slogan.get(str(kind), {}) if words else {}
    return spoken.get(i18n.language(), "")


def _named(words: Words | None, entry: Entry) -> str:
    name = words.name.get(i18n.language(), "") if words else ""
    return f"{name} {entry.version}".strip()


def _joined(*parts: str) -> str:
    """Once each, in order: a canton that is called like its province is not said twice."""
    return _joined_by(", ", *dict.fromkeys(parts))


def _joined_by(glue: str, *parts: str) -> str:
    return glue.join(part for part in parts if part)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(letter for letter in plain if not unicodedata.combining(letter)).strip()
