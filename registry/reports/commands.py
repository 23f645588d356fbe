"""What `registry authority` can do with keys, drills and envelopes. keygen, prove and agent need no database."""

import asyncio
import contextlib
import sys
from datetime import datetime
from pathlib import Path
from typing import TextIO
from uuid import UUID

import click
import httpx
import msgspec

from registry.access.actor import SYSTEM
from registry.authorities.commands import FOLDER, authority
from registry.authorities.directory import aloud
from registry.authorities.root import Root
from registry.config import Config
from registry.core.clock import Clock, utc_now
from registry.core.commands import check
from registry.core.errors import Invalid
from registry.core.i18n import _, speaking
from registry.core.shell import asynchronous, language, plain
from registry.house import opened
from registry.reports import heads, saying_commands, service
from registry.reports.agent import deliver, keys, primero, webhook
from registry.reports.agent.caller import Register, at_once
from registry.reports.agent.folder import Folder
from registry.reports.agent.round import Agent, Done
from registry.reports.agent.trouble import BROKEN, alarm, alone_in, said, told

PAUSE = 60
"""Seconds between two rounds of an agent."""


@authority.command()
@click.option("--out", required=True, type=FOLDER)
@click.option(
    "--holders", nargs=4, default=("working 1", "working 2", "recovery", "agent"), help="The posts that hold them."
)
def keygen(out: Path, holders: tuple[str, str, str, str]) -> None:
    """Make an authority's keys, on its own machine; public.json is all that leaves it.

    The fingerprints are read to the register over another channel: `registry authority fingerprint public.json`.
    """
    with told():
        public = keys.make(out, holders)
        click.echo(msgspec.json.format(msgspec.json.encode(public)).decode())
        for key in public:
            click.echo(f"{aloud(key['public'])}  {key['use']}, {key['holder']}", err=True)
        first, second, recovery, _agent = holders
        for line in (
            _("%(file)s goes to %(holder)s, on a medium of their own.", file="working-1.key", holder=first),
            _("%(file)s goes to %(holder)s, on a medium of their own.", file="working-2.key", holder=second),
            _("%(file)s goes to %(holder)s, in a sealed envelope, in another place.", file="recovery.key",
              holder=recovery),
            _("signing.pem stays with the agent, and one working key with it. public.json goes to the register."),
            _("Move recovery.key and the other working key out of %(folder)s before it goes to the agent's machine: no"
              " machine may hold them all.", folder=str(out)),
        ):  # fmt: skip
            click.echo(line, err=True)


@authority.command()
@click.option("--keys", "folder", required=True, type=FOLDER)
@click.option("--use", "name", type=click.Choice(list(keys.FILES)), help="Which key was asked for. The test says it.")
@click.option("--task", "file", type=click.File(), help="A file with the test; - reads what is piped in.")
@click.argument("task", required=False)
def prove(folder: Path, name: str | None, file: TextIO | None, task: str | None) -> None:
    """Answer the test that proves a key, with exactly that key. TASK, or --task FILE: a test is some 400 signs."""
    with told():
        if (file is None) == (task is None):
            raise Invalid("task-where")
        given = "".join((file.read(10_000) if file else task or "").split())
        name = name or keys.asked(folder, given)
        answer = keys.answer(folder, name, given)
        click.echo(_("Answered with %(file)s. Tell the register this:", file=keys.FILES[name]), err=True)
        click.echo(answer)


@authority.command()
@click.option("--keys", "folder", required=True, type=FOLDER)
@click.option("--authority", "who", required=True, type=click.UUID)
@click.option(
    "--root",
    required=True,
    help="The custodians as they are pinned (2:<key>,<key>,<key>), given over a second channel.",
)
def settle(folder: Path, who: UUID, root: str) -> None:
    """Tell an agent who it is and which custodians it trusts."""
    with told():
        pinned = Root.parse(root)
        if not pinned.keys:
            raise Invalid("root-not-readable")
        keys.settle(folder, keys.Settings(who, str(pinned)))
        click.echo(_("The agent in %(folder)s is now the one of authority %(who)s, and believes only directories that"
                     " %(count)s of these %(all)s custodians signed:", folder=str(folder), who=str(who),
                     count=pinned.threshold, all=len(pinned.keys)))  # fmt: skip
        for key in pinned.keys:
            click.echo(f"  {key}")


@authority.command()
@click.argument("who", type=click.UUID)
@click.pass_obj
def drill(config: Config, who: UUID) -> None:
    """Send an authority a marked test through the real path."""

    @asynchronous
    async def run() -> None:
        async with opened(config) as context:
            sent = await service.drill(SYSTEM, context.clock(), context, who)
            with speaking(language()):
                click.echo(_("A drill is on its way, as envelope %(envelope)s. Its agent answers within some minutes;"
                             " how it went stands at the authority's page afterwards.",
                             envelope=str(sent)))  # fmt: skip

    run()


@authority.command()
@click.option("--keys", "folder", required=True, type=FOLDER)
@click.option("--origin", required=True, help="The register's address, such as https://registry.example.")
@click.option("--once", is_flag=True, help="One round, then end.")
@click.option("--cases", type=FOLDER, help="Where case files are written; a folder beside the keys if not said.")
@click.option("--at", type=click.DateTime(["%Y-%m-%dT%H:%M:%S%z"]), hidden=True, help="A clock that stands still.")
def agent(folder: Path, origin: str, once: bool, cases: Path | None, at: datetime | None) -> None:
    """Collect what waits, open it, write case files, and sign what was done. Calls out only; nothing calls in."""
    clock, into = at_once(at) if at else utc_now, cases or folder / "cases"
    with told(origin):
        keys.settings(folder)
        with alone_in(into):
            _warn(folder)
            asyncio.run(_run(folder, origin, once, into, clock))


def _warn(folder: Path) -> None:
    """What opens everything must not lie on one machine that is always on."""
    if all((folder / name).exists() for name in (*keys.WORKING, keys.RECOVERY)):
        click.echo(_("All keys of this office lie in %(folder)s. Move recovery.key and one working key to their holders"
                     " today.", folder=str(folder)), err=True)  # fmt: skip


async def _run(folder: Path, origin: str, once: bool, cases: Path, clock: Clock) -> None:
    async with httpx.AsyncClient(follow_redirects=False) as http:
        worker = await _agent(folder, origin, cases, clock, http)
        while True:
            try:
                done = await worker.once()
                _tell(done)
                for code in done.alarms:
                    click.echo(f"{code}: {plain(alarm(code))}", err=True)
                if once and done.alarms:
                    raise click.ClickException(_("There is an alarm; it stands in %(file)s too.",
                                                 file=str(cases / "ALARM.txt")))  # fmt: skip
            except BROKEN as error:
                if once:
                    raise
                click.echo(said(error, origin), err=True)
            if once:
                return
            await asyncio.sleep(PAUSE)


async def _agent(folder: Path, origin: str, cases: Path, clock: Clock, http: httpx.AsyncClient) -> Agent:
    """An agent with what its folder says: where cases go, and whom else it tells."""
    settings, signer, wishes = keys.settings(folder), keys.signer(folder), deliver.wishes(folder)
    system, bell = None, None
    if to := wishes.primero:
        mapped = primero.mapping(folder / to.mapping)
        system = primero.Door(http, to, deliver.secret(folder, to.password), mapped, clock)
        await _checked(system)
    if hook := wishes.webhook:
        bell = webhook.Outbox(cases / "told", http, hook, deliver.secret(folder, hook.secret), clock)
    register = Register(http, origin, settings.authority, signer, clock)
    return Agent(
        register, settings, keys.identities(folder), signer, cases, clock, given=keys.given(folder),
        folder=Folder(cases, wishes.language, wishes.time_zone), system=system, bell=bell,
    )  # fmt: skip


async def _checked(system: primero.Door) -> None:
    """A mapping that its Primero does not know is told at once. One that cannot be asked now is asked again later."""
    with contextlib.suppress(httpx.HTTPError, TimeoutError, OSError, primero.Stuck):
        await system.check()


def _tell(done: Done) -> None:
    """Counts only: what was opened is in the case files, never on a screen that somebody may log."""
    click.echo(msgspec.json.encode(done).decode())


@check.command("reports")
@click.pass_obj
@asynchronous
async def check_reports(config: Config) -> None:
    """Compute the reports' event log again, event by event and week by week; ends with 1 if it is not as published."""
    async with opened(config) as context:
        broken = await heads.broken(context)
        weeks, gone = await heads.counted()
    if broken is not None:
        click.echo(
            _("The reports' event log does not hold: %(where)s is not what was recorded.", where=broken), err=True
        )
        sys.exit(1)
    click.echo(_("The reports' event log holds: %(count)s weeks as published.", count=weeks))
    if gone:
        click.echo(_("Of those %(count)s came before a database was put back, and cannot be computed.", count=gone))


COMMANDS: list[click.Command] = [*saying_commands.COMMANDS]
