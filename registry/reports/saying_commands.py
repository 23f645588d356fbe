"""`registry authority open | acknowledge | imported | progress | outcome | reply | opener`: for officers, on the
office's machine.

None of them needs a database. With --origin an answer is sent as the agent sends; with --to it is written, signed, into
a file for the desk.
"""

import asyncio
from collections.abc import Callable
from pathlib import Path
from uuid import UUID

import click
import httpx
import msgspec

from registry.authorities.commands import FILE, FOLDER, authority
from registry.core import crypto
from registry.core.clock import utc_now
from registry.core.errors import Invalid
from registry.core.i18n import LANGUAGES, _, speaking
from registry.core.shell import plain
from registry.reports import desk
from registry.reports import opener as openers
from registry.reports.agent import alone, deliver, keys, saying, trouble
from registry.reports.agent.caller import Register
from registry.reports.agent.case import Case, case, file_rows, rows
from registry.reports.agent.folder import Folder
from registry.reports.payload import urgent as urgent_report
from registry.reports.rules import Outcome, Progress
from registry.reports.schemas import Answer, Followed

KEYS = click.option("--keys", "folder", required=True, type=FOLDER, help="The folder of this authority's keys.")
CASES = click.option("--cases", type=FOLDER, help="Where case files are; a folder beside the keys if not said.")
ORIGIN = click.option("--origin", help="The register's address: the answer is sent there at once.")
TO = click.option("--to", type=click.Path(dir_okay=False, path_type=Path), help="Write the answer here, for the desk.")


@authority.command("open")
@KEYS
@click.option("--out", type=FOLDER, help="Write the case here as JSON and PDF; without it, it is shown.")
@click.argument("file", type=FILE)
def open_file(folder: Path, out: Path | None, file: Path) -> None:
    """Open an envelope that was downloaded at the desk. Needs no line."""
    _told(lambda: _open(folder, out, file))


def _open(folder: Path, out: Path | None, file: Path) -> None:
    office = keys.settings(folder).authority if (folder / "authority.json").exists() else None
    inner, sha256 = alone.opened(file.read_bytes(), keys.identities(folder), office, alone.numbered(file))
    wishes, now = deliver.wishes(folder), utc_now()
    which, urgent = inner.context.envelope, urgent_report(inner.report)
    held = alone.beside(file, inner, keys.identities(folder))
    if out is None:
        with speaking(wishes.language):
            _show(case(inner, sha256, urgent, None, str(which), now).with_only(held), drill=inner.drill)
        return
    cases = Folder(out, wishes.language, wishes.time_zone)
    cases.prepare()
    found = case(inner, sha256, urgent, None, cases.called(which), now).with_only(held)
    made, _ = cases.kept(found, held)
    click.echo(f"{made.reference} {inner.proof}{' DRILL' if inner.drill else ''}")


def _show(found: Case, *, drill: bool) -> None:
    """On a terminal a stranger's text must not move the cursor or colour a line."""
    click.echo(f"{found.proof}{'  DRILL' if drill else ''}\n{found.envelope}\n")
    for label, said in (*rows(found.report), *file_rows(found.files)):
        click.echo(plain(f"{label}: {said}"))
    click.echo("\n" + plain(str(found.report.get("narrative", ""))))


@authority.command()
@KEYS
@CASES
@ORIGIN
@TO
@click.option("--reference", default="", help="This authority's own number for the case. No names.")
@click.argument("asked", metavar="CASE")
def acknowledge(
    folder: Path, cases: Path | None, origin: str | None, to: Path | None, reference: str, asked: str
) -> None:
    """Take a case that was opened by hand: with the proof from inside, signed."""
    _told(lambda: _say(folder, cases, origin, to, asked, lambda f, s, _n: saying.acknowledged(f, s, reference)), origin)


@authority.command()
@KEYS
@CASES
@ORIGIN
@TO
@click.argument("asked", metavar="CASE")
@click.argument("said", type=click.Choice([str(p) for p in Progress]))
def progress(folder: Path, cases: Path | None, origin: str | None, to: Path | None, asked: str, said: str) -> None:
    """Say how a case goes. CASE: its reference, or the envelope's id or number."""
    _told(
        lambda: _say(folder, cases, origin, to, asked, lambda f, s, _n: saying.progress(f, s, Progress(said))), origin
    )


@authority.command()
@KEYS
@CASES
@ORIGIN
@TO
@click.argument("asked", metavar="CASE")
def imported(folder: Path, cases: Path | None, origin: str | None, to: Path | None, asked: str) -> None:
    """Say that this authority keeps a case in its own system: the register destroys its copy 30 days later."""
    _told(lambda: _say(folder, cases, origin, to, asked, lambda f, s, _n: saying.imported(f, s)), origin)


@authority.command()
@KEYS
@CASES
@ORIGIN
@TO
@click.argument("asked", metavar="CASE")
@click.argument("said", type=click.Choice([str(o) for o in Outcome if o is not Outcome.UNREADABLE]))
def outcome(folder: Path, cases: Path | None, origin: str | None, to: Path | None, asked: str, said: str) -> None:
    """Say what came of a case."""
    _told(lambda: _say(folder, cases, origin, to, asked, lambda f, s, _n: saying.outcome(f, s, Outcome(said))), origin)


@authority.command()
@KEYS
@CASES
@ORIGIN
@TO
@click.option("--template", type=click.Choice(list(saying.TEMPLATES)), default="received", show_default=True)
@click.option("--text", "own", default="", help="Your own words, if deliver.json says free_text.")
@click.option("--number", default="", help="The telephone number for the template that asks for a call.")
@click.option(
    "--counter", type=click.IntRange(1, 1000), help="Which reply this is, where the register cannot be asked."
)
@click.argument("asked", metavar="CASE")
def reply(
    folder: Path, cases: Path | None, origin: str | None, to: Path | None, template: str, own: str, number: str,
    counter: int | None, asked: str,
) -> None:  # fmt: skip
    """Write to whoever reported: sealed to their code, signed by this authority."""
    allowed = deliver.wishes(folder).free_text

    def said(found: Case, signer: crypto.Signer, sent: int | None) -> Answer:
        if counter is None and sent is None:
            raise Invalid("reply-needs-counter")
        text = saying.words(found, template, own, free_text=allowed, number=number)
        return saying.reply(found, signer, text, counter or (sent or 0) + 1)

    _told(lambda: _say(folder, cases, origin, to, asked, said), origin)


@authority.command()
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--language", type=click.Choice(LANGUAGES), default="es", show_default=True)
@click.option("--authority", "who", type=click.UUID, help="Refuse what is not for this authority.")
def opener(out: Path, language: str, who: UUID | None) -> None:
    """Write the page that opens envelopes without a line: one file, nothing to install."""
    with speaking(language):
        _told(lambda: out.write_text(openers.page(who), encoding="utf-8"))


Say = Callable[[Case, crypto.Signer, int | None], Answer]


def _say(folder: Path, cases: Path | None, origin: str | None, to: Path | None, asked: str, make: Say) -> None:
    """Find the case, make the signed answer, send it or write it down; then say what was done."""
    if (origin is None) == (to is None):
        raise Invalid("answer-where")
    found, signer = Folder(cases or folder / "cases").find(asked), keys.signer(folder)
    if to is not None:
        answer = make(found, signer, None)
        to.write_bytes(msgspec.json.format(msgspec.json.encode(answer)) + b"\n")
        click.echo(
            _("Written to %(file)s. Nothing is sent yet: hand it in at the desk. Then this holds:", file=str(to))
        )
    else:
        answer = asyncio.run(_sent(folder, str(origin), found, make))
    click.echo(_done(answer, found))


def _done(answer: Answer, case: Case) -> str:
    """What was said, and what whoever reported reads of it from now on."""
    if answer.what == "acknowledged":
        return _("%(case)s is acknowledged, with the number %(number)s. Whoever reported reads that a person of this"
                 " office has taken charge of it.", case=case.reference, number=answer.data["reference"])  # fmt: skip
    if answer.what == "imported":
        return _("%(case)s is kept in your own system. The register destroys its copy 30 days from now. Whoever"
                 " reported reads nothing new.", case=case.reference)  # fmt: skip
    if answer.what == "replies":
        return _("Reply %(number)s to %(case)s is sealed to the code of whoever reported: they read it when they come"
                 " back with it.", number=answer.data["counter"], case=case.reference)  # fmt: skip
    if answer.what == "progress":
        words = _(desk.PROGRESS[Progress(answer.data["progress"])])
    else:
        words = _(desk.OUTCOMES[Outcome(answer.data["outcome"])])
    return _("%(case)s: whoever reported now reads, in their own language: %(words)s", case=case.reference, words=words)


async def _sent(folder: Path, origin: str, found: Case, make: Say) -> Answer:
    signer = keys.signer(folder)
    async with httpx.AsyncClient(follow_redirects=False) as http:
        register = Register(http, origin, keys.settings(folder).authority, signer)
        standing: Followed = await register.standing(found.envelope)
        if standing.sha256 != found.sha256:
            raise Invalid("envelope-moved")
        answer = make(found, signer, standing.replies)
        await register.tell(found.envelope, answer.what, answer.data)
        return answer


def _told(act: Callable[[], object], origin: str | None = None) -> None:
    """Do it; what is refused becomes a sentence."""
    with trouble.told(origin):
        act()


COMMANDS: list[click.Command] = []
