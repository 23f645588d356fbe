"""`registry demo`: plays the main job, says what came of it, and serves it.

What was played stands in the data folder: run again, the demo finds it there and changes nothing. A story that was cut
short is begun anew, in a folder that only a demo may have made; a folder in real use is refused.
"""

import contextlib
import fcntl
import logging
import os
import shutil
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import AbstractContextManager
from pathlib import Path

import click
import msgspec
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from registry.config import Config
from registry.core import i18n
from registry.core.clock import utc_now
from registry.core.errors import Conflict
from registry.core.ports import free, free_port
from registry.core.shell import asynchronous
from registry.demo import offices, report, telling
from registry.demo.finale import finale
from registry.demo.result import Played
from registry.demo.serving import environment
from registry.demo.stage import Stage, hashed_once
from registry.demo.story import STEPS, play
from registry.demo.walk import Walk, beginning
from registry.house import opened

STARTED, PLAYED = "demo.started", "demo.json"


TELEPHONE = "+50625550100"
"""Nobody's: the 555 range; on seals it is marked as fictitious."""


@click.command()
@click.option("--no-serve", is_flag=True, help="Play the story and end.")
@click.option("--json", "json_file", type=click.Path(dir_okay=False, path_type=Path), help="Write what was measured.")
@click.pass_obj
def demo(config: Config, no_serve: bool, json_file: Path | None) -> None:
    """Play the main job on invented people, say what came of it, and serve it until Ctrl-C."""
    logging.getLogger("httpx").setLevel(logging.WARNING)
    config = msgspec.structs.replace(config, demo=True, telephone=config.telephone or TELEPHONE)
    with i18n.speaking(i18n.negotiate(os.environ.get("LANG", "")[:2], None)):
        tell(config, no_serve=no_serve, json_file=json_file)
    if not no_serve:
        serve(played_for(config))  # outside the event loop: a server takes its signals in the main thread alone


@asynchronous
async def tell(config: Config, *, no_serve: bool, json_file: Path | None) -> None:
    """Play it, unless that was done, and say what came of it, in the language of the shell."""
    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, signal.getsignal(signal.SIGINT))  # the loop's: the story is left, its house closed
    if not no_serve and not free(config.host, config.port):
        raise Conflict("demo-port-taken", port=str(config.port))
    played = already(config) or await perform(config)
    if json_file:
        json_file.write_bytes(msgspec.json.format(msgspec.json.encode(played.result), indent=2) + b"\n")
    console = Console()
    telling.summary(console, played)
    if not no_serve:
        telling.addresses(console, config, played)


COMMANDS = [demo]


def played_for(config: Config) -> Config:
    """The configuration under the address the story was played for: its seals are signed for that one."""
    played = msgspec.json.decode((config.data / PLAYED).read_bytes(), type=Played)
    return msgspec.structs.replace(config, origin=played.origin)


@contextlib.contextmanager
def alone(config: Config) -> Iterator[None]:
    """Whoever plays holds the mark of the beginning locked; the lock goes with the process, however that ends."""
    with (config.data / STARTED).open("a") as mark:
        try:
            fcntl.flock(mark, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Conflict("demo-being-played", data=str(config.data)) from None
        yield


def already(config: Config) -> Played | None:
    """The story, if this folder holds it whole. Refuses a folder in real use; clears one left half told."""
    if config.database_url or config.s3_bucket or config.smtp_url:
        raise Conflict("demo-not-embedded")  # a real database, store or post is no place for invented people
    if (config.data / PLAYED).exists():
        return msgspec.json.decode((config.data / PLAYED).read_bytes(), type=Played)
    folders = [config.data, *(offices.folder(config, name) for name in offices.FOLDERS)]
    if (config.data / STARTED).exists():
        with alone(config):
            for folder in folders:
                shutil.rmtree(folder, ignore_errors=True)
    for folder in folders:
        if folder.exists() and any(folder.iterdir()):
            raise Conflict("demo-folder-in-use", data=str(folder))
    return None


async def perform(config: Config) -> Played:
    """Play the story from the beginning and keep what was measured."""
    config.data.mkdir(parents=True, exist_ok=True)
    with alone(config):
        played = await _performed(config)
    (config.data / STARTED).unlink()  # from now on people may work here: nothing clears this folder any more
    return played


async def _performed(config: Config) -> Played:
    start, today = time.monotonic(), utc_now()
    walk = Walk(beginning(today))
    with progress() as bar:
        task = bar.add_task("", total=STEPS)
        async with opened(config, clock=walk) as context:
            stage = Stage(context, walk, lambda what, count: bar.update(task, description=what, advance=count))
            with hashed_once():
                await play(stage, today)
            port = config.port if free(config.host, config.port) else free_port(config.host)
            seals = await finale(stage, msgspec.structs.replace(config, port=port))
        bar.update(task, completed=STEPS)
    stage.result.seconds = round(time.monotonic() - start, 1)
    played = Played(
        result=stage.result, logins=stage.logins, seals=seals, origin=config.origin, card=report.card(stage)
    )
    draft = config.data / f".{PLAYED}"
    draft.write_bytes(msgspec.json.encode(played))
    draft.chmod(0o600)
    draft.replace(config.data / PLAYED)
    return played


def progress() -> AbstractContextManager[Progress]:
    """The bar, on standard error, so that standard output stays what was asked for."""
    columns = (TextColumn("{task.description:<44}"), BarColumn(), TextColumn("{task.percentage:>3.0f} %"),
               TimeElapsedColumn())  # fmt: skip
    return Progress(*columns, console=Console(stderr=True), refresh_per_second=2)


def serve(config: Config) -> None:
    """Become the server: until Ctrl-C. A new program and no fork of this one: the threads that printed the story's
    stickers (typst's) do not survive a fork, and the first print would wait for them for ever.
    """
    sys.stdout.flush()
    command = [sys.executable, "-m", "registry", "serve", "--host", config.host, "--port", str(config.port)]
    os.execve(command[0], command, environment(config))  # noqa: S606  our own interpreter, no shell
