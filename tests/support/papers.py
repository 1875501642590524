"""Reads PDFs as their readers see them: the text, the glyphs that are drawn, and whether all of it is on the sheet."""

import re
import zlib

import pypdfium2

STREAM = re.compile(rb"stream\r?\n(.*?)\r?\nendstream", re.DOTALL)
SHOWN = re.compile(rb"\((?:[^()\\]|\\.)*\)(?=[^()]*?T[jJ])", re.DOTALL)
ESCAPE = re.compile(rb"\\([0-7]{3}|.)", re.DOTALL)
NAMED = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}


def text_of(content: bytes) -> str:
    """All text of all pages, with single spaces."""
    with pypdfium2.PdfDocument(content) as document:
        return " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in document)


def off_the_sheet(content: bytes) -> str:
    """The letters that lie outside their page."""
    lost = ""
    with pypdfium2.PdfDocument(content) as document:
        for page in document:
            width, height = page.get_size()
            text = page.get_textpage()
            for at in range(text.count_chars()):
                left, bottom, right, top = text.get_charbox(at)
                if left < 0 or bottom < 0 or right > width or top > height:
                    lost += text.get_text_range(at, 1)
    return lost


def boxes_in(content: bytes) -> int:
    """How many glyphs are the font's "there is no such letter": its first one, which is drawn as a box."""
    return sum(
        glyphs[at : at + 2] == b"\0\0"
        for stream in map(_unpacked, STREAM.findall(content))
        if b"BT" in stream
        for shown in SHOWN.findall(stream)
        for glyphs in (ESCAPE.sub(_escaped, shown[1:-1]),)
        for at in range(0, len(glyphs), 2)
    )


def _unpacked(stream: bytes) -> bytes:
    try:
        return zlib.decompress(stream)
    except zlib.error:
        return stream


def _escaped(found: re.Match[bytes]) -> bytes:
    letter = found[1]
    return bytes([int(letter, 8) & 255]) if len(letter) == 3 else NAMED.get(letter, letter)
