"""Codes of IOM's Human Trafficking Case Data Standard 2.0, for export. Pure.

HTCDS 2.0 is by IOM, the UN migration agency (CC BY 4.0); its codes are written as it writes them. It is no language of
our form. A reporter can suspect and nothing more, so the status is never anything but possible; and only what the
report says is exported: no guess at who somebody is to whom, and no word of the narrative.
"""

from typing import Any

INDUSTRY = {
    "lodging": "I_AccommodationAndFoodServiceActivities",
    "taxi": "H_TransportationAndStorage",
    "freight": "H_TransportationAndStorage",
    "waterway": "H_TransportationAndStorage",
    "operator": "N_AdministrativeAndSupportServiceActivities",
    "entertainment": "R_ArtsEntertainmentAndRecreation",
}
"""Sections of ISIC, by our kinds of premises. The travel agencies' row of HTCDS has another row's text."""
EXPLOITATION = frozenset({"offered", "paid"})


def export(report: dict[str, Any]) -> dict[str, str]:
    """The fields of HTCDS that a report fills."""
    place = report.get("place", {})
    code = str(place.get("code", ""))
    found = {
        "vic_TraffickingStatus": "PossibleVictimOfTrafficking",
        "vic_TypeOfExploitation": "SexualExploitation",
        "hte_Type": "Exploitation" if EXPLOITATION & set(report.get("what", ())) else "",
        "hte_Country": code[:2],
        "hte_State": code.partition("/")[0] if "-" in code else "",
        "hte_City": str(place.get("locality", "")),
        "hte_Date": str((report.get("moment") or {}).get("date", "")),
        "hte_Industry": INDUSTRY.get(str(place.get("premises", "")), ""),
    }
    return {name: value for name, value in found.items() if value}
