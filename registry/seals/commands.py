"""`registry seal verify`, `registry log verify`: what anybody can check, from the published files alone.

Neither opens the database nor a private key. `--from` takes the address of any house or mirror, a folder or a bucket;
`--jwt` and `--proof` ask nobody at all. `mirror` and `monitor` stand in watch/commands.py.
"""

import sys
from pathlib import Path
from typing import Any

import click
import httpx
import msgspec

from registry.config import Config
from registry.core.crypto import verified
from registry.core.errors import Invalid
from registry.core.i18n import N_, _, moment, said
from registry.core.shell import asynchronous, plain, worded
from registry.seals import outside
from registry.seals.code import check, grouped
from registry.seals.key_commands import key
from registry.seals.policy import Policy
from registry.seals.snapshot import State
from registry.seals.watch import comparing, head, single, source
from registry.seals.watch.commands import mirror, monitor
from registry.seals.watch.options import AS_JSON, FROM, POLICY, progress
from registry.seals.watch.single import Check, Unproven

STATES = {
    "valid": N_("valid"),
    "expired": N_("expired"),
    "suspended": N_("suspended"),
    "withdrawn": N_("withdrawn"),
    "replaced": N_("replaced by a newer sticker"),
    "ended": N_("no longer covered"),
}
CHECKS = {
    "keys": N_("the keys in did.json"),
    "manifest": N_("the signature of the snapshot"),
    "record": N_("the seal's record in a shard with the promised hash"),
    "leaf": N_("the log's entries about this seal"),
    "revocation list": N_("the list of withdrawn seals"),
    "suspension list": N_("the list of suspended seals"),
    "credential": N_("the signed credential"),
    "signature": N_("the signature of the credential"),
    "checkpoint": N_("the log's signature under the checkpoint"),
    "inclusion": N_("the way from the entry to the checkpoint's root"),
    "witnesses": N_("the policy's quorum of witnesses"),
    "same log": N_("the same log is shown to the others"),
}
MARKS = {True: "[x]", False: "[!]", None: "[ ]"}


@click.group()
def seal() -> None:
    """Seals, seen from outside."""


@click.group("log")
def log_group() -> None:
    """The public log of seals."""


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@seal.command("verify")
@click.argument("code", required=False)
@FROM
@click.option("--jwt", type=FILE, help="A downloaded credential; with --proof, nothing is asked of anybody.")
@click.option("--proof", type=FILE, help="A downloaded tlog-proof.")
@click.option("--did", "kept", type=FILE, help="A did.json that was kept: without one the signature is not checked.")
@POLICY
@AS_JSON
@click.pass_obj
@asynchronous
async def verify_seal(
    config: Config, code: str | None, place: str | None, jwt: Path | None, proof: Path | None, kept: Path | None,
    policy: Path | None, as_json: bool,
) -> None:  # fmt: skip
    """Prove what one seal says, saying each thing that was checked; ends with 1 unless it is valid and all holds."""
    if jwt and proof:
        _offline(jwt, proof, kept, policy, as_json)
    if code is None:
        raise click.UsageError(_("Give a code, or --jwt with --proof."))
    wanted, believed = check(code), source.read_policy(policy)
    try:
        async with source.opened(config, place) as files, source.client() as http:
            proven = await outside.look_up(files.get, wanted, believed)
            checks = [*proven.checks, *await _shown_to_others(files.get, http, believed)]
    except KeyError as missing:
        _end(as_json, {"code": wanted, "found": False}, _no(missing, wanted), 1)
    except head.UNREADABLE as error:
        found = error.checks if isinstance(error, Unproven) else []
        _end(as_json, {"code": wanted, "proven": False, "why": head.why_not(error), "checks": found},
             "\n".join([*_lines(found), _untrusted(error)]), 1)  # fmt: skip
    entry = proven.entry
    valid = entry.state is State.VALID and entry.valid_from <= proven.as_of <= entry.valid_until
    state = "expired" if entry.state is State.VALID and proven.as_of > entry.valid_until else str(entry.state)
    told = {
        "code": wanted, "state": state, "valid": valid, "as_of": proven.as_of, "name": entry.facts.name,
        "plate": entry.facts.plate, "holder": entry.facts.holder, "valid_until": entry.valid_until, "leaf": proven.leaf,
        "log_size": proven.size, "credential": proven.jws, "tlog_proof": proven.proof, "checks": checks,
    }  # fmt: skip
    sentence = _(
        "%(code)s, %(mark)s: %(state)s on %(when)s. Credential, status lists and log agree: leaf %(leaf)s of %(size)s.",
        code=grouped(wanted), mark=entry.facts.plate or entry.facts.name, state=_(STATES[state]),
        when=moment(proven.as_of, entry.zone), leaf=proven.leaf, size=proven.size,
    )  # fmt: skip
    holds = all(one.holds is not False for one in checks)
    _end(as_json, told, "\n".join([*_lines(checks), sentence]), 0 if valid and holds else 1)


async def _shown_to_others(get: outside.Get, http: httpx.AsyncClient, believed: Policy) -> list[Check]:
    """Whether the policy's witnesses that have an address show the same log."""
    top = await head.read(get, believed)
    others = await source.others(http, believed, top.checkpoint.origin, ())
    compared = await comparing.compare(get, top.signed, head.pin(top.keys), verified, others)
    return [
        Check("same log", None if one.findings and one.findings[0].what in comparing.UNTOLD else not one.findings,
              one.findings[0].why if one.findings else f"{one.name} {one.size}")
        for one in compared
    ]  # fmt: skip


def _offline(jwt: Path, proof: Path, kept: Path | None, policy: Path | None, as_json: bool) -> None:
    believed = source.read_policy(policy)
    try:
        keys = head.read_keys(kept.read_bytes()) if kept else None
        found = single.offline(jwt.read_text().strip(), proof.read_text(), believed, keys)
    except head.UNREADABLE as error:
        checks = error.checks if isinstance(error, Unproven) else []
        told = {"proven": False, "why": head.why_not(error), "checks": checks}
        _end(as_json, told, "\n".join([*_lines(checks), _untrusted(error)]), 1)
    standing = single.standing(found.event, found.state)
    told = {"code": found.code, "proven": True, "event": found.event, "leaf": found.leaf, "log_size": found.size,
            "seen_at": found.seen_at, "checks": found.checks, "credential": found.said}  # fmt: skip
    sentence = _(
        "%(code)s: the log held it as %(state)s, leaf %(leaf)s of %(size)s. What came later, only the lists of the"
        " register can say.",
        code=grouped(found.code) if found.code else "-", state=_(STATES[standing]), leaf=found.leaf, size=found.size,
    )  # fmt: skip
    _end(as_json, told, "\n".join([*_lines(found.checks), sentence]), 0 if standing is State.VALID else 1)


@log_group.command("verify")
@FROM
@POLICY
@AS_JSON
@click.pass_obj
@asynchronous
async def verify_log(config: Config, place: str | None, policy: Path | None, as_json: bool) -> None:
    """Read every published file again and compute from the leaves what each must say; ends with 1 if one does not."""
    believed = source.read_policy(policy)
    try:
        async with source.opened(config, place) as files:
            with progress(_("Reading the log"), as_json) as count:
                found = await outside.audit(files.get, believed, count)
    except KeyError as missing:
        _end(as_json, {"wrong": [head.why_not(missing)]}, _no(missing, ""), 1)
    except head.UNREADABLE as error:
        _end(as_json, {"wrong": [head.why_not(error)]}, _untrusted(error), 1)
    told = msgspec.to_builtins(found, enc_hook=str) | {"wrong": found.wrong}
    if found.wrong:
        lines = [_("The published files do not hold:"), *(f"- {said(line)}" for line in found.wrong)]
        _end(as_json, told, "\n".join(lines), 1)
    sentence = _(
        "Everything holds on %(when)s: %(size)s leaves, %(seals)s seals (%(valid)s valid, %(suspended)s suspended,"
        " %(revoked)s revoked), %(listings)s that signed and hold no seal.",
        when=moment(found.as_of, config.time_zone), size=found.size, seals=found.seals, valid=found.valid,
        suspended=found.suspended, revoked=found.revoked, listings=found.listings,
    )  # fmt: skip
    _end(as_json, told, sentence, 0)


def _lines(checks: list[Check]) -> list[str]:
    """A line for each thing: it holds, it does not, or it could not be looked at."""
    return [
        f"{MARKS[one.holds]} {_(CHECKS[one.what])}" + (f": {said(one.detail)}" if one.detail else "") for one in checks
    ]


def _no(missing: KeyError, code: str) -> str:
    if missing.args[0] == code:
        return _("%(code)s is in no published file: the register knows no such seal.", code=grouped(code))
    return _("The published file %(name)s is not there, so nothing can be proven.", name=missing.args[0])


def _untrusted(error: Exception) -> str:
    why = worded(error) if isinstance(error, Invalid) else str(said(head.why_not(error)))
    return _("The published files prove nothing: %(why)s.", why=why.removesuffix("."))


def _end(as_json: bool, told: dict[str, Any], sentence: str, status: int) -> None:
    click.echo(
        msgspec.json.encode(told, enc_hook=str).decode() if as_json else plain(sentence),
        err=status != 0 and not as_json,
    )
    sys.exit(status)


COMMANDS: list[click.Command] = [seal, key, log_group, mirror, monitor]
