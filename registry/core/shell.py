"""What every command needs: async functions as commands, and refusals as sentences."""

import functools
import os
import sqlite3
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import asyncpg
import click
import uvloop

from registry.core import i18n
from registry.core.errors import Refusal


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


def away(error: Exception) -> str:
    """A path that cannot be read or written, a port in use, a database that does not let us in: the machine's word for
    it, and where. Its own bugs are no such thing and keep their traces."""
    where = str(error.filename) if isinstance(error, OSError) and error.filename else ""
    why = (error.strerror or str(error)) if isinstance(error, OSError) else str(error)
    return ": ".join(word for word in (where, why or type(error).__name__) if word)


def plain(text: str) -> str:
    """For a terminal: what others wrote must not move its cursor or colour its lines."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def worded(refusal: Refusal) -> str:
    """The sentence of a refusal in the language of the shell."""
    with i18n.speaking(i18n.negotiate(os.environ.get("LANG", "")[:2], None)):
        return i18n.sentence(refusal.code, **refusal.details)
