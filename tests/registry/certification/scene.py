"""A small world for the tests of this room: people who are strangers to each other, a hotel, a company of taxis."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from registry.access.actor import SYSTEM, Actor
from registry.access.permissions import Role
from registry.accounts.tables import Account, RoleHeld
from registry.certification import file, intake, queries, self_assessment, service, suspension
from registry.certification.facts import Criterion, Kind
from registry.certification.guards import Cause
from registry.certification.questionnaire import Reply, Said, SelfAssessment
from registry.certification.rules import Act, Decision, Recommendation
from registry.certification.sampling import Occasion
from registry.certification.schemas import (
    Apply,
    Decide,
    Evaluation,
    FindingSummary,
    InternalCheck,
    Plan,
    Propose,
    Review,
)
from registry.certification.screening import Point, Screening
from registry.certification.tables import AuditorCompetence
from registry.clients.rules import ClientKind
from registry.clients.tables import Association, Client, Establishment, Vehicle, Worker
from registry.commitments.tables import Commitment
from registry.core.i18n import LANGUAGES
from registry.core.ids import uuid7
from registry.schemes import content
from registry.schemes import queries as schemes
from registry.schemes import service as publishing
from registry.schemes.schemas import Publish
from registry.training import queries as training
from registry.training import rules as trained
from registry.training.tables import TrainingRecord, TrainingSession

REASON = "Se cumplen los criterios y el expediente está completo."
CODE = content.load(content.DATA / "sectt-code-1")
SCREENED = Screening(checked=frozenset(Point))
SIX = tuple(one.id for one in CODE.criteria if not one.group_only)


def person(number: int, name: str, *roles: Role, **scoped: UUID) -> Actor:
    scopes = frozenset((Role(role), organisation) for role, organisation in scoped.items())
    return Actor(UUID(int=number), name, frozenset(roles) | {role for role, _ in scopes}, scopes)


OLGA = person(101, "Olga Quirós", Role.OFFICER)
BRUNO = person(102, "Bruno Arrieta", Role.AUDITOR)
NADIA = person(103, "Nadia Pizarro", Role.AUDITOR)
CARLA = person(104, "Carla Montiel", Role.REVIEWER)
DORA = person(105, "Dora Segreda", Role.DECIDER)
DIEGO = person(106, "Diego Solís", Role.DECIDER)
TOMAS = person(107, "Tomás Vega", Role.TRAINER)
ADA = person(108, "Ada Ulloa", Role.ADMINISTRATOR)
FAUSTO = person(109, "Fausto Nadie", Role.REPRESENTATIVE)


@dataclass
class Scene:
    """One holder and everybody around it."""

    version: UUID
    client: UUID
    units: list[UUID]
    ana: Actor
    irene: Actor
    ines: Actor
    association: UUID
    clients: list[UUID]


async def opened(now: datetime) -> UUID:
    """The scheme in force and the registry's people with their accounts."""
    before = now - timedelta(days=900)
    version = await publishing.publish(SYSTEM, before, Publish(CODE, before.date()))
    for actor in (OLGA, BRUNO, NADIA, CARLA, DORA, DIEGO, TOMAS, ADA):
        await Account(
            id=actor.id, email=f"{actor.name.split()[0].lower()}@example.org", name=actor.name, password_hash="-",
            created_at=before,
        ).save()  # fmt: skip
        for role in actor.roles:
            await hold(actor, role, None, before)
    return version


async def hold(
    actor: Actor, role: Role, organisation: UUID | None, at: datetime, ended: datetime | None = None
) -> None:
    await RoleHeld(
        id=uuid7(), account=actor.id, role=role, organisation=organisation, given_by=SYSTEM.id, given_at=at,
        ended_at=ended,
    ).save()  # fmt: skip
    if role is Role.AUDITOR:  # knows every kind of business, in every language
        await AuditorCompetence(
            id=uuid7(), person=actor.id, kinds=list(ClientKind), languages=list(LANGUAGES), basis="Curso de 16 horas.",
            recorded_by=OLGA.id, recorded_at=at,
        ).save()  # fmt: skip


async def business(now: datetime, kind: str, name: str, association: UUID | None) -> UUID:
    client = Client(
        id=uuid7(), association=association, name=name, kind=kind, country="CR", province="CR-A", canton="San Carlos",
        key=name, name_key=name, created_at=now, updated_at=now,
    )  # fmt: skip
    await client.save()
    return UUID(str(client.id))


async def hotel(now: datetime, version: UUID, name: str = "Hotel Río Manso", rooms: int = 41) -> Scene:
    """A hotel of a chamber, with its manager; nothing signed and nobody trained."""
    association = await chamber(now, "Cámara de Hoteles", "hotels")
    client = await business(now, "lodging", name, association)
    unit = Establishment(id=uuid7(), client=client, name=name, country="CR", rooms=rooms, key=name, created_at=now)
    await unit.save()
    return scene(version, client, [UUID(str(unit.id))], association, [client])


async def taxis(now: datetime, version: UUID, count: int) -> Scene:
    """A company of taxis, one car and one driver each."""
    association = await chamber(now, "Taxis del Norte", "taxis")
    clients, units = [], []
    for number in range(count):
        clients.append(await business(now, "taxi", f"Taxi {number}", association))
        car = Vehicle(id=uuid7(), client=clients[-1], plate=f"TAL{number:04d}", key=f"{number}", created_at=now)
        await car.save()
        units.append(UUID(str(car.id)))
    return scene(version, clients[0], units, association, clients)


async def chamber(now: datetime, name: str, kind: str) -> UUID:
    made = Association(id=uuid7(), name=name, kind=kind, country="CR", contact_email="c@example.org", created_at=now)
    await made.save()
    return UUID(str(made.id))


def scene(version: UUID, client: UUID, units: list[UUID], association: UUID, clients: list[UUID]) -> Scene:
    return Scene(
        version, client, units,
        person(201, "Ana Villafuerte", representative=client),
        person(202, "Irene Cascante", association_admin=association),
        person(203, "Inés Mora", inspector=association),
        association, clients,
    )  # fmt: skip


async def signed(now: datetime, version: UUID, client: UUID) -> None:
    await Commitment(
        id=uuid7(), client=client, scheme_version=version, language="es", signatory_name="Ana", power="owner",
        signatory_position="Gerente", method="typed", signed_by=uuid7(), signed_at=now - timedelta(days=60),
        last_on=now.date() + timedelta(days=900), sha256="0" * 64, fingerprint="0" * 64,
    ).save()  # fmt: skip


async def staffed(now: datetime, version: UUID, client: UUID, posts: list[str], untrained: int = 0) -> None:
    """People in these posts, all trained but the last so many, by Tomás."""
    held = now - timedelta(days=30)
    session = TrainingSession(
        id=uuid7(), facilitator=TOMAS.id, facilitator_name=TOMAS.name, clients=[client], scheme_version=version,
        modules=["M0"], language="es", place="Sala", room_code="123456", items=[], started_at=held, minutes=60,
        state="closed", opened_at=held, closed_at=held,
    )  # fmt: skip
    await session.save()
    kind = (await Client.select(Client.kind).where(Client.id == client).first())["kind"]
    wanted = training.parameters(await schemes.version(version))
    for number, post in enumerate(posts):
        worker = Worker(id=uuid7(), client=client, name=f"Persona {number}", post=post, created_at=now)
        await worker.save()
        if number >= len(posts) - untrained:
            continue
        for module in trained.needed(kind, post, wanted):
            await TrainingRecord(
                id=uuid7(), session=session.id, worker=worker.id, client=client, module=module, scheme_version=version,
                score=10, asked=10, passed_on=held.date(), expires_on=held.date() + timedelta(days=700), made_at=held,
            ).save()  # fmt: skip


async def ready(now: datetime, version: UUID, client: UUID) -> None:
    """Signed and trained."""
    await signed(now, version, client)
    await staffed(now, version, client, ["reception", "housekeeping", "manager", "driver"])


def evaluation(version: UUID, visited_on: date, *findings: FindingSummary, **more: object) -> Evaluation:
    """A visit that found everything in order but these findings."""
    criteria = tuple(Criterion(one, conform=5, assessed=5) for one in (*SIX, *(["G"] if "sample" in more else [])))
    values: dict[str, object] = {
        "evaluators": (BRUNO.id,), "scheme_version": version, "visited_on": visited_on, "criteria": criteria,
        "findings": findings,
    }  # fmt: skip
    return Evaluation(**(values | more))  # type: ignore[arg-type]


async def applied(now: datetime, here: Scene) -> UUID:
    """A hotel that asked for its certification, and said how it sees itself."""
    data = Apply(client_id=here.client, scheme_version=here.version, unit_ids=tuple(here.units))
    case = await intake.apply(here.ana, now, data)
    await assessed(here.ana, now, case)
    return case


async def assessed(actor: Actor, now: datetime, case: UUID) -> None:
    """The holder says "not yet" to everything, which is whole."""
    asked = await queries.asked(await queries.case(actor, case, now))
    said = {one.id: Said(Reply.NOT_YET) for _, some in asked for one in some}
    await self_assessment.self_assess(actor, now, case, SelfAssessment(said))


async def planned(now: datetime, here: Scene) -> UUID:
    case = await applied(now, here)
    await intake.accept_application(OLGA, now, case, SCREENED)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    return case


async def reviewed(now: datetime, here: Scene) -> UUID:
    """A hotel that lacks nothing, ready for its decision."""
    await ready(now, here.version, here.client)
    case = await planned(now, here)
    await service.begin_evaluation(BRUNO, now, case)
    await service.record_evaluation(BRUNO, now, case, evaluation(here.version, now.date()))
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    return case


async def granted(now: datetime, here: Scene) -> UUID:
    case = await reviewed(now, here)
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    return case


async def group_applied(now: datetime, here: Scene, occasion: Occasion = Occasion.INITIAL) -> UUID:
    """The same of a group, whose association answers for its office."""
    data = Apply(
        kind=Kind.GROUP, association_id=here.association, scheme_version=here.version, unit_ids=tuple(here.units),
        occasion=occasion,
    )  # fmt: skip
    case = await intake.apply(here.irene, now, data)
    await assessed(here.irene, now, case)
    return case


async def group_reviewed(
    now: datetime, here: Scene, sample: list[UUID] | None = None, occasion: Occasion = Occasion.INITIAL
) -> UUID:
    """A group whose units were all checked and whose sample was visited."""
    case = await group_applied(now, here, occasion)
    await intake.accept_application(OLGA, now, case, SCREENED)
    await service.plan(OLGA, now, case, Plan(team=(BRUNO.id,), lead=BRUNO.id, visit_on=now.date()))
    await service.check_units(here.ines, now, case, {unit: InternalCheck(passed=True) for unit in here.units})
    await service.begin_evaluation(BRUNO, now, case)
    drawn = (await file.drawn(case)).drawn if sample is None else sample
    found = evaluation(here.version, now.date(), sample=tuple(drawn))
    await service.record_evaluation(BRUNO, now, case, found)
    await service.review(CARLA, now, case, Review(recommendation=Recommendation.GRANT, notes=REASON))
    return case


async def group_granted(now: datetime, here: Scene, occasion: Occasion = Occasion.INITIAL) -> UUID:
    case = await group_reviewed(now, here, occasion=occasion)
    await service.decide(DORA, now, case, Decide(decision=Decision.GRANT, reason=REASON))
    return case


async def known(actor: Actor, now: datetime) -> Actor:
    """Give somebody of the scene an account, so that they can sign in."""
    await Account(
        id=actor.id, email=f"{actor.id.int}@example.org", name=actor.name, password_hash="-", created_at=now,
        codes_kept_at=now,
    ).save()  # fmt: skip
    for role, organisation in actor.scopes:
        await hold(actor, role, organisation, now)
    return actor


async def proposed(now: datetime, case: UUID, act: Act, units: list[UUID] | None = None) -> UUID:
    """The first of four eyes: Olga advises what a decider then signs."""
    cause = Cause.OTHER if act in (Act.SUSPEND, Act.WITHDRAW) else None
    data = Propose(act=act, reason=REASON, cause=cause, unit_ids=tuple(units or ()))
    return await suspension.propose(OLGA, now, case, data)


async def signed_for(now: datetime, case: UUID, act: object) -> None:
    """What another person signs before a decider may do this to a hotel's certificate."""
    if act is service.reinstate:
        await suspension.verify_cause(BRUNO, now, case, REASON)
    if act is service.withdraw:
        await proposed(now, case, Act.WITHDRAW)


async def by_two(now: datetime, case: UUID, act: Callable[..., Awaitable[None]]) -> None:
    """What another person signs first, and then Dora does it."""
    await signed_for(now, case, act)
    await act(DORA, now, case, REASON)
