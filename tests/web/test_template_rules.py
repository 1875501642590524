"""What the content security policy and the house style ask of every template."""

import re
from pathlib import Path

import pytest
from jinja2 import Environment, FileSystemLoader, nodes

from swapmeet.web.controls import control, is_choice_group, is_hidden_field
from swapmeet.web.filters import FILTERS

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


@pytest.fixture(scope="module")
def environment() -> Environment:
    environment = Environment(loader=FileSystemLoader(TEMPLATES), autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters.update(FILTERS, control=control)
    environment.tests.update(hidden_field=is_hidden_field, choice_group=is_choice_group)
    return environment


@pytest.mark.parametrize("path", ALL, ids=name_of)
def test_imported_macros_exist_and_are_called_with_arguments_they_have(path: Path, environment: Environment) -> None:
    tree = environment.parse(path.read_text())
    for node in tree.find_all(nodes.FromImport):
        assert isinstance(node.template, nodes.Const)
        module = environment.get_template(node.template.value).module
        names = {
            name if isinstance(name, str) else name[0]: name if isinstance(name, str) else name[1]
            for name in node.names
        }
        for name, alias in names.items():
            assert hasattr(module, name), f"{node.template.value} has no {name}"
            macro = getattr(module, name)
            for call in tree.find_all(nodes.Call):
                if hasattr(macro, "arguments") and isinstance(call.node, nodes.Name) and call.node.name == alias:
                    unknown = {pair.key for pair in call.kwargs} - set(macro.arguments)
                    assert macro.catch_kwargs or not unknown, f"{name} has no argument {unknown}"
                    assert len(call.args) <= len(macro.arguments), (
                        f"{name} takes at most {len(macro.arguments)} arguments"
                    )
