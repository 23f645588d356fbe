"""What each published figure is called, for the public page and the desk's."""

from registry.core.i18n import N_
from registry.reports import desk, figures
from registry.reports.rules import Outcome

WORDS = {
    figures.RECEIVED: N_("Reports received"),
    figures.ACKNOWLEDGED: N_("Taken charge of by a person of the authority"),
    figures.IN_TIME: N_("Of these, within the time that was promised"),
    figures.MEDIAN: N_("Half of them were answered within so many hours"),
    figures.OUTCOMES: N_("Reports that have an outcome"),
    **{f"outcome:{one}": desk.OUTCOMES.get(one, N_("It could not be opened")) for one in Outcome},
}
