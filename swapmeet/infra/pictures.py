"""Uploaded pictures: a cheap check where they arrive, and a safe re-encoding in a heavy job. Pillow loads only in the latter."""

import struct
from dataclasses import dataclass
from io import BytesIO
from typing import TYPE_CHECKING, Any

from swapmeet.kernel.errors import Invalid

if TYPE_CHECKING:
    from PIL.Image import Image

MAX_BYTES = 10 * 1024 * 1024
MAX_PIXELS = 40_000_000
LARGE_PX = 1600
SMALL_PX = 480
QUALITY = 82
FORMATS = ("JPEG", "PNG", "WEBP", "AVIF")
WRONG_KIND = "This is not a picture we can use. Choose a JPEG, PNG, WebP or AVIF file."
BROKEN = "This picture is damaged or cut off. Save it again, or choose another one."
TOO_MANY_PIXELS = "This picture has too many pixels. Choose one of at most 40 megapixels."


class PictureRefused(Invalid):
    """The file is no picture that may be kept. The message is for the person who sent it."""

    code = "picture_refused"


@dataclass(frozen=True)
class Checked:
    """What the first look says: kind, and pixels where the header tells them (AVIF does not, to this reader)."""

    kind: str
    suffix: str
    content_type: str
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True)
class Upload:
    """One picture that passed the first look. `file_name` is for people only, never a path."""

    content: bytes
    checked: Checked
    file_name: str
    alt: str = ""


@dataclass(frozen=True)
class Encoded:
    """Two WebP pictures of one upload: only pixels, nothing else the file carried."""

    large: bytes
    small: bytes
    width: int
    height: int


def check_upload(content: bytes, *, max_bytes: int = MAX_BYTES) -> Checked:
    """Size, first bytes and pixels, without decoding. Names and stated types of uploads are not believed.

    Raises PictureRefused with a sentence for people.
    """
    if not content:
        raise PictureRefused("This file is empty. Choose another one.")
    if len(content) > max_bytes:
        raise PictureRefused(f"This file is too large. Choose one of at most {max_bytes // 1024 // 1024} MB.")
    checked = _look(content)
    if checked is None:
        raise PictureRefused(WRONG_KIND)
    if checked.width is not None and checked.height is not None:
        if checked.width < 1 or checked.height < 1:
            raise PictureRefused(BROKEN)
        if checked.width * checked.height > MAX_PIXELS:
            raise PictureRefused(TOO_MANY_PIXELS)
    return checked


def _look(content: bytes) -> Checked | None:
    """The kind by its first bytes; None for anything else. Raises PictureRefused for a header that breaks off."""
    try:
        if content.startswith(b"\xff\xd8\xff"):
            return Checked("JPEG", ".jpg", "image/jpeg", *_jpeg_size(content))
        if content.startswith(b"\x89PNG\r\n\x1a\n"):
            return Checked("PNG", ".png", "image/png", *_png_size(content))
        if content.startswith(b"RIFF") and content[8:12] == b"WEBP":
            return Checked("WEBP", ".webp", "image/webp", *_webp_size(content))
        if content[4:8] == b"ftyp" and content[8:12] in (b"avif", b"avis"):
            return Checked("AVIF", ".avif", "image/avif")
    except (struct.error, IndexError) as error:
        raise PictureRefused(BROKEN) from error
    return None


def _png_size(content: bytes) -> tuple[int, int]:
    if content[12:16] != b"IHDR":
        raise PictureRefused(BROKEN)
    width, height = struct.unpack(">II", content[16:24])
    return width, height


def _jpeg_size(content: bytes) -> tuple[int, int]:
    """Walks the segments up to the frame header (SOF0 to SOF15, without the four codes that mean something else)."""
    at = 2
    while at < len(content):
        if content[at] != 0xFF:
            raise PictureRefused(BROKEN)
        marker = content[at + 1]
        if marker == 0xFF:  # fill byte
            at += 1
            continue
        if 0xC0 <= marker <= 0xCF and marker not in (0xC4, 0xC8, 0xCC):
            height, width = struct.unpack(">HH", content[at + 5 : at + 9])
            return width, height
        if marker in (0xD9, 0xDA):  # the end, or pixels before any frame header
            break
        if marker == 0x01 or 0xD0 <= marker <= 0xD8:  # markers without a length
            at += 2
            continue
        at += 2 + struct.unpack(">H", content[at + 2 : at + 4])[0]
    raise PictureRefused(BROKEN)


def _webp_size(content: bytes) -> tuple[int, int]:
    kind = content[12:16]
    if kind == b"VP8X":
        return 1 + int.from_bytes(_exact(content, 24, 3), "little"), 1 + int.from_bytes(
            _exact(content, 27, 3), "little"
        )
    if kind == b"VP8L":
        bits = int.from_bytes(_exact(content, 21, 4), "little")
        return 1 + (bits & 0x3FFF), 1 + ((bits >> 14) & 0x3FFF)
    if kind == b"VP8 ":
        width, height = struct.unpack("<HH", content[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise PictureRefused(BROKEN)


def _exact(content: bytes, at: int, count: int) -> bytes:
    part = content[at : at + count]
    if len(part) < count:
        raise PictureRefused(BROKEN)
    return part


def encode(content: bytes) -> Encoded:
    """The picture anew as two WebP files, turned upright, without EXIF, profile or anything behind its end.

    Costs about a third of a second for 12 megapixels and loads Pillow: for heavy jobs only. Raises PictureRefused.
    """
    import warnings

    from PIL import Image, UnidentifiedImageError

    Image.MAX_IMAGE_PIXELS = MAX_PIXELS
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(BytesIO(content), formats=FORMATS) as opened:
                upright = _upright(opened)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureRefused(TOO_MANY_PIXELS) from error
    except UnidentifiedImageError as error:
        raise PictureRefused(WRONG_KIND) from error
    except (OSError, ValueError, SyntaxError, EOFError, struct.error, MemoryError) as error:
        raise PictureRefused(BROKEN) from error
    small = upright.copy()
    small.thumbnail((SMALL_PX, SMALL_PX))
    return Encoded(_webp(upright), _webp(small), upright.width, upright.height)


def _upright(opened: Any) -> "Image":
    """At most LARGE_PX on each side, turned as the camera meant it, in sRGB on white."""
    from PIL import ImageOps

    opened.draft("RGB", (LARGE_PX, LARGE_PX))  # JPEG: decode at a fraction of the size
    opened.load()
    profile = opened.info.get("icc_profile")
    turned: Any = ImageOps.exif_transpose(opened)
    turned.thumbnail((LARGE_PX, LARGE_PX))
    return _to_rgb(turned, profile)


def _to_rgb(picture: Any, profile: bytes | None) -> "Image":
    from PIL import Image, ImageCms

    if picture.mode in ("RGBA", "LA", "PA") or "transparency" in picture.info:
        seen = picture.convert("RGBA")
        paper = Image.new("RGBA", seen.size, "white")
        flat: Any = Image.alpha_composite(paper, seen).convert("RGB")
    else:
        flat = picture.convert("RGB")
    if profile and picture.mode == "RGB":
        try:
            source = ImageCms.ImageCmsProfile(BytesIO(profile))
            flat = ImageCms.profileToProfile(flat, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
        except (ImageCms.PyCMSError, OSError, ValueError):
            pass  # a broken profile is left out: the colors stay as they were sent
    clean = Image.new("RGB", flat.size)
    clean.paste(flat)
    return clean


def _webp(picture: "Image") -> bytes:
    target = BytesIO()
    picture.save(target, "WEBP", quality=QUALITY, method=4, exif=b"", icc_profile=b"", xmp=b"")
    return target.getvalue()
