"""Turns a template and data into a PDF with typst. Imports typst only when called: the web process never loads it.

Text of people reaches the page as data (a JSON file beside the template), never as markup, so nothing in it is a command.
"""

import json
import shutil
import tempfile
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parents[1]
TEMPLATES = HERE / "data" / "typst"


class PdfError(Exception):
    """The template and the data do not go together; `args[0]` says what typst said."""


def font_folders(static_folder: Path, instance_path: Path) -> list[Path]:
    """Noto Sans, which ships with Swapmeet, and what an installation adds (CJK cuts, say) in `instance/fonts`."""
    return [folder for folder in (static_folder / "fonts_pdf", instance_path / "fonts") if folder.is_dir()]


def make_pdf(template: str, data: Mapping[str, Any], *, fonts: Sequence[Path]) -> bytes:
    """Compile `swapmeet/data/typst/<template>` with `data` as its data.json. Raises PdfError.

    The compiler sees a folder of its own with the two files and nothing else. About 10 ms of CPU for a page, and 50 ms
    once to load typst.
    """
    import typst  # here, not above: only the child process that renders pays for it

    with tempfile.TemporaryDirectory(prefix="swapmeet-pdf-") as name:
        folder = Path(name)
        for source in TEMPLATES.glob("*.typ"):
            shutil.copyfile(source, folder / source.name)
        (folder / "data.json").write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # a script without a font is drawn as boxes; that is no failure
                compiler = typst.Compiler(
                    str(folder / template),
                    root=name,
                    font_paths=typst.Fonts(
                        include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(f) for f in fonts]
                    ),
                    ignore_system_fonts=True,
                )
                content = compiler.compile(format="pdf")
        except typst.TypstError as error:
            raise PdfError(str(error)) from error
    if not isinstance(content, bytes):
        raise PdfError("typst made no file")
    return content
