"""`registry bench verdict`: the figures of the stranger's page, all from one run."""

import sys
import tempfile
from pathlib import Path

import click

from registry.core.shell import asynchronous


@click.group()
def bench() -> None:
    """Measure the budgets, each against its goal."""


@bench.command("verdict")
@click.option("--json", "json_file", type=click.Path(path_type=Path, dir_okay=False), help="Write every figure here.")
@click.option("--sizes", default="1000,100000,1000000", show_default=True, help="Seals, by size, smallest first.")
@click.option("--folder", type=click.Path(path_type=Path, file_okay=False), help="Where to work; none: a scratch one.")
@asynchronous
async def verdict_figures(json_file: Path | None, sizes: str, folder: Path | None) -> None:
    """The page of a seal against nginx and a bare server, by size of the register; decisions, snapshot, lists, proofs.

    Wants wrk and nginx on the PATH, some 15 GB of disk for a million seals, and nobody else on the machine.
    """
    from registry.bench import verdict

    wanted = sorted({int(size) for size in sizes.split(",")})
    if any(size % 100 or not size for size in wanted):
        raise click.BadParameter("sizes are multiples of a hundred", param_hint="--sizes")
    with tempfile.TemporaryDirectory(prefix="rb-") as scratch:
        try:
            found = await verdict.run(folder or Path(scratch), wanted, lambda words: click.echo(words, err=True))
        except LookupError as missing:
            click.echo(str(missing), err=True)
            sys.exit(1)
    if json_file:
        verdict.write(json_file, found)
    lines = verdict.worded(found)
    click.echo("\n".join(lines))
    sys.exit(1 if any(line.startswith("!") for line in lines) else 0)


COMMANDS: list[click.Command] = [bench]
