"""Uploaded pictures: what is refused at the door, what is refused when decoded, and what comes out."""

import struct
import sys
import time
import zlib
from io import BytesIO
from typing import Any

import pytest
from PIL import Image

from swapmeet.infra import pictures
from swapmeet.infra.pictures import PictureRefused, check_upload, encode

SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'
ENTITY_SVG = b'<?xml version="1.0"?><!DOCTYPE svg [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;">]><svg>&b;</svg>'
HTML = b"<!doctype html><script>alert(1)</script>"


def _picture(kind: str, size: tuple[int, int] = (320, 240), mode: str = "RGB", **options: Any) -> bytes:
    target = BytesIO()
    color: Any = (30, 120, 200, 128)[: len(mode)] if mode != "L" else 90
    Image.new(mode, size, color).save(target, kind, **options)
    return target.getvalue()


def _png_header(width: int, height: int) -> bytes:
    """A PNG that says it is that large and holds next to nothing."""
    body = b"IHDR" + struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    header = struct.pack(">I", 13) + body + struct.pack(">I", zlib.crc32(body))
    data = zlib.compress(b"\0" * 1000)
    chunk = b"IDAT" + data
    return b"\x89PNG\r\n\x1a\n" + header + struct.pack(">I", len(data)) + chunk + struct.pack(">I", zlib.crc32(chunk))


@pytest.mark.parametrize(
    ("kind", "content_type"),
    [("JPEG", "image/jpeg"), ("PNG", "image/png"), ("WEBP", "image/webp"), ("AVIF", "image/avif")],
)
def test_the_four_kinds_pass_and_come_out_as_webp(kind: str, content_type: str) -> None:
    checked = check_upload(_picture(kind))
    assert checked.content_type == content_type
    assert kind == "AVIF" or (checked.width, checked.height) == (320, 240)
    encoded = encode(_picture(kind))
    assert (encoded.width, encoded.height) == (320, 240)
    for content in (encoded.large, encoded.small):
        assert content[:4] == b"RIFF" and Image.open(BytesIO(content)).size == (320, 240)


def test_every_flavor_of_webp_tells_its_size() -> None:
    for options in ({"lossless": True}, {"quality": 50}, {"exif": b"Exif\x00\x00MM\x00*\x00\x00\x00\x08\x00\x00"}):
        checked = check_upload(_picture("WEBP", (123, 77), **options))
        assert (checked.width, checked.height) == (123, 77)


@pytest.mark.parametrize(
    "content",
    [
        SVG,
        ENTITY_SVG,
        HTML,
        b"GIF89a" + b"\0" * 50,
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"PK\x03\x04",
        b"BM" + b"\0" * 60,
        b"\0" * 64,
    ],
)
def test_r_t18_what_is_no_picture_is_refused_whatever_its_name(content: bytes) -> None:
    with pytest.raises(PictureRefused, match="not a picture"):
        check_upload(content)
    with pytest.raises(PictureRefused):
        encode(content)


def test_r_t18_a_polyglot_loses_what_stands_behind_the_picture() -> None:
    for kind in ("JPEG", "PNG", "WEBP"):
        encoded = encode(_picture(kind) + HTML + SVG)
        assert b"script" not in encoded.large and b"svg" not in encoded.small


def test_r_t18_markup_inside_a_picture_is_gone() -> None:
    encoded = encode(_picture("JPEG", comment=HTML))
    assert b"script" not in encoded.large


@pytest.mark.parametrize("size", [(20_000, 20_000), (30_000, 30_000), (1, 2**31 - 1), (40_001, 1000)])
def test_r_t41_a_bomb_is_refused_at_the_door_and_when_decoded(size: tuple[int, int]) -> None:
    started = time.process_time()
    with pytest.raises(PictureRefused, match="too many pixels"):
        check_upload(_png_header(*size))
    with pytest.raises(PictureRefused):
        encode(_png_header(*size))
    assert time.process_time() - started < 1


def test_r_t41_a_header_that_lies_is_refused_when_decoded() -> None:
    with pytest.raises(PictureRefused, match="damaged"):
        encode(_png_header(6000, 6000))


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP", "AVIF"])
@pytest.mark.parametrize("share", [0.02, 0.1, 0.5, 0.9])
def test_r_t41_cut_off_files_are_refused(kind: str, share: float) -> None:
    noise = Image.effect_noise((200, 200), 80).convert("RGB")
    target = BytesIO()
    noise.save(target, kind)
    content = target.getvalue()
    with pytest.raises(PictureRefused):
        encode(content[: int(len(content) * share)])


@pytest.mark.parametrize(
    "content",
    [
        b"\xff\xd8\xff",
        b"\xff\xd8\xff\xe0\x00",
        b"\xff\xd8\xff\xe0\x00\x02",
        b"\xff\xd8\xff\xda\x00\x02\x00\x00",
        b"\x89PNG\r\n\x1a\n",
        b"\x89PNG\r\n\x1a\n" + b"\0" * 30,
        b"RIFF\x00\x00\x00\x00WEBP",
        b"RIFF\x00\x00\x00\x00WEBPVP8X\x0a\0\0\0",
        b"RIFF\x00\x00\x00\x00WEBPXXXX" + b"\0" * 30,
        _png_header(0, 100),
    ],
)
def test_broken_headers_are_refused_in_words(content: bytes) -> None:
    with pytest.raises(PictureRefused, match="damaged"):
        check_upload(content)


def test_empty_and_too_large_files_are_refused() -> None:
    with pytest.raises(PictureRefused, match="empty"):
        check_upload(b"")
    with pytest.raises(PictureRefused, match="too large"):
        check_upload(b"\xff\xd8\xff" + b"\0" * pictures.MAX_BYTES)


def test_r_t62_place_and_camera_are_gone_and_the_picture_is_upright() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6  # turn a quarter
    exif[0x010F] = "SecretCamera"
    exif.get_ifd(0x8825)[1] = "N"
    target = BytesIO()
    Image.new("RGB", (300, 200), "red").save(target, "JPEG", exif=exif, comment=b"home address")
    assert b"SecretCamera" in target.getvalue()
    encoded = encode(target.getvalue())
    assert (encoded.width, encoded.height) == (200, 300)
    for content in (encoded.large, encoded.small):
        opened = Image.open(BytesIO(content))
        assert not opened.getexif() and "icc_profile" not in opened.info and "xmp" not in opened.info
        assert b"SecretCamera" not in content and b"home address" not in content and b"EXIF" not in content


def test_large_pictures_are_made_smaller_and_clear_ones_stand_on_white() -> None:
    encoded = encode(_picture("JPEG", (4000, 3000)))
    assert (encoded.width, encoded.height) == (1600, 1200)
    assert Image.open(BytesIO(encoded.small)).size == (480, 360)
    clear = encode(_picture("PNG", (50, 50), "RGBA"))
    assert Image.open(BytesIO(clear.large)).mode == "RGB"


@pytest.mark.parametrize(
    ("kind", "mode"), [("PNG", "P"), ("PNG", "L"), ("PNG", "I;16"), ("JPEG", "CMYK"), ("PNG", "LA"), ("PNG", "1")]
)
def test_odd_color_modes_come_out_as_plain_pictures(kind: str, mode: str) -> None:
    target = BytesIO()
    Image.new(mode, (60, 40)).save(target, kind)
    assert encode(target.getvalue()).width == 60


def test_the_first_look_does_not_load_the_library() -> None:
    import subprocess

    code = (
        "import sys; from swapmeet.infra import pictures; "
        "pictures.check_upload(bytes.fromhex('89504e470d0a1a0a0000000d4948445200000001000000010802000000')); "
        "sys.exit('PIL' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
