"""What a directory changes against the one before it, as a custodian reads it before signing. Pure.

A custodian signs what they have read. So every key is written by its fingerprint, as its holder read it in the
ceremony, and what is new stands beside what it replaces. A directory that does not follow the one the custodian signed
or was given is refused before anything of it is shown.
"""

from collections.abc import Iterator

import msgspec

from registry.authorities import words
from registry.authorities.directory import Directory, Record, aloud, digest
from registry.authorities.rules import Kind
from registry.core.errors import Invalid
from registry.core.i18n import _, language


class Change(msgspec.Struct, frozen=True):
    """One authority that is new (no `before`), gone (no `after`), or not as it was."""

    before: Record | None
    after: Record | None


def follows_from(before: Directory | None, after: Directory) -> None:
    """Refuse to show a directory as the next one of another that it does not name."""
    if before is None:
        return
    if after.version < before.version or (after.version == before.version and digest(after) != digest(before)):
        raise Invalid("directory-rolled-back")
    if after.version != before.version and (after.version != before.version + 1 or after.previous != digest(before)):
        raise Invalid("directory-not-the-next", version=before.version + 1)


def changes(before: Directory | None, after: Directory) -> list[Change]:
    """Everything that is not as it was: new ones, then changed ones, then those that are gone. What the register writes
    anew each time (the hash of the record before, the year of validity) is no change by itself."""
    old = {r.authority: r for r in (before.records if before else ())}
    new = {r.authority: r for r in after.records}
    added = [Change(None, r) for r in after.records if r.authority not in old]
    changed = [
        Change(old[r.authority], r) for r in after.records if r.authority in old and _differs(old[r.authority], r)
    ]
    gone = [Change(r, None) for r in old.values() if r.authority not in new]
    return added + changed + gone


def _differs(before: Record, after: Record) -> bool:
    return list(facts(before)) != list(facts(after))


def facts(record: Record) -> Iterator[tuple[str, str]]:
    """A record as lines of name and value. Two records that read the same are the same to whoever signs."""
    yield _("name"), " / ".join(f"{language}: {name}" for language, name in sorted(record.names.items()))
    yield _("kind"), _(words.KINDS[Kind(record.kind)])
    yield _("places"), ", ".join(sorted(record.competence.places))
    yield _("premises"), ", ".join(sorted(record.competence.premises)) or _("all")
    yield _("acts"), "; ".join(_(words.OFFENCES[one]) for one in sorted(record.offences)) or _("all")
    yield _("acts abroad"), _("yes") if record.abroad else _("no")
    yield _("languages"), ", ".join(record.languages)
    yield _("hours"), _hours(record)
    terms = record.terms
    yield _("terms"), _("%(hours)s h, urgent %(urgent)s h, outcome %(days)s days", hours=terms.acknowledge_hours,
                        urgent=terms.urgent_hours, days=terms.outcome_days)  # fmt: skip
    yield _("agreement"), record.agreement
    yield _("attachments"), _("YES: pictures and documents may be sent to it") if record.takes_files else _("no")
    yield _("office behind it"), str(record.then or _("none"))
    for key in sorted(record.working):
        yield _("working key"), aloud(key)
    yield _("recovery key"), aloud(record.recovery)
    yield _("signing key"), aloud(record.signing)


def _hours(record: Record) -> str:
    if record.always_open:
        return _("day and night")
    if record.hours is None:
        return _("not said")
    days = _("Every day") if record.hours.days == "daily" else _("Monday to Friday")
    return f"{days} {record.hours.opens}-{record.hours.closes} {record.timezone}"


def told(before: Directory | None, after: Directory) -> list[str]:
    """The whole of it, line by line, as `registry authority sign-directory` writes it, in the language spoken."""
    found = changes(before, after)
    lines = [
        _("Directory %(version)s, issued %(issued)s UTC, expires %(expires)s", version=after.version,
          issued=f"{after.issued_at:%Y-%m-%d %H:%M}", expires=f"{after.expires_at:%Y-%m-%d}"),
        _("It follows directory %(version)s.", version=before.version)
        if before
        else _("No earlier directory: everything in it is new."),
        *(line for change in found for line in _told(change)),
    ]  # fmt: skip
    same = len(after.records) - sum(change.after is not None for change in found)
    return [*lines, "", _("%(count)s more as they were, valid for longer.", count=same)]


def _told(change: Change) -> Iterator[str]:
    record = change.after or change.before
    if record is None:
        return
    what = _("REMOVED") if change.after is None else _("ADDED") if change.before is None else _("CHANGED")
    yield ""
    yield _("%(what)s: %(name)s (%(authority)s), %(start)s to %(end)s", what=what, name=_plain(record.name(language())),
            authority=str(record.authority), start=str(record.valid_from), end=str(record.valid_until))  # fmt: skip
    old, new = (list(facts(r)) if r else [] for r in (change.before, change.after))
    for name in dict.fromkeys(name for name, _said in (*old, *new)):
        gone = (said for other, said in old if other == name and (name, said) not in new)
        yield from (f"    - {name}: {_plain(said)}" for said in gone)
        for said in (said for other, said in new if other == name):
            yield f"    {' ' if (name, said) in old else '+'} {name}: {_plain(said)}"


def _plain(said: str) -> str:
    """One line and no more: nothing in a name moves the cursor, hides the keys below it, or looks like a line of its
    own, for this is all that a custodian reads before signing."""
    shown = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in said)
    return " ".join(shown.split())
