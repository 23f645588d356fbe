"""`registry …`: gathers every room's commands.py. Exit status 0 only on success; refusals are one sentence."""

import asyncio
import importlib
import os
import sys
from typing import Any

import click

from registry import config as configuration
from registry.config import Config
from registry.core.errors import Refusal
from registry.core.i18n import speaking
from registry.core.shell import asynchronous, language, speak_through_click, worded

ROOMS = {
    "check": ("core", "trail", "reports"), "account": ("accounts",), "import": ("clients",), "demo": ("demo",),
    "bench": ("bench",),
    **dict.fromkeys(("seal", "key", "log", "mirror", "monitor"), ("seals",)),
    "witness": ("witnesses",), "authority": ("authorities", "reports"),
}  # fmt: skip
"""Command -> the rooms whose commands.py make it. Only those are loaded: the whole house takes a second to read."""


class House(click.Group):
    """The commands below and those of the rooms."""

    def main(self, *args: Any, **kwargs: Any) -> Any:
        """In the operator's language, click's own words included."""
        speak_through_click()
        with speaking(language()):
            return super().main(*args, **kwargs)

    def list_commands(self, context: click.Context) -> list[str]:
        """By name, all of them."""
        return sorted({*super().list_commands(context), *ROOMS})

    def get_command(self, context: click.Context, name: str) -> click.Command | None:
        """Read from its room when it is asked for."""
        for room in ROOMS.get(name, ()):
            for command in importlib.import_module(f"registry.{room}.commands").COMMANDS:
                self.add_command(command)
        return super().get_command(context, name)


@click.group(cls=House, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def main(context: click.Context) -> None:
    """Resguardo: an open certification registry."""
    try:
        context.obj = configuration.read(os.environ)
    except Refusal as refusal:
        click.echo(worded(refusal), err=True)
        sys.exit(2)


@main.command()
@click.option(
    "--only",
    type=click.Choice(["desk", "audit", "authority", "public"]),
    help="One door alone, with its own database role.",
)
@click.option("--host", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65_535), help="Port to listen on.")
@click.option("--no-worker", is_flag=True, help="Serve only; `registry worker` runs elsewhere.")
@click.option("--while-stdin-open", is_flag=True, hidden=True, help="End when the process that began this one ends.")
@click.pass_obj
def serve(
    config: Config, only: str | None, host: str | None, port: int | None, no_worker: bool, while_stdin_open: bool
) -> None:
    """Serve the doors: strangers at /, the desk at /desk, audits at /audit."""
    from registry.asgi import end_with, run

    if while_stdin_open:
        end_with(lambda: os.read(0, 1))  # not sys.stdin: its lock would be held while the worker is forked

    try:
        with speaking(config.language):  # the house's, whoever starts it
            run(config, only=only, host=host or config.host, port=port or config.port, worker=not no_worker)
    except Refusal as refusal:
        click.echo(worded(refusal), err=True)
        sys.exit(1)


@main.command()
@click.pass_obj
@asynchronous
async def worker(config: Config) -> None:
    """Tell what the outbox holds, until stopped. Run as many as you like."""
    import signal

    from registry.house import opened
    from registry.reactions import LOOPS

    stopping = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        asyncio.get_running_loop().add_signal_handler(number, stopping.set)
    with speaking(config.language):
        async with opened(config) as context:
            await asyncio.gather(*(loop(context, stopping) for loop in LOOPS))


@main.command()
@click.pass_obj
@asynchronous
async def migrate(config: Config) -> None:
    """Bring the database to this version."""
    from registry.house import database

    async with database(config):
        click.echo("ok")
