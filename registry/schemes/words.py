"""What the parts of a scheme are called on a page."""

from registry.core.i18n import N_, _, ngettext
from registry.schemes.content import Parameters

TYPES = {
    "document": N_("Document"),
    "percentage": N_("Percentage from the registry"),
    "observation": N_("Observation on site"),
    "interview": N_("Interview"),
    "sample": N_("Sample"),
    "scenario": N_("Practical case"),
    "count": N_("Count"),
    "test_call": N_("Test call"),
}
KINDS = {
    "all": N_("everybody"),
    "lodging": N_("lodging"),
    "taxi": N_("passenger transport"),
    "freight": N_("freight"),
    "waterway": N_("waterways"),
    "operator": N_("operators and guides"),
    "entertainment": N_("entertainment"),
    "association": N_("the association's office"),
}


CHANGED: dict[str, str] = {
    "reworded": N_("Says otherwise now"),
    "new": N_("New"),
    "dropped": N_("No longer asked"),
}


def parameters(values: Parameters) -> list[tuple[str, str]]:
    """The figures an applicant asks about first, in words."""
    training = values.training

    def months(n: int) -> str:
        return ngettext("%(num)s month", "%(num)s months", n)

    def days(n: int) -> str:
        return ngettext("%(num)s day", "%(num)s days", n)

    return [
        (_("A certificate is valid for"), months(values.validity_months)),
        (_("Surveillance every"), months(values.surveillance_months)),
        (_("Trained staff, first time"), f"{values.coverage_total} %"),
        (_("Trained staff, at renewal"), f"{values.coverage_renewal} %"),
        (_("Critical posts trained"), f"{values.coverage_critical} %"),
        (_("A new worker is trained within"), days(training.starter_days)),
        (_("Training is valid for"), months(training.validity_months)),
        (_("Knowledge check, right answers"), f"{training.pass_percent} %"),
        (_("Lowest score of any criterion"), f"{values.criterion_floor} %"),
        (_("Major nonconformity closed within"), days(values.deadlines["major"].close_days)),
        (_("Minor nonconformity closed within"), days(values.deadlines["minor"].close_days)),
        (_("A suspension lasts at most"), months(values.suspension_max_months)),
        (_("Days to appeal"), days(values.appeal_days)),
        (_("A commitment holds for"), months(values.commitment_months)),
    ]
