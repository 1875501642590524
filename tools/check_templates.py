"""Every template is used: named by a view, a mail, a panel, or another template. Prints those that are not.

A name put together from parts (`f"email/trades/{name}.txt"`) counts for every template that fits it. Templates under
`security/` count when the account library has one of the same name, which it looks up itself.
"""

import ast
import re
import sys
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from jinja2 import Environment, nodes

ROOT = Path(__file__).resolve().parent.parent
ENDINGS = (".html", ".txt", ".xml", ".svg", ".ics")
REFERENCES = (nodes.Include, nodes.Extends, nodes.Import, nodes.FromImport)


def unused_templates(root: Path = ROOT) -> list[str]:
    """Names below templates/ that nothing refers to, sorted."""
    folder = root / "templates"
    names = {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}
    patterns = [pattern for path in (root / "swapmeet").rglob("*.py") for pattern in _patterns_of_code(path)]
    patterns += [pattern for path in names.values() for pattern in _patterns_of_template(path)]
    wanted = re.compile("|".join(f"(?:{pattern})" for pattern in sorted(set(patterns))))
    library = _library_templates()
    return sorted(name for name in names if not wanted.fullmatch(name) and name not in library)


def _patterns_of_code(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value.endswith(ENDINGS):
            yield re.escape(node.value)
        elif isinstance(node, ast.JoinedStr):
            yield from _pattern_of_parts(node)


def _pattern_of_parts(node: ast.JoinedStr) -> Iterator[str]:
    """A formatted string as a pattern: any text without a slash stands for what is filled in."""
    parts = [part.value if isinstance(part, ast.Constant) else None for part in node.values]
    last = parts[-1] if parts else None
    if isinstance(last, str) and last.endswith(ENDINGS) and any("/" in part for part in parts if isinstance(part, str)):
        yield "".join("[^/]+" if part is None else re.escape(str(part)) for part in parts)


def _patterns_of_template(path: Path) -> Iterator[str]:
    tree = Environment(extensions=["jinja2.ext.do"]).parse(path.read_text(encoding="utf-8"))
    for node in tree.find_all(REFERENCES):
        for name in (
            node.template.find_all(nodes.Const) if not isinstance(node.template, nodes.Const) else [node.template]
        ):
            names = name.value if isinstance(name.value, (list, tuple)) else [name.value]
            yield from (re.escape(each) for each in names if isinstance(each, str) and each.endswith(ENDINGS))


def _library_templates() -> set[str]:
    spec = find_spec("flask_security")
    folder = Path(spec.origin).parent / "templates" if spec and spec.origin else None
    return {path.relative_to(folder).as_posix() for path in folder.rglob("*.html")} if folder else set()


def main() -> int:
    unused = unused_templates()
    for name in unused:
        print(f"templates/{name}: nothing uses it")
    return 1 if unused else 0


if __name__ == "__main__":
    sys.exit(main())
