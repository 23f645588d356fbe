"""The proof page: computed from the published tiles alone, equal to the whole tree's proof, checked before shown."""

import httpx
import msgspec
import pytest

from public_site.app import Door
from public_site.verification.proof import prove
from registry.core.context import Context
from registry.seals import log, note, publication, snapshot, tlog_proof
from registry.seals.publication import Press
from registry.seals.tiles import Tiles
from tests.public_site.world import HOTEL, NOW, credential, entries, entry, words

pytestmark = pytest.mark.anyio
SIZES = (1, 2, 3, 255, 256, 257, 511, 513, 777, 66_000)


@pytest.mark.parametrize("size", SIZES)
async def test_a_few_tiles_give_the_proof_that_the_whole_tree_gives(size: int) -> None:
    leaves = [f"leaf {number}".encode() for number in range(size)]
    hashes = [log.leaf_hash(leaf) for leaf in leaves]
    _, files = log.grow([], 0, hashes)
    asked = []

    async def get(path: str) -> bytes:
        asked.append(path)
        return files[path]

    root = log.root(hashes)
    for index in {0, size // 3, size // 2, size - 1}:
        asked.clear()
        path = await Tiles(get, size).inclusion(index)
        assert log.included(hashes[index], index, size, path, root)
        assert len(asked) <= 6, "never the whole log"


async def published(house: Context) -> None:
    """Three hundred events, the last of them this hotel's, written by the registry's own publisher."""
    kid = house.keys.snapshot.kid
    leaves = [log.key_leaf(log.Event.KEY_ADDED, NOW, "snapshot", kid)]
    leaves += [b"another %d" % number for number in range(298)] + [b'{"t":"seal.issued"}']
    seals = [entry(HOTEL, log_index=299, issued_index=299)]
    press, store = Press.of(house), house.published

    async def some(start: int, end: int) -> list[bytes]:
        return leaves[start:end]

    await publication.write_keys(press, [(0, leaves[0])])
    checkpoint = await publication.write_log(press, [], 0, 300, some, None)
    ref, data = snapshot.pack("CR-G", 1, seals, [])
    await store.put(f"snapshot/{ref.sha256}", data)
    root = await publication.write_table(press, snapshot.Table(1, (ref,), (words(),)))
    await store.put(f"credentials/{HOTEL}.jwt", credential(HOTEL))
    await publication.write_manifest(press, NOW, 1, checkpoint, 1, root, "")


async def test_what_the_registry_publishes_is_what_this_door_reads_and_proves(house: Context, door: Door) -> None:
    await published(house)
    assert await door.following.step(), door.following.trouble
    transport = httpx.ASGITransport(door)
    async with httpx.AsyncClient(transport=transport, base_url="http://localhost:8000") as client:
        client.headers["accept-language"] = "es"
        assert 'class="verdict valid"' in (await client.get(f"/S/{HOTEL}")).text
        page = (await client.get(f"/s/{HOTEL}/proof")).text
        assert "anotación 299 de 300" in page
        text = (await client.get(f"/s/{HOTEL}/proof.txt")).text
        assert text.startswith("c2sp.org/tlog-proof@v1\nextra ") and "\nindex 299\n" in text
        offline = await client.get(f"/S/{HOTEL}.tlog-proof")
        assert offline.headers["content-type"] == "text/plain; charset=utf-8" and offline.text == text
        proof = tlog_proof.read(text)
        assert proof.leaf == b'{"t":"seal.issued"}' and proof.text() == text
        # Enough witnesses have seen it: then theirs is the checkpoint that travels.
        cosigned = proof.signed + note.Line("w.example", b"abcd", b"seen").text()
        await house.published.put("checkpoint.cosigned", cosigned.encode())
        assert (await client.get(f"/s/{HOTEL}/proof.txt")).text == text.replace(proof.signed, cosigned)
        tile = await client.get("/log/tile/0/000")
        assert "immutable" in tile.headers["cache-control"]
        # A part of a tile keeps its bytes too: its width is in its name.
        assert "immutable" in (await client.get("/log/tile/0/001.p/44")).headers["cache-control"]
        head = await client.get("/log/checkpoint")
        assert head.headers["content-type"] == "text/plain; charset=utf-8"
        assert head.headers["cache-control"] == "public, max-age=1, must-revalidate"
        for address, kind in (("/.well-known/did.json", "application/did+json"), ("/log/checkpoint", "text/plain"),
                              ("/.well-known/jwks.json", "application/jwk-set+json")):  # fmt: skip
            answer = await client.get(address)
            assert answer.status_code == 200
            assert answer.headers["content-type"].startswith(kind)
            assert answer.headers["access-control-allow-origin"] == "*"
        assert (await client.get("/s/0000000000000000/proof")).status_code == 404


async def test_a_log_that_was_tampered_with_is_not_shown_as_proof(house: Context) -> None:
    await published(house)
    seal = entry(HOTEL, log_index=299)
    assert await prove(house.published, seal) is not None
    tile = await house.published.get("tile/0/001.p/44")
    await house.published.put("tile/0/001.p/44", b"\0" * 32 + tile[32:])
    assert await prove(house.published, seal) is None
    later = msgspec.structs.replace(seal, log_index=300)
    assert await prove(house.published, later) is None, "not in the log yet"
    assert len(entries()) > 1
