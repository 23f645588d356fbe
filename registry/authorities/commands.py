"""`registry authority …`: the register's side (export, load, drill) and what runs elsewhere: the custodian's machine
(root-key, sign-directory) and the authority's own (keygen, prove, agent). reports/commands.py adds to the group."""

from pathlib import Path

import click

from registry.access.actor import SYSTEM
from registry.authorities import directory as directories
from registry.authorities import queries, service
from registry.config import Config
from registry.core import crypto
from registry.core.errors import Invalid, Refusal
from registry.core.shell import asynchronous
from registry.house import opened

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(dir_okay=False, exists=True, path_type=Path)


@click.group()
def authority() -> None:
    """Authorities: their keys, the signed directory, drills, and their agent."""


@authority.command("root-key")
@click.option("--out", required=True, type=FOLDER, help="A folder that never comes near a server.")
def root_key(out: Path) -> None:
    """Make one custodian's key, on their own offline machine; prints its public half.

    Three custodians do this; REGISTRY_AUTHORITY_ROOT is then "2:" and the three public keys with commas between them.
    """
    click.echo(crypto.b64url(crypto.FileSigner.make(out / "root.pem").public_bytes()))


@authority.command("export-directory")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.pass_obj
def export_directory(config: Config, out: Path) -> None:
    """Write the next directory, not signed yet, to be carried to the custodians one after the other."""

    @asynchronous
    async def run() -> None:
        async with opened(config) as context:
            out.write_bytes(await queries.next_directory(SYSTEM, context.clock()))

    run()


@authority.command("sign-directory")
@click.option("--root-key", "key", required=True, type=FILE, help="The custodian's own root.pem.")
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path))
@click.argument("document", type=FILE)
def sign_directory(key: Path, out: Path, document: Path) -> None:
    """Show what an exported directory says and add a custodian's signature; the next custodian is given the result."""
    try:
        found = directories.read(document.read_bytes())
        for record in found.directory.records:
            click.echo(f"{record.name('es')}: {', '.join(record.competence.places)}; {record.valid_until}")
        out.write_bytes(directories.sign(found, crypto.FileSigner.load(key)))
    except Refusal as error:
        raise click.ClickException(str(error)) from error


@authority.command("load-directory")
@click.argument("signed", type=FILE)
@click.pass_obj
def load_directory(config: Config, signed: Path) -> None:
    """Take a directory that came back signed; refused unless enough custodians signed it."""

    @asynchronous
    async def run() -> None:
        async with opened(config) as context:
            root = queries.root(config)
            if not root.keys:
                raise Invalid("root-not-pinned")
            await service.load_directory(SYSTEM, context.clock(), root, signed.read_bytes())
            await service.publish(context, context.clock())
            click.echo("ok")

    run()


COMMANDS = [authority]
