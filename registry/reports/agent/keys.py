"""The folder of an authority's keys. Two people hold a working key each; the recovery key goes into a sealed envelope.

working-1.key working-2.key recovery.key     age identities, as `age-keygen` writes them
former-….key                                 those of before a change of keys, while reports sealed to them are open
signing.pem                                  Ed25519: requests and statements
authority.json                               its id, the pinned root, the address of the register
public.json                                  what is given to the register, and nothing else
"""

import os
import re
from pathlib import Path
from uuid import UUID

import msgspec
import pyrage

from registry.authorities.directory import mark
from registry.core import crypto
from registry.core.errors import Invalid

WORKING = ("working-1.key", "working-2.key")
RECOVERY = "recovery.key"
SIGNING = "signing.pem"
FILES = {"working-1": WORKING[0], "working-2": WORKING[1], "recovery": RECOVERY, "signing": SIGNING}
"""By the name under which the ceremony asks for a key."""
_TASK = re.compile(r"[A-Za-z0-9_-]{20,60}")
"""What the register may ask for: a random word. Nothing that an office says, and nothing that a reporter wrote, is."""


class Settings(msgspec.Struct, frozen=True):
    """Who this agent is, and whom it trusts."""

    authority: UUID
    root: str


def make(folder: Path, holders: tuple[str, str, str, str]) -> list[dict[str, str]]:
    """New keys in a folder that has none; returns the public halves, also written to public.json."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    if any((folder / name).exists() for name in (*WORKING, RECOVERY, SIGNING)):
        raise Invalid("keys-already-there", folder=str(folder))
    public = []
    for name, holder in zip((*WORKING, RECOVERY), holders, strict=False):
        identity = pyrage.x25519.Identity.generate()
        recipient = str(identity.to_public())
        _write(folder / name, f"# public key: {recipient}\n{identity}\n")
        public.append({"use": "recovery" if name == RECOVERY else "working", "public": recipient, "holder": holder})
    signer = crypto.FileSigner.make(folder / SIGNING)
    public.append({"use": "signing", "public": crypto.b64url(signer.public_bytes()), "holder": holders[3]})
    _write(folder / "public.json", msgspec.json.encode(public).decode())
    return public


def identities(folder: Path) -> list[str]:
    """Every age identity in the folder; a machine normally holds one working key and not the recovery key. Those of
    before a change stay as former-….key until the last report sealed to them is over."""
    former = sorted(path.name for path in folder.glob("former-*.key"))
    found = [
        line.strip()
        for name in (*WORKING, RECOVERY, *former)
        if (folder / name).exists()
        for line in (folder / name).read_text().splitlines()
        if line.startswith("AGE-SECRET-KEY-")
    ]
    if not found:
        raise Invalid("keys-not-found", folder=str(folder))
    return found


def given(folder: Path) -> frozenset[str]:
    """The age keys that this authority gave the register, by its own public.json; empty where that file is not."""
    path = folder / "public.json"
    if not path.exists():
        return frozenset()
    said = msgspec.json.decode(path.read_bytes(), type=list[dict[str, str]])
    return frozenset(one["public"] for one in said if one["use"] != "signing")


def signer(folder: Path) -> crypto.FileSigner:
    if not (folder / SIGNING).exists():
        raise Invalid("keys-not-found", folder=str(folder))
    return crypto.FileSigner.load(folder / SIGNING)


def asked(folder: Path, task: str) -> str:
    """Which of the keys in a folder a task is for: working-1, working-2, recovery or signing."""
    use, whose, _word = _parts(task)
    for name, file in FILES.items():
        if (folder / file).exists() and mark(_public(folder, name)) == whose:
            return name
    raise Invalid("task-for-another-key", asked=str(folder), use=use)


def answer(folder: Path, name: str, task: str) -> str:
    """What proves a key to the register: the text inside the age file, or the signature over the text. It is made with
    exactly the key that was asked for: another one in the same folder proves nothing about this one.

    Only ever of a random word: whoever asks could otherwise hand us a statement to be signed in our name, or a report
    to be opened, and we would give it back to them.
    """
    use, whose, word = _parts(task)
    if not (folder / FILES[name]).exists():
        raise Invalid("keys-not-found", folder=str(folder / FILES[name]))
    if mark(_public(folder, name)) != whose:
        raise Invalid("task-for-another-key", asked=FILES[name], use=use)
    if name == "signing":
        if not _TASK.fullmatch(word):
            raise Invalid("task-not-readable")
        return crypto.b64url(signer(folder).sign(word.encode()))
    try:
        one = pyrage.x25519.Identity.from_str(_identity(folder / FILES[name]))
        found = str(pyrage.decrypt(crypto.unb64url(word), [one]).decode())
    except (pyrage.DecryptError, ValueError) as error:
        raise Invalid("task-not-readable") from error
    if not _TASK.fullmatch(found):
        raise Invalid("task-not-readable")
    return found


def proof(folder: Path, task: str) -> str:
    """The answer, with the key that the task names."""
    return answer(folder, asked(folder, task), task)


def _parts(task: str) -> tuple[str, str, str]:
    """What a task is for, whose it is, and what is to be opened or signed."""
    parts = task.split(".")
    if len(parts) != 3:
        raise Invalid("task-not-readable")
    return parts[0], parts[1], parts[2]


def _public(folder: Path, name: str) -> str:
    if name == "signing":
        return crypto.b64url(signer(folder).public_bytes())
    return str(pyrage.x25519.Identity.from_str(_identity(folder / FILES[name])).to_public())


def _identity(path: Path) -> str:
    """The one secret line of a key file."""
    lines = (line.strip() for line in path.read_text().splitlines())
    found = next((line for line in lines if line.startswith("AGE-SECRET-KEY-")), None)
    if found is None:
        raise Invalid("keys-not-found", folder=str(path))
    return found


def settle(folder: Path, settings: Settings) -> None:
    _write(folder / "authority.json", msgspec.json.encode(settings).decode())


def settings(folder: Path) -> Settings:
    try:
        return msgspec.json.decode((folder / "authority.json").read_bytes(), type=Settings)
    except (FileNotFoundError, msgspec.DecodeError) as error:
        raise Invalid("agent-not-settled", folder=str(folder)) from error


def _write(path: Path, text: str) -> None:
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as file:
        file.write(text)
