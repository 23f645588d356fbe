"""What the commands of those who watch share: where to read, whom to believe, and a bar when it takes long."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import click
from rich.console import Console
from rich.progress import Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

from registry.seals.watch.monitor import silent

FROM = click.option(
    "--from", "place", help="Address of a house or mirror, a folder, or s3://bucket/prefix; none means this house."
)
POLICY = click.option(
    "--policy", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="C2SP tlog-policy file: which log and how many of which witnesses to believe.",
)  # fmt: skip
AS_JSON = click.option("--json", "as_json", is_flag=True, help="One JSON object instead of sentences.")


@contextlib.contextmanager
def progress(words: str, quiet: bool) -> Iterator[Callable[[int], None]]:
    """Counts up on the error output of a terminal; a file or a pipe sees nothing of it."""
    if quiet or not sys.stderr.isatty():
        yield silent
        return
    columns = (SpinnerColumn(), TextColumn("{task.description}"), TextColumn("{task.completed:,}"), TimeElapsedColumn())
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(words, total=None)
        yield lambda done: bar.update(task, completed=done)
