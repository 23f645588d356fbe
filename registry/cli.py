"""`registry …`: gathers every room's commands.py. Exit status 0 only on success; refusals are one sentence."""

import asyncio
import importlib
import os
import sys
from importlib.util import find_spec

import click

from registry import config as configuration
from registry.config import Config
from registry.core.errors import Refusal
from registry.core.shell import asynchronous, worded

ROOMS = ("core", "trail", "clients", "seals", "witnesses", "authorities", "reports", "demo", "bench")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
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
@click.option("--port", type=int, help="Port to listen on.")
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


for room in ROOMS:
    if find_spec(f"registry.{room}") and find_spec(f"registry.{room}.commands"):
        for command in importlib.import_module(f"registry.{room}.commands").COMMANDS:
            main.add_command(command)
