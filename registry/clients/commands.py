"""`registry import clients FILE`: the same importer as the desk's, for whoever runs the registry."""

import json
import sys
import time
from contextlib import nullcontext
from datetime import datetime
from pathlib import Path
from typing import Any
from uuid import UUID

import click
import msgspec

from registry.access.actor import SYSTEM
from registry.clients import columns, lists, queries, service, spreadsheet
from registry.clients.columns import Field
from registry.clients.rules import AssociationKind, BatchState, Counts
from registry.clients.schemas import EnrolAssociation
from registry.config import Config
from registry.core.context import Context
from registry.core.db import fetch
from registry.core.errors import Invalid, NotFound, Refusal
from registry.core.i18n import _, sentence, speaking
from registry.core.shell import asynchronous
from registry.house import opened


@click.group("import")
def importing() -> None:
    """Take in lists that others keep."""


@importing.command("clients")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--association", help="Name or id of an association that is enrolled.")
@click.option("--new", help="Enrol an association of this name for the list, if there is none yet.")
@click.option("--kind", type=click.Choice(["hotels", "taxis"]), help="What the list holds, if it cannot be told.")
@click.option("--country", help="ISO code of the list's country, if it cannot be told (CR, PE, FR …).")
@click.option("--column", multiple=True, metavar="FIELD=N", help="Column N, counted from 1, is this field.")
@click.option("--encoding", help="How the text is written, if it cannot be told (cp1252, utf-8 …).")
@click.option("--yes", is_flag=True, help="Take in the good rows without asking.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
@click.pass_obj
@asynchronous
async def import_clients(config: Config, file: Path, **asked: Any) -> None:
    """Preview a list of members and, with --yes or when you agree, take in its good rows. Twice changes nothing."""
    with speaking(config.language):
        async with opened(config) as context:
            found = await imported(context, file, **asked)
        if asked["as_json"]:
            click.echo(json.dumps(found, ensure_ascii=False))


async def imported(
    context: Context,
    file: Path,
    *,
    association: str | None = None,
    new: str | None = None,
    kind: str | None = None,
    country: str | None = None,
    column: tuple[str, ...] = (),
    encoding: str | None = None,
    yes: bool = False,
    as_json: bool = False,
) -> dict[str, Any]:
    """The command itself; returns what it prints."""
    now, started = context.clock(), time.perf_counter()
    quiet = as_json or not sys.stderr.isatty()
    with nullcontext() if quiet else _bar(file.name):
        home = await _association(now, file, association, new, kind, country)
        batch = await lists.receive_list(SYSTEM, now, context, home, file.name, file)
        state = await _answered(context, now, batch, encoding, column)
    seconds = previewed = time.perf_counter() - started
    if not as_json:
        await _shown(batch, seconds)
        if state == BatchState.COMMITTED:
            click.echo(_("This list was already taken in. Nothing changed."))
    good = state == BatchState.READY and (await _counts(batch)).good
    if good and (yes or (not as_json and click.confirm(_("Take in the good rows?")))):
        started = time.perf_counter()
        with nullcontext() if quiet else _bar(_("Taking in")):
            await lists.commit_list(SYSTEM, now, batch)
        seconds += time.perf_counter() - started
    final = (await fetch("SELECT state FROM import_batch WHERE id = $1", batch))[0]["state"]
    counts = msgspec.structs.asdict(await _counts(batch))
    found = {"file": file.name, "association": str(home), "batch": str(batch), "state": final, **counts}
    if not as_json:
        click.echo(_("%(state)s: %(seconds).1f s", state=final, seconds=seconds))
    return found | {"preview_seconds": round(previewed, 3), "seconds": round(seconds, 3)}


def _bar(title: str) -> Any:
    """Shown on a terminal only; it turns while the list is read, since nobody knows its rows before the end."""
    from rich.console import Console

    return Console(stderr=True).status(title)


async def _association(
    now: datetime, file: Path, association: str | None, new: str | None, kind: str | None, country: str | None
) -> UUID:
    known = await queries.associations(SYSTEM)
    wanted = association or new
    if wanted:
        for one in known:
            if wanted.casefold() in (str(one.id), one.name.casefold()):
                return one.id
    if association:
        raise NotFound("association-not-found")
    header, found = _peeked(file)
    country = country or columns.country_hint(file.name, header)
    if country is None:
        raise Invalid("import-country")
    kind = kind or ("taxis" if Field.PLATE in found or "taxi" in file.name or "fhv" in file.name else "hotels")
    name = new or file.name.split(".")[0].replace("_", " ")
    for one in known:
        if one.name.casefold() == name.casefold():
            return one.id
    data = EnrolAssociation(
        name=name, kind=AssociationKind(kind), contact_email="import@localhost.invalid", country=country.upper()
    )
    return await service.enrol_association(SYSTEM, now, data)


def _peeked(file: Path) -> tuple[list[Any], dict[Field, int]]:
    data = file.read_bytes()
    try:
        reading = spreadsheet.rows(data, spreadsheet.recognise(data, file.name))
        sample = [row for row, _ in zip(reading, range(lists.PEEK), strict=False)]
    except Refusal as refusal:
        if refusal.code != "file-encoding":
            raise
        return [], {}
    place = columns.header_row(sample)
    header = sample[place][1] if place >= 0 else []
    return header, columns.recognise(header, [row for _, row in sample[place + 1 :]], "")


async def _answered(context: Context, now: datetime, batch: UUID, encoding: str | None, column: tuple[str, ...]) -> str:
    """Answers given as options, for what the list does not say by itself."""
    row = (await fetch("SELECT * FROM import_batch WHERE id = $1", batch))[0]
    if row["state"] == BatchState.ENCODING:
        if not encoding:
            raise Invalid("file-encoding", samples=json.loads(row["samples"]))
        await lists.choose_encoding(SYSTEM, now, context, batch, encoding)
        row = (await fetch("SELECT * FROM import_batch WHERE id = $1", batch))[0]
    if row["state"] in (BatchState.COLUMNS, BatchState.READY) and (column or row["state"] == BatchState.COLUMNS):
        mapping = json.loads(row["mapping"])
        for answer in column:
            field, _, place = answer.partition("=")
            mapping[field] = int(place or 0) - 1
        await lists.choose_columns(SYSTEM, now, context, batch, mapping)
    return str((await fetch("SELECT state FROM import_batch WHERE id = $1", batch))[0]["state"])


async def _counts(batch: UUID) -> Counts:
    row = (await fetch("SELECT counts FROM import_batch WHERE id = $1", batch))[0]
    return msgspec.json.decode(row["counts"], type=Counts)


async def _shown(batch: UUID, seconds: float) -> None:
    row = (await fetch("SELECT * FROM import_batch WHERE id = $1", batch))[0]
    header = json.loads(row["header"])
    for field, place in json.loads(row["mapping"]).items():
        click.echo(f"  {field}: {header[place] or place + 1}")
    c = await _counts(batch)
    said = _("%(rows)s rows: %(new)s new, %(changed)s changed, %(same)s the same, %(error)s to mend (%(seconds).1f s)")
    click.echo(said % {**msgspec.structs.asdict(c), "seconds": seconds})
    for error in await queries.refused_rows(batch, limit=10):
        for cell in error.errors:
            click.echo(f"  {error.row}, {cell.field} «{cell.typed}»: {sentence(cell.code, **cell.details)}")
    if c.error > 10:
        click.echo("  …")


COMMANDS = [importing]
