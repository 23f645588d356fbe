"""A stranger's text on paper is drawn and nothing else."""

import io
import time
from datetime import UTC, datetime, timedelta
from uuid import UUID

import msgspec
import pypdf
import pytest

from registry.authorities import places
from registry.core import i18n
from registry.core.i18n import _, speaking
from registry.reports import told
from registry.reports.agent import htcds, paper
from registry.reports.agent.case import DOORS, Case, rows
from registry.reports.payload import Report
from tests.public_site.report_form import vectors

NOW = datetime(2026, 11, 20, 15, 12, tzinfo=UTC)
NEW = ("happening_now", "child_in_danger_now", "moment", "children", "adults", "vehicle", "online", "already_told",
       "reporter_role", "languages", "may_contact_via_code")  # fmt: skip
HOSTILE = [
    '#read("/etc/passwd") #import "x.typ" #eval("1+1") $x^2$ *fett* _x_ = Title @label <label> \\ ~ `code`',
    "https://evil.example/a?b=c javascript:alert(1) file:///etc/passwd mailto:a@b.c",
    "a\u202eesrever\u2066 \x00\x07\x1b[31m\ud7ff",
    "/URI (http://x) /JavaScript (app.alert(1)) endobj %%EOF <script>alert(1)</script>",
    "نص عربي · ภาษาไทย · 中文 · 🌊",
]


def case(text: str) -> Case:
    report = {
        "place": {"code": "CR-G", "spot": text[:400]}, "narrative": text, "what": ["paid", "online"],
        "children": [{"count": 2, "age": "12-17"}, {"count": 1}], "contact": "8888",
    }  # fmt: skip
    return Case("CASO-0A0B0C0D", UUID(int=5), "0" * 64, True, NOW, "0" * 26, report, "age1x", NOW + timedelta(hours=4))


@pytest.mark.parametrize("text", HOSTILE)
def test_nothing_a_stranger_writes_becomes_a_link_a_script_or_markup(text: str) -> None:
    reader = pypdf.PdfReader(io.BytesIO(paper.pdf(case(text), "es")))
    assert (
        not reader.attachments and "/OpenAction" not in reader.trailer["/Root"] and "/AA" not in reader.trailer["/Root"]
    )
    for page in reader.pages:
        assert "/Annots" not in page and "/AA" not in page
    said = "".join("".join(page.extract_text() for page in reader.pages).split())
    if text.isascii():
        assert "".join(text.split()) in said, "every sign of it is there, as it was written"


@pytest.mark.parametrize("language", i18n.LANGUAGES)
@pytest.mark.parametrize("door", ["browser", "server", "operator"])
def test_paper_says_when_it_came_by_which_door_and_how_to_answer(language: str, door: str) -> None:
    came = msgspec.structs.replace(case("x"), received=NOW - timedelta(hours=3), sealed_by=door)
    said = " ".join(words(came, language).split())
    with speaking(language):
        wanted = (_("Received, to the hour"), _(DOORS[door]), i18n.moment(NOW - timedelta(hours=3)))
    assert all("".join(one.split()) in "".join(said.split()) for one in wanted)
    assert "registryauthorityreplyCASO-0A0B0C0D" in "".join(said.split())
    unknown = "".join(words(case("x"), language).split())
    assert "".join(wanted[0].split()) not in unknown, "a register of before does not say"


def words(found: Case, language: str) -> str:
    return "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(paper.pdf(found, language))).pages)


def test_a_long_report_takes_as_many_pages_as_it_needs() -> None:
    text = "\n".join(f"línea {n}: " + "palabra " * 12 for n in range(110))[:12_000]
    reader = pypdf.PdfReader(io.BytesIO(paper.pdf(case(text), "es")))
    said = "".join(page.extract_text() for page in reader.pages)
    assert len(reader.pages) > 1 and "línea 0:" in said and "línea 100:" in said and "CASO-0A0B0C0D" in said


def test_a_form_that_asks_more_tomorrow_is_printed_whole() -> None:
    labels = dict(rows(case("x").report))
    assert labels["children 1: count"] == "2" and labels["children 2: count"] == "1"


def test_orders_of_direction_are_taken_out_and_words_stay() -> None:
    assert paper.drawn("a\u202eb\u2066c\nd\x1b[0m") == "abc\nd[0m"


def test_everything_a_report_can_say_has_words_of_its_own_on_paper() -> None:
    everything = told.written(vectors.fields(vectors.FORMS[5]), "es")
    assert all(getattr(everything, name) != getattr(Report(everything.place, "x"), name) for name in NEW)
    report = msgspec.to_builtins(everything)
    with i18n.speaking("es"):
        said = dict(rows(report))
    assert said["Placa"] == "SJB-482" and said["Edad aproximada"] == "6 a 11 años; 12 a 17 años"
    assert said["Quién lo cuenta"] == "Personal del negocio" and said["A quién se le dijo ya"].endswith("El guía")
    assert not [label for label in said if "_" in label or ":" in label], "no label is a field's own name"
    made = msgspec.structs.replace(case("x"), report=report)
    reader = pypdf.PdfReader(io.BytesIO(paper.pdf(made, "es")))
    drawn = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert all("".join(words.split()) in drawn for words in said.values() if words.isascii())


def test_the_same_code_is_said_as_its_field_means_it() -> None:
    with i18n.speaking("es"):
        told = dict(rows({"already_told": ["other"], "reporter_role": "other", "what": ["other"]}))
    assert list(told.values()) == ["Otra persona", "Otra persona", "Otra cosa"]


def test_a_day_that_was_told_is_exported_and_no_name_is() -> None:
    report = msgspec.to_builtins(told.written(vectors.fields(vectors.FORMS[5]), "es"))
    found = htcds.export(report)
    assert found["hte_Date"] == "2026-11-19" and found["hte_City"] == "San José Centro"
    assert "Ñato" not in str(found)


ENDLESS = {
    "letters joined without end": "\u0915\u094d" * 6000,
    "another script of that kind": "\u1000\u1039" * 6000,
    "marks without end": "\u05d0" + "\u05b0" * 11_000,
    "marks on Latin": "a" + "\u0301" * 11_900,
    "no space at all": "\u6f22" * 12_000,
}


@pytest.mark.parametrize("name", ENDLESS)
def test_no_text_breaks_what_draws_it_or_keeps_it_busy(name: str) -> None:
    began = time.process_time()
    assert paper.pdf(case(ENDLESS[name]), "es").startswith(b"%PDF")
    assert time.process_time() - began < 20, "it took 80 seconds, or ended the program"


@pytest.mark.parametrize("text", ["क्षत्रिय", "สวัสดีครับผม", "Việt Nam đẹp", "שָׁלוֹם", "བསྒྲུབས", "one two"])
def test_what_people_write_is_drawn_as_they_wrote_it(text: str) -> None:
    assert paper.drawn(text) == text


def test_what_breaks_the_drawing_is_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    class PanicException(BaseException):
        pass

    whole = paper._compiler()

    class Breaking:
        def compile(self, sys_inputs: dict[str, str]) -> object:
            if "ñ" in sys_inputs["job"].replace("Niñez", ""):
                raise PanicException
            return whole.compile(sys_inputs=sys_inputs)

    monkeypatch.setattr(paper, "_compiler", Breaking)
    reader = pypdf.PdfReader(io.BytesIO(paper.pdf(case("una niña"), "en")))
    assert "una ni\\xf1a" in "".join(page.extract_text() for page in reader.pages)


@pytest.mark.parametrize(("language", "kind"), [("es", "Hotel"), ("en", "Hotel"), ("pt", "Hotel"), ("fr", "Hôtel")])
def test_a_canton_and_a_kind_of_premises_are_names_and_no_codes(language: str, kind: str) -> None:
    with speaking(language):
        said = dict(rows({"place": {"code": "CR-P/606", "premises": "lodging"}}))
        assert said[_("Place")] == f"{places.name('CR-P/606')} (CR-P/606)" and "Puntarenas" in said[_("Place")]
        assert said[_("Kind of premises")].startswith(kind) and "lodging" not in said.values()
