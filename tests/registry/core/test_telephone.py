"""What is rung is handed to a gateway that speaks Twilio's documented API, or kept where somebody sees it."""

import json
from pathlib import Path

import httpx
import pytest

from registry.config import Config
from registry.core import outgoing, telephone
from registry.core.commands import unheard
from registry.core.telephone import Gateway, NotTaken, Spool, e164, open_telephone
from tests.channel.exchange import FROM, SID, Exchange, Rung

WORDS = "Algo <espera> & urge «ya»"
TO = "+50625550188"


async def test_a_text_and_a_call_arrive_as_they_were_meant() -> None:
    with Exchange() as exchange:
        gateway = Gateway(exchange.url, FROM)
        await gateway.send(TO, WORDS)
        await gateway.call(TO, WORDS, "pt")
        assert exchange.taken == [Rung("Messages", TO, WORDS), Rung("Calls", TO, WORDS, "pt-BR", "3")]


@pytest.mark.parametrize(("status", "certain"), [(429, True), (400, True), (500, False), (503, False)])
async def test_a_refusal_is_certain_and_a_gateways_own_trouble_is_not(status: int, certain: bool) -> None:
    with Exchange() as exchange:
        exchange.trouble = status
        with pytest.raises(ConnectionError) as met:
            await Gateway(exchange.url, FROM).call(TO, WORDS, "es")
        assert isinstance(met.value, NotTaken) is certain and str(status) in str(met.value)
        assert not exchange.taken


async def test_a_wrong_password_and_a_wrong_number_are_refused_for_certain() -> None:
    with Exchange() as exchange:
        with pytest.raises(NotTaken):
            await Gateway(exchange.url.replace("geheim", "offen"), FROM).send(TO, WORDS)
        with pytest.raises(NotTaken):
            await Gateway(exchange.url, FROM).send("2555-0188", WORDS)
        assert not exchange.taken


async def test_silence_of_a_gateway_may_have_rung(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(telephone, "WITHIN", 0.2)
    with Exchange() as exchange:
        exchange.silent = 1.0
        with pytest.raises(TimeoutError):
            await Gateway(exchange.url, FROM).send(TO, WORDS)
        assert len(exchange.taken) == 1, "so nobody may ring again at once"


async def test_a_gateway_that_is_not_there_rang_nobody() -> None:
    with Exchange() as exchange:
        url = exchange.url
    with pytest.raises(NotTaken):
        await Gateway(url, FROM).send(TO, WORDS)


async def test_a_redirect_takes_the_password_nowhere(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[str] = []

    def elsewhere(request: httpx.Request) -> httpx.Response:
        seen.append(request.url.host)
        return httpx.Response(307, headers={"location": "https://elsewhere.test/"})

    kind = httpx.AsyncClient
    monkeypatch.setattr(telephone.httpx, "AsyncClient", lambda: kind(transport=httpx.MockTransport(elsewhere)))
    with pytest.raises(outgoing.Unfit):
        await Gateway(f"https://{SID}:p@gateway.test/2010-04-01/Accounts/{SID}", FROM).send(TO, WORDS)
    assert seen == ["gateway.test"]


async def test_without_a_gateway_it_is_kept_in_the_spool(tmp_path: Path) -> None:
    kept = open_telephone(Config(data=tmp_path))
    assert isinstance(kept, Spool)
    await kept.send(TO, WORDS)
    await kept.call(TO, WORDS, "es")
    found = [json.loads(path.read_text()) for path in sorted((tmp_path / "telephone").iterdir())]
    assert found == [
        {"kind": "call", "to": TO, "text": WORDS, "language": "es"}, {"kind": "text", "to": TO, "text": WORDS}
    ]  # fmt: skip


def test_numbers_are_read_as_people_of_a_country_write_them() -> None:
    assert e164("2555-0188", "CR") == e164("+506 2555 0188", "US") == TO
    assert e164("nadie", "CR") is None and e164("12", "CR") is None


def test_check_config_says_what_keeps_a_telephone_from_ringing() -> None:
    assert len(unheard(Config())) == 1
    assert len(unheard(Config(phone_url="http://a:b@gateway.test/x"))) == 2
    assert unheard(Config(phone_url="https://a:b@gateway.test/x", phone_from=FROM)) == []
    assert unheard(Config(phone_url="http://a:b@127.0.0.1:9/x", phone_from=FROM)) == []
