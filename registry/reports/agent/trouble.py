"""What goes wrong on an office's machine, as a sentence in its language: what happened, and what to do next."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import click
import httpx
import msgspec

from registry.core import i18n
from registry.core.errors import Conflict, Invalid, Refusal
from registry.core.i18n import N_, _
from registry.core.shell import language, plain, worded

LOCK = ".agent.lock"
BROKEN = (Refusal, httpx.HTTPError, httpx.InvalidURL, OSError, TimeoutError, msgspec.DecodeError)
ALARMS = {
    "renew-program": N_("A report came by a form that is newer than this program. It lies beside this note, sealed, and"
                        " nothing is lost: renew the program today, and the next round opens it."),
    "keys-not-here": N_("A report is sealed to keys of this office that are not on this machine. Bring a key that is in"
                        " the directory here, or open it where that key is."),
    "envelope-breaks-program": N_("A report could not be worked on by this program. The others were. Open it with the"
                                  " page that opens envelopes, and tell the register's operators."),
    "history-changed": N_("The register's record of what happened to reports is no longer the one this machine saw."
                          " Somebody took something out or wrote it anew. Keep this machine as it is and call the"
                          " register, and somebody outside it."),
    "blocked-unknown_lookup": N_("Your Primero does not know a value that was sent. The case lies in the folder with a"
                                 " .blocked.txt beside it: mend the mapping, and the next round sends it."),
    "blocked-not_allowed": N_("Your Primero did not let this program in. The cases lie in the folder: give its user a"
                              " password and the right to add incidents, and the next round sends them."),
    "blocked-mapping": N_("The mapping does not fit your Primero. The cases lie in the folder: mend the mapping, and"
                          " the next round sends them."),
}  # fmt: skip
"""Alarms that no refusal words."""


def alarm(code: str) -> str:
    """What an alarm means to the people of the office, in the language that is spoken."""
    return _(ALARMS[code]) if code in ALARMS else i18n.sentence(code)


def meant(error: Exception, origin: str = "") -> Refusal:
    """What broke, as something a person can mend."""
    if isinstance(error, Refusal):
        return _answered(error, origin) if error.code == "register-refused" else error
    if isinstance(error, OSError) and error.filename:
        return Invalid("file-not-usable", where=str(error.filename), why=error.strerror or type(error).__name__)
    if isinstance(error, msgspec.DecodeError):
        return Conflict("register-not-understood", origin=origin)
    return Conflict("register-not-reached", origin=origin)


def _answered(refusal: Refusal, origin: str) -> Refusal:
    """By what the register calls its answer: another address, an office it does not know, or its own sentence."""
    what, status = str(refusal.details.get("what", "")), refusal.details.get("status")
    if what == "page-not-found":
        return Conflict("register-knows-no-such-office", origin=origin)
    if i18n.known(f"problem:{what}") and status in (409, 413, 422, 429):
        return Conflict(what)
    if status in (401, 403, 404, 405) or (isinstance(status, int) and 300 <= status < 400):
        return Conflict("register-not-there", origin=origin)
    return refusal


@contextmanager
def told(origin: str | None = None) -> Iterator[None]:
    """Everything inside is said in the operator's language; what breaks becomes a sentence and exit status 1."""
    with i18n.speaking(language()):
        try:
            yield
        except BROKEN as error:
            raise click.ClickException(said(error, origin or "")) from error


def said(error: Exception, origin: str) -> str:
    return plain(worded(meant(error, origin)))


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """One agent in a folder. The lock is the machine's: however the program ends, it is free again."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    handle = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(handle, "r+") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            who = file.read(200).strip()
            raise Conflict("agent-already-there", folder=str(folder), who=who or "?") from None
        file.truncate(0)
        file.write(f"{os.getpid()} ({socket.gethostname()})\n")
        file.flush()
        yield
