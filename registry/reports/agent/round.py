"""One round: look at the directory, collect, open, check, hand the case on, and say so under signature.

What comes out of an envelope is a stranger's text: it was bounded and checked field by field when it was opened, it is
written to files as text, and nothing in it is ever run, linked or shown as anything else.

The order is the promise. The register hears `acknowledged` only when the case lies where the authority wants it; until
then the envelope waits there, and the next round, another agent or the next office takes it. Doing it all again changes
nothing: files are written once, an incident has the envelope's id, the register takes each statement once.
"""

import asyncio
import hashlib
import logging
import os
from datetime import datetime, timedelta
from pathlib import Path
from typing import Protocol
from uuid import UUID

import httpx
import msgspec

from registry.authorities.directory import Directory, Seen, accept, digest
from registry.authorities.root import Root
from registry.core import crypto
from registry.core.clock import Clock, utc_now
from registry.core.errors import Conflict, Invalid, Refusal
from registry.core.i18n import speaking
from registry.reports import envelope, files, heads, notary, payload
from registry.reports.agent.caller import Register
from registry.reports.agent.case import Case, case
from registry.reports.agent.folder import Folder
from registry.reports.agent.keys import Settings
from registry.reports.agent.primero import Stuck
from registry.reports.agent.trouble import alarm
from registry.reports.envelope import Context, Inner
from registry.reports.rules import Blocked
from registry.reports.schemas import Collected

log = logging.getLogger(__name__)
SELF_CHECK = timedelta(hours=1)
BROKEN = (httpx.HTTPError, TimeoutError, OSError)


class System(Protocol):
    """The authority's own system for cases. Raises Stuck, or what broke on the way."""

    async def post(self, case: Case) -> None: ...


class Bell(Protocol):
    """Tells the authority's other systems, sooner or later."""

    def about(self, case: Case) -> None: ...
    def add(self, kind: str, name: str, data: dict[str, str]) -> None: ...
    async def tell(self) -> int: ...


class Done(msgspec.Struct):
    """What a round did: how many envelopes it opened, how many were drills, how many could not be read, were not taken
    by the authority's own system, were of a form newer than this program, or failed on the way; how many words for
    other systems wait; what is alarming."""

    opened: int = 0
    drills: int = 0
    unreadable: int = 0
    blocked: int = 0
    newer: int = 0
    failed: int = 0
    untold: int = 0
    files: list[str] = []
    alarms: list[str] = []


class Agent:
    """An authority's agent at work. Without `system` its cases are files in a folder; with it, only what it refuses."""

    def __init__(
        self,
        register: Register,
        settings: Settings,
        identities: list[str],
        signer: crypto.Signer,
        cases: Path,
        clock: Clock = utc_now,
        *,
        given: frozenset[str] = frozenset(),
        folder: Folder | None = None,
        system: System | None = None,
        bell: Bell | None = None,
    ) -> None:
        self._register, self._settings, self._identities = register, settings, identities
        self._signer, self._cases, self._clock = signer, cases, clock
        self._given, self._folder, self._system, self._bell = given, folder or Folder(cases), system, bell
        self._prints = {envelope.fingerprint(envelope.recipient_of(one)) for one in identities}
        self._served_at: datetime | None = None

    async def once(self) -> Done:
        """Everything that waits now. An envelope seen before is acknowledged again and written only once."""
        self._folder.prepare()
        done = Done()
        directory = await self._trusted(done)
        for waiting in await self._register.waiting():
            try:
                await self._take(waiting.id, directory, done)
            except (Refusal, *BROKEN):  # this one waits for the next round; the others do not wait for it
                done.failed += 1
            except Exception as error:  # what a stranger wrote must never keep us from what others wrote
                log.error("an envelope broke this program: %s", type(error).__name__)
                done.failed += 1
                done.alarms.append("envelope-breaks-program")
        self._ring(done)
        if self._bell is not None:
            done.untold = await self._bell.tell()
        return done

    async def _trusted(self, done: Done) -> Directory | None:
        """The directory at the agents' door and, every hour, the one strangers get. What is wrong with either is an
        alarm for people. Envelopes are opened all the same: who wrote must not wait until it is mended."""
        found = None
        try:
            found = self.directory(await self._register.directory())
        except Invalid as refusal:
            done.alarms.append(refusal.code)
        now = self._clock()
        if self._served_at is None or not timedelta(0) <= now - self._served_at < SELF_CHECK:
            try:
                self.directory(await self._register.served())
                self._served_at = now
            except (Refusal, *BROKEN) as trouble:
                done.alarms.append(trouble.code if isinstance(trouble, Refusal) else "directory-not-served")
            await self._remembered(done)
        return found

    async def _remembered(self, done: Done) -> None:
        """The heads of the register's event log: what was published once has to stand for ever. A line that breaks is
        no alarm here, for the directory's is one already."""
        memory = self._cases / "heads-seen.json"
        before = heads.read(memory.read_bytes()) if memory.exists() else heads.Heads()
        try:
            served = await self._register.heads()
        except msgspec.DecodeError:
            served = heads.Heads()
        except (Conflict, *BROKEN):
            return
        if served.continues(before):
            _replace(memory, msgspec.json.encode(served))
        else:
            done.alarms.append("history-changed")
            self._served_at = None  # asked again in every round, until it is what it was

    def directory(self, document: bytes) -> Directory:
        """The directory as served, checked against the pinned root, what we saw before, and our own keys."""
        memory = self._cases / "directory-seen.json"
        seen = msgspec.json.decode(memory.read_bytes(), type=Seen) if memory.exists() else None
        found = accept(document, Root.parse(self._settings.root), self._clock(), seen)
        mine = found.record(self._settings.authority)
        if mine is None or mine.signing != crypto.b64url(self._signer.public_bytes()):
            raise Invalid("directory-not-my-key")
        ours = {envelope.recipient_of(i) for i in self._identities}
        # Keys that we hold no more may still open what was sealed before; a key that we never gave must not be there.
        if not ours & set(mine.recipients) or (self._given and not set(mine.recipients) <= self._given):
            raise Invalid("directory-not-my-key")
        _replace(memory, msgspec.json.encode(Seen(found.version, digest(found))))
        return found

    def _ring(self, done: Done) -> None:
        """An alarm lies beside the cases until the round that finds nothing wrong, and is told to the other systems."""
        note = self._cases / "ALARM.txt"
        if not done.alarms:
            note.unlink(missing_ok=True)
            return
        done.alarms = list(dict.fromkeys(done.alarms))
        with speaking(self._folder.language):
            _replace(note, "".join(f"{code}\n    {alarm(code)}\n" for code in done.alarms).encode())
        if self._bell is not None:
            day = self._clock().date()
            for code in done.alarms:
                self._bell.add("directory.alarm", f"{code}_{day}", {"code": code})

    async def _take(self, which: UUID, directory: Directory | None, done: Done) -> None:
        outer, body = await self._register.contents(which)
        sha256 = hashlib.sha256(body)
        await self._register.tell(which, "fetched", {"sha256": sha256.hexdigest()})
        if payload.newer(outer.form) and sha256.hexdigest() == outer.sha256:
            await self._put_by(outer, body, done)
            return
        if not self._prints & set(outer.key_ids):
            # The register took it for the keys of the signed directory, so it is no junk: the keys of this machine are
            # not those. Whoever holds them can open it; an answer that it cannot be read would end it for everybody.
            done.failed += 1
            done.alarms.append("keys-not-here")
            return
        try:
            inner = self._open(which, outer, body, directory)
        except Invalid as refusal:
            await self._unreadable(which, sha256.digest(), refusal, done)
            return
        try:
            await self._register.tell(which, "opened", {"proof": inner.proof})
        except Conflict as refusal:
            if refusal.details.get("what") != "proof-does-not-match":
                raise
            # Sealed wrongly: it opens, and no proof of it is ever taken. It lies there for people; the register hears
            # an answer, or whoever seals so could close a gate.
            called = self._folder.called(which)
            made = _case(inner, outer, called, self._clock())
            await self._folder.keep(*await self._with_files(made, inner, done))
            await self._unreadable(which, sha256.digest(), refusal, done)
            return
        reference = "" if inner.drill else await self._handed_on(inner, outer, done)
        if reference is None:
            return
        said = notary.statement("acknowledged", which, sha256.digest(), reference=reference)
        await self._register.tell(which, "acknowledged", {"reference": reference, "signature": self._signature(said)})
        if not inner.drill:  # it is written down here by now: the register may destroy its copy in a month
            said = notary.statement("imported", which, sha256.digest())
            await self._register.tell(which, "imported", {"signature": self._signature(said)})
        done.opened += 1
        done.drills += inner.drill

    async def _put_by(self, outer: Collected, body: bytes, done: Done) -> None:
        """A form that came after this program: no junk, and nothing that we could check. It stays sealed, beside the
        cases, and people are told; once the program is renewed, the next round opens it."""
        self._folder.put_by(outer.id, body)
        done.newer += 1
        done.alarms.append("renew-program")
        await self._register.tell(outer.id, "blocked", {"why": Blocked.NEWER_FORM})

    async def _unreadable(self, which: UUID, sha256: bytes, why: Refusal, done: Done) -> None:
        said = notary.statement("unreadable", which, sha256)
        await self._register.tell(which, "unreadable", {"signature": self._signature(said)})
        _replace(self._cases / f"{which}.unreadable.txt", f"{why}\n".encode())
        done.unreadable += 1

    def _open(self, which: UUID, outer: Collected, body: bytes, directory: Directory | None) -> Inner:
        """Open and compare: the envelope asked for, sealed to keys the signed directory names, and no others."""
        if outer.id != which or hashlib.sha256(body).hexdigest() != outer.sha256:
            raise Invalid("envelope-moved")
        inner = envelope.open_sealed(body, self._identities, _outside(which, outer))
        if directory is not None and outer.directory_version == directory.version:
            offices = [directory.record(a) for a in outer.chain]
            named = [envelope.fingerprint(key) for o in offices if o for key in o.recipients]
            if None in offices or tuple(named) != outer.key_ids:
                raise Invalid("envelope-other-keys")
        return inner

    async def _handed_on(self, inner: Inner, outer: Collected, done: Done) -> str | None:
        """The reference under which the authority has it now; None while its own system does not take it: then it lies
        in the folder, for people, and the register hears that it was blocked, and not what it is."""
        called = self._folder.called(outer.id)
        made = _case(inner, outer, called, self._clock())
        made, beside = await self._with_files(made, inner, done)
        await asyncio.to_thread(self._folder.laid, called, beside)  # in the folder, also where a system takes the case
        why = await self._posted(made, done)
        if self._system is None or why is not None:
            made, new = await self._folder.keep(made, beside)
            done.files += [str(path) for path in new if path.suffix == ".json"]
        if self._bell is not None:
            self._bell.about(made)
        if why is None:
            return made.reference
        done.blocked += 1
        await self._register.tell(outer.id, "blocked", {"why": why})
        return None

    async def _with_files(self, made: Case, inner: Inner, done: Done) -> tuple[Case, dict[str, bytes]]:
        """Its files, each held against the manifest inside the envelope. One that is another, or is not there, is told
        in the case and to people: the words must not wait for it. What broke on the way is asked for again."""
        held: dict[str, bytes] = {}
        for turn, said in enumerate(inner.attachments, 1):
            try:
                body = await self._register.file(inner.context.envelope, turn)
                held[said.name] = await asyncio.to_thread(files.open_sealed, body, self._identities, said)
            except (Invalid, Conflict) as refusal:
                if isinstance(refusal, Conflict) and refusal.details.get("status") != 404:
                    raise
                done.alarms.append("attachment-damaged")
        return made.with_only(held), held

    async def _posted(self, made: Case, done: Done) -> Blocked | None:
        """Why the authority's own system did not take it, if there is one and it did not."""
        if self._system is None:
            return None
        try:
            await self._system.post(made)
        except Stuck as stuck:
            done.alarms.append(f"blocked-{stuck.why}")
            # Its own words may repeat what was sent, so they stay here.
            _replace(self._cases / f"{made.reference}.blocked.txt", f"{stuck}\n".encode())
            return stuck.why
        except (msgspec.DecodeError, *BROKEN):
            return Blocked.UNREACHABLE
        (self._cases / f"{made.reference}.blocked.txt").unlink(missing_ok=True)
        return None

    def _signature(self, said: bytes) -> str:
        return crypto.b64url(self._signer.sign(said))


def _case(inner: Inner, outer: Collected, called: str, now: datetime) -> Case:
    received, door = outer.received, outer.sealed_by
    return case(inner, outer.sha256, outer.urgent, outer.due_at, called, now, received, door)


def _outside(which: UUID, outer: Collected) -> Context:
    """What the register says of an envelope; Invalid where no such envelope can be."""
    said = {"envelope": which, "chain": outer.chain, "keys": outer.key_ids, "directory": outer.directory_version}
    try:
        return msgspec.convert(said | {"form": outer.form}, Context)
    except msgspec.ValidationError as error:
        raise Invalid("envelope-moved") from error


def _replace(path: Path, data: bytes) -> None:
    """Notes of our own, the newest wins; nothing of a report."""
    draft = path.with_name(f".{path.name}.{os.getpid()}.part")
    handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
