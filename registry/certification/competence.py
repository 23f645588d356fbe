"""What auditors know (6.1.2): the kinds of business and the languages in which they may evaluate. Pure.

A team knows what its people know together: nobody is asked to know all of it.
"""

from collections.abc import Collection, Iterable
from uuid import UUID

import msgspec

from registry.certification.guards import words
from registry.clients.rules import ClientKind
from registry.core.errors import Invalid
from registry.core.i18n import LANGUAGES


class Competence(msgspec.Struct, frozen=True, kw_only=True):
    """What one auditor knows, as it was recorded last; neither kinds nor languages: nothing any more."""

    person: UUID
    kinds: frozenset[ClientKind]
    languages: frozenset[str]
    basis: str = ""
    """How we know: training of auditors, a visit that was witnessed."""


def covers(team: Iterable[Competence], kinds: Collection[ClientKind], language: str) -> None:
    """Raise Invalid unless a team knows every kind of business it visits, and speaks the holder's language."""
    known, spoken = set[ClientKind](), set[str]()
    for one in team:
        known |= one.kinds
        spoken |= one.languages
    if set(kinds) - known:
        raise Invalid("team-lacks-kind", fields={"team": "team-lacks-kind"})
    if language not in spoken:
        raise Invalid("team-lacks-language", fields={"team": "team-lacks-language"})


def recordable(found: Competence) -> None:
    """Raise Invalid unless a record says how we know, in a language we have."""
    if not found.languages <= set(LANGUAGES):
        raise Invalid("choose-one", fields={"languages": "choose-one"})
    words(found.basis, "basis")
