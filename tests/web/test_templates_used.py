"""No template lies around unused, and what templates name of scripts is there."""

import re
from pathlib import Path

from tools.check_templates import unused_templates

ROOT = Path(__file__).resolve().parents[2]
MODULES = re.compile(r"""data[-_]module(?:"?\s*[=:]\s*)"([a-z0-9_ -]+)\"""")


def test_every_template_is_used() -> None:
    assert unused_templates() == []


def test_an_unused_template_is_found(tmp_path: Path) -> None:
    for name in (
        "base.html",
        "a/page.html",
        "a/_part.html",
        "email/a/paid.txt",
        "email/a/old.html",
        "a/forgotten.html",
    ):
        (tmp_path / "templates" / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "templates" / name).write_text("")
    (tmp_path / "templates/a/page.html").write_text("{% extends 'base.html' %}{% include 'a/_part.html' %}")
    (tmp_path / "swapmeet").mkdir()
    (tmp_path / "swapmeet/views.py").write_text('render("a/page.html")\nrender(f"email/a/{name}.txt")\n')
    assert unused_templates(tmp_path) == ["a/forgotten.html", "email/a/old.html"]


def test_every_behavior_that_a_template_asks_for_is_there() -> None:
    named = {
        (path.name, name)
        for path in (ROOT / "templates").rglob("*.html")
        for group in MODULES.findall(path.read_text(encoding="utf-8"))
        for name in group.split()
    }
    assert len(named) > 20
    assert [pair for pair in sorted(named) if not (ROOT / f"static/js/modules/{pair[1]}.js").is_file()] == []
