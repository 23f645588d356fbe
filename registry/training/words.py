"""What posts, shifts and signals are called on a page."""

from registry.core.i18n import N_

POSTS = {
    "reception": N_("Front desk"),
    "reservations": N_("Reservations"),
    "housekeeping": N_("Housekeeping"),
    "food_service": N_("Food and drinks"),
    "maintenance": N_("Maintenance"),
    "security": N_("Security"),
    "supervisor": N_("Supervisors"),
    "manager": N_("Management"),
    "driver": N_("Drivers"),
    "guide": N_("Guides"),
    "other": N_("Other posts"),
}
SHIFTS = {"day": N_("day"), "night": N_("night"), "both": N_("day and night")}
SIGNALS = {
    "overlap": N_("At the same time as another session of the same facilitator"),
    "larger-than-payroll": N_("More people than the business has on its roster"),
    "leavers": N_("People who no longer worked there"),
    "burst": N_("Very many people within an hour"),
    "same-scores": N_("The same score for everybody"),
    "entered-late": N_("Entered more than a day after it was held"),
}
STATES = {"open": N_("Open"), "closed": N_("Session closed"), "cancelled": N_("Cancelled")}
