"""An envelope as a file, opened where nothing else is known of it: no register, no line, no directory.

What is compared is what can be: that it is sealed to as many keys as it says inside, that ours is one of them, that our
office is in its chain, and, where somebody was told a number, that it is the envelope of that number.
"""

import hashlib
import re
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import msgspec
import pyrage

from registry.core.errors import Conflict, Invalid
from registry.reports import envelope, files, payload
from registry.reports.envelope import Context, Inner

_STANZA = re.compile(rb"^-> X25519 ", re.M)
_NUMBER = re.compile(r"^([0-9A-F]{4})-([0-9A-F]{4})")


def beside(path: Path, inner: Inner, identities: list[str]) -> dict[str, bytes]:
    """Its files that were downloaded too and lie beside it as `7C41-0E9D.file-1.age`, each held against the manifest;
    what is not here or is another is left out."""
    found = {}
    for turn, said in enumerate(inner.attachments, 1):
        sealed = path.with_name(f"{path.stem}.file-{turn}.age")
        if sealed.is_file() and sealed.stat().st_size <= files.LONGEST_SEALED:
            with suppress(Invalid):
                found[said.name] = files.open_sealed(sealed.read_bytes(), identities, said)
    return found


class _Form(msgspec.Struct, frozen=True):
    form: str


class _Written(msgspec.Struct, frozen=True):
    context: _Form


class _Named(msgspec.Struct, frozen=True):
    context: Context


def numbered(path: Path) -> str:
    """The number in a file's name, as the desk gave it: 7C41-0E9D.age."""
    found = _NUMBER.match(path.name.upper())
    return found[1] + found[2] if found else ""


def opened(body: bytes, identities: list[str], office: UUID | None, number: str = "") -> tuple[Inner, str]:
    """What stands inside, and the hash of the file. Invalid `envelope-unreadable` or `envelope-moved`; Conflict
    `envelope-newer` where the form came after this program, and nothing is wrong with the envelope."""
    if len(body) > envelope.LARGEST:
        raise Invalid("envelope-unreadable", why="size")
    try:
        plain = pyrage.decrypt(body, [pyrage.x25519.Identity.from_str(i) for i in identities])
        if payload.newer(msgspec.json.decode(plain, type=_Written).context.form):
            raise Conflict("envelope-newer")
        context = msgspec.json.decode(plain, type=_Named).context
    except Conflict:
        raise
    except Exception as error:
        raise Invalid("envelope-unreadable", why="age") from error
    inner = envelope.open_sealed(body, identities, context)
    ours = {envelope.fingerprint(envelope.recipient_of(i)) for i in identities}
    head = body[: body.find(b"\n--- ")]
    moved = (
        not ours & set(context.keys)
        or len(_STANZA.findall(head)) != len(context.keys)
        or (office is not None and office not in context.chain)
        or (number and not context.envelope.hex.upper().startswith(number))
    )
    if moved:
        raise Invalid("envelope-moved")
    return inner, hashlib.sha256(body).hexdigest()
