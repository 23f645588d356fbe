"""Reads. `visible_to` is the only place that says which appeals an actor may see, `allowed` what it may do to one."""

from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Permission, Role
from registry.appeals import rules
from registry.appeals.rules import Act, Obstacle, State, Terms
from registry.appeals.schemas import Against, Candidate, Case, Dossier, Proposal, Seated, StepView, Vote
from registry.certification import chains, file
from registry.certification import queries as certification
from registry.certification.impartiality import Bond, Tie
from registry.core.calendar import day_of
from registry.core.db import fetch
from registry.core.errors import NotFound
from registry.schemes import queries as schemes

ALL = frozenset({Role.SYSTEM, Role.OFFICER, Role.DECIDER, Role.IMPARTIALITY})


class Scope(msgspec.Struct, frozen=True):
    """What an actor may see. `where` is true of an appeal's row `a`; its arguments follow the ones before."""

    everything: bool
    holders: list[UUID]
    person: UUID

    def where(self, first: int = 1) -> str:
        return (
            f"(${first}::bool OR a.holder = ANY(${first + 1}::uuid[]) OR EXISTS (SELECT FROM panellist p"
            f" WHERE p.appeal = a.id AND p.person = ${first + 2}::uuid AND p.ended_at IS NULL))"
        )

    @property
    def args(self) -> tuple[bool, list[UUID], UUID]:
        return self.everything, self.holders, self.person


def visible_to(actor: Actor) -> Scope:
    """The registry's people and the committee see all appeals, a panel its own, a holder its own."""
    if not actor.may(Permission.APPEALS_VIEW):
        return Scope(False, [], UUID(int=0))
    return Scope(bool(actor.roles & ALL), list(holders(actor)), actor.id)


def holders(actor: Actor) -> frozenset[UUID]:
    """The businesses and groups this actor speaks for. An association does not appeal for its members."""
    return actor.organisations(Role.REPRESENTATIVE) | actor.organisations(Role.ASSOCIATION_ADMIN)


PERMISSION: dict[Act, Permission] = {
    Act.ACKNOWLEDGE: Permission.APPEALS_HANDLE,
    Act.SEAT: Permission.APPEALS_HANDLE,
    Act.DECLARE: Permission.APPEALS_HEAR,
    Act.STAY: Permission.APPEALS_HEAR,
    Act.LIFT: Permission.APPEALS_HEAR,
    Act.PROPOSE: Permission.APPEALS_HEAR,
    Act.VOTE: Permission.APPEALS_HEAR,
    Act.CARRY_OUT: Permission.CERTIFICATION_DECIDE,
    Act.WITHDRAW: Permission.APPEALS_LODGE,
}


def allowed(actor: Actor, case: Case, panel: list[Seated], proposal: Proposal | None) -> frozenset[Act]:
    """The acts roles, state and seat leave open: draws the buttons. The verbs ask the same functions again."""
    open_ = {act for state, act in rules.AFTER if state is case.state}
    mine = {act for act in open_ if act in PERMISSION and actor.may(PERMISSION[act])}
    if case.holder not in holders(actor):
        mine.discard(Act.WITHDRAW)
    if case.state is State.SEATED and not case.stayed:
        mine.discard(Act.CARRY_OUT)
    seat = next((member for member in panel if member.person == actor.id), None)
    if seat is None:
        mine -= {Act.DECLARE, Act.STAY, Act.LIFT, Act.PROPOSE, Act.VOTE}
    elif seat.declared_at is None:
        mine -= {Act.STAY, Act.LIFT, Act.PROPOSE, Act.VOTE}
    else:
        mine.discard(Act.DECLARE)
        if not seat.chair:
            mine -= {Act.PROPOSE, Act.STAY, Act.LIFT}
        if proposal is None or actor.id in {vote.person for vote in proposal.votes}:
            mine.discard(Act.VOTE)
        if proposal is not None:
            mine.discard(Act.PROPOSE)
        mine.discard(Act.LIFT if not case.stayed else Act.STAY)
    return frozenset(mine)


async def case(actor: Actor, appeal_id: UUID, *, lock: bool = False) -> Case:
    """An appeal the actor may see, or NotFound; `lock` keeps everybody else from it until the verb is over."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT a.* FROM appeal a WHERE a.id = $1 AND {scope.where(2)}{' FOR UPDATE OF a' if lock else ''}",
        appeal_id,
        *scope.args,
    )
    if not rows:
        raise NotFound("appeal-not-found")
    return _case(rows[0])


async def cases(actor: Actor, states: Collection[State], limit: int = 200) -> list[Case]:
    """Appeals in these states, the nearest deadline first."""
    scope = visible_to(actor)
    rows = await fetch(
        f"SELECT a.* FROM appeal a WHERE a.state = ANY($1) AND {scope.where(3)} ORDER BY"
        " CASE a.state WHEN 'lodged' THEN a.acknowledge_by WHEN 'closed' THEN NULL ELSE a.rule_by END NULLS LAST,"
        " a.lodged_at DESC LIMIT $2",
        [str(state) for state in states],
        limit,
        *scope.args,
    )
    return [_case(row) for row in rows]


def _case(row: dict[str, Any]) -> Case:
    return msgspec.convert({name: row[name] for name in Case.__struct_fields__}, Case)


async def waiting(actor: Actor, now: datetime) -> int:
    """How many appeals wait for this actor: for the desk's rail."""
    return len([one for one in await cases(actor, rules.OPEN) if await waits_for(actor, one)])


async def waits_for(actor: Actor, one: Case) -> bool:
    """Whether the next step of an appeal is this actor's."""
    if one.state in (State.LODGED, State.ACKNOWLEDGED):
        return actor.may(Permission.APPEALS_HANDLE)
    stayed = one.state is State.SEATED and one.stayed and await still_holds(one.decision)
    if actor.may(Permission.CERTIFICATION_DECIDE) and (one.state is State.TO_CARRY_OUT or stayed):
        return not await against_carrying_out(actor, one)
    seats = {member.person: member for member in await panel(one.id)}
    if actor.id not in seats:
        return False
    vote = await proposal(one.id)
    if seats[actor.id].declared_at is None:
        return True
    return seats[actor.id].chair if vote is None else actor.id not in {said.person for said in vote.votes}


async def panel(appeal_id: UUID) -> list[Seated]:
    """Who sits now, the chair first."""
    rows = await fetch(
        "SELECT person, name, chair, declared_at FROM panellist WHERE appeal = $1 AND ended_at IS NULL"
        " ORDER BY chair DESC, name",
        appeal_id,
    )
    return [msgspec.convert(row, Seated) for row in rows]


async def proposal(appeal_id: UUID) -> Proposal | None:
    """The ruling being voted on, or the one that carried."""
    rows = await fetch("SELECT * FROM ruling WHERE appeal = $1 AND ended_at IS NULL", appeal_id)
    if not rows:
        return None
    votes = await fetch(
        "SELECT person, name, agrees, note FROM ruling_vote WHERE ruling = $1 ORDER BY voted_at, id", rows[0]["id"]
    )
    size = len(await panel(appeal_id))
    said = tuple(msgspec.convert(vote, Vote) for vote in votes)
    names = ("id", "outcome", "reasons", "asked", "proposed_at", "carried_at")
    return msgspec.convert(
        {name: rows[0][name] for name in names}
        | {"votes": said, "count": rules.counted([vote.agrees for vote in said], size)},
        Proposal,
    )


async def steps(appeal_id: UUID) -> list[StepView]:
    rows = await fetch(
        "SELECT act, state, reason, name, taken_at FROM appeal_step WHERE appeal = $1 ORDER BY taken_at, id", appeal_id
    )
    return [msgspec.convert(row, StepView) for row in rows]


async def terms(certification_id: UUID) -> Terms:
    """The scheme version of the case says how long there is."""
    (row,) = await fetch("SELECT scheme_version FROM certification WHERE id = $1", certification_id)
    return Terms.of((await schemes.version(row["scheme_version"])).parameters)


_AGAINST = """
SELECT d.id, d.certification, c.number, d.act, d.reason, d.units, d.decider, d.decided_by, d.decided_at,
  d.repeats IS NOT NULL AS repeats, c.zone
  FROM decision d JOIN certification c ON c.id = d.certification
"""


async def against(decision_id: UUID) -> Against:
    """The decision an appeal is about. For this room; who may see it has been said."""
    rows = await fetch(_AGAINST + " WHERE d.id = $1", decision_id)
    if not rows:
        raise NotFound("decision-not-found")
    return await _against(rows[0])


async def _against(row: dict[str, Any]) -> Against:
    decided_on = day_of(row["decided_at"], row["zone"])
    last_on = decided_on + timedelta(days=(await terms(row["certification"])).appeal_days)
    values = {name: row[name] for name in row if name != "zone"}
    return msgspec.convert(values | {"decided_on": decided_on, "last_on": last_on}, Against)


async def appealable(actor: Actor, now: datetime) -> list[Against]:
    """The decisions this actor's own businesses or groups can still appeal against, and have not."""
    rows = await fetch(
        _AGAINST + " WHERE coalesce(CASE c.kind WHEN 'group' THEN c.association ELSE c.client END) = ANY($1::uuid[])"
        " AND d.act = ANY($2) AND d.decided_at > $3::timestamptz - interval '1 year'"
        " AND d.repeats IS NULL AND NOT EXISTS (SELECT FROM appeal a WHERE a.decision = d.id)"
        " ORDER BY d.decided_at DESC",
        list(holders(actor)),
        list(rules.APPEALABLE),
        now,
    )
    found = [(await _against(row), day_of(now, row["zone"])) for row in rows]
    return [one for one, today in found if today <= one.last_on]


async def still_holds(decision_id: UUID) -> bool:
    """Whether a suspension keeps anything suspended now: what a stay would give back."""
    return bool(await chains.keeps(await chains.root(decision_id)))


async def stayable(decision_id: UUID) -> bool:
    """Whether a stay would mean something: the suspension holds, or waits to be carried out again."""
    root = await chains.root(decision_id)
    return bool(await chains.keeps(root) or await chains.proposed_again([root]))


async def touched(certification_id: UUID) -> frozenset[UUID]:
    """Everybody who had any part in a case: whoever evaluated, checked, reviewed, decided or took a step in it."""
    rows = await fetch("SELECT touched_case($1) AS person", certification_id)
    return frozenset(row["person"] for row in rows)


async def candidates(appeal: Case, now: datetime) -> list[Candidate]:
    """Everybody who holds the role of a panel member, with what keeps them from this panel."""
    people = await fetch(
        "SELECT DISTINCT a.id, a.name FROM account a JOIN role_held h ON h.account = a.id"
        " WHERE h.role = 'panel' AND h.ended_at IS NULL AND a.state = 'active' ORDER BY a.name, a.id"
    )
    kept = await obstacles([row["id"] for row in people], appeal, now)
    return [Candidate(person=row["id"], name=row["name"], obstacles=kept[row["id"]]) for row in people]


async def obstacles(people: Collection[UUID], appeal: Case, now: datetime) -> dict[UUID, list[Obstacle]]:
    """What keeps each of these from hearing this appeal, today."""
    seen = await certification.case(SYSTEM, appeal.certification, now)
    ties = await file.ties(people, seen)
    months, part = (await terms(seen.id)).tie_months, await touched(seen.id)
    speak = await fetch(
        "SELECT DISTINCT account FROM role_held WHERE ended_at IS NULL AND organisation = $1", appeal.holder
    )
    parties = {row["account"] for row in speak} | {appeal.appellant}
    on = day_of(now, seen.zone)
    return {person: rules.obstacles(person, part, parties, ties.get(person, []), on, months) for person in people}


async def against_carrying_out(actor: Actor, appeal: Case) -> list[Obstacle]:
    """What keeps a decider from carrying out a ruling: having taken the decision it sets aside, or any other part."""
    own = await fetch(  # whoever carried out the stay may carry out the ruling
        "SELECT 1 FROM decision WHERE act = 'annul' AND answers = $1 AND decided_by = $2", appeal.decision, actor.id
    )
    signed = actor.id in await chains.signers(await chains.root(appeal.decision))
    if signed or (not own and actor.id in await touched(appeal.certification)):
        return [Obstacle("panel-touched-this-case")]
    if actor.id in {member.person for member in await panel(appeal.id)}:
        return [Obstacle("panel-decides-nothing")]
    return []


async def dossier(actor: Actor, appeal_id: UUID, now: datetime) -> Dossier:
    """The whole file of an appeal, as far as this actor may read it."""
    seen = await case(actor, appeal_id)
    sits, vote = await panel(seen.id), await proposal(seen.id)
    (row,) = await fetch("SELECT name FROM certification WHERE id = $1", seen.certification)
    may = allowed(actor, seen, sits, vote)
    if seen.state is State.SEATED and Act.CARRY_OUT in may and not await still_holds(seen.decision):
        may -= {Act.CARRY_OUT}
    if Act.STAY in may and not await stayable(seen.decision):
        may -= {Act.STAY}
    inside = actor.id in {member.person for member in sits} or Role.IMPARTIALITY in actor.roles
    decides = Act.CARRY_OUT in may
    return Dossier(
        case=seen,
        against=await against(seen.decision),
        certification_name=row["name"],
        panel=sits,
        proposal=vote if inside else None,
        steps=await steps(seen.id),
        allowed=may,
        candidates=await candidates(seen, now) if Act.SEAT in may else [],
        inside=inside,
        own=seen.holder in holders(actor),
        obstacles=await against_carrying_out(actor, seen) if decides else [],
    )


async def heard(people: Collection[UUID], seen: Any) -> list[tuple[UUID, Tie]]:
    """Who of these people sat on a panel about this case: they take no other part in it (I1, I2)."""
    rows = await fetch(
        "SELECT p.person, min(p.seated_at)::date AS since FROM panellist p JOIN appeal a ON a.id = p.appeal"
        " WHERE a.certification = $1 AND p.person = ANY($2::uuid[])"
        " AND (p.ended_at IS NULL OR p.declared_at IS NOT NULL) GROUP BY 1",
        seen.id,
        list(people),
    )
    return [(row["person"], Tie(Bond.HEARD, seen.holder, row["since"])) for row in rows]


file.ELSEWHERE.append(heard)
