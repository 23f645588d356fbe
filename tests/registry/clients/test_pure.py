"""Cells, plates, tax ids, places, columns and drafts: pure, by example and by property."""

import csv
import io
import json
import time
from datetime import date
from pathlib import Path

import pytest
import xlsxwriter
from hypothesis import given
from hypothesis import strategies as st

from registry.clients import cells, columns, drafts, encodings, places, plates, rosters, spreadsheet, taxids
from registry.clients.cells import Bad
from registry.clients.columns import Field
from registry.clients.returned import returned
from registry.clients.rules import Post, Shift, changes, critical
from registry.core.errors import Invalid, TooLarge

TODAY = date(2026, 11, 21)
HOSTILE = Path(__file__).parents[4] / "shared" / "data" / "hostile"


@given(st.text(max_size=300))
def test_text_is_clean_twice_over_or_refused(value: str) -> None:
    try:
        once = cells.text(value)
    except Bad as bad:
        assert bad.code in ("cell-formula", "cell-long")
        return
    if once is not None:
        assert once.strip() == once and "\x00" not in once and not once.startswith("=")


@given(
    st.one_of(st.none(), st.text(max_size=60), st.floats(), st.integers(), st.booleans(), st.dates(), st.datetimes())
)
def test_no_value_breaks_a_cleaner(raw: cells.Raw) -> None:
    for clean in (
        cells.name,
        cells.email,
        lambda v: cells.phone(v, "CR"),
        lambda v: cells.whole(v, 100),
        lambda v: cells.year(v, 2027),
        lambda v: cells.day(v, TODAY, "CR"),
        lambda v: plates.plate(v, "CR"),
        lambda v: taxids.tax_id(v, "CR"),
        lambda v: taxids.tax_id(v, "PE"),
        lambda v: taxids.tax_id(v, "ES"),
        cells.yes,
        rosters.post,
        rosters.shift,
        drafts.establishment_kind,
    ):
        try:
            clean(raw)
        except Bad as bad:
            assert bad.code


@given(st.text(max_size=80))
def test_what_goes_out_is_never_taken_for_a_formula_and_comes_back_the_same(value: str) -> None:
    out = cells.escaped(value)
    assert out[:1] not in ("=", "@", "\t", "\r", "|", "%")
    assert out in (value, f"'{value}")


@pytest.mark.parametrize(
    ("typed", "plate"),
    [
        ("TSJ 4417", "TSJ 4417"),
        ("tsj-4417", "TSJ 4417"),
        ("BCD123", "BCD 123"),
        ("tp 12", "TP 12"),
        ("654321", "654321"),
    ],
)
def test_costa_rican_plates_have_one_form(typed: str, plate: str) -> None:
    assert plates.plate(typed, "CR") == plate


@pytest.mark.parametrize(
    ("typed", "country", "value"),
    [
        ("3-101-990215", "CR", "3-101-990215"),
        (3101990215.0, "CR", "3-101-990215"),
        ("1 0234 0567", "CR", "1-0234-0567"),
        ("92,676,320", "AR", "92676320"),
        ("20601127467", "PE", "20601127467"),
    ],
)
def test_tax_ids_have_one_form(typed: cells.Raw, country: str, value: str) -> None:
    assert taxids.tax_id(typed, country) == value


def test_a_tax_id_with_a_wrong_check_digit_is_refused() -> None:
    with pytest.raises(Bad, match="taxid-check"):
        taxids.tax_id("20601127468", "PE")


@pytest.mark.parametrize("blank", ["", "-", "NO REGISTRADO", "n/a", "  ", "Não informado", "#N/A", "\u200b"])
def test_words_for_blank_are_blank(blank: str) -> None:
    assert cells.text(blank) is None


def test_dates_as_people_and_programs_write_them() -> None:
    for typed in ("03/02/2020", "3-2-20", "2020-02-03", "20200203", 43864.0, date(2020, 2, 3)):
        assert cells.day(typed, TODAY, "CR") == date(2020, 2, 3)
    assert cells.day("02/03/2020", TODAY, "US") == date(2020, 2, 3)
    assert cells.day("20990101", TODAY, "PE") is None
    with pytest.raises(Bad) as future:
        cells.day("15/03/2106", TODAY, "CR")
    assert future.value.suggest == ("15/03/2016",)


def test_there_are_84_cantons_each_in_one_province() -> None:
    names = [name for of in places.CANTONS.values() for name in of]
    assert len(names) == len(set(names)) == 84
    assert places.canton("valverde vega", "CR", None) == "Sarchí"
    with pytest.raises(Bad, match="canton-elsewhere"):
        places.canton("Osa", "CR", "CR-L")


def test_letters_another_program_broke_are_mended_and_articles_go_first() -> None:
    assert cells.text("HabitaciÃ³n") == "Habitación"
    assert cells.name("Cango (El)") == "El Cango"
    assert cells.name("Laguna, La") == "La Laguna"
    assert cells.text("Pe\u0301rez") == "Pérez"


LIST = "Nombre;Cantón;Teléfono\nHotel Ñandú;Poás;2222\nPosada Río;Limón;1\nCabinas Güecha;Cañas;3\n"


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "cp1252", "cp850", "mac_roman"]
)
@pytest.mark.parametrize("separator", [";", ",", "\t", "|"])
def test_a_list_is_read_however_it_was_saved(encoding: str, separator: str) -> None:
    data = LIST.replace(";", separator).encode(encoding)
    rows = list(spreadsheet.rows(data, spreadsheet.recognise(data)))
    assert rows[1] == (2, ["Hotel Ñandú", "Poás", "2222"])


def test_an_undecided_encoding_comes_with_samples() -> None:
    with pytest.raises(Invalid, match="file-encoding") as asked:
        spreadsheet.recognise(bytes(range(128, 256)) * 3)
    assert set(asked.value.details["samples"]) <= set(encodings.CHOICES)


@given(
    st.lists(
        st.lists(st.text(st.characters(exclude_categories=["Cs"]), max_size=12), min_size=2, max_size=5),
        min_size=1,
        max_size=8,
    )
)
def test_what_a_csv_writer_wrote_is_read_back(table: list[list[str]]) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=";").writerows(table)
    data = b"\xef\xbb\xbf" + out.getvalue().encode()
    shape = spreadsheet.Shape(format="csv", encoding="utf-8-sig", separator=";")
    try:
        read = dict(spreadsheet.rows(data, shape))
    except Invalid as refusal:
        assert refusal.code == "file-empty"
        return
    expected = list(csv.reader(io.StringIO(out.getvalue(), newline=""), delimiter=";"))
    for number, row in read.items():
        while expected[number - 1] and not expected[number - 1][-1]:
            expected[number - 1].pop()
        assert row == expected[number - 1]


@pytest.mark.skipif(not HOSTILE.exists(), reason="skipped: ../shared/data is not on this machine")
def test_the_csv_spectrum_is_read() -> None:
    for file in sorted((HOSTILE / "csv_spectrum" / "csvs").glob("*.csv")):
        data = file.read_bytes()
        header, *rows = (row for _, row in spreadsheet.rows(data, spreadsheet.recognise(data)))
        expected = json.loads((HOSTILE / "csv_spectrum" / "json" / f"{file.stem}.json").read_text())
        found = [dict(zip(header, [*row, *[""] * (len(header) - len(row))], strict=False)) for row in rows]
        assert found == list(expected), file.name


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "file-empty"),
        (b"\n\n;;\n", "file-empty"),
        (b"PK\x03\x04junk", "file-broken"),
        (b"%PDF-1.7", "file-kind"),
        (b"<html><body>", "file-kind"),
        (b'{"a": 1}', "file-json"),
        (b'["a", "b"]', "file-json"),
        (b"\x1f\x8bnot gzip at all", "file-broken"),
        ((";".join(["x"] * 500) + "\n").encode() * 3, "file-columns"),
        (b"\xd0\xcf\x11\xe0" + "EncryptedPackage".encode("utf-16-le"), "file-password"),
        (b"\xd0\xcf\x11\xe0 not a workbook", "file-broken"),
        (b"a\n" * 100_003, "file-rows"),
    ],
)
def test_a_file_that_is_no_list_is_refused_by_name(data: bytes, code: str) -> None:
    with pytest.raises((Invalid, TooLarge), match=code):
        list(spreadsheet.rows(data, spreadsheet.recognise(data)))


def test_a_zip_that_unpacks_without_end_is_stopped() -> None:
    import gzip

    with pytest.raises(TooLarge, match="file-bomb"):
        bomb = gzip.compress(b"a,b\n" * 90_000_000, 1)
        list(spreadsheet.rows(bomb, spreadsheet.recognise(bomb)))


def test_one_cell_at_the_far_corner_of_a_workbook_does_not_fill_the_memory() -> None:
    import xlsxwriter

    out = io.BytesIO()
    with xlsxwriter.Workbook(out) as book:
        sheet = book.add_worksheet()
        sheet.write(0, 0, "a")
        sheet.write(1048575, 16383, "b")
    with pytest.raises(Invalid, match="file-rows"):
        list(spreadsheet.rows(out.getvalue(), spreadsheet.recognise(out.getvalue())))


def test_headers_in_four_languages_are_known() -> None:
    for header in (
        ["Nombre del hotel", "Cédula jurídica", "Cantón", "Habitaciones", "Correo electrónico"],
        ["Hotel", "Tax ID", "City", "Number of rooms", "E-mail"],
        ["Nome fantasia", "CNPJ", "Município", "Quartos", "E-mail"],
        ["Nom commercial", "SIRET", "Commune", "Nombre de chambres", "Courriel"],
    ):
        found = columns.recognise(header, [], "CR")
        assert [found[f] for f in (Field.NAME, Field.TAX_ID, Field.CANTON, Field.ROOMS, Field.EMAIL)] == [0, 1, 2, 3, 4]


def test_a_modelo_full_of_years_is_the_year() -> None:
    found = columns.recognise(["Placa", "Dueño", "Modelo"], [["TSJ 1", "A", "2019"], ["TSJ 2", "B", "2020"]], "CR")
    assert found[Field.YEAR] == 2 and Field.MODEL not in found


ROW = st.lists(st.text(max_size=30), min_size=0, max_size=8)


@given(st.lists(ROW, max_size=20), st.sampled_from(["hotels", "taxis"]), st.sampled_from(["CR", "PE", "FR", "US"]))
def test_every_row_becomes_a_draft_or_a_refusal_with_reasons(rows: list[list[str]], kind: str, country: str) -> None:
    order = [
        Field.NAME,
        Field.TAX_ID,
        Field.CANTON,
        Field.ROOMS,
        Field.EMAIL,
        Field.PLATE,
        Field.JOINED_ON,
        Field.PHONE,
    ]
    reader = drafts.Reader({field: place for place, field in enumerate(order)}, kind, country, TODAY)
    found = list(reader.read(enumerate(rows, start=2)))
    assert [one.row for one in found] == list(range(2, len(rows) + 2))
    keys = [(one.client_key, one.unit_key) for one in found if isinstance(one, drafts.Draft)]
    assert len(keys) == len(set(keys))
    assert all(one.errors for one in found if isinstance(one, drafts.Refused))


@given(
    st.dictionaries(st.text(max_size=3), st.none() | st.text(max_size=3)),
    st.dictionaries(st.text(max_size=3), st.none() | st.text(max_size=3)),
)
def test_a_blank_never_erases_and_the_same_never_changes(before: dict[str, str], after: dict[str, str]) -> None:
    found = changes(before, after)
    assert all(new not in (None, "") and old != new for old, new in found.values())
    assert changes(before | {f: new for f, (_, new) in found.items()}, after) == {}


def test_a_returned_file_says_what_to_mend_and_holds_no_formula() -> None:
    data = "Nombre;Cédula\n=HYPERLINK(1);x\nHotel;+506 2222\n".encode()
    body, ending = returned(data, spreadsheet.recognise(data), 1, {2: "Mal."}, "Qué corregir")
    assert ending == "csv"
    assert body.decode("utf-8-sig").splitlines() == [
        "Nombre;Cédula;Qué corregir",
        "'=HYPERLINK(1);x;Mal.",
        "Hotel;+506 2222;",
    ]


def test_rosters_are_read_with_and_without_a_header() -> None:
    for text in (
        "Lidia Obregón; recepcionista; noche\nÓscar Mata; guarda de seguridad; ; sí; 08/01/2024",
        "Nombre\tPuesto\tTurno\tContratado\tIngreso\nLidia Obregón\tRecepción\tNocturno\n"
        "Óscar Mata\tSeguridad\t\tx\t2024-01-08",
    ):
        one, two = (entry.draft for entry in rosters.pasted(text, TODAY, "CR"))
        assert one and two
        assert (one.post, one.shift, two.post, two.outsourced) == (Post.RECEPTION, Shift.NIGHT, Post.SECURITY, True)
        assert two.started_on == date(2024, 1, 8)


def test_night_is_critical_whatever_the_post() -> None:
    assert critical(Post.HOUSEKEEPING, Shift.NIGHT) and critical(Post.RECEPTION, Shift.DAY)
    assert not critical(Post.HOUSEKEEPING, Shift.DAY)


def test_nothing_is_suggested_that_would_be_refused_again() -> None:
    reader = drafts.Reader({Field.PLATE: 0, Field.LEGAL_NAME: 1}, "taxis", "CR", TODAY)
    for typed, suggested in (("=A1", ()), ("=TSJ 4417", ("TSJ 4417",))):
        found = reader.one(2, [typed, "Rosa Mena"])
        assert isinstance(found, drafts.Refused) and found.errors[0].suggest == suggested


def test_a_workbook_of_forty_thousand_formulas_is_read_in_seconds() -> None:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer)
    sheet = book.add_worksheet()
    sheet.write_row(0, 0, ["Nombre", "Cantón", "Habitaciones"])
    for row in range(1, 20_001):
        sheet.write_row(row, 0, [f"=A{row}", "Liberia", f"=1+{row}"])
    book.close()
    began = time.monotonic()
    rows = list(spreadsheet.rows(buffer.getvalue(), spreadsheet.Shape(format="xlsx")))
    assert len(rows) == 20_001 and isinstance(rows[-1][1][2], spreadsheet.Formula)
    assert time.monotonic() - began < 25
