"""`registry witness policy | status`: whom verifiers may believe, and what they last said."""

import sys

import click
import msgspec

from registry.config import Config
from registry.core.i18n import N_, _, moment
from registry.core.shell import asynchronous
from registry.house import context_of, opened
from registry.witnesses import queries
from registry.witnesses.rules import Known, Standing

TROUBLES = {
    "it saw another history of this log": N_("it saw another history of this log"),
    "it does not know our key": N_("it does not know our key"),
    "it does not know this log": N_("it does not know this log"),
}


@click.group()
def witness() -> None:
    """Who watches the public log."""


@witness.command("policy")
@click.pass_obj
def print_policy(config: Config) -> None:
    """Print a C2SP tlog-policy that verifiers may begin with: our log's key and the witnesses we ask."""
    click.echo(queries.for_verifiers(context_of(config)).text(), nl=False)


@witness.command("status")
@click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")
@click.pass_obj
@asynchronous
async def status(config: Config, as_json: bool) -> None:
    """What each witness last said; ends with 1 when fewer than the policy asks for cosigned the newest checkpoint."""
    async with opened(config, migrated=False) as context:
        standing, known = await queries.standing(context, context.clock()), await queries.known()
    rows = [(one.name, known.get(one.key.vkey(), Known())) for one in queries.policy_of(config).witnesses]
    if as_json:
        said = {"standing": standing, "witnesses": {name: msgspec.to_builtins(row) for name, row in rows}}
        click.echo(msgspec.json.encode(said).decode())
    else:
        click.echo("\n".join(_told(standing, rows, config.time_zone)))
    sys.exit(0 if rows and standing and standing.met else 1)


def _told(standing: Standing | None, rows: list[tuple[str, Known]], zone: str) -> list[str]:
    if not rows:
        return [
            _("No witness is asked: REGISTRY_WITNESSES names none. Nobody outside can prove which log was shown.")
        ]  # fmt: skip
    if standing is None:
        return [_("Nothing is published yet, so there is nothing to witness.")]
    lines = [_row(name, row, zone) for name, row in rows]
    return [*lines, _summary(standing.cosigners, standing.met, standing.stale)]


def _row(name: str, row: Known, zone: str) -> str:
    if row.cosigned_at is None:
        return _("%(name)s: has never cosigned. %(trouble)s", name=name, trouble=_trouble(row.trouble))
    when = moment(row.cosigned_at, zone)
    return _("%(name)s: cosigned %(size)s entries on %(when)s. %(trouble)s", name=name, size=row.size, when=when,
             trouble=_trouble(row.trouble))  # fmt: skip


def _trouble(words: str) -> str:
    return _(TROUBLES[words]) if words in TROUBLES else words


def _summary(count: int, met: bool, stale: bool) -> str:
    if met and not stale:
        return _("Enough witnesses cosigned the newest checkpoint: %(count)s.", count=count)
    if met:
        return _("Enough witnesses cosigned the newest checkpoint (%(count)s), but more than an hour ago.", count=count)
    return _("Too few witnesses cosigned the newest checkpoint: %(count)s.", count=count)


COMMANDS: list[click.Command] = [witness]
