"""QR codes of badge codes: as SVG for pages and PDFs, as PNG for mails. The library is loaded when the first one is drawn."""

import io
import re
from functools import lru_cache
from typing import Any

from markupsafe import Markup

QUIET_ZONE = 4  # modules of white around the code, as scanners want it
PNG_SCALE = 8
DARK = re.compile(rb"\x01+")  # neighboring dark modules of a row, drawn as one line
MASK = 4  # for random codes one mask reads like another, and trying all eight takes four fifths of the time


def _symbol(code: str) -> Any:
    import segno

    return segno.make(code, error="m", micro=False, mask=MASK)


@lru_cache(maxsize=2048)
def svg(code: str) -> Markup:
    """An inline picture without fixed size, black on white. Hidden from screen readers: the code stands beside it."""
    symbol = _symbol(code)
    width, height = symbol.symbol_size(border=QUIET_ZONE)
    runs = (
        f"M{QUIET_ZONE + run.start()} {QUIET_ZONE + y}.5h{run.end() - run.start()}"
        for y, row in enumerate(symbol.matrix)
        for run in DARK.finditer(row)
    )
    return Markup(
        '<svg aria-hidden="true" focusable="false" shape-rendering="crispEdges" '
        f'viewBox="0 0 {width} {height}"><path stroke="#000" d="{"".join(runs)}"/></svg>'
    )


def svg_file(code: str) -> str:
    """A stand-alone SVG document, for PDFs."""
    buffer = io.BytesIO()
    _symbol(code).save(buffer, kind="svg", border=QUIET_ZONE, xmldecl=False, svgclass=None, lineclass=None)
    return buffer.getvalue().decode()


def png(code: str) -> bytes:
    """About 260 pixels wide, a few hundred bytes."""
    buffer = io.BytesIO()
    _symbol(code).save(buffer, kind="png", scale=PNG_SCALE, border=QUIET_ZONE)
    return buffer.getvalue()


def grouped(code: str) -> str:
    """The code in groups of five, as one reads it from paper; a rest of one or two stays with the last group."""
    rest = len(code) % 5
    whole = len(code) - (rest + 5 if 0 < rest < 3 else 0)
    groups = [code[start : start + 5] for start in range(0, whole, 5)]
    return " ".join([*groups, code[whole:]]).strip()
