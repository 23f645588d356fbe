"""A door holds no private key: what it believes of keys, the log proves under the one key it pinned."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest

from public_site.app import create_app
from public_site.verification.following import Following
from public_site.verification.trust import Trust
from registry.access.actor import SYSTEM
from registry.core.context import Context
from registry.core.crypto import FileSigner
from registry.core.keyring import Keys
from registry.house import context_of
from registry.seals import note, publication, rotation, service, snapshot
from registry.seals.custody import ANNOUNCED_FOR, NEEDED_FOR
from registry.seals.jose import Untrusted
from registry.seals.snapshot import LogRef, Manifest
from tests.registry.seals.test_service import group

pytestmark = pytest.mark.anyio


class Door:
    """As public_site.app puts it together, with a clock one can set."""

    def __init__(self, context: Context, now: datetime, memory: Path | None = None, given: str = "") -> None:
        self.now = now
        self.trust = Trust(context.published, context.config.did, given, memory)
        self.following = Following(context.published, self.trust, lambda: self.now, prepare=self.trust.look)

    async def sees(self, now: datetime) -> bool:
        """Whether the newest publication was believed."""
        self.now = now
        return await self.following.step()


@pytest.fixture
async def published(db: None, context: Context, now: datetime) -> Context:
    await group(context, now, 2)
    return context


async def publish(context: Context, now: datetime) -> int:
    await service.publish(SYSTEM, now, context, whole=True)
    return int((await publication.standing(publication.Press.of(context))).manifest.seq)  # type: ignore[union-attr]


async def test_a_door_follows_through_every_change_of_key_without_being_told(
    published: Context, now: datetime, tmp_path: Path
) -> None:
    door = Door(published, now, tmp_path / "keys.json")
    assert await door.sees(now) and len(door.trust.jwks()) == 1
    for role in ("snapshot", "log", "issuer"):
        kid = await rotation.announce(SYSTEM, now, published, role)
        await publish(published, now)
        assert await door.sees(now)
        old = getattr(published.keys, role).kid
        now += ANNOUNCED_FOR
        await rotation.activate(SYSTEM, now, published, kid)
        seq = await publish(published, now)
        assert await door.sees(now) and door.following.copy.seq == seq
        now += NEEDED_FOR
        await rotation.retire(SYSTEM, now, published, old)
        seq = await publish(published, now)
        assert await door.sees(now) and door.following.copy.seq == seq
    # A door that starts again believes what it pinned, and only what is left of it.
    again = Door(published, now, tmp_path / "keys.json")
    assert [key["kid"] for key in again.trust.jwks()] == [f"{published.config.did}#{published.keys.snapshot.kid}"]
    assert await again.sees(now)


async def test_a_dropped_key_of_manifests_is_dropped_here_too(published: Context, now: datetime) -> None:
    door = Door(published, now)
    assert await door.sees(now)
    stolen = published.keys.snapshot
    now += timedelta(hours=1)
    await rotation.compromised(SYSTEM, now, published, stolen.kid, now)
    seq = await publish(published, now)
    assert await door.sees(now) and door.following.copy.seq == seq
    # Who stole it and can write to the store is believed no more.
    forged = Manifest(1, seq + 5, int(now.timestamp()), int(now.timestamp()) + 600, 0, LogRef(0, ""), "0" * 64)
    jws = snapshot.sign_manifest(forged, stolen, published.config.did)
    await published.published.put("snapshot/manifest", jws.encode())
    assert not await door.sees(now) and door.following.copy.seq == seq


async def test_a_key_that_only_stands_in_the_store_is_nobodys(
    published: Context, now: datetime, tmp_path: Path
) -> None:
    door = Door(published, now)
    assert await door.sees(now)
    store, name = published.published, publication.log_name(published.config)
    mine = FileSigner.make(tmp_path / "mine.pem")
    document = await store.get("did.json")
    theirs = published.keys.snapshot.public_jwk()
    await store.put(
        "did.json",
        document.replace(published.keys.snapshot.kid.encode(), mine.kid.encode()).replace(
            theirs["x"].encode(), mine.public_jwk()["x"].encode()
        ),
    )
    assert await store.get("did.json") != document
    # The leaf of a key that was never logged, at an index that holds another.
    listed = msgspec.json.decode(await store.get("keys.json"))
    listed["leaves"][1]["leaf"] = listed["leaves"][1]["leaf"].replace(published.keys.snapshot.kid, mine.kid)
    await store.put("keys.json", msgspec.json.encode(listed))
    forged = Manifest(1, 999, int(now.timestamp()), int(now.timestamp()) + 600, 0, LogRef(0, ""), "0" * 64)
    await store.put("snapshot/manifest", snapshot.sign_manifest(forged, mine, published.config.did).encode())
    assert not await door.sees(now) and door.following.copy.seq != 999
    # Nor does a log of their own help.
    tree = note.Checkpoint(name, 4, b"\0" * 32)
    await store.put("checkpoint", note.sign_note(tree.text(), name, mine.public_bytes(), mine.sign).encode())
    await store.put("did.json", document)
    assert not await door.sees(now)
    with pytest.raises(Untrusted, match="no key to believe"):
        await Door(published, now, given=note.vkey(name, mine.public_bytes())).trust.look()


async def test_a_log_whose_key_was_dropped_has_to_be_pinned_anew_by_hand(
    published: Context, now: datetime, tmp_path: Path
) -> None:
    memory = tmp_path / "keys.json"
    door = Door(published, now, memory)
    assert await door.sees(now)
    await rotation.compromised(SYSTEM, now, published, published.keys.log.kid, now)
    seq = await publish(published, now)
    # Manifests are signed by the key that is known, so pages stay; no key after this one would be believed.
    assert await door.sees(now) and door.following.copy.seq == seq
    kid = await rotation.announce(SYSTEM, now, published, "snapshot")
    await rotation.activate(SYSTEM, now, published, kid, emergency=True)
    await publish(published, now)
    assert not await door.sees(now)
    given = note.vkey(publication.log_name(published.config), published.keys.log.public_bytes())
    assert await Door(published, now, memory, given).sees(now)


async def test_a_door_of_strangers_opens_no_private_key(published: Context, now: datetime, tmp_path: Path) -> None:
    """The folder of keys may as well not be there."""
    config = published.config
    (config.data / "keys").rename(tmp_path / "elsewhere")
    strangers = context_of(config, clock=lambda: now, signs=False)
    door = Door(strangers, now)
    assert await door.sees(now) and strangers.keys.derived("report form token")
    assert not (config.data / "keys").exists()


async def test_a_dropped_key_of_seals_is_told_and_another_is_not(published: Context, now: datetime) -> None:
    door = Door(published, now)
    await rotation.compromised(SYSTEM, now, published, published.keys.snapshot.kid, now)
    await publish(published, now)
    assert await door.sees(now) and door.trust.dropped_at is None
    await rotation.compromised(SYSTEM, now, published, published.keys.issuer.kid, now)
    await publish(published, now)
    assert await door.sees(now) and door.trust.dropped_at == now


async def test_what_the_whole_product_serves_was_verified_with_public_keys_alone(
    published: Context, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("signer", "open", "first"):
        monkeypatch.setattr(Keys, name, _never)
    door = create_app(published)
    assert await door.following.step(), door.following.trouble
    async with httpx.AsyncClient(transport=httpx.ASGITransport(door), base_url="http://localhost:8000") as client:
        page = await client.get("/scan/trip")
    [key] = door.trust.jwks()
    assert page.status_code == 200 and key["x"] in page.text


def _never(*_: Any) -> None:
    raise AssertionError("a door of strangers asked for a private key")
