"""A browser that comes in by the pages."""

import base64
import re

import httpx

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.accounts import jobs, rules, service
from registry.accounts.schemas import Invite
from registry.core.context import Context
from registry.outbox import service as outbox
from tests.conftest import NOW
from tests.people import PASSWORD

EMAIL = "nueva@registro.example"


def hidden(page: httpx.Response, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.text)
    assert found, page.text[:2000]
    return found[1]


async def came_in(client: httpx.AsyncClient, context: Context) -> bytes:
    """The whole way of a new person, by the pages alone. Returns the phone's secret."""
    made = await service.invite(SYSTEM, NOW, Invite(EMAIL, "Nueva Persona", Role.ADMINISTRATOR))
    await outbox.drain(context, NOW)
    link = f"/desk/invitation/{jobs.link_token(context.keys, made, 1)}"
    page = await client.get(link)
    assert page.status_code == 200
    assert "Nueva Persona" in page.text
    short = await client.post(link, data={"name": "Nueva Persona", "password": "corta"})
    assert short.status_code == 422
    assert 'id="password-error"' in short.text
    assert "corta" not in short.text
    taken = await client.post(link, data={"name": "Nueva Persona", "password": PASSWORD})
    assert taken.headers["location"] == "/desk/sign-in/phone"
    phone = await client.get("/desk/sign-in/phone")
    assert phone.status_code == 200
    typed = re.search(r'<b class="mono">([A-Z2-7 ]+)</b>', phone.text)
    assert typed
    secret = base64.b32decode(typed[1].replace(" ", ""))
    again = await client.post("/desk/sign-in/phone", data={"code": "000000"})
    assert again.status_code == 422
    done = await client.post("/desk/sign-in/phone", data={"code": rules.totp(secret, rules.step_at(NOW))})
    assert done.headers["location"] == "/desk/account/codes"
    return secret
