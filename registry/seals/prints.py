"""What is printed for a seal, in its own language: words from the scheme and the catalogues, put together for artwork.

Sheets are compiled once and kept by their content, so that a company's 250 stickers cost their seconds once.
"""

import asyncio
from collections.abc import Sequence
from unicodedata import normalize

from registry.config import Config
from registry.core.context import Context
from registry.core.i18n import _, language, speaking
from registry.schemes import queries as schemes
from registry.seals import qr, sheet
from registry.seals.artwork import Sticker
from registry.seals.code import grouped
from registry.seals.queries import SealView
from registry.seals.sheet import Layout, Wording
from registry.seals.snapshot import Kind


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
        )  # fmt: skip


async def pdf(context: Context, seals: Sequence[SealView], title: str, layout: Layout) -> bytes:
    """The sheet of these seals, from the store if it was printed before."""
    stickers = [await sticker(context.config, seal) for seal in seals]
    words = _wording(title, seals, layout)
    key = f"sheets/{sheet.key(stickers, words, layout)}.pdf"
    try:
        return await context.storage.get(key)
    except KeyError:
        made = await sheet.pdf(stickers, words, layout)
        await context.storage.put(key, made, content_type="application/pdf")
        return made


async def pictures(context: Context, seals: Sequence[SealView], dots: int, layout: Layout = "inside") -> list[bytes]:
    """The sheets as somebody who holds them sees them: PNG pages at `dots` an inch. Not kept."""
    stickers = [await sticker(context.config, seal) for seal in seals]
    return await asyncio.to_thread(sheet.pages, stickers, _wording("", seals, layout), layout, dots)


def _wording(title: str, seals: Sequence[SealView], layout: Layout) -> Wording:
    vehicle = any(seal.kind is Kind.VEHICLE for seal in seals)
    pages = len(seals) if layout == "set" else -(-len(seals) // 4)
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
        foot=_("Sheet {page} of %(count)s", count=pages),
    )
