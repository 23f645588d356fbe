"""`registry mirror`, `registry monitor`: what a ministry, a university or an NGO lets run every few minutes."""

import asyncio
import sys
import time
from datetime import datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from registry.config import Config
from registry.core.clock import utc_now
from registry.core.i18n import _, moment, said
from registry.core.shell import asynchronous, plain
from registry.seals.policy import Policy
from registry.seals.watch import head, source
from registry.seals.watch.memory import Memory
from registry.seals.watch.mirror import Mirrored
from registry.seals.watch.mirror import mirror as copied
from registry.seals.watch.monitor import Report, watch
from registry.seals.watch.options import AS_JSON, FROM, POLICY, progress

EVERY = click.option("--every", type=float, default=0, help="Run again after so many seconds, until stopped.")


@click.command("mirror")
@FROM
@click.option("--to", "target", required=True, help="Folder or s3://bucket/prefix that holds the copy.")
@POLICY
@EVERY
@AS_JSON
@click.pass_obj
@asynchronous
async def mirror(
    config: Config, place: str | None, target: str, policy: Path | None, every: float, as_json: bool
) -> None:  # fmt: skip
    """Bring a verified copy of the published files up to date; never follows a log that does not continue the copy."""
    believed, status = source.read_policy(policy), 0
    while True:
        status = await _mirror_once(config, place, target, believed, as_json)
        if not every:
            sys.exit(status)
        await asyncio.sleep(every)


async def _mirror_once(config: Config, place: str | None, target: str, believed: Policy, as_json: bool) -> int:
    try:
        async with source.opened(config, place) as files:
            with progress(_("Copying the log"), as_json) as told:
                done = await copied(files, source.store_of(target, config), believed=believed, told=told)
    except head.UNREADABLE as error:
        why = head.why_not(error)
        _say(as_json, {"mirrored": False, "why": why}, _("Nothing was copied: %(why)s.", why=said(why)), error=True)
        return 1
    _say(as_json, {"mirrored": True} | msgspec.to_builtins(done), _mirrored(done))
    return 0


def _mirrored(done: Mirrored) -> str:
    sentence = _(
        "The copy holds publication %(seq)s: %(size)s entries, %(leaves)s of them new, %(shards)s new shards,"
        " %(credentials)s new credentials.",
        seq=done.seq, size=done.size, leaves=done.leaves, shards=done.shards, credentials=done.credentials,
    )  # fmt: skip
    if done.left_out:
        sentence += " " + _("%(count)s credentials of vehicles were left out: their codes are not published.",
                            count=done.left_out)  # fmt: skip
    return sentence


@click.command("monitor")
@FROM
@click.option("--state", type=click.Path(file_okay=False, path_type=Path), default=Path("monitor"), show_default=True,
              help="Folder in which this monitor remembers what it saw, and keeps evidence.")  # fmt: skip
@POLICY
@click.option("--mirror", "mirrors", multiple=True, help="Address or folder of a mirror to compare with; repeatable.")
@EVERY
@AS_JSON
@click.pass_obj
@asynchronous
async def monitor(
    config: Config, place: str | None, state: Path, policy: Path | None, mirrors: tuple[str, ...], every: float,
    as_json: bool,
) -> None:  # fmt: skip
    """Follow the log from where the last run ended and hold everything served against it; ends with 1 at a finding."""
    believed = source.read_policy(policy)
    while True:
        status = await _monitor_once(config, place, state, believed, mirrors, as_json)
        if not every:
            sys.exit(status)
        await asyncio.sleep(every)


async def _monitor_once(
    config: Config, place: str | None, state: Path, believed: Policy, mirrors: tuple[str, ...], as_json: bool
) -> int:
    memory, now, began = Memory(state / "memory.sqlite"), utc_now(), time.monotonic()
    try:
        async with source.opened(config, place) as files, source.client() as http:
            origin = (await head.read(files.get, believed)).checkpoint.origin
            others = await source.others(http, believed, origin, mirrors)
            with progress(_("Reading the log"), as_json) as told:
                report = await watch(files.get, memory, now, believed=believed, others=others, told=told)
    except head.UNREADABLE as error:
        why = head.why_not(error)
        _say(as_json, {"ok": False, "findings": [{"what": "untrusted", "why": why, "leaves": []}]},
             _("Nothing served can be believed: %(why)s.", why=said(why)), error=True)  # fmt: skip
        return 1
    else:
        memory.keep()
        kept = _evidence(state, now, report)
        _say(
            as_json, _reported(report, kept, time.monotonic() - began), _told(report, kept, config), bool(report.wrong)
        )
        return 1 if report.findings else 0
    finally:
        memory.close()


def _evidence(state: Path, now: datetime, report: Report) -> list[str]:
    """Both notes of a fork or a split view: each signed by the log, together they prove it to anybody."""
    kept = []
    for name, signed in report.evidence.items():
        plain = "".join(letter if letter.isalnum() else "-" for letter in name)[:60]
        path = state / "evidence" / f"{now:%Y%m%dT%H%M%SZ}-{plain}.note"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(signed)
        kept.append(str(path))
    return kept


def _reported(report: Report, kept: list[str], seconds: float) -> dict[str, Any]:
    more = {"ok": not report.findings, "seconds": round(seconds, 3), "evidence": kept}
    return dict(msgspec.to_builtins(report, enc_hook=str) | more)


def _told(report: Report, kept: list[str], config: Config) -> str:
    when = moment(report.as_of, config.time_zone)
    lines = [
        _("%(size)s entries on %(when)s, %(new)s of them new; %(seals)s seals.", size=report.size, when=when,
          new=report.read, seals=report.seals)
    ]  # fmt: skip
    lines += [_("Cosigned by %(names)s.", names=", ".join(sorted(report.cosigned)))] if report.cosigned else []
    lines += [_("The same log is shown by %(name)s (%(size)s entries).", name=name, size=size)
              for name, size in report.compared.items() if size]  # fmt: skip
    lines += [_("Found earlier: %(why)s", why=said(finding.why)) for finding in report.earlier]
    if report.findings:
        lines += [_("FOUND:"), *(f"- {said(finding.why)}" for finding in report.findings)]
        lines += [_("Evidence: %(path)s", path=path) for path in kept]
    else:
        lines.append(_("Everything served is what the log says."))
    return "\n".join(lines)


def _say(as_json: bool, told: dict[str, Any], sentence: str, error: bool = False) -> None:
    click.echo(
        msgspec.json.encode(told, enc_hook=str).decode() if as_json else plain(sentence), err=error and not as_json
    )
