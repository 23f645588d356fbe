"""The interface for programs: what it promises is what it answers."""

import httpx
import pytest

from public_site.app import Door
from tests.public_site.world import BOAT, HOTEL, TAXI, UNKNOWN, WITHDRAWN, World, entry

pytestmark = pytest.mark.anyio


async def test_every_endpoint_is_described_and_answers(visitor: httpx.AsyncClient) -> None:
    told = (await visitor.get("/api/v1/openapi.json")).json()
    assert told["openapi"].startswith("3.1")
    assert set(told["paths"]) == {
        "/api/v1/seals/{code}", "/api/v1/search", "/api/v1/directory", "/api/v1/changes", "/api/v1/hotlines",
        "/api/v1/availability", "/api/v1/status",
    }  # fmt: skip
    for path in told["paths"]:
        asked = {"search": "?q=laguna", "availability": "?place=CR-G"}.get(path.rpartition("/")[2], "")
        address = path.replace("{code}", HOTEL) + asked
        answer = await visitor.get(address)
        assert answer.status_code == 200, path
        assert answer.headers["access-control-allow-origin"] == "*", path
        again = await visitor.get(address, headers={"if-none-match": answer.headers["etag"]})
        assert again.status_code == 304, path
    page = (await visitor.get("/api", headers={"accept": "text/html"})).text
    assert all(path in page for path in told["paths"])


async def test_answers_are_as_described(visitor: httpx.AsyncClient) -> None:
    from jsonschema import Draft202012Validator

    told = (await visitor.get("/api/v1/openapi.json")).json()
    for path, address in (("search", "search?q=laguna"), ("directory", "directory?region=CR-G"), ("changes", "changes"),
                          ("hotlines", "hotlines?place=CR-G"), ("availability", "availability?place=CR-G"),
                          ("status", "status")):  # fmt: skip
        schema = told["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {"components": told["components"], **schema}
        Draft202012Validator(whole).validate((await visitor.get(f"/api/v1/{address}")).json())


@pytest.mark.parametrize("code", [TAXI, HOTEL, BOAT, WITHDRAWN, UNKNOWN, "7K3M9QXT2W4HVN8C"])
async def test_a_verdict_is_as_described(visitor: httpx.AsyncClient, code: str) -> None:
    from jsonschema import Draft202012Validator

    told = (await visitor.get("/api/v1/openapi.json")).json()
    answer = await visitor.get(f"/api/v1/seals/{code}")
    said = told["paths"]["/api/v1/seals/{code}"]["get"]["responses"][str(answer.status_code)]
    schema = said["content"]["application/json"]["schema"]
    Draft202012Validator({"components": told["components"], **schema}).validate(answer.json())


async def test_a_status_number_is_told_as_lists_and_indexes(
    visitor: httpx.AsyncClient, door: Door, world: World
) -> None:
    """Number 131,072 is the first of the second list."""
    await world.publish([entry(HOTEL, status_index=131_072 + 7)])
    await door.following.step()
    told = (await visitor.get(f"/s/{HOTEL}.json")).json()
    assert [(one["statusPurpose"], one["statusListIndex"]) for one in told["status"]] == [
        ("revocation", "7"), ("suspension", "7"),
    ]  # fmt: skip
    [linked] = (await visitor.get(f"/s/{HOTEL}.linkset")).json()["linkset"]
    for one, link in zip(told["status"], linked["status"], strict=True):
        assert one["statusListCredential"] == link["href"]
        assert link["href"].endswith(f"/log/status/{one['statusPurpose']}/2")
        assert (link["statusListIndex"], link["statusPurpose"]) == (["7"], [one["statusPurpose"]])


async def test_a_plate_answers_for_itself_alone(visitor: httpx.AsyncClient) -> None:
    found = (await visitor.get("/api/v1/search", params={"q": "tsj 4417"})).json()
    assert found["vehicle"] == {"plate": "TSJ4417", "state": "valid", "since": "2026-05-05T06:00:00Z"}
    assert found["seals"] == []
    assert TAXI not in str(found)


async def test_pages_of_the_directory_follow_each_other(visitor: httpx.AsyncClient) -> None:
    first = (await visitor.get("/api/v1/directory")).json()
    assert first["total"] == len(first["seals"]) == 6
    assert first["next"] is None
    assert (await visitor.get("/api/v1/directory?page=2")).json()["seals"] == []
    only = (await visitor.get("/api/v1/directory?state=committed&region=CR-A")).json()
    assert [seal["name"] for seal in only["seals"]] == ["Cabinas Río Tibio"]


@pytest.mark.parametrize(
    ("address", "status"),
    [("search", 422), ("directory?page=0", 422), ("changes?since=-1", 422), ("changes?since=x", 422),
     (f"seals/{UNKNOWN}", 404), ("seals/7K3M9QXT2W4HVN8C", 400), ("nowhere", 404)],
)  # fmt: skip
async def test_what_is_wrong_is_told_as_a_problem(visitor: httpx.AsyncClient, address: str, status: int) -> None:
    answer = await visitor.get(f"/api/v1/{address}")
    assert answer.status_code == status
    assert answer.headers["content-type"].startswith("application/")
    if not address.startswith("seals/"):
        assert answer.headers["content-type"].startswith("application/problem+json")
        assert answer.json()["status"] == status
