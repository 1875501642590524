"""Turns a template and data into a PDF with typst. Imports typst only when called: the web process never loads it.

Text of people reaches the page as data (a JSON file beside the template), never as markup, so nothing in it is a command.
"""

import json
import shutil
import tempfile
import unicodedata
import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from swapmeet.infra.letters import UNKNOWN, font_files, letters_without, needs_no_glyph

HERE = Path(__file__).resolve().parents[1]
TEMPLATES = HERE / "data" / "typst"
EAST_ASIAN = "noto_cjk_sans_otc"  # a package that is nothing but Noto Sans CJK


class PdfError(Exception):
    """The template and the data do not go together; `args[0]` says what typst said."""


@dataclass(frozen=True)
class Fitted:
    """Data as it can be printed: `text` is its JSON, `folders` the fonts it needs, `unknown` the letters that none of them has."""

    text: str
    folders: Sequence[Path]
    unknown: str


def font_folders(static_folder: Path, instance_path: Path) -> list[Path]:
    """Noto Sans, which ships with Swapmeet, what an installation adds in `instance/fonts`, and Noto Sans CJK, a package of its own."""
    spec = find_spec(EAST_ASIAN)
    packaged = [Path(name) for name in (spec.submodule_search_locations or ())] if spec else []
    return [folder for folder in (static_folder / "fonts_pdf", instance_path / "fonts", *packaged) if folder.is_dir()]


def fit_letters(data: Mapping[str, Any], fonts: Sequence[Path]) -> Fitted:
    """Choose the first of the folders that have a glyph for every letter; a letter without one becomes a question mark, never a box."""
    text = unicodedata.normalize("NFC", json.dumps(data, ensure_ascii=False))
    left, used = {letter for letter in text if letter > "~"}, list(fonts[:1])
    for folder in fonts:
        if not left:
            break
        before, left = left, letters_without(left, font_files(folder))
        if folder not in used and len(left) < len(before):
            used.append(folder)
    unknown = "".join(sorted(letter for letter in left if not needs_no_glyph(letter)))
    text = text.translate({ord(letter): UNKNOWN if letter in unknown else None for letter in left})
    return Fitted(text, used, unknown)


def make_pdf(template: str, data: Mapping[str, Any], *, fonts: Sequence[Path]) -> bytes:
    """Compile `swapmeet/data/typst/<template>` with `data` as its data.json. Raises PdfError.

    The compiler sees a folder of its own with the two files and nothing else. About 10 ms of CPU for a page, and 50 ms
    once to load typst; 100 ms more where a name needs the big East Asian font.
    """
    return print_pdf(template, fit_letters(data, fonts))


def print_pdf(template: str, fitted: Fitted) -> bytes:
    """The same for data whose letters have been looked at."""
    import typst  # here, not above: only the child process that renders pays for it

    with tempfile.TemporaryDirectory(prefix="swapmeet-pdf-") as name:
        folder = Path(name)
        for source in TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, folder / source.name)
        (folder / "data.json").write_text(fitted.text, encoding="utf-8")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # families of page.typ that were not needed and so not loaded
                compiler = typst.Compiler(
                    str(folder / template),
                    root=name,
                    font_paths=typst.Fonts(
                        include_system_fonts=False,
                        include_embedded_fonts=False,
                        font_paths=[str(f) for f in fitted.folders],
                    ),
                    ignore_system_fonts=True,
                )
                content = compiler.compile(format="pdf")
        except typst.TypstError as error:
            raise PdfError(str(error)) from error
    if not isinstance(content, bytes):
        raise PdfError("typst made no file")
    return content
