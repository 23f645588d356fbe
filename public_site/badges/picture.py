"""The badge as SVG. Pure; runs inside `i18n.speaking(language)`."""

import msgspec
from markupsafe import escape

from public_site.verification.rules import Reason, State, Verdict
from registry.core import i18n
from registry.core.i18n import N_, _
from registry.seals.snapshot import Entry

WIDE, HIGH, LETTERS, LONGEST = 300, 64, 30, 500

# Of look.md, on white.
COLOURS = {
    "valid": "#146c43", "suspended": "#7a4b00", "committed": "#7a4b00", "withdrawn": "#a61b1b", "expired": "#55606b",
    "unknown": "#55606b",
}  # fmt: skip
LOOKS = {State.MISTYPED: "unknown", State.CANNOT_CONFIRM: "unknown"}
WORDS = {
    Reason.MEETS: N_("Valid"), Reason.SUSPENDED: N_("Suspended"), Reason.WITHDRAWN: N_("Withdrawn"),
    Reason.EXPIRED: N_("Expired"), Reason.REPLACED: N_("Replaced"), Reason.ENDED: N_("Ended"),
    Reason.NOT_BEGUN: N_("Not valid yet"), Reason.NOT_IN_REGISTER: N_("Unknown code"),
    Reason.CHECK_CHARACTERS: N_("Unknown code"), Reason.WAS_VALID: N_("Cannot be confirmed now"),
    Reason.OLD_COPY: N_("Cannot be confirmed now"),
}  # fmt: skip


class Badge(msgspec.Struct, frozen=True):
    look: str
    word: str
    whose: str
    checked: str


def badge(entry: Entry | None, verdict: Verdict, operator: str, zone: str) -> Badge:
    """What the picture says. Whose it is stands there only where we know it."""
    whose = (entry.facts.plate or entry.facts.name) if entry and verdict.reason is not Reason.OLD_COPY else operator
    checked = ""
    if verdict.as_of.year > 2000 and verdict.state is not State.MISTYPED:
        checked = _("Checked %(when)s", when=i18n.moment(verdict.as_of, zone))
    return Badge(LOOKS.get(verdict.state, str(verdict.state)), _(WORDS[verdict.reason]), whose, checked)


def svg(badge: Badge, drawing: str, language: str) -> bytes:
    """300 × 64, readable on any background, in any size. `drawing`: the state's own shape, 24 × 24."""
    colour, whole = COLOURS[badge.look], _short(f"{badge.word}. {badge.whose}. {badge.checked}", LONGEST)
    word = escape(_short(badge.word, 24))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" xml:lang="{language}" width="{WIDE}" height="{HIGH}"'
        f' viewBox="0 0 {WIDE} {HIGH}" role="img" aria-labelledby="t"><title id="t">{escape(whole)}</title>'
        f'<rect x="1" y="1" width="{WIDE - 2}" height="{HIGH - 2}" rx="6" fill="#fff" stroke="{colour}"'
        ' stroke-width="2"/>'
        f'<g transform="translate(12 14) scale(1.5)" fill="{colour}" color="{colour}">{drawing}</g>'
        '<g font-family="system-ui, Roboto, Noto Sans, Liberation Sans, sans-serif">'
        f'<text x="60" y="25" font-size="18" font-weight="700" fill="{colour}">{word}</text>'
        f'<text x="60" y="42" font-size="13" fill="#14212b">{escape(_short(badge.whose, LETTERS))}</text>'
        f'<text x="60" y="56" font-size="10.5" fill="#55606b">{escape(badge.checked)}</text></g></svg>\n'
    ).encode()


def _short(text: str, most: int) -> str:
    clean = "".join(letter if letter.isprintable() else " " for letter in text).strip()
    return clean if len(clean) <= most else clean[: most - 1].rstrip() + "…"
