"""`registry authority …`: the register's side (export, load, drill) and what runs elsewhere: the custodian's machine
(root-key, sign-directory) and the authority's own (keygen, prove, agent). reports/commands.py adds to the group."""

import unicodedata
from pathlib import Path

import click
import msgspec

from registry.access.actor import SYSTEM
from registry.authorities import ceremony, changes, queries, service
from registry.authorities import directory as directories
from registry.authorities.root import Root
from registry.config import Config
from registry.core import crypto
from registry.core.errors import Conflict, Invalid
from registry.core.i18n import _
from registry.core.shell import asynchronous, sentences
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
@click.option("--previous", type=FILE, help="The directory before it, for a custodian who did not sign that one.")
@click.option(
    "--root",
    envvar="REGISTRY_AUTHORITY_ROOT",
    help="The custodians as pinned (2:<key>,<key>,<key>): whose signatures count, and whose make --previous good.",
)
@click.option("--first", is_flag=True, help="There is no earlier directory that can be read: all of it is new.")
@click.argument("document", type=FILE)
def sign_directory(key: Path, out: Path, previous: Path | None, root: str | None, first: bool, document: Path) -> None:
    """Show what an exported directory changes, ask, and add a custodian's signature; pass the result on to the next.

    The custodian's own folder remembers the last directory signed there: an older or another one is never signed.
    """
    with sentences():
        found = directories.read(document.read_bytes())
        memory = key.with_name("last-signed.json")
        before = _before(memory, previous, root, first, found.directory)
        changes.follows_from(before, found.directory)
        signer = crypto.FileSigner.load(key)
        me, pinned = crypto.b64url(signer.public_bytes()), Root.parse(root or "")
        if pinned.keys and me not in pinned.keys:
            raise Invalid("root-key-not-pinned", key=me)
        if me in _signers(found, pinned):
            raise Conflict("directory-signed-already")
        signed = directories.sign(found, signer)
        for line in changes.told(before, found.directory):
            click.echo(line)
        click.echo("\n" + _("Signed so far by %(count)s. You are %(key)s.", count=len(_signers(found, pinned)), key=me))
        if not pinned.keys:
            click.echo(_("Whether your signature counts could not be checked: give the custodians with --root."))
        _asked()
        out.write_bytes(signed)
        memory.write_bytes(signed)
        click.echo(_passed_on(len(_signers(directories.read(signed), pinned)), pinned, out))


def _signers(found: directories.Signed, pinned: Root) -> set[str]:
    """Whose good signatures stand under it; of strangers to the root none, once the root is known."""
    data = directories.canonical(found.directory)
    return {
        one.root
        for one in found.signatures
        if (not pinned.keys or one.root in pinned.keys) and Root(1, (one.root,)).signed(data, (one,))
    }


def _asked() -> None:
    """The custodian's yes, in their own language; anything else ends here."""
    yes = _("yes")
    typed = click.prompt(
        _("Did you compare each new fingerprint with the record of its ceremony? Write %(yes)s to sign", yes=yes),
        default="", show_default=False,
    )  # fmt: skip
    if not typed or bare(typed) not in {bare(yes), bare(yes)[:1], "y", "yes"}:
        raise click.Abort


def bare(text: str) -> str:
    """Without case and accents."""
    return "".join(sign for sign in unicodedata.normalize("NFKD", text.strip().casefold()) if sign.isalpha())


def _passed_on(count: int, pinned: Root, out: Path) -> str:
    if not pinned.keys:
        return _("Signed by %(count)s: pass %(file)s on to the next custodian.", count=count, file=str(out))
    if count < pinned.threshold:
        return _("Signed by %(count)s of the %(need)s it needs: pass %(file)s on to the next custodian.", count=count,
                 need=pinned.threshold, file=str(out))  # fmt: skip
    return _("Signed by %(count)s of the %(need)s it needs: it is whole. Give %(file)s back to the register, which runs"
             " registry authority load-directory.", count=count, need=pinned.threshold, file=str(out))  # fmt: skip


def _before(
    memory: Path, previous: Path | None, root: str | None, first: bool, after: directories.Directory
) -> directories.Directory | None:
    """What the custodian compares with: what they signed last; else a file that enough custodians signed."""
    kept = directories.read(memory.read_bytes()).directory if memory.exists() else None
    if previous is not None:
        if not root:
            raise Invalid("root-not-pinned")
        given = directories.signed_by(previous.read_bytes(), Root.parse(root))
        directories.follows(given, directories.Seen(kept.version, directories.digest(kept)) if kept else None)
        return given
    if kept is None and not first and after.version > 1:
        raise Invalid("directory-previous-missing", version=after.version - 1)
    return kept


@authority.command()
@click.argument("public", nargs=-1, required=True, metavar="FILE_OR_KEY...")
def fingerprint(public: tuple[str, ...]) -> None:
    """Write the fingerprints of keys, or of all keys in a public.json, as they are read aloud in the ceremony."""
    with sentences():
        found = [one for given in public for one in _public_keys(given)]
        for label, key in found:
            click.echo(f"{directories.aloud(key)}  {label}")


def _public_keys(given: str) -> list[tuple[str, str]]:
    """The keys of a file, or the one key that was typed. Nothing else has a fingerprint: digits of a file name that
    does not exist would be read aloud, and nobody would hear that they are of nothing."""
    if ceremony.is_secret(given):
        raise Invalid("key-is-secret")
    path = Path(given)
    if not path.is_file():
        if path.exists() or not ceremony.is_key(given):
            raise Invalid("fingerprint-of-nothing", given=given)
        return [(given, given)]
    try:
        listed = msgspec.json.decode(path.read_bytes(), type=list[dict[str, str]])
        keys = [(f"{key['use']}, {key['holder']}", key["public"]) for key in listed]
    except (msgspec.DecodeError, UnicodeDecodeError, KeyError) as error:
        raise Invalid("public-not-readable", file=path.name) from error
    if not keys or not all(ceremony.is_key(key) for _label, key in keys):
        raise Invalid("public-not-readable", file=path.name)
    return keys


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
