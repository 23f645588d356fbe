"""`registry key …`: the keys that sign for the house, and changing them. README, "Keys", says when."""

from datetime import datetime

import click
import msgspec

from registry.access.actor import SYSTEM
from registry.config import Config
from registry.core.context import Context
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import N_, _, moment
from registry.core.keyring import ROLES, Held, KeyState
from registry.core.shell import asynchronous
from registry.house import opened
from registry.seals import note, publication, rotation, service
from registry.seals.custody import ANNOUNCED_FOR, NEEDED_FOR

STATES = {
    KeyState.ANNOUNCED: N_("announced, may be used from %(when)s"),
    KeyState.ACTIVE: N_("in use since %(when)s"),
    KeyState.RETIRING: N_("replaced; what it signed holds until %(when)s"),
    KeyState.RETIRED: N_("retired on %(when)s"),
    KeyState.COMPROMISED: N_("dropped on %(when)s as compromised"),
}
_LATER = {KeyState.ANNOUNCED: ANNOUNCED_FOR, KeyState.RETIRING: NEEDED_FOR}
ROLE = click.argument("role", type=click.Choice(ROLES))
KID = click.argument("kid")
EMERGENCY = click.option("--emergency", is_flag=True, help="Without the wait that readers of did.json need.")
SOURCE = click.option("--source", help="file:…, env:… or kms:…; without it a key is made in the data folder.")


@click.group()
def key() -> None:
    """The keys that sign seals, snapshots and the log."""


@key.command("list")
@click.option("--json", "as_json", is_flag=True, help="One JSON array instead of lines.")
@click.pass_obj
@asynchronous
async def list_keys(config: Config, as_json: bool) -> None:
    """Every key of the house, its use, and what may be done with it."""
    async with opened(config) as context:
        held = await rotation.held(context)
    if as_json:
        told = [msgspec.to_builtins(one) | {"public": None} for one in held]
        click.echo(msgspec.json.encode(told).decode())
        return
    for one in held:
        when = moment(one.since + _LATER.get(one.state, one.since - one.since), config.time_zone)
        click.echo(f"{one.kid}  {one.role:<9} {_(STATES[one.state], when=when)}  {one.source}")


@key.command("announce")
@ROLE
@SOURCE
@click.pass_obj
@asynchronous
async def announce(config: Config, role: str, source: str | None) -> None:
    """Publish a key that is to be used; it may be, 48 hours later."""
    async with opened(config) as context:
        now = context.clock()
        kid = await rotation.announce(SYSTEM, now, context, role, source)
        await _published(context, now)
        when = moment(now + ANNOUNCED_FOR, config.time_zone)
        click.echo(_("%(kid)s is announced. From %(when)s on: registry key activate %(kid)s", kid=kid, when=when))


@key.command("activate")
@KID
@EMERGENCY
@click.pass_obj
@asynchronous
async def activate(config: Config, kid: str, emergency: bool) -> None:
    """Sign with this key from now on, and sign every live seal again."""
    async with opened(config) as context:
        now = context.clock()
        kid = (await _named(context, kid)).kid
        seals = await rotation.activate(SYSTEM, now, context, kid, emergency=emergency)
        await _published(context, now)
        click.echo(_("%(kid)s is in use; %(seals)s seals were signed again and published.", kid=kid, seals=seals))


@key.command("retire")
@KID
@EMERGENCY
@click.pass_obj
@asynchronous
async def retire(config: Config, kid: str, emergency: bool) -> None:
    """End a key that was replaced 30 days ago, or that was never used."""
    async with opened(config) as context:
        now = context.clock()
        kid = (await _named(context, kid)).kid
        await rotation.retire(SYSTEM, now, context, kid, emergency=emergency)
        await _published(context, now)
        click.echo(_("%(kid)s is retired.", kid=kid))


@key.command("compromised")
@KID
@click.option("--since", required=True, help="ISO 8601, with its zone: when somebody else may first have held it.")
@SOURCE
@click.pass_obj
@asynchronous
async def compromised(config: Config, kid: str, since: str, source: str | None) -> None:
    """Drop a key at once, put another in its place, and sign every live seal again."""
    async with opened(config) as context:
        now = context.clock()
        held = await _named(context, kid)
        seals = await rotation.compromised(SYSTEM, now, context, held.kid, _instant(since), source)
        await _published(context, now)
        click.echo(_("%(kid)s is dropped; %(seals)s seals were signed again and published.", kid=held.kid, seals=seals))
        if held.role == "log":
            click.echo(told_by_hand(context))


def told_by_hand(context: Context) -> str:
    """What the operator does after the log's key was lost: the old one can vouch for nothing any more, so whoever
    pinned it has to hear of the new one from people."""
    origin = (context.config.seal_origin or context.config.origin).rstrip("/")
    log = note.vkey(publication.log_name(context.config), context.keys.log.public_bytes())
    return _(
        "Nothing published can vouch for the log's new key. Tell it by hand, by a way that is not this site:\n"
        "  %(key)s\n"
        "1. Every witness: its operator puts this key in the place of the old one, for the log %(name)s.\n"
        "2. Every policy file of a verifier: the line becomes: log %(key)s %(origin)s/log\n"
        "   (registry witness policy prints the whole file).\n"
        "3. Every door of strangers: REGISTRY_LOG_KEY=%(key)s, then start it again.\n"
        "   One without that variable: remove data/public/keys.json and start it again.\n"
        "4. Every mirror: begin a new folder. The old one stays as evidence of what was shown before.\n"
        "5. Every monitor: begin a new --state, and keep the old one for the same reason.\n"
        "6. Destroy the old private key.",
        key=log,
        name=publication.log_name(context.config),
        origin=origin,
    )


async def _named(context: Context, start: str) -> Held:
    """The key whose kid begins so."""
    found = [one for one in await rotation.held(context) if one.kid.startswith(start)]
    if len(found) != 1:
        raise Conflict("key-not-named", start=start, count=len(found))
    return found[0]


async def _published(context: Context, now: datetime) -> None:
    """A house that is not being served publishes here; one that is finds nothing left to do."""
    await service.publish(SYSTEM, now, context)


def _instant(text: str) -> datetime:
    try:
        instant = datetime.fromisoformat(text)
    except ValueError:
        raise Invalid("key-since-not-understood", since=text) from None
    if instant.tzinfo is None:
        raise Invalid("key-since-not-understood", since=text)
    return instant
