"""`registry account administrator`: the first person of a house. Everybody after them is invited at the desk."""

import click

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import service
from registry.accounts.jobs import address, send_invitation
from registry.accounts.schemas import Invite
from registry.accounts.tables import Invitation
from registry.config import Config
from registry.core.i18n import LANGUAGES, _
from registry.core.shell import asynchronous


@click.group()
def account() -> None:
    """People with a key to the desk."""


@account.command()
@click.argument("email")
@click.option("--name", required=True, help="As people are called.")
@click.option("--language", type=click.Choice(list(LANGUAGES)), help="Of the letter; the operator's if not said.")
@click.pass_obj
@asynchronous
async def administrator(config: Config, email: str, name: str, language: str | None) -> None:
    """Invite somebody to manage this house: the link goes to them by letter, and stands here as well.

    For the first one, and for the day on which nobody can enter any more. Whoever may type this owns the machine; the
    trail keeps that it was done here.
    """
    from registry.house import opened

    async with opened(config) as context:
        now = context.clock()
        invite = Invite(email, name, Role.ADMINISTRATOR, language=language or config.language)
        which = await service.invite(SYSTEM, now, invite)
        await send_invitation(context, now, {"invitation": str(which)})
        found = await Invitation.objects().get(Invitation.id == which)
        url = address(context, found) if found else ""
    click.echo(_("The letter is on its way. Or open this page, choose a password and connect your phone:"))
    click.echo(url)


COMMANDS: list[click.Command] = [account]
