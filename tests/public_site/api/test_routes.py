"""The interface for programs: what it promises is what it answers."""

import httpx
import pytest

from tests.public_site.world import HOTEL, TAXI, UNKNOWN

pytestmark = pytest.mark.anyio


async def test_every_endpoint_is_described_and_answers(visitor: httpx.AsyncClient) -> None:
    told = (await visitor.get("/api/v1/openapi.json")).json()
    assert told["openapi"].startswith("3.1")
    assert set(told["paths"]) == {
        "/api/v1/seals/{code}", "/api/v1/search", "/api/v1/directory", "/api/v1/changes", "/api/v1/hotlines",
        "/api/v1/status",
    }  # fmt: skip
    for path in told["paths"]:
        address = path.replace("{code}", HOTEL) + ("?q=laguna" if path.endswith("search") else "")
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
                          ("hotlines", "hotlines?place=CR-G"), ("status", "status")):  # fmt: skip
        schema = told["paths"][f"/api/v1/{path}"]["get"]["responses"]["200"]["content"]["application/json"]["schema"]
        whole = {"components": told["components"], **schema}
        Draft202012Validator(whole).validate((await visitor.get(f"/api/v1/{address}")).json())


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
