"""The desk of whoever keeps authorities and hotlines, over the whole product."""

import html
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from email import message_from_bytes, policy
from functools import partial
from pathlib import Path
from uuid import UUID

import httpx
import pytest

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import jobs as letters
from registry.accounts import queries as accounts
from registry.accounts import rules as people_rules
from registry.authorities import queries
from registry.authorities.directory import aloud
from registry.authorities.root import Root
from registry.authorities.rules import lacks
from registry.core.context import Context
from registry.core.ids import uuid7
from registry.reports.agent import keys
from tests import people
from tests.registry.authorities.test_service import HOLDERS

Browser = Callable[..., Awaitable[httpx.AsyncClient]]
RECORD = {
    "name_es": "Unidad de Protección", "kind": "child_protection", "places": "Guanacaste\nEscazú", "always": "yes",
    "languages": "es, en", "sexual_exploitation": "yes", "abroad": "yes", "timezone": "America/Costa_Rica",
}  # fmt: skip


async def enrolled(olga: httpx.AsyncClient) -> str:
    answer = await olga.post("/desk/authorities", data=RECORD)
    assert answer.status_code == 303, answer.text[:2000]
    return answer.headers["location"].partition("?")[0]


async def test_an_authority_is_made_ready_at_the_desk(
    db: None, now: datetime, sign_in: Browser, tmp_path: Path
) -> None:
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    (one,) = await queries.dossiers(SYSTEM, now)
    assert one.competence.places == ("CR-G", "CR-SJ/102") and one.abroad
    first = await olga.get(home)
    assert first.status_code == 200 and 'id="lacking"' in first.text
    for public in keys.make(tmp_path / "unit", HOLDERS):
        answer = await olga.post(home + "/keys", data=public)
        assert answer.status_code == 303, answer.text[:2000]
    before = (await olga.get(home)).text
    for key in (await queries.dossier(SYSTEM, one.id, now)).keys:
        assert not any(group in before for group in aloud(key.public).split()), "nor does the page before it show them"
        at = f"{home}/keys/{key.id}"
        shown = await olga.get(at)
        assert key.task in shown.text and aloud(key.public) not in shown.text, "the digits come from its holder"
        wrong = {"fingerprint": "1" * 40, "channel": "phone", "reader": key.holder}
        assert (await olga.post(at + "/fingerprint", data=wrong)).status_code == 422
        assert (
            await olga.post(at + "/fingerprint", data=wrong | {"fingerprint": aloud(key.public)})
        ).status_code == 303
        assert (await olga.post(at + "/answer", data={"answer": "guessed"})).status_code == 422
        opened = keys.proof(tmp_path / "unit", key.task)
        assert (await olga.post(at + "/answer", data={"answer": opened})).status_code == 303
    terms = {
        "reference": "CONV-1", "signatory": "Dirección", "signed_on": now.date().isoformat(),
        "valid_from": now.date().isoformat(), "valid_until": (now.date() + timedelta(days=300)).isoformat(),
        "acknowledge_hours": "48", "urgent_hours": "2", "outcome_days": "60",
    }  # fmt: skip
    assert (await olga.post(home + "/agreements", data=terms | {"acknowledge_hours": "100"})).status_code == 422
    assert (await olga.post(home + "/agreements", data=terms)).status_code == 303
    for post in ("guardia", "jefatura"):
        sent = {"post": post, "email": f"{post}@unidad.example", "phone": "2555-0188" if post == "guardia" else ""}
        assert (await olga.post(home + "/contacts", data=sent | {"phone": "de día"})).status_code == 422
        assert (await olga.post(home + "/contacts", data=sent)).status_code == 303
    (guard,) = [one for one in await queries.contacts(SYSTEM, one.id) if one.phone == "+50625550188"]
    assert "rings no telephone here" in (await olga.get(home, params={"lang": "en"})).text
    for heard, status in (("2555 0199", 422), ("+506 2555 0188", 303)):
        said = await olga.post(home + "/numbers", data={"contact": str(guard.id), "number": heard})
        assert said.status_code == status
    assert "rings no telephone here" not in (await olga.get(home, params={"lang": "en"})).text
    for contact in await queries.contacts(SYSTEM, one.id):
        assert (await olga.post(f"{home}/contacts/{contact.id}/confirmed")).status_code == 303
    done = await queries.dossier(SYSTEM, one.id, now)
    assert lacks(done, now.date()) == [] and done.contacts == 2 and done.agreement is not None
    assert done.agreement.terms.acknowledge_hours == 48
    page = await olga.get(home)
    assert 'id="lacking"' not in page.text and aloud(done.keys[0].public) in page.text
    assert (await olga.get("/desk/authorities")).status_code == 200


async def test_a_mandate_to_receive_files_is_ticked_for_police_and_refused_to_others(
    db: None, now: datetime, sign_in: Browser
) -> None:
    """reporting.md 5.12: off unless it was ticked, read back on the page and by the custodians, and not for others."""
    olga = await sign_in(people.OLGA)
    terms = {
        "reference": "CONV-18", "signatory": "Dirección", "signed_on": now.date().isoformat(),
        "valid_from": now.date().isoformat(), "valid_until": (now.date() + timedelta(days=300)).isoformat(),
        "acknowledge_hours": "48", "urgent_hours": "2", "outcome_days": "60",
    }  # fmt: skip
    other = await enrolled(olga)
    refused = await olga.post(other + "/agreements", data=terms | {"attachments": "yes"})
    assert refused.status_code == 422 and 'id="attachments-error"' in refused.text and "CONV-18" in refused.text
    assert re.search(r'<input[^>]*name="attachments"[^>]*checked', refused.text), "what was ticked stays"
    answer = await olga.post("/desk/authorities", data=RECORD | {"kind": "police"})
    police = answer.headers["location"].partition("?")[0]
    for ticked, told in (({}, "no"), ({"attachments": "yes"}, "its written mandate lets it receive them")):
        assert (await olga.post(police + "/agreements", data=terms | ticked)).status_code == 303
        one = next(one for one in await queries.dossiers(SYSTEM, now) if one.agreement)
        assert one.agreement is not None and one.agreement.attachments is bool(ticked)
        page = await olga.get(police, params={"lang": "en"}, headers={"accept-language": "en"})
        assert re.search(rf"Pictures and documents with a report</dt>\s*<dd[^>]*>\s*{told}", page.text), page.text


async def test_what_was_typed_wrongly_stays_on_the_page(db: None, sign_in: Browser) -> None:
    olga = await sign_in(people.OLGA)
    answer = await olga.post("/desk/authorities", data=RECORD | {"places": "Guanacaste\nAtlantis"})
    assert answer.status_code == 422 and "Atlantis" in answer.text and "Unidad de Protección" in answer.text
    answer = await olga.post("/desk/authorities", data=RECORD | {"always": "", "opens": "25:00", "closes": "8"})
    assert answer.status_code == 422 and 'id="opens-error"' in answer.text


async def test_a_record_is_changed_and_a_key_ended(db: None, now: datetime, sign_in: Browser, tmp_path: Path) -> None:
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    public = keys.make(tmp_path / "unit", HOLDERS)[0]
    await olga.post(home + "/keys", data=public)
    answer = await olga.post(home, data=RECORD | {"places": "CR-SJ/101", "abroad": "", "always": "", "opens": "08:00",
                                                  "closes": "16:00", "days": "weekdays"})  # fmt: skip
    assert answer.status_code == 303, answer.text[:2000]
    (one,) = await queries.dossiers(SYSTEM, now)
    assert one.competence.places == ("CR-SJ/101",) and not one.abroad and not one.always_open
    assert "08:00" in (await olga.get(home)).text
    at = f"{home}/keys/{one.keys[0].id}"
    assert (await olga.post(at + "/test")).status_code == 303
    assert (await olga.post(at + "/end", data={"reason": ""})).status_code == 422
    assert (await olga.post(at + "/end", data={"reason": "se perdió"})).status_code == 303
    assert (await queries.dossier(SYSTEM, one.id, now)).keys[0].revoked_at


async def test_a_private_key_that_is_pasted_is_refused_by_name_and_never_shown_again(
    db: None, now: datetime, sign_in: Browser
) -> None:
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    secret = "AGE-SECRET-KEY-1" + "Q" * 46
    for form in ({"public": secret}, {"public": secret.lower()}, {"holder": secret, "public": "age1x"}):
        answer = await olga.post(home + "/keys", data={"use": "working", "holder": "Guardia"} | form)
        assert answer.status_code == 422 and secret.upper() not in answer.text.upper()
        assert "hágala de nuevo" in answer.text, "it says that it was the secret half"
    assert (
        await olga.post(home + "/keys", data={"use": "working", "public": "age1x", "holder": "Guardia"})
    ).text.count("age1x"), "what is no secret is given back"
    await olga.post(home + "/keys", data={"use": "signing", "public": "A" * 43, "holder": "agent"})
    (one,) = await queries.dossiers(SYSTEM, now)
    at = f"{home}/keys/{one.keys[0].id}"
    for path, form in (("/answer", {"answer": secret}), ("/fingerprint", {"fingerprint": secret, "reader": "x"})):
        answer = await olga.post(at + path, data=form)
        assert answer.status_code == 422 and secret not in answer.text


async def test_the_page_has_the_lines_that_start_its_agent(
    db: None, now: datetime, sign_in: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = Root(2, ("A" * 43, "B" * 42 + "A", "C" * 42 + "A"))
    monkeypatch.setattr(queries, "root", lambda _config: root)
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    line = f'registry authority settle --keys KEYS --authority {home.rpartition("/")[2]} --root "{root}"'
    assert line in html.unescape((await olga.get(home)).text)


async def test_an_officer_of_the_authority_is_invited_there_comes_in_and_is_ended(
    db: None, context: Context, now: datetime, sign_in: Browser
) -> None:
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    where = UUID(home.rpartition("/")[2])
    office = partial(accounts.office, await people.enter(people.OLGA, now), now, Role.AUTHORITY_OFFICER, where)
    form = {"name": "Ernesto Solano", "email": people.ERNESTO.email, "language": "es"}
    refused = await olga.post(home + "/people", data=form | {"email": "x"})
    assert refused.status_code == 422 and "Ernesto Solano" in refused.text
    answer = await olga.post(home + "/people", data=form)
    assert answer.status_code == 303, answer.text[:2000]
    (row,) = (await office()).invited
    assert row.email == people.ERNESTO.email and people.ERNESTO.email in (await olga.get(home)).text
    await letters.send_invitation(context, now, {"invitation": str(row.id)})
    (letter,) = (context.config.data / "mail").glob(f"invitation-{row.id}-*.eml")
    said = message_from_bytes(letter.read_bytes(), policy=policy.default).get_content()
    assert "Unidad de Protección" in said, "the letter says of which authority"
    assert (await olga.post(home + "/people", data=form)).status_code == 409, "an open one is not sent twice"
    at = f"{home}/people/invited/{row.id}"
    assert (await olga.post(at + "/resend")).status_code == 303 and (await olga.post(at + "/end")).status_code == 303
    assert (await office()).invited == [] and (await olga.post(at + "/end")).status_code == 404

    other = await enrolled(olga)
    ernesto = await sign_in(people.ERNESTO, where)
    assert (await ernesto.get("/desk/authority")).status_code == 200
    (person,) = (await office()).people
    page = (await olga.get(home)).text
    assert person.name in page and person.name not in (await olga.get(other)).text
    assert (await olga.post(f"{other}/people/{person.roles[0].id}/end")).status_code == 404, "not of that authority"
    assert (await ernesto.post(f"{home}/people/{person.roles[0].id}/end")).status_code in (403, 404)
    assert (await olga.post(f"{home}/people/{person.roles[0].id}/end")).status_code == 303
    assert (await office()).people == []
    assert (await ernesto.get("/desk/authority")).status_code in (403, 404)


async def test_operators_of_a_hotline_and_trained_reporters_are_offered_on_the_page_of_people(
    db: None, sign_in: Browser
) -> None:
    olga, irene = await sign_in(people.OLGA), await sign_in(people.IRENE, uuid7())
    assert 'value="hotline_operator"' in (await olga.get("/desk/people")).text
    assert 'value="trained_reporter"' in (await irene.get("/desk/people")).text


async def test_a_hotline_is_added_rung_and_retired(db: None, now: datetime, sign_in: Browser) -> None:
    olga = await sign_in(people.OLGA)
    line = {
        "kind": "child_protection", "name_es": "Protección", "numbers": "2555-0147", "languages": "es", "always": "yes",
        "timezone": "America/Costa_Rica", "source": "Sitio del servicio", "owner": "Operación", "place": "Escazú",
        "owner_email": "operacion@registro.example",
    }  # fmt: skip
    assert (await olga.post("/desk/hotlines", data=line | {"numbers": "llame"})).status_code == 422
    assert (await olga.post("/desk/hotlines", data=line | {"source": ""})).status_code == 422
    answer = await olga.post("/desk/hotlines", data=line)
    assert answer.status_code == 303, answer.text[:2000]
    (kept,) = await queries.kept_lines()
    assert kept.line.place == "CR-SJ/102" and kept.line.source and kept.owner_email == line["owner_email"]
    at = f"/desk/hotlines/{kept.line.id}"
    assert "Operación" in (await olga.get(at)).text and "2555-0147" in (await olga.get("/desk/hotlines")).text
    assert (await olga.post(at + "/rung", data={"rung_by": "Guardia"})).status_code == 422, "nobody answered"
    assert (await olga.post(at + "/rung", data={"rung_by": "Guardia", "answered": "yes"})).status_code == 303
    assert (await queries.kept_lines())[0].line.checked_by == "Guardia"
    assert (await olga.post(at + "/retired", data={"reason": "ya no contesta"})).status_code == 303
    assert await queries.kept_lines() == [] and (await olga.get(at)).status_code == 404


@pytest.mark.parametrize("language", ["es", "en", "pt", "fr"])
async def test_the_pages_speak_four_languages(db: None, sign_in: Browser, language: str) -> None:
    olga = await sign_in(people.OLGA)
    home = await enrolled(olga)
    heads = set()
    for path in ("/desk/authorities", home, "/desk/hotlines"):
        page = await olga.get(path, params={"lang": language})
        assert page.status_code == 200 and f'lang="{language}"' in page.text
        heads |= set(re.findall(r"<h2[^>]*>([^<]+)", page.text))
    assert len(heads) > 5


async def test_a_trained_reporter_is_told_the_route_of_one_minute_and_sees_nothing_else(
    db: None, now: datetime, sign_in: Browser
) -> None:
    chamber = uuid7()
    rosa = await sign_in(people.Person("Rosa", "rosa@sindicato.example", Role.TRAINED_REPORTER), chamber)
    page = await rosa.get("/desk/one-minute")
    assert page.status_code == 200 and 'href="/report"' in page.text
    for path in ("/desk/authorities", "/desk/hotlines", "/desk/authority", "/desk/board", "/desk/members"):
        assert (await rosa.get(path)).status_code in (403, 404), path
    irene = await sign_in(people.IRENE, chamber)
    assert 'href="/desk/people"' in (await irene.get("/desk/one-minute")).text


def test_an_association_enrols_its_own_trained_reporters_and_nobody_elses() -> None:
    mine, other = uuid7(), uuid7()
    admin = [(Role.ASSOCIATION_ADMIN, mine)]
    assert people_rules.may_give(admin, Role.TRAINED_REPORTER, mine)
    assert not people_rules.may_give(admin, Role.TRAINED_REPORTER, other)
    assert not people_rules.may_give(admin, Role.TRAINED_REPORTER, None)
    assert not people_rules.may_give([(Role.TRAINED_REPORTER, mine)], Role.TRAINED_REPORTER, mine)
