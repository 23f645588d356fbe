"""What is printed for a seal, in its own language: words from the scheme and the catalogues, put together for artwork.

A small sheet is compiled when it is asked for and kept by its content; many seals at once are printing's work.
"""

import asyncio
from collections.abc import Sequence
from typing import Literal, get_args
from unicodedata import normalize
from uuid import UUID

from registry.access.actor import SYSTEM
from registry.certification import queries as certification
from registry.certification.schemas import Case
from registry.config import Config
from registry.core.context import Context
from registry.core.i18n import N_, _, day, language, number, speaking
from registry.core.telephone import spaced
from registry.printing import certificate, qr, sheet
from registry.printing.artwork import Sticker
from registry.printing.certificate import Certificate, Fact
from registry.printing.sheet import Wording
from registry.schemes import queries as schemes
from registry.schemes.schemas import Version
from registry.seals.code import grouped
from registry.seals.queries import SealView
from registry.seals.snapshot import Kind

Layout = Literal["set", "inside", "dashboard", "reception", "certificate-a4", "certificate-letter"]
TITLES = {"certification": N_("Certificate"), "recognition": N_("Recognition")}


async def sticker(config: Config, seal: SealView) -> Sticker:
    """Everything printed on one seal. Letters are composed (NFC): a face may lack the accents alone."""
    version = await schemes.version(seal.scheme_version)
    said = seal.language if seal.language in version.languages else version.languages[0]
    slogan = version.slogan[str(seal.kind)]
    domain = (config.seal_origin or config.origin).partition("://")[2].upper()
    mark = normalize("NFC", seal.mark)
    with speaking(said):
        return Sticker(
            code=seal.code,
            address=qr.address(config.seal_base, seal.code),
            mark=mark,
            serial=seal.serial,
            year=seal.year,
            registry=config.operator,
            scheme=_("Code of conduct · sticker no. %(serial)s", serial=f"{seal.serial:06d}"),
            slogan=slogan[said],
            slogan_en=slogan["en"] if said != "en" else "",
            check=_("Always check: %(domain)s", domain=domain),
            valid_only=_("Valid only if the code confirms it"),
            title=_("%(registry)s seal: %(mark)s, code %(code)s", registry=config.operator, mark=mark,
                    code=grouped(seal.code)),
            telephone=_telephone(config),
        )  # fmt: skip


def _telephone(config: Config) -> str:
    """Whom to ask without internet; empty where nobody would answer."""
    if not config.telephone:
        return ""
    said = _("Phone and SMS: %(number)s", number=spaced(config.telephone))
    return _("%(telephone)s (fictitious)", telephone=said) if config.demo else said


async def made(context: Context, seals: Sequence[SealView], title: str, layout: str, before: int, total: int) -> bytes:
    """Part of a larger print: `before` seals were made already, of `total`. Not kept."""
    if layout.startswith("certificate-"):
        cases = {
            id: await certification.case(SYSTEM, id, context.clock()) for id in {one.certification for one in seals}
        }
        pages = [await wall(context.config, seal, cases) for seal in seals]
        return await certificate.pdf(pages, "letter" if layout == "certificate-letter" else "a4")
    stickers = [await sticker(context.config, seal) for seal in seals]
    drawn = sheet_layout(layout)
    return await sheet.pdf(stickers, _wording(title, seals, drawn, before, total), drawn)


def sheet_layout(name: str) -> sheet.Layout:
    """The layout of stickers with this name; one page each where it is no name of ours."""
    return next((known for known in get_args(sheet.Layout) if known == name), "set")


async def wall(config: Config, seal: SealView, cases: dict[UUID, Case]) -> Certificate:
    """The certificate of one seal, in its language and English."""
    version = await schemes.version(seal.scheme_version)
    said = seal.language if seal.language in version.languages else version.languages[0]
    tongues = (said,) if said == "en" else (said, "en")
    printed = await sticker(config, seal)
    case = cases[seal.certification]

    def both(message: str) -> tuple[str, ...]:
        return tuple(_in(tongue, message) for tongue in tongues)

    with speaking(said):
        return Certificate(
            lang=said,
            code=grouped(seal.code),
            address=printed.address,
            title=printed.title,
            registry=config.operator,
            scheme=version.name[said],
            year=seal.year,
            kind=both(TITLES[version.attestation]),
            mark=printed.mark,
            place=_place(seal),
            slogan=tuple(version.slogan[str(seal.kind)][tongue] for tongue in tongues),
            checked=both(N_("What was checked, and when")),
            facts=tuple(
                Fact(both(words), when)
                for words, when in _dates(seal, grouped_case=case.association is not None and case.client is None)
            ),
            met=both(N_("The criteria, all met")),
            criteria=_criteria(version, tongues),
            scan=both(N_("Scan or type the code")),
            no_guarantee=tuple(
                (_in(tongue, N_("Not a guarantee.")), _in(tongue, N_("It says that the criteria were met on the day"
                                                                     " of the audit.")))
                for tongue in tongues
            ),
            number=_("%(number)s · criteria, version %(version)s · sticker no. %(serial)s",
                     number=case.number, version=version.version, serial=f"{seal.serial:06d}"),
            check=printed.check,
            valid_only=both(N_("Valid only if the code confirms it")),
            telephone=printed.telephone,
        )  # fmt: skip


def _in(tongue: str, message: str) -> str:
    with speaking(tongue):
        return _(message)


def _place(seal: SealView) -> tuple[str, ...]:
    facts = seal.facts
    if seal.kind is Kind.VEHICLE:
        lines = (" · ".join(part for part in (facts.description, facts.colour) if part), facts.holder)
    else:
        where = ", ".join(part for part in (facts.district, facts.canton, facts.province) if part)
        lines = (" · ".join(part for part in (facts.address, where) if part), facts.holder)
    return tuple(normalize("NFC", line) for line in lines if line)


def _dates(seal: SealView, *, grouped_case: bool) -> list[tuple[str, str]]:
    """What was checked and its day; what has no day is left out. A group's audit saw a sample, and says so."""
    facts = seal.facts
    audit = N_("Audit of the group, by a drawn sample") if grouped_case else N_("Audit")
    days = [
        (N_("Commitment signed"), facts.committed_on),
        (N_("Staff trained, last on"), facts.trained_on),
        (audit, facts.audited_on),
        (N_("Decided by people who did not audit"), seal.valid_from),
        (N_("Next surveillance"), facts.surveillance_on),
        (N_("Expires, unless withdrawn before"), seal.valid_until),
    ]
    return [(words, day(when, seal.zone)) for words, when in days if when]


def _criteria(version: Version, tongues: tuple[str, ...]) -> tuple[tuple[str, ...], ...]:
    return tuple(tuple(one.name[tongue] for tongue in tongues) for one in version.criteria if not one.group_only)


async def pictures(
    context: Context, seals: Sequence[SealView], dots: int, layout: sheet.Layout = "inside"
) -> list[bytes]:
    """The sheets as somebody who holds them sees them: PNG pages at `dots` an inch. Not kept."""
    stickers = [await sticker(context.config, seal) for seal in seals]
    return await asyncio.to_thread(sheet.pages, stickers, _wording("", seals, layout), layout, dots)


def _wording(
    title: str, seals: Sequence[SealView], layout: sheet.Layout, before: int = 0, total: int | None = None
) -> Wording:
    vehicle = any(seal.kind is Kind.VEHICLE for seal in seals)
    each = sheet.EACH[layout]
    pages = -(-(len(seals) if total is None else total) // each)
    return Wording(
        lang=language(),
        title=normalize("NFC", title),
        ruler=_("50 mm: measure before you cut"),
        steps=(
            _("Use matt white vinyl that breaks when it is peeled off."),
            _("Print at full size, without fitting to the page."),
            _("Measure the line above. If it is not 50 mm, do not cut and do not stick."),
            _("Scan one sticker of each sheet before you cut."),
        ),
        inside=_("The small sticker goes inside, in front of the back seat.")
        if vehicle
        else _("The small sticker goes inside, at the reception desk."),
        foot=_("Sheet {page} of %(count)s", count=number(pages)),
        first=before // each,
    )
