"""What every command needs: async functions as commands, and refusals as sentences."""

import functools
import os
import sys
from collections.abc import Callable, Coroutine
from typing import Any

import click
import uvloop

from registry.core import i18n
from registry.core.errors import Refusal


def asynchronous(function: Callable[..., Coroutine[Any, Any, Any]]) -> Callable[..., Any]:
    """Run an async command; a refusal becomes its sentence and exit status 1."""

    @functools.wraps(function)
    def run(*args: Any, **kwargs: Any) -> Any:
        try:
            return uvloop.run(function(*args, **kwargs))
        except Refusal as refusal:
            click.echo(worded(refusal), err=True)
            sys.exit(1)

    return run


def plain(text: str) -> str:
    """For a terminal: what others wrote must not move its cursor or colour its lines."""
    return "".join(sign if sign.isprintable() or sign == "\n" else "\N{REPLACEMENT CHARACTER}" for sign in text)


def worded(refusal: Refusal) -> str:
    """The sentence of a refusal in the language of the shell."""
    with i18n.speaking(i18n.negotiate(os.environ.get("LANG", "")[:2], None)):
        return i18n.sentence(refusal.code, **refusal.details)
