"""Files of photos, read and written anew: upright, of a bounded size, without what a camera notes.

A photo from a telephone tells where it was taken, with which device and sometimes by whom; nothing
of that is kept but the day.
"""

import hashlib
import io
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from PIL import ExifTags, Image, ImageCms, ImageOps, UnidentifiedImageError

from gis.errors import InputError

FORMATS: Final = ("JPEG", "PNG", "WEBP")
"""What is read; browsers show them, and their readers are well tried."""
MOST_BYTES: Final = 30 * 1024 * 1024
MOST_PIXELS: Final = 80_000_000
_LONGEST_SIDE_PX: Final = 2400
"""Enough to read a door plate on a photo of a room, at some 600 KB."""
_THUMBNAIL_PX: Final = 360
_QUALITY: Final = 85
_HEIF_BRANDS: Final = (b"heic", b"heix", b"hevc", b"heim", b"heis", b"mif1", b"msf1")


@dataclass(frozen=True)
class Picture:
    """A photo as it is kept.

    Args:
        file_sha256: Of the file as it came.
        image: JPEG, longest side at most 2,400 pixels.
        thumbnail: JPEG, longest side at most 360 pixels.
        width_px: Of the image.
        height_px: Of the image.
        taken_on: As the camera wrote it; null where it did not, or wrote a day yet to come.
    """

    file_sha256: bytes
    image: bytes
    thumbnail: bytes
    width_px: int
    height_px: int
    taken_on: date | None


def read_picture(content: bytes, *, today: date) -> Picture:
    """The photo in a file.

    Args:
        content: The whole file.
        today: Cameras with a wrong clock write later days; those are not taken.

    Raises:
        InputError: Empty, too large, broken, or of no kind that is read.
    """
    if not content:
        raise InputError("place.photo.empty")
    if len(content) > MOST_BYTES:
        raise InputError("place.photo.too_many_bytes", most_mb=MOST_BYTES // 1024**2)
    try:
        with Image.open(io.BytesIO(content), formats=FORMATS) as opened:
            # The header alone says how large it is: nothing was unpacked so far.
            if opened.width * opened.height > MOST_PIXELS:
                raise Image.DecompressionBombError
            taken_on = _taken_on(opened, today)
            # A large JPEG is unpacked at half or a quarter of its size, as far as that suffices.
            opened.draft("RGB", (_LONGEST_SIDE_PX, _LONGEST_SIDE_PX))
            upright = ImageOps.exif_transpose(opened)
            picture = _in_plain_colours(upright)
    except UnidentifiedImageError as error:
        key = "place.photo.heic" if content[8:12] in _HEIF_BRANDS else "place.photo.unknown_kind"
        raise InputError(key) from error
    except Image.DecompressionBombError as error:
        most = MOST_PIXELS // 1_000_000
        raise InputError("place.photo.too_many_pixels", most=most) from error
    # What its readers raise about bytes that lie is many things.
    except (OSError, SyntaxError, ValueError, EOFError) as error:
        raise InputError("place.photo.broken") from error
    picture.thumbnail((_LONGEST_SIDE_PX, _LONGEST_SIDE_PX))
    small = picture.copy()
    small.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
    return Picture(
        hashlib.sha256(content).digest(), _jpeg(picture), _jpeg(small), picture.width,
        picture.height, taken_on,
    )  # fmt: skip


def _taken_on(opened: Image.Image, today: date) -> date | None:
    try:
        exif = opened.getexif()
        noted = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.DateTimeOriginal)
        day = datetime.strptime(str(noted)[:10], "%Y:%m:%d").date()  # noqa: DTZ007 -- a day
    except (OSError, SyntaxError, ValueError, KeyError, TypeError, EOFError):
        return None
    return day if day <= today else None


def _in_plain_colours(image: Image.Image) -> Image.Image:
    """In sRGB, on white where it is transparent."""
    profile = image.info.get("icc_profile")
    if profile and image.mode in {"RGB", "CMYK"}:
        try:
            source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
            converted = ImageCms.profileToProfile(
                image, source, ImageCms.createProfile("sRGB"), outputMode="RGB"
            )
        except (ImageCms.PyCMSError, OSError, ValueError):
            converted = None
        if converted is not None:
            return converted
    if image.mode in {"RGBA", "LA", "PA"} or "transparency" in image.info:
        layered = image.convert("RGBA")
        ground = Image.new("RGB", image.size, "white")
        ground.paste(layered, mask=layered.getchannel("A"))
        return ground
    if image.mode.startswith("I") or image.mode == "F":
        # Sixteen bits of grey: the upper eight.
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    return image.convert("RGB")


def _jpeg(image: Image.Image) -> bytes:
    image.info.clear()
    written = io.BytesIO()
    image.save(written, "JPEG", quality=_QUALITY, optimize=True, progressive=True)
    return written.getvalue()
