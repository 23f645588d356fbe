"""The review of an application before it is accepted (7.3): what an officer looks at, and the class of risk. Pure."""

from enum import StrEnum

import msgspec

from registry.certification.guards import words
from registry.certification.sampling import Risk
from registry.core.errors import Invalid


class Point(StrEnum):
    """What has to be so before anybody is sent (7.3.1). Size, fees and membership are not among them (4.4)."""

    INFORMATION = "information"
    """Legal holder, places or vehicles, activities, people by post and shift with outsourced ones, who to speak to."""
    SCOPE = "scope"
    COMPETENCE = "competence"
    """Somebody without ties who knows this kind of business and speaks its language can go."""
    DIFFERENCES = "differences"
    """What we and the applicant understood in different ways was talked about."""


class Screening(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """One review of one application."""

    checked: frozenset[Point] = frozenset()
    risk: Risk = Risk.LOW
    factors: str = ""
    """What makes the risk more than low."""
    note: str = ""


def whole(screening: Screening) -> None:
    """Raise Invalid unless every point was looked at, and a risk that is more than low says why."""
    if set(Point) - screening.checked:
        raise Invalid("screening-incomplete", fields={"checked": "screening-incomplete"})
    if screening.risk is not Risk.LOW:
        words(screening.factors, "factors")
