"""One answer for one code: which verdict, in which form, with which headers, and until when it may be given again.

How "checked at 14:02" stays honest and still cacheable: the time on the page is not the time of the request but that of
the copy's last confirmation (`as_of`), to the minute. Within that minute the bytes are equal, so prepared bytes, ETag
and 304 work; they are thrown away at the minute's end, when the copy changes, and at the very instant at which a seal
begins or ends. Shared caches may hold an answer for one second; a browser must ask again each time, and when it cannot
reach us it may show nothing at all (`must-revalidate`): a kept "valid" is worse than no answer.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

import msgspec

from public_site.verification import lines, linkset, media, page, rules
from public_site.verification.following import Following
from public_site.verification.press import Press
from public_site.verification.rules import State, Verdict
from registry.core import i18n
from registry.core.errors import Invalid, Refusal
from registry.core.i18n import _
from registry.core.storage import Storage
from registry.seals import status_list
from registry.seals.code import check
from registry.seals.snapshot import Entry

Headers = list[tuple[bytes, bytes]]

STATUS = {State.UNKNOWN: 404, State.MISTYPED: 400, State.CANNOT_CONFIRM: 503}
BRIEFLY = b"public, max-age=0, s-maxage=1, must-revalidate"
VARY = (b"vary", b"accept, accept-encoding, accept-language")
ANYONE = (b"access-control-allow-origin", b"*")
BEAT = timedelta(seconds=0.25)
VC_CONTEXT = "https://www.w3.org/ns/credentials/v2"


class Drawn(msgspec.Struct, frozen=True):
    """What a page was made of, for the same page a minute later. `day`: here and where the seal is."""

    asked: "Asked"
    entry: Entry
    verdict: Verdict
    face: page.Face
    day: tuple[date, date]


class Answer(msgspec.Struct, frozen=True):
    """`until`: the first instant at which these bytes may be wrong."""

    status: int
    headers: Headers
    body: bytes
    until: datetime
    tag: bytes = b""
    seen: tuple[str, str] | None = None
    """Of a page: the code (empty where the register knows none) and its state, for counting look-ups."""
    drawn: Drawn | None = None


class Asked(msgspec.Struct, frozen=True):
    """What was asked for: `typed` as it came, in which form, language and encoding."""

    typed: str
    form: str | None
    language: str
    chosen: bool = False
    gzip: bool = False


class Answers:
    def __init__(
        self, following: Following, published: Storage, now: Callable[[], datetime], *,
        origin: str, zone: str, country: str, guard: Headers,
    ) -> None:  # fmt: skip
        self._following, self._published, self._now = following, published, now
        self._origin, self._zone, self._country, self._guard = origin, zone, country, guard
        self.press = Press()
        self.dropped: Callable[[], datetime | None] = lambda: None
        """When a key was last dropped as compromised."""
        self._near: dict[tuple[str, str, date], page.Near] = {}
        following.changed.append(self.forget)

    async def of(self, asked: Asked) -> Answer:
        now = self._now()
        with i18n.speaking(asked.language, asked.chosen):
            if asked.form is None:
                return self._refused(asked, now)
            code, entry, verdict = self.look(asked.typed, now)
            if asked.form == media.HTML:
                return self._page(asked, entry, verdict, now)
            if asked.form == media.TEXT:
                return self._text(asked, code, entry, verdict, now)
            if entry is None or asked.form == media.JSON:
                return self._live(code, entry, verdict, now)
            if asked.form == media.LINKSET:
                return self._links(entry, now)
            return await self._credential(asked.form, entry, now)

    def look(self, typed: str, now: datetime) -> tuple[str, Entry | None, Verdict]:
        """Code, entry and verdict of what somebody typed. Raises nothing: a mistyped code is a verdict too."""
        try:
            code = check(typed)
        except Invalid:
            return "", None, rules.mistyped(now)
        entry = self._following.copy.find(code)
        return code, entry, rules.verdict(entry, self._following.instant(now), self._following.as_of)

    def face(self, typed: str, entry: Entry | None, verdict: Verdict, now: datetime) -> page.Face:
        copy = self._following.copy
        if entry is None or verdict.reason is rules.Reason.OLD_COPY:
            # A copy too old to answer is too old to compare with, too.
            near = self.near(self._country, now)
            return page.of_absence(verdict, typed[:100], now, near, self._zone, self._country)
        words = copy.words(entry.scheme, entry.version)
        return page.of_seal(entry, verdict, now, words, copy.log.size, self.near(entry.region, now))

    def near(self, region: str, now: datetime) -> page.Near:
        """Who answers there, remembered while the copy and the day are the same."""
        key = (i18n.language(), region, now.date())
        if (found := self._near.get(key)) is None:
            found = page.near(self._following.copy.hotlines, region or self._country, now.date())
            copy = page.copied(self._following.copy.issued_at, self._zone)
            rekeyed = page.rekeyed(self.dropped(), now, self._zone)
            found = self._near[key] = msgspec.structs.replace(found, copy=copy, rekeyed=rekeyed, site=self._origin)
        return found

    def forget(self) -> None:
        """The copy changed."""
        self._near = {}

    def _page(self, asked: Asked, entry: Entry | None, verdict: Verdict, now: datetime) -> Answer:
        face = self.face(asked.typed, entry, verdict, now)
        drawn = None
        if entry is not None and verdict.reason is not rules.Reason.OLD_COPY:
            drawn = Drawn(asked, entry, verdict, face, page.days(now, entry.zone))
        return self._pressed(asked, entry, verdict, face, now, drawn)

    def again(self, drawn: Drawn) -> Answer | None:
        """The same page when the copy was confirmed again: only the minute it says is new. None where more is. Not for
        another copy."""
        now, entry, before = self._now(), drawn.entry, drawn.verdict
        verdict = rules.verdict(entry, self._following.instant(now), self._following.as_of)
        same = (verdict.state, verdict.reason, verdict.since) == (before.state, before.reason, before.since)
        if not same or page.days(now, entry.zone) != drawn.day:
            return None
        with i18n.speaking(drawn.asked.language, drawn.asked.chosen):
            face = page.checked_again(drawn.face, verdict, now, entry.zone)
            drawn = Drawn(drawn.asked, entry, verdict, face, drawn.day)
            return self._pressed(drawn.asked, entry, verdict, face, now, drawn)

    def _pressed(
        self, asked: Asked, entry: Entry | None, verdict: Verdict, face: page.Face, now: datetime, drawn: Drawn | None
    ) -> Answer:
        pressed = self.press.of(face.shape)
        body = pressed.gzip(face.holes) if asked.gzip else pressed.plain(face.holes)
        headers = [
            (b"content-type", b"text/html; charset=utf-8"), (b"content-language", asked.language.encode()),
            *self._linked(entry), *self._guard,
        ]  # fmt: skip
        if asked.gzip:
            headers.append((b"content-encoding", b"gzip"))
        answer = self._answer(STATUS.get(verdict.state, 200), headers, body, self._until(verdict, now))
        return msgspec.structs.replace(answer, seen=(entry.code if entry else "", str(verdict.state)), drawn=drawn)

    def _live(self, code: str, entry: Entry | None, verdict: Verdict, now: datetime) -> Answer:
        body = msgspec.json.encode(self.live(code, entry, verdict))
        headers = [(b"content-type", b"application/json"), *self._linked(entry), ANYONE]
        return self._answer(STATUS.get(verdict.state, 200), headers, body, now + BEAT)

    def live(self, code: str, entry: Entry | None, verdict: Verdict) -> dict[str, Any]:
        """The verdict for machines. `checked_at` is when the copy was last known to be the register's newest."""
        copy = self._following.copy
        said: dict[str, Any] = {
            "code": code, "state": verdict.state, "reason": verdict.reason, "since": verdict.since,
            "checked_at": verdict.as_of if verdict.as_of.year > 2000 else None,
            "copy": {"seq": copy.seq, "issued_at": copy.issued_at},
        }  # fmt: skip
        if entry is None or verdict.reason is rules.Reason.OLD_COPY:
            return said
        address = f"{self._origin}/s/{code}"
        return said | {
            "kind": entry.kind, "valid_from": entry.valid_from, "valid_until": entry.valid_until,
            "region": entry.region, "scheme": entry.scheme, "version": entry.version, "serial": entry.serial,
            "year": entry.year, "zone": entry.zone, "facts": entry.facts,
            "log": {"entry": entry.log_index, "issued": entry.issued_index, "size": copy.log.size,
                    "root": copy.log.root},
            "status_index": entry.status_index, "status": status_list.entries(self._origin, entry.status_index),
            "credential_sha256": entry.credential,
            "links": {"page": address, "credential": f"{address}.jwt", "proof": f"{address}/proof",
                      "tlog_proof": f"{address}.tlog-proof"},
        }  # fmt: skip

    def _text(self, asked: Asked, code: str, entry: Entry | None, verdict: Verdict, now: datetime) -> Answer:
        address = f"{self._origin}/s/{code}" if code else ""
        body = lines.text(self.face(asked.typed, entry, verdict, now), address).encode()
        headers = [
            (b"content-type", b"text/plain; charset=utf-8"), (b"content-language", asked.language.encode()), ANYONE,
        ]  # fmt: skip
        return self._answer(STATUS.get(verdict.state, 200), headers, body, self._until(verdict, now))

    def _links(self, entry: Entry, now: datetime) -> Answer:
        lists = status_list.entries(self._origin, entry.status_index)
        body = msgspec.json.encode(linkset.document(self._origin, entry, lists))
        return self._answer(200, [(b"content-type", media.LINKSET.encode()), ANYONE], body, now + BEAT)

    async def _credential(self, form: str, entry: Entry, now: datetime) -> Answer:
        """The signed credential, as it is or in its JSON-LD envelope; never without its signature."""
        try:
            data = await self._published.get(f"credentials/{entry.code}.jwt")
        except KeyError:
            data = b""
        if hashlib.sha256(data).hexdigest() != entry.credential:
            # Between two publications the file may be ahead of the copy: say so rather than hand out another's.
            return self._answer(
                503, [(b"content-type", b"application/json"), (b"retry-after", b"2"), ANYONE], b"{}", now
            )
        if form != media.VC_JWT:
            envelope = {"@context": VC_CONTEXT, "type": "EnvelopedVerifiableCredential"}
            data = msgspec.json.encode(envelope | {"id": f"data:application/vc+jwt,{data.decode()}"})
        return self._answer(200, [(b"content-type", form.encode()), *self._linked(entry), ANYONE], data, now + BEAT)

    def _linked(self, entry: Entry | None) -> Headers:
        return [(b"link", linkset.header(self._origin, entry).encode())] if entry else []

    def _refused(self, asked: Asked, now: datetime) -> Answer:
        """RFC 9110, 15.5.7: what there is, and where, in the reader's language."""
        refusal = Refusal("form-not-offered")
        code, _entry, _verdict = self.look(asked.typed, now)
        at = {kind: suffix for suffix, kind in media.SUFFIXES.items()} if code else {}
        available = [
            {"type": kind, "address": f"{self._origin}/s/{code}{at[kind]}"} if kind in at else {"type": kind}
            for kind in media.OFFERED
        ]
        body = msgspec.json.encode({
            "type": f"/problems/{refusal.code}", "title": _("Not in that form"), "status": 406,
            "detail": i18n.sentence(refusal), "code": refusal.code, "available": available,
        })  # fmt: skip
        headers = [
            (b"content-type", b"application/problem+json"), (b"content-language", asked.language.encode()), ANYONE,
        ]  # fmt: skip
        return self._answer(406, headers, body, now + BEAT)

    def _answer(self, status: int, headers: Headers, body: bytes, until: datetime) -> Answer:
        tag = b'"' + hashlib.sha256(body).hexdigest()[:20].encode() + b'"'
        after = [(b"retry-after", b"30")] if status == 503 and not any(n == b"retry-after" for n, _ in headers) else []
        common = [(b"etag", tag), (b"cache-control", BRIEFLY if status != 503 else b"no-store"), VARY]
        length = (b"content-length", str(len(body)).encode())
        nosniff = (
            []
            if self._guard and (b"x-content-type-options", b"nosniff") in headers
            else [(b"x-content-type-options", b"nosniff")]
        )
        return Answer(status, [*headers, *after, *common, *nosniff, length], body, until, tag)

    def _until(self, verdict: Verdict, now: datetime) -> datetime:
        minute = verdict.as_of.replace(second=0, microsecond=0) + timedelta(minutes=1)
        until = max(minute, now + BEAT)
        return min(until, verdict.changes_at) if verdict.changes_at else until
