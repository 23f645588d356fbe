"""`registry check …`: what is set, what is missing, and whether the trail still holds."""

import os
import sys
from urllib.parse import urlsplit

import click
import msgspec

from registry.config import Config
from registry.core import machine
from registry.core.i18n import _

SECRET = {"database_url", "smtp_url", "phone_url"}
"""Settings that carry a password: said to be set, never shown."""


@click.group()
def check() -> None:
    """Look at the house without changing it."""


@check.command("config")
@click.pass_obj
def check_config(config: Config) -> None:
    """Say what is set and what is missing; ends with 1 if something is missing for real use."""
    for field in msgspec.structs.fields(Config):
        name = variable(field.name)
        value = getattr(config, field.name)
        shown = _("set, not shown") if field.name in SECRET and value else said(value)
        click.echo(
            f"{name:<24} {shown}"
            if os.environ.get(name)
            else _("%(setting)s (as it comes)", setting=f"{name:<24} {shown}")
        )
    missing = lacking(config)
    for sentence in missing:
        click.echo(f"! {sentence}", err=True)
    for sentence in leaking(config):
        click.echo(f"~ {sentence}", err=True)
    sys.exit(1 if missing else 0)


def said(value: object) -> str:
    """A setting as a person writes it."""
    if value is None or value == "" or value == frozenset():
        return _("not set")
    if isinstance(value, bool):
        return _("yes") if value else _("no")
    return ", ".join(sorted(value)) if isinstance(value, frozenset) else str(value)


def variable(field: str) -> str:
    """The environment variable of a setting."""
    return "DATABASE_URL" if field == "database_url" else f"REGISTRY_{field.upper()}"


def lacking(config: Config) -> list[str]:
    """What a house for real use still needs; the demo needs none of it."""
    if config.demo:
        return []
    needed = []
    if not config.secure:
        needed.append(_("REGISTRY_ORIGIN has to begin with https:// before strangers use this house."))
    if not config.smtp_url:
        needed.append(_("REGISTRY_SMTP_URL is not set: letters stay in the data folder's mail spool."))
    if config.operator == Config().operator:
        needed.append(_("REGISTRY_OPERATOR is not set: pages and credentials name no operator."))
    if not config.telephone:
        needed.append(_("REGISTRY_TELEPHONE is not set: seals name no number for people without internet."))
    if not config.authority_root:
        needed.append(_("REGISTRY_AUTHORITY_ROOT is not set: no directory is believed, so no report form ever opens."))
    elif not config.authority_root.partition(":")[0].strip().isdigit():
        needed.append(_("REGISTRY_AUTHORITY_ROOT names one custodian; two of three have to sign: 2:key,key,key."))
    if config.authority_root:
        needed += unheard(config)
    return needed


def unheard(config: Config) -> list[str]:
    """What keeps an urgent report from ringing a telephone."""
    if not config.phone_url:
        return [_("REGISTRY_PHONE_URL is not set: an urgent report rings no telephone, what would be said stays in the"
                  " data folder's telephone spool.")]  # fmt: skip
    said = []
    if not config.phone_from:
        said.append(_("REGISTRY_PHONE_FROM is not set: the gateway has no number to ring from."))
    where = urlsplit(config.phone_url)
    if where.scheme != "https" and where.hostname not in ("localhost", "127.0.0.1", "::1"):
        said.append(_("REGISTRY_PHONE_URL has to begin with https://: it carries a password."))
    return said


def leaking(config: Config) -> list[str]:
    """Where the machine could keep what only passes through memory; advice, and no reason to end with 1."""
    if config.demo:
        return []
    said = []
    if found := machine.swaps():
        said.append(_("Swap is on (%(where)s): what is in memory may be written to it. Turn it off, or encrypt it.",
                      where=", ".join(found)))  # fmt: skip
    if pattern := machine.dumps():
        said.append(_("Core dumps go to %(where)s: set the limit of core files to 0 for whatever runs here.",
                      where=pattern))  # fmt: skip
    if kind := machine.on_disk():
        said.append(_("The temporary folder is on a disk (%(kind)s): mount it as tmpfs.", kind=kind))
    if config.erasure_folder.is_relative_to(config.data):
        said.append(_("REGISTRY_ERASURE is in the data folder: keep it where no backup goes, or keep it out of them."))
    if not config.report_origin:
        said.append(_("REGISTRY_REPORT_ORIGIN is not set: the report form shares its origin with the desk's cookies."))
    return said


COMMANDS = [check]
