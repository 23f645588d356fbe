"""`registry check trail`: whether the chain holds from its first link to its last."""

import sys

import click

from registry.config import Config
from registry.core.commands import check
from registry.core.i18n import _
from registry.core.shell import asynchronous
from registry.trail import queries, service


@check.command("trail")
@click.pass_obj
@asynchronous
async def check_trail(config: Config) -> None:
    """Chain what is new, then re-compute every link; ends with 1 if one does not follow."""
    from registry.house import opened

    async with opened(config):
        await service.chain()
        broken = await queries.broken()
        number, _hash = await queries.head()
    if broken is not None:
        click.echo(_("The trail does not hold: entry %(id)s is not what was recorded.", id=broken), err=True)
        sys.exit(1)
    click.echo(_("The trail holds: %(count)s entries.", count=number))


COMMANDS: list[click.Command] = []
