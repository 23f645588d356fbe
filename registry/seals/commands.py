"""`registry seal verify`, `registry log verify`: what anybody can check, from the published files alone.

Neither opens the database nor a private key. `--from` takes the address of any house or mirror, or a folder.
"""

import contextlib
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from registry.config import Config
from registry.core.i18n import N_, _, moment
from registry.core.shell import asynchronous
from registry.core.storage import FolderStorage, open_stores
from registry.seals import outside
from registry.seals.code import check, grouped
from registry.seals.jose import Untrusted
from registry.seals.key_commands import key
from registry.seals.outside import Get
from registry.seals.snapshot import State

STATES = {
    "valid": N_("valid"),
    "expired": N_("expired"),
    "suspended": N_("suspended"),
    "withdrawn": N_("withdrawn"),
    "replaced": N_("replaced by a newer sticker"),
    "ended": N_("no longer covered"),
}
SOURCE = click.option("--from", "source", help="Address of a house or mirror, or a folder; none means this house.")
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")


@click.group()
def seal() -> None:
    """Seals, seen from outside."""


@click.group("log")
def log_group() -> None:
    """The public log of seals."""


@seal.command("verify")
@click.argument("code")
@SOURCE
@AS_JSON
@click.pass_obj
@asynchronous
async def verify_seal(config: Config, code: str, source: str | None, as_json: bool) -> None:
    """Prove what one seal says; ends with 1 unless it is valid and everything holds."""
    wanted = check(code)
    async with _files(config, source) as get:
        try:
            proven = await outside.look_up(get, wanted)
        except KeyError as missing:
            _end(as_json, {"code": wanted, "found": False}, _no(missing, wanted), 1)
        except Untrusted as error:
            _end(as_json, {"code": wanted, "proven": False, "why": str(error)}, _untrusted(error), 1)
    entry = proven.entry
    valid = entry.state is State.VALID and entry.valid_from <= proven.as_of <= entry.valid_until
    state = "expired" if entry.state is State.VALID and proven.as_of > entry.valid_until else str(entry.state)
    said = {
        "code": wanted, "state": state, "valid": valid, "as_of": proven.as_of, "name": entry.facts.name,
        "plate": entry.facts.plate, "holder": entry.facts.holder, "valid_until": entry.valid_until, "leaf": proven.leaf,
        "log_size": proven.size, "credential": proven.jws, "tlog_proof": proven.proof,
    }  # fmt: skip
    sentence = _(
        "%(code)s, %(mark)s: %(state)s on %(when)s. Credential, status lists and log agree: leaf %(leaf)s of %(size)s.",
        code=grouped(wanted), mark=entry.facts.plate or entry.facts.name, state=_(STATES[state]),
        when=moment(proven.as_of, entry.zone), leaf=proven.leaf, size=proven.size,
    )  # fmt: skip
    _end(as_json, said, sentence, 0 if valid else 1)


@log_group.command("verify")
@SOURCE
@AS_JSON
@click.pass_obj
@asynchronous
async def verify_log(config: Config, source: str | None, as_json: bool) -> None:
    """Read every published file again and compute from the leaves what each must say; ends with 1 if one does not."""
    async with _files(config, source) as get:
        try:
            found = await outside.audit(get)
        except KeyError as missing:
            _end(as_json, {"wrong": [f"{missing.args[0]} is not there"]}, _no(missing, ""), 1)
        except Untrusted as error:
            _end(as_json, {"wrong": [str(error)]}, _untrusted(error), 1)
    if found.wrong:
        lines = [_("The published files do not hold:"), *(f"- {line}" for line in found.wrong)]
        _end(as_json, msgspec.to_builtins(found), "\n".join(lines), 1)
    sentence = _(
        "Everything holds on %(when)s: %(size)s leaves, %(seals)s seals (%(valid)s valid, %(suspended)s suspended,"
        " %(revoked)s revoked), %(listings)s that signed and hold no seal.",
        when=moment(found.as_of, config.time_zone), size=found.size, seals=found.seals, valid=found.valid,
        suspended=found.suspended, revoked=found.revoked, listings=found.listings,
    )  # fmt: skip
    _end(as_json, msgspec.to_builtins(found), sentence, 0)


def _no(missing: KeyError, code: str) -> str:
    if missing.args[0] == code:
        return _("%(code)s is in no published file: the register knows no such seal.", code=grouped(code))
    return _("The published file %(name)s is not there, so nothing can be proven.", name=missing.args[0])


def _untrusted(error: Untrusted) -> str:
    return _("The published files prove nothing: %(why)s.", why=error)


def _end(as_json: bool, said: dict[str, Any], sentence: str, status: int) -> None:
    click.echo(msgspec.json.encode(said).decode() if as_json else sentence, err=status != 0 and not as_json)
    sys.exit(status)


@contextlib.asynccontextmanager
async def _files(config: Config, source: str | None) -> AsyncIterator[Get]:
    if source is None:
        yield open_stores(config)[1].get
    elif "://" not in source:
        yield FolderStorage(Path(source)).get
    else:
        async with httpx.AsyncClient(base_url=source.rstrip("/"), timeout=30) as client:

            async def get(key: str) -> bytes:
                answer = await client.get("/.well-known/did.json" if key == "did.json" else f"/log/{key}")
                if answer.status_code == httpx.codes.NOT_FOUND:
                    raise KeyError(key)
                return answer.raise_for_status().content

            yield get


COMMANDS: list[click.Command] = [seal, key, log_group]
