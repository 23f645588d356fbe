"""Cases as files in a folder of the authority: JSON for programs, PDF for people. Written once, whole or not at all.

Exactly once: a name that is there is never written again, whoever writes it, this agent after a crash or another one
with the same keys at the same moment; the register is told only when both files lie on the disk.
"""

import asyncio
import time
from contextlib import suppress
from pathlib import Path
from uuid import UUID

import msgspec

from registry.core import crypto
from registry.core.errors import NotFound
from registry.core.i18n import DEFAULT_ZONE
from registry.reports.agent import paper
from registry.reports.agent.case import Case, reference

LEFT_OVER = 3600
"""Seconds after which a draft is nobody's: whoever wrote it was killed."""


class Folder:
    """A folder of cases, for the people of one authority."""

    def __init__(self, path: Path, language: str = "es", zone: str = DEFAULT_ZONE) -> None:
        self.path, self.language, self._zone = path, language, zone

    def prepare(self) -> None:
        """There, closed to others, and without what a killed agent left half written."""
        self.path.mkdir(parents=True, exist_ok=True, mode=0o700)
        for draft in self.path.glob(".CASO-*"):
            with suppress(FileNotFoundError):
                if time.time() - draft.stat().st_mtime > LEFT_OVER:
                    draft.unlink()

    def called(self, which: UUID) -> str:
        """The reference of an envelope; a longer one where another envelope has the short one already."""
        for signs in (8, 16, 32):
            called = reference(which, signs)
            path = self.path / f"{called}.json"
            if not path.exists() or read(path).envelope == which:
                return called
        raise FileExistsError(reference(which, 32))

    async def keep(self, case: Case, beside: dict[str, bytes] | None = None) -> tuple[Case, list[Path]]:
        """See `kept`; in a thread."""
        return await asyncio.to_thread(self.kept, case, beside)

    def kept(self, case: Case, beside: dict[str, bytes] | None = None) -> tuple[Case, list[Path]]:
        """Write what is not there yet, what came with it first. Returns the case as it is kept, and the files that are
        new."""
        new = self.laid(case.reference, beside or {})
        data = self.path / f"{case.reference}.json"
        if not _once(data, msgspec.json.format(msgspec.json.encode(case), indent=2)):
            case = read(data)
        else:
            new.append(data)
        printed = data.with_suffix(".pdf")
        if not printed.exists() and _once(printed, paper.pdf(case, self.language, self._zone)):
            new.append(printed)
        return case, new

    def laid(self, called: str, beside: dict[str, bytes]) -> list[Path]:
        """The files of a case, `CASO-….file-1.jpg`, of which none is ever opened here. Returns the new ones."""
        paths = {self.path / f"{called}.{name}": data for name, data in beside.items()}
        return [path for path, data in paths.items() if _once(path, data)]

    def put_by(self, which: UUID, body: bytes) -> None:
        """Keep an envelope as it came, under the name the desk gives it: the page for opening takes it, and `age`."""
        with suppress(FileExistsError):
            crypto.write_secret(self.path / f"{numbered(which)}.age", body)

    def find(self, asked: str) -> Case:
        """A case by its reference, its envelope or the number the desk shows; NotFound."""
        wanted = asked.strip().upper().replace("-", "")
        for path in sorted(self.path.glob("CASO-*.json")):
            found = read(path)
            if wanted in {found.reference.replace("-", ""), found.envelope.hex.upper(), found.envelope.hex[:8].upper()}:
                return found
        raise NotFound("case-not-found", asked=asked)


def numbered(which: UUID) -> str:
    """The number of an envelope as the desk writes it: 7C41-0E9D."""
    return f"{which.hex[:4]}-{which.hex[4:8]}".upper()


def read(path: Path) -> Case:
    """A case file. Other programs may have added to it."""
    return msgspec.json.decode(path.read_bytes(), type=Case)


def _once(path: Path, data: bytes) -> bool:
    """Whether it was this call that wrote it."""
    if path.exists():
        return False
    try:
        crypto.write_secret(path, data)
    except FileExistsError:
        return False
    return True
