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
from registry.demo import cast, enrol, evaluate, group, keep, offices, prepare, voices
from registry.demo.stage import Member, Stage, together

WAVES = (9,) * 22
"""Hotels certified each month: 198 in all, none of them expired by today."""
JOINED, SIGNED, STAFFED, LEARNED, ACCEPTED, PLANNED, VISITED = 46, 42, 30, 22, 17, 13, 10
"""Of the hotels that are left, how many have come how far. Whoever learned has applied, and is called LEARNED still."""

TAXIS_BEFORE_WAVE, UNSIGNED_TAXIS = 6, 5
SUSPENDED, WITHDRAWN, RENEWED = 0, 1, 2
"""Which of the first wave's hotels loses its seal for a while, which for good, and which is renewed."""
YEAR, SOLD = 12, 3
"""Waves in a year of surveillance, and which taxi is sold."""

STEPS = 3600
"""Steps of the progress bar, counted once; a bar that is a little early or late does no harm."""

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
    waves = [rest[sum(WAVES[:number]) : sum(WAVES[: number + 1])] for number in range(len(WAVES))]
    left = rest[sum(WAVES) :]
    begin = today - timedelta(days=30 * len(WAVES) + 20)
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
    await unfinished(stage, left, today)
    stage.walk.to(today - timedelta(days=16))
    await voices.publish(stage, misused)
    await voices.speak(stage, waves[0][WITHDRAWN], waves[3])
    stage.walk.to(today - timedelta(days=9))
    await offices.found(stage)
    stage.walk.to(today - timedelta(hours=1))
    await offices.drill(stage)  # of today: or the worker would draw one at its start
    await prepare.begin_training(stage, left[LEARNED + 2], "Salón del hotel")
    stage.walk.to(today - timedelta(minutes=2))
    await stage.drain()
    await desks(stage)
    stage.walk.to(today)


async def desks(stage: Stage) -> None:
    """One person of each desk connects a phone, so that whoever tries the demo can be them."""
    for person, role in (
        (cast.ASSOCIATIONS[0], N_("association administrator, hotels")),
        (cast.ASSOCIATIONS[1], N_("association administrator, taxis")),
        *((person, SHOWN[person.key]) for person in cast.STAFF if person.key in SHOWN),
        (cast.CHANNEL[0], N_("authority officer, police: a report that was answered")),
        (cast.CHANNEL[1], N_("authority officer, children’s service: behind it")),
        (cast.CHANNEL[2], N_("hotline operator: writes down what a caller tells")),
        (cast.TRAINED, N_("trained reporter of the taxi company")),
    ):
        await stage.connect_phone(person, role)
    for member, role in (
        (first_after(stage, len(WAVES), 7), N_("business with findings to answer")),
        (first_after(stage, len(WAVES), -2), N_("business with a seal")),
        (first_after(stage, len(WAVES) - YEAR), N_("business whose report of the year is due")),
        (first_after(stage, 1), N_("business that may ask for its renewal")),
        (first_after(stage, len(WAVES)), N_("business that was refused and may appeal")),
        (first_after(stage, 0, WITHDRAWN), N_("business whose seal was withdrawn")),
    ):
        person = stage.representing(member)
        stage.people[person.key] = member.signer
        await stage.connect_phone(person, role)


def first_after(stage: Stage, waves: int, on: int = 0) -> Member:
    """The hotel that comes after so many waves, or one some places on from it."""
    return stage.hotels[1 + sum(WAVES[:waves]) + on]


async def certify(stage: Stage, wave: Sequence[Member]) -> None:
    """A month's hotels, from the invitation to the seal."""
    if not wave:
        return
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
    await prepare.join(stage, "irene", rest[:JOINED])
    await together(prepare.sign(stage, member) for member in rest[:SIGNED])
    await together(prepare.enter_roster(stage, member) for member in rest[:STAFFED])
    for member in rest[:LEARNED]:
        await prepare.train(stage, [member], member.name)
        stage.step(_("Hotels on their way"), 2)
    for member in rest[:LEARNED]:
        await evaluate.apply(stage, member)
    stage.walk.on(hours=6)
    for member in rest[:ACCEPTED]:
        await evaluate.accept(stage, case_of(member))
    for member in rest[:PLANNED]:
        await evaluate.plan(stage, case_of(member), stage["bruno"], 2)
    await stage.drain()
    stage.walk.on(days=2)
    await on_the_way(stage, rest[:PLANNED])


async def on_the_way(stage: Stage, rest: Sequence[Member]) -> None:
    """Visited, answered, reviewed, refused: as far as each has come."""
    bruno = stage["bruno"]
    for number, member in enumerate(rest[:VISITED]):
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
