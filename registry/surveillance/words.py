"""Words of the room, for its templates."""

from registry.core.i18n import N_, _
from registry.surveillance.rules import ChangeKind, Stage

STAGES: dict[str, str] = {
    Stage.NOT_YET: N_("Not open yet"),
    Stage.OPEN: N_("Open"),
    Stage.OVERDUE: N_("Overdue"),
    Stage.FAILED: N_("Overdue for too long: a decider is asked"),
}
CHANGES: dict[str, str] = {
    ChangeKind.OWNER: N_("The owner"),
    ChangeKind.NAME: N_("The name"),
    ChangeKind.PLATE: N_("The plate or the vehicle"),
    ChangeKind.PREMISES: N_("The premises"),
    ChangeKind.ROLES: N_("Who answers for the commitment here"),
}
FIGURES: dict[str, str] = {
    "people": N_("People who work here"),
    "trained": N_("With all their training valid"),
    "critical": N_("In critical posts"),
    "critical_trained": N_("In critical posts, with valid training"),
    "units": N_("Places or vehicles with a seal"),
}
CONCERNS: dict[str, str] = {
    "surveillance-failed": N_("The surveillance due on %(day)s is not complete: %(count)s things are missing."),
    "coverage-below": N_("Training has been below the minimum for more than %(days)s days."),
    "corrections-overdue": N_("Corrections were due on %(day)s and are not there: %(count)s nonconformities."),
    "suspension-too-long": N_("Suspended since %(day)s: more than %(months)s months. It is reinstated or withdrawn."),
}
"""What stands before a decider; the same words begin the reason, which the decider completes."""


def changes() -> list[tuple[str, str]]:
    """Kinds of change to choose from."""
    return [(str(kind), _(words)) for kind, words in CHANGES.items()]
