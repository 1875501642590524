"""No template lies around unused."""

from pathlib import Path

from tools.check_templates import unused_templates


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
