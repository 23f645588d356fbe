"""What the demo prints at the end, in the language of the shell."""

from collections.abc import Callable
from functools import partial

import pyotp
from rich.console import Console
from rich.table import Table

from registry.config import Config
from registry.core.clock import utc_now
from registry.core.i18n import N_, _, language, number
from registry.demo.offices import CHAIN, CODE, PLACE, REPORTER, folder
from registry.demo.result import Played
from registry.reports.code import grouped


def summary(console: Console, played: Played) -> None:
    """What was measured, a line each."""
    result = played.result
    table = Table(box=None, show_header=False, pad_edge=False)
    for name, members in result.members_imported.items():
        table.add_row(_("Members of %(name)s", name=name), str(members))
    table.add_row(_("Cells that came back with a reason"), str(result.cells_refused))
    table.add_row(_("Seals issued"), str(result.seals_issued))
    table.add_row(_("Printed symbols read by a decoder"), str(result.qr_decoded))
    table.add_row(_("Pages that say what was decided"), str(result.pages_agree))
    table.add_row(_("Credentials verified from outside"), str(result.credentials_verified))
    table.add_row(_("From suspension to page"), _("%(n)s s", n=number(result.suspension_to_page_seconds, 2)))
    table.add_row(_("The report, as its reporter saw it"), " → ".join(state.state for state in result.report_states))
    table.add_row(_("Form refused where nobody answers"), _("yes") if result.report_closed_elsewhere else _("no"))
    table.add_row(_("Files with a word of the report in them"), str(result.plaintext_leaks))
    table.add_row(_("The story took"), _("%(n)s s", n=number(result.seconds, 1)))
    console.print(table)


def addresses(console: Console, config: Config, played: Played) -> None:
    """Where to look and who to be. Everybody is invented, and this server listens on this machine alone."""
    here = f"http://{config.host}:{config.port}"
    home = _("home, search, code")
    say = partial(console.print, soft_wrap=True, highlight=False, markup=False)
    say(f"\n{here}  {home}")
    for state, path in sorted(played.seals.items()):
        say(f"  {here}{path}  {_(STATES[state])}")
    channel(say, here, config, played)
    told = _("the desk; everybody's password: %(password)s", password=played.logins[0].password)
    say(f"  {here}/desk  {told}")
    say(_("sign in as; phone code now; who"))
    wide = max(len(one.email) for one in played.logins)
    for one in played.logins:  # a line each and never cut: an address is copied from here
        say(f"  {one.email:<{wide}}  {pyotp.TOTP(one.secret).at(utc_now())}  {one.name}, {_(one.role)}")
    say(_("The sign-in page of the demo shows the phone's code. Stop with Ctrl-C."))


def channel(say: Callable[[str], None], here: str, config: Config, played: Played) -> None:
    """The report form where somebody answers and where nobody does, who is behind it, and the report that was told."""
    offices = " → ".join(office.names.get(language(), office.names["es"]) for office in CHAIN)
    door = _("the report form, open for Puntarenas: %(offices)s (invented)", offices=offices)
    say(f"  {here}/report?place={PLACE}  {door}")
    none = _("closed for Limón, where no office has agreed: telephones instead (those with 555 are fictitious)")
    say(f"  {here}/report?place=CR-L  {none}")
    if played.card:
        card = _("what the card of a trained employee opens")
        say(f"  {here}{played.card}  {card}")
    paper = folder(config, REPORTER) / CODE
    if paper.exists():
        back = _("the report that was answered; its code: %(code)s", code=" ".join(grouped(paper.read_text())))
        say(f"  {here}/return  {back}")


STATES = {
    "valid": N_("a valid seal"), "suspended": N_("a suspended one"), "withdrawn": N_("a withdrawn one"),
    "expired": N_("an expired one"),
}  # fmt: skip
