"""The story in order: two and a half years from an association's list to seals a stranger can verify.

Hotels come in waves, a month apart, so that certificates are of every age; the last ones are left where they are, so
each desk has something to do. Then the clock stands at today; what follows happens over HTTP (finale.py).
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from registry.access.actor import Actor
from registry.certification import service as certification
from registry.certification import suspension
from registry.certification.facts import Grade
from registry.certification.guards import Cause
from registry.certification.rules import Act, Decision, Recommendation
from registry.certification.schemas import Propose
from registry.core.i18n import N_, _
from registry.demo import cast, enrol, evaluate, group, keep, prepare, report, voices
from registry.demo.stage import Member, Stage, batches, together

WAVE, WAVES = 9, 22
"""Hotels certified a month, and months: 198 in all, none of them expired by today."""

TAXIS_BEFORE_WAVE, UNSIGNED_TAXIS = 6, 5
SUSPENDED, WITHDRAWN, RENEWED = 0, 1, 2
"""Which of the first wave's hotels loses its seal for a while, which for good, and which is renewed."""
YEAR, SOLD = 12, 3
"""Waves in a year of surveillance, and which taxi is sold."""

STEPS = 3600
"""Steps of the progress bar, counted once; a bar that is a little early or late does no harm."""

DESKS = ((cast.ASSOCIATIONS[0], "asociación", "/desk/members"),)
SHOWN = {
    "olga": N_("scheme officer"), "bruno": N_("auditor"), "carla": N_("reviewer"), "dora": N_("decider"),
    "diego": N_("second decider"),
    "tomas": N_("trainer"), "pia": N_("appeals panel"), "imelda": N_("impartiality committee"),
    "abel": N_("administrator"),
}  # fmt: skip
"""The registry's people whom the demo shows; each opens on something to do."""
EARLY = timedelta(days=60)
"""How long after the beginning the first hotel is certified: its two years are over by today."""


async def play(stage: Stage, today: datetime) -> None:
    """Everything up to today, through the verbs."""
    await enrol.found(stage)
    stage.walk.on(days=10)
    await enrol.import_members(stage)
    first, rest = stage.hotels[:1], stage.hotels[1:]
    stage.walk.on(days=EARLY.days)
    await certify(stage, first)
    waves = list(batches(rest[: WAVE * WAVES], WAVE))
    begin = today - timedelta(days=30 * WAVES + 20)
    for number, wave in enumerate(waves):
        stage.walk.to(begin + timedelta(days=30 * number))
        if number == TAXIS_BEFORE_WAVE:
            await group.prepare_members(stage, stage.taxis, UNSIGNED_TAXIS)
            taxis = await group.certify(stage, stage.taxis[: len(stage.taxis) - UNSIGNED_TAXIS])
        if number >= YEAR:
            await keep.watch(stage, waves[number - YEAR])
        if number == TAXIS_BEFORE_WAVE + YEAR:
            cars = [unit.id for member in stage.taxis[: len(stage.taxis) - UNSIGNED_TAXIS] for unit in member.units]
            await keep.watch_group(stage, taxis, cars)
        await certify(stage, wave)
    await lose(stage, waves[0])
    await keep.reduce(stage, taxis, cars[SOLD])
    await keep.renew(stage, waves[0][RENEWED])
    misused = await voices.warn(stage, waves[1][0])
    await unfinished(stage, rest[WAVE * WAVES :], today)
    stage.walk.to(today - timedelta(days=16))
    await voices.publish(stage, misused)
    await voices.speak(stage, waves[0][WITHDRAWN], waves[3])
    stage.walk.to(today - timedelta(days=9))
    await report.found(stage)
    stage.walk.to(today - timedelta(hours=1))
    await report.drill(stage, stage.organisations["authority"])  # last week's is a week old: one would be drawn now
    await prepare.begin_training(stage, rest[WAVE * WAVES + 24], "Salón del hotel")
    stage.walk.to(today - timedelta(minutes=2))
    await stage.drain()
    await desks(stage)
    stage.walk.to(today)


async def desks(stage: Stage) -> None:
    """One person of each desk connects a phone, so that whoever tries the demo can be them."""
    answering, printing = stage.hotels[WAVE * WAVES + 8], stage.hotels[WAVE * WAVES - 1]
    for person, role in (
        (cast.ASSOCIATIONS[0], N_("association administrator, hotels")),
        (cast.ASSOCIATIONS[1], N_("association administrator, taxis")),
        *((person, SHOWN[person.key]) for person in cast.STAFF if person.key in SHOWN),
        (cast.AUTHORITY, N_("authority officer")),
    ):
        await stage.connect_phone(person, role)
    for member, role in (
        (answering, N_("business with findings to answer")),
        (printing, N_("business with a seal")),
        (stage.hotels[1 + WAVE * (WAVES - YEAR)], N_("business whose report of the year is due")),
        (stage.hotels[1 + WAVE], N_("business that may ask for its renewal")),
        (stage.hotels[1 + WAVE * WAVES], N_("business that was refused and may appeal")),
        (stage.hotels[1 + WITHDRAWN], N_("business whose seal was withdrawn")),
    ):
        person = stage.representing(member)
        stage.people[person.key] = member.signer
        await stage.connect_phone(person, role)


async def certify(stage: Stage, wave: Sequence[Member]) -> None:
    """A month's hotels, from the invitation to the seal."""
    await prepare.join(stage, "irene", wave)
    await together(prepare.sign_up(stage, member) for member in wave)
    for member in wave:
        await prepare.train(stage, [member], member.name)
        stage.step(_("Hotels: training"), 1)
    stage.walk.on(days=2)
    await together(ask(stage, member, auditor_of(stage, member)) for member in wave)
    await stage.drain()
    stage.walk.on(days=3)
    await together(evaluated(stage, member, auditor_of(stage, member)) for member in wave)
    stage.walk.on(days=1)
    await together(decided(stage, member) for member in wave)
    await stage.drain()


def auditor_of(stage: Stage, member: Member) -> Actor:
    """The two auditors share the hotels."""
    return stage["bruno"] if len(member.name) % 2 else stage["nadia"]


async def ask(stage: Stage, member: Member, auditor: Actor) -> None:
    """It applies; the officer accepts and plans."""
    await evaluate.apply(stage, member)
    await evaluate.accept(stage, case_of(member))
    await evaluate.plan(stage, case_of(member), auditor, 3)
    stage.step(_("Hotels: application and plan"), 1)


async def evaluated(stage: Stage, member: Member, auditor: Actor) -> None:
    """It is visited; what was found is corrected and verified."""
    flawed, grade = evaluate.flaws(member)
    await evaluate.visit(stage, case_of(member), auditor, flawed, grade)
    if flawed:
        await evaluate.correct(stage, member, auditor)
    stage.step(_("Hotels: visit and findings"), 1)


async def decided(stage: Stage, member: Member) -> None:
    """It is reviewed and decided, by people who did not evaluate."""
    await evaluate.review(stage, case_of(member))
    await evaluate.decide(stage, case_of(member))
    stage.step(_("Hotels: review and decision"), 1)


async def lose(stage: Stage, wave: Sequence[Member]) -> None:
    """One certificate is suspended, one withdrawn: each by a decision with its reason."""
    dora = stage["dora"]
    low, refused = "La cobertura bajó del mínimo hace 70 días.", "Impidió dos veces la visita sin aviso."
    await certification.suspend(dora, stage.now, case_of(wave[SUSPENDED]), low, cause=Cause.COVERAGE_LOW)
    stage.walk.on(days=1)
    seen = "Revisé la lista de personal y los registros: la cobertura es la que dice la decisión."
    await suspension.confirm(stage["diego"], stage.now, case_of(wave[SUSPENDED]), seen)
    advice = Propose(act=Act.WITHDRAW, cause=Cause.OTHER, reason=refused)
    await suspension.propose(stage["olga"], stage.now, case_of(wave[WITHDRAWN]), advice)
    await certification.withdraw(dora, stage.now, case_of(wave[WITHDRAWN]), refused)
    await stage.drain()


async def unfinished(stage: Stage, rest: Sequence[Member], today: datetime) -> None:
    """The last hotels stand somewhere on the way: committed only, refused, and one desk's work after another."""
    stage.walk.to(today - timedelta(days=24))
    await prepare.join(stage, "irene", rest[:46])
    await together(prepare.sign(stage, member) for member in rest[:42])
    await together(prepare.enter_roster(stage, member) for member in rest[:30])
    for member in rest[:22]:
        await prepare.train(stage, [member], member.name)
        stage.step(_("Hotels on their way"), 2)
    for member in rest[:22]:
        await evaluate.apply(stage, member)
    stage.walk.on(hours=6)
    for member in rest[:17]:
        await evaluate.accept(stage, case_of(member))
    for member in rest[:13]:
        await evaluate.plan(stage, case_of(member), stage["bruno"], 2)
    await stage.drain()
    stage.walk.on(days=2)
    await on_the_way(stage, rest[:13])


async def on_the_way(stage: Stage, rest: Sequence[Member]) -> None:
    """Visited, answered, reviewed, refused: as far as each has come."""
    bruno = stage["bruno"]
    for number, member in enumerate(rest[:10]):
        flawed = ("C1.03",) if number in (0, 7, 8, 9) else ()
        await evaluate.visit(stage, case_of(member), bruno, flawed, Grade.MAJOR if flawed else None)
        stage.step(_("Hotels on their way"), 3)
    stage.walk.on(hours=4)
    await evaluate.correct(stage, rest[0], bruno)
    await evaluate.correct(stage, rest[9], bruno, verified=False)
    for member in rest[:4]:
        against = member is rest[0]
        await evaluate.review(stage, case_of(member), Recommendation.REFUSE if against else Recommendation.GRANT)
    refusal = "El procedimiento se corrigió en papel, pero el personal de noche no lo conoce."
    await evaluate.decide(stage, case_of(rest[0]), Decision.REFUSE, refusal)
    await stage.drain()


def case_of(member: Member) -> UUID:
    """The case of a business that has applied."""
    assert member.certification is not None, member.name
    return member.certification
