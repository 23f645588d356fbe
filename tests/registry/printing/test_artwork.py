"""What is printed can be read: by decoders small and turned, by people as text, whatever the name."""

import hashlib
import io
import math
import shutil
import subprocess
import xml.etree.ElementTree as ET
from pathlib import Path

import msgspec
import pytest
import qrcode
import zxingcpp
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image, ImageFilter
from qrcode.constants import ERROR_CORRECT_Q
from qrcode.util import MODE_ALPHA_NUM, QRData

from registry.core.errors import Invalid
from registry.printing import artwork, picture, qr, sheet
from registry.printing.artwork import PLANS, Shape, Sticker, draw
from registry.printing.sheet import Wording
from registry.seals import code
from registry.seals.code import grouped

BASE = "HTTPS://SELLO.EXAMPLE.CR/S/"
HOSTILE = Path(__file__).parents[4] / "shared/data/hostile/blns.txt"
CODES = st.text(code.ALPHABET, min_size=14, max_size=14).map(code.completed)
WORDING = Wording(
    "es", "Sellos de prueba", "50 mm: mida antes de cortar", ("Uno.", "Dos."), "Va dentro.", "Hoja {page} de 1"
)
pdftext = pytest.mark.skipif(shutil.which("pdftotext") is None, reason="pdftotext is not here")


def sticker(printed: str = "7K3M9QXT2W4HVN40", mark: str = "TSJ 4417", year: int = 2026) -> Sticker:
    return Sticker(
        code=printed, address=qr.address(BASE, printed), mark=mark, serial=4127, year=year, registry="Resguardo",
        scheme="Código de conducta · adhesivo n.º 004127",
        slogan="Este vehículo apoya la red contra la explotación sexual comercial de niñas, niños y adolescentes",
        slogan_en="This vehicle supports the network against the sexual exploitation of children and adolescents",
        check="Compruebe siempre: SELLO.EXAMPLE.CR", valid_only="Válido solo si el código lo confirma",
        title=f"Sello de Resguardo: {mark}, código {grouped(printed)}",
    )  # fmt: skip


def read(image: Image.Image) -> list[str]:
    return [found.text for found in zxingcpp.read_barcodes(image)]


@given(CODES)
def test_every_symbol_is_version_3_q_alphanumeric_and_reads_at_78_pixels(printed: str) -> None:
    text = qr.address(BASE, printed)
    rows = qr.modules(text)
    assert len(rows) == 29  # 17 + 4 * 3
    # Format bits beside the finder: error correction Q is 11, masked with 101010000010010.
    bits = [rows[8][x] for x in (0, 1)]
    assert [bits[0], bits[1]] == [bool(int(bit)) for bit in format(0b11 ^ 0b10, "02b")]
    whole = qr.image(text, 8).convert("L")
    [found] = zxingcpp.read_barcodes(whole)  # somebody else's reader says which symbol it met
    assert (found.extra["Version"], found.extra["ECLevel"]) == ("3", "Q")
    assert 4 + 8 + 8 * len(text) > 34 * 8 >= 4 + 9 + 11 * len(text) // 2 + 1, "in bytes it would not have fitted 3-Q"
    side = round(78 * 37 / 29)  # the symbol 78 wide, its quiet zone beside it
    assert read(whole.resize((side, side), Image.Resampling.LANCZOS)) == [text]
    assert qr.png(text) == qr.png(text) and qr.svg(text, "x") == qr.svg(text, "x")


def test_a_sticker_printed_again_years_later_is_the_same_sticker() -> None:
    """Not only twice in one process: the very drawing, kept here as its hash."""
    text = qr.address(BASE, "7K3M9QXT2W4HVN40")
    drawn, seen = qr.svg(text, "x").encode(), qr.image(text, 1).convert("L").tobytes()
    assert [hashlib.sha256(one).hexdigest()[:16] for one in (drawn, seen)] == ["ba0f8027c68c05de", "b725d1f3c893504e"]
    shown = Image.open(io.BytesIO(qr.png(text, 1))).convert("L")
    assert shown.tobytes() == seen


@settings(max_examples=15)
@given(CODES, st.integers(-12, 12))
def test_a_tilted_blurred_noisy_sticker_still_reads(printed: str, roll: int) -> None:
    text = qr.address(BASE, printed)
    side = round(100 * 37 / 29)
    whole = qr.image(text, 8).convert("L").resize((side, side), Image.Resampling.LANCZOS)
    canvas = Image.new("L", (side * 2, side * 2), 255)
    canvas.paste(whole, (side // 2, side // 2))
    squeezed = canvas.resize(
        (round(canvas.width * math.cos(math.radians(20))), canvas.height), Image.Resampling.BICUBIC
    )
    seen = squeezed.rotate(roll, Image.Resampling.BICUBIC, fillcolor=255).filter(ImageFilter.GaussianBlur(1))
    assert read(seen) == [text]


@given(st.text("0123456789ABCDEFGHJKMNPQRSTVWXYZ", min_size=16, max_size=16))
def test_the_mask_is_the_one_the_library_finds_module_by_module(code: str) -> None:
    text = qr.address("HTTPS://SELLO.EXAMPLE.CR/S/", code)
    slow = qrcode.QRCode(qr.VERSION, ERROR_CORRECT_Q, border=0)
    slow.add_data(QRData(text.encode(), MODE_ALPHA_NUM, check_data=True))
    slow.make(fit=False)
    assert qr.modules(text) == tuple(tuple(map(bool, row)) for row in slow.modules)


def test_the_outline_draws_exactly_the_modules() -> None:
    rows = qr.modules(qr.address(BASE, "7K3M9QXT2W4HVN40"))
    inside = [[False] * 29 for _ in range(29)]
    for x, y, down in _sides(qr.outline(rows)):
        for row in range(min(y, y + down), max(y, y + down)):
            for column in range(x, 29):
                inside[row][column] ^= True  # even-odd: each upright side turns everything to its right over
    assert tuple(map(tuple, inside)) == rows


def _sides(path: str) -> list[tuple[int, int, int]]:
    """(x, y, length) of every upright stroke, closing ones included."""
    sides = []
    for shape in path.split("z")[:-1]:
        numbers = shape[1:].replace("h", " h").replace("v", " v").split()
        x, y = start = int(numbers[0]), int(numbers[1])
        for stroke in numbers[2:]:
            length = int(stroke[1:])
            if stroke[0] == "v":
                sides.append((x, y, length))
                y += length
            else:
                x += length
        if y != start[1]:
            sides.append((x, y, start[1] - y))
    return sides


def test_a_domain_too_long_for_version_3_is_refused_before_anything_is_printed() -> None:
    qr.modules(qr.address("HTTPS://" + "A" * 17 + ".EX/S/", "7K3M9QXT2W4HVN40"))
    with pytest.raises(Invalid, match="seal-address-too-long"):
        qr.modules(qr.address("HTTPS://" + "A" * 30 + ".EXAMPLE/S/", "7K3M9QXT2W4HVN40"))
    with pytest.raises(Invalid):
        qr.modules("https://lower.case/s/x")


@pytest.mark.parametrize(
    "shape,width,height,symbol",
    [("window", 146, 213, 110), ("reception", 106.1, 154.8, 80), ("dashboard", 148, 105, 60), ("inside", 70, 105, 47)],
)
def test_stickers_have_their_printed_sizes(shape: Shape, width: float, height: float, symbol: float) -> None:
    drawing = draw(sticker(), shape)
    assert abs(drawing.width * drawing.scale - width) < 0.05 and abs(drawing.height * drawing.scale - height) < 0.05
    [drawn] = [item for item in drawing.items if isinstance(item, artwork.Symbol)]
    assert drawn.module * qr.SIDE * drawing.scale >= symbol
    room = qr.QUIET * drawn.module
    assert drawn.x >= room and drawn.y - room >= PLANS[shape].band
    # Nothing but white within four modules of the symbol.
    for item in drawing.items:
        if isinstance(item, artwork.Line):
            above, below, beside = (
                item.y <= drawn.y - room + 0.4,
                item.y - item.size >= drawn.y + (qr.SIDE + 3) * drawn.module - 2,
                item.x >= drawn.x + qr.SIDE * drawn.module + room,
            )
            assert above or below or beside, item


@pytest.mark.parametrize("shape", list(PLANS))
@given(mark=st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=120))
def test_any_name_stays_inside_the_sticker_and_is_never_cut(shape: Shape, mark: str) -> None:
    drawing = draw(sticker(mark=mark), shape)
    lines = [item for item in drawing.items if isinstance(item, artwork.Line)]
    for line in lines:
        assert line.x >= 0 and line.x + line.width <= drawing.width + 0.01, line
    assert "".join(mark.split()) in "".join("".join(line.text.split()) for line in lines)


@pytest.mark.parametrize("mark", ["TSJ 4417", 'Hotel "Río & Mar" <Ñandú>', "Cabinas Á" + "ñ" * 150, "' onload='x"])
def test_the_svg_says_it_all_in_words_and_stays_an_svg(mark: str) -> None:
    for shape in ("window", "inside"):
        tree = ET.fromstring(picture.svg(sticker(mark=mark), shape))
        said = " ".join("".join(node.itertext()) for node in tree.iter("{http://www.w3.org/2000/svg}text"))
        for words in (
            grouped("7K3M9QXT2W4HVN40"),
            "Compruebe siempre: SELLO.EXAMPLE.CR",
            "004127",
            "2026",
            "adolescents",
        ):
            assert words in said
        assert "".join(mark.split()) in "".join(said.split())


@pytest.mark.parametrize("shape", list(PLANS))
def test_the_png_reads_and_is_the_same_every_time(shape: Shape) -> None:
    made = picture.png(sticker(mark="Ñandú & Hijos"), shape)
    assert read(Image.open(io.BytesIO(made))) == [qr.address(BASE, "7K3M9QXT2W4HVN40")]
    assert made == picture.png(sticker(mark="Ñandú & Hijos"), shape)


def test_each_year_has_its_own_colour_and_place_and_none_is_green_or_red() -> None:
    seen = set()
    for year in range(2026, 2031):
        drawing = draw(sticker(year=year), "inside")
        band = next(item for item in drawing.items if isinstance(item, artwork.Box))
        dots = [item.filled for item in drawing.items if isinstance(item, artwork.Dot)]
        seen.add((band.fill, tuple(dots)))
        assert dots.count(True) == 1
    assert len({fill for fill, _ in seen}) == 5 and len({dots for _, dots in seen}) == 5


def words_of(pdf: bytes, tmp_path: Path) -> str:
    (tmp_path / "s.pdf").write_bytes(pdf)
    done = subprocess.run(["pdftotext", str(tmp_path / "s.pdf"), "-"], capture_output=True, check=True, text=True)
    return done.stdout


@pdftext
def test_a_sheet_carries_slogan_name_and_code_as_text_and_its_symbols_read(tmp_path: Path) -> None:
    marks = ["Hotel Ñandú & Café", "#let x = 1", "$ \\ * _ @ <a>"]
    stickers = [sticker(code.completed(f"{n:014d}"), mark) for n, mark in enumerate(marks)]
    made = sheet.compiled(stickers, WORDING, "set")
    words = words_of(made, tmp_path)
    for one in stickers:
        assert words.count(grouped(one.code)) == 3 and one.mark in words
    assert "niñas, niños y adolescentes" in " ".join(words.split())
    assert made == sheet.compiled(stickers, WORDING, "set")
    subprocess.run(["pdftoppm", "-r", "100", "-png", str(tmp_path / "s.pdf"), str(tmp_path / "page")], check=True)
    pages = sorted(tmp_path.glob("page*.png"))
    assert len(pages) == 3
    for page, one in zip(pages, stickers, strict=True):
        assert read(Image.open(page)) == [one.address, one.address]
    subprocess.run(["pdftoppm", "-v"], check=True, capture_output=True)


@pdftext
def test_on_paper_the_window_symbol_is_110_mm_wide_and_four_modules_around_it_are_white(tmp_path: Path) -> None:
    """seals.md 7, check 3, measured on the page an office printer would get, by somebody else's reader."""
    one, dots = sticker(), 200 / 25.4
    words = words_of(sheet.compiled([one], WORDING, "set"), tmp_path)
    assert "SELLO.EXAMPLE.CR" in words and grouped(one.code) in words
    subprocess.run(["pdftoppm", "-r", "200", "-gray", "-png", str(tmp_path / "s.pdf"), str(tmp_path / "p")], check=True)
    [page] = [Image.open(path).convert("L") for path in tmp_path.glob("p*.png")]
    boxes = [_box(found.position) for found in zxingcpp.read_barcodes(page) if found.text == one.address]
    sides = sorted((right - left + low - top) / 2 / dots for left, top, right, low in boxes)
    assert len(sides) == 2 and sides[1] >= 110 - 0.15 and sides[0] >= 40, sides  # to a pixel
    for left, top, right, low in boxes:
        quiet = round((right - left) / qr.SIDE * qr.QUIET)
        x, y, far, low = left - 2, top - 2, right + 3, low + 3  # the symbol and its soft edge
        out = (left - quiet + 2, top - quiet + 2, right + quiet - 2, low + quiet - 2)
        for strip in ((*out[:3], y), (out[0], low, *out[2:]), (out[0], y, x, low), (far, y, out[2], low)):
            darkest = page.crop(strip).getextrema()[0]
            assert darkest >= 250, (strip, darkest)


def _box(place: zxingcpp.Position) -> tuple[int, int, int, int]:
    """Left, top, right and low, however the symbol is turned: the small one lies on its side."""
    corners = (place.top_left, place.top_right, place.bottom_left, place.bottom_right)
    xs, ys = [at.x for at in corners], [at.y for at in corners]
    return min(xs), min(ys), max(xs), max(ys)


@pdftext
def test_four_inside_stickers_stand_on_a_page(tmp_path: Path) -> None:
    stickers = [sticker(code.completed(f"{n:014d}")) for n in range(6)]
    made = sheet.compiled(stickers, WORDING, "inside")
    words = words_of(made, tmp_path)
    assert all(grouped(one.code) in words for one in stickers) and words.count("\f") == 2


@pdftext
@pytest.mark.skipif(not HOSTILE.exists(), reason="the hostile strings are not here")
def test_hostile_names_are_only_words_on_paper(tmp_path: Path) -> None:
    names = [line for line in HOSTILE.read_text().splitlines() if line.strip() and not line.startswith("#")]
    stickers = [
        sticker(code.completed(f"{n:014d}"), name[:200].replace("\x00", "")) for n, name in enumerate(names[:250])
    ]
    words = words_of(sheet.compiled(stickers, WORDING, "inside"), tmp_path)
    assert all(grouped(one.code) in words for one in stickers)
    for one in stickers:
        ET.fromstring(picture.svg(one, "window"))
        picture.png(one, "inside", 2)


@pytest.mark.parametrize("shape", list(PLANS))
@pytest.mark.parametrize("said", ["Tel. y SMS: +506 2555 0147", "Tél. et SMS : +590 690 12 34 56 (fictif)"])
def test_whom_to_ask_without_internet_stands_in_the_last_line_beside_what_the_code_is_worth(
    shape: Shape, said: str
) -> None:
    with_number = draw(msgspec.structs.replace(sticker(), telephone=said), shape)
    lines = {item.text: item for item in with_number.items if isinstance(item, artwork.Line)}
    number, worth = lines[said], lines[sticker().valid_only]
    assert number.y == worth.y and worth.x + worth.width < number.x
    assert number.x + number.width <= with_number.width - PLANS[shape].edge + 0.01
    assert number.size == worth.size and number.size * with_number.scale >= 1.3, "millimetres"
    others = [item for item in with_number.items if item not in (number, worth)]
    assert others == [item for item in draw(sticker(), shape).items if item != draw_worth(shape)]
    assert said in picture.svg(msgspec.structs.replace(sticker(), telephone=said), shape)


def draw_worth(shape: Shape) -> artwork.Line:
    [line] = [item for item in draw(sticker(), shape).items
              if isinstance(item, artwork.Line) and item.text == sticker().valid_only]  # fmt: skip
    return line
