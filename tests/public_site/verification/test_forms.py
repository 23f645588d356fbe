"""One address, seven forms: which is chosen, what each says, and what a reader gets who takes none."""

from datetime import timedelta

import httpx
import msgspec
import pytest

from public_site.app import Door
from public_site.verification import lines
from public_site.verification.rules import Reason, State
from registry.core.i18n import LANGUAGES
from registry.seals.code import ALPHABET, grouped
from tests.public_site.conftest import Hands
from tests.public_site.world import BOAT, BY_STATE, HOTEL, NOW, TAXI, UNKNOWN, World, credential

pytestmark = pytest.mark.anyio
FOR_PROGRAMS = ("application/json", "application/vc+jwt", "application/vc", "application/ld+json",
                "application/linkset+json", "text/plain")  # fmt: skip
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


def varies(answer: httpx.Response) -> set[str]:
    """What a cache has to look at: whole names, since "accept" is the beginning of others."""
    return {name.strip().lower() for name in answer.headers["vary"].split(",")}


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "text/html"),
        ("*/*", "text/html"),
        (BROWSER, "text/html"),
        ("text/*", "text/html"),
        ("text/plain", "text/plain"),
        ("application/json", "application/json"),
        ("application/vc+jwt", "application/vc+jwt"),
        ("application/vc", "application/vc"),
        ("application/ld+json", "application/ld+json"),
        ("application/linkset+json", "application/linkset+json"),
        ("application/linkset+json;q=0.4, application/vc+jwt;q=0.5", "application/vc+jwt"),
        ("application/vc+jwt;q=0.9, application/json;q=0.91, text/html;q=0.1", "application/json"),
        ("image/png, application/ld+json;q=0.2, */*;q=0.1", "application/ld+json"),
        ("text/html;q=0, */*;q=0.5", "application/json"),
        ("Application/VC+JWT", "application/vc+jwt"),
    ],
)
async def test_the_form_that_is_liked_best_is_given(visitor: httpx.AsyncClient, accept: str, kind: str) -> None:
    answer = await visitor.get(f"/s/{HOTEL}", headers={"accept": accept})
    assert answer.status_code == 200
    assert answer.headers["content-type"].split(";")[0] == kind
    assert "accept" in varies(answer)
    assert answer.headers["etag"]
    head = await visitor.head(f"/s/{HOTEL}", headers={"accept": accept})
    assert (head.content, head.headers["content-type"]) == (b"", answer.headers["content-type"])
    assert head.headers["content-length"] == answer.headers["content-length"] != "0"
    assert (answer.headers.get("access-control-allow-origin") == "*") is (kind in FOR_PROGRAMS)


@pytest.mark.parametrize(
    ("suffix", "kind"),
    [
        (".json", "application/json"), (".jwt", "application/vc+jwt"), (".vc", "application/vc"),
        (".linkset", "application/linkset+json"), (".txt", "text/plain"), (".JWT", "application/vc+jwt"),
    ],
)  # fmt: skip
async def test_an_ending_says_the_form_where_accept_cannot(visitor: httpx.AsyncClient, suffix: str, kind: str) -> None:
    for accept in ("*/*", "text/html", "image/png"):
        answer = await visitor.get(f"/S/{grouped(HOTEL).lower()}{suffix}", headers={"accept": accept})
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
        assert answer.headers["access-control-allow-origin"] == "*"


async def test_an_unsecured_credential_never_leaves(visitor: httpx.AsyncClient) -> None:
    """Asked for JSON-LD, the house gives the signed credential in its JSON-LD envelope."""
    for kind in ("application/ld+json", "application/vc"):
        said = (await visitor.get(f"/s/{HOTEL}", headers={"accept": kind})).json()
        assert said.keys() == {"@context", "type", "id"}
        assert said["type"] == "EnvelopedVerifiableCredential"
        assert said["id"] == f"data:application/vc+jwt,{credential(HOTEL).decode()}"


async def test_the_links_lead_where_they_say(visitor: httpx.AsyncClient) -> None:
    page = await visitor.get(f"/s/{HOTEL}")
    address, rel, kind = page.headers["link"].split("; ")
    assert (rel, kind) == ('rel="linkset"', 'type="application/linkset+json"')
    [context] = (await visitor.get(address.strip("<>"))).json()["linkset"]
    assert context.pop("anchor") == f"http://localhost:8000/s/{HOTEL}"
    assert {"alternate", "status", "describedby", "untp:dcc", "https://c2sp.org/tlog-proof"} == context.keys()
    assert [link["href"] for link in context["untp:dcc"]] == [f"http://localhost:8000/s/{HOTEL}.jwt"]
    assert len(context["status"]) == 2
    for link in context["alternate"]:
        answer = await visitor.get(link["href"], headers={"accept": link["type"]})
        assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, link["type"])


async def test_the_text_says_the_verdict_and_what_to_compare(visitor: httpx.AsyncClient) -> None:
    english = {"accept": "text/plain", "accept-language": "en"}
    taxi = (await visitor.get(f"/s/{TAXI}", headers=english)).text.splitlines()
    assert taxi[0].endswith("911")
    assert taxi[2:4] == ["Valid", "It meets the criteria."]
    assert {"TSJ\N{NO-BREAK SPACE}4417", grouped(TAXI), f"http://localhost:8000/s/{TAXI}"} <= {*taxi}
    boat = (await visitor.get(f"/s/{BOAT}", headers=english)).text
    assert "Suspended\nThis seal has not been valid since" in boat
    assert "<" not in boat


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("state", "code"), BY_STATE.items())
async def test_every_state_has_its_text(visitor: httpx.AsyncClient, state: str, code: str, language: str) -> None:
    asked = {"accept": "text/plain", "accept-language": language}
    answer, page = [await visitor.get(f"/s/{code}", headers=asked | more) for more in ({}, {"accept": "text/html"})]
    assert answer.status_code == page.status_code == (404 if state == "unknown" else 200)
    assert answer.headers["content-language"] == language
    assert "%(" not in answer.text
    if language != "en":
        assert all(f"{line}\n" not in answer.text for line in lines.HEADINGS.values())


def test_every_reason_has_its_heading_and_its_sentence() -> None:
    assert lines.HEADINGS.keys() == lines.SENTENCES.keys() == {*Reason}


async def test_what_nobody_offers_is_406_with_a_list_in_the_readers_language(visitor: httpx.AsyncClient) -> None:
    told = {}
    for language in LANGUAGES:
        for accept in ("image/png", "application/xml;q=1.0", "text/html;q=0"):
            answer = await visitor.get(f"/s/{HOTEL}", headers={"accept": accept, "accept-language": language})
            assert answer.status_code == 406
            assert answer.headers["content-type"] == "application/problem+json"
            assert "accept" in varies(answer)
        problem = answer.json()
        told[language] = problem["detail"]
        offered = {one["type"]: one.get("address") for one in problem["available"]}
        assert offered.keys() == {
            "text/html", "application/json", "application/vc+jwt", "application/vc", "application/ld+json",
            "application/linkset+json", "text/plain",
        }  # fmt: skip
        assert offered["application/vc+jwt"] == f"http://localhost:8000/s/{HOTEL}.jwt"
    assert len({*told.values()}) == len(LANGUAGES)


@pytest.mark.parametrize("suffix", [".json", ".jwt", ".vc", ".linkset", ".txt", ""])
async def test_unknown_is_404_and_mistyped_400_in_every_form(visitor: httpx.AsyncClient, suffix: str) -> None:
    assert (await visitor.get(f"/s/{UNKNOWN}{suffix}")).status_code == 404
    assert (await visitor.get(f"/s/7K3M9QXT2W4HVN8X{suffix}")).status_code == 400


async def test_a_stale_copy_is_no_text_of_validity_either(visitor: httpx.AsyncClient, door: Door, clock: Hands) -> None:
    clock.at += timedelta(minutes=10)
    answer = await visitor.get(f"/s/{TAXI}.txt", headers={"accept-language": "en"})
    assert answer.status_code == 503
    assert "We cannot confirm it now" in answer.text
    assert "\nValid\n" not in answer.text


async def test_the_schema_of_our_credentials_is_public(visitor: httpx.AsyncClient) -> None:
    answer = await visitor.get("/profile/seal-1.json")
    assert answer.headers["access-control-allow-origin"] == "*"
    assert answer.headers["content-type"] == "application/schema+json"
    assert answer.json()["$id"] == "urn:resguardo:seal:profile:1"


@pytest.mark.parametrize(
    ("address", "key", "kind"),
    [
        ("/.well-known/did.json", "did.json", "application/did+json"),
        ("/.well-known/jwks.json", "jwks.json", "application/jwk-set+json"),
        ("/log/status/suspension/1", "status/suspension/1", "application/vc+jwt"),
        ("/log/tile/0/000.p/3", "tile/0/000.p/3", "application/octet-stream"),
        ("/log/tile/entries/000.p/3", "tile/entries/000.p/3", "application/octet-stream"),
        ("/log/checkpoint", "checkpoint", "text/plain"),
        ("/log/snapshot/manifest", "snapshot/manifest", "application/jose"),
    ],
)
async def test_other_peoples_pages_may_read_what_proves_a_seal(
    visitor: httpx.AsyncClient, world: World, address: str, key: str, kind: str
) -> None:
    await world.store.put(key, b"{}")
    answer = await visitor.get(address)
    assert (answer.status_code, answer.headers["content-type"].split(";")[0]) == (200, kind)
    assert answer.headers["access-control-allow-origin"] == "*"
    assert "set-cookie" not in answer.headers


SAME = [TAXI, TAXI.lower(), grouped(TAXI), grouped(TAXI).lower(), f" {grouped(TAXI)} ".replace("-", " ")]


async def test_every_way_to_write_a_code_is_one_seal_without_a_redirect(visitor: httpx.AsyncClient) -> None:
    """O for 0, I and L for 1, hyphens, spaces, lower case, both prefixes (seals.md 7, check 5)."""
    confused = [
        typed.replace("0", zero).replace("1", one)
        for typed in (HOTEL, BOAT, BY_STATE["expired"], BY_STATE["withdrawn"])
        for zero, one in (("O", "I"), ("o", "l"), ("0", "L"), ("O", "i"))
    ]
    for typed in [*SAME, *confused, *map(grouped, confused)]:
        said = set()
        for prefix in ("/s/", "/S/"):
            answer = await visitor.get(f"{prefix}{typed}", headers={"accept": "application/json"})
            assert answer.status_code == 200, typed
            assert not answer.history
            said.add(msgspec.json.decode(answer.content)["code"])
        assert len(said) == 1


async def test_no_code_with_one_character_wrong_is_looked_up(
    visitor: httpx.AsyncClient, door: Door, monkeypatch: pytest.MonkeyPatch
) -> None:
    """seals.md 7, check 4: all 31 × 16 are refused by their check characters, without a question to anything kept."""
    looked: list[str] = []
    found = type(door.following.copy).find
    monkeypatch.setattr(type(door.following.copy), "find", lambda copy, code: looked.append(code) or found(copy, code))
    wrong = {TAXI[:place] + letter + TAXI[place + 1 :] for place in range(16) for letter in ALPHABET} - {TAXI}
    assert len(wrong) == 31 * 16
    for typed in wrong:
        _, _, verdict = door.answers.look(typed, NOW)
        assert verdict.state is State.MISTYPED
    for typed in sorted(wrong)[::50]:
        assert (await visitor.get(f"/s/{typed}")).status_code == 400
    assert looked == []
    assert (await visitor.get(f"/s/{TAXI}")).status_code == 200
    assert looked == [TAXI], "and this is where it would have shown"
