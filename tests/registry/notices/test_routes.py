"""From a stranger's two taps to the officer's list, over the whole product."""

import httpx
import pytest

from registry.core.db import fetch
from tests import people
from tests.conftest import Browser

pytestmark = pytest.mark.anyio
CODE = "7K3M9QXT2W4HVN40"


async def test_a_notice_is_thanked_for(client: httpx.AsyncClient) -> None:
    form = {"about": "mismatch", "code": CODE, "seen": "TSJ 9999"}
    answer = await client.post("/notice", data=form)
    assert answer.status_code == 303
    assert answer.headers["location"] == f"/notice?code={CODE}"
    page = await client.get(answer.headers["location"], headers={"accept-language": "es"})
    assert "Gracias. El registro tiene su aviso." in page.text
    assert "set-cookie" not in page.headers


async def test_a_notice_that_cannot_be_kept_is_given_back(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(*_args: object, **_options: object) -> None:
        raise OSError("no database")

    monkeypatch.setattr("registry.notices.service.record", away)
    form = {"about": "mismatch", "code": CODE, "seen": "<b>TSJ 9999"}
    answer = await client.post("/notice", data=form, headers={"accept-language": "es"})
    assert answer.status_code == 422
    assert "&lt;b&gt;TSJ 9999" in answer.text
    assert "No pudimos guardar su aviso" in answer.text


NOTHING_SAID = [{}, {"about": "x", "code": "y"}, {"about": "mismatch"}, {"about": "mismatch", "code": " "}]


@pytest.mark.parametrize("form", NOTHING_SAID)
async def test_what_says_nothing_is_not_kept(client: httpx.AsyncClient, form: dict[str, str]) -> None:
    assert (await client.post("/notice", data=form)).status_code == 422


async def test_the_officer_has_a_list_and_others_do_not(sign_in: Browser, client: httpx.AsyncClient) -> None:
    olga = await sign_in(people.OLGA)
    assert (await olga.get("/desk/notices")).status_code == 200
    assert (await olga.get("/desk/notices?state=closed")).status_code == 200
    tomas = await sign_in(people.TOMAS)
    assert (await tomas.get("/desk/notices")).status_code in (403, 404)
    assert (await client.get("/desk/notices")).status_code == 303


async def test_the_officer_closes_a_notice_with_words(sign_in: Browser) -> None:
    id = "01932f5e-7c1a-5b3e-9d2f-0123456789ab"
    await fetch(
        "INSERT INTO mismatch_notice (id, about, code, seen, told_on, state, outcome)"
        " VALUES ($1, 'still_shown', $2, 'Muelle', '2026-11-20', 'open', '')",
        id, CODE,
    )  # fmt: skip
    olga = await sign_in(people.OLGA)
    assert "Muelle" in (await olga.get("/desk/notices")).text
    assert (await olga.post(f"/desk/notices/{id}", data={"outcome": "no"})).status_code == 422
    words = {"outcome": "Visited; the sticker is gone."}
    assert (await olga.post(f"/desk/notices/{id}", data=words)).status_code == 303
    assert "Visited" in (await olga.get(f"/desk/notices/{id}")).text
    assert "Muelle" not in (await olga.get("/desk/notices")).text
