"""What the content security policy and the house style ask of every template."""

import re
from pathlib import Path

import pytest

TEMPLATES = Path(__file__).resolve().parents[2] / "templates"
ALL = sorted(path for path in TEMPLATES.rglob("*") if path.suffix in (".html", ".txt"))
PAGES = [path for path in ALL if path.suffix == ".html" and path.relative_to(TEMPLATES).parts[0] != "email"]


def name_of(path: Path) -> str:
    return path.relative_to(TEMPLATES).as_posix()


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_no_inline_style_or_handler(path: Path) -> None:
    text = path.read_text()
    assert re.findall(r"<[^>]*\sstyle=", text) == []
    assert re.findall(r"<[^>]*\son[a-z]+=", text) == []
    assert re.findall(r"hx-on|javascript:", text) == []


@pytest.mark.parametrize("path", PAGES, ids=name_of)
def test_scripts_come_from_files(path: Path) -> None:
    inline = [
        tag for tag in re.findall(r"<script\b[^>]*>", path.read_text()) if "src=" not in tag and "nonce=" not in tag
    ]
    assert inline == []


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_templates_stay_short(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 150


@pytest.mark.parametrize("path", sorted((TEMPLATES / "components").glob("*.html")), ids=name_of)
def test_components_say_what_they_are(path: Path) -> None:
    assert path.read_text().startswith("{# ")
