"""Reading photos: upright, bounded, in plain colours, without what the camera noted."""

import io
from collections.abc import Callable
from datetime import date

import pytest
from PIL import ExifTags, Image, ImageCms

from gis.errors import InputError
from gis.places import pictures
from gis.places.pictures import read_picture

TODAY = date(2026, 6, 1)
RED = (200, 20, 20)


def _file(image: Image.Image, kind: str = "JPEG", **options: object) -> bytes:
    written = io.BytesIO()
    image.save(written, kind, **options)
    return written.getvalue()


def _exif(*, orientation: int = 1, taken: str = "2026:05:03 10:20:30") -> Image.Exif:
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = orientation
    exif[ExifTags.Base.Make] = "示例相机".encode().decode("latin-1")
    exif.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken
    exif.get_ifd(ExifTags.IFD.GPSInfo)[ExifTags.GPS.GPSLatitudeRef] = "N"
    return exif


def _opened(content: bytes) -> Image.Image:
    return Image.open(io.BytesIO(content))


def test_a_photo_is_kept_upright_small_enough_and_without_place_or_camera() -> None:
    lying = Image.new("RGB", (4000, 3000), RED)
    lying.paste((20, 20, 200), (0, 0, 2000, 3000))
    content = _file(lying, exif=_exif(orientation=6), quality=95)
    assert b"GPS" in content or _opened(content).getexif().get_ifd(ExifTags.IFD.GPSInfo)
    kept = read_picture(content, today=TODAY)
    image = _opened(kept.image)
    assert (image.width, image.height) == (kept.width_px, kept.height_px) == (1800, 2400)
    assert max(_opened(kept.thumbnail).size) == 360
    assert kept.taken_on == date(2026, 5, 3)
    for one in (image, _opened(kept.thumbnail)):
        assert not one.getexif()
        assert "exif" not in one.info
    # What lay on the left stands on top.
    top, bottom = image.getpixel((900, 100)), image.getpixel((900, 2300))
    assert top[2] > 150 > bottom[2]  # type: ignore[index]


def test_a_clock_that_runs_ahead_or_writes_nonsense_gives_no_day() -> None:
    for taken in ("2031:01:01 00:00:00", "0000:00:00 00:00:00", "gestern", ""):
        photo = _file(Image.new("RGB", (40, 30)), exif=_exif(taken=taken))
        assert read_picture(photo, today=TODAY).taken_on is None


@pytest.mark.parametrize(
    ("make", "expected"),
    [
        (lambda: _file(Image.new("RGBA", (30, 30), (*RED, 0)), "PNG"), (255, 255, 255)),
        (lambda: _file(Image.new("P", (30, 30), 0), "PNG", transparency=0), (255, 255, 255)),
        (lambda: _file(Image.new("RGBA", (30, 30), (*RED, 255)), "WEBP", lossless=True), RED),
        (lambda: _file(Image.new("CMYK", (30, 30), (0, 0, 0, 255))), (0, 0, 0)),
        (lambda: _file(Image.new("I;16", (30, 30), 40_000), "PNG"), (156, 156, 156)),
        (lambda: _file(Image.new("1", (30, 30), 1), "PNG"), (255, 255, 255)),
        (
            lambda: _file(
                Image.new("RGB", (30, 30), RED),
                icc_profile=ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes(),
                quality=95,
            ),
            RED,
        ),
        (lambda: _file(Image.new("RGB", (30, 30), RED), icc_profile=b"nonsense", quality=95), RED),
    ],
)
def test_every_way_of_writing_colours_ends_in_plain_ones(
    make: Callable[[], bytes], expected: tuple[int, int, int]
) -> None:
    image = _opened(read_picture(make(), today=TODAY).image)
    assert image.mode == "RGB"
    seen = image.getpixel((15, 15))
    assert seen == pytest.approx(expected, abs=12)


@pytest.mark.parametrize(
    ("content", "key"),
    [
        (b"", "place.photo.empty"),
        (b"not a picture", "place.photo.unknown_kind"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "place.photo.unknown_kind"),
        (_file(Image.new("RGB", (9, 9)), "GIF"), "place.photo.unknown_kind"),
        (b"\0\0\0\x18ftypheic\0\0\0\0", "place.photo.heic"),
        (_file(Image.effect_noise((400, 400), 90))[:9000], "place.photo.broken"),
        (_file(Image.new("RGB", (400, 400)), "PNG")[:120], "place.photo.broken"),
    ],
)
def test_what_is_no_whole_photo_is_refused_by_name(content: bytes, key: str) -> None:
    with pytest.raises(InputError) as refused:
        read_picture(content, today=TODAY)
    assert refused.value.key == key


@pytest.mark.parametrize("side", [9_000, 20_000])
def test_a_small_file_that_unpacks_to_too_many_pixels_is_not_unpacked(side: int) -> None:
    bomb = _file(Image.new("1", (side, side)), "PNG")
    assert len(bomb) < 100_000
    with pytest.raises(InputError) as refused:
        read_picture(bomb, today=TODAY)
    assert (refused.value.key, refused.value.params) == (
        "place.photo.too_many_pixels",
        {"most": 80},
    )


def test_a_file_too_large_is_not_even_opened() -> None:
    with pytest.raises(InputError, match="too_many_bytes"):
        read_picture(b"\xff" * (pictures.MOST_BYTES + 1), today=TODAY)
