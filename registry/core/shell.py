"""What every command needs: async functions as commands, and refusals as sentences."""

import functools
import os
import sqlite3
import sys
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from typing import Any

import asyncpg
import click
import uvloop
from click import core, decorators, exceptions, formatting, parser, types

from registry.core import i18n
from registry.core.errors import Refusal
from registry.core.i18n import N_


def asynchronous(function: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Run an async command; a refusal, and what the machine refuses, becomes a sentence and exit status 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return uvloop.run(function(*args, **kwargs))
        except Refusal as refusal:
            click.echo(worded(refusal), err=True)
            sys.exit(1)
        except (OSError, UnicodeDecodeError, sqlite3.Error, asyncpg.PostgresError) as error:
            click.echo(plain(away(error)), err=True)
            sys.exit(1)

    return run


@contextmanager
def sentences() -> Iterator[None]:
    """The same for what needs no loop: everything inside is said in the operator's language."""
    with i18n.speaking(language()):
        try:
            yield
        except Refusal as refusal:
            raise click.ClickException(plain(worded(refusal))) from refusal
        except (OSError, UnicodeDecodeError) as error:
            raise click.ClickException(plain(away(error))) from error


def away(error: Exception) -> str:
    """A path that cannot be read or written, a port in use, a database that does not let us in: the machine's word for
    it, and where. Its own bugs are no such thing and keep their traces."""
    where = str(error.filename) if isinstance(error, OSError) and error.filename else ""
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return ": ".join(word for word in (where, why or type(error).__name__) if word)


def plain(text: str) -> str:
    """For a terminal: what others wrote must not move its cursor or colour its lines."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def language() -> str:
    """The operator's, else the shell's."""
    return i18n.negotiate(os.environ.get("REGISTRY_LANGUAGE", ""), os.environ.get("LANG", "")[:2])


def worded(refusal: Refusal) -> str:
    """The sentence of a refusal in the operator's language."""
    with i18n.speaking(language()):
        return i18n.sentence(refusal.code, **refusal.details)


CLICKS = (
    N_("Usage:"), N_("Options"), N_("Commands"), N_("Show this message and exit."), N_("Missing command."),
    N_("Try '{command} {option}' for help."), N_("Error: {message}"), N_("No such option {name!r}."),
    N_("No such command {name!r}."), N_("Missing argument"), N_("Missing option"), N_("Invalid value: {message}"),
    N_("Invalid value for {param_hint}: {message}"), N_("{name} {filename!r} does not exist."),
    N_("{value!r} is not a valid {number_type}."), N_("Option {name!r} requires an argument."), N_("File"),
    N_("file"), N_("default: {default}"), N_("required"), N_("Aborted!"),
)  # fmt: skip
"""What click itself says most; the rest of its words stay English."""


def speak_through_click() -> None:
    """Have click ask our catalogues. It reads its own from the machine's folders, where nobody put any."""
    for module in (core, decorators, exceptions, formatting, parser, types):
        vars(module)["_"] = i18n._
