"""What powers and ways of signing are called on a page."""

from registry.commitments.rules import Method, Power
from registry.core.i18n import N_

POWERS = {
    Power.OWNER: N_("I am the owner, a natural person"),
    Power.LEGAL_REPRESENTATIVE: N_("I am its legal representative"),
    Power.POWER_OF_ATTORNEY: N_("I hold a power of attorney"),
}
METHODS = {Method.TYPED: N_("Full name typed, signed in with a second factor")}
