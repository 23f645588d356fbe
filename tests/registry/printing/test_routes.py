"""The desk's pages of seals: what is printed, what is left out and why, and who may."""

import io
import shutil
import subprocess
from datetime import datetime
from pathlib import Path
from typing import get_args
from uuid import UUID

import msgspec
import pytest
import zxingcpp
from PIL import Image

from registry.access.actor import SYSTEM
from registry.access.permissions import Role
from registry.certification import service as certification
from registry.core.context import Context
from registry.core.db import fetch
from registry.printing import prints
from registry.seals import queries as seals
from registry.seals import service
from registry.seals.code import grouped
from tests.conftest import Browser
from tests.people import ANA, BRUNO, IRENE, OLGA, Person
from tests.registry.certification import scene
from tests.registry.certification.scene import DORA, REASON
from tests.registry.seals.test_service import granted, group, told

pytestmark = pytest.mark.anyio


def words_of(pdf: bytes, tmp_path: Path) -> str:
    if shutil.which("pdftotext") is None:
        pytest.skip("pdftotext is not here")
    (tmp_path / "sheet.pdf").write_bytes(pdf)
    return subprocess.run(
        ["pdftotext", str(tmp_path / "sheet.pdf"), "-"], capture_output=True, check=True, text=True
    ).stdout


async def test_a_hotel_prints_its_sticker_as_picture_and_as_a_sheet(
    sign_in: Browser, context: Context, now: datetime, tmp_path: Path
) -> None:
    here = await scene.hotel(now, await scene.opened(now), "Hotel Río Ñandú")
    await granted(context, now, here)
    [seal] = await fetch("SELECT id, code FROM seal")
    ana = await sign_in(ANA, here.client)
    home = await ana.get("/desk/seals")
    assert home.status_code == 303 and home.headers["location"].endswith(f"/desk/seals/business/{here.client}")
    page = await ana.get(home.headers["location"])
    assert page.status_code == 200 and grouped(seal["code"]) in page.text and "Hotel Río Ñandú" in page.text
    for name in ("window.svg", "inside.svg"):
        svg = (await ana.get(f"/desk/seals/{seal['id']}/{name}")).text
        for words in (grouped(seal["code"]), "Hotel Río Ñandú", "Este establecimiento apoya", "LOCALHOST:8000"):
            assert words in svg
    for name in ("qr.png", "inside.png"):
        image = Image.open(io.BytesIO((await ana.get(f"/desk/seals/{seal['id']}/{name}")).content))
        [found] = zxingcpp.read_barcodes(image)
        assert found.text == f"HTTP://LOCALHOST:8000/S/{seal['code']}"
    sheet = await ana.get(f"/desk/seals/{seal['id']}/sheet.pdf")
    assert sheet.headers["content-type"] == "application/pdf"
    words = words_of(sheet.content, tmp_path)
    assert words.count(grouped(seal["code"])) == 3 and "Hotel Río Ñandú" in words and "niñas, niños" in words
    again = await ana.get(f"/desk/seals/{seal['id']}/sheet.pdf")
    assert again.content == sheet.content
    for name in ("reception.pdf", "certificate.pdf", "certificate-letter.pdf"):
        words = words_of((await ana.get(f"/desk/seals/{seal['id']}/{name}")).content, tmp_path)
        assert grouped(seal["code"]) in words and "Compruebe siempre" in words, name
    assert "Decidido por quienes no auditaron" in words and "No es una garantía" in words


async def test_a_company_prints_what_is_valid_and_sees_what_is_left_out_by_plate(
    sign_in: Browser, context: Context, now: datetime
) -> None:
    here, case = await group(context, now, 6)
    await certification.suspend(DORA, now, case, REASON, [here.units[2]])
    await told(context, now)
    irene = await sign_in(IRENE, here.association)
    page = await irene.get(f"/desk/seals/association/{here.association}")
    assert page.status_code == 200 and "TAL0002" in page.text
    assert f"/desk/prints/new?association={here.association}" in page.text
    [suspended] = await fetch("SELECT id FROM seal WHERE unit = $1", here.units[2])
    for name in ("window.svg", "qr.png", "sheet.pdf", "certificate.pdf"):
        assert (await irene.get(f"/desk/seals/{suspended['id']}/{name}")).status_code == 409


async def test_a_lost_sticker_is_replaced_once_however_often_the_form_is_sent(
    sign_in: Browser, context: Context, now: datetime
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, here)
    [old] = await fetch("SELECT id, code FROM seal")
    ana = await sign_in(ANA, here.client)
    form = {"once": str(UUID(int=77))}
    for _ in range(2):
        answer = await ana.post(f"/desk/seals/{old['id']}/reissue", data=form)
        assert answer.status_code == 303, answer.text
    await told(context, now)
    page = await ana.get(answer.headers["location"])
    [new] = await fetch("SELECT code FROM seal WHERE replaces = $1", old["id"])
    assert grouped(new["code"]) in page.text and grouped(old["code"]) not in page.text
    refused = await ana.post(f"/desk/seals/{old['id']}/reissue", data={"once": str(UUID(int=78))})
    assert refused.status_code == 409


async def test_nobody_else_sees_a_seal_to_print(sign_in: Browser, context: Context, now: datetime) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    await granted(context, now, here)
    [seal] = await fetch("SELECT id FROM seal")
    other = await scene.business(now, "taxi", "Taxi Ajeno", None)
    paths = [f"/desk/seals/{seal['id']}/window.svg", f"/desk/seals/{seal['id']}/sheet.pdf",
             f"/desk/seals/business/{here.client}", f"/desk/seals/association/{here.association}"]  # fmt: skip
    ajeno = await sign_in(Person("Fausto Ajeno", "fausto@taxi.example", Role.REPRESENTATIVE), other)
    for path in paths:
        assert (await ajeno.get(path)).status_code == 404, path
    assert (await ajeno.post(f"/desk/seals/{seal['id']}/reissue", data={})).status_code == 404
    bruno = await sign_in(BRUNO)
    for path in paths:
        assert (await bruno.get(path)).status_code in (403, 404), path


async def test_a_business_without_a_seal_is_told_how_it_comes(sign_in: Browser, now: datetime) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    ana = await sign_in(ANA, here.client)
    page = await ana.get(f"/desk/seals/business/{here.client}")
    assert page.status_code == 200 and "Todavía no hay sello" in page.text


async def test_an_officer_erases_what_seals_say_of_a_person_once_they_are_over(
    sign_in: Browser, context: Context, now: datetime
) -> None:
    here = await scene.hotel(now, await scene.opened(now))
    case = await granted(context, now, here)
    olga = await sign_in(OLGA)
    place = f"/desk/seals/business/{here.client}/erase"
    assert place in (await olga.get(f"/desk/members/{here.client}")).text
    assert "1 sello" in (await olga.get(place)).text
    refused = await olga.post(place, data={"reason": "request"})
    assert refused.status_code == 409 and "vigente" in refused.text
    await service.revoke(SYSTEM, now, case, here.units)
    await told(context, now)
    assert (await olga.post(place, data={"reason": ""})).status_code == 422
    done = await olga.post(place, data={"reason": "request", "once": str(UUID(int=5))})
    assert done.status_code == 303, done.text
    [seal] = await fetch("SELECT facts, jws, salt FROM seal")
    assert "Manso" not in seal["facts"] and seal["jws"] == "" and seal["salt"] is None
    ana = await sign_in(ANA, here.client)
    assert (await ana.get(place)).status_code in (403, 404)


async def test_every_print_names_whom_to_ask_without_internet_where_somebody_answers(
    db: None, context: Context, now: datetime, tmp_path: Path
) -> None:
    here = await scene.hotel(now, await scene.opened(now), "Hotel Río Manso")
    await granted(context, now, here)
    [row] = await fetch("SELECT id FROM seal")
    view = await seals.view(SYSTEM, row["id"], now)
    for demo, said in ((False, "Tel. y SMS: +506 2555 0147"), (True, "Tel. y SMS: +506 2555 0147 (ficticio)")):
        config = msgspec.structs.replace(context.config, telephone="+50625550147", demo=demo)
        house = msgspec.structs.replace(context, config=config)
        for layout in get_args(prints.Layout):
            words = words_of(await prints.made(house, [view], "Sellos", layout, 0, 1), tmp_path)
            assert said in words and (demo or "ficticio" not in words), layout
    without = msgspec.structs.replace(context.config, telephone="")
    assert (await prints.sticker(without, view)).telephone == ""
