"""Evidence photographs: the picture is kept; place, time, owner and serial number are not."""

import io
from pathlib import Path

import pytest
from PIL import Image

from registry.core import picture
from registry.core.errors import Invalid, TooLarge

SHARED = next((up / "shared" for up in Path(__file__).parents if (up / "shared" / "data").is_dir()), Path("nowhere"))
PHOTOS = SHARED / "data" / "images" / "exif"


def jpeg(size: tuple[int, int] = (40, 20), **save: object) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "teal").save(out, "JPEG", **save)
    return out.getvalue()


def with_exif() -> bytes:
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = "Maker of the phone"
    exif[0xA431] = "SERIAL-123456"
    exif.get_ifd(0x8825).update({1: "N", 2: (9.0, 56.0, 0.0), 3: "W", 4: (84.0, 5.0, 0.0)})
    return jpeg(exif=exif, comment=b"taken by somebody")


def test_a_photograph_keeps_its_points_and_loses_what_the_phone_wrote() -> None:
    kept = picture.keep(with_exif())
    with Image.open(io.BytesIO(kept.data)) as image:
        assert image.size == (20, 40), "it was turned upright first"
        assert not image.getexif() and set(image.info) <= {"jfif", "jfif_version", "jfif_unit", "jfif_density"}
    for word in (b"SERIAL", b"Maker", b"somebody", b"Exif", b"http://ns.adobe.com"):
        assert word not in kept.data


@pytest.mark.skipif(not PHOTOS.is_dir(), reason="the shared photographs are not here")
def test_no_real_photograph_keeps_a_place_or_a_serial_number() -> None:
    looked = 0
    for path in sorted(PHOTOS.rglob("*")):
        if path.suffix.lower() not in {".jpg", ".jpeg", ".png", ".webp"}:
            continue
        try:
            kept = picture.keep(path.read_bytes())
        except Invalid as refused:
            assert refused.code in {"evidence-unreadable", "evidence-type"}
            continue
        with Image.open(io.BytesIO(kept.data)) as image:
            assert not image.getexif() and max(image.size) <= picture.LONG_SIDE
            assert not {"exif", "xmp", "icc_profile", "comment", "photoshop"} & set(image.info)
        looked += 1
    assert looked >= 25


@pytest.mark.parametrize("mode", ["RGBA", "LA", "P", "L", "1", "CMYK"])
def test_every_kind_of_picture_becomes_a_plain_one(mode: str) -> None:
    out = io.BytesIO()
    image = Image.new("RGBA" if mode == "P" else mode, (10, 10))
    (image.convert("P") if mode == "P" else image).save(out, "JPEG" if mode == "CMYK" else "PNG")
    assert picture.keep(out.getvalue()).content_type == "image/jpeg"


def test_a_large_photograph_is_made_smaller() -> None:
    kept = picture.keep(jpeg((4000, 3000)))
    with Image.open(io.BytesIO(kept.data)) as image:
        assert image.size == (2000, 1500)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"", "evidence-empty"),
        (b"GIF89a" + b"\0" * 100, "evidence-type"),
        (b"MZ" + b"\0" * 100, "evidence-type"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>", "evidence-type"),
        (b"%PDF-1.7 half of it", "evidence-unreadable"),
    ],
)
def test_what_is_neither_a_photograph_nor_a_pdf_is_refused_with_a_reason(data: bytes, code: str) -> None:
    with pytest.raises(Invalid, match=code):
        picture.keep(data)


def test_half_a_photograph_is_refused() -> None:
    with pytest.raises(Invalid, match="evidence-unreadable"):
        picture.keep(jpeg((400, 400), quality=95)[:400])


def test_fifty_megabytes_are_refused_before_they_are_read() -> None:
    with pytest.raises(TooLarge, match="evidence-too-large"):
        picture.keep(b"\xff\xd8\xff" + bytes(50 * 1024 * 1024))


def test_a_small_file_that_unfolds_into_a_huge_picture_is_refused() -> None:
    out = io.BytesIO()
    Image.new("1", (20_000, 20_000)).save(out, "PNG")
    with pytest.raises(TooLarge, match="evidence-too-many-points"):
        picture.keep(out.getvalue())


def test_a_document_is_kept_as_it_is() -> None:
    data = b"%PDF-1.7\n...\n%%EOF\n"
    assert picture.keep(data) == picture.Kept(data, "application/pdf", picture.keep(data).sha256)
