"""A published folder as the registry writes it, made with the snapshot's own encoder: seals in every state, one
listing, hotlines. Invented names, plates and numbers (but for 911)."""

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from registry.authorities.hotlines import Hotline, Published
from registry.authorities.hotlines import Kind as LineKind
from registry.authorities.hours import Hours
from registry.core import crypto
from registry.core.storage import Storage
from registry.seals import did, jose, log, note, sharding, snapshot
from registry.seals.code import completed
from registry.seals.snapshot import Entry, Facts, Kind, Listing, LogRef, Manifest, State, Table, Words

NOW = datetime(2026, 11, 21, 20, 2, 11, tzinfo=UTC)
DID = "did:web:registro.example"

TAXI = completed("7K3M9QXT2W4HVN")
HOTEL = completed("B5D2HT8RW9ZE4M")
BOAT = completed("3FJ7YX4N6PCAT0")
WITHDRAWN = completed("W1THDRAWN00000")
EXPIRED = completed("EXP1RED0000000")
REPLACED = completed("REP1ACED000000")
ENDED = completed("ENDED000000000")
FUTURE = completed("FVTVRE00000000")
UNKNOWN = completed("ZZZZZZZZZZZZZZ")
LISTING = "01932f5e-7c1a-7b3e-9d2f-0123456789ab"

BY_STATE = {
    "valid": TAXI,
    "suspended": BOAT,
    "withdrawn": WITHDRAWN,
    "expired": EXPIRED,
    "committed": FUTURE,
    "unknown": UNKNOWN,
}

TAXI_FACTS = Facts(
    name="",
    holder="Transportes Mora Quirós",
    plate="TSJ4417",
    description="Toyota Yaris 2019",
    colour="rojo",
    premises="taxi",
    canton="San José",
    province="San José",
    association="Cooperativa Taxis del Valle",
    committed_on=date(2026, 2, 3),
    trained_on=date(2026, 3, 18),
    audited_on=date(2026, 4, 22),
    surveillance_on=date(2027, 4, 22),
    salt="c2FsdA",
)
HOTEL_FACTS = Facts(
    name="Hotel Laguna Clara",
    holder="Laguna Clara S. A.",
    rooms=38,
    premises="hotel",
    address="Plaza de deportes, 200 m al norte",
    district="Tamarindo",
    canton="Santa Cruz",
    province="Guanacaste",
    association="Cámara de Hoteles de la Costa",
    committed_on=date(2026, 1, 12),
    trained_on=date(2026, 11, 20),
    audited_on=date(2026, 4, 15),
    surveillance_on=date(2027, 4, 15),
    salt="c2FsdA",
)
BOAT_FACTS = Facts(
    name="Lancha Garza Azul",
    holder="Lanchas Garza",
    plate="PQ0412",
    colour="azul",
    premises="boat",
    canton="Puntarenas",
    province="Puntarenas",
    association="Boteros del Golfo",
    salt="c2FsdA",
)


def entry(code: str, state: State = State.VALID, facts: Facts = HOTEL_FACTS, **changed: Any) -> Entry:
    kind = Kind.VEHICLE if facts.plate else Kind.ESTABLISHMENT
    given: dict[str, Any] = {
        "since": datetime(2026, 5, 5, 6, tzinfo=UTC),
        "region": "CR-G",
        "valid_from": datetime(2026, 5, 5, 6, tzinfo=UTC),
        "valid_until": datetime(2028, 5, 6, 5, 59, 59, tzinfo=UTC),
        "scheme": "sectt-code",
        "version": "1.0",
        "serial": 417,
        "year": 2026,
        "status_index": 48213,
        "issued_index": 7,
        "log_index": 48213,
        "credential": crypto.sha256(credential(code)).hex(),
        "zone": "America/Costa_Rica",
        "plate_tag": snapshot.plate_tag(facts.plate),
    } | changed
    return Entry(code=code, kind=kind, state=state, facts=facts, **given)


def credential(code: str) -> bytes:
    """Only its hash matters here; seals' own tests read real ones."""
    return f"eyJhbGciOiJFZERTQSJ9.{code}.c2lnbmF0dXJl".encode()


def entries() -> list[Entry]:
    since = datetime(2026, 11, 9, 15, 30, tzinfo=UTC)
    past = {
        "valid_from": datetime(2024, 10, 30, 6, tzinfo=UTC),
        "valid_until": datetime(2026, 10, 30, 5, 59, 59, tzinfo=UTC),
    }
    hostel = msgspec.structs.replace(HOTEL_FACTS, name="Hostal Camino Largo", premises="hostel")
    tours = msgspec.structs.replace(HOTEL_FACTS, name="Manglar Adentro", premises="operator", district="Playa Langosta")
    return [
        entry(TAXI, facts=TAXI_FACTS, region="CR-SJ"),
        entry(HOTEL),
        entry(BOAT, State.SUSPENDED, BOAT_FACTS, region="CR-P", since=since),
        entry(WITHDRAWN, State.WITHDRAWN, tours, since=since),
        entry(EXPIRED, facts=hostel, **past),
        entry(REPLACED, State.REPLACED, TAXI_FACTS, region="CR-SJ", since=since),
        entry(ENDED, State.ENDED, msgspec.structs.replace(HOTEL_FACTS, name="Posada Dos Ríos"), since=since),
        entry(
            FUTURE, facts=msgspec.structs.replace(HOTEL_FACTS, name="Hotel Mañana"), valid_from=NOW + timedelta(days=3)
        ),
    ]


def listings() -> list[Listing]:
    return [
        Listing(
            LISTING,
            "Cabinas Río Tibio",
            "lodging",
            "CR-A",
            "Alajuela",
            "San Carlos",
            date(2026, 9, 2),
            "sectt-code",
            "1.0",
            "Cámara de Hoteles de la Costa",
        ),
    ]


def words() -> Words:
    slogan = {
        "es": "Este establecimiento apoya la red contra la explotación sexual de niñas, niños y adolescentes.",
        "en": "This establishment supports the network against the sexual exploitation of children and adolescents.",
        "pt": "Este estabelecimento apoia a rede contra a exploração sexual de crianças e adolescentes.",
        "fr": "Cet établissement soutient le réseau contre l’exploitation sexuelle des enfants et des adolescents.",
    }
    vehicle = {
        language: text.replace("establecimiento", "vehículo").replace("establishment", "vehicle")
        for language, text in slogan.items()
    }
    name = {"es": "Código de conducta", "en": "Code of conduct", "pt": "Código de conduta", "fr": "Code de conduite"}
    return Words("sectt-code", "1.0", name, {"establishment": slogan, "vehicle": vehicle}, valid_from=date(2026, 1, 1))


def hotlines(checked_on: date = date(2026, 11, 12)) -> bytes:
    def line(number: int, kind: LineKind, name: str, telephone: str) -> Hotline:
        return Hotline(
            UUID(int=number),
            kind,
            "CR",
            {"es": name},
            (telephone,),
            Hours(),
            "America/Costa_Rica",
            ("es",),
            checked_on,
            "Equipo del registro",
            fictitious=telephone != "911",
        )

    lines = (
        line(1, LineKind.EMERGENCY, "Emergencias", "911"),
        line(2, LineKind.CHILD_PROTECTION, "Línea de Protección de la Niñez", "+50625550147"),
    )
    return msgspec.json.encode(Published("resguardo-hotlines/1", NOW, lines))


class World:
    """Publishes into a store, number by number, with a key of its own."""

    def __init__(self, store: Storage, signer: crypto.FileSigner, did: str = DID) -> None:
        self.store, self.signer, self.did = store, signer, did
        self.seq = 0

    def verify(self, header: jose.Header, signature: bytes, data: bytes) -> bool:
        """As a follower that pinned this key."""
        keys = {f"{self.did}#{self.signer.kid}": self.signer.public_bytes()}
        return jose.verifier(keys, crypto.verified)(header, signature, data)

    async def tell_keys(self) -> None:
        """did.json and the log that proves it, as a house of one key has them: once, before anything else."""
        if await self.store.stat("did.json") is not None:
            return
        name, keeper = "localhost:8000/log", crypto.FileSigner(Ed25519PrivateKey.generate())
        document = did.document(self.did, "http://localhost:8000", name, [], self.signer, keeper)
        uses = (("snapshot", self.signer), ("log", keeper))
        leaves = [log.key_leaf(log.Event.KEY_ADDED, NOW, role, signer.kid) for role, signer in uses]
        edge, files = log.grow([], 0, [log.leaf_hash(leaf) for leaf in leaves])
        tree = note.Checkpoint(name, len(leaves), log.edge_root(edge))
        signed = note.sign_note(tree.text(), name, keeper.public_bytes(), keeper.sign)
        listed = {"v": 1, "leaves": [{"index": at, "leaf": leaf.decode()} for at, leaf in enumerate(leaves)]}
        files |= dict(log.bundles(leaves, 0, 0)) | {"checkpoint": signed.encode()}
        files |= {"did.json": msgspec.json.encode(document), "keys.json": msgspec.json.encode(listed)}
        for key, data in files.items():
            if await self.store.stat(key) is None:
                await self.store.put(key, data)

    async def publish(
        self,
        seals: list[Entry] | None = None,
        listed: list[Listing] | None = None,
        *,
        at: datetime = NOW,
        lasts: timedelta = timedelta(days=8),
        seq: int | None = None,
        manifest_only: bool = False,
    ) -> Manifest:
        await self.tell_keys()
        seals = entries() if seals is None else seals
        listed = listings() if listed is None else listed
        self.seq = seq if seq is not None else self.seq + 1
        refs = []
        for name, (some, listings_) in sharding.arrange(seals, listed).items():
            shard = snapshot.write_shard(name, self.seq, some, listings_)
            data = snapshot.encode_shard(shard)
            refs.append(snapshot.refer(shard, data))
            if not manifest_only:
                await self.store.put(f"snapshot/{snapshot.name_of(data)}", data)
        table = snapshot.encode_table(Table(1, tuple(refs), (words(),)))
        if not manifest_only:
            await self.store.put(f"snapshot/{snapshot.name_of(table)}", table)
            await self.store.put(f"snapshot/{snapshot.name_of(hotlines())}", hotlines())
            for seal in seals:
                await self.store.put(f"credentials/{seal.code}.jwt", credential(seal.code))
        manifest = Manifest(
            1,
            self.seq,
            int(at.timestamp()),
            int((at + lasts).timestamp()),
            len(seals),
            LogRef(50_000, "cm9vdA=="),
            snapshot.name_of(table),
            snapshot.name_of(hotlines()),
        )
        jws = snapshot.sign_manifest(manifest, self.signer, self.did)
        await self.store.put("snapshot/manifest", jws.encode())
        return manifest
