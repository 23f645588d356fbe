"""Forms of the desk, as people type them, and what they mean. Refusals name the field."""

from datetime import date
from uuid import UUID

import msgspec

from registry.authorities import hotlines, places
from registry.authorities.directory import Competence, Offence, Terms
from registry.authorities.hours import Hours
from registry.authorities.rules import Channel, Kind, Use
from registry.authorities.schemas import NewContact, NewHotline, PublicKey, ReadBack, Register, Sign
from registry.core import ids
from registry.core.errors import Invalid
from registry.core.i18n import LANGUAGES
from registry.core.telephone import e164


class AuthorityForm(msgspec.Struct, frozen=True):
    """A tick for each kind of act: none ticked means every kind."""

    once: UUID | None = None
    name_es: str = ""
    name_en: str = ""
    name_pt: str = ""
    name_fr: str = ""
    kind: str = ""
    places: str = ""
    premises: str = ""
    sexual_exploitation: str = ""
    abuse_material: str = ""
    trafficking: str = ""
    child_labour: str = ""
    other_violence: str = ""
    abroad: str = ""
    languages: str = ""
    always: str = ""
    days: str = "daily"
    opens: str = ""
    closes: str = ""
    timezone: str = ""
    then: str = ""


class KeyForm(msgspec.Struct, frozen=True):
    use: str = ""
    public: str = ""
    holder: str = ""


class OfficerForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    name: str = ""
    email: str = ""
    language: str = "es"


class ReadBackForm(msgspec.Struct, frozen=True):
    fingerprint: str = ""
    channel: str = ""
    reader: str = ""


class AnswerForm(msgspec.Struct, frozen=True):
    answer: str = ""


class ReasonForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    reason: str = ""


class AgreementForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    reference: str = ""
    signatory: str = ""
    signed_on: str = ""
    valid_from: str = ""
    valid_until: str = ""
    acknowledge_hours: str = "72"
    urgent_hours: str = "4"
    outcome_days: str = "90"
    attachments: str = ""


class ContactForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    post: str = ""
    email: str = ""
    phone: str = ""


class NumberForm(msgspec.Struct, frozen=True):
    contact: UUID | None = None
    number: str = ""


class LineForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    kind: str = ""
    name_es: str = ""
    name_en: str = ""
    name_pt: str = ""
    name_fr: str = ""
    numbers: str = ""
    texts: str = ""
    place: str = ""
    languages: str = ""
    always: str = ""
    days: str = "daily"
    opens: str = ""
    closes: str = ""
    timezone: str = ""
    from_abroad: str = ""
    source: str = ""
    owner: str = ""
    owner_email: str = ""


class RungForm(msgspec.Struct, frozen=True):
    once: UUID | None = None
    rung_by: str = ""
    answered: str = ""


def authority(form: AuthorityForm, country: str) -> Register:
    if form.kind not in set(Kind):
        raise Invalid("choose-one", fields={"kind": "choose-one"})
    areas = _places(form.places)
    if not areas:
        raise Invalid("field-missing", fields={"places": "field-missing"})
    said, always = _hours(form)
    hours = None if always else said
    return Register(
        names=_names(form),
        kind=Kind(form.kind),
        country=country,
        competence=(Competence(areas, tuple(_listed(form.premises))),),
        languages=_languages(form.languages),
        always_open=always,
        then=ids.read(form.then),
        offences=tuple(o for o in Offence if getattr(form, o.value)),
        abroad=bool(form.abroad),
        hours=hours,
        timezone=form.timezone.strip()[:40] if hours else "",
    )


def typed(found: Register) -> AuthorityForm:
    """A record as its form shows it."""
    hours = found.hours or Hours()
    areas = (places.name(p) if places.area(places.name(p)) == p else p for c in found.competence for p in c.places)
    return AuthorityForm(
        **{f"name_{code}": found.names.get(code, "") for code in LANGUAGES},  # type: ignore[arg-type]
        **{o.value: "yes" for o in found.offences},  # type: ignore[arg-type]
        kind=found.kind,
        places="\n".join(areas),
        premises=", ".join(sorted({kind for c in found.competence for kind in c.premises})),
        abroad="yes" if found.abroad else "",
        languages=", ".join(found.languages),
        always="yes" if found.always_open else "",
        days=hours.days,
        opens="" if found.hours is None or hours.always else hours.opens,
        closes="" if found.hours is None or hours.always else hours.closes,
        timezone=found.timezone,
        then=str(found.then or ""),
    )


def key(form: KeyForm) -> PublicKey:
    if form.use not in set(Use):
        raise Invalid("choose-one", fields={"use": "choose-one"})
    public = form.public.strip()
    if len(public) > 62:
        raise Invalid("key-not-age", fields={"public": "key-not-age"})
    return PublicKey(Use(form.use), public, _line("holder", form.holder, 120))


def reading(which: UUID, form: ReadBackForm) -> ReadBack:
    if form.channel not in set(Channel):
        raise Invalid("choose-one", fields={"channel": "choose-one"})
    return ReadBack(which, form.fingerprint[:120], Channel(form.channel), _line("reader", form.reader, 200))


def agreement(form: AgreementForm) -> Sign:
    try:
        shaped = msgspec.convert(
            {
                "acknowledge_hours": form.acknowledge_hours,
                "urgent_hours": form.urgent_hours,
                "outcome_days": form.outcome_days,
            },
            Terms,
            strict=False,
        )
    except msgspec.ValidationError as error:
        raise Invalid("agreement-terms", fields={"acknowledge_hours": "agreement-terms"}) from error
    return Sign(
        _line("reference", form.reference, 200),
        _line("signatory", form.signatory, 200),
        _day("signed_on", form.signed_on),
        _day("valid_from", form.valid_from),
        _day("valid_until", form.valid_until),
        shaped,
        bool(form.attachments),
    )


def _email(field: str, text: str) -> str:
    email = text.strip()
    name, at, host = email.partition("@")
    if not (name and at and host) or len(email) > 254 or "@" in host or any(c.isspace() for c in email):
        raise Invalid("email-not-an-address", fields={field: "email-not-an-address"})
    return email


def contact(form: ContactForm, country: str) -> NewContact:
    post, email = _line("post", form.post, 120), _email("email", form.email)
    phone = e164(form.phone.strip(), country) if form.phone.strip() else ""
    if phone is None:
        raise Invalid("number-not-a-number", fields={"phone": "number-not-a-number"})
    return NewContact(post, email, phone)


def line(form: LineForm, country: str, today: date) -> NewHotline:
    if form.kind not in set(hotlines.Kind):
        raise Invalid("choose-one", fields={"kind": "choose-one"})
    hours, _always = _hours(form)
    if hours is None:
        raise Invalid("hotline-hours", fields={"opens": "hotline-hours"})
    numbers = _listed(form.numbers)
    if not numbers:
        raise Invalid("hotline-number", fields={"numbers": "hotline-number"})
    place = form.place.strip() and _places(form.place)[0]
    return NewHotline(
        hotlines.Kind(form.kind),
        country,
        _names(form),
        tuple(numbers[:4]),
        hours,
        form.timezone.strip()[:40],
        _languages(form.languages),
        today,
        _line("owner", form.owner, 120),
        "" if place == country else place,
        tuple(_listed(form.texts)[:4]),
        bool(form.from_abroad),
        source=_line("source", form.source, 200),
        owner=_line("owner", form.owner, 120),
        owner_email=_email("owner_email", form.owner_email) if form.owner_email.strip() else "",
    )


def reason(form: ReasonForm) -> str:
    return _line("reason", form.reason, 500)


def post_of(form: RungForm) -> str:
    return _line("rung_by", form.rung_by, 120)


def _line(name: str, text: str, most: int) -> str:
    tidy = " ".join(text.split())
    if not 1 <= len(tidy) <= most:
        raise Invalid("field-missing", fields={name: "field-missing"})
    return tidy


def _names(form: AuthorityForm | LineForm) -> dict[str, str]:
    """Spanish must be there; a language without a name shows the Spanish one."""
    found = {code: " ".join(getattr(form, f"name_{code}").split())[:120] for code in LANGUAGES}
    if not found["es"]:
        raise Invalid("field-missing", fields={"name_es": "field-missing"})
    return {code: name for code, name in found.items() if name}


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.replace("\n", ",").split(",") if part.strip()]


def _languages(text: str) -> tuple[str, ...]:
    return tuple(code.lower()[:12] for code in _listed(text)) or ("es",)


def _places(text: str) -> tuple[str, ...]:
    """One a line; by name or code."""
    found = []
    for one in filter(None, (part.strip() for part in text.splitlines())):
        code = places.area(one)
        if code is None:
            raise Invalid("area-unknown", place=one[:60], fields={"places": "area-unknown", "place": "area-unknown"})
        found.append(code)
    return tuple(dict.fromkeys(found))


def _hours(form: AuthorityForm | LineForm) -> tuple[Hours | None, bool]:
    """The hours, none when nobody said any; and whether it is day and night."""
    if form.always:
        return Hours(), True
    if not form.opens and not form.closes:
        return None, False
    try:
        said = {"days": form.days, "opens": form.opens.strip(), "closes": form.closes.strip()}
        hours = msgspec.convert(said, Hours)
    except msgspec.ValidationError as error:
        raise Invalid("hours-unreadable", fields={"opens": "hours-unreadable"}) from error
    return hours, hours.always


def _day(name: str, text: str) -> date:
    try:
        return date.fromisoformat(text.strip())
    except ValueError:
        raise Invalid("day-missing", fields={name: "day-missing"}) from None
